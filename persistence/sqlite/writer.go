package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	queueSize = 1024
	batchSize = 512 // requests that share a transaction at most
)

// request waits for the writer.
type request struct {
	op     string
	accept *accept               // a webhook's rows: those of one batch are written together
	apply  func(w *writer) error // everything else
	bare   bool                  // apply runs outside a transaction
	state  atomic.Int32          // waiting, begun or dropped
	done   chan struct{}
	err    error
}

const (
	waiting int32 = iota
	begun
	dropped
)

// submit hands work to the writer and waits for its outcome. A caller that
// leaves before the work begins takes it back; later it waits for the outcome.
func submit[T any](ctx context.Context, s *Store, op string, work func(w *writer) (T, error)) (T, error) {
	var out T
	err := s.send(ctx, s.queue, &request{op: op, apply: func(w *writer) (err error) {
		out, err = work(w)
		return err
	}})
	if err != nil {
		var none T
		return none, err
	}
	return out, nil
}

func (s *Store) send(ctx context.Context, queue chan<- *request, r *request) error {
	r.done = make(chan struct{})
	if err := ctx.Err(); err != nil {
		return away(r.op, err)
	}
	select {
	case <-s.quit:
		return away(r.op, errClosed)
	default:
	}
	select {
	case queue <- r:
	case <-ctx.Done():
		return away(r.op, ctx.Err())
	case <-s.quit:
		return away(r.op, errClosed)
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, dropped) {
			return away(r.op, ctx.Err())
		}
	case <-s.gone:
		if r.state.CompareAndSwap(waiting, dropped) {
			return away(r.op, errClosed)
		}
	}
	<-r.done
	return r.err
}

var errClosed = errors.New("the store is closed")

func away(op string, err error) error {
	return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
}

// writer is the one goroutine that writes. Its memory of the rows is the truth
// while it runs; after a failed transaction it forgets and reads again.
type writer struct {
	store   *Store
	conn    *sql.Conn
	raw     driver.ConnPrepareContext // conn's own, while the writer runs
	sql     *statements
	metrics *metrics.Metrics
	log     *slog.Logger

	copier    *checkpointer
	copying   bool // the checkpointer is at work
	unchecked int  // requests since it was last asked
	walMost   int64
	moveAt    int              // hashes that are moved when nothing waits
	passed    int              // batches since the last chore
	now       func() time.Time // of chores
	backup    *sqlite.Backup   // under way

	order  int64 // last order given
	guestN int64 // last row of guests given
	said   int64 // change of the unconsumed messages in this transaction

	aliases *recent[string, hotel.GuestID]
	guests  *recent[hotel.GuestID, guestRow]
	rows    *recent[hotel.Key, hotel.OutboxRow] // without bodies; out, or settled of late
	pending *pending                            // whole, and never forgotten
	seen    *seen                               // the young hashes, whole
}

// serve runs until Close, in possession of the connection.
func (w *writer) serve() {
	defer close(w.store.gone)
	err := raw(w.conn, func(c driver.ConnPrepareContext) error {
		w.raw = c
		w.loop()
		return errors.Join(w.endBackup(), w.sql.close())
	})
	if err = errors.Join(err, w.copier.close(), w.conn.Close()); err != nil {
		w.log.Error("store did not close", "err", err)
	}
}

func (w *writer) loop() {
	batch := make([]*request, 0, batchSize)
	for {
		if r := w.overdue(); r != nil {
			w.chore(r)
		}
		for n := 0; n < 4 && len(w.seen.young) >= moveMost; n++ { // a batch may bring as many as two move
			w.settleIdly(moveMost)
		}
		select { // what waits goes before chores
		case r := <-w.store.queue:
			batch = w.serveBatch(batch, r)
			continue
		default:
		}
		if w.settleIdly(w.moveAt) {
			continue
		}
		select {
		case r := <-w.store.queue:
			batch = w.serveBatch(batch, r)
		case r := <-w.store.chores:
			w.chore(r)
		case <-w.copier.done:
			w.copied()
		case <-w.store.quit:
			if batch = w.gather(batch[:0]); len(batch) == 0 {
				w.settleAll()
				return
			}
			w.run(batch)
		}
	}
}

// serveBatch runs r and what waits with it.
func (w *writer) serveBatch(batch []*request, r *request) []*request {
	batch = w.gather(append(batch[:0], r))
	w.run(batch)
	w.passed++
	w.checkpoint(len(batch))
	clear(batch)
	return batch
}

// gather adds what waits to the batch.
func (w *writer) gather(batch []*request) []*request {
	for len(batch) < batchSize {
		select {
		case r := <-w.store.queue:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// run commits a batch: all at once, or, when SQLite fails, one by one.
func (w *writer) run(batch []*request) {
	live := batch[:0]
	for _, r := range batch {
		if r.state.CompareAndSwap(waiting, begun) {
			live = append(live, r)
		}
	}
	if len(live) == 0 {
		return
	}
	if err := w.transact(live, false); err != nil {
		w.log.Warn("store batch failed: its requests are tried one by one", "requests", len(live), "err", err)
		for i, r := range live {
			if err := w.transact(live[i:i+1], true); err != nil {
				r.err = classify(r.op, err)
			}
		}
	}
	for _, r := range live {
		close(r.done)
	}
}

// transact runs requests in one transaction. An error is SQLite's: nothing of
// them was written, as far as anyone knows. A request's own error is in r.err.
func (w *writer) transact(batch []*request, careful bool) (err error) {
	begin, ended := time.Now(), false
	defer func() {
		switch {
		case err == nil:
			return
		case ended:
			_ = w.sql.rollback.exec()
			w.undecided()
			w.seen.undecided()
		default:
			_ = w.sql.rollback.exec()
			w.pending.dropped()
		}
		w.seen.dropped()
		w.forget()
	}()
	w.said = 0
	if err := w.fresh(); err != nil {
		return err
	}
	if err := w.sql.begin.exec(); err != nil {
		return err
	}
	// Accepts first: all of the batch wait at the same time, so any order is one
	// that could have happened, and theirs can be written many rows at once.
	if err := w.acceptAll(batch, careful); err != nil {
		return err
	}
	for _, r := range batch {
		if r.accept != nil {
			continue
		}
		if r.err = r.apply(w); r.err != nil && !isAnswer(r.err) {
			return r.err
		}
	}
	ended = true
	if err := w.sql.commit.exec(); err != nil {
		return err
	}
	w.pending.committed()
	w.seen.committed()
	w.store.said.Add(w.said)
	w.metrics.StoreCommits.Inc()
	w.metrics.StoreBatch.Observe(float64(len(batch)))
	w.metrics.StoreSeconds.Observe(time.Since(begin).Seconds())
	return nil
}

// isAnswer tells an answer of ours (Conflict, NotFound ...) from a failure of SQLite.
func isAnswer(err error) bool {
	_, ok := errors.AsType[*hotel.Error](err)
	return ok
}

// isConstraint tells that a row broke a constraint: a key that stands already.
func isConstraint(err error) bool {
	const constraint = 19
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == constraint
}

// classify makes an error of a request that failed alone.
func classify(op string, err error) error {
	if isConstraint(err) {
		return rule.Err(op, hotel.Invalid, "a key that stands already")
	}
	return away(op, err)
}
