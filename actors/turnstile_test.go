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

	// start lets n turns try to enter, and tells how many are in.
	start := func(ts *turnstile, n int) *atomic.Int64 {
		var in atomic.Int64
		for range n {
			go func() {
				ts.enter()
				in.Add(1)
			}()
		}
		return &in
	}

	t.Run("NobodyWaitsWhenAcceptsAreFew", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			ts.accept()
			in := start(ts, 100)
			synctest.Wait()
			require.EqualValues(t, 100, in.Load())
		})
	})
	t.Run("TurnsKeepTheirShareInABurst", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			for range busyAccepts {
				ts.accept()
			}
			in := start(ts, 10)
			synctest.Wait()
			require.EqualValues(t, fewTurns, in.Load())
			ts.leave()
			synctest.Wait()
			require.EqualValues(t, fewTurns+1, in.Load(), "one leaves, the next goes in")
			ts.accepted()
			synctest.Wait()
			require.EqualValues(t, 10, in.Load(), "the burst is over")
		})
	})
	t.Run("NoTurnWaitsLongerThanItsPatience", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			for range busyAccepts {
				ts.accept()
			}
			in := start(ts, 10)
			time.Sleep(turnPatience) // bubble time: takes no real time
			synctest.Wait()
			require.EqualValues(t, 10, in.Load())
			for range 10 {
				ts.leave()
			}
			require.Zero(t, ts.turning)
			in = start(ts, 1)
			synctest.Wait()
			require.EqualValues(t, 1, in.Load(), "those that went in by themselves hold no place")
		})
	})
	t.Run("NoMoreThanShareACommit", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ts := &turnstile{}
			in := start(ts, manyTurns+5)
			synctest.Wait()
			require.EqualValues(t, manyTurns, in.Load())
			for range 5 {
				ts.leave()
			}
			synctest.Wait()
			require.EqualValues(t, manyTurns+5, in.Load())
		})
	})
}
