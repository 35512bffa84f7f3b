package actors

import (
	"context"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// Store keeps the rows. Every method may fail with hotel.Unavailable (the store
// is away: nothing is known to be written, ask again) besides what its doc
// says. All are safe for concurrent use, and those that write share commits.
type Store interface {
	// Accept commits a webhook's rows, whole or not at all. A repeat writes
	// nothing twice: its arrivals come back as duplicates.
	Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error)
	// Activate reads a guest's snapshot and its oldest unconsumed rows, at most
	// limit, in one read transaction. hotel.NotFound: no such guest.
	Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error)
	// Commit writes a turn. hotel.Conflict: version or rows have moved on,
	// nothing was written; activate and take again.
	Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error)
	// Settle records a send's outcome. A repeat changes nothing.
	Settle(ctx context.Context, s hotel.Settlement) (hotel.SettleResult, error)
	// Claim claims the lane's oldest unsettled row when it is pending and past
	// its NotBefore. hotel.NotFound: there is none, or it is claimed already.
	Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error)
	// Repeat claims a row in doubt again. hotel.Conflict: it is not in doubt any more.
	Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error)
	// Annotate keeps a note on a claimed row, durably before it returns.
	// hotel.Conflict: the row is not sending with that attempt any more, or is
	// another owner's; nothing was written.
	Annotate(ctx context.Context, a hotel.Annotation) error
	// InDoubt reads a property's bookings and changes whose outcome nobody holds,
	// of every engine: those that are sending in the lane of their reference,
	// which frees their room type's. With Body and Note, in constant time.
	InDoubt(ctx context.Context, property hotel.PropertyID) ([]hotel.OutboxRow, error)
	// PollMark is how far a property's hotel system has been asked what changed:
	// what KeepPollMark kept last; empty = never. It goes wherever the rows go.
	PollMark(ctx context.Context, property hotel.PropertyID) (string, error)
	KeepPollMark(ctx context.Context, property hotel.PropertyID, mark string) error
	// Row reads an outbox row. hotel.NotFound: no such row.
	Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error)
	// Sweep reads what waits, in constant time however much history there is.
	Sweep(ctx context.Context, s hotel.Sweep) (hotel.Swept, error)
	// Backlog reads what waits in all.
	Backlog(ctx context.Context) (hotel.Backlog, error)
	// Doubts counts rows that anybody claimed before an instant and that are
	// sending since, in constant time. The staff's alerts do not count: those of
	// an outage wait for each other on purpose.
	Doubts(ctx context.Context, before time.Time) (hotel.Doubts, error)
	// DeadLetters lists the dead letters that q chooses, newest first.
	DeadLetters(ctx context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error)
	// Bury consumes inbox rows of a guest into the dead letters, and writes for
	// each, in the same transaction, an inbox row "<key>/buried" of KindBuried,
	// unless the guest is parked or the row is one. Of a parked guest it ends the
	// panics and the due instant too, with no rows as well. A repeat changes nothing.
	Bury(ctx context.Context, guest hotel.GuestID, keys []hotel.Key, reason string) error
	// Park gives a guest's rows to hand-over turns from now on, until a turn
	// commits with Unpark: Parked is set, Panics are 0, and the version rises, so
	// that a turn in hand is a Conflict. A repeat changes nothing. hotel.NotFound: no such guest.
	Park(ctx context.Context, guest hotel.GuestID, at time.Time) error
	// CountPanic counts a recovered panic of the guest's turn, durably, and
	// returns how many there were since its last committed turn.
	CountPanic(ctx context.Context, guest hotel.GuestID) (int, error)
	// SetPause begins a pause, or ends it. hotel.NotFound: no such guest.
	// hotel.Invalid: for a property and a guest. A repeat changes nothing.
	SetPause(ctx context.Context, p hotel.Pause, on bool) error
	// Pauses lists the pauses in force, oldest first.
	Pauses(ctx context.Context) ([]hotel.Pause, error)
	// Erase deletes all rows of a guest whom a turn has marked for it, in slices
	// behind what waits, and writes the audit's line with the last of them. An end
	// of ctx leaves it half done, and a repeat goes on. hotel.NotFound: no such
	// guest any more. hotel.Conflict: it is not marked, or something of it is out,
	// in doubt or unconsumed; later.
	Erase(ctx context.Context, guest hotel.GuestID, at time.Time) (hotel.Erased, error)
	// Trim deletes at most limit rows that are past their retention, and tells how many it deleted.
	Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (int, error)
}

// Fleet is asked of a store that several engines share. Every method may fail
// with hotel.Unavailable.
type Fleet interface {
	// Renew raises this engine's counter, which tells the others that it lives.
	Renew(ctx context.Context, owner string) error
	// Engines reads the counters of the engines that are known.
	Engines(ctx context.Context) ([]hotel.EngineLease, error)
	// TakeOver makes the claims of an engine another's, marked as taken over, and
	// forgets that engine: what else it owned is swept by everybody. It tells how
	// many claims it found. hotel.Conflict: the engine has been heard of since.
	TakeOver(ctx context.Context, from hotel.EngineLease, to string, at time.Time) (int, error)
	// Leave says that an engine has drained: what it owns is free at once.
	Leave(ctx context.Context, owner string) error
}

// Dialogue is the conversation of one property. It is pure and safe for concurrent use.
type Dialogue interface {
	// Take returns the state after the inputs and the effects that they call for.
	Take(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn
	// HandOver is the turn of a parked guest: it leaves what happened to people.
	HandOver(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn
}

// Witness keeps on the disk whose turn is in hand, for the start after a death.
type Witness interface {
	// Careful tells whether turns run one by one, each guest named first. It may end, but not begin.
	Careful() bool
	// Enter names the guest whose turn begins, durably; Leave takes the name away.
	Enter(guest hotel.GuestID) error
	Leave() error
	// Suspect is the guest that the run before died with; empty = none. Cleared forgets it.
	Suspect() hotel.GuestID
	Cleared() error
}

// Messenger sends to guests over WhatsApp, for every property.
type Messenger interface {
	// Send sends one message; callback travels with it and comes back on its
	// statuses. It returns the message id (wamid). Kinds: NotSent, Throttled
	// (Scope tells whom), Invalid, Unauthorised, WindowClosed, Transient (the
	// API refused and says it may be repeated), InDoubt.
	Send(ctx context.Context, m hotel.Message, callback string) (messageID string, err error)
	// MarkRead marks a guest's message read and shows the typing indicator:
	// best effort, never repeated.
	MarkRead(ctx context.Context, property hotel.PropertyID, messageID string) error
	// Probe is a harmless read of the property's number, for the breaker.
	Probe(ctx context.Context, property hotel.PropertyID) error
}

// PMS is the hotel system, for every property. Reads fail with Unavailable,
// Transient, Unauthorised or Invalid.
type PMS interface {
	// Availability asks what is free, uncached.
	Availability(ctx context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error)
	// RoomTypes reads the hotel's room types with their limits and their texts by language.
	RoomTypes(ctx context.Context, property hotel.PropertyID) ([]hotel.RoomDetails, error)
	// Profile reads who is known under an e-mail or a phone number. NotFound: nobody.
	Profile(ctx context.Context, property hotel.PropertyID, emailOrPhone string) (hotel.Profile, error)
	// ByCode reads a reservation by its booking code. NotFound: none.
	ByCode(ctx context.Context, property hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error)
	// ByReference reads every live order of a reference, lowest first; none is no error.
	ByReference(ctx context.Context, property hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error)
	// Create books. SoldOut, Invalid (refused), NotSent, InDoubt (look up by
	// reference: it may be booked, now or in a moment), Unauthorised,
	// Unavailable. A repeat books again: the caller looks up first.
	Create(ctx context.Context, r hotel.BookingRequest) (hotel.Reservation, error)
	// Overbooked tells whether a reservation lost the race for one of its rooms:
	// another live booking with a lower row holds the same room on the same night.
	Overbooked(ctx context.Context, r hotel.Reservation) (bool, error)
	// Change moves a booking to other dates, in place; Parties are not looked at.
	// What is not named stays: room type, services, who sleeps there. SoldOut and
	// Invalid changed nothing. InDoubt: read the booking by its code, and compare.
	Change(ctx context.Context, c hotel.ChangeRequest) (hotel.Reservation, error)
	// Changes reads the orders that somebody made or touched since a mark, oldest
	// first, and the mark to ask with next. Without a mark it begins a while before
	// the newest, or at it. What was touched about the time of the mark comes again.
	Changes(ctx context.Context, property hotel.PropertyID, since string) (orders []hotel.OrderChange, mark string, err error)
	// Cancel cancels an order. A repeat is harmless. InDoubt when the outcome is not known.
	Cancel(ctx context.Context, c hotel.CancelRequest) error
	// Probe is a harmless read, for the breaker.
	Probe(ctx context.Context, property hotel.PropertyID) error
}

// Mailer sends mails to guests and staff.
type Mailer interface {
	// SendMail mails a guest. Kinds: NotSent, Throttled, Invalid (this mail
	// never will), Unauthorised (this way is closed), Transient, InDoubt.
	SendMail(ctx context.Context, m hotel.Mail) (proof string, err error)
	// SendAlert mails the property's staff, or the operator; guests are those
	// that a joined alert names. Kinds as SendMail.
	SendAlert(ctx context.Context, a hotel.Alert, guests []hotel.GuestID) (proof string, err error)
}

// Operator tells whoever runs the engine, apart from the hotel's staff. The
// same cause and property is told once an hour; the Operator counts the rest.
type Operator interface {
	// Tell returns nil when somebody was told, now or within the hour. Invalid:
	// nobody is named. Else nobody could be told now; a repeat is no second alert.
	Tell(ctx context.Context, t hotel.Trouble) error
}

// SharedCache keeps answers of hotel systems for all engines. It is asked when
// this engine does not remember, and never fails: what it does not hold, or
// cannot say within 50 ms, is a miss.
type SharedCache interface {
	// Recall returns what is kept for a question.
	Recall(ctx context.Context, q hotel.Question) hotel.Recalled
	// Keep keeps an answer for ttl, under the mark of the Recall that came before
	// the hotel system was asked. An answer that a booking has overtaken is dropped.
	Keep(ctx context.Context, q hotel.Question, mark string, value []byte, ttl time.Duration)
	// Changed forgets what a booking of ours has changed about a property: for
	// good, also when the cache is away at that moment. A repeat is harmless.
	Changed(ctx context.Context, property hotel.PropertyID)
}

// SharedPace is buckets that all engines draw permits from.
type SharedPace interface {
	// Take takes n permits of a bucket, all or none; without them it says when
	// there will be n. Unavailable: nobody knows, keep your own pace.
	Take(ctx context.Context, bucket string, perSecond float64, burst, n int) (ok bool, wait time.Duration, err error)
}
