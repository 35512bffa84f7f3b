package actors

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/conserje/conserje/hotel"
)

// pace tells whether a row of a guest may leave a number now. It is the permit
// that a claim needs: guests ask it right before their commit, senders before
// they claim. Safe for concurrent use.
//
// The pair limit (WhatsApp: bursts to 45, then one per 6 s) is a GCRA instant
// for each lane, kept only while its bucket is not full: idle guests cost nothing.
type pace struct {
	number   *rate.Limiter
	burst    int
	interval time.Duration

	mu     sync.Mutex
	pairs  map[hotel.Lane]time.Time // theoretical arrival time: when the bucket is full again
	closed time.Time                // nothing leaves before
	shut   bool                     // breaker open, unauthorised, or drained: nothing leaves at all
	pruned time.Time
}

func newPace(perSecond float64, burst int, interval time.Duration) *pace {
	return &pace{
		number:   rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))),
		burst:    burst,
		interval: interval,
		pairs:    map[hotel.Lane]time.Time{},
	}
}

// take takes a permit for one row of the lane. When there is none it says how
// long to wait; 0 with false = until somebody says so.
func (p *pace) take(lane hotel.Lane, now time.Time) (bool, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.shut {
		return false, 0
	}
	if now.Before(p.closed) {
		return false, p.closed.Sub(now)
	}
	full := p.pairs[lane]
	if full.Before(now) {
		full = now
	}
	if wait := full.Add(p.interval).Sub(now) - time.Duration(p.burst)*p.interval; wait > 0 {
		return false, wait
	}
	if !p.number.AllowN(now, 1) {
		return false, p.gap()
	}
	p.pairs[lane] = full.Add(p.interval)
	p.prune(now)
	return true, 0
}

// giveBack returns the pair's part of a permit that was not used.
func (p *pace) giveBack(lane hotel.Lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if full, ok := p.pairs[lane]; ok {
		p.pairs[lane] = full.Add(-p.interval)
	}
}

// gap is how long one token takes, at least a millisecond.
func (p *pace) gap() time.Duration {
	return max(time.Millisecond, time.Duration(float64(time.Second)/float64(p.number.Limit())))
}

// closeFor lets nothing leave for d.
func (p *pace) closeFor(d time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(d); until.After(p.closed) {
		p.closed = until
	}
}

// setShut opens or shuts the number.
func (p *pace) setShut(shut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = shut
}

func (p *pace) isShut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shut
}

// prune forgets full buckets, now and then.
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
}
