package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	cmap "github.com/orcaman/concurrent-map"

	"github.com/conserje/conserje/hotel"
)

// root
// ├── guests ·· guest                  kept by guests, supervised by guestStrategy
// ├── pms/reads, pms/writes            of each property
// ├── messenger/number                 of each property
// ├── mailer
// ├── staff
// └── sweeper
//
// Restart means "read again from the store": crash, deploy and passivation
// come alive the same way.

const (
	restartLimit  = 10
	restartWindow = 10 * time.Second
	// panicLimit is how many recovered panics in a row park a guest, or bury a parked one's rows.
	panicLimit = 3
)

// supervise builds the tree.
func (rt *runtime) supervise() error {
	// protoactor logs whole messages (a dead letter's holds a guest's words), so
	// it logs nowhere; watch says what matters of its events.
	silent := slog.New(slog.DiscardHandler)
	rt.system = actor.NewActorSystem(
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return silent }),
		// Its throttle of that log is a goroutine of this length after a dead letter.
		actor.WithDeadLetterThrottleInterval(10*time.Millisecond))
	narrow(rt.system.ProcessRegistry)
	rt.root = rt.system.Root
	rt.watch()
	built := make(chan error, 1)
	props := actor.PropsFromFunc(func(ctx actor.Context) {
		if _, ok := ctx.Message().(*actor.Started); ok {
			built <- rt.build(ctx)
		}
	}, actor.WithSupervisor(restarting()), actor.WithDispatcher(rt.workers))
	pid, err := rt.root.SpawnNamed(props, topName)
	if err != nil {
		return err
	}
	rt.top = pid
	return <-built
}

// narrow gives the library's registry of names fewer maps: maps keep their size,
// and its 32,768 take 9 MB for good as soon as each has held one guest.
func narrow(registry *actor.ProcessRegistryValue) {
	wide := registry.LocalPIDs
	registry.LocalPIDs = &actor.SliceMap{LocalPIDs: make([]cmap.ConcurrentMap, registryMaps)}
	for i := range registry.LocalPIDs.LocalPIDs {
		registry.LocalPIDs.LocalPIDs[i] = cmap.New()
	}
	for _, m := range wide.LocalPIDs {
		m.IterCb(func(id string, process any) { registry.LocalPIDs.GetBucket(id).Set(id, process) })
	}
}

// registryMaps is how many maps of 32 shards hold the actors' names.
const registryMaps = 8

func restarting() actor.SupervisorStrategy {
	return actor.NewOneForOneStrategy(restartLimit, restartWindow, func(any) actor.Directive { return actor.RestartDirective })
}

func (rt *runtime) build(ctx actor.Context) error {
	var errs []error
	spawn := func(name string, producer actor.Producer) *actor.PID {
		pid, err := ctx.SpawnNamed(actor.PropsFromProducer(producer, actor.WithDispatcher(rt.workers)), name)
		errs = append(errs, err)
		return pid
	}
	rt.staff = spawn("staff", func() actor.Actor {
		return newSender(rt, "staff", hotel.ToStaff, &alerts{rt: rt, joints: map[jointKey]*joint{}})
	})
	slots := make(chan struct{}, rt.settings.MailsInFlight)
	account := newMailShare(rt)
	rt.mailsP = spawn("mailer", func() actor.Actor {
		return newSender(rt, "mailer", hotel.ToMail, &mails{rt: rt, slots: slots, share: account})
	})
	for id, p := range rt.properties {
		up, cache, line := newUpstream(rt, id), newReadCache(rt, id), newQueue(rt.metrics, id)
		cache.doubts = newLedger(rt.metrics.PMSInDoubt.WithLabelValues(string(id)))
		w := &writes{rt: rt, property: id, up: up, cache: cache, doubts: cache.doubts, queue: line}
		rt.caches = append(rt.caches, cache)
		p.up, p.queue = up, line
		p.reads = spawn("pms/reads:"+string(id), func() actor.Actor { return &reads{rt: rt, up: up, book: cache} })
		p.writes = spawn("pms/writes:"+string(id), func() actor.Actor {
			return newSender(rt, "pms:"+string(id), hotel.ToPMS, w)
		})
		rt.pollFor(w)
		n := newNumber(rt, id, p.pace)
		p.line = n
		p.number = spawn("messenger/number:"+string(id), func() actor.Actor {
			return newSender(rt, "number:"+string(id), hotel.ToGuest, n)
		})
	}
	guardian := &guestStrategy{rt: rt}
	rt.guests = spawn("guests", func() actor.Actor { return newGuests(rt, guardian) })
	rt.sweep = spawn("sweeper", func() actor.Actor { return &sweeper{rt: rt, lookout: newLookout(rt)} })
	return errors.Join(errs...)
}

// watch logs and counts restarts and dead letters.
func (rt *runtime) watch() {
	rt.system.EventStream.Subscribe(func(event any) {
		switch e := event.(type) {
		case *actor.SupervisorEvent:
			rt.metrics.Restarts.WithLabelValues(family(e.Child)).Inc()
			rt.log.Error("actor failed", "actor", family(e.Child), "directive", e.Directive.String(), "reason", reason(e.Reason))
		case *actor.DeadLetterEvent:
			rt.metrics.ActorDeadLetters.Inc()
			if !rt.draining() { // while draining they are what the next start takes up
				rt.log.Debug("message to an actor that is gone", "message", fmt.Sprintf("%T", e.Message), "actor", family(e.PID))
			}
		}
	})
}

// family is a metric label for a PID: guests share one.
func family(pid *actor.PID) string {
	if pid == nil {
		return "none"
	}
	if _, _, ok := guestOf(pid); ok {
		return "guest"
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(pid.Id, topName+"/"), ":")
	return name
}

// reason tells a panic's value without what it may hold of guests: only the
// runtime's own errors (an index, a nil pointer) are said in full.
func reason(r any) string {
	if e, ok := r.(runtimeError); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", r)
}

// runtimeError is what runtime.Error is; the runtime's name is ours in this package.
type runtimeError interface {
	error
	RuntimeError()
}

// topName is the supervisor's name.
const topName = "conserje"

// guestStrategy restarts a guest whose turn panicked: counted durably before
// the restart. The third panic in a row parks the guest; three more, of its
// hand-over turns, bury what waits, and stop it.
type guestStrategy struct {
	rt   *runtime
	told atomic.Int64 // when the operator last heard: a due state that panics does so each second
}

// tellEvery is how often the operator hears of turns that panic.
const tellEvery = 10 * time.Minute

// HandleFailure runs where the guest failed: its store calls hold up no other guest.
func (s *guestStrategy) HandleFailure(system *actor.ActorSystem, supervisor actor.Supervisor, child *actor.PID,
	_ *actor.RestartStatistics, reason, _ any) {
	id, _, ok := guestOf(child)
	if !ok {
		supervisor.RestartChildren(child)
		return
	}
	defer func() {
		if r := recover(); r != nil { // the store's: nobody else would recover it here
			s.rt.panicked("guest", r)
			supervisor.RestartChildren(child)
		}
	}()
	c, cancel := context.WithTimeout(s.rt.ctx, storeTimeout)
	defer cancel()
	directive := actor.RestartDirective
	n, err := s.rt.store.CountPanic(c, id)
	if err == nil && n >= panicLimit {
		directive, err = s.giveUp(c, id)
	}
	system.EventStream.Publish(&actor.SupervisorEvent{Child: child, Reason: reason, Directive: directive})
	if directive == actor.StopDirective {
		supervisor.StopChildren(child)
	} else {
		supervisor.RestartChildren(child)
		system.Root.Send(child, &Wake{Guest: id})
	}
	if err != nil {
		s.rt.log.Error("panic not counted", "guest", string(id), "err", err)
	}
}

// bury puts what waits into the dead letters: one conversation must not fail for ever.
func (s *guestStrategy) bury(ctx context.Context, a hotel.Activation) error {
	keys := make([]hotel.Key, 0, len(a.Pending))
	for _, row := range a.Pending {
		keys = append(keys, row.Key)
	}
	now, told := time.Now().UnixNano(), s.told.Load()
	if (told == 0 || time.Duration(now-told) > tellEvery) && s.told.CompareAndSwap(told, now) {
		s.rt.tellOperator(hotel.TroubleDeadLetters, a.Guest.Property, "A guest's messages make the engine fail even without the dialogue; they are in the dead letters.")
	}
	return s.rt.store.Bury(ctx, a.Guest.ID, keys, "the turn panicked three times")
}
