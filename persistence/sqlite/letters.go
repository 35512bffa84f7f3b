package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const letterColumns = `id, source, key, guest, property, kind, reason, body, at, closed, closing, in_doubt`

// bury writes a dead letter.
func (w *writer) bury(d hotel.DeadLetter, lane hotel.Lane) error {
	return w.sql.bury.exec(d.Source, string(d.Key), string(d.Guest), string(d.Property), string(d.Kind), string(lane), d.Reason, d.Body, ms(d.At), d.InDoubt)
}

// Bury consumes inbox rows of a guest into the dead letters, and tells the
// dialogue of each. What made the guest's turns panic is gone with them, so its
// panics count from 0 again.
func (s *Store) Bury(ctx context.Context, guest hotel.GuestID, keys []hotel.Key, reason string) error {
	const op = "sqlite.Bury"
	_, err := submit(ctx, s, op, func(w *writer) (none struct{}, err error) {
		g, ok, err := w.guestOf(guest)
		if err != nil {
			return none, err
		}
		if !ok {
			return none, rule.Err(op, hotel.NotFound, "no such guest")
		}
		rows, err := w.unconsumed(guest, keys)
		if err != nil || len(rows) == 0 && !g.parked {
			return none, err
		}
		now := time.Now()
		for _, row := range rows {
			letter := hotel.DeadLetter{Source: "inbox", Key: row.Key, Guest: guest, Property: g.property,
				Kind: row.Kind, Reason: reason, Body: row.Body, At: now}
			if err := w.bury(letter, ""); err != nil {
				return none, err
			}
			if err := w.consume(guest, pendingOf(row.Order, row.Key, row.Kind), row.Key, ms(now)); err != nil {
				return none, err
			}
			if tell, ok := rule.BuriedRow(letter); ok && !g.parked {
				if _, _, err := w.arriveOnce(tell); err != nil {
					return none, err
				}
			}
		}
		if g.parked { // also with nothing to bury: a due turn may have failed
			g.panics = 0
			w.guests.put(guest, g)
			return none, w.sql.undue.exec(g.n)
		}
		return none, w.panicked(guest, g, 0)
	})
	return err
}

// unconsumed reads those of the keys that are unconsumed rows of the guest.
func (w *writer) unconsumed(guest hotel.GuestID, keys []hotel.Key) ([]hotel.InboxRow, error) {
	var rows []hotel.InboxRow
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		err := w.sql.inboxBy.each(func(v []driver.Value) error {
			if row := inboxRow(v); row.Guest == guest && v[6].(int64) == 0 {
				rows = append(rows, row)
			}
			return nil
		}, string(key))
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rows, func(a, b hotel.InboxRow) int { return int(a.Order - b.Order) })
	return rows, nil
}

func (w *writer) panicked(guest hotel.GuestID, g guestRow, n int) error {
	g.panics = n
	w.guests.put(guest, g)
	return w.sql.panics.exec(int64(n), g.n)
}

// CountPanic counts a recovered panic of the guest's turn.
func (s *Store) CountPanic(ctx context.Context, guest hotel.GuestID) (int, error) {
	const op = "sqlite.CountPanic"
	return submit(ctx, s, op, func(w *writer) (int, error) {
		g, ok, err := w.guestOf(guest)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, rule.Err(op, hotel.NotFound, "no such guest")
		}
		return g.panics + 1, w.panicked(guest, g, g.panics+1)
	})
}

// Park gives a guest's rows to hand-over turns.
func (s *Store) Park(ctx context.Context, guest hotel.GuestID, now time.Time) error {
	const op = "sqlite.Park"
	_, err := submit(ctx, s, op, func(w *writer) (none struct{}, err error) {
		g, ok, err := w.guestOf(guest)
		switch {
		case err != nil:
			return none, err
		case !ok:
			return none, rule.Err(op, hotel.NotFound, "no such guest")
		case g.parked:
			return none, nil
		}
		g.parked, g.panics = true, 0
		g.version++
		w.guests.put(guest, g)
		return none, w.sql.park.exec(max(ms(now), 1), g.version, g.n)
	})
	return err
}

// letter reads columns of letterColumns.
func letter(v []driver.Value) hotel.DeadLetter {
	return hotel.DeadLetter{ID: v[0].(int64), Source: text(v[1]), Key: hotel.Key(text(v[2])), Guest: hotel.GuestID(text(v[3])),
		Property: hotel.PropertyID(text(v[4])), Kind: hotel.RowKind(text(v[5])), Reason: text(v[6]), Body: blob(v[7]),
		At: at(v[8].(int64)), Closed: at(v[9].(int64)), Closing: text(v[10]), InDoubt: v[11].(int64) != 0}
}

// open reads an open dead letter and its lane.
func (w *writer) open(op string, id int64) (l hotel.DeadLetter, lane hotel.Lane, err error) {
	err = w.sql.letter.each(func(v []driver.Value) error {
		l, lane = letter(v), hotel.Lane(text(v[12]))
		return nil
	}, id)
	switch {
	case err != nil:
	case l.ID == 0:
		err = rule.Err(op, hotel.NotFound, "no such letter")
	case !l.Closed.IsZero():
		err = rule.Err(op, hotel.Invalid, "closed already")
	}
	return l, lane, err
}

// Replay puts an open dead letter back.
func (s *Store) Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error) {
	const op = "sqlite.Replay"
	type nudge struct {
		guest hotel.GuestID
		lane  hotel.Lane
	}
	n, err := submit(ctx, s, op, func(w *writer) (nudge, error) {
		l, lane, err := w.open(op, r.ID)
		if err != nil {
			return nudge{}, err
		}
		if g, ok, err := w.guestOf(l.Guest); err != nil {
			return nudge{}, err
		} else if ok && g.erasing {
			return nudge{}, rule.Err(op, hotel.Invalid, "its guest is being erased")
		}
		key, body, err := rule.Replay(op, l, r)
		if err != nil {
			return nudge{}, err
		}
		if l.Source == "inbox" {
			_, _, err = w.arriveOnce(hotel.InboxRow{Key: key, Guest: l.Guest, Kind: l.Kind, Body: body, At: r.At})
		} else {
			w.addOutbox(hotel.OutboxRow{Key: key, Guest: l.Guest, Property: l.Property, Lane: lane, Order: w.nextOrder(),
				Kind: l.Kind, Body: body, State: hotel.Pending, CreatedAt: stored(r.At)})
			_, err = w.sql.addOutbox.flush()
		}
		if err != nil {
			return nudge{}, err
		}
		return nudge{l.Guest, lane}, w.sql.closeLetter.exec(max(ms(r.At), 1), "replayed", r.ID)
	})
	return n.guest, n.lane, err
}

// Replayed closes an open dead letter whose content was taken in anew.
func (s *Store) Replayed(ctx context.Context, id int64, now time.Time) error {
	return s.closeLetter(ctx, "sqlite.Replayed", id, "replayed", now)
}

// Drop closes an open dead letter without processing it.
func (s *Store) Drop(ctx context.Context, id int64, now time.Time) error {
	return s.closeLetter(ctx, "sqlite.Drop", id, "dropped", now)
}

func (s *Store) closeLetter(ctx context.Context, op string, id int64, how string, now time.Time) error {
	_, err := submit(ctx, s, op, func(w *writer) (none struct{}, err error) {
		if _, _, err := w.open(op, id); err != nil {
			return none, err
		}
		return none, w.sql.closeLetter.exec(max(ms(now), 1), how, id)
	})
	return err
}
