package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"log/slog"
)

// A checkpoint copies the log into the database and syncs it: tens of
// milliseconds that a webhook would wait for if the writer did it. So a
// goroutine with a connection of its own copies while the writer writes on;
// what was written meanwhile is little, and the writer copies that itself,
// between two batches: only then is the whole log copied, and begins anew.
const (
	checkpointEvery = 4000    // requests, of 2 to 8 pages each
	autoCheckpoint  = "16000" // pages: SQLite's own, should the goroutine not keep up

	execCheckpoint = `PRAGMA wal_checkpoint(PASSIVE)`
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
		w.copying = false
		if err := w.sql.checkpoint.each(func([]driver.Value) error { return nil }); err != nil {
			w.log.Warn("checkpoint failed", "err", err)
		}
	default:
	}
	if w.unchecked += requests; w.unchecked < checkpointEvery || w.copying {
		return
	}
	w.unchecked, w.copying = 0, true
	w.copier.ask <- struct{}{}
}
