package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Erasing a guest. The turn that says so marks the guest and deletes its
// aliases in its own transaction; what is kept goes later, when nothing of the
// guest is under way: found by readers, a stretch of a table at a time, and
// deleted by the writer in slices, each behind what waits by then. There is no
// index by guest over history: it would cost each message, for what is rare.
const (
	eraseStretch = 20_000 // rows that one read looks at: tens of milliseconds

	queryNames    = `SELECT name FROM aliases INDEXED BY aliases_guest WHERE guest = ?`
	queryUnsent   = `SELECT key FROM outbox INDEXED BY outbox_guest WHERE guest = ? AND state < 2`
	execMark      = `UPDATE guests SET erasing = ?, due = 0 WHERE n = ?`
	execUnname    = `DELETE FROM aliases WHERE name = ?`
	execHandedOff = `UPDATE handoffs SET state = 'closed' WHERE guest = ?`
	execAudit     = `INSERT INTO audit (at, by, what, guest, counts) VALUES (?, ?, ?, ?, ?)`

	execEraseOutbox      = `DELETE FROM outbox WHERE id = ? AND guest = ? AND state >= 2`
	execEraseInbox       = `DELETE FROM inbox WHERE id = ? AND guest = ? AND consumed > 0`
	execEraseLetter      = `DELETE FROM letters WHERE id = ? AND guest = ?`
	execEraseReservation = `DELETE FROM reservations WHERE id = ? AND guest = ?`
	execEraseTranscript  = `DELETE FROM transcript WHERE id = ? AND guest = ?`
	execEraseHandoff     = `DELETE FROM handoffs WHERE guest = ?`
	execEraseGuest       = `DELETE FROM guests WHERE n = ?`

	sweepErasing = `SELECT id FROM guests g INDEXED BY guests_erasing WHERE erasing > 0
		AND NOT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_guest WHERE guest = g.id AND state < 2)
		ORDER BY erasing`
	eraseOutbox      = `SELECT id, key FROM outbox WHERE id > ? AND id <= ? AND guest = ?`
	eraseInbox       = `SELECT id, '' FROM inbox WHERE id > ? AND id <= ? AND guest = ?`
	eraseLetter      = `SELECT id, '' FROM letters WHERE id > ? AND id <= ? AND guest = ?`
	eraseReservation = `SELECT id, '' FROM reservations WHERE id > ? AND id <= ? AND guest = ?`
	eraseTranscript  = `SELECT id, '' FROM transcript INDEXED BY transcript_guest WHERE id > ? AND id <= ? AND guest = ?`
	boundsOutbox     = `SELECT coalesce((SELECT min(id) FROM outbox), 1), coalesce((SELECT max(id) FROM outbox), 0)`
	boundsInbox      = `SELECT coalesce((SELECT min(id) FROM inbox), 1), coalesce((SELECT max(id) FROM inbox), 0)`
	boundsLetter     = `SELECT coalesce((SELECT min(id) FROM letters), 1), coalesce((SELECT max(id) FROM letters), 0)`
	boundsReserved   = `SELECT coalesce((SELECT min(id) FROM reservations), 1), coalesce((SELECT max(id) FROM reservations), 0)`
	boundsTranscript = `SELECT coalesce((SELECT min(id) FROM transcript), 1), coalesce((SELECT max(id) FROM transcript), 0)`
)

// privacyWrites are the writer's statements for erasing and for the audit.
type privacyWrites struct {
	names, unsent, mark, unname, handedOff, audit                             *statement
	eraseOutbox, eraseInbox, eraseLetter, eraseReserved, eraseSaid, unhandOff *statement
	unguest                                                                   *statement
}

func (s *privacyWrites) queries() map[string]**statement {
	return map[string]**statement{
		queryNames: &s.names, queryUnsent: &s.unsent, execMark: &s.mark, execUnname: &s.unname, execHandedOff: &s.handedOff,
		execAudit: &s.audit, execEraseOutbox: &s.eraseOutbox, execEraseInbox: &s.eraseInbox, execEraseLetter: &s.eraseLetter,
		execEraseReservation: &s.eraseReserved, execEraseTranscript: &s.eraseSaid, execEraseHandoff: &s.unhandOff,
		execEraseGuest: &s.unguest,
	}
}

// mark makes a guest one that is to be erased: nobody is that guest from now
// on. It comes before the turn's own rows, which stay.
func (w *writer) mark(g guestRow, t hotel.TurnCommit) error {
	var names []string
	err := w.sql.names.each(func(v []driver.Value) error {
		names = append(names, text(v[0]))
		return nil
	}, string(t.Guest))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := w.sql.unname.exec(name); err != nil {
			return err
		}
		w.aliases.remove(name)
	}
	if err := w.takeBack(t); err != nil || g.erasing {
		return err
	}
	g.erasing = true
	w.guests.put(t.Guest, g)
	if err := w.sql.mark.exec(max(ms(t.At), 1), g.n); err != nil {
		return err
	}
	return w.note(hotel.AuditEntry{At: t.At, By: t.Erase, What: hotel.AuditEraseRequested, Guest: t.Guest})
}

// takeBack withdraws what is pending of a guest.
func (w *writer) takeBack(t hotel.TurnCommit) error {
	var keys []hotel.Key
	err := w.sql.unsent.each(func(v []driver.Value) error {
		keys = append(keys, hotel.Key(text(v[0])))
		return nil
	}, string(t.Guest))
	if err != nil {
		return err
	}
	for _, key := range keys {
		row, ok, err := w.rowOf(key)
		if err != nil {
			return err
		}
		if !ok || !rule.MayWithdraw(row) {
			continue
		}
		row.State = hotel.Withdrawn
		if err := w.save(row, max(ms(t.At), 1)); err != nil {
			return err
		}
	}
	return nil
}

const opErase = "sqlite.Erase"

// erased is a table on its way out: its bounds, who finds a guest's rows in a
// stretch of it, and who deletes one.
type erased struct {
	what         string
	bounds, find *sql.Stmt
	delete       func(w *writer) *statement
}

// erasedTables in the order of erasure: once the outbox is empty no status can
// write an inbox row any more.
func (s *Store) erasedTables() []erased {
	r := s.read
	return []erased{
		{rule.WhatOutbox, r.boundsOutbox, r.eraseOutbox, func(w *writer) *statement { return w.sql.eraseOutbox }},
		{rule.WhatInbox, r.boundsInbox, r.eraseInbox, func(w *writer) *statement { return w.sql.eraseInbox }},
		{rule.WhatLetter, r.boundsLetter, r.eraseLetter, func(w *writer) *statement { return w.sql.eraseLetter }},
		{rule.WhatReservation, r.boundsReserved, r.eraseReserved, func(w *writer) *statement { return w.sql.eraseReserved }},
		{rule.WhatTranscript, r.boundsTranscript, r.eraseTranscript, func(w *writer) *statement { return w.sql.eraseSaid }},
	}
}

// Erase deletes what is kept of a guest whom a turn has marked for it.
func (s *Store) Erase(ctx context.Context, guest hotel.GuestID, now time.Time) (hotel.Erased, error) {
	_, err := submit(ctx, s, opErase, func(w *writer) (guestRow, error) { return w.erasable(guest) })
	if err != nil {
		return hotel.Erased{}, err
	}
	counts := map[string]int64{}
	for _, table := range s.erasedTables() {
		if err := s.eraseTable(ctx, table, guest, counts); err != nil {
			return hotel.Erased{}, err
		}
	}
	return submit(ctx, s, opErase, func(w *writer) (hotel.Erased, error) {
		g, err := w.erasable(guest)
		if err != nil {
			return hotel.Erased{}, err
		}
		return hotel.Erased{Counts: counts}, w.erase(guest, g, counts, now)
	})
}

// erasable is the guest when it is marked and nothing of it is under way.
func (w *writer) erasable(guest hotel.GuestID) (guestRow, error) {
	g, ok, err := w.guestOf(guest)
	switch {
	case err != nil:
		return g, err
	case !ok:
		return g, rule.Err(opErase, hotel.NotFound, "no such guest")
	case !g.erasing:
		return g, rule.Err(opErase, hotel.Conflict, "nobody asked for it")
	}
	unsent, err := w.sql.unsent.any(string(guest))
	if err != nil {
		return g, err
	}
	if err == nil && (unsent || len(w.pending.of(guest)) > 0) {
		err = rule.Err(opErase, hotel.Conflict, "something is under way")
	}
	return g, err
}

// eraseTable walks through a table and deletes the guest's rows.
func (s *Store) eraseTable(ctx context.Context, table erased, guest hotel.GuestID, counts map[string]int64) error {
	first, last, err := bounds(ctx, opErase, table.bounds)
	if err != nil {
		return err
	}
	for after := first - 1; after < last; after += eraseStretch {
		found, err := collect(ctx, opErase, table.find, func(rows *sql.Rows) (r named, err error) {
			return r, rows.Scan(&r.id, &r.key)
		}, after, after+eraseStretch, string(guest))
		if err != nil {
			return err
		}
		if err := s.eraseRows(ctx, table, guest, found, counts); err != nil {
			return err
		}
	}
	return nil
}

// named is a row that is to go; key is an outbox row's.
type named struct {
	id  int64
	key hotel.Key
}

// eraseRows deletes rows in slices. With them the floor of orders is written, so
// that none of theirs is ever given again.
func (s *Store) eraseRows(ctx context.Context, table erased, guest hotel.GuestID, rows []named, counts map[string]int64) error {
	if len(rows) == 0 {
		return nil
	}
	at, n := 0, int64(0)
	err := s.slices(ctx, opErase, func(w *writer) (bool, error) {
		row := rows[at]
		at++
		gone, err := table.delete(w).change(row.id, string(guest))
		n += gone
		w.rows.remove(row.key)
		return at < len(rows), err
	}, func(w *writer) error { return w.sql.meta.exec("order_floor", formatFloor(w.order)) })
	if n > 0 && err == nil {
		counts[table.what] += n
	}
	return err
}

// erase deletes the last of a guest, and says so in the audit.
func (w *writer) erase(guest hotel.GuestID, g guestRow, counts map[string]int64, now time.Time) error {
	handoffs, err := w.sql.unhandOff.change(string(guest))
	if err != nil {
		return err
	}
	if handoffs > 0 {
		counts[rule.WhatHandoff] = handoffs
	}
	if err := w.sql.resume.exec("", string(guest)); err != nil { // a pause is of nobody then
		return err
	}
	if err := w.sql.unguest.exec(g.n); err != nil {
		return err
	}
	counts[rule.WhatGuest] = 1
	w.guests.remove(guest)
	if err := w.sql.meta.exec("guest_floor", formatFloor(w.guestN)); err != nil {
		return err
	}
	return w.note(hotel.AuditEntry{At: now, By: "engine", What: hotel.AuditErased, Guest: guest, Counts: counts})
}

// bounds of a table's ids; last is less than first in an empty one.
func bounds(ctx context.Context, op string, q *sql.Stmt) (first, last int64, err error) {
	if err := q.QueryRowContext(ctx).Scan(&first, &last); err != nil {
		return 0, 0, away(op, err)
	}
	return first, last, nil
}
