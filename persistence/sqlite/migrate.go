package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"github.com/conserje/conserje/persistence/internal/migration"
)

//go:embed migrations/*.sql
var migrations embed.FS

func provider(db *sql.DB) (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, migration.Folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithDisableGlobalRegistry(true))
}

// migrate brings the database to the newest version.
func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	done, err := p.Up(ctx)
	for _, r := range done {
		log.Info("migrated", "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
	}
	return err
}

// Newest asks Migrate for the newest version.
const Newest = migration.Newest

// Migrate brings the database of a folder, which no engine may hold, to a
// version, forward or back, and returns the one it had and the one it has.
func Migrate(ctx context.Context, c Config, version int64) (from, to int64, err error) {
	const op = "sqlite.Migrate"
	lock, err := lockFolder(c.Dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	path := filepath.Join(c.Dir, file)
	if err := create(path); err != nil {
		return 0, 0, away(op, err)
	}
	if err := sized(ctx, path); err != nil {
		return 0, 0, away(op, err)
	}
	db, err := open(path, writerPragmas, 1)
	if err != nil {
		return 0, 0, away(op, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := readable(ctx, op, db); err != nil {
		return 0, 0, err
	}
	p, err := provider(db)
	if err != nil {
		return 0, 0, away(op, err)
	}
	return migration.Move(ctx, op, p, version)
}
