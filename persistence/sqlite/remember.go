package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/conserje/conserje/hotel"
)

// guestRow is what the writer remembers of a guest.
type guestRow struct {
	n        int64 // row of guests
	property hotel.PropertyID
	version  int64
	panics   int
	erasing  bool // a turn has said that it is to be erased
	parked   bool
}

const remembered = 1 << 15 // entries of each generation of the writer's memory

// newWriter prepares the writer on a connection of its own, and reads what it must know.
func newWriter(ctx context.Context, s *Store, c Config) (*writer, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{
		store: s, conn: conn, metrics: c.Metrics, log: c.Log, walMost: walMost, moveAt: moveAt, now: time.Now,
		aliases: newRecent[string, hotel.GuestID](remembered),
		guests:  newRecent[hotel.GuestID, guestRow](remembered),
		rows:    newRecent[hotel.Key, hotel.OutboxRow](remembered / 2),
		pending: s.pending,
	}
	err = errors.Join(w.hashKey(ctx), w.takeOver(ctx), w.count(ctx))
	if err == nil {
		err = raw(conn, func(c driver.ConnPrepareContext) (err error) {
			if w.sql, err = prepareAll(ctx, c); err != nil {
				return err
			}
			return errors.Join(w.loadPending(), w.loadSeen())
		})
	}
	if err == nil {
		w.copier, err = newCheckpointer(filepath.Join(c.Dir, file), c.Log)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// hashKey reads the key of the store's hashes, made when the store was.
func (w *writer) hashKey(ctx context.Context) error {
	var key []byte
	err := w.conn.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'hash_key'`).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		key = make([]byte, len(w.store.key))
		_, _ = rand.Read(key) // never fails
		_, err = w.conn.ExecContext(ctx, execMeta, "hash_key", key)
	}
	if err != nil {
		return fmt.Errorf("hash key: %w", err)
	}
	if copy(w.store.key[:], key) != len(w.store.key) {
		return errors.New("hash key: too short")
	}
	return nil
}

// takeOver frees the claims of the engine before this one. The folder's lock
// says that it is gone; so whoever sweeps takes its rows up.
func (w *writer) takeOver(ctx context.Context) error {
	res, err := w.conn.ExecContext(ctx, `UPDATE outbox INDEXED BY outbox_sending SET owner = '' WHERE state = 1 AND owner <> ''`)
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	if n, err := res.RowsAffected(); err == nil && n > 0 {
		w.log.Info("claims of an engine that is gone", "rows", n)
	}
	return nil
}

// count reads the counters. An order once given is never given again, even
// when trimming or erasing has deleted the newest rows: they keep a floor. The
// same holds of guests' numbers.
func (w *writer) count(ctx context.Context) error {
	var floor, guests []byte
	err := w.conn.QueryRowContext(ctx, `SELECT (SELECT value FROM meta WHERE name = 'order_floor'), (SELECT value FROM meta WHERE name = 'guest_floor'),
		max((SELECT coalesce(max(id), 0) FROM inbox), (SELECT coalesce(max(id), 0) FROM outbox),
			(SELECT coalesce(max(id), 0) FROM transcript), (SELECT coalesce(max(id), 0) FROM reservations)),
		coalesce((SELECT max(n) FROM guests), 0)`).Scan(&floor, &guests, &w.order, &w.guestN)
	if err != nil {
		return fmt.Errorf("counters: %w", err)
	}
	w.order, w.guestN = max(w.order, parseFloor(floor)), max(w.guestN, parseFloor(guests))
	return nil
}

func parseFloor(b []byte) int64 {
	if len(b) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

func formatFloor(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// forget drops what a failed transaction may have made untrue. Orders and row
// numbers only ever rise: a gap harms nobody.
func (w *writer) forget() {
	w.sql.reset()
	w.aliases.clear()
	w.guests.clear()
	w.rows.clear()
}

func (w *writer) nextOrder() int64 {
	w.order++
	return w.order
}

// guestOf remembers or reads a guest; ok is false when there is none.
func (w *writer) guestOf(id hotel.GuestID) (g guestRow, ok bool, err error) {
	if g, ok = w.guests.get(id); ok {
		return g, true, nil
	}
	err = w.sql.guest.each(func(v []driver.Value) error {
		ok = true
		g = guestRow{n: v[0].(int64), property: hotel.PropertyID(text(v[2])), version: v[3].(int64), panics: int(v[4].(int64)),
			erasing: v[5].(int64) != 0, parked: v[6].(int64) != 0}
		return nil
	}, string(id))
	if ok {
		w.guests.put(id, g)
	}
	return g, ok, err
}

// text reads a column that is text by its declaration.
func text(v driver.Value) string {
	switch x := v.(type) {
	case string:
		return x
	case []byte:
		return string(x)
	}
	return ""
}

// blob reads a column of bytes; nil when it is null. An empty one is nil, too.
func blob(v driver.Value) []byte {
	switch x := v.(type) {
	case []byte:
		return x
	case string:
		return []byte(x)
	}
	return nil
}
