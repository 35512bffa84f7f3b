package guests_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

var (
	known   = flag.Int("guests", 2000, "guests that are known")
	active  = flag.Int("active", 400, "guests that write, in a random order")
	pending = flag.Int("pending", 300, "rows left over by the crash")
	rate    = flag.Int("rate", 300, "messages a second of the active guests")
	kind    = flag.String("store", "postgres", "postgres or sqlite")
)

// writers share commits while guests are made.
const writers = 256

func TestManyGuests(t *testing.T) {
	m := open(t)
	m.seed(*known)
	m.rest()
	m.activate(*active)
	m.recover(*pending)
}

// seed makes guests who have spoken once: a snapshot, an alias, a consumed row.
func (m *many) seed(n int) {
	begin := time.Now()
	const chunk = 200
	var making errgroup.Group
	making.SetLimit(writers / 8)
	for from := 0; from < n; from += chunk {
		making.Go(func() error { return m.make(from, min(from+chunk, n)) })
	}
	require.NoError(m.t, making.Wait())
	m.t.Logf("%d guests made in %.0f s", n, time.Since(begin).Seconds())
}

// make accepts a message of each guest in one webhook, and commits their turns.
func (m *many) make(from, to int) error {
	var a hotel.Accept
	for i := from; i < to; i++ {
		a.Arrivals = append(a.Arrivals, m.arrival(i))
	}
	done, err := m.store.Accept(m.t.Context(), a)
	if err != nil {
		return err
	}
	var committing errgroup.Group
	for _, arrived := range done.Arrivals {
		committing.Go(func() error {
			_, err := m.store.Commit(m.t.Context(), hotel.TurnCommit{Guest: arrived.Row.Guest, Property: property, State: m.state,
				Facts: "bench", Consumed: []hotel.Key{arrived.Row.Key}, Owner: "seed", At: time.Now()})
			return err
		})
	}
	return committing.Wait()
}

func (m *many) arrival(i int) hotel.Arrival {
	said := inbound(i)
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: property, MessageID: said.MessageID, Aliases: said.From.Aliases(),
		Kind: hotel.KindSaid, Body: body(m.t, said), At: said.At}
}

// activate lets n of the guests ask, one after the other at the rate, while
// those who asked before leave memory again.
func (m *many) activate(n int) {
	e := m.start()
	order := rand.New(rand.NewPCG(1, 1)).Perm(*known)[:min(n, *known)]
	sent, most := m.phone.sent.Load(), 0.0
	tick := time.NewTicker(time.Second / time.Duration(*rate))
	defer tick.Stop()
	var saying sync.WaitGroup
	heap := inUse()
	for i, guest := range order {
		<-tick.C
		saying.Go(func() {
			if err := e.Accept(m.t.Context(), []hotel.Inbound{inbound(guest)}, nil, nil); err != nil {
				m.t.Error(err)
			}
		})
		if i%*rate == 0 {
			most = max(most, testutil.ToFloat64(m.metrics.ActiveGuests))
		}
	}
	saying.Wait()
	peak := inUse()
	require.Eventually(m.t, func() bool { return m.phone.sent.Load() == sent+int64(len(order)) }, time.Minute, 5*time.Millisecond, "each is answered once")
	require.Eventually(m.t, func() bool { return testutil.ToFloat64(m.metrics.ActiveGuests) == 0 }, time.Minute, 50*time.Millisecond, "nobody stays")
	m.t.Logf("%d of %d guests asked at %d a second: activation p50 %s p99 %s max %s; at most %.0f in memory, heap %+.1f MB at the end of it, %+.1f MB after all had left",
		len(order), *known, *rate, m.quantile(0.5), m.quantile(0.99), m.quantile(1), most, mb(peak-heap), mb(inUse()-heap))
	m.stop(e)
}

// recover leaves rows behind as a crash does, and opens everything again.
func (m *many) recover(n int) {
	order := rand.New(rand.NewPCG(2, 2)).Perm(*known)[:min(n, *known)]
	for from := 0; from < len(order); from += 100 {
		a := hotel.Accept{Owner: m.engine}
		for _, guest := range order[from:min(from+100, len(order))] {
			a.Arrivals = append(a.Arrivals, m.arrival(guest))
		}
		_, err := m.store.Accept(m.t.Context(), a)
		require.NoError(m.t, err)
	}
	m.crash()
	sent := m.phone.sent.Load()

	begin := time.Now()
	m.reopen()
	opened := time.Since(begin)
	e := m.start()
	ready := time.Since(begin)
	require.Eventually(m.t, func() bool { return m.phone.sent.Load() > sent }, time.Minute, time.Millisecond)
	first := time.Since(begin)
	require.Eventually(m.t, func() bool { return m.phone.sent.Load() == sent+int64(len(order)) }, 5*time.Minute, 5*time.Millisecond, "each is answered once")
	m.t.Logf("recovery with %d rows pending among %d guests: store open after %s, ready after %s, first answer after %s, all answered after %s",
		len(order), *known, round(opened), round(ready), round(first), round(time.Since(begin)))
	m.stop(e)
	require.Equal(m.t, sent+int64(len(order)), m.phone.sent.Load(), "and none twice")
}

// crash closes the store as its engine's death does: on a shared store the engine still counts as living.
func (m *many) crash() {
	if fleet, ok := m.store.(actors.Fleet); ok {
		require.NoError(m.t, fleet.Renew(m.t.Context(), m.engine))
	}
	require.NoError(m.t, m.store.Close())
}

func inUse() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc + s.StackInuse)
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func round(d time.Duration) string { return fmt.Sprint(d.Round(time.Millisecond)) }
