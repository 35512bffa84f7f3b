package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/conserje/conserje/persistence/internal/migration"
)

// Migration is one step of the database's versions.
type Migration = migration.Step

// Migrations lists the steps that this build knows, oldest first, and when each
// was applied to the folder's database; then those of a newer release, which it
// leaves alone. It reads only and takes no lock, so it
// may be asked beside a running engine; a folder without a database has none applied.
func Migrations(ctx context.Context, dir string) ([]Migration, error) {
	const op = "sqlite.Migrations"
	known, err := migration.Known(migrations)
	if err != nil {
		return nil, away(op, err)
	}
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	db, err := open(path, readerPragmas, 1)
	if err != nil {
		return nil, away(op, err)
	}
	applied, err := appliedAt(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, away(op, err)
	}
	return migration.List(known, applied), nil
}

func appliedAt(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	return migration.Applied(ctx, db, `SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`)
}
