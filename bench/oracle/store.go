package oracle

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	_ "modernc.org/sqlite"             // the driver named "sqlite"
)

// InboxRow is an inbox row as the oracle needs it.
type InboxRow struct {
	Key, Guest, Kind string
	ID               string // wamid of a message
	Order            int64
	Consumed         bool
}

// OutboxRow is an outbox row as the oracle needs it.
type OutboxRow struct {
	Key, Guest, Kind string
	Order            int64
	Settled          bool
	Dead             bool
	Attempt          int // requests that left
}

// Store is what the engine left behind.
type Store struct {
	Inbox        []InboxRow
	Outbox       []OutboxRow
	Reservations int // live ones of ours
	Letters      int
	Reason       string // of one of them
	Unreasoned   int    // that have none
}

// States of rows, in either store.
const (
	settledState = 2
	deadState    = 3
)

// ReadStore reads a drained engine's data folder.
func ReadStore(ctx context.Context, dir string) (s Store, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "conserje.db")+"?mode=ro")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return read(ctx, db, "id")
}

// ReadPostgres reads a PostgreSQL database that no engine works on.
func ReadPostgres(ctx context.Context, dsn string) (s Store, err error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return read(ctx, db, "ord")
}

// read reads either store; order is the column of the outbox's order.
func read(ctx context.Context, db *sql.DB, order string) (s Store, err error) {
	err = errors.Join(
		each(ctx, db, "SELECT key, guest, kind, id, consumed, body FROM inbox ORDER BY id", func(scan func(...any) error) error {
			var r InboxRow
			var body []byte
			var consumed int64
			if err := scan(&r.Key, &r.Guest, &r.Kind, &r.Order, &consumed, &body); err != nil {
				return err
			}
			var m struct {
				ID string `json:"message_id"`
			}
			if r.Kind == "said" {
				if err := json.Unmarshal(body, &m); err != nil {
					return fmt.Errorf("row %s: %w", r.Key, err)
				}
			}
			r.ID, r.Consumed = m.ID, consumed != 0
			s.Inbox = append(s.Inbox, r)
			return nil
		}),
		each(ctx, db, "SELECT key, guest, kind, "+order+", state, attempt FROM outbox ORDER BY "+order, func(scan func(...any) error) error {
			var r OutboxRow
			var state int
			err := scan(&r.Key, &r.Guest, &r.Kind, &r.Order, &state, &r.Attempt)
			r.Settled, r.Dead = state == settledState, state == deadState
			s.Outbox = append(s.Outbox, r)
			return err
		}),
		each(ctx, db, "SELECT count(*), coalesce(max(reason), ''), count(*) - count(nullif(reason, '')) FROM letters WHERE closed = 0", func(scan func(...any) error) error {
			return scan(&s.Letters, &s.Reason, &s.Unreasoned)
		}),
		each(ctx, db, "SELECT body FROM reservations", func(scan func(...any) error) error {
			var body []byte
			if err := scan(&body); err != nil {
				return err
			}
			var r struct {
				Status string `json:"status"`
			}
			if err := json.Unmarshal(body, &r); err != nil {
				return err
			}
			if r.Status == "booked" {
				s.Reservations++
			}
			return nil
		}),
	)
	return s, err
}

func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
