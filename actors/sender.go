package actors

import (
	"context"
	"log/slog"
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
	taken   map[hotel.Key]int   // attempts taken up: whoever claimed them may still hand them over
	started time.Time           // rows claimed before and not held are in doubt
	drained bool
}

// holding is a lane whose oldest row is in our hands.
type holding struct {
	row  hotel.OutboxRow // zero while it is being claimed
	more bool            // a nudge came meanwhile
	// doubt is true while the row waits for evidence; evident when a status came before it was in doubt.
	doubt, evident bool
	died           bool // it was out when its engine died: taken up, not answered oddly
	// next is the lane's next row, claimed by a turn: row is settled in the
	// store already, and word of it is still on its way to us.
	next *hotel.OutboxRow
}

func newSender(rt *runtime, name string, dest hotel.Destination, c carrier) *sender {
	return &sender{rt: rt, name: name, dest: dest, carrier: c,
		held: map[hotel.Lane]*holding{}, waits: map[hotel.Lane]bool{},
		refused: map[hotel.Lane]int{}, taken: map[hotel.Key]int{}}
}

func (s *sender) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		s.started = time.Now()
	case *SendRow:
		if s.taken[msg.Row.Key] != msg.Row.Attempt {
			s.send(ctx, msg.Row)
		}
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
	case *Release:
		s.drained = true
		ctx.Respond(&ReleaseReply{})
	}
}

// send carries a row that somebody claimed for us.
func (s *sender) send(ctx actor.Context, row hotel.OutboxRow) {
	h := s.held[row.Lane]
	if h == nil {
		h = &holding{}
		s.held[row.Lane] = h
	}
	switch {
	case h.row.Key == "" || h.row.Key == row.Key && (h.doubt || h.row.Attempt < row.Attempt):
		h.row, h.doubt, h.evident, h.died = row, false, false, false
		s.carry(ctx, row)
	case h.row.Key != row.Key:
		h.next = &row
	} // else it is in hand already
}

// nudge claims the lane's next row, when nothing of it is in hand and there is a permit.
func (s *sender) nudge(ctx actor.Context, lane hotel.Lane) {
	if h := s.held[lane]; h != nil {
		h.more = true
		return
	}
	if s.drained || s.waits[lane] || !s.rt.lease.fresh() { // an engine without lease leaves rows to the others
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
		c, cancel := context.WithTimeout(c, storeTimeout)
		defer cancel()
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
	if h == nil || h.row.Key != msg.over {
		return // a row came in by SendRow meanwhile
	}
	s.free(ctx, msg.lane, false)
}

// free lets go of a lane's row, and goes on with the lane's next.
func (s *sender) free(ctx actor.Context, lane hotel.Lane, more bool) {
	h := s.held[lane]
	delete(s.held, lane)
	if h != nil && h.next != nil {
		s.send(ctx, *h.next)
	}
	if more || h != nil && h.more {
		s.nudge(ctx, lane)
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
	self, system, tries, drained := ctx.Self(), ctx.ActorSystem(), s.refused[row.Lane], s.drained
	s.rt.sending.Add(1)
	s.spawn(func(c context.Context) {
		defer s.rt.sending.Add(-1)
		o := released(0)
		if !drained {
			o = s.safely(func() outcome { return s.carrier.carry(c, row) })
		}
		system.Root.Send(self, s.settle(c, row, o, tries))
	})
}

// safely turns a carrier's panic into a doubt: its request may have left.
func (s *sender) safely(f func() outcome) (o outcome) {
	defer func() {
		if r := recover(); r != nil {
			s.rt.panicked("carrier", r)
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
	o.settle.ClaimNext = s.claimsNext(row.Lane, o.settle)
	if o.settle.State == hotel.Dead {
		s.bury(row, &o.settle)
		s.log().Warn("row given up: it is a dead letter", "key", string(row.Key), "row_kind", string(row.Kind),
			"attempt", row.Attempt, "reason", o.settle.Reason)
	}
	result, err := s.rt.settle(c, o.settle)
	if err == nil && !result.Applied && (o.settle.State == hotel.Settled || o.doubt) {
		s.superseded(row)
	}
	if o.settle.ClaimNext && result.Next == nil {
		s.carrier.giveBack(row.Lane)
	}
	if err != nil {
		// A drain, or a refusal. The row stays sending and where it stands: it
		// must not be taken for one that never left.
		s.log().Error("outcome not settled", "destination", string(s.dest), "kind", hotel.KindOf(err).String(), "err", err)
		o = outcome{doubt: true, later: o.later}
	}
	return &carried{row: row, outcome: o, settled: result}
}

// superseded tells a carrier that wants to know it that a row whose request has
// left, or may have, had ended elsewhere.
func (s *sender) superseded(row hotel.OutboxRow) {
	if l, ok := s.carrier.(interface {
		late(ctx context.Context, row hotel.OutboxRow)
	}); ok {
		s.spawn(func(c context.Context) { l.late(c, row) }) // its lane is not ours any more
	}
}

// bury makes sure that somebody hears of a row that dies: the dialogue, or, of
// an alert to the staff, who runs the engine.
func (s *sender) bury(row hotel.OutboxRow, c *hotel.Settlement) {
	if s.dest == hotel.ToStaff {
		s.rt.tellOperator(hotel.TroubleDeadLetters, row.Property, "An alert to the hotel's staff reached nobody. It is in the dead letters.")
		return
	}
	if c.Result.Key == "" {
		c.Result = resultRow(row, hotel.KindSendFailed, "failed", hotel.SendResult{Key: row.Key, Kind: row.Kind})
	}
}

// claimsNext takes the permit with which a settlement that frees its lane may
// claim the lane's next row in the same transaction.
func (s *sender) claimsNext(lane hotel.Lane, c hotel.Settlement) bool {
	if c.State == hotel.Pending || c.State == hotel.Sending || s.rt.draining() || !s.rt.lease.fresh() {
		return false
	}
	ok, _ := s.carrier.permit(lane, time.Now())
	if !ok {
		s.carrier.leave(lane)
	}
	return ok
}

// carried goes on after a send: with its doubt, or with the lane's next row.
func (s *sender) carried(ctx actor.Context, msg *carried) {
	s.tell(ctx, msg)
	lane := msg.row.Lane
	h := s.held[lane]
	if h == nil || h.row.Key != msg.row.Key { // a sender before us sent it
		if msg.settled.Next != nil {
			s.send(ctx, *msg.settled.Next)
		}
		return
	}
	if msg.settled.Next != nil {
		h.next = msg.settled.Next
	}
	o := msg.outcome
	switch {
	case o.doubt && o.moveTo != "":
		s.move(ctx, h, o.moveTo)
		s.doubt(ctx, h, o.later)
	case o.doubt:
		s.doubt(ctx, h, o.later)
	case o.settle.State == hotel.Pending && o.settle.MoveTo != "":
		s.free(ctx, lane, msg.settled.More)
		s.nudge(ctx, o.settle.MoveTo)
	case o.refused:
		s.refused[lane]++
		s.wait(ctx, lane, max(time.Millisecond, time.Until(o.settle.NotBefore)))
		s.free(ctx, lane, false)
	default:
		delete(s.refused, lane)
		s.free(ctx, lane, msg.settled.More)
	}
}

// tell hands the result's inbox row to its guest. When the store has committed
// it in a call of unknown outcome, we know that it is there, not what it is.
func (s *sender) tell(ctx actor.Context, msg *carried) {
	switch {
	case msg.settled.Result.Key != "":
		s.rt.nudgeGuest(msg.settled.Result, msg.row.Property)
	case msg.outcome.settle.Result.Key != "":
		ctx.Send(s.rt.guests, &Wake{Guest: msg.row.Guest})
	}
}

// move keeps a row in doubt in hand under another lane, and frees the one it leaves.
func (s *sender) move(ctx actor.Context, h *holding, to hotel.Lane) {
	from := h.row.Lane
	if from == to {
		return
	}
	next := h.next
	h.next = nil
	if was := s.held[to]; was != nil {
		h.more = true // somebody is claiming there, and will find nothing
	}
	h.row.Lane = to
	s.held[to] = h
	delete(s.held, from)
	if next != nil {
		s.send(ctx, *next)
		return
	}
	s.nudge(ctx, from)
}

func (s *sender) markRead(msg *MarkRead) {
	m, ok := s.carrier.(interface {
		markRead(ctx context.Context, messageID string)
	})
	if !ok || s.drained || s.rt.sending.Load() >= markReadBelow {
		return
	}
	s.rt.sending.Add(1)
	s.spawn(func(c context.Context) {
		defer s.rt.sending.Add(-1)
		m.markRead(c, msg.MessageID)
	})
}

// markReadBelow is how many requests of all senders may be out and the engine
// still shows guests that it reads: answers come first.
const markReadBelow = 16

func (s *sender) spawn(f func(context.Context)) { s.rt.spawn(f) }

func (s *sender) after(ctx actor.Context, d time.Duration, msg any) {
	self, system := ctx.Self(), ctx.ActorSystem()
	s.rt.afterFunc(d, func() { system.Root.Send(self, msg) })
}

func (s *sender) log() *slog.Logger { return s.rt.log.With("sender", s.name) }
