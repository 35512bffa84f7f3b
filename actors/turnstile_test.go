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
	// webhooks lets n come in a window, one window after the other, for d of bubble time.
	webhooks := func(ts *turnstile, n int, d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			time.Sleep(turnWindow)
			for range n {
				ts.arrive(time.Now())
			}
		}
	}
	// standing lets webhooks come as usual until turns stand still for a try.
	standing := func(ts *turnstile, usual int) {
		webhooks(ts, usual, time.Second)
		for !ts.closed {
			webhooks(ts, usual, turnWindow)
		}
	}

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
	t.Run("QuietTrafficIsNeverTried", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			for range 100 {
				webhooks(ts, busyWindow-1, 2*turnWindow)
				require.False(t, ts.closed)
			}
		})
	})
	t.Run("NoMoreComesThanUsualSoTurnsGoOn", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			standing(ts, 2*burstLeast)
			in := start(t, ts, 10)
			require.EqualValues(t, fewTurns, in.Load())
			webhooks(ts, 2*burstLeast, tryWindow+turnWindow)
			synctest.Wait()
			require.EqualValues(t, 10, in.Load())
		})
	})
	t.Run("ABurstIsWaitedForAndTurnsKeepAShare", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			standing(ts, burstLeast)
			in := start(t, ts, 10)
			webhooks(ts, 4*burstLeast, 10*tryWindow)
			synctest.Wait()
			require.EqualValues(t, fewTurns, in.Load(), "more come while turns stand still: they held them back")
			ts.leave()
			synctest.Wait()
			require.EqualValues(t, fewTurns+1, in.Load(), "one leaves, the next goes in")
			time.Sleep(2 * tryWindow) // none comes any more
			ts.leave()
			synctest.Wait()
			require.EqualValues(t, 10, in.Load(), "the burst is over")
		})
	})
	t.Run("NoBurstKeepsTurnsOutForLong", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			standing(ts, burstLeast)
			in := start(t, ts, 10)
			webhooks(ts, 10*burstLeast, burstMost+tryWindow)
			synctest.Wait()
			require.EqualValues(t, 10, in.Load())
		})
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
