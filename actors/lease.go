package actors

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/conserje/conserje/hotel"
)

// lease keeps this engine's place among those that share its store. It renews a
// counter; another engine takes our claims over once it has read that counter
// unchanged, twice at least, across a whole lease of its own monotonic clock and
// without a store error. So no two clocks are compared, and a store that is away
// kills nobody.
//
// The other half is the fence: right before a request that changes something
// outside is written, its engine must have renewed less than a third of the
// lease ago. One that was paused longer sends nothing that may be another's now.
type lease struct {
	fleet  Fleet
	owner  string
	dead   string // an engine that needs no observing
	length time.Duration
	log    *slog.Logger
	found  func(claims int) // claims were taken over

	begun   time.Time    // what renewed counts from, by the monotonic clock
	renewed atomic.Int64 // when the last renewal was asked for that succeeded; 0 = never
	others  map[string]*observed
	looked  time.Duration // when others were last read without an error; 0 = never
}

// observed is another engine as this one has read it.
type observed struct {
	counter int64
	since   time.Duration // first read with this counter
	reads   int
}

// renewals is how many times a lease is renewed in its length, and fenceShare
// the part of it in which a renewal lets requests leave.
const (
	renewals   = 10
	fenceShare = 3
)

func newLease(c Config, log *slog.Logger) *lease {
	return &lease{fleet: c.Fleet, owner: c.Owner, dead: c.Predecessor, length: c.Settings.Lease, log: log, begun: time.Now(), others: map[string]*observed{}}
}

// now is the engine's monotonic clock; never 0.
func (l *lease) now() time.Duration { return time.Since(l.begun) + 1 }

// fresh tells whether a request may leave now. An engine alone always may.
func (l *lease) fresh() bool {
	if l.fleet == nil {
		return true
	}
	at := time.Duration(l.renewed.Load())
	return at != 0 && l.now()-at < l.length/fenceShare
}

// beat renews, and looks after the others.
func (l *lease) beat(ctx context.Context) {
	c, cancel := context.WithTimeout(ctx, l.length/fenceShare)
	defer cancel()
	asked := l.now()
	if err := l.fleet.Renew(c, l.owner); err != nil {
		l.blind(ctx, err)
		return
	}
	l.renewed.Store(int64(asked))
	engines, err := l.fleet.Engines(c)
	if err != nil {
		l.blind(ctx, err)
		return
	}
	for _, e := range l.silent(engines) {
		l.takeOver(c, e)
	}
}

// blind begins every observation anew: across a store error nothing was seen.
func (l *lease) blind(ctx context.Context, err error) {
	clear(l.others)
	if ctx.Err() == nil {
		l.log.Warn("lease not renewed", "err", err)
	}
}

// silent observes the others, and returns those whose claims are free.
func (l *lease) silent(engines []hotel.EngineLease) []hotel.EngineLease {
	now := l.now()
	if now-l.looked > l.length/2 {
		clear(l.others) // we were paused ourselves
	}
	l.looked = now
	known := make(map[string]bool, len(engines))
	var free []hotel.EngineLease
	for _, e := range engines {
		if e.Owner == l.owner {
			continue
		}
		known[e.Owner] = true
		o := l.others[e.Owner]
		if o == nil || o.counter != e.Counter {
			o = &observed{counter: e.Counter, since: now}
			l.others[e.Owner] = o
		}
		o.reads++
		if e.Left || e.Owner == l.dead || o.reads > 1 && now-o.since >= l.length {
			free = append(free, e)
		}
	}
	for owner := range l.others {
		if !known[owner] {
			delete(l.others, owner)
		}
	}
	return free
}

func (l *lease) takeOver(ctx context.Context, e hotel.EngineLease) {
	n, err := l.fleet.TakeOver(ctx, e, l.owner, time.Now())
	switch {
	case hotel.KindOf(err) == hotel.Conflict && err != nil: // it lives, or another was first
		delete(l.others, e.Owner)
	case err != nil:
		l.blind(ctx, err)
	default:
		delete(l.others, e.Owner)
		l.log.Warn("engine taken over", "engine", e.Owner, "left", e.Left, "claims", n)
		l.found(n)
	}
}

// leave says that this engine has drained; what is left of it is anybody's at once.
func (l *lease) leave() {
	if l.fleet == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	if err := l.fleet.Leave(ctx, l.owner); err != nil {
		l.log.Warn("engine did not say that it left: others wait for its lease to end", "err", err)
	}
}

// The Codes of requests that a fence held back: they never left.
const (
	codeLease   = "lease_over"
	codeOld     = "claim_old" // claimed too long ago
	codeExpired = "expired"   // agreed too long ago
)

var errLease = errors.New("the lease was not renewed in time: the row may be another engine's by now")

func (l *lease) guard(op string) error {
	if l.fresh() {
		return nil
	}
	return &hotel.Error{Op: op, Kind: hotel.NotSent, Code: codeLease, Err: errLease}
}

// fenced lets clients ask again right before they write.
func (l *lease) fenced(ctx context.Context) context.Context {
	return hotel.WithFence(ctx, func() error { return l.guard("actors.Fence") })
}

// heldBack tells whether a fence of ours kept a request from leaving.
func heldBack(err error) bool {
	switch hotel.AsError(err).Code {
	case codeLease, codeOld, codeExpired:
		return true
	}
	return false
}
