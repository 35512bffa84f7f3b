package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Lists for people are read a page at a time by key, each page in a read
// transaction of its own: while one lasts the log cannot begin anew (a reader
// of 10 s left a log of 1.2 GB). readMost ends one that lasts all the same.
const (
	readMost     = time.Second
	letterPage   = 2000 // without their bodies
	bookingPage  = 500
	handoverPage = 1000

	readReservation = `SELECT id, property, body FROM reservations WHERE id < ? ORDER BY id DESC LIMIT ?`
	readHandoffs    = `SELECT ` + handoffColumns + ` FROM handoffs WHERE guest > ? ORDER BY guest LIMIT ?`
	handoffColumns  = `guest, property, state, cause, name, address, opened, staff, heard`
)

// page is collect in a read transaction that does not last.
func page[T any](ctx context.Context, op string, q *sql.Stmt, scan func(rows *sql.Rows) (T, error), args ...any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, readMost)
	defer cancel()
	return collect(ctx, op, q, scan, args...)
}

const beyond = int64(1<<63 - 1) // above every id

// Reservations lists reservations of ours, newest first.
func (s *Store) Reservations(ctx context.Context, property hotel.PropertyID, limit int) ([]hotel.Reservation, error) {
	limit = rule.Limit(limit)
	var out []hotel.Reservation
	for before, more := beyond, true; more && len(out) < limit; {
		bodies, err := page(ctx, "sqlite.Reservations", s.read.reservations, func(rows *sql.Rows) (body []byte, err error) {
			var of hotel.PropertyID
			if err = rows.Scan(&before, &of, &body); property != "" && property != of {
				body = nil
			}
			return body, err
		}, before, bookingPage)
		if err != nil {
			return nil, err
		}
		more = len(bodies) == bookingPage
		for _, body := range bodies {
			if body == nil || len(out) == limit {
				continue
			}
			var r hotel.Reservation
			if err := json.Unmarshal(body, &r); err != nil {
				return nil, away("sqlite.Reservations", err)
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// Handoffs lists handoffs: those that are not closed first, newest first.
func (s *Store) Handoffs(ctx context.Context, property hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error) {
	const op = "sqlite.Handoffs"
	limit = rule.Limit(limit)
	if openOnly {
		return page(ctx, op, s.read.openHandoffs, scanHandoff, string(property), limit)
	}
	var out []hotel.HandoffRecord
	for last, more := hotel.GuestID(""), true; more; {
		list, err := page(ctx, op, s.read.handoffs, scanHandoff, string(last), handoverPage)
		if err != nil {
			return nil, err
		}
		if more = len(list) == handoverPage; more {
			last = list[len(list)-1].Guest
		}
		for _, h := range list {
			if property == "" || property == h.Property {
				out = append(out, h)
			}
		}
		slices.SortStableFunc(out, byUrgency)
		out = out[:min(len(out), limit)]
	}
	return out, nil
}

// byUrgency puts open ones first, then the newest.
func byUrgency(a, b hotel.HandoffRecord) int {
	if closed := a.State == hotel.HandoffClosed; closed != (b.State == hotel.HandoffClosed) {
		if closed {
			return 1
		}
		return -1
	}
	return b.Opened.Compare(a.Opened)
}

func scanHandoff(rows *sql.Rows) (h hotel.HandoffRecord, err error) {
	var opened, staff, heard int64
	err = rows.Scan(&h.Guest, &h.Property, &h.State, &h.Cause, &h.Name, &h.Address, &opened, &staff, &heard)
	h.Opened, h.Staff, h.Heard = at(opened), at(staff), at(heard)
	return h, err
}

// DeadLetters lists dead letters, newest first. Their bodies may be 4 MB each:
// each is read by itself.
func (s *Store) DeadLetters(ctx context.Context, q hotel.LetterQuery) (out []hotel.DeadLetter, err error) {
	const op = "sqlite.DeadLetters"
	query := s.read.openLetters
	if q.All {
		query = s.read.letters
	}
	upTo, after, limit := beyond, int64(math.MinInt64), rule.Limit(q.Limit)
	if !q.Before.IsZero() {
		upTo = ms(q.Before)
	}
	if !q.After.IsZero() {
		after = ms(q.After)
	}
	for before, more := beyond, true; more && len(out) < limit; {
		seen := 0
		ids, err := page(ctx, op, query, func(rows *sql.Rows) (id int64, err error) {
			var wanted bool
			seen++
			if err = rows.Scan(&before, &wanted); wanted {
				id = before
			}
			return id, err
		}, upTo, after, q.Reason, before, letterPage)
		if err != nil {
			return nil, err
		}
		more = seen == letterPage
		for _, id := range ids {
			if id == 0 || len(out) == limit {
				continue
			}
			l, err := s.DeadLetter(ctx, id)
			switch {
			case hotel.KindOf(err) == hotel.NotFound: // trimmed meanwhile
			case err != nil:
				return nil, err
			default:
				out = append(out, l)
			}
		}
	}
	return out, nil
}
