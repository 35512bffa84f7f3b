package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// phase is one load on one fresh engine.
type phase struct {
	Name     string
	Mix      mix
	Rate     int // webhooks a second; 0 = closed loop to saturation
	Waiting  int // closed loop: guests that wait for an answer at any time
	Lasts    time.Duration
	Receipts receipts
	Create   qloappstest.Delay // of the hotels' creates
}

// result is what came of a phase.
type result struct {
	Name       string         `json:"name"`
	Mix        mix            `json:"mix"`
	Rate       int            `json:"rate,omitempty"`
	Waiting    int            `json:"waiting,omitempty"`
	Receipts   receipts       `json:"statuses"`
	Seconds    float64        `json:"seconds"`
	Acks       float64        `json:"acks_per_second"`
	Replies    float64        `json:"replies_per_second"`
	StatusAcks float64        `json:"status_acks_per_second"`
	Bookings   float64        `json:"bookings_per_second"`
	Ack        quantiles      `json:"ack"`
	Reply      quantiles      `json:"reply"`
	Booking    quantiles      `json:"booking"`
	Errors     int64          `json:"errors"`
	Late       int64          `json:"late_starts"`
	Unanswered int            `json:"unanswered"`
	Odd        int            `json:"odd_answers"`
	OddExample string         `json:"odd_example,omitempty"`
	Left       int            `json:"rows_left"`
	EngineCPU  float64        `json:"engine_cpu_seconds_per_1000_turns"`
	PerCPU     float64        `json:"turns_per_engine_cpu_second"`
	Generator  float64        `json:"generator_cpu_share"` // of what both used
	Batch      float64        `json:"requests_per_commit"`
	HeapMB     float64        `json:"engine_heap_mb"`
	Verdict    oracle.Verdict `json:"verdict"`
}

const warmUp = 2 * time.Second

// run runs a phase whole: engine up, load, quiet, drain, oracle.
func (b *bench) run(ctx context.Context, p phase) (r result, err error) {
	w, err := newWorld(p.Mix, b.properties, p.Create, b.seed)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	dir, err := os.MkdirTemp(b.dir, "engine-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := startChild(ctx, b.engineSpec(p, w, dir))
	if err != nil {
		return r, err
	}
	w.addr = c.addr
	w.reportStatuses(p.Receipts)
	if r, err = b.measure(ctx, p, w, c); err != nil {
		return r, errors.Join(err, c.kill())
	}
	if err := c.drain(); err != nil {
		return r, fmt.Errorf("%s: drain: %w", p.Name, err)
	}
	r.Verdict, err = w.judge(ctx, dir, true)
	return r, err
}

func (b *bench) engineSpec(p phase, w *world, dir string) spec {
	s := spec{Serve: serveEngine, Dir: dir, Graph: w.graph, Hotels: w.urls, Properties: b.properties,
		PerSecond: b.tier, PairBurst: 45, Pair: 6 * time.Second}
	if b.cpuProfile != "" {
		s.CPUProfile = filepath.Join(b.cpuProfile, strings.ReplaceAll(p.Name, " ", "-")+".pprof")
	}
	return s
}

// measure warms up, then counts for the phase's seconds, then waits until all is quiet.
func (b *bench) measure(ctx context.Context, p phase, w *world, c *child) (result, error) {
	var before, after usage
	var err error
	var own time.Duration
	warm := make(chan struct{})
	end := time.Now().Add(warmUp + p.Lasts)
	time.AfterFunc(warmUp, func() {
		defer close(warm)
		before, err = c.usage()
		own = cpuTime()
		w.tally.on.Store(true)
	})
	if p.Mix == mixKnowledge {
		for range b.guests {
			w.ready <- w.join()
		}
	}
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		if p.Rate > 0 {
			w.openLoop(ctx, p.Rate, b.connections, end)
		} else {
			w.closedLoop(ctx, p.Waiting, end)
		}
	}()
	select {
	case <-time.After(time.Until(end)):
	case <-ctx.Done():
	}
	<-warm
	w.tally.on.Store(false)
	own = cpuTime() - own
	after, usageErr := c.usage()
	<-loaded
	r := w.result(p, before, after, own)
	r.Unanswered = w.quiet(ctx, 20*time.Second)
	w.status.finish()
	left, leftErr := c.settled(ctx, 20*time.Second)
	r.Left = left
	r.Errors = w.tally.errors.Load()
	r.Odd, r.OddExample = w.odd()
	return r, errors.Join(err, usageErr, leftErr, ctx.Err())
}

func (w *world) result(p phase, before, after usage, own time.Duration) result {
	t, s := &w.tally, p.Lasts.Seconds()
	r := result{Name: p.Name, Mix: p.Mix, Rate: p.Rate, Waiting: p.Waiting, Receipts: p.Receipts, Seconds: s,
		Acks: float64(t.acks.Load()) / s, Replies: float64(t.replies.Load()) / s, StatusAcks: float64(t.statusAcks.Load()) / s,
		Ack: t.ack.quantiles(), Reply: t.reply.quantiles(), Booking: t.booking.quantiles(), Late: t.late.Load(),
		HeapMB: float64(after.Heap) / (1 << 20)}
	r.Bookings = float64(r.Booking.Count) / s
	cpu := (after.CPU - before.CPU).Seconds()
	if n := float64(t.replies.Load()); n > 0 && cpu > 0 {
		r.EngineCPU, r.PerCPU = 1000*cpu/n, n/cpu
		r.Generator = own.Seconds() / (own.Seconds() + cpu)
	}
	if n := after.Commits - before.Commits; n > 0 {
		r.Batch = (after.Rows - before.Rows) / n
	}
	return r
}

// odd counts guests that heard something else than they waited for.
func (w *world) odd() (n int, example string) {
	for _, g := range w.guests {
		if g.odd != "" {
			n++
			example = g.odd
		}
	}
	return n, example
}

// judge asks the oracle, of a drained engine.
func (w *world) judge(ctx context.Context, dir string, whole bool) (oracle.Verdict, error) {
	e := oracle.Evidence{Whole: whole}
	var err error
	if e.Store, err = oracle.ReadStore(ctx, dir); err != nil {
		return oracle.Verdict{}, fmt.Errorf("read the store: %w", err)
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, g := range w.guests {
		seen := oracle.Guest{Said: g.said, Heard: g.heard, Confirmed: g.confirmed}
		if w.mix == mixBooking {
			seen.Email = email(g.n)
			for _, l := range g.script[:g.step] {
				seen.Agreed = seen.Agreed || l.books
			}
		}
		e.Guests = append(e.Guests, seen)
	}
	for _, h := range w.hotels {
		for _, b := range h.State().Bookings {
			if b.Status == "booked" {
				e.Bookings = append(e.Bookings, b.Guest.Email)
			}
		}
	}
	return oracle.Judge(e), nil
}
