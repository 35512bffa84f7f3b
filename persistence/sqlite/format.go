package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/conserje/conserje/persistence/internal/rule"
)

// readable refuses a database that a newer release wrote, before anything of
// it is changed.
func readable(ctx context.Context, op string, db *sql.DB) error {
	kept, err := format(ctx, db)
	if err != nil {
		return away(op, err)
	}
	return rule.CheckFormat(op, rule.FormatReads, kept)
}

// format is what the database keeps under rule.FormatName; nil before the first migration.
func format(ctx context.Context, db *sql.DB) (kept []byte, err error) {
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'`).Scan(&tables)
	if err != nil || tables == 0 {
		return nil, err
	}
	err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, rule.FormatName).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return kept, err
}

// claimFormat names who may read what this release writes, before it writes.
func claimFormat(ctx context.Context, db *sql.DB) error {
	kept, err := format(ctx, db)
	if err != nil {
		return err
	}
	next, changed := rule.NextFormat(kept, rule.FormatNeeds)
	if !changed {
		return nil
	}
	_, err = db.ExecContext(ctx, execMeta, rule.FormatName, next)
	return err
}
