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
	opScrub   = "postgres.Scrub"
	ourTables = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose%' ORDER BY 1`
	ourBytes  = `SELECT coalesce(sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass)), 0)::bigint
		FROM pg_tables WHERE schemaname = current_schema()`
	// Who may still see deleted rows: VACUUM FULL copies those.
	onlookers = `SELECT (SELECT count(*) FROM pg_stat_activity WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
			AND backend_type <> 'autovacuum worker' AND (datname = current_database() OR datname IS NULL))
		+ (SELECT count(*) FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL)
		+ (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())`
)

// Scrubbed tells what a scrub did.
type Scrubbed struct {
	Before, After int64 // bytes of the tables with their indexes
}

// Scrub writes every table anew (VACUUM FULL), so that what their pages still
// held of deleted rows is gone, and says so in the audit. Each table is locked
// meanwhile, so no engine may be at work: quiet is how long the engines' leases
// are watched first, and must be longer than an engine needs to renew one. A
// living engine is hotel.Conflict, and so is whoever may still see deleted rows
// (an open transaction, a replication slot), before or after; an older database
// is hotel.Invalid, with code "older". Archived WAL, replicas and backups keep
// what they have.
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
	if err := unseen(ctx, conn); err != nil {
		return out, err
	}
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
	if err := unseen(ctx, conn); err != nil {
		return out, err
	}
	if err := conn.QueryRow(ctx, ourBytes).Scan(&out.After); err != nil {
		return out, away(opScrub, err)
	}
	return out, s.Note(ctx, hotel.AuditEntry{At: now, By: by, What: hotel.AuditScrubbed})
}

// unseen tells whether nobody may still see deleted rows.
func unseen(ctx context.Context, conn *pgx.Conn) error {
	var n int
	if err := conn.QueryRow(ctx, onlookers).Scan(&n); err != nil {
		return away(opScrub, err)
	}
	if n > 0 {
		return rule.Err(opScrub, hotel.Conflict, "somebody may still see deleted rows, which are kept for them: end open transactions "+
			"(pg_stat_activity, backend_xmin), pg_dump, replication slots with an xmin and prepared transactions, and scrub again")
	}
	return nil
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
