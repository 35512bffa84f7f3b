package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/conserje/conserje/hotel"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Newest asks Migrate for the newest version.
const Newest int64 = -1

// Migration is one step of the database's versions.
type Migration struct {
	Version int64     `json:"version"`
	Name    string    `json:"name"`
	Applied time.Time `json:"applied,omitzero"` // zero while it waits
}

// migrator is goose on connections of its own, past the pooler when there is a
// way. Engines that start at once take turns by a table: a session's lock does
// not survive a pooler in transaction mode.
type migrator struct {
	db *sql.DB
	*goose.Provider
}

func newMigrator(c Config) (*migrator, error) {
	conf, err := pgx.ParseConfig(c.DirectDSN)
	if err != nil {
		return nil, redacted(err)
	}
	tune(&conf.Config, c)
	// goose's statements are run once: nothing is gained by preparing them, and a pooler may keep none.
	conf.DefaultQueryExecMode = pgx.QueryExecModeExec
	db := stdlib.OpenDB(*conf)
	db.SetMaxOpenConns(4)
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(100*time.Millisecond, 3000), lock.WithTableLeaseDuration(time.Minute))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithDisableGlobalRegistry(true), goose.WithLocker(locker))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &migrator{db: db, Provider: p}, nil
}

func (m *migrator) close() error { return m.db.Close() }

// migrate brings the database to the newest version. One that is there already
// takes no lock, so engines start beside each other.
func migrate(ctx context.Context, c Config) (err error) {
	m, err := newMigrator(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.readable(ctx, "postgres.Open"); err != nil {
		return err
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = m.claimFormat(ctx)
		}
	}()
	// A step that this build does not know does not stop it: readable has decided.
	if !slices.ContainsFunc(m.ListSources(), func(s *goose.Source) bool { return applied[s.Version].IsZero() }) {
		return nil
	}
	results, err := m.Up(ctx)
	for _, r := range results {
		c.Log.Info("migrated", "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
	}
	return err
}

// Migrate brings the database to a version, forward or back, and returns the
// one it had and the one it has. Going back wants the engines stopped.
func Migrate(ctx context.Context, c Config, version int64) (from, to int64, err error) {
	const op = "postgres.Migrate"
	m, err := newMigrator(c.withDefaults())
	if err != nil {
		return 0, 0, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.readable(ctx, op); err != nil {
		return 0, 0, err
	}
	from, newest, err := m.GetVersions(ctx)
	if err != nil {
		return 0, 0, away(op, err)
	}
	switch {
	case version > newest:
		return from, from, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: errors.New("there is no such version")}
	case from > newest && version >= 0 && version < from: // only who added a step knows how to take it back
		return from, from, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "newer", Err: fmt.Errorf("the database is at version %d, "+
			"and this build knows versions up to %d: go back with the newer build", from, newest)}
	case version < 0:
		_, err = m.Up(ctx)
	case version >= from:
		_, err = m.UpTo(ctx, version)
	default:
		_, err = m.DownTo(ctx, version)
	}
	if err != nil {
		return from, from, away(op, err)
	}
	to, err = m.GetDBVersion(ctx)
	return from, to, err
}

// Migrations lists the steps that this build knows, oldest first, and when each
// was applied. It reads only and takes no lock.
func Migrations(ctx context.Context, c Config) (out []Migration, err error) {
	const op = "postgres.Migrations"
	m, err := newMigrator(c.withDefaults())
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	defer func() { err = errors.Join(err, m.close()) }()
	applied, err := m.applied(ctx)
	if err != nil {
		return nil, away(op, err)
	}
	for _, source := range m.ListSources() {
		number, name, _ := strings.Cut(strings.TrimSuffix(source.Path, ".sql"), "_")
		if _, err := strconv.ParseInt(number, 10, 64); err != nil {
			return nil, away(op, fmt.Errorf("migration %s: %w", source.Path, err))
		}
		out = append(out, Migration{Version: source.Version, Name: name, Applied: applied[source.Version]})
		delete(applied, source.Version)
	}
	for _, version := range slices.Sorted(maps.Keys(applied)) {
		out = append(out, Migration{Version: version, Name: "(of a newer release)", Applied: applied[version]})
	}
	return out, nil
}

// applied reads goose's table, which is not there before the first migration.
func (m *migrator) applied(ctx context.Context) (map[int64]time.Time, error) {
	out := map[int64]time.Time{}
	var there bool
	if err := m.db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there); err != nil || !there {
		return out, err
	}
	rows, err := m.db.QueryContext(ctx, `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied AND version_id > 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		var when time.Time
		if err := rows.Scan(&version, &when); err != nil {
			return nil, err
		}
		out[version] = when.UTC()
	}
	return out, rows.Err()
}
