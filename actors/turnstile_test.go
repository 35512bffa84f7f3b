package actors

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTurnstile(t *testing.T) {
	t.Parallel()

	// start lets n turns try to enter, and counts those that are in.
	start := func(t *testing.T, ts *turnstile, n int) *atomic.Int64 {
		var in atomic.Int64
		for range n {
			go func() {
				ts.enter()
				in.Add(1)
			}()
		}
		synctest.Wait()
		t.Cleanup(func() { time.Sleep(turnPatience) }) // whoever still waits goes in, and ends
		return &in
	}
	// accepts keeps n accepts under way for d of bubble time, all ended by one commit and begun anew.
	accepts := func(ts *turnstile, n int, d time.Duration) {
		const commit = time.Millisecond
		for end := time.Now().Add(d); time.Now().Before(end); {
			for range n {
				ts.arrive()
			}
			time.Sleep(commit)
			for range n {
				ts.depart()
			}
		}
	}
	says := func(short bool) *turnstile { return &turnstile{short: func() bool { return short }} }

	t.Run("NoMoreThanShareACommit", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			in := start(t, ts, manyTurns+5)
			require.EqualValues(t, manyTurns, in.Load())
			for range 5 {
				ts.leave()
			}
			synctest.Wait()
			require.EqualValues(t, manyTurns+5, in.Load())
		})
	})
	t.Run("FewAcceptsHoldNobodyBack", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := says(true)
			require.EqualValues(t, 10, start(t, ts, 10).Load())
			accepts(ts, manyAccepts-1, time.Second)
			require.EqualValues(t, 10, start(t, ts, 10).Load())
		})
	})
	t.Run("ASlowDiskHoldsNobodyBack", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := says(false)
			require.EqualValues(t, 10, start(t, ts, 10).Load())
			accepts(ts, 10*manyAccepts, time.Second)
			require.EqualValues(t, 10, start(t, ts, 10).Load())
		})
	})
	t.Run("TurnsAreHeldWhileAcceptsAreMany", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := says(true)
			require.EqualValues(t, 2, start(t, ts, 2).Load())
			accepts(ts, manyAccepts, 3*dryWindow)
			in := start(t, ts, 10)
			require.Zero(t, in.Load())
			ts.leave()
			ts.leave()
			accepts(ts, manyAccepts, trickle+dryWindow)
			require.EqualValues(t, 1, in.Load(), "one goes in now and then")
			accepts(ts, manyAccepts, trickle+dryWindow)
			require.EqualValues(t, 1, in.Load(), "alone")
			time.Sleep(3 * dryWindow) // none comes any more
			synctest.Wait()
			require.EqualValues(t, 10, in.Load(), "the burst is over")
		})
	})
	t.Run("NoBurstHoldsTurnsForLong", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := says(true)
			require.EqualValues(t, 2, start(t, ts, 2).Load())
			accepts(ts, manyAccepts, 3*dryWindow)
			in := start(t, ts, 10)
			accepts(ts, manyAccepts, heldMost)
			synctest.Wait()
			require.EqualValues(t, 10, in.Load(), "they run for a while")
			accepts(ts, manyAccepts, watchRest)
			require.Zero(t, start(t, ts, 10).Load(), "and are held again")
		})
	})
	t.Run("WhoWentInByItselfTakesNobodyAlong", func(t *testing.T) {
		t.Parallel()
		impatient, patient := &waiter{in: make(chan struct{}), done: true}, &waiter{in: make(chan struct{})}
		ts := &turnstile{held: true, turning: 1, waiting: []*waiter{impatient, patient}}
		ts.leave()
		require.False(t, patient.done, "turns are held")
		ts.held = false
		ts.release()
		require.True(t, patient.done)
		require.Empty(t, ts.waiting)
	})
	t.Run("NoTurnWaitsLongerThanItsPatience", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			in := start(t, ts, manyTurns+100)
			time.Sleep(turnPatience)
			synctest.Wait()
			require.EqualValues(t, manyTurns+100, in.Load())
			for range manyTurns + 100 {
				ts.leave()
			}
			require.Zero(t, ts.turning)
			require.Empty(t, ts.waiting, "those that went in by themselves hold no place")
			require.EqualValues(t, 1, start(t, ts, 1).Load())
		})
	})
}
