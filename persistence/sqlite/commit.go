package sqlite

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const opCommit = "sqlite.Commit"

// Commit writes a turn, whole or not at all.
func (s *Store) Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	for _, o := range t.Outbox {
		if o.Key == "" || o.Lane == "" {
			return hotel.TurnCommitted{}, rule.Err(opCommit, hotel.Invalid, "an outbox row's key or lane")
		}
	}
	return submit(ctx, s, opCommit, func(w *writer) (hotel.TurnCommitted, error) { return w.commit(t) })
}

func (w *writer) commit(t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	g, rows, err := w.check(t)
	if err != nil {
		return hotel.TurnCommitted{}, err
	}
	for i, row := range rows {
		if err := w.consume(t.Guest, row, t.Consumed[i], ms(t.At)); err != nil {
			return hotel.TurnCommitted{}, err
		}
	}
	g.version++
	g.panics = 0
	g.parked = g.parked && !t.Unpark
	w.guests.put(t.Guest, g)
	if t.Unpark {
		if err := w.sql.unpark.exec(g.n); err != nil {
			return hotel.TurnCommitted{}, err
		}
	}
	if err := w.sql.turn.exec(g.version, t.State, t.Facts, ms(t.Due), g.n); err != nil {
		return hotel.TurnCommitted{}, err
	}
	out := hotel.TurnCommitted{Version: g.version}
	if out.Withdrawn, err = w.withdraw(t); err != nil {
		return hotel.TurnCommitted{}, err
	}
	if t.Erase != "" {
		if err := w.mark(g, t); err != nil {
			return hotel.TurnCommitted{}, err
		}
	}
	if err := w.sendAll(t, &out); err != nil {
		return hotel.TurnCommitted{}, err
	}
	return out, w.keep(t)
}

// check tells whether the turn may be written, before anything is, and returns
// the rows that it consumes.
func (w *writer) check(t hotel.TurnCommit) (g guestRow, rows []pendingRow, err error) {
	g, ok, err := w.guestOf(t.Guest)
	if err != nil {
		return g, nil, err
	}
	if !ok {
		return g, nil, rule.Err(opCommit, hotel.NotFound, "no such guest")
	}
	if g.version != t.Version {
		return g, nil, rule.Err(opCommit, hotel.Conflict, "version")
	}
	rows = w.pending.of(t.Guest)
	if len(rows) < len(t.Consumed) {
		return g, nil, rule.Err(opCommit, hotel.Conflict, "rows")
	}
	rows = rows[:len(t.Consumed)]
	for i, key := range t.Consumed {
		if !rows[i].is(key) {
			return g, nil, rule.Err(opCommit, hotel.Conflict, "rows")
		}
	}
	return g, rows, nil
}

// withdraw takes pending rows of the guest back, unless the outside has spoken of them.
func (w *writer) withdraw(t hotel.TurnCommit) ([]hotel.InboxRow, error) {
	var out []hotel.InboxRow
	for _, key := range t.Withdraw {
		row, ok, err := w.rowOf(key)
		if err != nil {
			return nil, err
		}
		if !ok || row.Guest != t.Guest || row.State != hotel.Pending || rule.Evident(row) {
			continue
		}
		if err := w.body(&row); err != nil {
			return nil, err
		}
		row.State = hotel.Withdrawn
		if err := w.save(row, max(ms(t.At), 1)); err != nil {
			return nil, err
		}
		in, written, err := w.arriveOnce(rule.WithdrawnRow(row, t.At))
		if err != nil {
			return nil, err
		}
		if written {
			out = append(out, in)
		}
	}
	return out, nil
}

// sendAll writes the turn's outbox rows, claimed where it holds a permit and nothing is ahead.
func (w *writer) sendAll(t hotel.TurnCommit, out *hotel.TurnCommitted) error {
	for i, o := range t.Outbox {
		row := hotel.OutboxRow{
			Key: o.Key, Guest: t.Guest, Property: t.Property, Lane: o.Lane, Order: w.nextOrder(), Kind: o.Kind, Body: o.Body,
			State: hotel.Pending, NotBefore: stored(o.NotBefore), CreatedAt: stored(t.At),
		}
		out.Orders = append(out.Orders, row.Order)
		first := !slices.ContainsFunc(t.Outbox[:i], func(x hotel.OutboxRow) bool { return x.Lane == o.Lane })
		if first && slices.Contains(t.Claim, o.Lane) && !row.NotBefore.After(t.At) {
			ahead, err := w.ahead(o.Lane)
			if err != nil {
				return err
			}
			if !ahead {
				row.State, row.Owner, row.Attempt, row.ClaimedAt = hotel.Sending, t.Owner, 1, row.CreatedAt
				out.Claimed = append(out.Claimed, row)
			}
		}
		w.addOutbox(row)
	}
	_, err := w.sql.addOutbox.flush()
	return err
}

// ahead tells whether anything unsettled stands in a lane.
func (w *writer) ahead(lane hotel.Lane) (bool, error) { return w.sql.ahead.any(string(lane)) }

// addOutbox gathers a fresh row; the caller flushes.
func (w *writer) addOutbox(row hotel.OutboxRow) {
	w.sql.addOutbox.add(row.Order, string(row.Key), string(row.Guest), string(row.Property), string(row.Lane), string(row.Kind),
		stateNumber(row.State), row.Owner, int64(row.Attempt), ms(row.NotBefore), ms(row.CreatedAt), ms(row.ClaimedAt), row.Body)
	row.Body = nil
	w.rows.put(row.Key, row)
}

// keep writes what a turn leaves for people.
func (w *writer) keep(t hotel.TurnCommit) error {
	for _, r := range t.Reservations {
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := w.sql.reservation.exec(w.nextOrder(), string(r.Reference), string(r.Property), string(t.Guest), string(body)); err != nil {
			return err
		}
	}
	if h := t.Handoff; h != nil {
		err := w.sql.handoff.exec(string(t.Guest), string(t.Property), string(h.State), string(h.Cause), h.Name, h.Address,
			ms(h.Opened), ms(h.Staff), ms(h.Heard))
		if err != nil {
			return err
		}
	}
	if t.Erase != "" {
		if err := w.sql.handedOff.exec(string(t.Guest)); err != nil {
			return err
		}
	}
	if len(t.Transcript) == 0 {
		return nil
	}
	return w.sql.saidLine.exec(w.nextOrder(), string(t.Guest), ms(t.At), t.Transcript)
}
