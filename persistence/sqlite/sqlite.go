// Package sqlite is the embedded store: one file, one engine.
//
//	callers --> queue --> writer goroutine --> one transaction for all that wait
//	callers --> read pool (read-only connections)
//
// All that writes goes through one queue; what may wait (retention, erasing,
// backups) goes in slices of 10 ms behind it (chore.go). The writer takes what waits, runs it
// in one transaction and commits it with one sync (WAL, synchronous=FULL), so
// the price of the disk is shared. Being the only writer, it checks a
// request's conditions inside the transaction before it writes anything of it:
// a conflict is an answer and never fails a neighbour. When SQLite itself
// fails, the batch is rolled back and its requests are tried one by one.
//
// A lock on the data folder keeps a second engine out; so what the writer
// remembers of its rows (who an alias is, a guest's version, what waits of it,
// the rows that are out) is the truth.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	driver "modernc.org/sqlite"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Config is what Open needs.
type Config struct {
	Dir     string           // the data folder; made when it is not there
	Spare   uint64           // bytes of free disk under Dir that a backup must leave
	Metrics *metrics.Metrics // nil = none
	Log     *slog.Logger     // nil = silent
}

// file is the database's name in the data folder.
const file = "conserje.db"

// Store is the embedded store. Open makes one.
type Store struct {
	lock    *os.File
	write   *sql.DB // one connection, held by the writer
	read    *reader
	key     [32]byte
	log     *slog.Logger
	said    atomic.Int64 // unconsumed rows of messages
	pending *pending     // the writer's, read by Activate and Sweep
	queue   chan *request
	chores  chan *request // slices of work that may wait
	quit    chan struct{} // closed by Close
	gone    chan struct{} // closed when the writer has left
	closed  sync.Once

	trim trimState
	wal  string // path of the log

	spare uint64 // Config.Spare

	restored time.Time // when it was made from a backup
}

const opOpen = "sqlite.Open"

// Open locks the data folder, migrates the database and starts the writer. A
// folder that another engine holds is hotel.Conflict; one that a newer release
// wrote is hotel.Invalid with code "newer", and stays as it is.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = metrics.New()
	}
	lock, err := lockFolder(c.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, log: c.Log, spare: c.Spare, pending: newPending(), queue: make(chan *request, queueSize), chores: make(chan *request), quit: make(chan struct{}), gone: make(chan struct{})}
	if err := s.start(ctx, c); err != nil {
		if !isAnswer(err) {
			err = &hotel.Error{Op: opOpen, Kind: hotel.Unavailable, Err: err}
		}
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, c Config) error {
	// fdatasync is as durable as fsync and spares the journal a timestamp.
	if _, err := driver.Fdatasync(true); err != nil && !errors.Is(err, driver.ErrFdatasyncUnavailable) {
		return fmt.Errorf("fdatasync: %w", err)
	}
	path := filepath.Join(c.Dir, file)
	s.wal = path + "-wal"
	tidy(c.Dir)
	if err := create(path); err != nil {
		return err
	}
	if err := sized(ctx, path); err != nil {
		return fmt.Errorf("page size: %w", err)
	}
	var err error
	if s.write, err = open(path, writerPragmas, 1); err != nil {
		return err
	}
	if err := readable(ctx, opOpen, s.write); err != nil {
		return err
	}
	if err := migrate(ctx, s.write, c.Log); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := claimFormat(ctx, s.write); err != nil {
		return fmt.Errorf("format: %w", err)
	}
	if s.restored, err = readRestored(ctx, s.write); err != nil {
		return fmt.Errorf("restored: %w", err)
	}
	w, err := newWriter(ctx, s, c)
	if err != nil {
		return err
	}
	if s.read, err = newReader(ctx, path); err != nil {
		return errors.Join(err, w.sql.close(), w.copier.close(), w.conn.Close())
	}
	go w.serve()
	return nil
}

const (
	busyTimeout = "5000" // milliseconds
	// The writer's cache of pages is small. A split of a tree's page borrows the
	// number of a page far behind the end of the file for a moment, so at its
	// commit SQLite looks through the whole cache for pages to drop: with 64 MB
	// that was a seventh of an accept's processor time. What is read often the
	// writer has in its own memory.
	writerCache   = "-4096" // KB
	writerPragmas = "mode=rwc&_pragma=busy_timeout(" + busyTimeout + ")&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=wal_autocheckpoint(" + autoCheckpoint + ")&_pragma=cache_size(" + writerCache + ")&_pragma=temp_store(MEMORY)&_pragma=secure_delete(1)&_txlock=immediate"
	readerPragmas = "mode=ro&_pragma=busy_timeout(" + busyTimeout + ")&_pragma=query_only(1)&_pragma=cache_size(-16384)&_pragma=temp_store(MEMORY)"
)

// create makes the database's file, for its owner only; SQLite gives the files beside it the same mode.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pageSize is that of a new database; one of before keeps its own. Most of what a
// message touches lies on pages of its own (its hash, its guest's snapshot),
// and each is written whole to the log: half the size is nearly half the bytes.
// Smaller still, and a snapshot takes several.
const pageSize = "2048"

// sized gives a new database its page size, which is fixed by its first page.
func sized(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() > 0 {
		return err
	}
	db, err := open(path, "_pragma=page_size("+pageSize+")", 1)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `PRAGMA journal_mode = WAL`)
	return errors.Join(err, db.Close())
}

func open(path, pragmas string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?"+pragmas)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Close lets what waits finish, then closes the database and frees the folder.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.quit)
		<-s.gone
		err = s.release()
	})
	return err
}

// release closes whatever is open.
func (s *Store) release() error {
	var open []io.Closer
	if s.read != nil {
		open = append(open, s.read)
	}
	if s.write != nil {
		open = append(open, s.write)
	}
	open = append(open, s.lock)
	var errs []error
	for _, c := range open {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Ping tells whether the store answers: the writer's loop as well as the file.
func (s *Store) Ping(ctx context.Context) error {
	_, err := submit(ctx, s, "sqlite.Ping", func(*writer) (struct{}, error) { return struct{}{}, nil })
	return err
}

// Hash is the store's keyed 16-byte hash of personal identifiers.
func (s *Store) Hash(parts ...string) [16]byte { return rule.Hash(s.key, parts...) }

// ms is how times are stored.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at reads a stored time.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// stored is an instant as it will be read again.
func stored(t time.Time) time.Time { return at(ms(t)) }
