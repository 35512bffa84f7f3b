package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// What waits. Each reads a partial index that holds nothing but what waits. An
// engine looks after what it owns, and after what belongs to no living engine. A row
// from the future is of a clock that was ahead, or ours was set back since: it
// counts as old, or it would wait until our clock is there.
const (
	lookedAfter = `(owner = $1 OR NOT EXISTS (SELECT FROM engines e WHERE e.owner = x.owner AND NOT e.gone))`

	sweepGuests = `SELECT guest FROM (SELECT DISTINCT ON (guest) guest, id, at, owner FROM inbox WHERE consumed = 0 ORDER BY guest, id) x
		WHERE (at <= $2 OR at > $4) AND ` + lookedAfter + ` ORDER BY id LIMIT $3`
	sweepDue   = `SELECT id FROM guests x WHERE due > 0 AND due <= $2 AND ` + lookedAfter + ` ORDER BY due LIMIT $3`
	sweepLanes = `SELECT lane, property, guest, not_before, created FROM (
			SELECT DISTINCT ON (lane) lane, ord, property, guest, not_before, created FROM outbox WHERE state = 0 ORDER BY lane, ord) h
		WHERE not_before <= $1 AND (created <= $2 OR created > $1) AND NOT EXISTS (SELECT FROM outbox s WHERE s.lane = h.lane AND s.state = 1)
		ORDER BY ord LIMIT $3`
	sweepClaims = `SELECT ` + rowColumns + ` FROM outbox WHERE state = 1 AND owner IN ($1, '') ORDER BY ord LIMIT $2`

	readDoubts = `SELECT count(*), coalesce(min(claimed), 0) FROM outbox WHERE state = 1 AND kind <> 'alert' AND claimed < $1`

	readBacklog = `SELECT
		(SELECT count(*) FROM inbox WHERE consumed = 0 AND kind = 'said'),
		(SELECT coalesce(min(at), 0) FROM inbox WHERE consumed = 0),
		(SELECT coalesce(min(created), 0) FROM outbox WHERE state = 0 AND (not_before <= $1 OR attempt > 0 OR claimed > 0)),
		(SELECT count(*) FROM outbox WHERE state = 1),
		(SELECT count(*) FROM letters WHERE closed = 0),
		(SELECT count(*) FROM handoffs WHERE state <> 'closed'),
		(SELECT count(*) FROM guests WHERE parked > 0)`
)

// Sweep reads what waits.
func (s *Store) Sweep(ctx context.Context, w hotel.Sweep) (out hotel.Swept, err error) {
	const op = "postgres.Sweep"
	limit, before := rule.Limit(w.Limit), ms(w.Now.Add(-w.Age))
	if out.Guests, err = collect(ctx, s, op, scanGuestID, sweepGuests, w.Owner, before, limit, ms(w.Now)); err != nil {
		return hotel.Swept{}, err
	}
	if out.Due, err = collect(ctx, s, op, scanGuestID, sweepDue, w.Owner, ms(w.Now), limit); err != nil {
		return hotel.Swept{}, err
	}
	out.Lanes, err = collect(ctx, s, op, func(rows pgx.Rows) (h hotel.LaneHead, err error) {
		var notBefore, created int64
		err = rows.Scan((*string)(&h.Lane), (*string)(&h.Property), (*string)(&h.Guest), &notBefore, &created)
		h.NotBefore, h.At = at(notBefore), at(created)
		return h, err
	}, sweepLanes, ms(w.Now), before, limit)
	if err != nil {
		return hotel.Swept{}, err
	}
	if out.Claims, err = collect(ctx, s, op, scanOutbox, sweepClaims, w.Owner, limit); err != nil {
		return hotel.Swept{}, err
	}
	if out.Erasing, err = collect(ctx, s, op, scanGuestID, sweepErasing, limit); err != nil {
		return hotel.Swept{}, err
	}
	return out, nil
}

func scanGuestID(rows pgx.Rows) (id hotel.GuestID, err error) { return id, rows.Scan((*string)(&id)) }

// Doubts counts claims that were made before an instant, the staff's alerts not.
func (s *Store) Doubts(ctx context.Context, before time.Time) (hotel.Doubts, error) {
	const op = "postgres.Doubts"
	list, err := collect(ctx, s, op, func(rows pgx.Rows) (d hotel.Doubts, err error) {
		var oldest int64
		err = rows.Scan(&d.Rows, &oldest)
		d.Oldest = at(oldest)
		return d, err
	}, readDoubts, ms(before))
	return one(list, err, op, "no answer")
}

// Backlog reads what waits in all.
func (s *Store) Backlog(ctx context.Context) (hotel.Backlog, error) {
	const op = "postgres.Backlog"
	list, err := collect(ctx, s, op, func(rows pgx.Rows) (b hotel.Backlog, err error) {
		var inbox, outbox int64
		err = rows.Scan(&b.Unconsumed, &inbox, &outbox, &b.Sending, &b.DeadLetters, &b.Handoffs, &b.Parked)
		b.OldestInbox, b.OldestOutbox = at(inbox), at(outbox)
		return b, err
	}, readBacklog, ms(time.Now()))
	return one(list, err, op, "no answer")
}
