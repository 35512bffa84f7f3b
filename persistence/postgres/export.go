package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// An export reads exportPage rows of the guest, or a stretch of history, to a page.
const (
	exportPage = 200

	exportGuest   = `SELECT property, version, due, state FROM guests WHERE id = $1`
	exportNames   = `SELECT name FROM aliases WHERE guest = $1 ORDER BY name`
	exportHandoff = `SELECT ` + handoffColumns + ` FROM handoffs WHERE guest = $1`

	exportReservation = `SELECT id::text AS cursor, body FROM reservations WHERE guest = $1 AND id > $2::bigint ORDER BY id LIMIT $3`
	exportTranscript  = `SELECT id::text AS cursor, body FROM transcript WHERE guest = $1 AND id > $2::bigint ORDER BY id LIMIT $3`
	exportLetter      = `SELECT ` + letterColumns + ` FROM letters WHERE guest = $1 AND id > $2::bigint ORDER BY id LIMIT $3`
	exportInbox       = `SELECT id::text AS cursor, key, kind, body, at, consumed FROM inbox WHERE id = ANY (ARRAY(SELECT id FROM
		(SELECT id, guest FROM inbox WHERE id > $2::bigint ORDER BY id LIMIT 20000) part WHERE guest = $1 ORDER BY id LIMIT $3)) ORDER BY id`
	exportOutbox = `SELECT ` + rowColumns + ` FROM outbox WHERE key = ANY (ARRAY(SELECT key FROM
		(SELECT key, guest FROM outbox WHERE key > $2 ORDER BY key LIMIT 20000) part WHERE guest = $1 ORDER BY key LIMIT $3)) ORDER BY key`
	inboxStretch  = `SELECT coalesce((SELECT id::text FROM inbox WHERE id > $1::bigint ORDER BY id OFFSET 19999 LIMIT 1), '')`
	outboxStretch = `SELECT coalesce((SELECT key FROM outbox WHERE key > $1 ORDER BY key OFFSET 19999 LIMIT 1), '')`

	findReservation = `SELECT id, guest, body FROM reservations WHERE id > $1 AND property = $2 ORDER BY id LIMIT $3`
)

const opExport = "postgres.Export"

// part is a table of an export, in the order of its cursor: scan reads a row
// into its cursor and records; stretch tells where a stretch of history ends,
// "" when no more follows. (Of a table that is looked up by guest there is none.)
type part struct {
	what, first, find, stretch string
	scan                       func(rows pgx.Rows) (found, error)
}

type found struct {
	cursor  string
	records []hotel.Record
}

var parts = [...]part{
	{rule.WhatReservation, "0", exportReservation, "", scanReserved},
	{rule.WhatTranscript, "0", exportTranscript, "", scanSaid},
	{rule.WhatLetter, "0", exportLetter, "", scanDead},
	{rule.WhatInbox, "0", exportInbox, inboxStretch, scanHeard},
	{rule.WhatOutbox, "", exportOutbox, outboxStretch, scanSent},
}

func scanReserved(rows pgx.Rows) (f found, err error) {
	var body []byte
	if err := rows.Scan(&f.cursor, &body); err != nil {
		return f, err
	}
	var r hotel.Reservation
	err = json.Unmarshal(body, &r)
	f.records = []hotel.Record{rule.ReservationRecord(r)}
	return f, err
}

func scanSaid(rows pgx.Rows) (f found, err error) {
	var body []byte
	if err := rows.Scan(&f.cursor, &body); err != nil {
		return f, err
	}
	lines, err := rule.Transcript(body)
	for _, l := range lines {
		f.records = append(f.records, rule.TranscriptRecord(l))
	}
	return f, err
}

func scanDead(rows pgx.Rows) (found, error) {
	l, err := letter(rows)
	return found{strconv.FormatInt(l.ID, 10), []hotel.Record{rule.LetterRecord(l)}}, err
}

func scanHeard(rows pgx.Rows) (f found, err error) {
	var r hotel.InboxRow
	var when, consumed int64
	err = rows.Scan(&f.cursor, (*string)(&r.Key), (*string)(&r.Kind), &r.Body, &when, &consumed)
	r.At = at(when)
	f.records = []hotel.Record{rule.InboxRecord(r, at(consumed))}
	return f, err
}

func scanSent(rows pgx.Rows) (found, error) {
	r, err := scanOutbox(rows)
	return found{string(r.Key), []hotel.Record{rule.OutboxRecord(r)}}, err
}

// Export reads a page of what is kept of a guest: the guest itself first, then
// "<table>:<cursor that the page before ended with>".
func (s *Store) Export(ctx context.Context, guest hotel.GuestID, page string) (hotel.ExportPage, error) {
	head, err := s.exportHead(ctx, guest)
	if err != nil {
		return hotel.ExportPage{}, err
	}
	if page == "" {
		return hotel.ExportPage{Records: head, Next: parts[0].what + ":" + parts[0].first}, nil
	}
	what, after, ok := strings.Cut(page, ":")
	i := slices.IndexFunc(parts[:], func(p part) bool { return p.what == what })
	if _, err := strconv.ParseInt(after, 10, 64); i < 0 || !ok || err != nil && parts[i].first != "" {
		return hotel.ExportPage{}, rule.Err(opExport, hotel.Invalid, "no such page")
	}
	records, next, err := s.exportPart(ctx, parts[i], guest, after)
	if err != nil {
		return hotel.ExportPage{}, err
	}
	out := hotel.ExportPage{Records: records}
	switch {
	case next != "":
		out.Next = what + ":" + next
	case i+1 < len(parts):
		out.Next = parts[i+1].what + ":" + parts[i+1].first
	}
	return out, nil
}

// exportPart reads a page of a table; next is where the next begins, "" when this was the last.
func (s *Store) exportPart(ctx context.Context, p part, guest hotel.GuestID, after string) (records []hotel.Record, next string, err error) {
	if p.stretch != "" { // its end first: what arrives meanwhile is on the next page
		ends, err := collect(ctx, s, opExport, func(rows pgx.Rows) (end string, err error) { return end, rows.Scan(&end) }, p.stretch, after)
		if next, err = one(ends, err, opExport, "no end"); err != nil {
			return nil, "", err
		}
	}
	rows, err := collect(ctx, s, opExport, p.scan, p.find, string(guest), after, exportPage)
	if err != nil {
		return nil, "", err
	}
	for _, r := range rows {
		records = append(records, r.records...)
	}
	if len(rows) == exportPage {
		next = rows[exportPage-1].cursor
	}
	return records, next, nil
}

// exportHead reads what a guest has one of, or few.
func (s *Store) exportHead(ctx context.Context, guest hotel.GuestID) ([]hotel.Record, error) {
	out, err := collect(ctx, s, opExport, func(rows pgx.Rows) (hotel.Record, error) {
		g := hotel.GuestRecord{ID: guest}
		var due int64
		err := rows.Scan((*string)(&g.Property), &g.Version, &due, &g.State)
		g.Due = at(due)
		return rule.GuestRecord(g), err
	}, exportGuest, string(guest))
	if _, err := one(out, err, opExport, "no such guest"); err != nil {
		return nil, err
	}
	names, err := collect(ctx, s, opExport, func(rows pgx.Rows) (hotel.Record, error) {
		var name string
		err := rows.Scan(&name)
		_, name, _ = strings.Cut(name, aliasSeparator)
		kind, value, _ := strings.Cut(name, aliasSeparator)
		return rule.AliasRecord(hotel.Alias{Kind: hotel.AliasKind(kind), Value: value}), err
	}, exportNames, string(guest))
	if err != nil {
		return nil, err
	}
	handoffs, err := collect(ctx, s, opExport, func(rows pgx.Rows) (hotel.Record, error) {
		h, err := scanHandoff(rows)
		return rule.HandoffRecord(h), err
	}, exportHandoff, string(guest))
	return slices.Concat(out, names, handoffs), err
}

// FindGuests finds guests by an outside name, or by what a reservation of ours
// holds: there are far fewer of those than of messages, and they are walked through.
func (s *Store) FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	const op = "postgres.FindGuests"
	var names []string
	for _, a := range rule.AliasesOf(value) {
		names = append(names, aliasName(property, a))
	}
	out, err := collect(ctx, s, op, func(rows pgx.Rows) (id hotel.GuestID, err error) { return id, rows.Scan(nil, (*string)(&id)) }, readAliases, names)
	if err != nil {
		return nil, err
	}
	for after := int64(0); ; {
		rows, err := collect(ctx, s, op, func(rows pgx.Rows) (h holder, err error) {
			var body []byte
			if err := rows.Scan(&h.id, (*string)(&h.guest), &body); err != nil {
				return h, err
			}
			return h, json.Unmarshal(body, &h.reservation)
		}, findReservation, after, string(property), rule.DefaultLimit)
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
