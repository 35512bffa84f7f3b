package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Erasing a guest. The turn that says so marks the guest and deletes its
// aliases in its own transaction; what is kept goes later, when nothing of the
// guest is under way, a stretch of a table to a transaction. There is no index
// by guest over history: it would cost each message, for what is rare.
const (
	stretch = 20_000 // rows of history that one statement looks at

	readUnsent    = `SELECT key FROM outbox WHERE guest = $1 AND state < 2`
	readUnsentNow = `SELECT guest, key FROM outbox WHERE guest = ANY ($1::text[]) AND state < 2`

	unname    = `DELETE FROM aliases WHERE guest = ANY ($1::text[])`
	markGuest = `UPDATE guests SET erasing = x.at FROM unnest($1::text[], $2::bigint[]) AS x (id, at) WHERE guests.id = x.id AND erasing = 0`
	handedOff = `UPDATE handoffs SET state = 'closed' WHERE guest = ANY ($1::text[])`
	addAudit  = `INSERT INTO audit (at, who, what, guest, counts) VALUES ($1, $2, $3, $4, $5)`
	readAudit = `SELECT id, at, who, what, guest, counts FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2`

	sweepErasing = `SELECT id FROM guests g WHERE erasing > 0
		AND NOT EXISTS (SELECT FROM outbox o WHERE o.guest = g.id AND o.state < 2)
		AND NOT EXISTS (SELECT FROM inbox i WHERE i.guest = g.id AND i.consumed = 0) ORDER BY erasing LIMIT $1`
	underWay = `SELECT erasing, version, EXISTS (SELECT FROM outbox WHERE guest = $1 AND state < 2) OR EXISTS (SELECT FROM inbox WHERE guest = $1 AND consumed = 0)
		FROM guests WHERE id = $1`

	eraseOutbox = `WITH part AS MATERIALIZED (SELECT key, guest FROM outbox WHERE key > $2 ORDER BY key LIMIT $3),
			gone AS (DELETE FROM outbox WHERE key = ANY (ARRAY(SELECT key FROM part WHERE guest = $1)) AND state >= 2 RETURNING 1)
		SELECT (SELECT count(*) FROM part), coalesce((SELECT max(key) FROM part), ''), (SELECT count(*) FROM gone)`
	eraseInbox = `WITH part AS MATERIALIZED (SELECT id, guest FROM inbox WHERE id > $2 ORDER BY id LIMIT $3),
			gone AS (DELETE FROM inbox WHERE id = ANY (ARRAY(SELECT id FROM part WHERE guest = $1)) AND consumed > 0 RETURNING 1)
		SELECT (SELECT count(*) FROM part), coalesce((SELECT max(id) FROM part), 0), (SELECT count(*) FROM gone)`
	eraseLetters      = `DELETE FROM letters WHERE guest = $1`
	eraseReservations = `DELETE FROM reservations WHERE guest = $1`
	eraseTranscript   = `DELETE FROM transcript WHERE guest = $1`
	eraseHandoff      = `DELETE FROM handoffs WHERE guest = $1`
	eraseGuest        = `DELETE FROM guests WHERE id = $1`
	endPauses         = `DELETE FROM pauses WHERE guest = $1`
)

// unsent reads the rows of a guest that a turn which erases it may take back.
func (s *Store) unsent(ctx context.Context, op string, guest hotel.GuestID) ([]hotel.Key, error) {
	return collect(ctx, s, op, func(rows pgx.Rows) (key hotel.Key, err error) { return key, rows.Scan((*string)(&key)) }, readUnsent, string(guest))
}

// mark makes a guest one that is to be erased: nobody is that guest from now
// on. It comes before the turn's own rows, which stay. Such a turn is alone in
// its transaction: no neighbour finds the guest by a name that goes.
func (t *turn) mark(w *world, g *guestRow) {
	for _, key := range t.unsent {
		row := w.rows[key]
		if row == nil || row.Guest != g.id || !rule.MayWithdraw(row.OutboxRow) {
			continue
		}
		to := row.OutboxRow
		to.State = hotel.Withdrawn
		row.done = done(t.in.At)
		w.change(row, to)
	}
	w.out.erased.guests = append(w.out.erased.guests, string(g.id))
	w.out.erased.ats = append(w.out.erased.ats, done(t.in.At))
	if !g.erasing {
		g.erasing = true
		w.out.audit = append(w.out.audit, hotel.AuditEntry{At: t.in.At, By: t.in.Erase, What: hotel.AuditEraseRequested, Guest: g.id})
	}
}

// writeErased writes what a turn that erases its guest decided, after its handoff.
func (o *writes) writeErased(a *asked) error {
	if len(o.erased.guests) == 0 {
		return nil
	}
	a.exec(unname, o.erased.guests)
	a.exec(markGuest, o.erased.guests, o.erased.ats)
	a.exec(handedOff, o.erased.guests)
	for _, e := range o.audit {
		args, err := auditRow(e)
		if err != nil {
			return err
		}
		a.exec(addAudit, args...)
	}
	return nil
}

const opErase = "postgres.Erase"

// Erase deletes what is kept of a guest whom a turn has marked for it.
func (s *Store) Erase(ctx context.Context, guest hotel.GuestID, now time.Time) (hotel.Erased, error) {
	var version int64
	err := s.tx(ctx, opErase, func(ctx context.Context, tx pgx.Tx) (err error) {
		version, err = still(ctx, tx, guest)
		return err
	})
	if err != nil {
		return hotel.Erased{}, err
	}
	counts := map[string]int64{}
	for {
		if err := s.eraseHistory(ctx, guest, counts); err != nil {
			return hotel.Erased{}, err
		}
		// A status of a row that was not reached yet may have given the guest a
		// turn, whose rows stand behind the walk: then it begins anew.
		turned := false
		err := s.tx(ctx, opErase, func(ctx context.Context, tx pgx.Tx) error {
			v, err := still(ctx, tx, guest)
			if turned = v != version; err != nil || turned {
				version = v
				return err
			}
			return eraseRest(ctx, tx, guest, now, counts)
		})
		if err != nil {
			return hotel.Erased{}, err
		}
		if !turned {
			return hotel.Erased{Counts: counts}, nil
		}
	}
}

// eraseHistory walks over the large tables.
func (s *Store) eraseHistory(ctx context.Context, guest hotel.GuestID, counts map[string]int64) error {
	note := func(what string) func(int64) {
		return func(n int64) {
			if n > 0 {
				counts[what] += n
			}
		}
	}
	// Once the outbox is empty no status can write an inbox row any more.
	if err := walk(ctx, s, eraseOutbox, guest, "", note(rule.WhatOutbox)); err != nil {
		return err
	}
	return walk(ctx, s, eraseInbox, guest, int64(0), note(rule.WhatInbox))
}

// eraseRest deletes what is left, the guest last, and says so in the audit. It
// may be tried again, so counts are set, not added to.
func eraseRest(ctx context.Context, tx pgx.Tx, guest hotel.GuestID, now time.Time, counts map[string]int64) error {
	for _, table := range []struct{ what, statement string }{
		{rule.WhatLetter, eraseLetters}, {rule.WhatReservation, eraseReservations}, {rule.WhatTranscript, eraseTranscript},
		{rule.WhatHandoff, eraseHandoff}, {"", endPauses}, {rule.WhatGuest, eraseGuest},
	} {
		tag, err := tx.Exec(ctx, table.statement, string(guest))
		if err != nil {
			return err
		}
		if n := tag.RowsAffected(); n > 0 && table.what != "" {
			counts[table.what] = n
		}
	}
	args, err := auditRow(hotel.AuditEntry{At: now, By: "engine", What: hotel.AuditErased, Guest: guest, Counts: counts})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, addAudit, args...)
	return err
}

// still locks the guest when it is marked and nothing of it is under way, and
// returns its version, which each turn raises.
func still(ctx context.Context, tx pgx.Tx, guest hotel.GuestID) (version int64, err error) {
	if _, err := guestHeld(ctx, tx, opErase, guest); err != nil {
		return 0, err
	}
	var erasing int64
	var busy bool
	if err := tx.QueryRow(ctx, underWay, string(guest)).Scan(&erasing, &version, &busy); err != nil {
		return 0, err
	}
	switch {
	case erasing == 0:
		return 0, rule.Err(opErase, hotel.Conflict, "nobody asked for it")
	case busy:
		return 0, rule.Err(opErase, hotel.Conflict, "something is under way")
	}
	return version, nil
}

// walk runs a statement over a table, a stretch to a transaction.
func walk[C any](ctx context.Context, s *Store, statement string, guest hotel.GuestID, after C, note func(n int64)) error {
	for {
		var looked, gone int64
		err := s.tx(ctx, opErase, func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, statement, string(guest), after, stretch).Scan(&looked, &after, &gone)
		})
		if err != nil {
			return err
		}
		if note(gone); looked < stretch {
			return nil
		}
	}
}

func auditRow(e hotel.AuditEntry) ([]any, error) {
	counts := []byte{}
	if len(e.Counts) > 0 {
		var err error
		if counts, err = json.Marshal(e.Counts); err != nil {
			return nil, err
		}
	}
	return []any{ms(e.At), e.By, string(e.What), string(e.Guest), string(counts)}, nil
}

// Note writes an entry of the audit.
func (s *Store) Note(ctx context.Context, e hotel.AuditEntry) error {
	args, err := auditRow(e)
	if err != nil {
		return &hotel.Error{Op: "postgres.Note", Kind: hotel.Invalid, Err: err}
	}
	return s.run(ctx, "postgres.Note", addAudit, args...)
}

// Audit lists entries, newest first.
func (s *Store) Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return collect(ctx, s, "postgres.Audit", func(rows pgx.Rows) (e hotel.AuditEntry, err error) {
		var when int64
		var counts string
		if err := rows.Scan(&e.ID, &when, &e.By, (*string)(&e.What), (*string)(&e.Guest), &counts); err != nil {
			return e, err
		}
		if e.At = at(when); counts != "" {
			err = json.Unmarshal([]byte(counts), &e.Counts)
		}
		return e, err
	}, readAudit, before, rule.Limit(limit))
}

// erasing tells whether a guest is on its way out; one that is gone is.
func erasing(ctx context.Context, tx pgx.Tx, guest hotel.GuestID) (bool, error) {
	var when int64
	err := tx.QueryRow(ctx, `SELECT erasing FROM guests WHERE id = $1`, string(guest)).Scan(&when)
	if errors.Is(err, pgx.ErrNoRows) {
		return true, nil
	}
	return when > 0, err
}
