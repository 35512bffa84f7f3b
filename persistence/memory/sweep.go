package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Sweep reads what waits.
func (s *Store) Sweep(ctx context.Context, w hotel.Sweep) (hotel.Swept, error) {
	unlock, err := s.enter(ctx, "memory.Sweep")
	if err != nil {
		return hotel.Swept{}, err
	}
	defer unlock()
	limit := rule.Limit(w.Limit)
	return hotel.Swept{
		Guests: s.waiting(w, limit),
		Due:    s.due(w.Owner, w.Now, limit),
		Lanes:  s.heads(w, limit),
		Claims: s.claims(w.Owner, limit),

		Erasing: s.erasable(limit),
	}, nil
}

// waits tells whether a row is old enough to be swept. One from the future is
// of a clock that was ahead, or ours was set back since: it counts as old.
func waits(w hotel.Sweep, at time.Time) bool { return !at.After(w.Now.Add(-w.Age)) || at.After(w.Now) }

func (s *Store) waiting(w hotel.Sweep, limit int) []hotel.GuestID {
	var found []*guest
	for _, g := range s.guests {
		if len(g.pending) > 0 && waits(w, g.pending[0].At) && s.looksAfter(w.Owner, g.pending[0].owner) {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b *guest) int { return cmp.Compare(a.pending[0].Order, b.pending[0].Order) })
	return ids(found, limit)
}

func (s *Store) due(owner string, now time.Time, limit int) []hotel.GuestID {
	var found []*guest
	for _, g := range s.guests {
		if !g.Due.IsZero() && !g.Due.After(now) && s.looksAfter(owner, g.owner) {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b *guest) int { return a.Due.Compare(b.Due) })
	return ids(found, limit)
}

func ids(found []*guest, limit int) []hotel.GuestID {
	var out []hotel.GuestID
	for _, g := range found[:min(limit, len(found))] {
		out = append(out, g.ID)
	}
	return out
}

func (s *Store) heads(w hotel.Sweep, limit int) []hotel.LaneHead {
	var found []*outboxRow
	for lane := range s.lanes {
		if head := s.claimable(lane, w.Now); head != nil && waits(w, head.CreatedAt) {
			found = append(found, head)
		}
	}
	slices.SortFunc(found, byOrder)
	var out []hotel.LaneHead
	for _, h := range found[:min(limit, len(found))] {
		out = append(out, hotel.LaneHead{Lane: h.Lane, Property: h.Property, Guest: h.Guest, NotBefore: h.NotBefore, At: h.CreatedAt})
	}
	return out
}

func (s *Store) claims(owner string, limit int) []hotel.OutboxRow {
	var found []*outboxRow
	for _, rows := range s.lanes {
		for _, r := range rows {
			if r.State == hotel.Sending && r.Owner == owner {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, byOrder)
	var out []hotel.OutboxRow
	for _, r := range found[:min(limit, len(found))] {
		out = append(out, r.OutboxRow)
	}
	return out
}

func byOrder(a, b *outboxRow) int { return cmp.Compare(a.Order, b.Order) }

// Doubts counts claims that were made before an instant, the staff's alerts not.
func (s *Store) Doubts(ctx context.Context, before time.Time) (hotel.Doubts, error) {
	unlock, err := s.enter(ctx, "memory.Doubts")
	if err != nil {
		return hotel.Doubts{}, err
	}
	defer unlock()
	var d hotel.Doubts
	for _, rows := range s.lanes {
		for _, r := range rows {
			if r.State == hotel.Sending && r.Kind != hotel.KindAlert && r.ClaimedAt.Before(before) {
				d.Rows++
				d.Oldest = older(d.Oldest, r.ClaimedAt)
			}
		}
	}
	return d, nil
}

// Backlog reads what waits in all.
func (s *Store) Backlog(ctx context.Context) (hotel.Backlog, error) {
	unlock, err := s.enter(ctx, "memory.Backlog")
	if err != nil {
		return hotel.Backlog{}, err
	}
	defer unlock()
	var b hotel.Backlog
	for _, g := range s.guests {
		if !g.Parked.IsZero() {
			b.Parked++
		}
		for _, row := range g.pending {
			if row.Kind == hotel.KindSaid {
				b.Unconsumed++
			}
			b.OldestInbox = older(b.OldestInbox, row.At)
		}
	}
	now := time.Now()
	for _, rows := range s.lanes {
		for _, r := range rows {
			if r.State == hotel.Sending {
				b.Sending++
			} else if r.Attempt > 0 || !r.ClaimedAt.IsZero() || !r.NotBefore.After(now) {
				b.OldestOutbox = older(b.OldestOutbox, r.CreatedAt)
			}
		}
	}
	for _, l := range s.letters {
		if l != nil && l.Closed.IsZero() {
			b.DeadLetters++
		}
	}
	for _, h := range s.handoffs {
		if h.State != hotel.HandoffClosed {
			b.Handoffs++
		}
	}
	return b, nil
}

func older(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
