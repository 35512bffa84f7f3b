package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
	"github.com/conserje/conserje/persistence/transfer"
)

const opRows = "sqlite.Rows"

// Rows is a folder's whole content, for a copy into another store or from one.
// It holds the folder's lock until it is closed.
type Rows struct {
	*transfer.SQL
	done func() error
}

// OpenRows opens the store of a folder that no engine holds, at the newest
// version. With fresh the folder may be missing, and gets a store that is empty.
// hotel.NotFound: there is none.
func OpenRows(ctx context.Context, c Config, fresh bool) (*Rows, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if fresh {
		if err := establish(c.Dir); err != nil {
			return nil, err
		}
	}
	db, done, err := offline(ctx, opRows, c.Dir)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, c.Log); err != nil {
		return nil, errors.Join(away(opRows, err), done())
	}
	for _, settle := range []string{execSettleYoung, execEmptyYoung} { // an engine that died leaves some
		if _, err := db.ExecContext(ctx, settle); err != nil {
			return nil, errors.Join(away(opRows, err), done())
		}
	}
	return &Rows{done: done, SQL: &transfer.SQL{
		DB:          db,
		Placeholder: func(int) string { return "?" },
		Named: func(table, column string) string {
			if table == "outbox" && column == "ord" {
				return "id"
			}
			return column
		},
		Extra: func(table string, _ func(string) string) (names, values []string) {
			if table == "outbox" {
				return []string{"owner"}, []string{"''"} // whoever sweeps takes up what is sending
			}
			return nil, nil
		},
		Skip: []string{rule.FormatName},
		Start: func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, execMeta, rule.FormatName, []byte(rule.FormatOfACopy))
			return err
		},
		Finish: func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, `DELETE FROM meta WHERE name = ?`, rule.FormatName)
			return errors.Join(err, claimFormat(ctx, db))
		},
	}}, nil
}

// establish makes a folder with an empty database, unless there is one.
func establish(dir string) error {
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	err = create(filepath.Join(dir, file))
	if err = errors.Join(err, lock.Close()); err != nil {
		return &hotel.Error{Op: opRows, Kind: hotel.Invalid, Err: err}
	}
	return nil
}

// Close frees the folder.
func (r *Rows) Close() error { return r.done() }
