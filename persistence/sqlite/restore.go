package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	opRestore    = "sqlite.Restore"
	restoreName  = file + ".restore"
	metaRestored = "restored"

	// A backup is older than the truth: what waits in it may have left since. A
	// create or a mail that waits counts as one that has left once, so that the
	// create is looked up before it is made, and the mail says that it may be a
	// repetition. Rows that are sending are in doubt as after any death.
	execDoubtWaiting = `UPDATE outbox SET attempt = attempt + 1 WHERE state = 0 AND kind IN ('book', 'change', 'mail')`
	execDoubtSending = `UPDATE outbox SET owner = '' WHERE state = 1`
)

// Restore makes the store of a folder from a backup. The folder is empty or is
// not there yet: hotel.Conflict else, for nothing is ever written over. What is
// no whole backup of ours is hotel.Invalid, and the folder is left empty.
func Restore(ctx context.Context, c Config, from string, now time.Time) (err error) {
	if err := empty(c.Dir); err != nil {
		return err
	}
	lock, err := lockFolder(c.Dir)
	if err != nil {
		return err
	}
	fresh := filepath.Join(c.Dir, restoreName)
	if err = copyFile(from, fresh); err == nil {
		err = inDoubt(ctx, fresh, now)
	}
	if err == nil {
		err = errors.Join(os.Rename(fresh, filepath.Join(c.Dir, file)), syncFile(c.Dir))
	}
	if err = errors.Join(err, lock.Close()); err == nil {
		return nil
	}
	tidy(c.Dir)
	_ = os.Remove(filepath.Join(c.Dir, "lock")) // so that the next try finds it empty
	if isAnswer(err) {
		return err
	}
	return away(opRestore, err)
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return &hotel.Error{Op: opRestore, Kind: hotel.Invalid, Err: err}
	}
	return &hotel.Error{Op: opRestore, Kind: hotel.Conflict, Err: fmt.Errorf("%s is not empty: name a new folder, for a restore writes over nothing", dir)}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return &hotel.Error{Op: opRestore, Kind: hotel.Invalid, Err: err}
	}
	defer func() { _ = in.Close() }()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return &hotel.Error{Op: opRestore, Kind: hotel.Invalid, Err: errors.Join(err, fmt.Errorf("%s is no file", from))}
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// inDoubt checks the copy, and makes it a store that knows that it is older
// than the truth.
func inDoubt(ctx context.Context, path string, now time.Time) error {
	if err := Check(ctx, path); err != nil {
		return err
	}
	db, err := open(path, writerPragmas, 1)
	if err != nil {
		return err
	}
	err = readable(ctx, opRestore, db)
	for _, x := range []struct {
		query string
		args  []any
	}{
		{execDoubtWaiting, nil}, {execDoubtSending, nil},
		{execMeta, []any{metaRestored, []byte(strconv.FormatInt(ms(now), 10))}},
		{execTruncate, nil},
	} {
		if err == nil {
			_, err = db.ExecContext(ctx, x.query, x.args...)
		}
	}
	err = errors.Join(err, db.Close())
	if err == nil {
		err = syncFile(path)
	}
	return err
}

// Check reads a backup's file through: hotel.Invalid when it is not whole, or no
// store of ours. It changes nothing.
func Check(ctx context.Context, path string) error {
	const op = "sqlite.Check"
	broken := func(err error) error {
		return &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("%s is no whole backup of a store: %w", path, err)}
	}
	if _, err := os.Stat(path); err != nil {
		return broken(err)
	}
	db, err := open(path, "mode=ro&immutable=1&_pragma=query_only(1)", 1)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return broken(err)
	}
	if verdict != "ok" {
		return broken(errors.New("it is damaged"))
	}
	if applied, err := appliedAt(ctx, db); err != nil || len(applied) == 0 {
		return broken(errors.Join(err, errors.New("it holds no store")))
	}
	return nil
}

// Restored tells when the store was made from a backup; zero = it was not.
func (s *Store) Restored() time.Time { return s.restored }

// readRestored reads when the store was restored.
func readRestored(ctx context.Context, db *sql.DB) (time.Time, error) {
	var b []byte
	err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, metaRestored).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return at(n), err
}
