package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// An export reads a table's stretch, or exportPage rows of the guest, to a
// page: no read lasts so long that the log cannot be begun anew.
const (
	exportPage = 200

	exportGuest       = `SELECT property, version, due, state FROM guests WHERE id = ?`
	exportNames       = queryNames + ` ORDER BY name`
	exportHandoff     = `SELECT guest, property, state, cause, name, address, opened, staff, heard FROM handoffs WHERE guest = ?`
	exportReservation = `SELECT id, body FROM reservations WHERE id > ? AND id <= ? AND guest = ? ORDER BY id LIMIT ?`
	exportTranscript  = `SELECT id, body FROM transcript INDEXED BY transcript_guest WHERE id > ? AND id <= ? AND guest = ? ORDER BY id LIMIT ?`
	exportLetter      = `SELECT ` + letterColumns + ` FROM letters WHERE id > ? AND id <= ? AND guest = ? ORDER BY id LIMIT ?`
	exportInbox       = `SELECT id, key, guest, kind, body, at, consumed FROM inbox WHERE id > ? AND id <= ? AND guest = ? ORDER BY id LIMIT ?`
	exportOutbox      = `SELECT ` + rowColumns + ` FROM outbox WHERE id > ? AND id <= ? AND guest = ? ORDER BY id LIMIT ?`

	findReservation = `SELECT id, guest, body FROM reservations WHERE id > ? AND property = ? ORDER BY id LIMIT ?`
	findName        = `SELECT guest FROM aliases WHERE name = ?`
)

// privacyReads are the readers' statements for exporting, erasing and the audit.
type privacyReads struct {
	erasing, eraseOutbox, eraseInbox, eraseLetter, eraseReserved, eraseTranscript      *sql.Stmt
	boundsOutbox, boundsInbox, boundsLetter, boundsReserved, boundsTranscript          *sql.Stmt
	exGuest, exNames, exHandoff, exReserved, exTranscript, exLetter, exInbox, exOutbox *sql.Stmt
	findReserved, findName, audit                                                      *sql.Stmt
}

func (r *privacyReads) queries() map[string]**sql.Stmt {
	return map[string]**sql.Stmt{
		sweepErasing: &r.erasing, eraseOutbox: &r.eraseOutbox, eraseInbox: &r.eraseInbox, eraseLetter: &r.eraseLetter,
		eraseReservation: &r.eraseReserved, eraseTranscript: &r.eraseTranscript, boundsOutbox: &r.boundsOutbox, boundsInbox: &r.boundsInbox,
		boundsLetter: &r.boundsLetter, boundsReserved: &r.boundsReserved, boundsTranscript: &r.boundsTranscript,
		exportGuest: &r.exGuest, exportNames: &r.exNames, exportHandoff: &r.exHandoff, exportReservation: &r.exReserved,
		exportTranscript: &r.exTranscript, exportLetter: &r.exLetter, exportInbox: &r.exInbox, exportOutbox: &r.exOutbox,
		findReservation: &r.findReserved, findName: &r.findName, readAudit: &r.audit,
	}
}

const opExport = "sqlite.Export"

// part is a table of an export: scan reads a row into its id and records.
type part struct {
	what         string
	bounds, find *sql.Stmt
	scan         func(rows *sql.Rows) (found, error)
}

type found struct {
	id      int64
	records []hotel.Record
}

func (s *Store) parts() []part {
	r := s.read
	return []part{
		{rule.WhatReservation, r.boundsReserved, r.exReserved, scanReserved},
		{rule.WhatTranscript, r.boundsTranscript, r.exTranscript, scanSaid},
		{rule.WhatLetter, r.boundsLetter, r.exLetter, func(rows *sql.Rows) (found, error) {
			l, err := scanLetter(rows)
			return found{l.ID, []hotel.Record{rule.LetterRecord(l)}}, err
		}},
		{rule.WhatInbox, r.boundsInbox, r.exInbox, scanHeard},
		{rule.WhatOutbox, r.boundsOutbox, r.exOutbox, func(rows *sql.Rows) (found, error) {
			row, err := scanRow(rows)
			return found{row.Order, []hotel.Record{rule.OutboxRecord(row)}}, err
		}},
	}
}

func scanReserved(rows *sql.Rows) (f found, err error) {
	var body []byte
	if err := rows.Scan(&f.id, &body); err != nil {
		return f, err
	}
	var r hotel.Reservation
	err = json.Unmarshal(body, &r)
	f.records = []hotel.Record{rule.ReservationRecord(r)}
	return f, err
}

func scanSaid(rows *sql.Rows) (f found, err error) {
	var body []byte
	if err := rows.Scan(&f.id, &body); err != nil {
		return f, err
	}
	lines, err := rule.Transcript(body)
	for _, l := range lines {
		f.records = append(f.records, rule.TranscriptRecord(l))
	}
	return f, err
}

func scanHeard(rows *sql.Rows) (found, error) {
	var r hotel.InboxRow
	var when, consumed int64
	err := rows.Scan(&r.Order, &r.Key, &r.Guest, &r.Kind, &r.Body, &when, &consumed)
	r.At = at(when)
	return found{r.Order, []hotel.Record{rule.InboxRecord(r, at(consumed))}}, err
}

// Export reads a page of what is kept of a guest: the guest itself first, then
// "<table>:<id that the page before ended with>".
func (s *Store) Export(ctx context.Context, guest hotel.GuestID, page string) (hotel.ExportPage, error) {
	head, err := s.exportHead(ctx, guest)
	if err != nil {
		return hotel.ExportPage{}, err
	}
	parts := s.parts()
	if page == "" {
		return hotel.ExportPage{Records: head, Next: parts[0].what + ":0"}, nil
	}
	what, id, _ := strings.Cut(page, ":")
	i := slices.IndexFunc(parts, func(p part) bool { return p.what == what })
	after, err := strconv.ParseInt(id, 10, 64)
	if i < 0 || err != nil {
		return hotel.ExportPage{}, rule.Err(opExport, hotel.Invalid, "no such page")
	}
	records, after, err := exportPart(ctx, parts[i], guest, after)
	if err != nil {
		return hotel.ExportPage{}, err
	}
	out := hotel.ExportPage{Records: records}
	switch {
	case after > 0:
		out.Next = what + ":" + strconv.FormatInt(after, 10)
	case i+1 < len(parts):
		out.Next = parts[i+1].what + ":0"
	}
	return out, nil
}

// exportPart reads a stretch of a table; next is where the next begins, 0 when this was the last.
func exportPart(ctx context.Context, p part, guest hotel.GuestID, after int64) (records []hotel.Record, next int64, err error) {
	first, last, err := bounds(ctx, opExport, p.bounds)
	if err != nil {
		return nil, 0, err
	}
	after = max(after, first-1)
	until := after + eraseStretch
	rows, err := collect(ctx, opExport, p.find, p.scan, after, until, string(guest), exportPage)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		records = append(records, r.records...)
	}
	if len(rows) == exportPage {
		until = rows[exportPage-1].id
	}
	if until >= last {
		return records, 0, nil
	}
	return records, until, nil
}

// exportHead reads what a guest has one of, or few.
func (s *Store) exportHead(ctx context.Context, guest hotel.GuestID) ([]hotel.Record, error) {
	out, err := collect(ctx, opExport, s.read.exGuest, func(rows *sql.Rows) (hotel.Record, error) {
		g := hotel.GuestRecord{ID: guest}
		var due int64
		err := rows.Scan(&g.Property, &g.Version, &due, &g.State)
		g.Due = at(due)
		return rule.GuestRecord(g), err
	}, string(guest))
	if _, err := one(out, err, opExport, "no such guest"); err != nil {
		return nil, err
	}
	names, err := collect(ctx, opExport, s.read.exNames, func(rows *sql.Rows) (hotel.Record, error) {
		var name string
		err := rows.Scan(&name)
		_, name, _ = strings.Cut(name, aliasSeparator)
		kind, value, _ := strings.Cut(name, aliasSeparator)
		return rule.AliasRecord(hotel.Alias{Kind: hotel.AliasKind(kind), Value: value}), err
	}, string(guest))
	if err != nil {
		return nil, err
	}
	handoffs, err := collect(ctx, opExport, s.read.exHandoff, func(rows *sql.Rows) (hotel.Record, error) {
		h, err := scanHandoff(rows)
		return rule.HandoffRecord(h), err
	}, string(guest))
	return slices.Concat(out, names, handoffs), err
}

// FindGuests finds guests by an outside name, or by what a reservation of ours
// holds: there are far fewer of those than of messages, and they are walked through.
func (s *Store) FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	const op = "sqlite.FindGuests"
	var out []hotel.GuestID
	for _, a := range rule.AliasesOf(value) {
		ids, err := collect(ctx, op, s.read.findName, scanGuest, aliasName(property, a))
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	for after := int64(0); ; {
		rows, err := collect(ctx, op, s.read.findReserved, func(rows *sql.Rows) (f holder, err error) {
			var body []byte
			if err := rows.Scan(&f.id, &f.guest, &body); err != nil {
				return f, err
			}
			return f, json.Unmarshal(body, &f.reservation)
		}, after, string(property), rule.DefaultLimit)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if rule.Holds(r.reservation, value) {
				out = append(out, r.guest)
			}
		}
		if len(rows) < rule.DefaultLimit {
			slices.Sort(out)
			return slices.Compact(out), nil
		}
		after = rows[len(rows)-1].id
	}
}

type holder struct {
	id          int64
	guest       hotel.GuestID
	reservation hotel.Reservation
}
