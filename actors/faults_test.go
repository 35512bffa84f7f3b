package actors_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// away is a store that fails as told: before a call (nothing is written), or
// after it (written, and nobody hears of it).
type away struct {
	actors.Store
	mu     sync.Mutex
	before func(call string) bool
	after  func(call string) bool
}

func (s *away) set(before, after func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

func (s *away) asked(after bool, call string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.before
	if after {
		f = s.after
	}
	if f != nil && f(call) {
		return &hotel.Error{Op: "test." + call, Kind: hotel.Unavailable, Err: errors.New("away")}
	}
	return nil
}

// through makes one call of the store.
func through[T any](s *away, call string, f func() (T, error)) (T, error) {
	var none T
	if err := s.asked(false, call); err != nil {
		return none, err
	}
	v, err := f()
	if err != nil {
		return none, err
	}
	if err := s.asked(true, call); err != nil {
		return none, err
	}
	return v, nil
}

func (s *away) Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error) {
	return through(s, "accept", func() (hotel.AcceptResult, error) { return s.Store.Accept(ctx, a) })
}

func (s *away) Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error) {
	return through(s, "activate", func() (hotel.Activation, error) { return s.Store.Activate(ctx, id, limit) })
}

func (s *away) Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	return through(s, "commit", func() (hotel.TurnCommitted, error) { return s.Store.Commit(ctx, t) })
}

func (s *away) Settle(ctx context.Context, c hotel.Settlement) (hotel.SettleResult, error) {
	return through(s, "settle", func() (hotel.SettleResult, error) { return s.Store.Settle(ctx, c) })
}

func (s *away) Annotate(ctx context.Context, a hotel.Annotation) error {
	_, err := through(s, "annotate", func() (struct{}, error) { return struct{}{}, s.Store.Annotate(ctx, a) })
	return err
}

func (s *away) Claim(ctx context.Context, c hotel.Claim) (hotel.OutboxRow, error) {
	return through(s, "claim", func() (hotel.OutboxRow, error) { return s.Store.Claim(ctx, c) })
}

func (s *away) Repeat(ctx context.Context, r hotel.Repeat) (hotel.OutboxRow, error) {
	return through(s, "repeat", func() (hotel.OutboxRow, error) { return s.Store.Repeat(ctx, r) })
}

func (s *away) Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error) {
	return through(s, "row", func() (hotel.OutboxRow, error) { return s.Store.Row(ctx, key) })
}

func (s *away) Sweep(ctx context.Context, w hotel.Sweep) (hotel.Swept, error) {
	return through(s, "sweep", func() (hotel.Swept, error) { return s.Store.Sweep(ctx, w) })
}

// dice throws faults until told to stop. Its seed makes a failure repeatable, as far as scheduling does.
type dice struct {
	mu  sync.Mutex
	rnd *rand.Rand
	off bool
	n   int // faults so far
}

func newDice(seed uint64) *dice { return &dice{rnd: rand.New(rand.NewPCG(seed, 1))} }

// stop throws no more, and tells how many faults fell.
func (d *dice) stop() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	return d.n
}

// below picks a time.
func (d *dice) below(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.rnd.Int64N(int64(most)))
}

// one tells whether a fault of one in n falls.
func (d *dice) one(n int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	falls := !d.off && d.rnd.IntN(n) == 0
	if falls {
		d.n++
	}
	return falls
}

// kind picks one of the kinds.
func (d *dice) kind(kinds ...hotel.Kind) hotel.Kind {
	d.mu.Lock()
	defer d.mu.Unlock()
	return kinds[d.rnd.IntN(len(kinds))]
}
