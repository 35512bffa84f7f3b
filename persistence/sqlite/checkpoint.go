package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"os"
)

// A checkpoint copies the log into the database and syncs it: tens of
// milliseconds that a webhook would wait for if the writer did it. So a
// goroutine with a connection of its own copies while the writer writes on;
// what was written meanwhile is little, and the writer copies that itself,
// between two batches: only then is the whole log copied, and begins anew.
//
// The log's file keeps the size that it once had. Over walMost the writer cuts
// it, when nobody reads from it: it never waits for a reader.
const (
	checkpointEvery = 4000     // requests, of 2 to 8 pages each
	truncateEvery   = 500      // requests, while the log is too long
	walMost         = 64 << 20 // bytes
	autoCheckpoint  = "16000"  // pages: SQLite's own, should the goroutine not keep up

	execCheckpoint = `PRAGMA wal_checkpoint(PASSIVE)`
	execTruncate   = `PRAGMA wal_checkpoint(TRUNCATE)`
)

// checkpointer copies the log when it is asked to.
type checkpointer struct {
	db   *sql.DB
	ask  chan struct{}
	done chan struct{} // one for each that was asked
	gone chan struct{}
	log  *slog.Logger
}

func newCheckpointer(path string, log *slog.Logger) (*checkpointer, error) {
	db, err := open(path, writerPragmas, 1)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: db, ask: make(chan struct{}, 1), done: make(chan struct{}, 1), gone: make(chan struct{}), log: log}
	go c.serve()
	return c, nil
}

func (c *checkpointer) serve() {
	defer close(c.gone)
	for range c.ask {
		// Busy is no error of this pragma; a failure will be the writer's, too, who reports it.
		if _, err := c.db.ExecContext(context.Background(), execCheckpoint); err != nil {
			c.log.Warn("checkpoint failed", "err", err)
		}
		c.done <- struct{}{}
	}
}

// close stops the goroutine. Only the writer asks, so it has left before.
func (c *checkpointer) close() error {
	close(c.ask)
	<-c.gone
	return c.db.Close()
}

// checkpoint is called between batches: it asks for a copy when enough was
// written, and finishes one that is done.
func (w *writer) checkpoint(requests int) {
	select {
	case <-w.copier.done:
		w.copied()
	default:
	}
	w.unchecked += requests
	size := w.logBytes()
	w.metrics.StoreWALBytes.Set(float64(size))
	enough := checkpointEvery
	if size > w.walMost {
		enough = truncateEvery
	}
	if w.copying || w.unchecked < enough {
		return
	}
	w.unchecked, w.copying = 0, true
	w.copier.ask <- struct{}{}
}

// copied finishes what the goroutine copied.
func (w *writer) copied() {
	w.copying = false
	var err error
	if w.logBytes() > w.walMost {
		err = w.truncate()
		w.metrics.StoreWALBytes.Set(float64(w.logBytes()))
	} else {
		err = w.sql.checkpoint.each(ignored)
	}
	if err != nil {
		w.log.Warn("checkpoint failed", "err", err)
	}
}

// truncate cuts the log, unless somebody reads from it: then it stays, and is
// tried again. SQLite would wait for the reader as long as it waits for a lock,
// and every webhook with it, so for this it waits for nobody.
func (w *writer) truncate() error {
	if err := w.once(`PRAGMA busy_timeout = 0`, ignored); err != nil {
		return err
	}
	err := w.once(execTruncate, ignored)
	return errors.Join(err, w.once(`PRAGMA busy_timeout = `+busyTimeout, ignored))
}

func ignored([]driver.Value) error { return nil }

// once runs a statement that is not worth to be kept prepared.
func (w *writer) once(query string, scan func([]driver.Value) error) error {
	p, err := prepare(context.Background(), w.raw, query)
	if err != nil {
		return err
	}
	return errors.Join(p.each(scan), p.close())
}

// logBytes is the size of the log's file.
func (w *writer) logBytes() int64 {
	info, err := os.Stat(w.store.wal)
	if err != nil {
		return 0 // nothing written yet
	}
	return info.Size()
}
