package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/persistence/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		live(dir) // until it is killed
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, t.TempDir()) })
}

func TestASecondEngineExitsSayingSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)

	_, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.Equal(t, hotel.Conflict, hotel.KindOf(err))
	require.ErrorContains(t, err, "another engine holds the data folder "+dir)

	require.NoError(t, first.Close())
	open(t, dir)
}

func TestNobodyElseReadsTheFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	hear(t, s, "1")

	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 3, "the database, its log, the lock")
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	taken := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(taken, nil, 0o600))
	_, err := sqlite.Open(t.Context(), sqlite.Config{Dir: taken})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "lock"), 0o700))
	_, err = sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))

	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conserje.db"), []byte("this is no database, and never was one"), 0o600))
	_, err = sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
}

// hear accepts one message, without a message id.
func hear(t testing.TB, s *sqlite.Store, number string) hotel.InboxRow {
	t.Helper()
	a := message(0)
	a.MessageID, a.Aliases[0].Value = "", number
	res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{a}})
	require.NoError(t, err)
	return res.Arrivals[0].Row
}

func TestEverythingIsThereAfterAReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	answered, waits := hear(t, s, "1"), hear(t, s, "2")
	_, err := s.Commit(t.Context(), turn(answered, 0))
	require.NoError(t, err)
	hash := s.Hash("a")
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "twice is once")

	s = open(t, dir)

	require.Equal(t, hash, s.Hash("a"))
	b, err := s.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.Unconsumed)
	require.Equal(t, 1, b.Sending)
	again := hear(t, s, "2")
	require.Equal(t, waits.Guest, again.Guest)
	require.Greater(t, again.Order, waits.Order)
	a, err := s.Activate(t.Context(), waits.Guest, 10)
	require.NoError(t, err)
	require.Len(t, a.Pending, 2)

	swept, err := s.Sweep(t.Context(), hotel.Sweep{Now: time.Now(), Owner: "the next engine", Limit: 10})
	require.NoError(t, err)
	require.Len(t, swept.Claims, 1, "the engine that claimed it is gone: its claim is ours")
	require.Empty(t, swept.Claims[0].Owner)
	require.Equal(t, 1, swept.Claims[0].Attempt)
}

func TestAnOrderIsNeverGivenTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	row := hear(t, s, "1")
	c := turn(row, 0)
	c.Outbox, c.At = nil, time.Now().Add(-48*time.Hour)
	_, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	old := time.Now().Add(48 * time.Hour)
	n, err := s.Trim(t.Context(), old, hotel.Retention{Inbox: 24 * time.Hour}, 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, s.Close())

	require.Greater(t, hear(t, open(t, dir), "1").Order, row.Order)
}

func TestMigrateGoesForwardAndBack(t *testing.T) {
	t.Parallel()
	c := sqlite.Config{Dir: t.TempDir()}
	list, err := sqlite.Migrations(t.Context(), c.Dir)
	require.NoError(t, err)
	newest := list[len(list)-1].Version
	for _, step := range []struct{ ask, from, to int64 }{{sqlite.Newest, 0, newest}, {0, newest, 0}, {1, 0, 1}, {1, 1, 1}} {
		from, to, err := sqlite.Migrate(t.Context(), c, step.ask)
		require.NoError(t, err)
		require.Equal(t, step.from, from)
		require.Equal(t, step.to, to)
	}
	_, _, err = sqlite.Migrate(t.Context(), c, 99)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))

	s := open(t, c.Dir)
	hear(t, s, "1")
	_, _, err = sqlite.Migrate(t.Context(), c, sqlite.Newest)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine holds it")
}
