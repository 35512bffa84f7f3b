package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/conserje/conserje/hotel"
)

// lastingMark stands before answers that bookings do not change.
var lastingMark = string(make([]byte, markSize))

// Recall returns what is kept for a question. It never fails: what Redis does
// not hold, or does not say in time, is a miss. A Mark of "" says that nothing
// of the property can be kept now.
func (c *Client) Recall(ctx context.Context, q hotel.Question) hotel.Recalled {
	var found hotel.Recalled
	if c.stale.is(q.Property) {
		c.count("get", "skipped", true)
		return found
	}
	err := c.do(ctx, "get", func(ctx context.Context) (string, error) {
		var framed, mark *goredis.StringCmd
		var rest *goredis.DurationCmd
		_, err := c.redis.Pipelined(ctx, func(p goredis.Pipeliner) error {
			mark = p.Get(ctx, c.markKey(q.Property))
			framed = p.GetRange(ctx, c.answerKey(q), 0, markSize+maxValue) // one more than there may be
			rest = p.PTTL(ctx, c.answerKey(q))
			return nil
		})
		if err != nil && !errors.Is(err, goredis.Nil) {
			return "", err
		}
		if found.Mark = mark.Val(); found.Mark == "" {
			return "miss", c.begin(ctx, q.Property, &found)
		}
		under := found.Mark
		if q.Lasting {
			under = lastingMark
		}
		value, ok := unframe([]byte(framed.Val()), under)
		if !ok || rest.Val() <= 0 {
			return "miss", nil
		}
		found.Value, found.Rest = value, rest.Val()
		return "hit", nil
	})
	if err != nil || c.stale.is(q.Property) {
		return hotel.Recalled{}
	}
	return found
}

// begin gives a property its first mark, or its first after Redis was wiped.
// Until then nothing counts that may still be there.
func (c *Client) begin(ctx context.Context, p hotel.PropertyID, found *hotel.Recalled) error {
	mark := newMark()
	err := c.redis.SetArgs(ctx, c.markKey(p), mark, goredis.SetArgs{Mode: "NX", TTL: markFor}).Err()
	switch {
	case errors.Is(err, goredis.Nil):
		return nil // another engine was first: its mark is known at the next question
	case err != nil:
		return err
	}
	found.Mark = mark
	return nil
}

// Keep keeps an answer for ttl, under the mark of the Recall that came before
// the question was put: when the property has changed since, nobody sees it.
func (c *Client) Keep(ctx context.Context, q hotel.Question, mark string, value []byte, ttl time.Duration) {
	switch {
	case mark == "" || len(value) == 0 || ttl < time.Millisecond:
		return
	case len(value) > maxValue:
		c.count("set", "too_large", false)
		return
	}
	if q.Lasting {
		mark = lastingMark
	}
	_ = c.do(ctx, "set", func(ctx context.Context) (string, error) { // counted; the next engine asks itself
		return "ok", c.redis.Set(ctx, c.answerKey(q), frame(mark, value), ttl).Err()
	})
}

// Changed forgets what a booking of ours has changed about a property, for all
// engines. When Redis does not take it now, this engine asks it nothing about
// the property until it has.
func (c *Client) Changed(ctx context.Context, p hotel.PropertyID) {
	generation := c.stale.add(p)
	if c.renew(ctx, p) == nil && c.stale.clear(p, generation) {
		return
	}
	if c.stale.hire(p) {
		c.spawn(func() { c.renewLater(p) })
	}
}

func (c *Client) renew(ctx context.Context, p hotel.PropertyID) error {
	return c.do(ctx, "invalidate", func(ctx context.Context) (string, error) {
		return "ok", c.redis.Set(ctx, c.markKey(p), newMark(), markFor).Err()
	})
}

// renewLater forgets as soon as Redis takes it. There is one at work for a property.
func (c *Client) renewLater(p hotel.PropertyID) {
	tick := time.NewTicker(probeEvery / 4)
	defer tick.Stop()
	for {
		generation := c.stale.generation(p)
		if generation == 0 || c.renew(c.ctx, p) == nil && c.stale.clear(p, generation) {
			if c.stale.dismiss(p) {
				return
			}
			continue
		}
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
	}
}

// stale is the properties whose change Redis does not know yet.
type stale struct {
	mu      sync.Mutex
	last    int
	pending map[hotel.PropertyID]int  // the generation of the newest change
	hired   map[hotel.PropertyID]bool // somebody is at work on it
}

// add notes a change.
func (s *stale) add(p hotel.PropertyID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.pending[p] = s.last
	return s.last
}

// clear takes a property off, unless it has changed again since.
func (s *stale) clear(p hotel.PropertyID, generation int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[p] > generation {
		return false
	}
	delete(s.pending, p)
	return true
}

// hire tells whether the caller must see to the property's change, for nobody else does.
func (s *stale) hire(p hotel.PropertyID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hired[p] || s.pending[p] == 0 {
		return false
	}
	s.hired[p] = true
	return true
}

// dismiss tells whether there is nothing left to do for who was hired.
func (s *stale) dismiss(p hotel.PropertyID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[p] != 0 {
		return false
	}
	delete(s.hired, p)
	return true
}

func (s *stale) generation(p hotel.PropertyID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending[p]
}

func (s *stale) is(p hotel.PropertyID) bool { return s.generation(p) != 0 }
