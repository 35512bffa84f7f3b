package sqlite

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/metrics"
)

func openTest(t *testing.T, m *metrics.Metrics) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Metrics: m})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func said(number string) hotel.Accept {
	return hotel.Accept{Arrivals: []hotel.Arrival{{Key: hotel.Key(keys.New()), Property: "sur", Kind: hotel.KindSaid,
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: number}}, At: time.Now()}}}
}

// hold keeps the writer busy until the returned func is called.
func hold(t testing.TB, s *Store) (release func()) {
	in, out := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := submit(context.Background(), s, "hold", func(*writer) (int, error) {
			close(in)
			<-out
			return 0, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-in
	return func() { close(out); wg.Wait() }
}

// queued waits until n requests wait for the writer.
func queued(t testing.TB, s *Store, n int) {
	require.Eventually(t, func() bool { return len(s.queue) == n }, 10*time.Second, time.Millisecond)
}

func TestACallerThatLeavesTakesItsRequestBack(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	release := hold(t, s)
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { _, err = s.Accept(ctx, said("1")) })
	queued(t, s, 1)
	leave()
	wg.Wait()
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.ErrorIs(t, err, context.Canceled)
	release()

	b, err := s.Backlog(t.Context())
	require.NoError(t, err)
	require.Zero(t, b.Unconsumed)
	res, err := s.Accept(t.Context(), said("1"))
	require.NoError(t, err)
	require.True(t, res.Arrivals[0].NewGuest, "nothing of it was written")
}

func TestWhatWaitsSharesACommit(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	s := openTest(t, m)
	release := hold(t, s)
	before := testutil.ToFloat64(m.StoreCommits)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { _, _ = s.Accept(t.Context(), said("1")) })
	}
	queued(t, s, 50)
	release()
	wg.Wait()
	require.InDelta(t, 2, testutil.ToFloat64(m.StoreCommits)-before, 0, "the one that held it, and one for all")
}

func TestCloseLetsWhatWaitsFinish(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Config{Dir: t.TempDir()})
	require.NoError(t, err)
	release := hold(t, s)
	var wg sync.WaitGroup
	var accepted, closed error
	wg.Go(func() { _, accepted = s.Accept(t.Context(), said("1")) })
	queued(t, s, 1)
	wg.Go(func() { closed = s.Close() })
	<-s.quit
	release()
	wg.Wait()
	require.NoError(t, accepted)
	require.NoError(t, closed)
}

// TestAFailureOfSQLiteIsItsOwnRequests breaks one table under the writer: only
// the requests that need it fail, though all shared a batch.
func TestAFailureOfSQLiteIsItsOwnRequests(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	var guests []hotel.InboxRow
	for _, number := range []string{"1", "2", "3"} {
		res, err := s.Accept(t.Context(), said(number))
		require.NoError(t, err)
		guests = append(guests, res.Arrivals[0].Row)
	}
	db, err := open(filepath.Join(filepath.Dir(s.lock.Name()), file), "_pragma=busy_timeout(5000)", 1)
	require.NoError(t, err)
	_, err = db.Exec(`DROP TABLE transcript`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	release := hold(t, s)
	errs := make([]error, len(guests))
	var wg sync.WaitGroup
	for i, row := range guests {
		c := hotel.TurnCommit{Guest: row.Guest, Property: "sur", Consumed: []hotel.Key{row.Key}, At: time.Now()}
		if i == 1 {
			c.Transcript = []byte(`[]`)
		}
		wg.Go(func() { _, errs[i] = s.Commit(t.Context(), c) })
	}
	queued(t, s, len(guests))
	release()
	wg.Wait()

	require.NoError(t, errs[0])
	require.Equal(t, hotel.Unavailable, hotel.KindOf(errs[1]))
	require.NoError(t, errs[2])
	b, err := s.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, b.Unconsumed)
	a, err := s.Activate(t.Context(), guests[1].Guest, 1)
	require.NoError(t, err)
	require.Zero(t, a.Guest.Version, "nothing of it was kept")
}

func TestMigrationsGoForwardAndBack(t *testing.T) {
	t.Parallel()
	db, err := open(filepath.Join(t.TempDir(), file), writerPragmas, 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	tables := func() (n int) {
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'`).Scan(&n))
		return n
	}
	p, err := provider(db)
	require.NoError(t, err)
	for range 2 {
		_, err = p.UpTo(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, 10, tables())
		_, err = p.Up(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, tables(), 10)
		_, err = p.DownTo(t.Context(), 0)
		require.NoError(t, err)
		require.Zero(t, tables())
	}
}

func TestANewDatabaseHasSmallPages(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(dir string) error{
		"open": func(dir string) error {
			s, err := Open(t.Context(), Config{Dir: dir})
			if err == nil {
				err = s.Close()
			}
			return err
		},
		"migrate": func(dir string) error {
			_, _, err := Migrate(t.Context(), Config{Dir: dir}, Newest)
			return err
		},
		"one of before": func(dir string) error { // keeps what it has
			db, err := open(filepath.Join(dir, file), writerPragmas, 1)
			require.NoError(t, err)
			require.NoError(t, migrate(t.Context(), db, slog.New(slog.DiscardHandler)))
			require.NoError(t, db.Close())
			s, err := Open(t.Context(), Config{Dir: dir})
			require.NoError(t, err)
			return s.Close()
		},
	} {
		dir := t.TempDir()
		require.NoError(t, begin(dir), name)
		db, err := open(filepath.Join(dir, file), readerPragmas, 1)
		require.NoError(t, err)
		var size string
		require.NoError(t, db.QueryRow(`PRAGMA page_size`).Scan(&size))
		require.NoError(t, db.Close())
		if name == "one of before" {
			require.Equal(t, "4096", size)
			continue
		}
		require.Equal(t, pageSize, size, name)
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()
	r := newRecent[int, int](2)
	for i := range 5 {
		r.put(i, i*10)
	}
	_, ok := r.get(0)
	require.False(t, ok)
	v, ok := r.get(2)
	require.True(t, ok, "the older generation")
	require.Equal(t, 20, v)
	v, ok = r.get(4)
	require.True(t, ok)
	require.Equal(t, 40, v)
	r.clear()
	_, ok = r.get(4)
	require.False(t, ok)
}

func TestManyRowsAreWrittenAndFound(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	var a hotel.Accept
	for range 200 {
		one := said("1").Arrivals[0]
		one.MessageID = keys.New()
		a.Arrivals = append(a.Arrivals, one)
	}
	a.Arrivals = append(a.Arrivals, a.Arrivals[7])
	first, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	require.True(t, first.Arrivals[200].Duplicate, "twice in one body")
	require.Equal(t, first.Arrivals[7].Row, first.Arrivals[200].Row)

	more := a
	more.Arrivals = append([]hotel.Arrival{said("1").Arrivals[0]}, a.Arrivals...)
	again, err := s.Accept(t.Context(), more)
	require.NoError(t, err)
	require.False(t, again.Arrivals[0].Duplicate)
	for i, got := range again.Arrivals[1:] {
		require.True(t, got.Duplicate)
		require.Equal(t, a.Arrivals[i].Key, got.Row.Key)
	}
}

// TestTheLogIsCopiedBesideTheWriter writes less than SQLite's own checkpoint
// needs, and still finds the rows in the database's file.
func TestTheLogIsCopiedBesideTheWriter(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	var wg sync.WaitGroup
	for caller := range 100 {
		wg.Go(func() {
			for n := range checkpointEvery/100 + 1 {
				if _, err := s.Accept(t.Context(), said(strconv.Itoa(caller*1000+n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	path := filepath.Join(filepath.Dir(s.lock.Name()), file)
	require.Eventually(t, func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() > 500_000
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, s.Ping(t.Context()), "the batch in which the writer finishes the copy")
}
