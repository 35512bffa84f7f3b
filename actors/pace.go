package actors

import (
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// pace tells whether a row of a guest may leave a number now. It is the permit
// that a claim needs: guests ask it right before their commit, senders before
// they claim. Safe for concurrent use.
//
// Both limits are GCRA: a bucket is one instant, when it is full again. The
// number's (80 a second) has a line: who is refused gets a place, an instant of
// its own, so that of a thousand waiting lanes one comes back at a time, in the
// order in which they came. The pair's (bursts to 45, then one per 6 s) is kept
// only while its bucket is not full: idle guests cost nothing.
type pace struct {
	gap      time.Duration // between two rows of the number
	deep     time.Duration // how far its bucket may be drawn ahead
	burst    int
	interval time.Duration
	share    *share // of the number's pace, with other engines; nil = alone

	mu     sync.Mutex
	number time.Time                // when the number's bucket is full again
	line   map[hotel.Lane]time.Time // places of lanes that wait for the number
	pairs  map[hotel.Lane]time.Time // when a pair's bucket is full again
	closed time.Time                // nothing leaves before
	shut   shutBy                   // nothing leaves at all
	pruned time.Time
}

// shutBy is a set of reasons for which nothing may leave.
type shutBy uint8

const (
	byBreaker shutBy = 1 << iota // the API does not answer
	byToken                      // it refuses the token, or the number's configuration
)

func newPace(perSecond float64, burst int, interval time.Duration) *pace {
	gap := max(1, time.Duration(float64(time.Second)/perSecond))
	return &pace{
		gap:      gap,
		deep:     time.Duration(max(1, int(perSecond))-1) * gap,
		burst:    burst,
		interval: interval,
		line:     map[hotel.Lane]time.Time{},
		pairs:    map[hotel.Lane]time.Time{},
	}
}

// take takes a permit for one row of the lane. When there is none it says how
// long to wait; 0 with false = until somebody says so.
func (p *pace) take(lane hotel.Lane, now time.Time) (bool, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.shut != 0 {
		return false, 0
	}
	if now.Before(p.closed) {
		return false, p.closed.Sub(now)
	}
	full := later(p.pairs[lane], now)
	if wait := full.Add(p.interval).Sub(now) - time.Duration(p.burst)*p.interval; wait > 0 {
		return false, wait
	}
	if wait := p.place(lane, now).Sub(now); wait > 0 {
		return false, wait
	}
	if ok, wait := p.share.take(now); !ok {
		return false, p.behind(lane, now.Add(wait)).Sub(now)
	}
	delete(p.line, lane)
	p.pairs[lane] = full.Add(p.interval)
	p.prune(now)
	return true, 0
}

// place is when the lane's turn at the number is; it stays the same until it is used.
func (p *pace) place(lane hotel.Lane, now time.Time) time.Time {
	at, waits := p.line[lane]
	if waits {
		return at
	}
	p.number = later(p.number, now)
	at = p.number.Add(-p.deep)
	p.number = p.number.Add(p.gap)
	if at.After(now) {
		p.line[lane] = at
	}
	return at
}

// behind gives a lane a place that is not before at: the other engines have the
// permits until then, so that everybody's places move.
func (p *pace) behind(lane hotel.Lane, at time.Time) time.Time {
	p.number = later(p.number, at.Add(p.deep))
	at = p.number.Add(-p.deep)
	p.number = p.number.Add(p.gap)
	p.line[lane] = at
	return at
}

// takes takes a permit or none, whatever there is to wait for.
func (p *pace) takes(lane hotel.Lane, now time.Time) bool {
	ok, _ := p.take(lane, now)
	return ok
}

// giveBack returns a permit that was not used.
func (p *pace) giveBack(lane hotel.Lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number = p.number.Add(-p.gap)
	p.share.giveBack()
	if full, ok := p.pairs[lane]; ok {
		p.pairs[lane] = full.Add(-p.interval)
	}
}

// leave gives the lane's place in the line up, when it has one.
func (p *pace) leave(lane hotel.Lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, waits := p.line[lane]; waits {
		delete(p.line, lane)
		p.number = p.number.Add(-p.gap)
	}
}

// closeFor lets nothing leave for d.
func (p *pace) closeFor(d time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = later(p.closed, now.Add(d))
}

// setShut opens or shuts the number for one reason; it is open when there is
// none. It tells whether that changed anything for this reason.
func (p *pace) setShut(by shutBy, shut bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.shut
	if shut {
		p.shut |= by
	} else {
		p.shut &^= by
	}
	return p.shut != was
}

// isShut tells whether nothing leaves, for one of the reasons asked for.
func (p *pace) isShut(by shutBy) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shut&by != 0
}

// prune forgets full buckets, and places that nobody came for, now and then.
func (p *pace) prune(now time.Time) {
	if now.Sub(p.pruned) < 10*time.Second {
		return
	}
	p.pruned = now
	for lane, full := range p.pairs {
		if full.Before(now) {
			delete(p.pairs, lane)
		}
	}
	for lane, at := range p.line {
		if at.Before(now.Add(-time.Minute)) {
			delete(p.line, lane)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
