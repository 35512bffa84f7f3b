package actors

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// sender carries one destination's rows out: one at a time per lane, each
// claimed with its permit in hand, each outcome settled. Network and store
// calls run in goroutines of their own; the actor only keeps who holds what.
//
//	NudgeLane -> permit -> Claim -> carry -> Settle -> (lane's next)
//	                                  \-> in doubt -> resolve -> Settle | Repeat -> carry
type sender struct {
	rt      *runtime
	name    string
	dest    hotel.Destination
	carrier carrier

	held    map[hotel.Lane]*holding
	waits   map[hotel.Lane]bool // lanes with a timer under way
	refused map[hotel.Lane]int  // releases in a row
	started time.Time           // rows claimed before and not held are in doubt
	drained bool
}

// holding is a lane whose oldest row is in our hands.
type holding struct {
	row  hotel.OutboxRow // zero while it is being claimed
	more bool            // a nudge came meanwhile
	// doubt is true while the row waits for evidence.
	doubt bool
	// next is the lane's next row, claimed by a turn: row is settled in the
	// store already, and word of it is still on its way to us.
	next *hotel.OutboxRow
}

func newSender(rt *runtime, name string, dest hotel.Destination, c carrier) *sender {
	return &sender{rt: rt, name: name, dest: dest, carrier: c,
		held: map[hotel.Lane]*holding{}, waits: map[hotel.Lane]bool{}, refused: map[hotel.Lane]int{}}
}

func (s *sender) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		s.started = time.Now()
	case *SendRow:
		s.send(ctx, msg.Row)
	case *NudgeLane:
		s.nudge(ctx, msg.Lane)
	case *claimed:
		s.claimed(ctx, msg)
	case *carried:
		s.carried(ctx, msg)
	case *evidence:
		s.evidence(ctx, msg.row)
	case *resolved:
		s.resolve(ctx, msg)
	case *TakeUp:
		s.takeUp(ctx, msg.Row)
	case *retry:
		delete(s.waits, msg.lane)
		s.nudge(ctx, msg.lane)
	case *MarkRead:
		s.markRead(msg)
	case *Probe:
		s.spawn(func(c context.Context) { s.carrier.probe(c) })
	case *Release:
		s.drained = true
	}
}

// send carries a row that somebody claimed for us.
func (s *sender) send(ctx actor.Context, row hotel.OutboxRow) {
	h := s.held[row.Lane]
	if h == nil {
		h = &holding{}
		s.held[row.Lane] = h
	}
	if h.row.Key != "" && h.row.Key != row.Key {
		h.next = &row
		return
	}
	h.row, h.doubt = row, false
	s.carry(ctx, row)
}

// nudge claims the lane's next row, when nothing of it is in hand and there is a permit.
func (s *sender) nudge(ctx actor.Context, lane hotel.Lane) {
	if h := s.held[lane]; h != nil {
		h.more = true
		return
	}
	if s.drained || s.waits[lane] {
		return
	}
	ok, wait := s.carrier.permit(lane, time.Now())
	if !ok {
		s.wait(ctx, lane, wait)
		return
	}
	s.held[lane] = &holding{}
	self, system := ctx.Self(), ctx.ActorSystem()
	s.spawn(func(c context.Context) {
		row, err := s.rt.store.Claim(c, hotel.Claim{Lane: lane, Owner: s.rt.owner, At: time.Now()})
		if err != nil {
			s.carrier.giveBack(lane)
			system.Root.Send(self, &claimed{lane: lane})
			return
		}
		system.Root.Send(self, &claimed{lane: lane, row: &row})
	})
}

func (s *sender) claimed(ctx actor.Context, msg *claimed) {
	if msg.row != nil {
		s.send(ctx, *msg.row)
		return
	}
	h := s.held[msg.lane]
	if h == nil || h.row.Key != "" {
		return // a row came in by SendRow meanwhile
	}
	delete(s.held, msg.lane)
	if h.more {
		s.nudge(ctx, msg.lane)
	}
}

// wait nudges the lane again after d. Without d whoever opens the carrier, or the sweeper, does.
func (s *sender) wait(ctx actor.Context, lane hotel.Lane, d time.Duration) {
	if d <= 0 {
		return
	}
	s.waits[lane] = true
	s.after(ctx, d, &retry{lane: lane})
}

// carry sends the row and settles what came of it, outside the actor.
func (s *sender) carry(ctx actor.Context, row hotel.OutboxRow) {
	self, system, tries := ctx.Self(), ctx.ActorSystem(), s.refused[row.Lane]
	s.spawn(func(c context.Context) {
		o := s.safely(func() outcome { return s.carrier.carry(c, row) })
		system.Root.Send(self, s.settle(c, row, o, tries))
	})
}

// safely turns a carrier's panic into a doubt: its request may have left.
func (s *sender) safely(f func() outcome) (o outcome) {
	defer func() {
		if r := recover(); r != nil {
			s.rt.metrics.Restarts.WithLabelValues("carrier").Inc()
			s.log().Error("carrier panicked", "panic", r, "stack", string(debug.Stack()))
			o = inDoubt()
		}
	}()
	return f()
}

// settle records the outcome, as often as the store needs.
func (s *sender) settle(c context.Context, row hotel.OutboxRow, o outcome, tries int) *carried {
	s.rt.metrics.Sends.WithLabelValues(string(s.dest), o.result).Inc()
	if o.doubt && o.moveTo == "" {
		return &carried{row: row, outcome: o}
	}
	if o.doubt {
		o.settle = hotel.Settlement{State: hotel.Sending, MoveTo: o.moveTo}
	}
	o.settle.Key, o.settle.Attempt, o.settle.Owner, o.settle.At = row.Key, row.Attempt, s.rt.owner, time.Now()
	if o.settle.State == hotel.Pending && o.settle.NotBefore.IsZero() {
		o.settle.NotBefore = o.settle.At.Add(max(o.later, backoff(tries)))
	}
	result, err := s.rt.settle(c, o.settle)
	if err != nil {
		// Only a drain ends it: the row stays sending, and is in doubt at the next start.
		s.log().Warn("outcome not settled", "destination", string(s.dest), "kind", hotel.KindOf(err).String())
	}
	if err != nil && o.doubt {
		o.moveTo = "" // it waits where it stands
	}
	return &carried{row: row, outcome: o, settled: result}
}

// carried goes on after a send: with its doubt, or with the lane's next row.
func (s *sender) carried(ctx actor.Context, msg *carried) {
	lane := msg.row.Lane
	h := s.held[lane]
	if h == nil || h.row.Key != msg.row.Key {
		return
	}
	if to := msg.outcome.moveTo; msg.outcome.doubt && to != "" {
		h = s.move(ctx, h, to)
		msg.row.Lane = to
	}
	if msg.outcome.doubt {
		h.doubt = true
		s.doubt(ctx, msg.row, msg.outcome.later)
		return
	}
	if msg.settled.Result.Key != "" {
		s.rt.nudgeGuest(msg.settled.Result, msg.row.Property)
	}
	delete(s.held, lane)
	if msg.outcome.refused {
		s.refused[lane]++
		s.wait(ctx, lane, time.Until(msg.outcome.settle.NotBefore))
		return
	}
	delete(s.refused, lane)
	if h.next != nil {
		s.send(ctx, *h.next)
	}
	if h.more || msg.settled.More {
		s.nudge(ctx, lane)
	}
}

// move keeps a row in doubt in hand under another lane, and frees the one it leaves.
func (s *sender) move(ctx actor.Context, h *holding, to hotel.Lane) *holding {
	from := h.row.Lane
	delete(s.held, from)
	h.row.Lane = to
	s.held[to] = h
	s.nudge(ctx, from)
	return h
}

// doubt waits for evidence: from the later of now and the engine's readiness.
func (s *sender) doubt(ctx actor.Context, row hotel.OutboxRow, later time.Duration) {
	wait := s.carrier.doubtWait()
	if later > 0 {
		wait = later
	}
	if ready := s.rt.readySince(); ready.After(row.ClaimedAt) && later == 0 {
		wait = max(wait-time.Since(ready), time.Millisecond)
	}
	s.after(ctx, wait, &resolved{lane: row.Lane, attempt: row.Attempt})
}

// resolve ends a doubt: by evidence, by one repeat, or by giving up.
func (s *sender) resolve(ctx actor.Context, msg *resolved) {
	h := s.held[msg.lane]
	if h == nil || !h.doubt || h.row.Attempt != msg.attempt {
		return
	}
	if s.drained {
		return // stays sending: the next start takes it up
	}
	h.doubt = false
	row, self, system := h.row, ctx.Self(), ctx.ActorSystem()
	s.spawn(func(c context.Context) {
		system.Root.Send(self, s.resolution(c, row))
	})
}

// resolution asks the carrier what becomes of a row in doubt, and does it.
func (s *sender) resolution(c context.Context, row hotel.OutboxRow) any {
	now, err := s.rt.store.Row(c, row.Key)
	if err != nil {
		return &carried{row: row, outcome: outcome{doubt: true, later: time.Second}}
	}
	o := s.safely(func() outcome { return s.carrier.resolve(c, now) })
	if !o.repeat {
		if !o.doubt {
			s.rt.metrics.InDoubt.WithLabelValues(string(s.dest), o.result).Inc()
		}
		return s.settle(c, row, o, 0)
	}
	again, err := s.rt.store.Repeat(c, hotel.Repeat{Key: row.Key, Attempt: row.Attempt, Owner: s.rt.owner, At: time.Now()})
	if err != nil {
		return &carried{row: row, outcome: outcome{doubt: true, later: time.Second}}
	}
	s.rt.metrics.InDoubt.WithLabelValues(string(s.dest), "repeated").Inc()
	return &SendRow{Row: again}
}

// evidence ends a doubt at once when the row waits here.
func (s *sender) evidence(ctx actor.Context, row hotel.OutboxRow) {
	if h := s.held[row.Lane]; h != nil && h.doubt && h.row.Key == row.Key {
		s.resolve(ctx, &resolved{lane: row.Lane, attempt: h.row.Attempt})
	}
}

// takeUp takes a sending row of ours that nobody holds: never handed to the
// wire when it was claimed in this sender's life, else in doubt.
func (s *sender) takeUp(ctx actor.Context, row hotel.OutboxRow) {
	if s.drained || s.held[row.Lane] != nil {
		return
	}
	if row.ClaimedAt.After(s.started) {
		s.send(ctx, row)
		return
	}
	s.held[row.Lane] = &holding{row: row, doubt: true}
	s.rt.metrics.Sends.WithLabelValues(string(s.dest), "in_doubt").Inc()
	s.doubt(ctx, row, 0)
}

func (s *sender) markRead(msg *MarkRead) {
	m, ok := s.carrier.(interface {
		markRead(ctx context.Context, messageID string)
	})
	if ok && !s.drained && len(s.held) < markReadBelow {
		s.spawn(func(c context.Context) { m.markRead(c, msg.MessageID) })
	}
}

// markReadBelow is how busy a number may be and still show that it reads.
const markReadBelow = 16

func (s *sender) spawn(f func(context.Context)) { s.rt.spawn(f) }

func (s *sender) after(ctx actor.Context, d time.Duration, msg any) {
	self, system := ctx.Self(), ctx.ActorSystem()
	s.rt.afterFunc(d, func() { system.Root.Send(self, msg) })
}

func (s *sender) log() *slog.Logger { return s.rt.log.With("sender", s.name) }
