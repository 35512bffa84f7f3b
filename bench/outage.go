package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// outage compares webhooks while the hotel systems answer with webhooks while
// they are dead and their breakers open, by turns on one engine.
type outage struct {
	Rounds  int     `json:"rounds"`
	Hotels  int     `json:"hotels"`
	Rate    int     `json:"rate"`
	Ack     pair    `json:"ack"`
	Other   pair    `json:"other_questions"` // webhook to reply of guests who ask about the wifi
	Rooms   pair    `json:"room_questions"`  // of those who ask what is free: the answer, or that the system is away
	Calls   [2]int  `json:"calls"`           // questions that reached the hotel systems, alive and dead
	Errors  int64   `json:"errors"`
	Worst   float64 `json:"ack_p50_ratio"`
	seconds time.Duration
}

// pair is a latency while the hotel systems were alive, and while they were dead.
type pair struct {
	Alive quantiles `json:"alive"`
	Dead  quantiles `json:"dead"`
}

const (
	outageHotels  = 5
	outageOpenFor = 2 * time.Second
	// outageTurn lets breakers open, or find that the hotel system is back.
	outageTurn = 4 * time.Second
)

// sides are histograms of one side of the comparison.
type sides struct{ ack, other, rooms *latency }

func newSides() sides { return sides{newLatency(), newLatency(), newLatency()} }

func (b *bench) outage(ctx context.Context) (_ *outage, err error) {
	hotels := min(outageHotels, b.properties)
	w, err := newWorld(mixOutage, hotels, qloappstest.Delay{}, b.seed)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	dir, err := os.MkdirTemp(b.dir, "engine-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := startChild(ctx, spec{Serve: serveEngine, Dir: dir, Graph: w.graph, Hotels: w.urls, Properties: hotels,
		PerSecond: b.tier, PairBurst: 45, Pair: 6 * time.Second, OpenFor: outageOpenFor})
	if err != nil {
		return nil, err
	}
	w.addr = c.addr
	for range b.guests { // in turn, so that those who ask what is free do not come all at once
		w.ready <- w.join()
	}
	o, both := &outage{Rounds: b.rounds, Hotels: hotels, Rate: b.rate, seconds: b.segment}, [2]sides{newSides(), newSides()}
	end := time.Now().Add(warmUp + time.Duration(b.rounds)*2*(outageTurn+b.segment))
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		w.openLoop(ctx, b.rate, b.connections, end)
	}()
	pause(ctx, warmUp)
	for range b.rounds {
		for side, dead := range []bool{false, true} {
			for _, h := range w.hotels {
				h.Set(qloappstest.Switches{Down: dead})
			}
			pause(ctx, outageTurn)
			o.Calls[side] += w.segment(ctx, b.segment, both[side])
		}
	}
	<-loaded
	for _, h := range w.hotels {
		h.Set(qloappstest.Switches{})
	}
	left := w.quiet(ctx, 20*time.Second)
	o.Errors = w.tally.errors.Load()
	alive, dead := both[0], both[1]
	o.Ack = pair{alive.ack.quantiles(), dead.ack.quantiles()}
	o.Other = pair{alive.other.quantiles(), dead.other.quantiles()}
	o.Rooms = pair{alive.rooms.quantiles(), dead.rooms.quantiles()}
	o.Worst = o.Ack.Dead.P50 / o.Ack.Alive.P50
	if err := c.drain(); err != nil {
		return o, err
	}
	if left > 0 {
		return o, fmt.Errorf("%d guests were not answered", left)
	}
	o.print(b)
	return o, ctx.Err()
}

// segment counts for a while, and tells how many calls reached the hotel systems.
func (w *world) segment(ctx context.Context, lasts time.Duration, into sides) int {
	calls := func() (n int) {
		for _, h := range w.hotels {
			n += h.Requests("POST hotel_ari")
		}
		return n
	}
	before := calls()
	w.tally.on.Store(true)
	pause(ctx, lasts)
	w.tally.on.Store(false)
	into.ack.merge(w.tally.ack.take())
	into.other.merge(w.tally.reply.take())
	into.rooms.merge(w.tally.booking.take())
	return calls() - before
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (o *outage) print(b *bench) {
	b.say("\nOutage: %d webhooks/s, one guest of twenty asks what is free; %d rounds of %.0f s with %d hotel systems alive, then dead (breakers open)\n",
		o.Rate, o.Rounds, o.seconds.Seconds(), o.Hotels)
	for _, l := range []struct {
		name string
		p    pair
	}{{"ack", o.Ack}, {"other questions", o.Other}, {"what is free", o.Rooms}} {
		b.say("  %-16s alive p50 %6.2f  p95 %6.2f  p99 %6.2f ms (%d)   dead p50 %6.2f  p95 %6.2f  p99 %6.2f ms (%d)\n", l.name,
			l.p.Alive.P50, l.p.Alive.P95, l.p.Alive.P99, l.p.Alive.Count, l.p.Dead.P50, l.p.Dead.P95, l.p.Dead.P99, l.p.Dead.Count)
	}
	b.say("  ack dead / alive: p50 %.2f, p95 %.2f, p99 %.2f (goal: 0.90 to 1.10); questions that reached the hotel systems: alive %d, dead %d; errors %d\n",
		o.Worst, o.Ack.Dead.P95/o.Ack.Alive.P95, o.Ack.Dead.P99/o.Ack.Alive.P99, o.Calls[0], o.Calls[1], o.Errors)
}
