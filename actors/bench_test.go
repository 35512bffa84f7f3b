package actors_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/memory"
)

// blank is a store that knows every guest and keeps none: what memory is used is the engine's.
type blank struct {
	*memory.Store
	read atomic.Int64
}

func (b *blank) Activate(_ context.Context, id hotel.GuestID, _ int) (hotel.Activation, error) {
	b.read.Add(1)
	return hotel.Activation{Guest: hotel.GuestRecord{ID: id, Property: "posada"}}, nil
}

// What one guest may cost while it is idle, and what may be left after it has
// gone: nothing of the guest, but the library's registry of names is made of
// maps, which keep their size, and so does Go's list of goroutines.
const (
	idleLimit = 2048
	leftLimit = 256
)

// BenchmarkIdleGuest reports the bytes that an activated guest with an empty
// snapshot costs while it is idle, and what is left of it after passivation;
// then the same for as many others, after which no more may be left.
// Activations are the work of one iteration: -benchtime 1x is enough.
func BenchmarkIdleGuest(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("guests=%d", n), func(b *testing.B) {
			for b.Loop() {
				for cycle, c := range idleGuests(b, n, 2) {
					b.ReportMetric(c.idle, fmt.Sprintf("bytes/guest-%d", cycle+1))
					b.ReportMetric(c.left, fmt.Sprintf("left/guest-%d", cycle+1))
					if c.idle > idleLimit || c.left > leftLimit {
						b.Errorf("cycle %d: %.0f bytes an idle guest (limit %d), %.0f left (limit %d)", cycle+1, c.idle, idleLimit, c.left, leftLimit)
					}
				}
			}
		})
	}
}

// cost is in bytes a guest.
type cost struct{ idle, left float64 }

func idleGuests(b *testing.B, n, cycles int) (costs []cost) {
	store, m := &blank{Store: memory.New()}, metrics.New()
	passivate := 2*time.Second + time.Duration(n)*60*time.Microsecond // longer than it takes to activate and measure all
	e, err := actors.Start(actors.Config{Store: store, Messenger: newPhone(), PMS: newPMS(), Mailer: &mail{}, Owner: "bench", Metrics: m,
		Properties: []actors.Property{{ID: "posada", Dialogue: conversation.New(facts())}},
		Settings:   actors.Settings{PassivateAfter: passivate, SweepEvery: time.Hour}})
	require.NoError(b, err)
	defer func() { require.NoError(b, e.Drain(b.Context())) }()
	ids := make([]hotel.GuestID, n*cycles)
	for i := range ids {
		ids[i] = hotel.GuestID(fmt.Sprintf("06h0ooku2lt1t0ugn%09d", i))
	}
	crowd(n) // Go keeps the headers of ended goroutines: on a busy machine timers pile up
	for i := range 2 * mostIdle {
		e.Nudge(hotel.GuestID(fmt.Sprintf("06h0ooku2lt1t0uho%09d", i)), "") // all at once: the engine's workers are there
	}
	waitFor(b, func() bool { return store.read.Load() == 2*mostIdle })
	gone := func() bool { return testutil.ToFloat64(m.ActiveGuests) == 0 }
	waitFor(b, gone)
	store.read.Store(0)
	rest(b)
	before := inUse()
	for cycle := range cycles {
		for i, id := range ids[cycle*n : (cycle+1)*n] {
			e.Nudge(id, "")
			for store.read.Load() < int64(cycle*n+i-100) { // a stream, no flood: goroutines that have ended are memory for good
				runtime.Gosched()
			}
		}
		waitFor(b, func() bool { return store.read.Load() >= int64(n*(cycle+1)) })
		rest(b)
		require.Equal(b, n, int(testutil.ToFloat64(m.ActiveGuests)), "some have left already: measure faster")
		c := cost{idle: (inUse() - before) / float64(n)}
		waitFor(b, gone)
		rest(b)
		c.left = (inUse() - before) / float64(n)
		costs = append(costs, c)
	}
	runtime.KeepAlive(ids)
	return costs
}

// crowd runs n goroutines at once.
func crowd(n int) {
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range n {
		all.Go(func() { <-gate })
	}
	close(gate)
	all.Wait()
}

// mostIdle is how many of the engine's workers wait for work, at most.
const mostIdle = 256

// rest waits until goroutines have stopped coming and going: an actor that is
// at work has one, and the workers that wait are as many as before.
func rest(b *testing.B) {
	last, same := 0, 0
	waitFor(b, func() bool {
		n := runtime.NumGoroutine()
		if n != last {
			last, same = n, 0
		}
		same++
		return same > 20
	})
}

// inUse is the memory that is really held: heap and stacks, after a collection.
func inUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

func waitFor(b *testing.B, done func() bool) {
	b.Helper()
	require.Eventually(b, done, time.Minute, 5*time.Millisecond)
}
