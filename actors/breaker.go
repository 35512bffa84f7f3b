package actors

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/conserje/conserje/hotel"
)

// breaker is gobreaker with our house rules: it is probed by a harmless read,
// never by a row, and its changes are logged and counted.
type breaker struct {
	rt       *runtime
	dest     string
	property hotel.PropertyID
	probe    func(context.Context) error
	opened   func()       // nothing may leave
	closed   func()       // what waits may go on
	since    atomic.Int64 // unix nanoseconds since when it is not closed; 0 = it is closed
	cb       *gobreaker.CircuitBreaker[any]
}

func newBreaker(b *breaker, alive func(error) bool) *breaker {
	b.cb = gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Name:          b.dest + ":" + string(b.property),
		MaxRequests:   1,
		Timeout:       b.rt.settings.BreakerOpenFor,
		ReadyToTrip:   func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= b.rt.settings.BreakerFailures },
		IsSuccessful:  alive,
		IsExcluded:    func(err error) bool { return err != nil && notAsked(err) },
		OnStateChange: b.changed,
	})
	b.gauge(gobreaker.StateClosed)
	return b
}

// notAsked tells whether an error says nothing about the other side: we gave the
// request up or held it back, or a client of ours refused it before it left.
func notAsked(err error) bool {
	code := hotel.AsError(err).Code
	return errors.Is(err, context.Canceled) || heldBack(err) || strings.HasPrefix(code, localPrefix) || code == codeNoSystem
}

const (
	localPrefix  = "bad_"             // begins the codes of what a client refuses by itself
	codeNoSystem = "unknown_property" // no hotel system is there to be asked
)

// run makes one call through the breaker. An open one fails with Unavailable and codeOpen.
func (b *breaker) run(f func() (any, error)) (any, error) {
	v, err := b.cb.Execute(f)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return nil, &hotel.Error{Op: "actors.breaker", Kind: hotel.Unavailable, Code: codeOpen, Err: err}
	}
	return v, err
}

// codeOpen is the Code of calls that an open breaker refused.
const codeOpen = "breaker_open"

func refusedByBreaker(err error) bool { return hotel.AsError(err).Code == codeOpen }

// state as metric labels say it.
func (b *breaker) state() string { return stateName(b.cb.State()) }

// isOpen tells whether rows must wait: anything but closed.
func (b *breaker) isOpen() bool { return b.cb.State() != gobreaker.StateClosed }

// openFor is how long nothing may have left; 0 while it is closed.
func (b *breaker) openFor(now time.Time) time.Duration {
	if since := b.since.Load(); since != 0 {
		return max(now.Sub(time.Unix(0, since)), 1)
	}
	return 0
}

// changed runs under gobreaker's lock: what it starts, it starts elsewhere.
func (b *breaker) changed(_ string, from, to gobreaker.State) {
	b.gauge(to)
	b.rt.metrics.BreakerChanges.WithLabelValues(b.dest, stateName(to)).Inc()
	b.rt.log.Warn("breaker changed", "destination", b.dest, "property", string(b.property),
		"from", stateName(from), "to", stateName(to))
	switch to {
	case gobreaker.StateOpen:
		b.since.CompareAndSwap(0, time.Now().UnixNano())
		b.opened()
		b.probeLater()
	case gobreaker.StateClosed:
		b.since.Store(0)
		b.closed()
	}
}

// probeLater tries the probe once the breaker lets one call through.
func (b *breaker) probeLater() {
	b.rt.afterFunc(b.rt.settings.BreakerOpenFor+10*time.Millisecond, func() {
		b.rt.spawn(func(ctx context.Context) {
			_, err := b.run(func() (any, error) { return nil, b.probe(ctx) })
			if refusedByBreaker(err) {
				b.probeLater()
			}
		})
	})
}

func (b *breaker) gauge(s gobreaker.State) {
	value := map[gobreaker.State]float64{gobreaker.StateHalfOpen: 1, gobreaker.StateOpen: 2}[s]
	b.rt.metrics.BreakerState.WithLabelValues(b.dest, string(b.property)).Set(value)
}

func stateName(s gobreaker.State) string {
	switch s {
	case gobreaker.StateClosed:
		return "closed"
	case gobreaker.StateHalfOpen:
		return "half_open"
	default:
		return "open"
	}
}
