package postgres

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

type settle struct {
	op  string
	in  hotel.Settlement
	out hotel.SettleResult
}

// Settle records a send's outcome.
func (s *Store) Settle(ctx context.Context, c hotel.Settlement) (hotel.SettleResult, error) {
	work := &settle{op: "postgres.Settle", in: c}
	if err := s.send(ctx, work.op, work); err != nil {
		return hotel.SettleResult{}, err
	}
	return work.out, nil
}

func (s *settle) ask(n *need) {
	n.row(s.in.Key, s.in.State == hotel.Dead)
	if s.in.MoveTo != "" {
		n.lane(s.in.MoveTo)
		n.orders++
	}
	if s.in.Result.Key != "" {
		n.inbox = append(n.inbox, string(s.in.Result.Key))
		n.orders++
	}
}

func (s *settle) decide(w *world) error {
	row := w.rows[s.in.Key]
	if row == nil {
		return rule.Err(s.op, hotel.NotFound, "no such row")
	}
	from := w.lane(row.Lane)
	if w.guests[row.Guest] == nil || !w.holds(row.Lane) || from.unsure() {
		return errLater
	}
	v := rule.Settle(row.OutboxRow, s.in)
	if v.Moved && v.Row.State == hotel.Sending && w.lane(v.Row.Lane).sending != nil {
		return rule.Err(s.op, hotel.Conflict, "the other lane is sending")
	}
	s.out = hotel.SettleResult{Applied: v.Applied}
	s.write(w, row, v)
	if v.Applied && s.in.Result.Key != "" {
		result := s.in.Result
		result.Guest = row.Guest
		s.out.Result, _ = w.arrive(s.in.Owner, result)
	}
	if v.Freed && s.in.ClaimNext {
		s.out.Next = w.claim(from, s.in.Owner, s.in.At)
	}
	s.out.More = len(from.pending) > 0
	return nil
}

// write makes the row what the verdict says.
func (s *settle) write(w *world, row *outboxRow, v rule.Verdict) {
	if v.Moved && v.Row.State == hotel.Pending {
		v.Row.Order = w.next()
	}
	if v.Changed {
		if v.Row.State != hotel.Pending && v.Row.State != hotel.Sending {
			row.done = done(s.in.At)
		}
		v.Row.NotBefore = stored(v.Row.NotBefore)
		w.change(row, v.Row)
	}
	if v.Closes {
		w.prove(row.Key, ms(s.in.At))
	}
	if v.Buried {
		w.bury(hotel.DeadLetter{Source: "outbox", Key: row.Key, Guest: row.Guest, Property: row.Property, Kind: row.Kind,
			Reason: s.in.Reason, InDoubt: s.in.InDoubt, Body: row.Body, At: s.in.At}, row.Lane)
	}
}

// claim claims a lane's head when it may go.
func (w *world) claim(l *lane, owner string, now time.Time) *hotel.OutboxRow {
	if l.sending != nil || len(l.pending) == 0 || l.pending[0].NotBefore.After(stored(now)) {
		return nil
	}
	row := w.claimed(l.pending[0], owner, now)
	return &row
}

// claimed makes a row sending.
func (w *world) claimed(r *outboxRow, owner string, now time.Time) hotel.OutboxRow {
	to := r.OutboxRow
	to.State, to.Owner, to.ClaimedAt, to.TakenOver = hotel.Sending, owner, stored(now), false
	to.Attempt++
	w.change(r, to)
	return r.OutboxRow
}

type claim struct {
	op  string
	in  hotel.Claim
	out hotel.OutboxRow
}

// Claim claims the lane's oldest unsettled row.
func (s *Store) Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error) {
	work := &claim{op: "postgres.Claim", in: c}
	if err := s.send(ctx, work.op, work); err != nil {
		return hotel.OutboxRow{}, err
	}
	return work.out, nil
}

func (c *claim) ask(n *need) { n.lane(c.in.Lane) }

func (c *claim) decide(w *world) error {
	l := w.lane(c.in.Lane)
	if l.unsure() {
		return errLater
	}
	row := w.claim(l, c.in.Owner, c.in.At)
	if row == nil {
		return rule.Err(c.op, hotel.NotFound, "nothing to claim")
	}
	c.out = *row
	return nil
}

type repeat struct {
	op  string
	in  hotel.Repeat
	out hotel.OutboxRow
}

// Repeat claims a row in doubt again.
func (s *Store) Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error) {
	work := &repeat{op: "postgres.Repeat", in: r}
	if err := s.send(ctx, work.op, work); err != nil {
		return hotel.OutboxRow{}, err
	}
	return work.out, nil
}

func (r *repeat) ask(n *need) { n.row(r.in.Key, true) }

func (r *repeat) decide(w *world) error {
	row := w.rows[r.in.Key]
	switch {
	case row == nil:
		return rule.Err(r.op, hotel.NotFound, "no such row")
	case !w.holds(row.Lane):
		return errLater
	case row.State != hotel.Sending || row.Attempt != r.in.Attempt || rule.Evident(row.OutboxRow) || !rule.MayRepeat(row.OutboxRow, r.in.Owner):
		return rule.Err(r.op, hotel.Conflict, "not in doubt")
	}
	r.out = w.claimed(row, r.in.Owner, r.in.At)
	return nil
}
