package actors

import (
	"context"
	"strings"
	"sync/atomic"

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
	refused  atomic.Bool // our key is: rows wait, and a person was told
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

// call guards one call.
func (u *upstream) call(ctx context.Context, f func(context.Context) (any, error)) (any, error) {
	const op = "actors.pms"
	if err := u.limiter.Wait(ctx); err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.NotSent, Err: err}
	}
	if err := u.flight.Acquire(ctx, 1); err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.NotSent, Err: err}
	}
	defer u.flight.Release(1)
	u.rt.metrics.BreakerCalls.WithLabelValues(u.breaker.state()).Inc()
	v, err := u.breaker.run(func() (any, error) { return f(ctx) })
	switch {
	case hotel.KindOf(err) == hotel.Unauthorised:
		u.refuse(err)
	case err == nil && u.refused.Swap(false):
		u.rt.sweepNow()
	}
	return v, err
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

func (u *upstream) probeAgain() {
	u.rt.afterFunc(u.rt.settings.BreakerOpenFor, func() {
		u.rt.spawn(func(ctx context.Context) {
			_, _ = u.call(ctx, func(ctx context.Context) (any, error) { return nil, u.rt.pms.Probe(ctx, u.property) })
			if u.refused.Load() {
				u.probeAgain()
			}
		})
	})
}
