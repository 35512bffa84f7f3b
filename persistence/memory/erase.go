package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// mark makes a guest one that is to be erased: nobody is that guest from now on.
func (s *Store) mark(g *guest, t hotel.TurnCommit) {
	maps.DeleteFunc(s.aliases, func(_ alias, id hotel.GuestID) bool { return id == g.ID })
	for _, row := range s.outbox {
		if row.Guest == g.ID && rule.MayWithdraw(row.OutboxRow) {
			row.State, row.done = hotel.Withdrawn, t.At
			s.leave(row.Lane, row)
		}
	}
	if g.erasing.IsZero() {
		g.erasing = t.At
		s.note(hotel.AuditEntry{At: t.At, By: t.Erase, What: hotel.AuditEraseRequested, Guest: g.ID})
	}
}

func (s *Store) closeHandoff(id hotel.GuestID) {
	if h, ok := s.handoffs[id]; ok {
		h.State = hotel.HandoffClosed
		s.handoffs[id] = h
	}
}

// erasable lists marked guests of whom nothing is under way, oldest first.
func (s *Store) erasable(limit int) []hotel.GuestID {
	var found []*guest
	for _, g := range s.guests {
		if !g.erasing.IsZero() && !s.underWay(g) {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b *guest) int { return a.erasing.Compare(b.erasing) })
	return ids(found, limit)
}

// underWay tells whether anything of the guest is unconsumed, pending or out.
func (s *Store) underWay(g *guest) bool {
	if len(g.pending) > 0 {
		return true
	}
	for _, rows := range s.lanes {
		if slices.ContainsFunc(rows, func(r *outboxRow) bool { return r.Guest == g.ID }) {
			return true
		}
	}
	return false
}

// Erase deletes what is kept of a guest whom a turn has marked for it.
func (s *Store) Erase(ctx context.Context, id hotel.GuestID, at time.Time) (hotel.Erased, error) {
	const op = "memory.Erase"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.Erased{}, err
	}
	defer unlock()
	g := s.guests[id]
	switch {
	case g == nil:
		return hotel.Erased{}, rule.Err(op, hotel.NotFound, "no such guest")
	case g.erasing.IsZero():
		return hotel.Erased{}, rule.Err(op, hotel.Conflict, "nobody asked for it")
	case s.underWay(g):
		return hotel.Erased{}, rule.Err(op, hotel.Conflict, "something is under way")
	}
	counts := s.wipe(g)
	s.note(hotel.AuditEntry{At: at, By: "engine", What: hotel.AuditErased, Guest: id, Counts: counts})
	return hotel.Erased{Counts: maps.Clone(counts)}, nil
}

func (s *Store) wipe(g *guest) map[string]int64 {
	counts := map[string]int64{rule.WhatTranscript: int64(len(g.transcript))}
	for key, row := range s.inbox {
		if row.Guest == g.ID {
			delete(s.inbox, key)
			counts[rule.WhatInbox]++
		}
	}
	for key, row := range s.outbox {
		if row.Guest == g.ID {
			delete(s.outbox, key)
			delete(s.proofs, row.Proof)
			counts[rule.WhatOutbox]++
		}
	}
	for i, l := range s.letters {
		if l != nil && l.Guest == g.ID {
			s.letters[i] = nil
			counts[rule.WhatLetter]++
		}
	}
	before := len(s.reservations)
	s.reservations = slices.DeleteFunc(s.reservations, func(r reservation) bool { return r.guest == g.ID })
	counts[rule.WhatReservation] = int64(before - len(s.reservations))
	if _, ok := s.handoffs[g.ID]; ok {
		delete(s.handoffs, g.ID)
		counts[rule.WhatHandoff]++
	}
	s.pauses = slices.DeleteFunc(s.pauses, hotel.Pause{Guest: g.ID}.Same)
	delete(s.guests, g.ID)
	counts[rule.WhatGuest] = 1
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
	return counts
}

func (s *Store) note(e hotel.AuditEntry) {
	e.ID = int64(len(s.audit)) + 1
	s.audit = append(s.audit, e)
}

// Note writes an entry of the audit.
func (s *Store) Note(ctx context.Context, e hotel.AuditEntry) error {
	unlock, err := s.enter(ctx, "memory.Note")
	if err != nil {
		return err
	}
	defer unlock()
	s.note(e)
	return nil
}

// Audit lists entries, newest first.
func (s *Store) Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error) {
	unlock, err := s.enter(ctx, "memory.Audit")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []hotel.AuditEntry
	for _, e := range slices.Backward(s.audit) {
		if (before <= 0 || e.ID < before) && len(out) < rule.Limit(limit) {
			out = append(out, e)
		}
	}
	return out, nil
}
