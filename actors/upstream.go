package actors

import (
	"context"
	"strings"

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
}

func newUpstream(rt *runtime, property hotel.PropertyID) *upstream {
	s := rt.settings
	u := &upstream{
		rt: rt, property: property,
		limiter: rate.NewLimiter(rate.Limit(s.PMSPerSecond), max(1, int(min(s.PMSPerSecond, 1e6)))),
		flight:  semaphore.NewWeighted(int64(s.PMSInFlight)),
	}
	u.breaker = newBreaker(breaker{
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
	return u.breaker.run(func() (any, error) { return f(ctx) })
}
