package memory

import (
	"context"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// claimable is the lane's oldest unsettled row, when it may be claimed; else nil.
func (s *Store) claimable(lane hotel.Lane, at time.Time) *outboxRow {
	rows := s.lanes[lane]
	if len(rows) == 0 || rows[0].NotBefore.After(at) {
		return nil
	}
	if slices.ContainsFunc(rows, func(r *outboxRow) bool { return r.State == hotel.Sending }) {
		return nil
	}
	return rows[0]
}

func claim(row *outboxRow, owner string, at time.Time) {
	row.State, row.Owner, row.ClaimedAt, row.TakenOver = hotel.Sending, owner, at, false
	row.Attempt++
}

// leave takes a row out of a lane.
func (s *Store) leave(lane hotel.Lane, row *outboxRow) {
	rest := slices.DeleteFunc(s.lanes[lane], func(r *outboxRow) bool { return r == row })
	if len(rest) == 0 {
		delete(s.lanes, lane)
		return
	}
	s.lanes[lane] = rest
}

// Claim claims the lane's oldest unsettled row.
func (s *Store) Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error) {
	const op = "memory.Claim"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.OutboxRow{}, err
	}
	defer unlock()
	row := s.claimable(c.Lane, c.At)
	if row == nil {
		return hotel.OutboxRow{}, rule.Err(op, hotel.NotFound, "nothing to claim")
	}
	claim(row, c.Owner, c.At)
	return row.OutboxRow, nil
}

// Repeat claims a row in doubt again.
func (s *Store) Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error) {
	const op = "memory.Repeat"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.OutboxRow{}, err
	}
	defer unlock()
	row := s.outbox[r.Key]
	if row == nil {
		return hotel.OutboxRow{}, rule.Err(op, hotel.NotFound, "no such row")
	}
	if row.State != hotel.Sending || row.Attempt != r.Attempt || rule.Evident(row.OutboxRow) || !rule.MayRepeat(row.OutboxRow, r.Owner) {
		return hotel.OutboxRow{}, rule.Err(op, hotel.Conflict, "not in doubt")
	}
	claim(row, r.Owner, r.At)
	return row.OutboxRow, nil
}

// Row reads an outbox row.
func (s *Store) Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error) {
	const op = "memory.Row"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.OutboxRow{}, err
	}
	defer unlock()
	row := s.outbox[key]
	if row == nil {
		return hotel.OutboxRow{}, rule.Err(op, hotel.NotFound, "no such row")
	}
	return row.OutboxRow, nil
}

// Settle records a send's outcome.
func (s *Store) Settle(ctx context.Context, c hotel.Settlement) (hotel.SettleResult, error) {
	const op = "memory.Settle"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.SettleResult{}, err
	}
	defer unlock()
	row := s.outbox[c.Key]
	if row == nil {
		return hotel.SettleResult{}, rule.Err(op, hotel.NotFound, "no such row")
	}
	lane, v := row.Lane, rule.Settle(row.OutboxRow, c)
	if v.Moved && v.Row.State == hotel.Sending && s.sending(v.Row.Lane) {
		return hotel.SettleResult{}, rule.Err(op, hotel.Conflict, "the other lane is sending")
	}
	s.write(row, v, c.At)
	res := hotel.SettleResult{Applied: v.Applied}
	if v.Buried {
		s.bury(hotel.DeadLetter{Source: "outbox", Key: row.Key, Guest: row.Guest, Property: row.Property,
			Kind: row.Kind, Reason: c.Reason, InDoubt: c.InDoubt, Body: row.Body, At: c.At}, row.Lane)
	}
	if v.Closes {
		s.closeProven(row.Key, c.At)
	}
	if v.Applied && c.Result.Key != "" {
		result := c.Result
		result.Guest = row.Guest
		res.Result, _ = s.arrive(c.Owner, result)
	}
	if next := s.claimable(lane, c.At); next != nil && v.Freed && c.ClaimNext {
		claim(next, c.Owner, c.At)
		res.Next = new(next.OutboxRow)
	}
	res.More = slices.ContainsFunc(s.lanes[lane], func(r *outboxRow) bool { return r.State == hotel.Pending })
	return res, nil
}

func (s *Store) sending(lane hotel.Lane) bool {
	return slices.ContainsFunc(s.lanes[lane], func(r *outboxRow) bool { return r.State == hotel.Sending })
}

// write makes the row what the verdict says.
func (s *Store) write(row *outboxRow, v rule.Verdict, at time.Time) {
	was := row.OutboxRow
	row.OutboxRow = v.Row
	if row.Proof != "" && was.Proof == "" {
		s.proofs[row.Proof] = row
	}
	open := row.State == hotel.Pending || row.State == hotel.Sending
	if !open && row.done.IsZero() {
		row.done = at
	}
	if !open || v.Moved {
		s.leave(was.Lane, row)
	}
	if !v.Moved {
		return
	}
	if row.State == hotel.Pending {
		row.Order = s.nextOrder()
	}
	s.lanes[row.Lane] = append(s.lanes[row.Lane], row)
	slices.SortFunc(s.lanes[row.Lane], func(a, b *outboxRow) int { return int(a.Order - b.Order) })
}
