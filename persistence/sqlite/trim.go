package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// What may go. Rows stand in the order of their commit, so each walk begins at
// the oldest and ends with the first row that is too young: it never reads
// history that stays. Hashes have no order; a day's walk through them is
// remembered. A walk reads a page at a time, each in a read transaction of its
// own: one that lasts keeps the log from beginning anew. A webhook's letter goes
// open too: it belongs to no guest, so no erasure finds the words in it.
const (
	trimmableSeen       = `SELECT hash, day < ?1 FROM seen WHERE hash > ?2 ORDER BY hash LIMIT ?3`
	trimmableInbox      = `SELECT id, at >= ?1, consumed > 0 AND consumed < ?1 FROM inbox WHERE id > ?2 ORDER BY id LIMIT ?3`
	trimmableOutbox     = `SELECT id, created >= ?1, done > 0 AND done < ?1 AND NOT EXISTS (SELECT 1 FROM letters INDEXED BY letters_open WHERE letters.key = outbox.key AND letters.closed = 0) FROM outbox WHERE id > ?2 ORDER BY id LIMIT ?3`
	trimmableTranscript = `SELECT id, at >= ?1, at < ?1 FROM transcript WHERE id > ?2 ORDER BY id LIMIT ?3`
	trimmableLetters    = `SELECT id, at >= ?1, closed > 0 AND closed < ?1 OR closed = 0 AND source = 'webhook' FROM letters WHERE id > ?2 ORDER BY id LIMIT ?3`

	trimPage = 2000 // rows that one read transaction looks at
)

const opTrim = "sqlite.Trim"

// trimState remembers how far the walk through the hashes is.
type trimState struct {
	mu    sync.Mutex
	done  int64  // the day before which no hashes are left
	day   int64  // of the walk under way; 0 = none
	after []byte // the last hash that it looked at
}

// Trim deletes at most limit rows that are past their retention, in slices
// behind whatever waits for the writer.
func (s *Store) Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (int, error) {
	limit = rule.Limit(limit)
	total, err := s.trimHashes(ctx, now, keep.Seen, limit)
	for _, t := range []struct {
		keep   time.Duration
		find   *sql.Stmt
		delete func(w *writer, id driver.Value) (int, error)
	}{
		{keep.Inbox, s.read.trimInbox, deleting(func(w *writer) *statement { return w.sql.trimInbox })},
		{keep.Outbox, s.read.trimOutbox, (*writer).trimOutbox},
		{keep.Transcript, s.read.trimTranscript, deleting(func(w *writer) *statement { return w.sql.trimTranscript })},
		{keep.Dead, s.read.trimLetters, deleting(func(w *writer) *statement { return w.sql.trimLetters })},
	} {
		if err != nil || t.keep <= 0 || total >= limit {
			continue
		}
		var ids []driver.Value
		if ids, err = past(ctx, t.find, ms(now.Add(-t.keep)), limit-total); err != nil {
			break
		}
		var n int
		n, err = s.delete(ctx, ids, t.delete)
		total += n
	}
	return total, err
}

func deleting(by func(w *writer) *statement) func(w *writer, id driver.Value) (int, error) {
	return func(w *writer, id driver.Value) (int, error) {
		n, err := by(w).change(id)
		return int(n), err
	}
}

// trimOutbox deletes a row, from the writer's memory too.
func (w *writer) trimOutbox(id driver.Value) (n int, err error) {
	err = w.sql.trimOutbox.each(func(v []driver.Value) error {
		n++
		w.rows.remove(hotel.Key(text(v[0])))
		return nil
	}, id)
	return n, err
}

// past walks from the oldest row to the first that is too young.
func past(ctx context.Context, find *sql.Stmt, before int64, limit int) (out []driver.Value, err error) {
	var last int64
	for ended := false; !ended && len(out) < limit; {
		seen := 0
		_, err := collect(ctx, opTrim, find, func(rows *sql.Rows) (none struct{}, err error) {
			var young, done bool
			seen++
			if err = rows.Scan(&last, &young, &done); err != nil {
				return none, err
			}
			ended = ended || young
			if done && !ended && len(out) < limit {
				out = append(out, last)
			}
			return none, nil
		}, before, last, trimPage)
		if err != nil {
			return nil, err
		}
		ended = ended || seen < trimPage
	}
	return out, nil
}

// trimHashes goes on with a day's walk through the hashes.
func (s *Store) trimHashes(ctx context.Context, now time.Time, keep time.Duration, limit int) (int, error) {
	s.trim.mu.Lock()
	defer s.trim.mu.Unlock()
	t := &s.trim
	if day := rule.Day(now.Add(-keep)); t.day == 0 && keep > 0 && day > t.done {
		if err := s.settleHashes(ctx); err != nil {
			return 0, err
		}
		t.day, t.after = day, []byte{0} // before every hash; an empty one is bound as NULL
	}
	if t.day == 0 || keep <= 0 {
		return 0, nil
	}
	var old []driver.Value
	after, ended := t.after, false
	for !ended && len(old) < limit {
		seen, full := 0, false
		_, err := collect(ctx, opTrim, s.read.trimSeen, func(rows *sql.Rows) (none struct{}, err error) {
			var hash []byte
			var gone bool
			seen++
			if err = rows.Scan(&hash, &gone); err != nil || full {
				return none, err
			}
			if gone {
				old = append(old, hash)
			}
			after, full = hash, len(old) == limit
			return none, nil
		}, t.day, after, trimPage)
		if err != nil {
			return 0, err
		}
		ended = !full && seen < trimPage
	}
	n, err := s.delete(ctx, old, deleting(func(w *writer) *statement { return w.sql.trimSeen }))
	if err != nil {
		return n, err
	}
	t.after = after
	if ended {
		t.done, t.day = t.day, 0
	}
	return n, nil
}

// settleHashes moves the hashes that are young now to where the walk finds them.
func (s *Store) settleHashes(ctx context.Context) error {
	for more := true; more; {
		err := s.bare(ctx, opTrim, func(w *writer) (err error) {
			more, err = w.settleHashes()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// delete deletes rows by id. With them the floor of orders is written, so that
// none of theirs is ever given again.
func (s *Store) delete(ctx context.Context, ids []driver.Value, one func(w *writer, id driver.Value) (int, error)) (deleted int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	at, n := 0, 0
	err = s.slices(ctx, opTrim, func(w *writer) (bool, error) {
		gone, err := one(w, ids[at])
		at++
		n += gone
		return at < len(ids), err
	}, func(w *writer) error { return w.sql.meta.exec("order_floor", formatFloor(w.order)) })
	if err != nil {
		n = 0 // some may be gone all the same: the next walk finds the rest
	}
	return n, err
}
