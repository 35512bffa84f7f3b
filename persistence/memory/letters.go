package memory

import (
	"context"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Bury consumes inbox rows of a guest into the dead letters, and tells the
// dialogue of each. What made the guest's turns panic is gone with them, so its
// panics count from 0 again.
func (s *Store) Bury(ctx context.Context, id hotel.GuestID, keys []hotel.Key, reason string) error {
	const op = "memory.Bury"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return err
	}
	defer unlock()
	g := s.guests[id]
	if g == nil {
		return rule.Err(op, hotel.NotFound, "no such guest")
	}
	now := time.Now().UTC()
	if !g.Parked.IsZero() {
		g.Panics, g.Due = 0, time.Time{}
	}
	var tell []hotel.InboxRow
	g.pending = slices.DeleteFunc(g.pending, func(row *inboxRow) bool {
		if !slices.Contains(keys, row.Key) {
			return false
		}
		row.consumed, g.Panics = now, 0
		l := hotel.DeadLetter{Source: "inbox", Key: row.Key, Guest: id, Property: g.Property,
			Kind: row.Kind, Reason: reason, Body: row.Body, At: now}
		s.bury(l, "")
		if buried, ok := rule.BuriedRow(l); ok && g.Parked.IsZero() {
			tell = append(tell, buried)
		}
		return true
	})
	for _, row := range tell {
		s.arrive("", row)
	}
	return nil
}

// CountPanic counts a recovered panic of the guest's turn.
func (s *Store) CountPanic(ctx context.Context, id hotel.GuestID) (int, error) {
	const op = "memory.CountPanic"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return 0, err
	}
	defer unlock()
	g := s.guests[id]
	if g == nil {
		return 0, rule.Err(op, hotel.NotFound, "no such guest")
	}
	g.Panics++
	return g.Panics, nil
}

// Park gives a guest's rows to hand-over turns.
func (s *Store) Park(ctx context.Context, id hotel.GuestID, at time.Time) error {
	const op = "memory.Park"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return err
	}
	defer unlock()
	g := s.guests[id]
	if g == nil {
		return rule.Err(op, hotel.NotFound, "no such guest")
	}
	if g.Parked.IsZero() {
		g.Parked, g.Panics = at, 0
		g.Version++
	}
	return nil
}

// closeProven closes the open dead letter of an outbox row that was sent after all.
func (s *Store) closeProven(key hotel.Key, at time.Time) {
	for _, l := range s.letters {
		if l != nil && l.Source == "outbox" && l.Key == key && l.Closed.IsZero() {
			l.Closed, l.Closing = at, "sent"
		}
	}
}

// DeadLetters lists dead letters, newest first.
func (s *Store) DeadLetters(ctx context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error) {
	unlock, err := s.enter(ctx, "memory.DeadLetters")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []hotel.DeadLetter
	for _, l := range slices.Backward(s.letters) {
		if l != nil && rule.Wanted(q, l.DeadLetter) && len(out) < rule.Limit(q.Limit) {
			out = append(out, l.DeadLetter)
		}
	}
	return out, nil
}

// DeadLetter reads one.
func (s *Store) DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error) {
	const op = "memory.DeadLetter"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.DeadLetter{}, err
	}
	defer unlock()
	l, err := s.letter(op, id)
	if err != nil {
		return hotel.DeadLetter{}, err
	}
	return l.DeadLetter, nil
}

func (s *Store) letter(op string, id int64) (*letter, error) {
	if id < 1 || id > int64(len(s.letters)) || s.letters[id-1] == nil {
		return nil, rule.Err(op, hotel.NotFound, "no such letter")
	}
	return s.letters[id-1], nil
}

func (s *Store) open(op string, id int64) (*letter, error) {
	l, err := s.letter(op, id)
	if err == nil && !l.Closed.IsZero() {
		return nil, rule.Err(op, hotel.Invalid, "closed already")
	}
	return l, err
}

// Replay puts an open dead letter back.
func (s *Store) Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error) {
	const op = "memory.Replay"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return "", "", err
	}
	defer unlock()
	l, err := s.open(op, r.ID)
	if err != nil {
		return "", "", err
	}
	if g := s.guests[l.Guest]; g != nil && !g.erasing.IsZero() {
		return "", "", rule.Err(op, hotel.Invalid, "its guest is being erased")
	}
	key, body, err := rule.Replay(op, l.DeadLetter, r)
	if err != nil {
		return "", "", err
	}
	if l.Source == "inbox" {
		s.arrive("", hotel.InboxRow{Key: key, Guest: l.Guest, Kind: l.Kind, Body: body, At: r.At})
	} else {
		s.send(hotel.TurnCommit{Guest: l.Guest, Property: l.Property, At: r.At},
			hotel.OutboxRow{Key: key, Lane: l.lane, Kind: l.Kind, Body: body})
	}
	l.Closed, l.Closing = r.At, "replayed"
	return l.Guest, l.lane, nil
}

// Replayed closes an open dead letter whose content was taken in anew.
func (s *Store) Replayed(ctx context.Context, id int64, at time.Time) error {
	return s.closeLetter(ctx, "memory.Replayed", id, "replayed", at)
}

// Drop closes an open dead letter without processing it.
func (s *Store) Drop(ctx context.Context, id int64, at time.Time) error {
	return s.closeLetter(ctx, "memory.Drop", id, "dropped", at)
}

func (s *Store) closeLetter(ctx context.Context, op string, id int64, how string, at time.Time) error {
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return err
	}
	defer unlock()
	l, err := s.open(op, id)
	if err != nil {
		return err
	}
	l.Closed, l.Closing = at, how
	return nil
}
