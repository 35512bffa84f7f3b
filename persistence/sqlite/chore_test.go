package sqlite

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/metrics"
)

// tune changes the writer between two batches.
func tune(t *testing.T, s *Store, f func(w *writer)) {
	t.Helper()
	stock(t, s, func(w *writer) error { f(w); return nil })
}

// stock writes what only the writer can.
func stock(t *testing.T, s *Store, f func(w *writer) error) {
	t.Helper()
	_, err := submit(t.Context(), s, "stock", func(w *writer) (struct{}, error) { return struct{}{}, f(w) })
	require.NoError(t, err)
}

// TestAChoreIsDoneInSlices counts on a clock of its own, a millisecond a look:
// no slice is longer than its ten, and each is a transaction.
func TestAChoreIsDoneInSlices(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	s := openTest(t, m)
	clock := time.Unix(0, 0)
	tune(t, s, func(w *writer) {
		w.now = func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	})
	before := testutil.ToFloat64(m.StoreCommits)

	const steps = 95
	done, inSlice, longest := 0, 0, 0
	err := s.slices(t.Context(), "chore", func(*writer) (bool, error) {
		done++
		inSlice++
		longest = max(longest, inSlice)
		return done < steps, nil
	}, func(*writer) error { inSlice = 0; return nil })

	require.NoError(t, err)
	require.Equal(t, steps, done)
	require.Equal(t, 10, longest, "10 ms")
	require.InDelta(t, 10, testutil.ToFloat64(m.StoreCommits)-before, 0)
}

// TestAChoreGoesBehindWhatWaits queues a chore first and webhooks after it: the
// webhooks are committed before the chore's first step, and between its slices.
func TestAChoreGoesBehindWhatWaits(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	var accepted atomic.Int64
	release := hold(t, s)
	var wg sync.WaitGroup
	const webhooks = 50
	var before int64 = -1
	wg.Go(func() {
		err := s.slices(t.Context(), "chore", func(w *writer) (bool, error) {
			if before < 0 {
				before = int64(len(w.store.queue))
			}
			return false, nil
		}, nil)
		if err != nil {
			t.Error(err)
		}
	})
	for n := range webhooks {
		wg.Go(func() {
			if _, err := s.Accept(t.Context(), said(strconv.Itoa(n))); err != nil {
				t.Error(err)
			}
			accepted.Add(1)
		})
	}
	queued(t, s, webhooks)
	release()
	wg.Wait()
	require.Zero(t, before, "nothing waited when the chore began")
	require.EqualValues(t, webhooks, accepted.Load())
}

// TestAChoreEndsInAFlood keeps something waiting all the time: a chore of many
// slices gets its turns all the same.
func TestAChoreEndsInAFlood(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	tune(t, s, func(w *writer) {
		clock := time.Unix(0, 0)
		w.now = func() time.Time { clock = clock.Add(time.Hour); return clock } // a step a slice
	})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for caller := range 32 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_, _ = s.Accept(ctx, said(strconv.Itoa(caller))) // an end while it waits is no error here
			}
		})
	}
	left, most := 20, 0
	err := s.slices(t.Context(), "chore", func(w *writer) (bool, error) {
		most = max(most, w.passed)
		left--
		return left > 0, nil
	}, nil)
	stop()
	wg.Wait()
	require.NoError(t, err)
	require.Zero(t, left)
	require.Zero(t, most, "its wait begins anew with each slice")
}

func TestAChoreThatFailsIsUndone(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	err := s.slices(t.Context(), "chore", func(w *writer) (bool, error) {
		if err := w.sql.meta.exec("half", []byte("done")); err != nil {
			return false, err
		}
		return false, os.ErrInvalid
	}, nil)
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	var n int
	require.NoError(t, s.read.db.QueryRow(`SELECT count(*) FROM meta WHERE name = 'half'`).Scan(&n))
	require.Zero(t, n)
	require.NoError(t, s.Ping(t.Context()))

	ctx, leave := context.WithCancel(t.Context())
	leave()
	require.ErrorIs(t, s.slices(ctx, "chore", nil, nil), context.Canceled)
}

// TestTheLogIsCutWhenItIsLong writes more than the log may hold.
func TestTheLogIsCutWhenItIsLong(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	s := openTest(t, m)
	const most = 256 << 10
	tune(t, s, func(w *writer) { w.walMost = most })
	size := func() int64 {
		info, err := os.Stat(s.wal)
		require.NoError(t, err)
		return info.Size()
	}
	large := said("1")
	large.Arrivals[0].Body = make([]byte, 64<<10)
	for range 10 {
		large.Arrivals[0].Key = hotel.Key(keys.New())
		_, err := s.Accept(t.Context(), large)
		require.NoError(t, err)
	}
	long := size()
	require.Greater(t, long, int64(most))
	require.Eventually(t, func() bool { return int64(testutil.ToFloat64(m.StoreWALBytes)) == long }, 10*time.Second, time.Millisecond,
		"the metric is the file's size") // set after the answer

	reading, err := s.read.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, reading.QueryRow(`SELECT count(*) FROM inbox`).Scan(new(int)))
	asked := make(chan struct{})
	tune(t, s, func(w *writer) { w.unchecked = truncateEvery; close(asked) })
	<-asked
	require.NoError(t, s.Ping(t.Context()), "a reader keeps the log, and nobody waits for it")
	require.NoError(t, reading.Rollback())

	require.Eventually(t, func() bool {
		tune(t, s, func(w *writer) { w.unchecked = truncateEvery })
		return size() < most
	}, 20*time.Second, 5*time.Millisecond)
}

// TestDeletedBytesAreGone: what is deleted is overwritten in the database's file.
func TestDeletedBytesAreGone(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	const canary = "canary-4711-canary"
	a := said("1")
	a.Arrivals[0].Body = []byte(`{"text":"` + canary + `"}`)
	res, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	row := res.Arrivals[0].Row
	_, err = s.Commit(t.Context(), hotel.TurnCommit{Guest: row.Guest, Property: "sur", Consumed: []hotel.Key{row.Key}, At: time.Now()})
	require.NoError(t, err)
	n, err := s.Trim(t.Context(), time.Now().Add(time.Hour), hotel.Retention{Inbox: time.Minute}, 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, s.Close(), "the last one out copies the log and deletes it")
	b, err := os.ReadFile(filepath.Join(filepath.Dir(s.lock.Name()), file))
	require.NoError(t, err)
	require.False(t, bytes.Contains(b, []byte(canary)), "the file holds what was deleted")
}

// TestTrimGoesThroughPages deletes more than a read transaction looks at, and
// remembers how far the walk through the hashes is.
func TestTrimGoesThroughPages(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	const rows = 2*trimPage + 10
	stock(t, s, func(w *writer) error {
		w.order = rows
		for n := range int64(rows) {
			w.sql.addInbox.add(n+1, keys.New(), "g", "said", []byte{}, int64(1))
			w.sql.addSeen.add([]byte(keys.New()), int64(1), n+1)
		}
		_, err := w.sql.addInbox.flush()
		if err == nil {
			_, err = w.sql.addSeen.flush()
		}
		err = errors.Join(err, w.once(`UPDATE inbox SET consumed = 86400000`, ignored))
		return err
	})
	keep := hotel.Retention{Inbox: time.Hour, Seen: time.Hour}
	total := 0
	for _, limit := range []int{rows - 5, rows, rows} {
		n, err := s.Trim(t.Context(), time.Now(), keep, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, n, limit)
		total += n
	}
	require.Equal(t, 2*rows, total)
	var left int
	require.NoError(t, s.read.db.QueryRow(`SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM seen)`).Scan(&left))
	require.Zero(t, left)
}

// TestListsGoThroughPages lists more than a read transaction looks at.
func TestListsGoThroughPages(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	stock(t, s, func(w *writer) (err error) {
		for n := range int64(2*bookingPage + 3) {
			property := "sur"
			if n%500 == 0 {
				property = "norte"
			}
			id := strconv.FormatInt(n, 10)
			err = errors.Join(err, w.sql.reservation.exec(w.nextOrder(), "R"+id, property, "g", `{"code":"`+id+`"}`))
		}
		for n := range int64(2*handoverPage + 3) {
			state := "closed"
			if n%500 == 0 {
				state = "open"
			}
			err = errors.Join(err, w.sql.handoff.exec("g"+strconv.FormatInt(n, 10), "sur", state, "", "", "", n+1, int64(0), int64(0)))
		}
		return err
	})
	rare, err := s.Reservations(t.Context(), "norte", 10)
	require.NoError(t, err)
	require.Len(t, rare, 3)
	require.EqualValues(t, "1000", rare[0].Code, "newest first")
	all, err := s.Reservations(t.Context(), "", bookingPage+1)
	require.NoError(t, err)
	require.Len(t, all, bookingPage+1)

	handoffs, err := s.Handoffs(t.Context(), "sur", false, 7)
	require.NoError(t, err)
	require.Len(t, handoffs, 7)
	require.EqualValues(t, "g2000", handoffs[0].Guest)
	require.Equal(t, hotel.HandoffOpen, handoffs[4].State)
	require.EqualValues(t, "g2002", handoffs[5].Guest, "then the newest of the closed")
	none, err := s.Handoffs(t.Context(), "norte", false, 7)
	require.NoError(t, err)
	require.Empty(t, none)
}
