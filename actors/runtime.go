package actors

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// runtime is what all actors of an engine share. Its fields do not change after the start.
type runtime struct {
	store      Store
	messenger  Messenger
	pms        PMS
	mailer     Mailer
	operator   Operator
	witness    Witness
	single     sync.Mutex // of a careful run: one guest's message at a time
	properties map[hotel.PropertyID]*Property
	settings   Settings
	owner      string
	metrics    *metrics.Metrics
	log        *slog.Logger
	mailbox    actor.MailboxProducer // of guests
	depth      *depth                // of all of them
	intake     *intake
	pauses     *pauses
	turnstile  turnstile
	lease      *lease
	caches     []*readCache
	shared     SharedCache // nil = none
	pacer      SharedPace  // nil = none

	ctx       context.Context // ends when the drain has ended
	cancel    context.CancelFunc
	drain     chan struct{} // closed when the drain begins
	drainOnce sync.Once
	work      *work
	workers   *workers
	living    *work          // guests that have not stopped
	ready     atomic.Int64   // unix nanoseconds; 0 = not yet
	beside    sync.WaitGroup // what every calls

	sending     atomic.Int64 // requests of senders that are out
	activations atomic.Int64 // of guests, ever
	erasing     atomic.Bool  // guests are being erased
	unread      atomic.Int64 // unix nanoseconds when a person was last told of a snapshot that is not readable

	system *actor.ActorSystem
	root   *actor.RootContext
	top    *actor.PID // the supervisor of all below
	guests *actor.PID
	mailsP *actor.PID
	staff  *actor.PID
	sweep  *actor.PID
}

// fence puts the lease around what changes something outside.
func (rt *runtime) fence(c Config) {
	rt.lease = newLease(c, rt.log)
	rt.lease.found = func(int) { rt.sweepNow() }
	if c.Fleet == nil {
		return
	}
	rt.messenger = fencedMessenger{c.Messenger, rt.lease}
	rt.pms = fencedPMS{c.PMS, rt.lease}
	rt.mailer = fencedMailer{c.Mailer, rt.lease}
}

// draining tells whether no new work is taken.
func (rt *runtime) draining() bool {
	select {
	case <-rt.drain:
		return true
	default:
		return false
	}
}

// readySince is when this engine began to take webhooks; zero before.
func (rt *runtime) readySince() time.Time {
	if n := rt.ready.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// age is how long ago an instant of the store was. One that is ahead of our
// clock is of a clock that was ahead, or ours was set back: then all that is
// known is how long this engine has been ready.
func (rt *runtime) age(at time.Time) time.Duration {
	if age := time.Since(at); age >= 0 {
		return age
	}
	return time.Since(rt.readySince())
}

// spawn runs f outside the actors; a drain waits for it.
func (rt *runtime) spawn(f func(context.Context)) {
	rt.work.add()
	rt.workers.Schedule(func() {
		defer rt.work.done()
		rt.guarded(rt.ctx, f)
	})
}

// every calls f each d until the engine has ended: through a drain, too.
func (rt *runtime) every(d time.Duration, f func(context.Context)) {
	rt.beside.Go(func() {
		ticker := time.NewTicker(d)
		defer ticker.Stop()
		for {
			select {
			case <-rt.ctx.Done():
				return
			case <-ticker.C:
				rt.guarded(rt.ctx, f)
			}
		}
	})
}

// guarded calls f; a panic of it, as of a store's client, is logged and counted.
func (rt *runtime) guarded(ctx context.Context, f func(context.Context)) {
	defer func() {
		if r := recover(); r != nil {
			rt.panicked("worker", r)
		}
	}()
	f(ctx)
}

// panicked logs and counts a panic that was recovered outside the actors.
func (rt *runtime) panicked(who string, r any) {
	rt.metrics.Restarts.WithLabelValues(who).Inc()
	rt.log.Error("panicked", "who", who, "reason", reason(r), "stack", string(debug.Stack()))
}

// ended tells whether the engine has ended.
func (rt *runtime) ended() bool { return rt.ctx.Err() != nil }

// afterFunc calls f after d, unless the engine has ended.
func (rt *runtime) afterFunc(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		if !rt.ended() {
			f()
		}
	})
}

// settle settles for sure: it asks a store that fails again until it takes it
// or the engine ends. Only a refusal is final: a row whose outcome is not
// settled would be sent again.
func (rt *runtime) settle(ctx context.Context, s hotel.Settlement) (hotel.SettleResult, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		c, cancel := context.WithTimeout(ctx, storeTimeout)
		r, err := rt.store.Settle(c, s)
		cancel()
		switch hotel.KindOf(err) {
		case hotel.Invalid, hotel.NotFound, hotel.Conflict:
			return r, err
		}
		if err == nil {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return r, err
		case <-time.After(wait):
		}
	}
}

// nudgeGuest hands a result's inbox row to its guest.
func (rt *runtime) nudgeGuest(row hotel.InboxRow, property hotel.PropertyID) {
	rt.root.Send(rt.guests, &HandleInput{Row: row, Property: property})
}

// sweepNow asks for a tick of the sweeper at once.
func (rt *runtime) sweepNow() {
	if rt.sweep != nil {
		rt.root.Send(rt.sweep, &Sweep{})
	}
}

// senderOf finds who carries the rows of a lane.
func (rt *runtime) senderOf(p *Property, lane hotel.Lane) *actor.PID {
	switch lane.Destination() {
	case hotel.ToGuest:
		return p.number
	case hotel.ToMail:
		return rt.mailsP
	case hotel.ToStaff:
		return rt.staff
	default:
		return p.writes
	}
}

// tellOperator tells whoever runs the engine, without waiting. A telling ends
// with the drain; what it was about is in the log in any case.
func (rt *runtime) tellOperator(cause hotel.TroubleCause, property hotel.PropertyID, what string) {
	rt.metrics.Alerts.WithLabelValues("operator").Inc()
	rt.spawn(func(ctx context.Context) {
		_ = rt.operator.Tell(ctx, hotel.Trouble{Cause: cause, Property: property, Summary: what, At: time.Now()}) // it logs
	})
}
