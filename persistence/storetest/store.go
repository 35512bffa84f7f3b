// Package storetest is the one conformance suite that every store passes:
// memory, SQLite, and PostgreSQL later. What a store promises stands in the
// docs of its consumers' ports; this suite tests their union.
package storetest

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Fleet is what a store offers that several engines share: actors.Fleet. The
// suite's chapter on it is run for stores that have it.
type Fleet interface {
	Renew(ctx context.Context, owner string) error
	Engines(ctx context.Context) ([]hotel.EngineLease, error)
	TakeOver(ctx context.Context, from hotel.EngineLease, to string, at time.Time) (int, error)
	Leave(ctx context.Context, owner string) error
}

// Store is the union of what the rooms ask of a store. The docs stand with the
// ports: actors.Store for the engine's part; the rest is for people.
type Store interface {
	Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error)
	Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error)
	Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error)
	Settle(ctx context.Context, s hotel.Settlement) (hotel.SettleResult, error)
	Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error)
	Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error)
	Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error)
	PollMark(ctx context.Context, property hotel.PropertyID) (string, error)
	KeepPollMark(ctx context.Context, property hotel.PropertyID, mark string) error
	Annotate(ctx context.Context, a hotel.Annotation) error
	InDoubt(ctx context.Context, property hotel.PropertyID) ([]hotel.OutboxRow, error)
	Sweep(ctx context.Context, s hotel.Sweep) (hotel.Swept, error)
	Backlog(ctx context.Context) (hotel.Backlog, error)
	Doubts(ctx context.Context, before time.Time) (hotel.Doubts, error)
	Bury(ctx context.Context, guest hotel.GuestID, keys []hotel.Key, reason string) error
	Park(ctx context.Context, guest hotel.GuestID, at time.Time) error
	CountPanic(ctx context.Context, guest hotel.GuestID) (int, error)
	Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (int, error)

	// Ping tells whether the store answers.
	Ping(ctx context.Context) error
	// Guest reads one guest's record. hotel.NotFound: no such guest.
	Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error)
	// Handoffs lists handoffs of a property ("" = all), open ones first, newest first; open only when asked.
	Handoffs(ctx context.Context, property hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error)
	// Transcript reads what was said with a guest, oldest first, the last limit lines.
	Transcript(ctx context.Context, guest hotel.GuestID, limit int) ([]hotel.TranscriptLine, error)
	// Reservations lists reservations of ours of a property ("" = all), newest first.
	Reservations(ctx context.Context, property hotel.PropertyID, limit int) ([]hotel.Reservation, error)
	// DeadLetters lists the dead letters that q chooses, newest first.
	DeadLetters(ctx context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error)
	// DeadLetter reads one. hotel.NotFound: no such letter.
	DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error)
	// Replay puts an open dead letter back: an inbox row is unconsumed again at
	// the guest's end as "<key>/r<n>"; an outbox row is pending again at its
	// lane's end as "<key>/r<n>". It returns the guest and the lane to nudge.
	// hotel.Invalid, and nothing changes: the letter is a webhook's, which the
	// engine takes in anew and then closes by Replayed; it is closed; it is in
	// doubt and r.Again is not set; or it is a bubble whose session window has closed.
	Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error)
	// Replayed closes an open dead letter whose content was taken in anew.
	// hotel.NotFound: no such letter. hotel.Invalid: it is closed.
	Replayed(ctx context.Context, id int64, at time.Time) error
	// Drop closes an open dead letter without processing it.
	Drop(ctx context.Context, id int64, at time.Time) error
	// SetPause begins a pause, or ends it; a repeat changes nothing.
	// hotel.NotFound: no such guest to pause. hotel.Invalid: for a property and a guest.
	SetPause(ctx context.Context, p hotel.Pause, on bool) error
	// Pauses lists the pauses in force, oldest first.
	Pauses(ctx context.Context) ([]hotel.Pause, error)
	// Hash is the store's keyed 16-byte hash of personal identifiers, for
	// dedupe and for logs. The same in every engine of one store.
	Hash(parts ...string) [16]byte

	// Erase deletes what is kept of a guest whom a turn has marked for it, and
	// writes the audit's line with the last of it. It works in slices behind
	// what waits, so an end of ctx leaves it half done, and a repeat goes on.
	// hotel.NotFound: no such guest (any more). hotel.Conflict: the guest is not
	// marked, or something of it is out or unconsumed.
	Erase(ctx context.Context, guest hotel.GuestID, at time.Time) (hotel.Erased, error)
	// FindGuests finds the guests of a property with that outside name (phone,
	// BSUID), or with that e-mail, phone or code in a reservation of ours.
	FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error)
	// Export reads a page of what is kept of a guest; page is ExportPage.Next of
	// the one before, empty for the first. hotel.NotFound: no such guest.
	// hotel.Invalid: there is no such page.
	Export(ctx context.Context, guest hotel.GuestID, page string) (hotel.ExportPage, error)
	// Note writes an entry of the audit; its ID is the store's to give.
	Note(ctx context.Context, e hotel.AuditEntry) error
	// Audit lists entries, newest first: those with a lower ID than before, 0 = from the newest.
	Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error)
	Close() error
}
