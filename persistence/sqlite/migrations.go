package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Migration is one step of the database's versions.
type Migration struct {
	Version int64     `json:"version"`
	Name    string    `json:"name"`
	Applied time.Time `json:"applied,omitzero"` // zero while it waits
}

// Migrations lists the steps that this build knows, oldest first, and when each
// was applied to the folder's database; then those of a newer release, which it
// leaves alone. It reads only and takes no lock, so it
// may be asked beside a running engine; a folder without a database has none applied.
func Migrations(ctx context.Context, dir string) ([]Migration, error) {
	const op = "sqlite.Migrations"
	out, err := known()
	if err != nil {
		return nil, away(op, err)
	}
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	db, err := open(path, readerPragmas, 1)
	if err != nil {
		return nil, away(op, err)
	}
	applied, err := appliedAt(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, away(op, err)
	}
	for i := range out {
		out[i].Applied = applied[out[i].Version]
		delete(applied, out[i].Version)
	}
	delete(applied, 0) // goose's own first row
	for _, version := range slices.Sorted(maps.Keys(applied)) {
		out = append(out, Migration{Version: version, Name: "(of a newer release)", Applied: applied[version]})
	}
	return out, nil
}

// known reads the steps from their files' names: 00001_rows.sql.
func known() ([]Migration, error) {
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	var out []Migration
	for _, f := range files { // sorted by name
		number, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".sql"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		out = append(out, Migration{Version: version, Name: name})
	}
	return out, nil
}

// appliedAt reads goose's table, which is not there before the first migration.
func appliedAt(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	out := map[int64]time.Time{}
	var tables int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`).Scan(&tables)
	if err != nil || tables == 0 {
		return out, err
	}
	rows, err := db.QueryContext(ctx, `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied = 1 ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		var at time.Time
		if err := rows.Scan(&version, &at); err != nil {
			return nil, err
		}
		out[version] = at.UTC()
	}
	return out, rows.Err()
}
