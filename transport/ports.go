package transport

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Verifier tells whether a webhook was signed with the app's secret.
type Verifier interface {
	// Verify checks the X-Hub-Signature-256 header against the raw body, in
	// constant time. It keeps neither.
	Verify(signature string, body []byte) bool
}

// Decoder reads a webhook's body: every element of it. now is the arrival. An
// error means that the body will never be understood. It keeps nothing of body,
// which is used again when the handler has returned.
type Decoder func(body []byte, now time.Time) (hotel.Webhook, error)

// Intake commits what a webhook brought.
type Intake interface {
	// Accept returns nil when everything is committed. Unavailable: the store is
	// away, nothing is known to be written. Invalid: these rows will never be
	// taken. A repeat writes nothing twice.
	Accept(ctx context.Context, messages []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter) error
}

// Gate is the inbox's high-water mark.
type Gate interface {
	// Full tells whether new messages must wait outside. It is asked once for
	// each webhook that holds messages, so it reads memory, not the store.
	Full() bool
}

// Check tells whether something that the engine needs answers.
type Check func(ctx context.Context) error

// Reception reads and mends what people look after. Stores implement it, and so
// does Client over the admin API. Every method may fail with Unavailable.
type Reception interface {
	// Handoffs lists handoffs of a property ("" = all), open ones first, newest first; open only when asked.
	Handoffs(ctx context.Context, property hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error)
	// Transcript reads what was said with a guest, oldest first, the last limit lines.
	Transcript(ctx context.Context, guest hotel.GuestID, limit int) ([]hotel.TranscriptLine, error)
	// Reservations lists reservations of ours of a property ("" = all), newest first.
	Reservations(ctx context.Context, property hotel.PropertyID, limit int) ([]hotel.Reservation, error)
	// Backlog reads what waits in all.
	Backlog(ctx context.Context) (hotel.Backlog, error)
	// DeadLetters lists the dead letters that q chooses, newest first.
	DeadLetters(ctx context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error)
	// DeadLetter reads one. NotFound: no such letter.
	DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error)
	// Replay puts an open dead letter back and returns whom to nudge. Invalid,
	// with the reason: the letter is closed, a webhook's, which only Public can
	// replay, in doubt without Again, or a bubble whose session window has closed.
	Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error)
	// Drop closes an open dead letter without processing it. A repeat changes nothing.
	Drop(ctx context.Context, id int64, at time.Time) error
}

// Letters are the dead letters of webhooks, for their replay. Stores implement it.
type Letters interface {
	// DeadLetter reads one. NotFound: no such letter.
	DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error)
	// Replayed closes an open one whose content was taken in anew. Invalid: it is closed.
	Replayed(ctx context.Context, id int64, at time.Time) error
}

// Staff carries what a person says into a guest's conversation. The engine implements it.
type Staff interface {
	// Say sends a person's words to the guest, through the guest's lane.
	// NotFound: no such guest. A repeat says it twice.
	Say(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error
	// Close ends the handoff: the bot resumes at the guest's next message. A
	// repeat changes nothing. NotFound: no such guest.
	Close(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error
	// Unpark gives a guest whose turns made the engine fail back to the
	// dialogue. A repeat changes nothing. NotFound: no such guest.
	Unpark(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error
}

// Nudger tells the actors that rows wait. The engine implements it.
type Nudger interface {
	// Nudge tells the guest, and the sender of the lane when there is one.
	Nudge(guest hotel.GuestID, lane hotel.Lane)
}
