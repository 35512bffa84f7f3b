package actors

import (
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestWorkersAreUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var w workers
		var ran atomic.Int64
		hold := make(chan struct{})
		for range mostIdle + 10 {
			w.Schedule(func() { ran.Add(1); <-hold })
		}
		synctest.Wait()
		require.EqualValues(t, mostIdle+10, ran.Load(), "nobody waits for a worker")
		close(hold)
		synctest.Wait()
		require.Len(t, w.idle, mostIdle, "no more than that are kept")

		last := w.idle[mostIdle-1]
		w.Schedule(func() { ran.Add(1) })
		synctest.Wait()
		require.EqualValues(t, mostIdle+11, ran.Load())
		require.Len(t, w.idle, mostIdle)
		require.Equal(t, last, w.idle[mostIdle-1], "the one that ended last works next")

		w.end()
		synctest.Wait() // goroutines that are left would fail the bubble
		w.Schedule(func() { ran.Add(1) })
		synctest.Wait()
		require.EqualValues(t, mostIdle+12, ran.Load(), "what comes after the end runs, too")
		require.Empty(t, w.idle)
	})
}
