package postgres

import (
	"context"
	"database/sql"
	"errors"

	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	writeFormat = `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	// Of two releases that start at once the one that needs more stays.
	raiseFormat = writeFormat + ` WHERE length(meta.value) < length(excluded.value) OR length(meta.value) = length(excluded.value) AND meta.value < excluded.value`
)

// readable refuses a database that a newer release wrote, before anything of it
// is changed.
func (m *migrator) readable(ctx context.Context, op string) error {
	kept, err := m.format(ctx)
	if err != nil {
		return away(op, err)
	}
	return rule.CheckFormat(op, rule.FormatReads, kept)
}

// format is what the database keeps under rule.FormatName; nil before the first migration.
func (m *migrator) format(ctx context.Context) (kept []byte, err error) {
	var there bool
	if err := m.db.QueryRowContext(ctx, `SELECT to_regclass('meta') IS NOT NULL`).Scan(&there); err != nil || !there {
		return nil, err
	}
	err = m.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = $1`, rule.FormatName).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return kept, err
}

// claimFormat names who may read what this release writes, before it writes.
func (m *migrator) claimFormat(ctx context.Context) error {
	kept, err := m.format(ctx)
	if err != nil {
		return err
	}
	next, changed := rule.NextFormat(kept, rule.FormatNeeds)
	if !changed {
		return nil
	}
	_, err = m.db.ExecContext(ctx, raiseFormat, rule.FormatName, next)
	return err
}

// release ends a copy: engines may start.
func (m *migrator) release(ctx context.Context) error {
	if _, err := m.db.ExecContext(ctx, `DELETE FROM meta WHERE name = $1`, rule.FormatName); err != nil {
		return err
	}
	return m.claimFormat(ctx)
}
