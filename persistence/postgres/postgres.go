// Package postgres is the shared store: one PostgreSQL, any number of engines.
//
//	callers --> queue --> committers --> one transaction for all that wait
//	callers --> pool (reads)
//
// All that is hot goes through one queue. A few committers each take what waits
// and make one transaction of two round trips of it:
//
//	begin, lock, read   what the batch is about: advisory locks of lanes and of
//	                    new aliases, guests' rows, outbox rows, each sorted
//	decide              in Go, by the rules that every store shares, over the
//	                    rows that are now held (world)
//	write, commit       multi-row statements, one of a kind
//
// The locks have one order over all kinds of work, so batches of one engine and
// of others wait for each other and do not deadlock. A conflict is an answer
// and never fails a neighbour; when PostgreSQL refuses a statement, the batch
// is halved until what is refused stands alone. A commit whose outcome is not
// known is hotel.Unavailable, and a repeat of it is harmless.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Config is what Open needs. What is zero takes its default.
type Config struct {
	DSN       string // URL or keywords; sslmode=verify-full with sslrootcert for TLS that is checked
	DirectDSN string // for migrations, past a pooler; empty = DSN
	NoMigrate bool   // for who only looks: an older database is hotel.Invalid, with code "older"
	// ExecMode is how statements travel: cache_statement (default; prepared),
	// cache_describe, describe_exec, exec or simple. A pooler in transaction
	// mode that keeps no prepared statements wants exec.
	ExecMode   string
	MaxConns   int // of the pool; default 16
	MinConns   int // kept open; default Committers + 1
	Committers int // that share commits at once; default 3
	// StatementTimeout bounds each statement of a transaction, and, with some
	// margin, what a caller waits for one. Default 10 s.
	StatementTimeout time.Duration
	LockTimeout      time.Duration    // how long a transaction waits for one lock; default 5 s
	AppName          string           // application_name; default "conserje"
	Metrics          *metrics.Metrics // nil = none
	Log              *slog.Logger     // nil = silent
}

func (c Config) withDefaults() Config {
	c.Committers = orElse(c.Committers, 3)
	c.MaxConns = max(orElse(c.MaxConns, 16), c.Committers+1)
	c.MinConns = min(orElse(c.MinConns, c.Committers+1), c.MaxConns)
	c.StatementTimeout = orElse(c.StatementTimeout, 10*time.Second)
	c.LockTimeout = orElse(c.LockTimeout, 5*time.Second)
	c.AppName = orElse(c.AppName, "conserje")
	c.DirectDSN = orElse(c.DirectDSN, c.DSN)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = metrics.New()
	}
	return c
}

func orElse[T comparable](x, otherwise T) T {
	var zero T
	if x == zero {
		return otherwise
	}
	return x
}

// Store is the shared store. Open makes one.
type Store struct {
	config  Config
	pool    *pgxpool.Pool
	key     [32]byte
	setUp   string // the settings of each transaction
	hurried string // the same for one that waits hardly at all for a lock
	queue   chan *request
	quit    chan struct{} // closed by Close
	gone    chan struct{} // closed when the committers have left
	closed  sync.Once
	work    sync.WaitGroup // the committers
}

// Open migrates the database and starts the committers. A DSN that cannot be is
// hotel.Invalid, a server that is away hotel.Unavailable.
func Open(ctx context.Context, c Config) (*Store, error) {
	const op = "postgres.Open"
	c = c.withDefaults()
	pool, err := connect(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &Store{config: c, pool: pool, queue: make(chan *request, queueSize), quit: make(chan struct{}), gone: make(chan struct{})}
	if err := s.start(ctx); err != nil {
		pool.Close()
		if e, ok := errors.AsType[*hotel.Error](err); ok { // of a newer release
			return nil, e
		}
		return nil, away(op, err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.config); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := s.hashKey(ctx); err != nil {
		return fmt.Errorf("hash key: %w", err)
	}
	if err := s.durable(ctx); err != nil {
		return err
	}
	for range s.config.Committers {
		s.work.Go(s.commitLoop)
	}
	return nil
}

// hashKey reads the key of the store's hashes, which the first engine makes.
func (s *Store) hashKey(ctx context.Context) error {
	key := make([]byte, len(s.key))
	_, _ = rand.Read(key) // never fails
	if _, err := s.pool.Exec(ctx, `INSERT INTO meta (name, value) VALUES ('hash_key', $1) ON CONFLICT DO NOTHING`, key); err != nil {
		return err
	}
	if err := s.pool.QueryRow(ctx, `SELECT value FROM meta WHERE name = 'hash_key'`).Scan(&key); err != nil {
		return err
	}
	if copy(s.key[:], key) != len(s.key) {
		return errors.New("too short")
	}
	return nil
}

// durable prepares the settings of each transaction: time-outs, since a pooler
// takes none at the start of a connection, and a commit that waits for the disk
// where the server's own setting would not.
func (s *Store) durable(ctx context.Context) error {
	var commit, fsync string
	err := s.pool.QueryRow(ctx, `SELECT current_setting('synchronous_commit'), current_setting('fsync')`).Scan(&commit, &fsync)
	if err != nil {
		return err
	}
	settings := func(lock time.Duration) string {
		text := fmt.Sprintf("SELECT set_config('statement_timeout', '%d', true), set_config('lock_timeout', '%d', true), "+
			"set_config('idle_in_transaction_session_timeout', '%d', true), "+noPlanOfManyRows,
			s.config.StatementTimeout.Milliseconds(), lock.Milliseconds(), s.config.StatementTimeout.Milliseconds())
		if commit == "off" {
			text += ", set_config('synchronous_commit', 'on', true)"
		}
		return text
	}
	s.setUp, s.hurried = settings(s.config.LockTimeout), settings(max(s.config.LockTimeout/hurry, 10*time.Millisecond))
	if fsync == "off" {
		s.config.Log.Warn("the server does not sync its disk (fsync is off): a power cut loses what was acknowledged")
	}
	return nil
}

// hurry is how much shorter a transaction in a hurry waits for a lock.
const hurry = 50

// noPlanOfManyRows keeps the planner from plans that read a table, or an index,
// from end to end: its guesses of an array's length, or of a table that grew
// since statistics were gathered, must not make a batch slow.
const noPlanOfManyRows = `set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// Close lets what waits finish, then closes the connections.
func (s *Store) Close() error {
	s.closed.Do(func() {
		close(s.quit)
		s.work.Wait()
		close(s.gone)
		s.pool.Close()
	})
	return nil
}

// pingTimeout is how long a server may take to say that it is there.
const pingTimeout = 2 * time.Second

// Ping tells whether the store answers, and takes writes.
func (s *Store) Ping(ctx context.Context) error {
	const op = "postgres.Ping"
	if err := s.open(op); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var readOnly bool
	if err := s.pool.QueryRow(ctx, `SELECT current_setting('transaction_read_only')::boolean`).Scan(&readOnly); err != nil {
		return away(op, err)
	}
	if readOnly {
		return away(op, errors.New("the server takes no writes: it is read-only"))
	}
	return nil
}

// open tells whether the store has not been closed.
func (s *Store) open(op string) error {
	select {
	case <-s.quit:
		return away(op, errClosed)
	default:
		return nil
	}
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

// done is when a thing was done with: never 0.
func done(t time.Time) int64 { return max(ms(t), 1) }

func away(op string, err error) error {
	return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
}

var errClosed = errors.New("the store is closed")
