package actors_test

import (
	"context"
	"fmt"
	"runtime"
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

// BenchmarkIdleGuest reports the bytes that an activated guest with an empty
// snapshot costs while it is idle, and what is left of it after passivation.
// Activations are the work of one iteration: -benchtime 1x is enough.
func BenchmarkIdleGuest(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("guests=%d", n), func(b *testing.B) {
			for b.Loop() {
				idle, left := idleGuests(b, n)
				b.ReportMetric(idle, "bytes/guest")
				b.ReportMetric(left, "bytes-left/guest")
			}
		})
	}
}

func idleGuests(b *testing.B, n int) (idle, left float64) {
	store, m := &blank{Store: memory.New()}, metrics.New()
	passivate := 2*time.Second + time.Duration(n)*60*time.Microsecond // longer than it takes to activate and measure all
	e, err := actors.Start(actors.Config{Store: store, Messenger: newPhone(), PMS: newPMS(), Mailer: &mail{}, Owner: "bench", Metrics: m,
		Properties: []actors.Property{{ID: "posada", Dialogue: conversation.New(facts())}},
		Settings:   actors.Settings{PassivateAfter: passivate, SweepEvery: time.Hour}})
	require.NoError(b, err)
	defer func() { require.NoError(b, e.Drain(b.Context())) }()
	ids := make([]hotel.GuestID, n)
	for i := range ids {
		ids[i] = hotel.GuestID(fmt.Sprintf("06h0ooku2lt1t0ugn%09d", i))
	}
	resting := runtime.NumGoroutine() + 1 // the one of waitFor
	before := inUse()
	for _, id := range ids {
		e.Nudge(id, "")
	}
	waitFor(b, func() bool { return store.read.Load() >= int64(n) && atRest(resting) })
	require.Equal(b, float64(n), testutil.ToFloat64(m.ActiveGuests), "some have left already: measure faster")
	idle = (inUse() - before) / float64(n)
	waitFor(b, func() bool { return testutil.ToFloat64(m.ActiveGuests) == 0 && atRest(resting) })
	left = (inUse() - before) / float64(n)
	runtime.KeepAlive(ids)
	return idle, left
}

// atRest tells whether no actor is at work: one that is has a goroutine.
func atRest(resting int) bool {
	for range 20 {
		if runtime.NumGoroutine() > resting {
			return false
		}
		runtime.Gosched()
	}
	return true
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
