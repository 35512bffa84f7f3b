package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// What waits. Each reads a partial index that holds nothing but what waits. A
// row from the future is of a clock that was ahead, or ours was set back since:
// it counts as old, or it would wait until our clock is there.
const (
	sweepGuests = `SELECT guest FROM inbox INDEXED BY inbox_pending WHERE consumed = 0 AND (at <= ? OR at > ?) ORDER BY id`
	sweepDue    = `SELECT id FROM guests INDEXED BY guests_due WHERE due > 0 AND due <= ? ORDER BY due LIMIT ?`
	sweepLanes  = `SELECT o.lane, o.property, o.guest, o.not_before, o.created
		FROM (SELECT lane, min(id) AS id FROM outbox INDEXED BY outbox_lane WHERE state = 0 GROUP BY lane) h
		CROSS JOIN outbox o ON o.id = h.id
		WHERE o.not_before <= ? AND (o.created <= ? OR o.created > ?)
		AND NOT EXISTS (SELECT 1 FROM outbox s INDEXED BY outbox_sending WHERE s.lane = h.lane AND s.state = 1)
		ORDER BY o.id LIMIT ?`
	// An owner's claims, and those of an engine that is gone.
	sweepClaims = `SELECT ` + rowColumns + ` FROM outbox INDEXED BY outbox_sending
		WHERE state = 1 AND owner IN (?, '') ORDER BY id LIMIT ?`

	readDoubts = `SELECT count(*), coalesce(min(claimed), 0) FROM outbox INDEXED BY outbox_sending WHERE state = 1 AND kind <> 'alert' AND claimed < ?`

	backlogInbox  = `SELECT coalesce(min(at), 0) FROM inbox INDEXED BY inbox_pending WHERE consumed = 0`
	backlogOutbox = `SELECT coalesce(min(created), 0) FROM outbox INDEXED BY outbox_lane WHERE state = 0 AND (not_before <= ? OR attempt > 0 OR claimed > 0)`
	backlogCounts = `SELECT (SELECT count(*) FROM outbox INDEXED BY outbox_sending WHERE state = 1),
		(SELECT count(*) FROM letters INDEXED BY letters_open WHERE closed = 0),
		(SELECT count(*) FROM handoffs INDEXED BY handoffs_open WHERE state <> 'closed'),
		(SELECT count(*) FROM guests INDEXED BY guests_parked WHERE parked > 0)`
)

// Sweep reads what waits.
func (s *Store) Sweep(ctx context.Context, w hotel.Sweep) (out hotel.Swept, err error) {
	const op = "sqlite.Sweep"
	limit, before := rule.Limit(w.Limit), ms(w.Now.Add(-w.Age))
	if out.Guests, err = guests(ctx, op, s.read.waiting, limit, nil, before, ms(w.Now)); err != nil {
		return hotel.Swept{}, err
	}
	if out.Due, err = collect(ctx, op, s.read.due, scanGuest, ms(w.Now), limit); err != nil {
		return hotel.Swept{}, err
	}
	out.Lanes, err = collect(ctx, op, s.read.lanes, func(rows *sql.Rows) (h hotel.LaneHead, err error) {
		var notBefore, created int64
		err = rows.Scan(&h.Lane, &h.Property, &h.Guest, &notBefore, &created)
		h.NotBefore, h.At = at(notBefore), at(created)
		return h, err
	}, ms(w.Now), before, ms(w.Now), limit)
	if err != nil {
		return hotel.Swept{}, err
	}
	if out.Claims, err = collect(ctx, op, s.read.claims, scanRow, w.Owner, limit); err != nil {
		return hotel.Swept{}, err
	}
	out.Erasing, err = guests(ctx, op, s.read.erasing, limit, s.pending.waits)
	return out, err
}

// guests reads the first limit guests that are different and not to be passed by.
func guests(ctx context.Context, op string, q *sql.Stmt, limit int, pass func(hotel.GuestID) bool, args ...any) ([]hotel.GuestID, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, away(op, err)
	}
	defer func() { _ = rows.Close() }()
	var out []hotel.GuestID
	known := map[hotel.GuestID]bool{}
	for len(out) < limit && rows.Next() {
		id, err := scanGuest(rows)
		if err != nil {
			return nil, away(op, err)
		}
		if known[id] || pass != nil && pass(id) {
			continue
		}
		known[id] = true
		out = append(out, id)
	}
	if err := rows.Err(); err != nil {
		return nil, away(op, err)
	}
	return out, nil
}

func scanGuest(rows *sql.Rows) (id hotel.GuestID, err error) { return id, rows.Scan(&id) }

// Doubts counts claims that were made before an instant, the staff's alerts not.
func (s *Store) Doubts(ctx context.Context, before time.Time) (d hotel.Doubts, err error) {
	var oldest int64
	if err := s.read.doubts.QueryRowContext(ctx, ms(before)).Scan(&d.Rows, &oldest); err != nil {
		return hotel.Doubts{}, away("sqlite.Doubts", err)
	}
	d.Oldest = at(oldest)
	return d, nil
}

// Backlog reads what waits in all. The messages are counted as they are
// written; only their oldest is looked for.
func (s *Store) Backlog(ctx context.Context) (hotel.Backlog, error) {
	var inbox, outbox int64
	b := hotel.Backlog{Unconsumed: int(s.said.Load())}
	err := errors.Join(
		s.read.oldestIn.QueryRowContext(ctx).Scan(&inbox),
		s.read.oldestOut.QueryRowContext(ctx, ms(time.Now())).Scan(&outbox),
		s.read.counts.QueryRowContext(ctx).Scan(&b.Sending, &b.DeadLetters, &b.Handoffs, &b.Parked),
	)
	if err != nil {
		return hotel.Backlog{}, away("sqlite.Backlog", err)
	}
	b.OldestInbox, b.OldestOutbox = at(inbox), at(outbox)
	return b, nil
}
