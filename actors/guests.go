package actors

import (
	"strconv"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
)

// guests is the parent of all guests: it activates them on demand and keeps
// who is active. Passivation is a handshake: a guest asks to Retire; the parent
// forgets it first and then poisons it, so that what is sent later finds a new
// activation, and what was sent before is still handled.
type guests struct {
	rt     *runtime
	props  *actor.Props
	active map[hotel.GuestID]activation
	last   int64
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
	case *actor.Terminated:
		g.terminated(msg)
	}
}

// pid returns the guest's activation, making one when there is none.
func (g *guests) pid(ctx actor.Context, id hotel.GuestID) *actor.PID {
	if a, ok := g.active[id]; ok {
		return a.pid
	}
	g.last++
	number := g.last
	if g.props == nil { // one for all: a guest reads off its name who it is
		g.props = actor.PropsFromProducer(func() actor.Actor { return &guest{rt: g.rt} }, actor.WithMailbox(g.rt.mailbox))
	}
	pid, err := ctx.SpawnNamed(g.props, string(id)+"."+strconv.FormatInt(number, 10))
	if err != nil {
		panic(err) // names carry the activation: taken ones are a bug
	}
	// A parent hears that a child has ended without watching it.
	g.active[id] = activation{pid, number}
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

// terminated forgets a guest whose supervisor stopped it; rows that wait are the sweeper's.
func (g *guests) terminated(msg *actor.Terminated) {
	id, number, ok := guestOf(msg.Who)
	if !ok {
		return
	}
	if a, known := g.active[id]; known && a.number == number {
		g.forget(id)
	}
}

func (g *guests) forget(id hotel.GuestID) {
	delete(g.active, id)
	g.rt.metrics.ActiveGuests.Set(float64(len(g.active)))
}

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
