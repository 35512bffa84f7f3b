package actors

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/conserje/conserje/hotel"
)

// upstream guards the calls to one property's hotel system: limiter, then
// bulkhead, then breaker, then the call. Reads and writes share it. Safe for
// concurrent use.
type upstream struct {
	rt       *runtime
	property hotel.PropertyID
	limiter  *rate.Limiter
	flight   *semaphore.Weighted
	breaker  *breaker
	refused  atomic.Bool  // our key is: rows wait, and a person was told
	lacks    atomic.Int64 // unix nanoseconds when a person was told that one kind of request is refused; 0 = never
}

func newUpstream(rt *runtime, property hotel.PropertyID) *upstream {
	s := rt.settings
	u := &upstream{
		rt: rt, property: property,
		limiter: rate.NewLimiter(rate.Limit(s.PMSPerSecond), max(1, int(min(s.PMSPerSecond, 1e6)))),
		flight:  semaphore.NewWeighted(int64(s.PMSInFlight)),
	}
	u.breaker = newBreaker(&breaker{
		rt: rt, dest: "pms", property: property,
		probe:  func(ctx context.Context) error { return rt.pms.Probe(ctx, property) },
		opened: func() {},
		closed: rt.sweepNow,
	}, pmsAlive)
	return u
}

// pmsAlive tells whether the hotel system answered: were it with a refusal, or
// with a 500 of its own after it booked.
func pmsAlive(err error) bool {
	if err == nil {
		return true
	}
	switch hotel.KindOf(err) {
	case hotel.Invalid, hotel.NotFound, hotel.SoldOut, hotel.Conflict, hotel.Unauthorised, hotel.Throttled:
		return true
	}
	return strings.HasPrefix(hotel.AsError(err).Code, livePrefix)
}

// livePrefix begins the codes of answers that carry QloApps' own headers: a
// booking that was made though the answer is a 500 is no failure of the server.
const livePrefix = "qloapps_"

// The operations of a hotel system, as the metric names them.
const (
	opAvailability = "availability"
	opRooms        = "rooms"
	opProfile      = "profile"
	opBooking      = "booking"
	opReference    = "by_reference"
	opCreate       = "create"
	opOverbooked   = "overbooked"
	opMove         = "move"
	opCancel       = "cancel"
	opChanges      = "changes"
	opProbe        = "probe"
)

// ask makes one guarded call that answers with a T.
func ask[T any](ctx context.Context, u *upstream, operation string, f func(context.Context) (T, error)) (T, error) {
	v, err := u.call(ctx, operation, func(ctx context.Context) (any, error) { return f(ctx) })
	t, _ := v.(T)
	return t, err
}

// call guards one call.
func (u *upstream) call(ctx context.Context, operation string, f func(context.Context) (any, error)) (any, error) {
	if err := u.limiter.Wait(ctx); err != nil {
		return nil, &hotel.Error{Op: opCall, Kind: hotel.NotSent, Err: err}
	}
	if err := u.flight.Acquire(ctx, 1); err != nil {
		return nil, &hotel.Error{Op: opCall, Kind: hotel.NotSent, Err: err}
	}
	defer u.flight.Release(1)
	return u.guarded(ctx, operation, f)
}

const opCall = "actors.pms"

// aside makes a call that can wait: only while the hotel system answers, and
// while there is a place that nobody of the guests wants. Else ok is false.
func (u *upstream) aside(ctx context.Context, operation string, f func(context.Context) (any, error)) (v any, ok bool, err error) {
	if u.shut() || !u.limiter.Allow() || !u.flight.TryAcquire(1) {
		return nil, false, nil
	}
	defer u.flight.Release(1)
	v, err = u.guarded(ctx, operation, f)
	return v, true, err
}

// guarded makes a call, with its place in hand, through the breaker.
func (u *upstream) guarded(ctx context.Context, operation string, f func(context.Context) (any, error)) (any, error) {
	u.rt.metrics.BreakerCalls.WithLabelValues(u.breaker.state()).Inc()
	began := time.Now()
	v, err := u.breaker.run(func() (any, error) { return f(ctx) })
	if !refusedByBreaker(err) {
		u.rt.metrics.PMSSeconds.WithLabelValues(operation, outcomeName(err)).Observe(time.Since(began).Seconds())
	}
	switch {
	case hotel.KindOf(err) == hotel.Unauthorised && hotel.AsError(err).Scope != hotel.ScopeRow:
		u.refuse(err)
	case hotel.KindOf(err) == hotel.Unauthorised:
		u.notGranted(operation, err)
	case err == nil && u.refused.Swap(false):
		u.rt.sweepNow()
	}
	return v, err
}

// outcomeName is a metric label: ok, or the kind of the error.
func outcomeName(err error) string {
	if err == nil {
		return "ok"
	}
	return hotel.KindOf(err).String()
}

// shut tells whether rows must wait.
func (u *upstream) shut() bool { return u.breaker.isOpen() || u.refused.Load() }

// refuse keeps the property's rows until its key is taken again, and tells a person.
func (u *upstream) refuse(err error) {
	if u.refused.Swap(true) {
		return
	}
	u.rt.log.Error("hotel system refuses our key or configuration: its rows wait", "property", string(u.property), "err", err)
	u.rt.tellOperator(hotel.TroublePMSRefused, u.property, "The hotel system refuses the engine's key or configuration; bookings and cancellations wait.")
	u.probeAgain()
}

// notGranted tells a person that the key, or something before the hotel system,
// refuses one kind of request. The others go on: only what asked for it ends.
func (u *upstream) notGranted(operation string, err error) {
	now, told := time.Now(), u.lacks.Load()
	if told != 0 && now.Sub(time.Unix(0, told)) < notGrantedAgain || !u.lacks.CompareAndSwap(told, now.UnixNano()) {
		return
	}
	u.rt.log.Error("hotel system refuses one kind of request", "property", string(u.property), "operation", operation, "err", err)
	u.rt.tellOperator(hotel.TroublePMSRefused, u.property, "The hotel system, or a firewall before it, refuses one kind of request of the engine ("+operation+"); the rest goes on.")
}

// notGrantedAgain is how often a person is told so.
const notGrantedAgain = time.Hour

func (u *upstream) probeAgain() {
	u.rt.afterFunc(u.rt.settings.BreakerOpenFor, func() {
		u.rt.spawn(func(ctx context.Context) {
			_, _ = u.call(ctx, opProbe, func(ctx context.Context) (any, error) { return nil, u.rt.pms.Probe(ctx, u.property) })
			if u.refused.Load() {
				u.probeAgain()
			}
		})
	})
}
