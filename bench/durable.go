package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"github.com/conserje/conserje/hotel"
)

// durable is the plain prototype that the real store is measured against: one
// table, one writer, one multi-row insert and one sync for all that wait. It
// knows no guests, no duplicates and no lanes.
type durable struct {
	db    *sql.DB
	queue chan *insert
	gone  chan struct{}
	many  map[int]*sql.Stmt
}

type insert struct {
	row  hotel.Arrival
	done chan error
}

// maxInsert is how many rows one statement takes.
const maxInsert = 64

func newDurable(dir string) (*durable, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "plain.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	d := &durable{db: db, queue: make(chan *insert, 4096), gone: make(chan struct{}), many: map[int]*sql.Stmt{}}
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, `CREATE TABLE inbox (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, guest TEXT NOT NULL,
		kind TEXT NOT NULL, at INTEGER NOT NULL, body BLOB)`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for n := 1; n <= maxInsert; n *= 2 {
		if d.many[n], err = db.PrepareContext(ctx, "INSERT INTO inbox (key, guest, kind, at, body) VALUES (?,?,?,?,?)"+ //nolint:sqlclosecheck // closed with the database
			strings.Repeat(",(?,?,?,?,?)", n-1)); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	go d.write()
	return d, nil
}

// insert returns when the row is on disk.
func (d *durable) insert(row hotel.Arrival) error {
	i := &insert{row: row, done: make(chan error, 1)}
	d.queue <- i
	return <-i.done
}

func (d *durable) write() {
	defer close(d.gone)
	for first := range d.queue {
		batch := []*insert{first}
		for more := true; more && len(batch) < 512; {
			select {
			case i, ok := <-d.queue:
				if more = ok; ok {
					batch = append(batch, i)
				}
			default:
				more = false
			}
		}
		err := d.commit(batch)
		for _, i := range batch {
			i.done <- err
		}
	}
}

func (d *durable) commit(batch []*insert) error {
	ctx := context.Background()
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for n := maxInsert; len(batch) > 0; n /= 2 {
		for ; len(batch) >= n; batch = batch[n:] {
			args := make([]any, 0, 5*n)
			for _, i := range batch[:n] {
				args = append(args, string(i.row.Key), i.row.Aliases[0].Value, string(i.row.Kind), i.row.At.UnixMilli(), i.row.Body)
			}
			if _, err := tx.StmtContext(ctx, d.many[n]).ExecContext(ctx, args...); err != nil { //nolint:sqlclosecheck // ends with the transaction
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	return tx.Commit()
}

func (d *durable) close() {
	close(d.queue)
	<-d.gone
	_ = d.db.Close()
}
