package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

// kept writes a backup into a file.
func kept(t *testing.T, backup func(to *os.File) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.db")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	require.NoError(t, backup(f))
	require.NoError(t, f.Close())
	return path
}

// TestABackupIsTakenWhileItWorks: what was acknowledged before it is in it, each
// turn whole; the store works on meanwhile, and nothing is left in the folder.
func TestABackupIsTakenWhileItWorks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	var before []hotel.InboxRow
	for n := range 300 {
		before = append(before, hear(t, s, strconv.Itoa(n)))
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for caller := range 8 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				a := message(int64(caller*1_000_000 + n))
				res, err := s.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{a}})
				if err == nil {
					_, _ = s.Commit(ctx, turn(res.Arrivals[0].Row, 0)) // an end in between is no error here
				}
			}
		})
	}
	file := kept(t, func(to *os.File) error { return s.Backup(t.Context(), to) })
	stop()
	wg.Wait()
	left, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, sqlite.Check(t.Context(), file))

	folder := filepath.Join(t.TempDir(), "restored")
	require.NoError(t, sqlite.Restore(t.Context(), sqlite.Config{Dir: folder}, file, time.Now()))
	r := open(t, folder)
	require.WithinDuration(t, time.Now(), r.Restored(), time.Minute)
	require.True(t, s.Restored().IsZero())
	require.Equal(t, s.Hash("a"), r.Hash("a"), "repeats are known as before")
	for _, row := range before {
		a, err := r.Activate(t.Context(), row.Guest, 10)
		require.NoError(t, err)
		require.Len(t, a.Pending, 1)
	}
	swept, err := r.Sweep(t.Context(), hotel.Sweep{Now: time.Now(), Owner: "anybody", Limit: 10_000})
	require.NoError(t, err)
	for _, row := range swept.Claims {
		require.Empty(t, row.Owner, "nobody holds it: it is in doubt")
		g, err := r.Guest(t.Context(), row.Guest)
		require.NoError(t, err)
		require.EqualValues(t, 1, g.Version, "its turn is there whole")
	}
	hear(t, r, "after")
}

func TestABackupOfAFolderThatNobodyHolds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	row := hear(t, s, "1")
	var out bytes.Buffer
	err := sqlite.BackupFolder(t.Context(), sqlite.Config{Dir: dir}, &out)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine holds it")
	require.NoError(t, s.Close())

	file := kept(t, func(to *os.File) error { return sqlite.BackupFolder(t.Context(), sqlite.Config{Dir: dir}, to) })
	folder := t.TempDir()
	require.NoError(t, sqlite.Restore(t.Context(), sqlite.Config{Dir: folder}, file, time.Now()))
	a, err := open(t, folder).Activate(t.Context(), row.Guest, 10)
	require.NoError(t, err)
	require.Len(t, a.Pending, 1)

	err = sqlite.BackupFolder(t.Context(), sqlite.Config{Dir: t.TempDir()}, &out)
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.Error(t, sqlite.BackupFolder(gone, sqlite.Config{Dir: dir}, &out))
}

// TestABackupDoesNotFillTheDisk: one that would leave less than must stay free is not begun.
func TestABackupDoesNotFillTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Spare: 1 << 60})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	hear(t, s, "1")
	var out bytes.Buffer
	err = s.Backup(t.Context(), &out)
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.ErrorContains(t, err, "DISK_MIN_FREE")
	require.Zero(t, out.Len())
	hear(t, s, "2")
}

// TestWhatWaitsInABackupMayHaveLeft: a backup is older than the truth.
func TestWhatWaitsInABackupMayHaveLeft(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	row := hear(t, s, "1")
	c := turn(row, 0)
	c.Outbox = append(c.Outbox,
		hotel.OutboxRow{Key: row.Key + "/1", Lane: "pms:sur:1", Kind: hotel.KindBook, Body: []byte(`{}`)},
		hotel.OutboxRow{Key: row.Key + "/2", Lane: "mail:x", Kind: hotel.KindMail, Body: []byte(`{}`)},
		hotel.OutboxRow{Key: row.Key + "/3", Lane: c.Outbox[0].Lane, Kind: hotel.KindSay, Body: []byte(`{}`)})
	_, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	file := kept(t, func(to *os.File) error { return s.Backup(t.Context(), to) })
	folder := t.TempDir()
	require.NoError(t, sqlite.Restore(t.Context(), sqlite.Config{Dir: folder}, file, time.Now()))
	r := open(t, folder)
	for n, attempt := range []int{1, 1, 1, 0} {
		got, err := r.Row(t.Context(), row.Key+hotel.Key("/"+strconv.Itoa(n)))
		require.NoError(t, err)
		require.Equal(t, attempt, got.Attempt, "row %d", n)
		require.Empty(t, got.Owner)
	}
	claimed, err := r.Claim(t.Context(), hotel.Claim{Lane: "pms:sur:1", Owner: "e", At: time.Now()})
	require.NoError(t, err)
	require.Equal(t, 2, claimed.Attempt, "a repeat: it is looked up first")
}

func TestARestoreWritesOverNothing(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	hear(t, s, "1")
	file := kept(t, func(to *os.File) error { return s.Backup(t.Context(), to) })
	restore := func(dir, from string) error {
		return sqlite.Restore(t.Context(), sqlite.Config{Dir: dir}, from, time.Now())
	}

	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "anything"), nil, 0o600))
	require.Equal(t, hotel.Conflict, hotel.KindOf(restore(full, file)))

	junk := filepath.Join(t.TempDir(), "junk")
	require.NoError(t, os.WriteFile(junk, bytes.Repeat([]byte("no database "), 1000), 0o600))
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	cut := filepath.Join(t.TempDir(), "cut")
	require.NoError(t, os.WriteFile(cut, whole[:len(whole)/2], 0o600))
	nothing := filepath.Join(t.TempDir(), "nothing")
	require.NoError(t, os.WriteFile(nothing, nil, 0o600))
	newer := filepath.Join(t.TempDir(), "conserje.db")
	require.NoError(t, os.WriteFile(newer, whole, 0o600))
	script(t, filepath.Dir(newer), `UPDATE meta SET value = '9' WHERE name = 'min_reader'`)
	for _, from := range []string{junk, cut, nothing, newer, filepath.Join(t.TempDir(), "missing"), t.TempDir()} {
		dir := t.TempDir()
		err := restore(dir, from)
		require.Error(t, err, from)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "the folder is as it was")
	}
	require.Equal(t, hotel.Invalid, hotel.KindOf(restore(file, file)), "a file is no folder")
	require.NoError(t, restore(t.TempDir(), file))
}

// broken takes no bytes.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestABackupThatNobodyTakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	require.ErrorContains(t, s.Backup(t.Context(), broken{}), "the disk is full")
	require.NoError(t, s.Backup(t.Context(), &bytes.Buffer{}), "the next one is taken")
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.ErrorIs(t, s.Backup(gone, &bytes.Buffer{}), context.Canceled)
	require.NoError(t, s.Close())
	require.Equal(t, hotel.Unavailable, hotel.KindOf(s.Backup(t.Context(), &bytes.Buffer{})))
	left, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
