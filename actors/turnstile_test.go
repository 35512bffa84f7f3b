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
	t.Run("InABurstTurnsKeepTheirShareOnly", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			in := start(t, ts, manyTurns+burstWaiting+10)
			require.EqualValues(t, manyTurns, in.Load())
			for range manyTurns { // all leave while webhooks come: one goes in for the last
				ts.arrive(time.Now())
				ts.leave()
			}
			synctest.Wait()
			require.EqualValues(t, manyTurns+fewTurns, in.Load())
			time.Sleep(burstGap) // bubble time: nothing comes any more
			ts.leave()
			synctest.Wait()
			require.EqualValues(t, manyTurns+fewTurns+manyTurns, in.Load(), "the burst is over")
		})
	})
	t.Run("NoTurnWaitsLongerThanItsPatience", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			in := start(t, ts, manyTurns+burstWaiting)
			time.Sleep(turnPatience)
			synctest.Wait()
			require.EqualValues(t, manyTurns+burstWaiting, in.Load())
			for range manyTurns + burstWaiting {
				ts.leave()
			}
			require.Zero(t, ts.turning)
			require.Empty(t, ts.waiting, "those that went in by themselves hold no place")
			require.EqualValues(t, 1, start(t, ts, 1).Load())
		})
	})
}
