package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	opScrub   = "sqlite.Scrub"
	scrubName = file + ".scrub"
)

// Scrubbed tells what a scrub did.
type Scrubbed struct {
	Before, After int64 // bytes of the folder's files
}

// Scrub writes the database of a folder, which no engine may hold, anew, with
// nothing in it but what its tables hold: what pages and log still kept of
// deleted rows is gone then, and the audit says when. It wants as much free
// disk as the store takes; until the new file takes the old one's place, in one
// step, the old one is whole.
func Scrub(ctx context.Context, c Config, by string, now time.Time) (out Scrubbed, err error) {
	db, done, err := offline(ctx, opScrub, c.Dir)
	if err != nil {
		return out, err
	}
	path, fresh := filepath.Join(c.Dir, file), filepath.Join(c.Dir, scrubName)
	out.Before = sizeOf(path, path+"-wal")
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	err = func() error {
		if err := migrate(ctx, db, log); err != nil { // the audit's table may be new
			return err
		}
		if err := create(fresh); err != nil { // ours only, before there is anything in it
			return err
		}
		if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, fresh); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, execTruncate); err != nil {
			return err
		}
		return attest(ctx, fresh, by, now)
	}()
	if err == nil {
		err = swap(c.Dir, fresh, path, db)
	}
	if err = errors.Join(err, done()); err != nil {
		tidy(c.Dir)
		return out, &hotel.Error{Op: opScrub, Kind: hotel.Unavailable,
			Err: fmt.Errorf("the store is as it was (is there as much free disk as it takes?): %w", err)}
	}
	out.After = sizeOf(path, path+"-wal")
	return out, nil
}

// attest writes into the new database when it was scrubbed.
func attest(ctx context.Context, fresh, by string, now time.Time) error {
	db, err := open(fresh, writerPragmas, 1)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, execAudit, ms(now), by, string(hotel.AuditScrubbed), "", "")
	if err == nil {
		_, err = db.ExecContext(ctx, execTruncate)
	}
	return errors.Join(err, db.Close(), syncFile(fresh))
}

// swap puts the new database into the old one's place. The old one's log must
// not be read into it: it is closed, and gone, before.
func swap(dir, fresh, path string, old *sql.DB) error {
	if err := old.Close(); err != nil {
		return err
	}
	for _, beside := range []string{path + "-wal", path + "-shm", fresh + "-wal", fresh + "-shm"} {
		if err := os.Remove(beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncFile(dir)
}

// syncFile makes a file's content, or a folder's names, durable.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func sizeOf(paths ...string) (total int64) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			total += info.Size()
		}
	}
	return total
}
