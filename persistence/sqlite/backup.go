package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/disk"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// A backup is SQLite's online backup, on the writer's own connection: a few
// pages in each slice, behind what waits. What the writer commits to a page
// that is copied already SQLite copies again, so the copy is the store as it is
// when the last page is copied; and since no read transaction lasts, the log
// begins anew as ever. The copy is made beside the database and then streamed:
// who reads it slowly holds nothing up.
const (
	opBackup    = "sqlite.Backup"
	backupPages = 32 // between two looks at the clock
	backupName  = "backup-*.tmp"
	// What the copy's file is written with: it is nothing until it is whole.
	backupPragmas = "mode=rwc&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-2048)"
)

// backuper is the driver's connection.
type backuper interface {
	NewBackup(to string) (*sqlite.Backup, error)
}

func beginBackup(conn any, path string) (*sqlite.Backup, error) {
	c, ok := conn.(backuper)
	if !ok {
		return nil, errors.New("the driver makes no backups")
	}
	return c.NewBackup("file:" + path + "?" + backupPragmas)
}

// Backup writes a copy of the store, consistent and whole, while it works on.
// One backup is made at a time; a second is hotel.Conflict. With less free disk
// than the copy takes and Config.Spare it is not begun: hotel.Unavailable.
func (s *Store) Backup(ctx context.Context, to io.Writer) error {
	dir := filepath.Dir(s.lock.Name())
	return stream(dir, s.spare, to, func(path string) error { return s.copyTo(ctx, path) })
}

// copyTo copies the database, slice by slice.
func (s *Store) copyTo(ctx context.Context, path string) (err error) {
	err = s.bare(ctx, opBackup, func(w *writer) (err error) {
		if w.backup != nil {
			return rule.Err(opBackup, hotel.Conflict, "another backup is under way: wait for its end")
		}
		w.backup, err = beginBackup(w.raw, path)
		return err
	})
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		err = s.bare(ctx, opBackup, func(w *writer) (err error) {
			for until := w.now().Add(sliceTime); more && err == nil; {
				more, err = w.backup.Step(backupPages)
				if !w.now().Before(until) {
					break
				}
			}
			return err
		})
	}
	end := s.bare(context.WithoutCancel(ctx), opBackup, (*writer).endBackup)
	if err == nil {
		err = end
	}
	return err
}

// bare is a slice outside a transaction.
func (s *Store) bare(ctx context.Context, op string, work func(w *writer) error) error {
	return s.send(ctx, s.chores, &request{op: op, bare: true, apply: func(w *writer) error {
		err := work(w)
		if err != nil && !isAnswer(err) {
			err = away(op, err)
		}
		return err
	}})
}

// endBackup closes the copy. The writer does so too when it leaves.
func (w *writer) endBackup() error {
	b := w.backup
	if b == nil {
		return nil
	}
	w.backup = nil
	return b.Finish()
}

// BackupFolder is Backup of a folder that no engine holds. It does not migrate.
func BackupFolder(ctx context.Context, c Config, to io.Writer) (err error) {
	db, done, err := offline(ctx, opBackup, c.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return stream(c.Dir, c.Spare, to, func(path string) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return away(opBackup, err)
		}
		defer func() { _ = conn.Close() }() // done closes the pool
		return raw(conn, func(dc driver.ConnPrepareContext) error {
			b, err := beginBackup(dc, path)
			if err != nil {
				return away(opBackup, err)
			}
			for more := true; more && err == nil; {
				if more, err = b.Step(100 * backupPages); ctx.Err() != nil {
					err = ctx.Err()
				}
			}
			if err = errors.Join(err, b.Finish()); err != nil {
				return away(opBackup, err)
			}
			return nil
		})
	})
}

// fits tells whether the copy of a folder's database has room beside it. A
// disk that a backup filled would stop the engine.
func fits(dir string, spare uint64) error {
	free, err := disk.Free(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, file)
	if need := uint64(sizeOf(path, path+"-wal")); free < need+spare {
		return &hotel.Error{Op: opBackup, Kind: hotel.Unavailable, Code: "disk", Err: fmt.Errorf(
			"the copy takes up to %d MB under DATA_DIR, %d MB are free there and %d MB (DISK_MIN_FREE) must stay: free some disk first",
			need/1e6, free/1e6, spare/1e6)}
	}
	return nil
}

// stream has a file made in dir, for its owner only, and streams it.
func stream(dir string, spare uint64, to io.Writer, fill func(path string) error) (err error) {
	if err := fits(dir, spare); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, backupName)
	if err != nil {
		return away(opBackup, err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := fill(f.Name()); err != nil {
		return err
	}
	if _, err := io.Copy(to, f); err != nil {
		return &hotel.Error{Op: opBackup, Kind: hotel.Transient, Err: fmt.Errorf("whoever takes the backup does not take it: %w", err)}
	}
	return nil
}

// offline locks a folder that no engine holds and opens its database as it is:
// one of a newer release is refused. hotel.NotFound: there is none.
func offline(ctx context.Context, op, dir string) (db *sql.DB, done func() error, err error) {
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err != nil {
		return nil, nil, &hotel.Error{Op: op, Kind: hotel.NotFound, Err: fmt.Errorf("there is no store in %s", dir)}
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, nil, err
	}
	tidy(dir)
	if db, err = open(path, writerPragmas, 1); err != nil {
		return nil, nil, away(op, errors.Join(err, lock.Close()))
	}
	done = func() error { return errors.Join(db.Close(), lock.Close()) }
	if err := readable(ctx, op, db); err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return db, done, nil
}

// tidy removes what a process that was killed has left of a backup or a scrub.
// The folder's lock is held, so nobody works on any of it.
func tidy(dir string) {
	for _, pattern := range []string{backupName + "*", scrubName + "*", restoreName + "*"} {
		left, _ := filepath.Glob(filepath.Join(dir, pattern)) // our own patterns
		for _, path := range left {
			_ = os.Remove(path) // tried again at the next start
		}
	}
}
