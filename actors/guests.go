package actors

import (
	"maps"
	"strconv"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// guests activates guests on demand and keeps who is active. Passivation is a
// handshake: a guest asks to Retire; it is forgotten first and then poisoned, so
// that what is sent later finds a new activation, and what was sent before is
// still handled.
//
// Guests are no children in the library's sense: its list of children keeps
// hold of those that have gone. They are spawned under a guardian, which asks
// guestStrategy when one fails; runtime.living counts them for the drain.
type guests struct {
	rt     *runtime
	props  *actor.Props
	spawn  *actor.RootContext
	active map[hotel.GuestID]activation
	most   int // active guests since the map was made
}

func newGuests(rt *runtime, guardian *guestStrategy) *guests {
	return &guests{rt: rt, active: map[hotel.GuestID]activation{},
		spawn: actor.NewRootContext(rt.system, nil).WithGuardian(guardian),
		// One for all: a guest reads off its name who it is.
		props: actor.PropsFromProducer(func() actor.Actor { return &guest{rt: rt} }, actor.WithMailbox(rt.mailbox), actor.WithDispatcher(rt.workers))}
}

type activation struct {
	pid    *actor.PID
	number int64
}

func (g *guests) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *HandleInput:
		ctx.Send(g.pid(ctx, msg.Row.Guest), msg)
	case *Wake:
		ctx.Send(g.pid(ctx, msg.Guest), msg)
	case *Retire:
		g.retire(ctx, msg)
	case *ended:
		g.ended(msg)
	case *actor.Stopping, *actor.Restarting:
		g.stop(ctx)
	}
}

// pid returns the guest's activation, making one when there is none.
func (g *guests) pid(ctx actor.Context, id hotel.GuestID) *actor.PID {
	if a, ok := g.active[id]; ok {
		return a.pid
	}
	// Never the same twice, also when this actor was restarted.
	number := g.rt.activations.Add(1)
	pid, err := g.spawn.SpawnNamed(g.props, string(id)+"."+strconv.FormatInt(number, 10))
	if err != nil {
		panic(err) // names carry the activation: taken ones are a bug
	}
	g.rt.living.add()
	g.active[id] = activation{pid, number}
	g.most = max(g.most, len(g.active))
	g.rt.metrics.Activations.Inc()
	g.rt.metrics.ActiveGuests.Set(float64(len(g.active)))
	return pid
}

func (g *guests) retire(ctx actor.Context, msg *Retire) {
	a, ok := g.active[msg.Guest]
	if !ok || a.number != msg.Activation {
		return // of an older activation
	}
	g.forget(msg.Guest)
	g.rt.metrics.Passivations.Inc()
	ctx.Poison(a.pid)
}

// ended forgets a guest whose supervisor stopped it; rows that wait are the sweeper's.
func (g *guests) ended(msg *ended) {
	if a, ok := g.active[msg.guest]; ok && a.number == msg.activation {
		g.forget(msg.guest)
	}
}

// stop stops all guests after the message in hand.
func (g *guests) stop(ctx actor.Context) {
	for _, a := range g.active {
		ctx.Stop(a.pid)
	}
	clear(g.active)
	g.rt.metrics.ActiveGuests.Set(0)
}

// forget forgets a guest. A map never shrinks: after a flood it is made anew.
func (g *guests) forget(id hotel.GuestID) {
	delete(g.active, id)
	g.rt.metrics.ActiveGuests.Set(float64(len(g.active)))
	if n := len(g.active); g.most > shrinkFrom && n < g.most/4 {
		active := make(map[hotel.GuestID]activation, n) // maps.Clone would keep the size
		maps.Copy(active, g.active)
		g.active, g.most = active, n
	}
}

// shrinkFrom is how many guests make the map worth making anew.
const shrinkFrom = 1000

// guestOf reads a guest's id and activation off its PID's name.
func guestOf(pid *actor.PID) (hotel.GuestID, int64, bool) {
	name := pid.Id
	dot := -1
	slash := 0
	for i := range len(name) {
		switch name[i] {
		case '/':
			slash = i + 1
		case '.':
			dot = i
		}
	}
	if dot < slash {
		return "", 0, false
	}
	number, err := strconv.ParseInt(name[dot+1:], 10, 64)
	return hotel.GuestID(name[slash:dot]), number, err == nil
}

// depth counts messages that wait in the guests' mailboxes: the runtime's own
// queue, behind the inbox.
type depth struct{ n atomic.Int64 }

func (*depth) MailboxStarted()       {}
func (d *depth) MessagePosted(any)   { d.n.Add(1) }
func (d *depth) MessageReceived(any) { d.n.Add(-1) }
func (*depth) MailboxEmpty()         {}
