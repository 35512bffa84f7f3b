package main

import (
	"context"

	"github.com/conserje/conserje/config"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
)

// schema is the database of the store that the settings name, as migrate sees it.
type schema struct {
	where string // for people
	list  func(context.Context) ([]sqlite.Migration, error)
	to    func(ctx context.Context, version int64) (from, to int64, err error)
	err   func(error) error // in the words of who types the command
}

// newest asks for the newest version, of either store.
const newest = sqlite.Newest

func schemaOf(cfg *config.Config) schema {
	if cfg.SharedStore() {
		c := postgresConfig(cfg)
		return schema{
			where: "PostgreSQL",
			list:  func(ctx context.Context) ([]sqlite.Migration, error) { return postgres.Migrations(ctx, c) },
			to:    func(ctx context.Context, v int64) (int64, int64, error) { return postgres.Migrate(ctx, c, v) },
			err:   sharedError,
		}
	}
	dir := cfg.General.DataDir
	return schema{
		where: dir,
		list:  func(ctx context.Context) ([]sqlite.Migration, error) { return sqlite.Migrations(ctx, dir) },
		to: func(ctx context.Context, v int64) (int64, int64, error) {
			return sqlite.Migrate(ctx, sqlite.Config{Dir: dir}, v)
		},
		err: func(err error) error { return storeError(dir, err) },
	}
}
