package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const opSettle = "sqlite.Settle"

// Settle records a send's outcome.
func (s *Store) Settle(ctx context.Context, c hotel.Settlement) (hotel.SettleResult, error) {
	return submit(ctx, s, opSettle, func(w *writer) (hotel.SettleResult, error) { return w.settle(c) })
}

func (w *writer) settle(c hotel.Settlement) (out hotel.SettleResult, err error) {
	row, ok, err := w.rowOf(c.Key)
	if err != nil {
		return out, err
	}
	if !ok {
		return out, rule.Err(opSettle, hotel.NotFound, "no such row")
	}
	lane, v := row.Lane, rule.Settle(row, c)
	if v.Moved && v.Row.State == hotel.Sending {
		busy, err := w.busy(v.Row.Lane)
		if err != nil {
			return out, err
		}
		if busy {
			return out, rule.Err(opSettle, hotel.Conflict, "the other lane is sending")
		}
	}
	out.Applied = v.Applied
	if err := w.write(v, c); err != nil {
		return out, err
	}
	if v.Applied && c.Result.Key != "" {
		result := c.Result
		result.Guest = row.Guest
		if out.Result, _, err = w.arriveOnce(result); err != nil {
			return out, err
		}
	}
	wasOut := row.State == hotel.Sending // so nothing else of its lane is
	return out, w.next(lane, v.Freed && c.ClaimNext, wasOut, c, &out)
}

// write makes the row what the verdict says.
func (w *writer) write(v rule.Verdict, c hotel.Settlement) error {
	if v.Moved {
		if err := w.move(&v.Row); err != nil {
			return err
		}
	}
	if v.Changed {
		done := int64(0)
		if v.Row.State != hotel.Pending && v.Row.State != hotel.Sending {
			done = max(ms(c.At), 1)
		}
		v.Row.NotBefore = stored(v.Row.NotBefore)
		if err := w.save(v.Row, done); err != nil {
			return err
		}
	}
	if v.Closes {
		if err := w.sql.proven.exec(ms(c.At), string(v.Row.Key)); err != nil {
			return err
		}
	}
	if !v.Buried {
		return nil
	}
	if err := w.body(&v.Row); err != nil {
		return err
	}
	return w.bury(hotel.DeadLetter{Source: "outbox", Key: v.Row.Key, Guest: v.Row.Guest, Property: v.Row.Property,
		Kind: v.Row.Kind, Reason: c.Reason, InDoubt: c.InDoubt, Body: v.Row.Body, At: c.At}, v.Row.Lane)
}

// move puts a row into its new lane: at the end when it is pending, as the one
// that is out when it is sending.
func (w *writer) move(row *hotel.OutboxRow) error {
	was := row.Order
	if row.State == hotel.Pending {
		row.Order = w.nextOrder()
	}
	return w.sql.move.exec(row.Order, string(row.Lane), was)
}

// next claims the lane's next row when it may, and tells whether rows wait.
func (w *writer) next(lane hotel.Lane, permit, idle bool, c hotel.Settlement, out *hotel.SettleResult) error {
	head, err := w.head(lane)
	if err != nil {
		return err
	}
	out.More = head.rows > 0
	if !permit {
		return nil
	}
	if !idle {
		if busy, err := w.busy(lane); err != nil || busy {
			return err
		}
	}
	row, ok, err := w.claimHead(head, c.Owner, c.At)
	if err != nil || !ok {
		return err
	}
	out.Next, out.More = &row, head.rows > 1
	return nil
}

// laneHead is the oldest pending row of a lane; rows counts them, up to 2.
type laneHead struct {
	key       hotel.Key
	notBefore int64
	rows      int
}

func (w *writer) head(lane hotel.Lane) (h laneHead, err error) {
	err = w.sql.head.each(func(v []driver.Value) error {
		if h.rows++; h.rows == 1 {
			h.key, h.notBefore = hotel.Key(text(v[0])), v[1].(int64)
		}
		return nil
	}, string(lane))
	return h, err
}

// busy tells whether a row of the lane is out.
func (w *writer) busy(lane hotel.Lane) (bool, error) { return w.sql.busy.any(string(lane)) }

// claimHead claims the head of a lane of which nothing is out, when it may go.
func (w *writer) claimHead(h laneHead, owner string, now time.Time) (row hotel.OutboxRow, ok bool, err error) {
	if h.rows == 0 || h.notBefore > ms(now) {
		return row, false, nil
	}
	if row, ok, err = w.rowOf(h.key); err != nil || !ok {
		return row, ok, err
	}
	return w.claimed(row, owner, now)
}

// claimed makes a row sending, durably, and returns it with its body.
func (w *writer) claimed(row hotel.OutboxRow, owner string, now time.Time) (hotel.OutboxRow, bool, error) {
	row.State, row.Owner, row.ClaimedAt = hotel.Sending, owner, stored(now)
	row.Attempt++
	if err := w.save(row, 0); err != nil {
		return row, false, err
	}
	return row, true, w.body(&row)
}

// Claim claims the lane's oldest unsettled row.
func (s *Store) Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error) {
	const op = "sqlite.Claim"
	return submit(ctx, s, op, func(w *writer) (hotel.OutboxRow, error) {
		busy, err := w.busy(c.Lane)
		if err != nil {
			return hotel.OutboxRow{}, err
		}
		if busy {
			return hotel.OutboxRow{}, rule.Err(op, hotel.NotFound, "claimed already")
		}
		head, err := w.head(c.Lane)
		if err != nil {
			return hotel.OutboxRow{}, err
		}
		row, ok, err := w.claimHead(head, c.Owner, c.At)
		if err == nil && !ok {
			err = rule.Err(op, hotel.NotFound, "nothing to claim")
		}
		return row, err
	})
}

// Repeat claims a row in doubt again.
func (s *Store) Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error) {
	const op = "sqlite.Repeat"
	return submit(ctx, s, op, func(w *writer) (hotel.OutboxRow, error) {
		row, ok, err := w.rowOf(r.Key)
		switch {
		case err != nil:
			return row, err
		case !ok:
			return row, rule.Err(op, hotel.NotFound, "no such row")
		case row.State != hotel.Sending || row.Attempt != r.Attempt || rule.Evident(row) || !rule.MayRepeat(row, r.Owner):
			return row, rule.Err(op, hotel.Conflict, "not in doubt")
		}
		row, _, err = w.claimed(row, r.Owner, r.At)
		return row, err
	})
}
