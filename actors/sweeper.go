package actors

import (
	"context"
	"errors"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// sweeper finds what waits too long, every second, and nudges it: rows whose
// nudge was lost, guests that are due, lanes with a claimable head, rows of
// ours that nobody carries. It also samples the backlog, and trims what is
// past its retention, a slice at a time.
type sweeper struct {
	rt      *runtime
	busy    bool
	again   bool // asked for a tick while busy
	first   bool
	limit   int // of each kind, this tick
	trimmed time.Time
	timer   *time.Timer
	lookout *lookout
}

// swept is the end of a tick. worker -> sweeper.
type swept struct {
	err  error
	shut int // lanes that cannot move now
}

const (
	sweepLimit   = 500         // of each kind, a tick
	sweepMost    = 64_000      // when those first in line cannot move
	soonDue      = time.Minute // patience with a hotel system ends by then
	trimEvery    = time.Minute
	trimSlice    = 200
	storeAwayGap = 200 * time.Millisecond // between ticks while the store is away
)

func (s *sweeper) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		s.first, s.limit = true, sweepLimit
		s.tick(ctx)
	case *Sweep:
		s.tick(ctx)
	case *swept:
		s.done(ctx, msg)
	case *actor.Stopping, *actor.Restarting:
		if s.timer != nil {
			s.timer.Stop()
		}
	}
}

func (s *sweeper) tick(ctx actor.Context) {
	if s.rt.draining() {
		return
	}
	if s.busy {
		s.again = true
		return
	}
	s.busy = true
	what := hotel.Sweep{Now: time.Now(), Owner: s.rt.owner, Age: s.rt.settings.SweepAge, Limit: s.limit}
	if s.first {
		// What waits at the start has waited long enough; and a guest whose question
		// was out when the engine ended is due soon, and asks it again.
		what.Age, what.Now, what.Limit = 0, what.Now.Add(soonDue), sweepMost
	}
	trim := time.Since(s.trimmed) > trimEvery
	if trim {
		s.trimmed = time.Now()
	}
	self, root := ctx.Self(), ctx.ActorSystem().Root
	s.rt.spawn(func(c context.Context) {
		end := &swept{err: errNotSwept}
		defer func() { root.Send(self, end) }() // also when the store's client panics
		shut, err := s.rt.sweepOnce(c, what)
		var backlog hotel.Backlog
		if err == nil {
			backlog, err = s.rt.intake.sample(c)
		}
		s.lookout.look(c, backlog, err)
		s.rt.intake.again(c)
		if err == nil && trim {
			err = s.rt.trim(c)
		}
		end = &swept{err: err, shut: shut}
	})
}

var errNotSwept = errors.New("not swept")

// done arms the next tick: soon when the store is away or somebody has asked.
func (s *sweeper) done(ctx actor.Context, msg *swept) {
	s.busy = false
	wait := s.rt.settings.SweepEvery
	if msg.err != nil {
		wait = storeAwayGap
	} else {
		s.first = false
		s.look(msg.shut)
	}
	if s.again {
		s.again = false
		wait = time.Millisecond
	}
	self, root := ctx.Self(), ctx.ActorSystem().Root
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(wait, func() { root.Send(self, &Sweep{}) })
}

// look looks further next time when most of what came first cannot move: one
// hotel's outage must not hide what waits of the others.
func (s *sweeper) look(shut int) {
	s.limit = sweepLimit
	for s.limit < 2*shut {
		s.limit *= 2
	}
	s.limit = min(s.limit, sweepMost)
}

// sweepOnce nudges what waits, and tells how many lanes cannot move now.
func (rt *runtime) sweepOnce(ctx context.Context, what hotel.Sweep) (shut int, err error) {
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	found, err := rt.store.Sweep(c, what)
	if err != nil {
		return 0, err
	}
	for _, id := range found.Guests {
		rt.metrics.Swept.WithLabelValues("guest").Inc()
		rt.root.Send(rt.guests, &Wake{Guest: id})
	}
	for _, id := range found.Due {
		rt.metrics.Swept.WithLabelValues("due").Inc()
		rt.root.Send(rt.guests, &Wake{Guest: id})
	}
	for _, head := range found.Lanes {
		p := rt.properties[head.Property]
		if p == nil || p.isShut(head.Lane) {
			shut++
			continue
		}
		rt.metrics.Swept.WithLabelValues("lane").Inc()
		rt.root.Send(rt.senderOf(p, head.Lane), &NudgeLane{Lane: head.Lane})
	}
	for _, row := range found.Claims {
		if p := rt.properties[row.Property]; p != nil && rt.age(row.ClaimedAt) >= what.Age {
			rt.metrics.Swept.WithLabelValues("claim").Inc()
			rt.root.Send(rt.senderOf(p, row.Lane), &TakeUp{Row: row})
		}
	}
	rt.erase(found.Erasing)
	return shut, nil
}

// isShut tells whether the rows of a lane wait for an upstream: who opens it sweeps.
func (p *Property) isShut(lane hotel.Lane) bool {
	switch lane.Destination() {
	case hotel.ToGuest:
		return p.pace.isShut(byBreaker | byToken)
	case hotel.ToPMS:
		return p.up.breaker.isOpen()
	}
	return false
}

func (rt *runtime) trim(ctx context.Context) error {
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	for c.Err() == nil {
		n, err := rt.store.Trim(c, time.Now(), rt.settings.Retention, trimSlice)
		if err != nil || n < trimSlice {
			return err
		}
	}
	return nil
}

// sample looks at the backlog for the high-water mark and the metrics.
func (i *intake) sample(ctx context.Context) (hotel.Backlog, error) {
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	before := i.accepted.Load()
	b, err := i.rt.store.Backlog(c)
	if err != nil {
		return b, err
	}
	i.waiting.Store(int64(b.Unconsumed))
	i.accepted.Add(-before)
	m := i.rt.metrics
	m.MailboxMessages.Set(float64(i.rt.depth.n.Load()))
	m.Backlog.WithLabelValues("unconsumed").Set(float64(b.Unconsumed))
	m.Backlog.WithLabelValues("sending").Set(float64(b.Sending))
	m.Backlog.WithLabelValues("dead_letters").Set(float64(b.DeadLetters))
	m.Backlog.WithLabelValues("handoffs").Set(float64(b.Handoffs))
	m.Backlog.WithLabelValues("parked").Set(float64(b.Parked))
	m.OldestSeconds.WithLabelValues("inbox").Set(age(b.OldestInbox))
	m.OldestSeconds.WithLabelValues("outbox").Set(age(b.OldestOutbox))
	return b, nil
}

func age(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return time.Since(t).Seconds()
}
