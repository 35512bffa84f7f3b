package postgres

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	letterColumns = `id, source, key, guest, property, kind, reason, body, at, closed, closing, in_doubt`

	lockGuest  = `SELECT property, panics, parked > 0 FROM guests WHERE id = $1 FOR UPDATE`
	lockLetter = `SELECT ` + letterColumns + `, lane FROM letters WHERE id = $1 FOR UPDATE`
	lockLane   = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`
	// What is buried leaves the inbox and enters the letters in one statement.
	buryRows = `WITH gone AS (UPDATE inbox SET consumed = $4 WHERE key = ANY ($2::text[]) AND guest = $1 AND consumed = 0
			RETURNING id, key, kind, body)
		INSERT INTO letters (source, key, guest, property, kind, lane, reason, at, body)
		SELECT 'inbox', key, $1, $3, kind, '', $5, $4, body FROM gone ORDER BY id RETURNING key, kind`
	parkGuest   = `UPDATE guests SET parked = $2, version = version + 1, panics = 0 WHERE id = $1 AND parked = 0`
	undueGuest  = `UPDATE guests SET panics = 0, due = 0 WHERE id = $1`
	savePanics  = `UPDATE guests SET panics = $2 WHERE id = $1`
	replayInbox = `INSERT INTO inbox (id, key, guest, kind, at, body) VALUES (nextval('orders'), $1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING`
	replayRow   = `INSERT INTO outbox (ord, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, body)
		VALUES (nextval('orders'), $1, $2, $3, $4, $5, 0, '', 0, 0, $6, 0, $7)`
	closeLetter = `UPDATE letters SET closed = $2, closing = $3 WHERE id = $1`
)

// guestHeld locks a guest. hotel.NotFound: there is none.
func guestHeld(ctx context.Context, tx pgx.Tx, op string, id hotel.GuestID) (g heldGuest, err error) {
	err = tx.QueryRow(ctx, lockGuest, string(id)).Scan(&g.property, &g.panics, &g.parked)
	if errors.Is(err, pgx.ErrNoRows) {
		err = rule.Err(op, hotel.NotFound, "no such guest")
	}
	return g, err
}

type heldGuest struct {
	property string
	panics   int
	parked   bool
}

// Bury consumes inbox rows of a guest into the dead letters, and tells the
// dialogue of each. What made the guest's turns panic is gone with them, so its
// panics count from 0 again.
func (s *Store) Bury(ctx context.Context, guest hotel.GuestID, keys []hotel.Key, reason string) error {
	const op = "postgres.Bury"
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		names = append(names, string(k))
	}
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		g, err := guestHeld(ctx, tx, op, guest)
		if err != nil {
			return err
		}
		now := time.Now()
		rows, err := tx.Query(ctx, buryRows, string(guest), names, g.property, done(now), reason)
		if err != nil {
			return err
		}
		letters, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hotel.DeadLetter, error) {
			l := hotel.DeadLetter{Guest: guest, At: now}
			return l, row.Scan((*string)(&l.Key), (*string)(&l.Kind))
		})
		if err != nil || len(letters) == 0 && !g.parked {
			return err
		}
		if g.parked { // also with nothing to bury: a due turn may have failed
			_, err = tx.Exec(ctx, undueGuest, string(guest))
			return err
		}
		for _, l := range letters {
			tell, ok := rule.BuriedRow(l)
			if !ok {
				continue
			}
			if _, err := tx.Exec(ctx, replayInbox, string(tell.Key), string(guest), string(tell.Kind), ms(now), tell.Body); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, savePanics, string(guest), 0)
		return err
	})
}

// Park gives a guest's rows to hand-over turns.
func (s *Store) Park(ctx context.Context, guest hotel.GuestID, now time.Time) error {
	const op = "postgres.Park"
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := guestHeld(ctx, tx, op, guest); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, parkGuest, string(guest), done(now))
		return err
	})
}

// CountPanic counts a recovered panic of the guest's turn.
func (s *Store) CountPanic(ctx context.Context, guest hotel.GuestID) (n int, err error) {
	const op = "postgres.CountPanic"
	err = s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		g, err := guestHeld(ctx, tx, op, guest)
		if err != nil {
			return err
		}
		n = g.panics + 1
		_, err = tx.Exec(ctx, savePanics, string(guest), n)
		return err
	})
	return n, err
}

func scanLetter(rows pgx.Rows, more ...any) (l hotel.DeadLetter, err error) {
	var when, closed int64
	err = rows.Scan(append([]any{&l.ID, &l.Source, (*string)(&l.Key), (*string)(&l.Guest), (*string)(&l.Property), (*string)(&l.Kind), &l.Reason,
		&l.Body, &when, &closed, &l.Closing, &l.InDoubt}, more...)...)
	l.At, l.Closed = at(when), at(closed)
	return l, err
}

func letter(rows pgx.Rows) (hotel.DeadLetter, error) { return scanLetter(rows) }

// DeadLetters lists dead letters, newest first.
func (s *Store) DeadLetters(ctx context.Context, q hotel.LetterQuery) ([]hotel.DeadLetter, error) {
	query := readOpenLetters
	if q.All {
		query = readLetters
	}
	before, after := int64(math.MaxInt64), int64(math.MinInt64)
	if !q.Before.IsZero() {
		before = ms(q.Before)
	}
	if !q.After.IsZero() {
		after = ms(q.After)
	}
	return collect(ctx, s, "postgres.DeadLetters", letter, query, rule.Limit(q.Limit), before, after, q.Reason)
}

// DeadLetter reads one.
func (s *Store) DeadLetter(ctx context.Context, id int64) (hotel.DeadLetter, error) {
	const op = "postgres.DeadLetter"
	rows, err := collect(ctx, s, op, letter, readLetter, id)
	return one(rows, err, op, "no such letter")
}

// letterHeld locks an open dead letter, and returns it with its lane.
func letterHeld(ctx context.Context, tx pgx.Tx, op string, id int64) (l hotel.DeadLetter, lane hotel.Lane, err error) {
	rows, err := tx.Query(ctx, lockLetter, id)
	if err != nil {
		return l, lane, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return l, lane, err
		}
		return l, lane, rule.Err(op, hotel.NotFound, "no such letter")
	}
	if l, err = scanLetter(rows, (*string)(&lane)); err == nil && !l.Closed.IsZero() {
		err = rule.Err(op, hotel.Invalid, "closed already")
	}
	return l, lane, err
}

// Replay puts an open dead letter back.
func (s *Store) Replay(ctx context.Context, r hotel.Replay) (guest hotel.GuestID, lane hotel.Lane, err error) {
	const op = "postgres.Replay"
	first, err := s.DeadLetter(ctx, r.ID) // whose lane and guest are locked before the letter
	if err != nil {
		return "", "", err
	}
	err = s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		if err := replayLocks(ctx, tx, op, first); err != nil {
			return err
		}
		l, in, err := letterHeld(ctx, tx, op, r.ID)
		if err != nil {
			return err
		}
		if going, err := erasing(ctx, tx, l.Guest); err != nil {
			return err
		} else if going && l.Source != "webhook" {
			return rule.Err(op, hotel.Invalid, "its guest is being erased")
		}
		guest, lane = l.Guest, in
		key, body, err := rule.Replay(op, l, r)
		if err != nil {
			return err
		}
		if l.Source == "inbox" {
			_, err = tx.Exec(ctx, replayInbox, string(key), string(l.Guest), string(l.Kind), ms(r.At), body)
		} else {
			_, err = tx.Exec(ctx, replayRow, string(key), string(l.Guest), string(l.Property), string(lane), string(l.Kind), ms(r.At), body)
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, closeLetter, r.ID, done(r.At), "replayed")
		return err
	})
	if err != nil {
		return "", "", err
	}
	return guest, lane, nil
}

// replayLocks takes what a replay needs, in the order of all: lane, guest.
func replayLocks(ctx context.Context, tx pgx.Tx, op string, l hotel.DeadLetter) error {
	if l.Source == "webhook" {
		return nil
	}
	if l.Source == "outbox" {
		var lane string
		if err := tx.QueryRow(ctx, `SELECT lane FROM letters WHERE id = $1`, l.ID).Scan(&lane); err != nil {
			return err
		}
		if id, ok := laneGuest(hotel.Lane(lane)); ok && id != l.Guest {
			if _, err := guestHeld(ctx, tx, op, min(id, l.Guest)); err != nil {
				return err
			}
			_, err := guestHeld(ctx, tx, op, max(id, l.Guest))
			return err
		} else if !ok {
			if _, err := tx.Exec(ctx, lockLane, lane); err != nil {
				return err
			}
		}
	}
	_, err := guestHeld(ctx, tx, op, l.Guest)
	return err
}

// Replayed closes an open dead letter whose content was taken in anew.
func (s *Store) Replayed(ctx context.Context, id int64, now time.Time) error {
	return s.closeLetter(ctx, "postgres.Replayed", id, "replayed", now)
}

// Drop closes an open dead letter without processing it.
func (s *Store) Drop(ctx context.Context, id int64, now time.Time) error {
	return s.closeLetter(ctx, "postgres.Drop", id, "dropped", now)
}

func (s *Store) closeLetter(ctx context.Context, op string, id int64, how string, now time.Time) error {
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		if _, _, err := letterHeld(ctx, tx, op, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, closeLetter, id, done(now), how)
		return err
	})
}
