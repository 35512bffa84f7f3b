package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	opScrub = "postgres.Scrub"
	// Besides guests' rows these hold what names guests by key or hash.
	ourTables = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose%' ORDER BY 1`
	ourBytes  = `SELECT coalesce(sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass)), 0)::bigint
		FROM pg_tables WHERE schemaname = current_schema()`
)

// Scrubbed tells what a scrub did.
type Scrubbed struct {
	Before, After int64 // bytes of the tables with their indexes
}

// Scrub writes every table anew (VACUUM FULL), so that what their pages still
// held of deleted rows is gone, and says so in the audit. Each table is locked
// meanwhile, so no engine may be at work: quiet is how long the engines' leases
// are watched first, and must be longer than an engine needs to renew one. A
// living engine is hotel.Conflict; an older database hotel.Invalid, with code
// "older". Archived WAL, replicas and backups keep what they have.
func Scrub(ctx context.Context, c Config, quiet time.Duration, by string, now time.Time) (out Scrubbed, err error) {
	c.NoMigrate = true
	s, err := Open(ctx, c)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.nobody(ctx, quiet); err != nil {
		return out, err
	}
	// Past the pooler, and one plain statement at a time: VACUUM stands in no
	// transaction, and lasts longer than any other statement may.
	conf, err := pgx.ParseConfig(s.config.DirectDSN)
	if err != nil {
		return out, &hotel.Error{Op: opScrub, Kind: hotel.Invalid, Err: redacted(err)}
	}
	tune(&conf.Config, s.config)
	conf.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, conf)
	if err != nil {
		return out, away(opScrub, err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if err := conn.QueryRow(ctx, ourBytes).Scan(&out.Before); err != nil {
		return out, away(opScrub, err)
	}
	rows, err := conn.Query(ctx, ourTables)
	if err != nil {
		return out, away(opScrub, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return out, away(opScrub, err)
	}
	for _, table := range tables {
		if _, err := conn.Exec(ctx, "VACUUM (FULL, ANALYZE) "+pgx.Identifier{table}.Sanitize()); err != nil {
			return out, away(opScrub, fmt.Errorf("table %s, and what is behind it, is not scrubbed (is there as much free disk as it takes?): %w", table, err))
		}
	}
	if err := conn.QueryRow(ctx, ourBytes).Scan(&out.After); err != nil {
		return out, away(opScrub, err)
	}
	return out, s.Note(ctx, hotel.AuditEntry{At: now, By: by, What: hotel.AuditScrubbed})
}

// nobody watches the engines' leases for a while: none may be renewed.
func (s *Store) nobody(ctx context.Context, quiet time.Duration) error {
	before, err := s.Engines(ctx)
	if err != nil {
		return err
	}
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return away(opScrub, ctx.Err())
	}
	after, err := s.Engines(ctx)
	if err != nil {
		return err
	}
	for _, e := range after {
		if !e.Left && !slices.Contains(before, e) {
			return rule.Err(opScrub, hotel.Conflict, "an engine is at work on this database: stop every engine first")
		}
	}
	return nil
}
