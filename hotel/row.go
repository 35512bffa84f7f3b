package hotel

import (
	"encoding/json"
	"time"
)

// RowKind names the body of a row.
type RowKind string

// Inbox kinds: what happened. Bodies are JSON.
const (
	KindSaid          RowKind = "said"           // Inbound
	KindBooked        RowKind = "booked"         // BookingResult
	KindBookingFailed RowKind = "booking_failed" // BookingResult
	KindCancelled     RowKind = "cancelled"      // CancelResult
	KindCancelFailed  RowKind = "cancel_failed"  // CancelResult
	KindChanged       RowKind = "changed"        // ChangeResult
	KindChangeFailed  RowKind = "change_failed"  // ChangeResult
	KindSendFailed    RowKind = "send_failed"    // SendResult
	KindMailFailed    RowKind = "mail_failed"    // SendResult
	KindWithdrawn     RowKind = "withdrawn"      // SendResult: a row was taken back before it left, by its guest or by a pause
	KindStaffSaid     RowKind = "staff_said"     // StaffWord
	KindStaffClosed   RowKind = "staff_closed"   // StaffWord
	KindErase         RowKind = "erase"          // Erasure: somebody asks to erase the guest
	KindUnparked      RowKind = "unparked"       // StaffWord: the dialogue shall serve a parked guest again
	KindBuried        RowKind = "buried"         // SendResult: an inbox row of the guest became a dead letter
)

// Outbox kinds: orders.
const (
	KindSay    RowKind = "say"    // Message
	KindBook   RowKind = "book"   // BookingRequest
	KindCancel RowKind = "cancel" // CancelRequest
	KindChange RowKind = "change" // ChangeRequest
	KindMail   RowKind = "mail"   // Mail
	KindAlert  RowKind = "alert"  // Alert
)

// BookingOutcome tells how a booking request ended.
type BookingOutcome string

// The outcomes, which are also label values of conserje_reservation_outcomes_total.
const (
	OutcomeConfirmed    BookingOutcome = "confirmed"
	OutcomeSoldOut      BookingOutcome = "sold_out"
	OutcomeLostRace     BookingOutcome = "lost_race"
	OutcomePriceChanged BookingOutcome = "price_changed"
	OutcomeRefused      BookingOutcome = "refused"   // the hotel system refuses what was asked for: a person looks
	OutcomeUnclear      BookingOutcome = "unclear"   // nobody can tell whether it was made: a person looks
	OutcomeWithdrawn    BookingOutcome = "withdrawn" // taken back before it left
	OutcomeExpired      BookingOutcome = "expired"   // did not leave within AgreedFor of the yes
	OutcomeChanged      BookingOutcome = "changed"
	OutcomeDisplaced    BookingOutcome = "displaced" // a move lost its race and could not be taken back: a person looks
)

// BookingResult is the body of KindBooked and KindBookingFailed.
type BookingResult struct {
	Reference   Reference      `json:"reference"`
	Outcome     BookingOutcome `json:"outcome"`
	Reservation Reservation    `json:"reservation,omitzero"` // when confirmed
	NewTotal    Money          `json:"new_total,omitzero"`   // when the price changed
	Code        string         `json:"code,omitempty"`       // the outside's code, for people
}

// CancelResult is the body of KindCancelled and KindCancelFailed.
type CancelResult struct {
	Reference Reference   `json:"reference,omitempty"`
	Code      BookingCode `json:"code"`
	Reason    string      `json:"reason,omitempty"`
}

// ChangeResult is the body of KindChanged and KindChangeFailed.
type ChangeResult struct {
	Reference Reference      `json:"reference"` // of the change
	Booking   BookingCode    `json:"booking"`   // the code before the change
	Outcome   BookingOutcome `json:"outcome"`
	// Reservation is the booking as it stands when changed or displaced; when it
	// was made anew, under a code of its own.
	Reservation Reservation `json:"reservation,omitzero"`
	NewTotal    Money       `json:"new_total,omitzero"` // when the price changed
	// OldStands tells that the booking before could not be cancelled: a person looks.
	OldStands bool   `json:"old_stands,omitempty"`
	Code      string `json:"code,omitempty"` // the outside's code, for people
}

// SendResult is the body of KindSendFailed, KindMailFailed, KindWithdrawn and KindBuried.
type SendResult struct {
	Key       Key       `json:"key"` // of the row
	Kind      RowKind   `json:"kind"`
	Reference Reference `json:"reference,omitempty"`
	Code      string    `json:"code,omitempty"`
	Text      string    `json:"text,omitempty"` // of a bubble that a pause took back: for the staff
}

// StaffWord is the body of KindStaffSaid and KindStaffClosed.
type StaffWord struct {
	By   string `json:"by"` // who, as the admin page or command knows them
	Text string `json:"text,omitempty"`
}

// InboxRow is one thing that happened, for one guest.
type InboxRow struct {
	Key   Key
	Guest GuestID
	Order int64 // rises in order of commit; the guest's order
	Kind  RowKind
	Body  []byte
	At    time.Time // accepted
}

// SendState is where an outbox row stands.
type SendState string

// The states. pending -> sending -> settled, or dead, or withdrawn; a release goes back to pending.
const (
	Pending   SendState = "pending"
	Sending   SendState = "sending"
	Settled   SendState = "settled"
	Dead      SendState = "dead"
	Withdrawn SendState = "withdrawn"
)

// OutboxRow is one effect on the outside.
type OutboxRow struct {
	Key       Key
	Guest     GuestID
	Property  PropertyID
	Lane      Lane
	Order     int64 // rises in order of commit; the lane's order
	Kind      RowKind
	Body      []byte
	State     SendState
	Owner     string    // engine that claimed it; empty while pending
	Attempt   int       // requests that were claimed to leave and not released; 1 for the first
	NotBefore time.Time // pending rows are not claimed before
	CreatedAt time.Time
	ClaimedAt time.Time // of the last claim or take-over
	TakenOver bool      // claimed by an engine that is gone: whether its request left is not known
	Status    DeliveryStatus
	Proof     string // wamid, order id, mail id: what proves the effect
	Note      string // of the claim's owner, while it is out: see Annotation
}

// DeadLetter is what will never be processed, kept with its reason.
type DeadLetter struct {
	ID       int64
	Source   string // "webhook", "inbox" or "outbox"
	Key      Key    // of the row; empty for a webhook
	Guest    GuestID
	Property PropertyID
	Kind     RowKind
	Reason   string
	InDoubt  bool // it may have been sent: its replay may double it
	Body     []byte
	At       time.Time
	Closed   time.Time // replayed, dropped, or closed by proof of sending
	Closing  string    // how it was closed
}

// Arrival makes the word an arrival for its guest.
func (w StaffWord) Arrival(key Key, guest GuestID, kind RowKind, at time.Time) Arrival {
	body, err := json.Marshal(w)
	if err != nil {
		panic(err) // two strings
	}
	return Arrival{Key: key, Guest: guest, Kind: kind, Body: body, At: at}
}
