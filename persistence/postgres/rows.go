package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
	"github.com/conserje/conserje/persistence/transfer"
)

const opRows = "postgres.Rows"

// Rows is a database's whole content, for a copy into it or from it.
type Rows struct {
	*transfer.SQL
	db *migrator
}

// identities are the tables whose ids the database gives.
var identities = []string{"letters", "reservations", "transcript", "audit"}

// OpenRows opens a database, at the newest version, on which no engine works.
// hotel.Conflict: one does.
func OpenRows(ctx context.Context, c Config) (*Rows, error) {
	c = c.withDefaults()
	m, err := newMigrator(c)
	if err != nil {
		return nil, &hotel.Error{Op: opRows, Kind: hotel.Invalid, Err: err}
	}
	err = func() error {
		if err := m.readable(ctx, opRows); err != nil {
			return err
		}
		if err := migrate(ctx, c); err != nil {
			return away(opRows, err)
		}
		return idle(ctx, m.db)
	}()
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	return &Rows{db: m, SQL: &transfer.SQL{
		DB:          m.db,
		Placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
		Named: func(table, column string) string {
			if table == "audit" && column == "by" {
				return "who"
			}
			return column
		},
		Write: func(table, column, expression string) string {
			switch {
			case column == "in_doubt":
				return expression + "::bigint <> 0"
			case table == "outbox" && column == "state":
				return expression + "::bigint" // which owner asks for, too
			}
			return expression
		},
		Read: func(_, column, expression string) string {
			if column == "in_doubt" {
				return expression + "::int"
			}
			return expression
		},
		Extra: func(table string, of func(string) string) (names, values []string) {
			if table == "outbox" { // an engine that is nowhere: the first one takes its claims over
				return []string{"owner"}, []string{"CASE WHEN " + of("state") + "::bigint = 1 THEN 'copied' ELSE '' END"}
			}
			return nil, nil
		},
		Identity: func(table string) string {
			if slices.Contains(identities, table) {
				return "OVERRIDING SYSTEM VALUE"
			}
			return ""
		},
		Skip: []string{rule.FormatName},
		Start: func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, writeFormat, rule.FormatName, []byte(rule.FormatOfACopy))
			return err
		},
		Finish: func(ctx context.Context, db *sql.DB) error { return errors.Join(countOn(ctx, db), m.release(ctx)) },
	}}, nil
}

// idle refuses a database on which an engine works.
func idle(ctx context.Context, db *sql.DB) error {
	var engines int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM engines WHERE NOT gone`).Scan(&engines); err != nil {
		return away(opRows, err)
	}
	if engines > 0 {
		return &hotel.Error{Op: opRows, Kind: hotel.Conflict, Err: fmt.Errorf("%d engines work on the database, or were killed there: stop them; "+
			"of one that was killed delete the row in the table engines", engines)}
	}
	return nil
}

// countOn sets the counters behind what was loaded.
func countOn(ctx context.Context, db *sql.DB) error {
	queries := []string{`SELECT setval('orders', greatest((SELECT coalesce(max(id), 0) FROM inbox), (SELECT coalesce(max(ord), 0) FROM outbox),
		coalesce((SELECT ('x' || encode(value, 'hex'))::bit(64)::bigint FROM meta WHERE name = 'order_floor' AND length(value) = 8), 0), 1))`}
	for _, table := range identities {
		queries = append(queries, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', 'id'), (SELECT greatest(coalesce(max(id), 0), 1) FROM %[1]s))`, table))
	}
	for _, query := range queries {
		if _, err := db.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the connections.
func (r *Rows) Close() error { return r.db.close() }
