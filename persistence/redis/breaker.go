package redis

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"github.com/conserje/conserje/hotel"
)

const (
	patience     = 50 * time.Millisecond // that a request has for Redis, all in all
	dialPatience = 2 * time.Second       // that a connection has in the background
	failures     = 3                     // in a row, until no request waits any more
	probeEvery   = time.Second
)

// breaker spares requests a Redis that is away or slow. Its probe runs in the
// background: no request pays for finding out.
type breaker struct {
	c   *Client
	cb  *gobreaker.CircuitBreaker[struct{}]
	met atomic.Bool // Redis has answered once
}

func newBreaker(c *Client) *breaker {
	b := &breaker{c: c}
	b.cb = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name: "redis", MaxRequests: 1, Timeout: probeEvery,
		// A Redis that was never there is not tried again and again by requests.
		ReadyToTrip:   func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failures || !b.met.Load() },
		IsSuccessful:  alive,
		IsExcluded:    func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: b.changed,
	})
	b.gauge(gobreaker.StateClosed)
	return b
}

// alive tells whether Redis answered, were it that a key is another program's.
func alive(err error) bool {
	return err == nil || errors.Is(err, goredis.Nil) || goredis.HasErrorPrefix(err, "WRONGTYPE")
}

// changed runs under gobreaker's lock: what it starts, it starts elsewhere.
func (b *breaker) changed(_ string, from, to gobreaker.State) {
	b.gauge(to)
	b.c.metrics.BreakerChanges.WithLabelValues("redis", stateName(to)).Inc()
	switch {
	case to == gobreaker.StateOpen && from == gobreaker.StateClosed:
		b.c.log.Warn("redis is away or slow: going on without it")
		b.c.spawn(b.probe)
	case to == gobreaker.StateClosed:
		b.c.log.Info("redis is back")
	}
}

// probe asks until Redis answers within a request's patience, or the client is closed.
func (b *breaker) probe() {
	tick := time.NewTicker(probeEvery / 4)
	defer tick.Stop()
	for b.cb.State() != gobreaker.StateClosed {
		select {
		case <-tick.C:
		case <-b.c.ctx.Done():
			return
		}
		if b.cb.State() != gobreaker.StateHalfOpen {
			continue
		}
		_, err := b.cb.Execute(func() (struct{}, error) { return struct{}{}, b.c.warm() })
		if err == nil {
			b.met.Store(true)
		}
	}
}

// warm makes a connection, in its own time, and asks it once more in a request's.
func (c *Client) warm() error {
	for _, most := range []time.Duration{dialPatience, c.patience} {
		ctx, cancel := context.WithTimeout(c.ctx, most)
		err := c.redis.Ping(ctx).Err()
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// meet greets Redis at the start.
func (c *Client) meet() {
	_, err := c.breaker.cb.Execute(func() (struct{}, error) { return struct{}{}, c.warm() })
	if err == nil {
		c.breaker.met.Store(true)
		c.log.Info("redis is connected")
	}
}

// do runs one operation within a request's patience. Its error means that the
// caller goes on without Redis, which is counted.
func (c *Client) do(ctx context.Context, operation string, f func(context.Context) (result string, err error)) error {
	if c.breaker.cb.State() != gobreaker.StateClosed {
		c.count(operation, "skipped", true)
		return errAway
	}
	began, result := time.Now(), ""
	_, err := c.breaker.cb.Execute(func() (_ struct{}, err error) {
		own, cancel := context.WithTimeout(ctx, c.patience)
		defer cancel()
		result, err = f(own)
		if err != nil && ctx.Err() != nil {
			err = context.Canceled // the caller's time was over, not Redis's
		}
		return struct{}{}, err
	})
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		c.count(operation, "skipped", true)
		return errAway
	case err != nil:
		c.count(operation, "error", true)
		c.log.Debug("redis did not answer", "operation", operation, "err", err)
	default:
		c.count(operation, result, false)
	}
	c.metrics.RedisSeconds.Observe(time.Since(began).Seconds())
	return err
}

var errAway = &hotel.Error{Op: "redis", Kind: hotel.Unavailable, Code: "away"}

func (c *Client) count(operation, result string, without bool) {
	c.metrics.RedisOperations.WithLabelValues(operation, result).Inc()
	if without {
		c.metrics.RedisFallbacks.WithLabelValues(operation).Inc()
	}
}

func (b *breaker) gauge(s gobreaker.State) {
	value := map[gobreaker.State]float64{gobreaker.StateHalfOpen: 1, gobreaker.StateOpen: 2}[s]
	b.c.metrics.BreakerState.WithLabelValues("redis", "").Set(value)
}

func stateName(s gobreaker.State) string {
	return map[gobreaker.State]string{gobreaker.StateClosed: "closed", gobreaker.StateHalfOpen: "half_open", gobreaker.StateOpen: "open"}[s]
}
