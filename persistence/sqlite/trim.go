package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// What may go. Rows stand in the order of their commit, so each walk begins at
// the oldest and ends with the first row that is too young: it never reads
// history that stays. Hashes have no order; a day's walk through them is
// remembered.
const (
	trimmableSeen       = `SELECT hash FROM seen WHERE day < ? LIMIT ?`
	trimmableInbox      = `SELECT id, at >= ?1, consumed > 0 AND consumed < ?1 FROM inbox ORDER BY id`
	trimmableOutbox     = `SELECT id, created >= ?1, done > 0 AND done < ?1 AND NOT EXISTS (SELECT 1 FROM letters INDEXED BY letters_open WHERE letters.key = outbox.key AND letters.closed = 0) FROM outbox ORDER BY id`
	trimmableTranscript = `SELECT id, at >= ?1, at < ?1 FROM transcript ORDER BY id`
	trimmableLetters    = `SELECT id, at >= ?1, closed > 0 AND closed < ?1 FROM letters ORDER BY id`
)

// trimState remembers the day before which no hashes are left.
type trimState struct {
	mu  sync.Mutex
	day int64
}

// Trim deletes at most limit rows that are past their retention.
func (s *Store) Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (int, error) {
	limit = rule.Limit(limit)
	total, err := s.trimHashes(ctx, now, keep.Seen, limit)
	for _, t := range []struct {
		keep   time.Duration
		find   *sql.Stmt
		delete func(w *writer) *statement
	}{
		{keep.Inbox, s.read.trimInbox, func(w *writer) *statement { return w.sql.trimInbox }},
		{keep.Outbox, s.read.trimOutbox, func(w *writer) *statement { return w.sql.trimOutbox }},
		{keep.Transcript, s.read.trimTranscript, func(w *writer) *statement { return w.sql.trimTranscript }},
		{keep.Dead, s.read.trimLetters, func(w *writer) *statement { return w.sql.trimLetters }},
	} {
		if err != nil || t.keep <= 0 || total >= limit {
			continue
		}
		var ids []any
		if ids, err = past(ctx, t.find, ms(now.Add(-t.keep)), limit-total); err != nil {
			break
		}
		var n int
		if n, err = s.delete(ctx, t.delete, ids); err != nil {
			break
		}
		total += n
	}
	return total, err
}

// past walks from the oldest row to the first that is too young.
func past(ctx context.Context, find *sql.Stmt, before int64, limit int) ([]any, error) {
	rows, err := find.QueryContext(ctx, before)
	if err != nil {
		return nil, away(opTrim, err)
	}
	defer func() { _ = rows.Close() }()
	var out []any
	for len(out) < limit && rows.Next() {
		var id int64
		var young, done bool
		if err := rows.Scan(&id, &young, &done); err != nil {
			return nil, away(opTrim, err)
		}
		if young {
			break
		}
		if done {
			out = append(out, id)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, away(opTrim, err)
	}
	return out, nil
}

const opTrim = "sqlite.Trim"

func (s *Store) trimHashes(ctx context.Context, now time.Time, keep time.Duration, limit int) (int, error) {
	day := rule.Day(now.Add(-keep))
	s.trim.mu.Lock()
	defer s.trim.mu.Unlock()
	if keep <= 0 || s.trim.day >= day {
		return 0, nil
	}
	hashes, err := collect(ctx, opTrim, s.read.trimSeen, func(rows *sql.Rows) (any, error) {
		var hash []byte
		return hash, rows.Scan(&hash)
	}, day, limit)
	if err != nil {
		return 0, err
	}
	if len(hashes) < limit {
		s.trim.day = day
	}
	return s.delete(ctx, func(w *writer) *statement { return w.sql.trimSeen }, hashes)
}

// delete deletes rows by id. With them the floor of orders is written, so that
// none of theirs is ever given again.
func (s *Store) delete(ctx context.Context, by func(w *writer) *statement, ids []any) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	return submit(ctx, s, opTrim, func(w *writer) (n int, err error) {
		for _, id := range ids {
			gone, err := by(w).change(id)
			if err != nil {
				return n, err
			}
			n += int(gone)
		}
		w.rows.clear()
		return n, w.sql.meta.exec("order_floor", formatFloor(w.order))
	})
}
