package actors

import (
	"sync"

	"github.com/conserje/conserje/hotel"
)

// snags counts how often the hotel system answered to a row's request in a way
// that is nobody else's trouble: its dates, its guest's record, a word that a
// firewall does not like. The zero value is ready. Safe for concurrent use; it
// dies with the engine, and then the count begins anew.
type snags struct {
	mu sync.Mutex
	n  map[hotel.Key]int
}

const (
	// snagsInLane is how many such answers a row may get in its room type's lane,
	// where others wait behind it: some three seconds.
	snagsInLane = 3
	// snagsMost is how many it may get at all: some minutes, in which a hotel
	// system that is being looked after is well again.
	snagsMost = 10
	// snagsKept bounds the memory: rows that ended elsewhere are never forgotten.
	snagsKept = 1000
)

func (s *snags) count(key hotel.Key) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == nil || len(s.n) >= snagsKept {
		s.n = map[hotel.Key]int{}
	}
	s.n[key]++
	return s.n[key]
}

func (s *snags) forget(key hotel.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.n, key)
}

// answered tells whether what came is about this request alone: an answer of the
// hotel system's own, or a refusal by somebody before it. Then others may do better.
func answered(err error) bool {
	e := hotel.AsError(err)
	switch e.Kind {
	case hotel.Throttled:
		return false
	case hotel.Unauthorised:
		return e.Scope == hotel.ScopeRow
	}
	return whole(err)
}

// putBack releases a row whose request has not left. One that the hotel system
// does answer to, and not as it should, gets out of the others' way: it goes on in
// its reference's lane, and not for ever. There it may race with guests of ours,
// and the overlap check after each booking decides.
func (w *writes) putBack(d order, err error) outcome {
	e := hotel.AsError(err)
	o := released(e.RetryAfter)
	if !answered(err) {
		return o
	}
	n := w.snags.count(d.row.Key)
	if n >= snagsMost || n >= snagsInLane && e.Kind == hotel.Unauthorised {
		w.rt.log.Warn("request given up: the hotel system answers to others", "property", string(w.property), "key", string(d.row.Key), "err", err)
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: e.Code})
	}
	if lane := hotel.ReferenceLane(d.booking.Reference); n >= snagsInLane && d.row.Lane != lane {
		o.settle.MoveTo = lane
	}
	return o
}
