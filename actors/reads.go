package actors

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// reads answers questions to one property's hotel system: from the cache at
// once, else by one call for all who ask the same. Calls run outside the actor;
// the answer is a plain message to who asked.
type reads struct {
	rt   *runtime
	up   *upstream
	book *readCache
}

func (r *reads) Receive(ctx actor.Context) {
	if msg, ok := ctx.Message().(*Ask); ok {
		r.ask(ctx, msg)
	}
}

func (r *reads) ask(ctx actor.Context, msg *Ask) {
	answers := make([]conversation.Answer, len(msg.Set.Reads))
	cached := true
	for i, q := range msg.Set.Reads {
		if answers[i], _ = r.book.cached(q); answers[i] == nil {
			cached = false
		} else {
			r.rt.metrics.Reads.WithLabelValues(readName(q), "cached").Inc()
		}
	}
	if cached {
		ctx.Send(msg.ReplyTo, &ReadReply{Query: msg.Set.Query, Answers: answers})
		return
	}
	root := ctx.ActorSystem().Root
	r.rt.spawn(func(c context.Context) {
		var wg sync.WaitGroup
		for i, q := range msg.Set.Reads {
			if answers[i] == nil {
				wg.Go(func() { answers[i] = r.book.safely(c, r.up, q) })
			}
		}
		wg.Wait()
		root.Send(msg.ReplyTo, &ReadReply{Query: msg.Set.Query, Answers: answers})
	})
}

// readCache is one property's cache of answers, each kind with its own time to
// live, and the single flight of equal questions. Safe for concurrent use.
type readCache struct {
	rt       *runtime
	property hotel.PropertyID
	answers  *otter.Cache[string, kept]
	flight   singleflight.Group
	mu       sync.Mutex
	epoch    int    // rises when a booking of ours changes what is free
	mark     string // the property's, as the shared cache said last
}

// kept is an answer with its own time to live: that of its kind, or what is
// left of it in the shared cache.
type kept struct {
	answer conversation.Answer
	ttl    time.Duration
}

func newReadCache(rt *runtime, property hotel.PropertyID) *readCache {
	return &readCache{rt: rt, property: property, answers: otter.Must(&otter.Options[string, kept]{
		MaximumSize:      10_000,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, kept]) time.Duration { return e.Value.ttl }),
	})}
}

// ttl is how long an answer of its kind holds.
func (c *readCache) ttl(a conversation.Answer) time.Duration {
	ttl := c.rt.settings.CacheTTL
	switch a.(type) {
	case conversation.AvailabilityRead:
		return ttl.Availability
	case conversation.RoomsRead:
		return ttl.Rooms
	case conversation.ProfileRead:
		return ttl.Profile
	default:
		return ttl.Reservation
	}
}

// close ends the cache's own goroutine.
func (c *readCache) close() { c.answers.StopAllGoroutines() }

// cached returns the answer kept for the question; nil when there is none.
func (c *readCache) cached(q conversation.Read) (conversation.Answer, string) {
	key := c.key(q)
	if isFresh(q) {
		return nil, key
	}
	entry, _ := c.answers.GetIfPresent(key)
	return entry.answer, key
}

// isFresh tells whether the question wants the hotel system's own word.
func isFresh(q conversation.Read) bool {
	a, ok := q.(conversation.ReadAvailability)
	return ok && a.Fresh
}

// key names a question in this engine; availability also by what has changed since.
func (c *readCache) key(q conversation.Read) string {
	if _, ok := q.(conversation.ReadAvailability); !ok {
		return text(q)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d/%s", c.epoch, text(q))
}

// text names a question to one property.
func text(q conversation.Read) string {
	switch q := q.(type) {
	case conversation.ReadAvailability:
		return fmt.Sprintf("a/%s/%s/%d/%s", q.Stay.CheckIn, q.Stay.CheckOut, q.Rooms, q.RoomType)
	case conversation.ReadBooking:
		return "b/" + string(q.Code)
	case conversation.ReadProfile:
		return "p/" + q.Email
	case conversation.ReadRooms:
		return "r"
	}
	return ""
}

// changed forgets what bookings of ours have changed.
func (c *readCache) changed(code hotel.BookingCode) {
	c.mu.Lock()
	c.epoch++
	c.mu.Unlock()
	if code != "" {
		c.answers.Invalidate("b/" + string(code))
	}
	if c.rt.shared != nil {
		c.rt.shared.Changed(c.rt.ctx, c.property)
	}
}

// safely reads, and takes a panic of the hotel system's client for no answer:
// the guest must hear of it, and nobody else may.
func (c *readCache) safely(ctx context.Context, up *upstream, q conversation.Read) (answer conversation.Answer) {
	defer func() {
		if r := recover(); r != nil {
			c.rt.panicked("reader", r)
			answer = conversation.ReadFailed{Kind: hotel.Other}
		}
	}()
	return c.read(ctx, up, q)
}

// read asks the shared cache and then the hotel system, once for all who ask the same at the same time.
func (c *readCache) read(ctx context.Context, up *upstream, q conversation.Read) conversation.Answer {
	answer, key := c.cached(q)
	if answer != nil {
		return answer
	}
	name := readName(q)
	flight, how := key, "shared"
	if isFresh(q) {
		flight += "/fresh" // not content with what another engine has read
	}
	v, err, _ := c.flight.Do(flight, func() (any, error) {
		entry, recalled, err := c.fetch(ctx, up, q)
		if how = "asked"; recalled {
			how = "recalled"
		}
		return entry, err
	})
	if err != nil {
		result := "failed"
		if refusedByBreaker(err) {
			result = "refused"
		}
		c.rt.metrics.Reads.WithLabelValues(name, result).Inc()
		c.rt.log.Warn("hotel system did not answer", "read", name, "property", string(up.property),
			"kind", hotel.KindOf(err).String(), "err", err)
		return conversation.ReadFailed{Kind: hotel.KindOf(err), Code: hotel.AsError(err).Code}
	}
	c.rt.metrics.Reads.WithLabelValues(name, how).Inc()
	entry := v.(kept)
	c.answers.Set(key, entry)
	return entry.answer
}

// fetch gets an answer from the shared cache, or from the hotel system.
func (c *readCache) fetch(ctx context.Context, up *upstream, q conversation.Read) (_ kept, recalled bool, _ error) {
	answer, rest, mark := c.recall(ctx, q)
	if answer != nil {
		return kept{answer, rest}, true, nil
	}
	v, err := up.call(ctx, func(ctx context.Context) (any, error) { return c.rt.question(ctx, up.property, q) })
	if err != nil {
		return kept{}, false, err
	}
	answer = v.(conversation.Answer)
	ttl := jitter(c.ttl(answer))
	c.keep(q, mark, answer, ttl)
	return kept{answer, ttl}, false, nil
}

// question puts one read to the hotel system. What is not there is an answer, not an error.
func (rt *runtime) question(ctx context.Context, p hotel.PropertyID, q conversation.Read) (any, error) {
	switch q := q.(type) {
	case conversation.ReadAvailability:
		q.Property = p
		a, err := rt.pms.Availability(ctx, q.AvailabilityQuery)
		return conversation.AvailabilityRead{Availability: a}, err
	case conversation.ReadBooking:
		r, err := rt.pms.ByCode(ctx, p, q.Code)
		if hotel.KindOf(err) == hotel.NotFound {
			return conversation.BookingRead{}, nil
		}
		return conversation.BookingRead{Found: true, Reservation: r}, err
	case conversation.ReadProfile: // for later issues: no guest's dialogue asks it
		r, err := rt.pms.Profile(ctx, p, q.Email)
		if hotel.KindOf(err) == hotel.NotFound {
			return conversation.ProfileRead{}, nil
		}
		return conversation.ProfileRead{Found: true, Profile: r}, err
	}
	if _, ok := q.(conversation.ReadRooms); ok {
		types, err := rt.pms.RoomTypes(ctx, p)
		read := conversation.RoomsRead{}
		for _, t := range types {
			read.RoomTypes = append(read.RoomTypes, t.RoomType)
		}
		return read, err
	}
	return nil, &hotel.Error{Op: "actors.question", Kind: hotel.Invalid, Err: fmt.Errorf("unknown read %T", q)}
}

func readName(q conversation.Read) string {
	switch q.(type) {
	case conversation.ReadAvailability:
		return "availability"
	case conversation.ReadBooking:
		return "booking"
	case conversation.ReadProfile:
		return "profile"
	case conversation.ReadRooms:
		return "rooms"
	}
	return "unknown"
}
