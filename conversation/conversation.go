// Package conversation is the dialogue, and it is pure: no I/O, no clock, no
// randomness, no log. Take turns a guest's state and what happened into a Turn:
// the state after it and the effects it calls for.
//
//	state, inputs, now ---> understand ---> decide ---> Turn{state, effects, reads}
//
// The state is a stack of goal frames (book, cancel, status, handoff ...), each
// with its slots and where they came from. A question of the knowledge is
// answered in the middle of any goal, which then goes on where it stood.
package conversation

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// Turn is what Take decides.
type Turn struct {
	State   State    // after the inputs
	Effects []Effect // in order
	// Read is the one set of reads that the turn waits for; nil = none. The
	// caller asks, and takes the same turn again with ReadAnswered appended to
	// the same inputs; past its patience it commits this turn as it is, and
	// hands ReadAnswered in later, as an input of its own.
	Read *ReadSet
	// Hold, when not zero, says that more is likely to come: consume nothing,
	// and take again at that instant or when more has arrived.
	Hold time.Time
	// Due is when the state wants waking by the input Due; zero = never.
	Due time.Time
	// Unpark gives a parked guest back to the dialogue.
	Unpark bool
	// Handoff is the guest's handoff as the page lists it, when it changed.
	Handoff *hotel.HandoffRecord
	// Said is what was said in this turn, for people.
	Said []hotel.TranscriptLine
	// Erase, when not empty, says on whose word the guest is erased: this is its last turn.
	Erase string

	property hotel.PropertyID
	facts    string    // version of the Facts it was taken with
	since    time.Time // acceptance of the oldest message that it answers
}

// Input is one thing that happened. Those that come from inbox rows carry the row's key.
type Input interface{ input() }

// The inputs.
type (
	// GuestSaid is a message of the guest.
	GuestSaid struct {
		Key hotel.Key
		hotel.Inbound
	}
	// ReadAnswered answers a ReadSet, in its order. One with a stale Query is dropped.
	ReadAnswered struct {
		Query   int64
		Answers []Answer
	}
	// Booked says that the hotel system holds the booking.
	Booked struct {
		Key hotel.Key
		hotel.BookingResult
	}
	// BookingFailed says that it does not, and why.
	BookingFailed struct {
		Key hotel.Key
		hotel.BookingResult
	}
	// Cancelled says that a booking is cancelled.
	Cancelled struct {
		Key hotel.Key
		hotel.CancelResult
	}
	// CancelFailed says that it could not be.
	CancelFailed struct {
		Key hotel.Key
		hotel.CancelResult
	}
	// Changed says that a booking is changed.
	Changed struct {
		Key hotel.Key
		hotel.ChangeResult
	}
	// ChangeFailed says that it is not, and how the booking stands.
	ChangeFailed struct {
		Key hotel.Key
		hotel.ChangeResult
	}
	// SendFailed says that a bubble did not reach the guest.
	SendFailed struct {
		Key hotel.Key
		hotel.SendResult
	}
	// MailFailed says that a mail did not leave.
	MailFailed struct {
		Key hotel.Key
		hotel.SendResult
	}
	// Withdrawn says that a pending row was taken back before it left.
	Withdrawn struct {
		Key hotel.Key
		hotel.SendResult
	}
	// StaffSaid is a word of the staff for the guest.
	StaffSaid struct {
		Key hotel.Key
		hotel.StaffWord
		At time.Time
	}
	// StaffClosed ends a handoff.
	StaffClosed struct {
		Key hotel.Key
		hotel.StaffWord
		At time.Time
	}
	// Unparked says that the dialogue shall serve a parked guest again.
	Unparked struct {
		Key hotel.Key
		hotel.StaffWord
	}
	// Buried says that an inbox row of the guest became a dead letter.
	Buried struct {
		Key hotel.Key
		hotel.SendResult
	}
	// EraseAsked is a request from outside to erase the guest.
	EraseAsked struct {
		Key hotel.Key
		hotel.Erasure
	}
	// Due says that the instant in Turn.Due has passed. It comes from no row.
	Due struct{}
	// Paused says that the engine must keep quiet towards this guest. It comes
	// from no row, and with the inputs of every turn while that is so.
	Paused struct{ Cause hotel.AlertCause }
)

func (GuestSaid) input()     {}
func (ReadAnswered) input()  {}
func (Booked) input()        {}
func (BookingFailed) input() {}
func (Cancelled) input()     {}
func (CancelFailed) input()  {}
func (Changed) input()       {}
func (ChangeFailed) input()  {}
func (SendFailed) input()    {}
func (MailFailed) input()    {}
func (Withdrawn) input()     {}
func (StaffSaid) input()     {}
func (StaffClosed) input()   {}
func (Unparked) input()      {}
func (Buried) input()        {}
func (EraseAsked) input()    {}
func (Due) input()           {}
func (Paused) input()        {}

// Effect is one thing the engine must do for a conversation.
type Effect interface{ effect() }

// The effects. All but Withdraw, Remember and Count become outbox rows.
type (
	// Say sends a bubble to the guest; Staff when it is a person's words.
	Say struct {
		hotel.Bubble
		Staff bool
	}
	// Book asks the hotel system for a booking.
	Book struct{ hotel.BookingRequest }
	// Cancel asks the hotel system to cancel one.
	Cancel struct{ hotel.CancelRequest }
	// Change asks the hotel system to change one.
	Change struct{ hotel.ChangeRequest }
	// SendMail mails the guest.
	SendMail struct{ hotel.Mail }
	// AlertStaff tells the hotel's staff, or the operator.
	AlertStaff struct{ hotel.Alert }
	// Withdraw takes a row back that has not left.
	Withdraw struct{ Key hotel.Key }
	// Remember keeps a reservation of ours.
	Remember struct{ hotel.Reservation }
	// Count counts how a booking request ended.
	Count struct{ Outcome hotel.BookingOutcome }
)

func (Say) effect()        {}
func (Book) effect()       {}
func (Cancel) effect()     {}
func (Change) effect()     {}
func (SendMail) effect()   {}
func (AlertStaff) effect() {}
func (Withdraw) effect()   {}
func (Remember) effect()   {}
func (Count) effect()      {}

// ReadSet is what a turn asks at once.
type ReadSet struct {
	Query int64  // names the set within the guest's life
	Reads []Read // all are asked at once
}

// Patience is how long a turn may wait for its reads, as a rule, before it is committed as waiting.
const Patience = 300 * time.Millisecond

// Patience is how long the turn may wait for the whole set: each read has its
// own, and the set is as patient as its most patient one.
func (s ReadSet) Patience() time.Duration {
	var most time.Duration
	for _, r := range s.Reads {
		most = max(most, r.patience())
	}
	return most
}

// Read is one question to the hotel system.
type Read interface {
	read()
	patience() time.Duration
}

// The reads.
type (
	// ReadAvailability asks what is free and at what price. Fresh ones pass the cache by.
	ReadAvailability struct {
		hotel.AvailabilityQuery
		Fresh bool
	}
	// ReadBooking asks for a reservation by its code.
	ReadBooking struct{ Code hotel.BookingCode }
	// ReadProfile asks who is known under an e-mail. The dialogue never asks it, for a typed address opens nothing
	// and fills in nobody's data; the reception's console will.
	ReadProfile struct{ Email string }
	// ReadRooms asks for the hotel's room types, for a hotel whose facts name none.
	ReadRooms struct{}
)

func (ReadRooms) read()        {}
func (ReadAvailability) read() {}
func (ReadBooking) read()      {}
func (ReadProfile) read()      {}

// A guest who waits for a price is answered in one go if that can be; nobody
// should feel a wait for what is only convenient.
func (ReadRooms) patience() time.Duration        { return Patience }
func (ReadAvailability) patience() time.Duration { return Patience }
func (ReadBooking) patience() time.Duration      { return Patience }
func (ReadProfile) patience() time.Duration      { return Patience / 2 }

// Answer is the answer to one Read.
type Answer interface{ answer() }

// The answers. While the hotel system is away some are what it said before: Stale
// is when it did, zero = now. They are shown as such, and nothing is booked on them.
type (
	// AvailabilityRead is what is free.
	AvailabilityRead struct {
		hotel.Availability
		Stale time.Time
	}
	// BookingRead is a reservation; Found tells whether there is one.
	BookingRead struct {
		Found bool
		hotel.Reservation
		Stale time.Time
	}
	// ProfileRead is who is known; Found tells whether anyone is.
	ProfileRead struct {
		Found bool
		hotel.Profile
	}
	// RoomsRead is the hotel's room types.
	RoomsRead struct {
		RoomTypes []hotel.RoomType
		Stale     time.Time
	}
	// ReadFailed says that the hotel system did not answer that read, or would not;
	// Code is the reason ("bad_min_stay"), where one is known.
	ReadFailed struct {
		Kind hotel.Kind
		Code string
	}
)

func (RoomsRead) answer()        {}
func (AvailabilityRead) answer() {}
func (BookingRead) answer()      {}
func (ProfileRead) answer()      {}
func (ReadFailed) answer()       {}
