package actors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// readCache is one property's cache of answers, each kind with its own time to
// live, and the single flight of equal questions. What a booking, change or
// cancel of ours has touched it drops, and what the poll finds that others did.
// Safe for concurrent use.
type readCache struct {
	rt       *runtime
	property hotel.PropertyID
	answers  *otter.Cache[question, kept]
	old      *otter.Cache[question, kept] // what was answered last, for when the hotel system does not answer
	doubts   *ledger                      // nil = none
	flight   singleflight.Group
	mu       sync.Mutex
	epoch    int    // rises when something changes what is free
	mark     string // the property's, as the shared cache said last
}

// kept is an answer with its own time to live: that of its kind, or what is
// left of it in the shared cache.
type kept struct {
	answer conversation.Answer
	ttl    time.Duration
	at     time.Time // the hotel system said so
}

// question names a question to one property: availability also by what has changed since.
type question struct {
	kind     string
	epoch    int
	stay     hotel.Stay
	rooms    int
	roomType hotel.RoomTypeID
	name     string // a booking code, an e-mail
}

const (
	// negativeFor is how long everybody believes that there is no such booking or person.
	negativeFor = 30 * time.Second
	// staleFor is how long after its time an answer may stand in for one that does not come.
	staleFor = 30 * time.Minute
	// answersKept is how many answers of each kind of keeping are remembered.
	answersKept = 10_000
)

func newReadCache(rt *runtime, property hotel.PropertyID) *readCache {
	return &readCache{rt: rt, property: property, answers: newAnswers(0), old: newAnswers(staleFor)}
}

// newAnswers makes a cache of answers that keeps each for its time, and longer.
func newAnswers(longer time.Duration) *otter.Cache[question, kept] {
	return otter.Must(&otter.Options[question, kept]{
		MaximumSize:      answersKept,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[question, kept]) time.Duration { return e.Value.ttl + longer }),
	})
}

// ttl is how long an answer holds: that of its kind, a little less so that what
// was asked together is not asked together again.
func (c *readCache) ttl(a conversation.Answer) time.Duration {
	ttl := c.rt.settings.CacheTTL
	if negative(a) {
		return jitter(min(negativeFor, ttl.Reservation))
	}
	switch a.(type) {
	case conversation.AvailabilityRead:
		return jitter(ttl.Availability)
	case conversation.RoomsRead:
		return jitter(ttl.Rooms)
	case conversation.ProfileRead:
		return jitter(ttl.Profile)
	default:
		return jitter(ttl.Reservation)
	}
}

// jitter shortens a time to live by up to a tenth.
func jitter(ttl time.Duration) time.Duration {
	return ttl - rand.N(max(0, ttl/10)+1)
}

// negative tells whether the answer is that there is nothing.
func negative(a conversation.Answer) bool {
	switch a := a.(type) {
	case conversation.BookingRead:
		return !a.Found
	case conversation.ProfileRead:
		return !a.Found
	case conversation.AvailabilityRead:
		return len(a.Offers) == 0
	case conversation.RoomsRead:
		return len(a.RoomTypes) == 0
	}
	return false
}

// close ends the caches' own goroutines.
func (c *readCache) close() {
	c.answers.StopAllGoroutines()
	c.old.StopAllGoroutines()
}

// remembered answers a question at once, or not at all: nil.
func (c *readCache) remembered(q conversation.Read) conversation.Answer {
	answer, _ := c.cached(q)
	if answer == nil {
		return nil
	}
	name := readName(q)
	c.rt.metrics.Reads.WithLabelValues(name, "cached").Inc()
	c.rt.metrics.PMSCache.WithLabelValues(name, "hit").Inc()
	return c.shown(answer)
}

// shown is an answer as guests may see it: rooms that a doubt may hold are not free.
func (c *readCache) shown(a conversation.Answer) conversation.Answer {
	if c.doubts.none() {
		return a
	}
	if free, ok := a.(conversation.AvailabilityRead); ok {
		free.Availability = c.doubts.less(free.Availability)
		return free
	}
	return a
}

// cached returns the answer kept for the question; nil when there is none.
func (c *readCache) cached(q conversation.Read) (conversation.Answer, question) {
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

// key names a question in this engine, at this moment.
func (c *readCache) key(q conversation.Read) question {
	key := lasting(q)
	if key.kind == nameAvailability {
		key.epoch = c.now()
	}
	return key
}

// now counts what has changed so far.
func (c *readCache) now() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.epoch
}

// lasting names a question whatever changes.
func lasting(q conversation.Read) question {
	key := question{kind: readName(q)}
	switch q := q.(type) {
	case conversation.ReadAvailability:
		key.stay, key.rooms, key.roomType = q.Stay, q.Rooms, q.RoomType
	case conversation.ReadBooking:
		key.name = string(q.Code)
	case conversation.ReadProfile:
		key.name = q.Email
	}
	return key
}

// text names a question to one property, in a shared cache.
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

// changed forgets what somebody has changed: what is free, and the bookings named.
func (c *readCache) changed(codes ...hotel.BookingCode) {
	c.mu.Lock()
	c.epoch++
	c.mu.Unlock()
	for _, code := range codes {
		if code != "" {
			c.answers.Invalidate(lasting(conversation.ReadBooking{Code: code}))
			c.old.Invalidate(lasting(conversation.ReadBooking{Code: code}))
		}
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
		return c.shown(answer)
	}
	name, before := readName(q), c.now()
	flight, how := fmt.Sprintf("%d/%s", before, text(q)), "shared"
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
		return c.unanswered(q, err)
	}
	c.rt.metrics.Reads.WithLabelValues(name, how).Inc()
	c.rt.metrics.PMSCache.WithLabelValues(name, "miss").Inc()
	entry := v.(kept)
	c.remember(q, key, entry, before)
	return c.shown(entry.answer)
}

// remember keeps an answer, unless something has changed since it was asked for.
func (c *readCache) remember(q conversation.Read, key question, entry kept, before int) {
	if c.now() != before && key.kind != nameRooms {
		return
	}
	c.answers.Set(key, entry)
	if !negative(entry.answer) {
		c.old.Set(lasting(q), entry)
	}
	if c.now() != before && key.kind == nameBooking { // in this very moment
		c.answers.Invalidate(key)
		c.old.Invalidate(key)
	}
}

// unanswered stands in for an answer that did not come: what was true lately, for
// display, or that there is none.
func (c *readCache) unanswered(q conversation.Read, err error) conversation.Answer {
	name, kind := readName(q), hotel.KindOf(err)
	c.rt.log.Warn("hotel system did not answer", "read", name, "property", string(c.property), "kind", kind.String(), "err", err)
	if kind == hotel.Unavailable || kind == hotel.Transient {
		if answer := c.stale(q); answer != nil {
			c.rt.metrics.Reads.WithLabelValues(name, "stale").Inc()
			c.rt.metrics.PMSCache.WithLabelValues(name, "stale").Inc()
			return c.shown(answer)
		}
	}
	result := "failed"
	if refusedByBreaker(err) {
		result = "refused"
	}
	c.rt.metrics.Reads.WithLabelValues(name, result).Inc()
	c.rt.metrics.PMSCache.WithLabelValues(name, "miss").Inc()
	return conversation.ReadFailed{Kind: kind, Code: hotel.AsError(err).Code}
}

// stale is what the hotel system said lately, marked; nil when that is not known,
// or its own word is wanted.
func (c *readCache) stale(q conversation.Read) conversation.Answer {
	entry, ok := c.old.GetIfPresent(lasting(q))
	if !ok || isFresh(q) {
		return nil
	}
	switch a := entry.answer.(type) {
	case conversation.AvailabilityRead:
		a.Stale = entry.at
		return a
	case conversation.BookingRead:
		a.Stale = entry.at
		return a
	case conversation.RoomsRead:
		a.Stale = entry.at
		return a
	}
	return nil
}

// fetch gets an answer from the shared cache, or from the hotel system.
func (c *readCache) fetch(ctx context.Context, up *upstream, q conversation.Read) (_ kept, recalled bool, _ error) {
	answer, rest, mark := c.recall(ctx, q)
	if answer != nil {
		return kept{answer, rest, time.Now().Add(rest - c.ttl(answer))}, true, nil
	}
	answer, err := c.persist(ctx, up, q)
	if err != nil {
		return kept{}, false, err
	}
	ttl := c.ttl(answer)
	c.keep(q, mark, answer, ttl)
	return kept{answer, ttl, time.Now()}, false, nil
}

// A read that fails for now is asked again, within the guest's patience: past
// 20 s they hear that it takes long.
const (
	readTries    = 3
	readPatience = 15 * time.Second
	readPause    = 500 * time.Millisecond // and then three times that; half of it by chance
)

// persist puts a question to the hotel system, more than once if need be.
func (c *readCache) persist(ctx context.Context, up *upstream, q conversation.Read) (conversation.Answer, error) {
	began, pause := time.Now(), readPause
	for try := 1; ; try++ {
		answer, err := ask(ctx, up, readName(q), func(ctx context.Context) (conversation.Answer, error) { return c.rt.question(ctx, up.property, q) })
		if err == nil || !passing(err) || try == readTries {
			return answer, err
		}
		wait := pause/2 + rand.N(pause)
		pause *= 3
		if time.Since(began)+wait > readPatience {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, err
		case <-time.After(wait):
		}
	}
}

// passing tells whether a failure of a read may be over in a moment.
func passing(err error) bool {
	switch hotel.KindOf(err) {
	case hotel.Transient, hotel.Unavailable:
		return !refusedByBreaker(err)
	}
	return false
}
