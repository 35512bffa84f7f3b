package postgres

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// The readers' queries.
const (
	readActivation = `SELECT g.property, g.version, g.state, g.due, g.panics, g.parked, i.id, i.key, i.kind, i.body, i.at
		FROM guests g LEFT JOIN inbox i ON i.guest = g.id AND i.consumed = 0 WHERE g.id = $1 ORDER BY i.id LIMIT $2`
	rowColumns      = outboxColumns + `, note, body`
	readRow         = `SELECT ` + rowColumns + ` FROM outbox WHERE key = $1`
	readTranscript  = `SELECT body FROM transcript WHERE guest = $1 ORDER BY id DESC LIMIT $2`
	letterWanted    = `at <= $2 AND at > $3 AND strpos(lower(reason), lower($4)) > 0`
	readLetters     = `SELECT ` + letterColumns + ` FROM letters WHERE ` + letterWanted + ` ORDER BY id DESC LIMIT $1`
	readOpenLetters = `SELECT ` + letterColumns + ` FROM letters WHERE closed = 0 AND ` + letterWanted + ` ORDER BY id DESC LIMIT $1`
	readLetter      = `SELECT ` + letterColumns + ` FROM letters WHERE id = $1`
	readReservation = `SELECT body FROM reservations WHERE $1 IN ('', property) ORDER BY id DESC LIMIT $2`
	handoffColumns  = `guest, property, state, cause, name, address, opened, staff, heard`
	readHandoffs    = `SELECT ` + handoffColumns + ` FROM handoffs WHERE $1 IN ('', property) ORDER BY state = 'closed', opened DESC LIMIT $2`

	readOpenHandoffs = `SELECT ` + handoffColumns + ` FROM handoffs WHERE $1 IN ('', property) AND state <> 'closed' ORDER BY opened DESC LIMIT $2`
)

// collect runs a query and scans its rows.
func collect[T any](ctx context.Context, s *Store, op string, scan func(rows pgx.Rows) (T, error), query string, args ...any) ([]T, error) {
	if err := s.open(op); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.StatementTimeout)
	defer cancel()
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, classify(op, err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, away(op, err)
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, classify(op, err)
	}
	return out, nil
}

// one is a list's only element. hotel.NotFound: it has none.
func one[T any](list []T, err error, op, none string) (T, error) {
	if err == nil && len(list) == 0 {
		err = rule.Err(op, hotel.NotFound, none)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return list[0], nil
}

// Activate reads a guest's snapshot and its oldest unconsumed rows, in one statement.
func (s *Store) Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error) {
	const op = "postgres.Activate"
	limit = rule.Limit(limit)
	out := hotel.Activation{Guest: hotel.GuestRecord{ID: id}}
	rows, err := collect(ctx, s, op, func(rows pgx.Rows) (row hotel.InboxRow, err error) {
		var due, parked int64
		var order, when *int64
		var key, kind *string
		g := &out.Guest
		err = rows.Scan((*string)(&g.Property), &g.Version, &g.State, &due, &g.Panics, &parked, &order, &key, &kind, &row.Body, &when)
		g.Due, g.Parked = at(due), at(parked)
		if order != nil {
			row.Order, row.Key, row.Guest, row.Kind, row.At = *order, hotel.Key(*key), id, hotel.RowKind(*kind), at(*when)
		}
		return row, err
	}, readActivation, string(id), limit+1)
	if _, err := one(rows, err, op, "no such guest"); err != nil {
		return hotel.Activation{}, err
	}
	if rows[0].Key == "" {
		return out, nil
	}
	out.More = len(rows) > limit
	out.Pending = rows[:min(limit, len(rows))]
	return out, nil
}

// Guest reads one guest's record.
func (s *Store) Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error) {
	a, err := s.Activate(ctx, id, 1)
	return a.Guest, err
}

// scanOutbox reads rowColumns.
func scanOutbox(rows pgx.Rows) (r hotel.OutboxRow, err error) {
	err = scanRow(rows, &r, &r.Note)
	return r, err
}

// Row reads an outbox row.
func (s *Store) Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error) {
	const op = "postgres.Row"
	rows, err := collect(ctx, s, op, scanOutbox, readRow, string(key))
	return one(rows, err, op, "no such row")
}

// Transcript reads what was said with a guest, oldest first, the last limit lines.
func (s *Store) Transcript(ctx context.Context, guest hotel.GuestID, limit int) ([]hotel.TranscriptLine, error) {
	limit = rule.Limit(limit)
	turns, err := collect(ctx, s, "postgres.Transcript", func(rows pgx.Rows) ([]hotel.TranscriptLine, error) {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		return rule.Transcript(body)
	}, readTranscript, string(guest), limit)
	if err != nil {
		return nil, err
	}
	slices.Reverse(turns)
	lines := slices.Concat(turns...)
	return lines[max(0, len(lines)-limit):], nil
}

// Reservations lists reservations of ours, newest first.
func (s *Store) Reservations(ctx context.Context, property hotel.PropertyID, limit int) ([]hotel.Reservation, error) {
	return collect(ctx, s, "postgres.Reservations", func(rows pgx.Rows) (r hotel.Reservation, err error) {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return r, err
		}
		return r, json.Unmarshal(body, &r)
	}, readReservation, string(property), rule.Limit(limit))
}

// Handoffs lists handoffs: those that are not closed first, newest first.
func (s *Store) Handoffs(ctx context.Context, property hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error) {
	query := readHandoffs
	if openOnly {
		query = readOpenHandoffs
	}
	return collect(ctx, s, "postgres.Handoffs", scanHandoff, query, string(property), rule.Limit(limit))
}

// scanHandoff reads handoffColumns.
func scanHandoff(rows pgx.Rows) (h hotel.HandoffRecord, err error) {
	var opened, staff, heard int64
	err = rows.Scan((*string)(&h.Guest), (*string)(&h.Property), (*string)(&h.State), (*string)(&h.Cause), &h.Name, &h.Address, &opened, &staff, &heard)
	h.Opened, h.Staff, h.Heard = at(opened), at(staff), at(heard)
	return h, err
}
