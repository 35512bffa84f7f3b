package actors

import (
	"context"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// maxRows is how many waiting rows one turn takes.
const maxRows = 50

// guest holds one guest's session in memory: the state of the last committed
// turn and the rows known to wait. All of it can be read again from the store.
type guest struct {
	rt         *runtime
	id         hotel.GuestID
	activation int64

	loaded   bool
	property *Property
	parked   bool // turns are hand-over turns
	state    conversation.State
	due      time.Time
	pending  []hotel.InboxRow // unconsumed, in order
	more     bool             // the store holds more than pending
	last     int64            // order of the last row consumed

	open      *openTurn // a turn that waits for its reads, uncommitted
	asked     int64     // query out for a committed, waiting state; 0 = none
	taking    bool      // a TakeTurn is queued
	held      int64     // instant that a held turn waits for, in Unix nanoseconds; 0 = none
	marked    int64     // order of the last row shown as read
	conflicts int       // in a row
	timer     *time.Timer
	active    time.Time // last time something happened
}

// openTurn is a turn whose reads are out.
type openTurn struct {
	rows   []hotel.InboxRow
	inputs []conversation.Input
	turn   conversation.Turn
	began  time.Time
	sets   int              // read sets asked so far
	quiet  hotel.AlertCause // why the bot keeps quiet in it; "" = it does not
}

func (g *guest) Receive(ctx actor.Context) {
	if end := g.rt.oneByOne(ctx.Self(), ctx.Message()); end != nil {
		defer end()
	}
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		g.id, g.activation, _ = guestOf(ctx.Self())
		g.active = time.Now()
	case *HandleInput:
		g.handle(ctx, msg)
	case *Wake:
		g.wake(ctx)
	case *TakeTurn:
		g.taking = false
		g.turn(ctx)
	case *ReadReply:
		g.answered(ctx, msg)
	case *tick:
		g.tick(ctx, msg)
	case *actor.Stopping:
		g.stopTimer()
		g.handOn(ctx)
	case *actor.Stopped:
		g.end(ctx)
	case *actor.Restarting:
		g.stopTimer()
	}
}

// end is the last of an activation.
func (g *guest) end(ctx actor.Context) {
	rt := g.rt
	if !rt.draining() {
		ctx.Send(rt.guests, &ended{guest: g.id, activation: g.activation})
	}
	*g = guest{rt: rt} // a timer or a reply under way may still hold us
	rt.living.done()
}

// handOn wakes the next activation for what came in between asking to retire
// and being poisoned, and is not done: a TakeTurn would stand behind the pill.
func (g *guest) handOn(ctx actor.Context) {
	if !g.rt.draining() && (g.taking || g.open != nil || g.loaded && len(g.pending) > 0) {
		ctx.Send(g.rt.guests, &Wake{Guest: g.id})
	}
}

// handle puts a row behind those that wait. Rows at or before the last one
// consumed were consumed with it: a turn takes all of them.
func (g *guest) handle(ctx actor.Context, msg *HandleInput) {
	g.active = time.Now()
	if !g.loaded && msg.New {
		g.fresh(msg.Property)
	}
	if !g.loaded {
		g.load(ctx)
	} else if msg.Row.Order > g.last && !g.more && !g.knows(msg.Row) {
		g.insert(msg.Row) // with more in the store it stands behind them, and is read with them
	}
	g.soon(ctx)
}

// soon queues a turn behind what is in the mailbox, so that a burst becomes one turn.
func (g *guest) soon(ctx actor.Context) {
	if g.taking || !g.loaded {
		return
	}
	g.taking = true
	ctx.Send(ctx.Self(), &TakeTurn{})
}

// wake looks into the store: the sweeper found rows, or the due instant has passed.
func (g *guest) wake(ctx actor.Context) {
	g.active = time.Now()
	if g.open != nil {
		return
	}
	g.load(ctx)
	g.soon(ctx)
}

// fresh starts a guest that the accept has just made.
func (g *guest) fresh(property hotel.PropertyID) {
	p, ok := g.rt.properties[property]
	if !ok {
		return // load says so
	}
	g.property, g.loaded = p, true
	g.state, _ = conversation.DecodeState(g.id, 0, nil)
}

// load reads snapshot and pending rows. When the store is away it leaves the
// guest unloaded: the sweeper comes back.
func (g *guest) load(ctx actor.Context) {
	g.loaded = false
	defer g.arm(ctx)
	c, cancel := g.rt.storeContext()
	defer cancel()
	a, err := g.rt.store.Activate(c, g.id, maxRows)
	if hotel.KindOf(err) == hotel.NotFound {
		g.leave(ctx)
		return
	}
	if err != nil {
		g.rt.log.Warn("activation failed", "guest", string(g.id), "kind", hotel.KindOf(err).String(), "err", err)
		return
	}
	p, ok := g.rt.properties[a.Guest.Property]
	if !ok {
		g.rt.log.Error("guest of a property that is not configured", "guest", string(g.id), "property", string(a.Guest.Property))
		return
	}
	state, err := conversation.DecodeState(g.id, a.Guest.Version, a.Guest.State)
	if err != nil {
		g.rt.unreadable(g.id, p.ID, err)
		return
	}
	g.property, g.state, g.due, g.parked = p, state, a.Guest.Due, !a.Guest.Parked.IsZero()
	g.pending, g.more, g.loaded = a.Pending, a.More, true
	g.askAgain(ctx)
}

// askAgain asks for the reads that a committed state still waits for.
func (g *guest) askAgain(ctx actor.Context) {
	set := g.state.Outstanding()
	if set == nil || g.parked {
		g.asked = 0
		return
	}
	if g.asked == set.Query {
		return
	}
	g.ask(ctx, *set)
}

func (g *guest) ask(ctx actor.Context, set conversation.ReadSet) {
	g.asked = set.Query
	ctx.Send(g.property.reads, &Ask{Set: set, ReplyTo: ctx.Self()})
}

// tick is one of our own timers.
func (g *guest) tick(ctx actor.Context, msg *tick) {
	if msg.activation != g.activation {
		return
	}
	switch msg.what {
	case tickPatience:
		g.impatient(ctx, msg.query)
	case tickHold:
		g.release(ctx, msg.query)
	case tickWake:
		g.ripe(ctx)
	}
}

// ripe takes a due turn, or retires when nothing has happened for long.
func (g *guest) ripe(ctx actor.Context) {
	now := time.Now()
	if g.ready() && !g.due.IsZero() && !now.Before(g.due) {
		g.take(ctx, nil, []conversation.Input{conversation.Due{}})
		return
	}
	if g.idle() && now.Sub(g.active) >= g.rt.settings.PassivateAfter {
		ctx.Send(g.rt.guests, &Retire{Guest: g.id, Activation: g.activation})
		return
	}
	g.arm(ctx)
}

// idle tells whether nothing is in hand: a guest with a query out is not idle.
func (g *guest) idle() bool {
	return g.open == nil && g.asked == 0 && !g.taking && (len(g.pending) == 0 || !g.loaded)
}

// ready tells whether a due turn could be taken now.
func (g *guest) ready() bool { return g.loaded && g.open == nil && len(g.pending) == 0 }

// arm sets the one timer to what comes first: due, or passivation. What is in
// hand arms it again when it ends, so the timer never runs in circles.
func (g *guest) arm(ctx actor.Context) {
	wait := g.rt.settings.PassivateAfter - time.Since(g.active)
	if wait <= 0 && !g.idle() {
		wait = g.rt.settings.PassivateAfter
	}
	if g.ready() && !g.due.IsZero() {
		wait = min(wait, time.Until(g.due))
	}
	g.after(ctx, max(wait, time.Millisecond), tick{activation: g.activation, what: tickWake})
}

// after sends a tick to ourselves; the waking one is a timer that is set anew.
func (g *guest) after(ctx actor.Context, d time.Duration, t tick) {
	self, root := ctx.Self(), ctx.ActorSystem().Root
	send := func() { root.Send(self, &t) }
	switch {
	case t.what != tickWake:
		g.rt.afterFunc(d, send)
	case g.timer == nil:
		g.timer = time.AfterFunc(d, send)
	default:
		g.timer.Reset(d)
	}
}

func (g *guest) stopTimer() {
	if g.timer != nil {
		g.timer.Stop()
	}
}

func (g *guest) knows(row hotel.InboxRow) bool {
	for _, p := range g.pending {
		if p.Order == row.Order {
			return true
		}
	}
	return false
}

// insert keeps pending in order: nudges may overtake each other, rows do not.
func (g *guest) insert(row hotel.InboxRow) {
	i := len(g.pending)
	for i > 0 && g.pending[i-1].Order > row.Order {
		i--
	}
	g.pending = append(g.pending, hotel.InboxRow{})
	copy(g.pending[i+1:], g.pending[i:])
	g.pending[i] = row
}

// storeTimeout bounds one store call of a turn.
const storeTimeout = 10 * time.Second

func (rt *runtime) storeContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(rt.ctx, storeTimeout)
}
