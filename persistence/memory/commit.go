package memory

import (
	"context"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Commit writes a turn, whole or not at all.
func (s *Store) Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	const op = "memory.Commit"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.TurnCommitted{}, err
	}
	defer unlock()
	g, err := s.check(op, t)
	if err != nil {
		return hotel.TurnCommitted{}, err
	}
	s.consume(g, len(t.Consumed), t)
	g.Version++
	g.State, g.Due, g.Panics = slices.Clone(t.State), t.Due, 0
	g.owner = t.Owner
	if t.Unpark {
		g.Parked = time.Time{}
	}
	res := hotel.TurnCommitted{Version: g.Version, Withdrawn: s.withdraw(t)}
	if t.Erase != "" {
		s.mark(g, t)
	}
	for _, o := range t.Outbox {
		row := s.send(t, o)
		res.Orders = append(res.Orders, row.Order)
		if s.claimFirst(t, row) {
			res.Claimed = append(res.Claimed, row.OutboxRow)
		}
	}
	s.keep(g, t)
	if t.Erase != "" {
		s.closeHandoff(t.Guest)
	}
	return res, nil
}

// check tells whether the turn may be written, before anything is.
func (s *Store) check(op string, t hotel.TurnCommit) (*guest, error) {
	g := s.guests[t.Guest]
	if g == nil {
		return nil, rule.Err(op, hotel.NotFound, "no such guest")
	}
	if g.Version != t.Version {
		return nil, rule.Err(op, hotel.Conflict, "version")
	}
	if len(g.pending) < len(t.Consumed) {
		return nil, rule.Err(op, hotel.Conflict, "rows")
	}
	for i, key := range t.Consumed {
		if g.pending[i].Key != key {
			return nil, rule.Err(op, hotel.Conflict, "rows")
		}
	}
	fresh := map[hotel.Key]bool{}
	for _, o := range t.Outbox {
		if s.outbox[o.Key] != nil || fresh[o.Key] || o.Key == "" || o.Lane == "" {
			return nil, rule.Err(op, hotel.Invalid, "an outbox row's key or lane")
		}
		fresh[o.Key] = true
	}
	return g, nil
}

func (s *Store) consume(g *guest, n int, t hotel.TurnCommit) {
	for _, row := range g.pending[:n] {
		row.consumed = t.At
	}
	g.pending = slices.Delete(g.pending, 0, n)
}

func (s *Store) withdraw(t hotel.TurnCommit) []hotel.InboxRow {
	var out []hotel.InboxRow
	for _, key := range t.Withdraw {
		row := s.outbox[key]
		if row == nil || row.Guest != t.Guest || row.State != hotel.Pending || rule.Evident(row.OutboxRow) {
			continue
		}
		row.State, row.done = hotel.Withdrawn, t.At
		s.leave(row.Lane, row)
		if in, ok := s.arrive(t.Owner, rule.WithdrawnRow(row.OutboxRow, t.At)); ok {
			out = append(out, in)
		}
	}
	return out
}

// send writes a pending outbox row at its lane's end.
func (s *Store) send(t hotel.TurnCommit, o hotel.OutboxRow) *outboxRow {
	row := &outboxRow{OutboxRow: hotel.OutboxRow{
		Key: o.Key, Guest: t.Guest, Property: t.Property, Lane: o.Lane, Order: s.nextOrder(), Kind: o.Kind,
		Body: slices.Clone(o.Body), State: hotel.Pending, NotBefore: o.NotBefore, CreatedAt: t.At,
	}}
	s.outbox[row.Key] = row
	s.lanes[row.Lane] = append(s.lanes[row.Lane], row)
	return row
}

// claimFirst claims a fresh row whose lane the turn holds a permit for, when nothing is ahead of it.
func (s *Store) claimFirst(t hotel.TurnCommit, row *outboxRow) bool {
	if !slices.Contains(t.Claim, row.Lane) || s.claimable(row.Lane, t.At) != row {
		return false
	}
	claim(row, t.Owner, t.At)
	return true
}

func (s *Store) keep(g *guest, t hotel.TurnCommit) {
	for _, r := range t.Reservations {
		i := slices.IndexFunc(s.reservations, func(x reservation) bool { return x.Reference == r.Reference })
		if i < 0 {
			s.reservations = append(s.reservations, reservation{t.Guest, r})
			continue
		}
		s.reservations[i].Reservation = r
	}
	if t.Handoff != nil {
		h := *t.Handoff
		h.Guest, h.Property = t.Guest, t.Property
		s.handoffs[t.Guest] = h
	}
	if len(t.Transcript) > 0 {
		g.transcript = append(g.transcript, said{t.At, slices.Clone(t.Transcript)})
	}
}
