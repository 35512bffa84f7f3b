package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/migration"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Newest asks Migrate for the newest version.
const Newest = migration.Newest

// Migration is one step of the database's versions.
type Migration = migration.Step

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
	sub, err := fs.Sub(migrations, migration.Folder)
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
// takes no lock, so engines start beside each other. Who only looks leaves it as
// it is, and is refused when it is older: engines may be at work on it.
func migrate(ctx context.Context, c Config) (err error) {
	const op = "postgres.Open"
	m, err := newMigrator(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.readable(ctx, op); err != nil {
		return err
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return err
	}
	// A step that this build does not know does not stop it: readable has decided.
	waiting := m.waiting(applied)
	if c.NoMigrate {
		if waiting {
			return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: codeOlder, Err: errOlder}
		}
		return nil
	}
	if waiting {
		results, err := m.Up(ctx)
		for _, r := range results {
			c.Log.Info("migrated", "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
		}
		if err != nil {
			return err
		}
	}
	return m.claimFormat(ctx)
}

// codeOlder is the Code of a database that this build would have to migrate.
const codeOlder = "older"

var errOlder = errors.New("the database is of an older release: conserje migrate up, or an engine of this release, brings it forward")

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
	return migration.Move(ctx, op, m.Provider, version)
}

// Migrations lists the steps that this build knows, and those of a newer one,
// and when each was applied. It reads only and takes no lock.
func Migrations(ctx context.Context, c Config) (out []Migration, err error) {
	const op = "postgres.Migrations"
	m, err := newMigrator(c.withDefaults())
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	defer func() { err = errors.Join(err, m.close()) }()
	known, err := migration.Known(migrations)
	if err != nil {
		return nil, away(op, err)
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return nil, away(op, err)
	}
	return migration.List(known, applied), nil
}

func (m *migrator) applied(ctx context.Context) (map[int64]time.Time, error) {
	return migration.Applied(ctx, m.db, `SELECT to_regclass('goose_db_version') IS NOT NULL`)
}

// waiting tells whether a step that this build knows has not been applied.
func (m *migrator) waiting(applied map[int64]time.Time) bool {
	return slices.ContainsFunc(m.ListSources(), func(s *goose.Source) bool { return applied[s.Version].IsZero() })
}
