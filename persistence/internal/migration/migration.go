// Package migration is what both databases do alike with their versions: which
// steps there are, when each was applied, and how one goes to another version.
// goose applies them; what differs (locks, pragmas, connections) stays with each store.
package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/conserje/conserje/hotel"
)

// Folder is where the steps lie in a store's embedded files.
const Folder = "migrations"

// Newest asks Move for the newest version.
const Newest int64 = -1

// Step is one step of a database's versions.
type Step struct {
	Version int64     `json:"version"`
	Name    string    `json:"name"`
	Applied time.Time `json:"applied,omitzero"` // zero while it waits
}

// Known reads the steps of a build from their files' names: 00001_rows.sql.
func Known(files fs.FS) ([]Step, error) {
	list, err := fs.ReadDir(files, Folder)
	if err != nil {
		return nil, err
	}
	var out []Step
	for _, f := range list { // sorted by name
		number, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".sql"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		out = append(out, Step{Version: version, Name: name})
	}
	return out, nil
}

// Applied reads when each step was applied. there is the database's question
// whether goose's table is there: before the first migration it is not.
func Applied(ctx context.Context, db *sql.DB, there string) (map[int64]time.Time, error) {
	out := map[int64]time.Time{}
	var is bool
	if err := db.QueryRowContext(ctx, there).Scan(&is); err != nil || !is {
		return out, err
	}
	// goose's own first row has version 0
	rows, err := db.QueryContext(ctx, `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id`)
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

// List is the steps that a build knows, oldest first, each with when it was
// applied; then those of a newer release, which it leaves alone.
func List(known []Step, applied map[int64]time.Time) []Step {
	out, rest := slices.Clone(known), maps.Clone(applied)
	for i := range out {
		out[i].Applied = rest[out[i].Version]
		delete(rest, out[i].Version)
	}
	for _, version := range slices.Sorted(maps.Keys(rest)) {
		out = append(out, Step{Version: version, Name: "(of a newer release)", Applied: rest[version]})
	}
	return out
}

// Move brings a database to a version, forward or back, and returns the one it
// had and the one it has. hotel.Invalid: there is no such version, or only a
// newer build knows the way back. Unavailable: the database refused.
func Move(ctx context.Context, op string, p *goose.Provider, version int64) (from, to int64, err error) {
	away := func(err error) error { return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err} }
	from, newest, err := p.GetVersions(ctx)
	if err != nil {
		return 0, 0, away(err)
	}
	switch {
	case version > newest:
		return from, from, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: errors.New("there is no such version")}
	case from > newest && version >= 0 && version < from: // only who added a step knows how to take it back
		return from, from, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "newer", Err: fmt.Errorf("the database is at version %d, "+
			"and this build knows versions up to %d: go back with the newer build", from, newest)}
	case version < 0:
		_, err = p.Up(ctx)
	case version >= from:
		_, err = p.UpTo(ctx, version)
	default:
		_, err = p.DownTo(ctx, version)
	}
	if err != nil {
		return from, from, away(err)
	}
	to, err = p.GetDBVersion(ctx)
	return from, to, err
}
