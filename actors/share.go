package actors

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// share is one engine's part of a pace that several engines keep together. It
// draws permits in blocks, in the background and before they are used up; what
// is in hand holds for a second. An engine that was silent has none in hand: it
// sends the first block on credit, and pays from what it draws. So asking for a
// permit never waits, and all engines together pass the pace by a block each at
// most, for which the common bucket is made smaller.
//
// When the bucket does not answer the engine goes on alone, at its own pace.
// Safe for concurrent use; nil always has a permit.
type share struct {
	pace  SharedPace
	spawn func(func(context.Context))

	bucket    string
	perSecond float64
	block     int // drawn at once, at most
	burst     int // of the bucket

	mu      sync.Mutex
	hand    int       // permits
	until   time.Time // they hold
	ask     int       // how many are drawn next
	owed    int       // permits that were used on credit
	none    time.Time // the bucket has none before
	alone   time.Time // the bucket did not answer: our own pace until then
	drawing bool
}

const (
	handHolds  = time.Second           // permits in hand, or the time in which twice as many come, if longer
	aloneFor   = time.Second           // after the bucket did not answer
	drawAgain  = 10 * time.Millisecond // while a draw is out
	blockLasts = 50 * time.Millisecond // at the whole pace
	drawsMost  = 50 * time.Millisecond // and then we go on alone
)

// newShare makes an engine's share of a bucket; nil without one.
func newShare(rt *runtime, bucket string, perSecond float64, burst int) *share {
	if rt.pacer == nil || perSecond <= 0 {
		return nil
	}
	block := max(1, int(perSecond*blockLasts.Seconds()))
	return &share{
		pace: rt.pacer, spawn: rt.spawn, bucket: bucket, perSecond: perSecond, block: block, ask: block,
		burst: max(block, int(math.Ceil(float64(burst)/2))), // the rest is the engines' credit
	}
}

// newMailShare makes an engine's share of the mail account. A quarter may go at
// once: burst and refill together never pass the limit in a minute.
func newMailShare(rt *runtime) *share {
	n := rt.settings.MailsPerMinute
	return newShare(rt, "mails", float64(n-n/4)/60, n/4)
}

// take takes a permit. When there is none it says how long to wait.
func (s *share) take(now time.Time) (bool, time.Duration) {
	if s == nil {
		return true, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.alone) {
		return true, 0
	}
	if !now.Before(s.until) {
		s.hand = 0
	}
	switch {
	case s.hand > 0:
		s.hand--
		if s.hand <= s.block/2 {
			s.draw(now)
		}
		return true, 0
	case now.Before(s.none):
		return false, max(drawAgain, s.none.Sub(now))
	case s.owed < s.block:
		s.owed++
		s.draw(now)
		return true, 0
	}
	s.draw(now)
	return false, drawAgain
}

// lasts is how long n permits last at the whole pace.
func (s *share) lasts(n int) time.Duration {
	return time.Duration(float64(n) / s.perSecond * float64(time.Second))
}

// giveBack returns a permit that was not used.
func (s *share) giveBack() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owed > 0 {
		s.owed--
	} else {
		s.hand++
	}
}

// draw begins to draw a block, unless one is being drawn; the caller holds mu.
func (s *share) draw(now time.Time) {
	if s.drawing || now.Before(s.none) {
		return
	}
	s.drawing = true
	n := s.ask
	s.spawn(func(ctx context.Context) { s.drawn(ctx, n) })
}

func (s *share) drawn(ctx context.Context, n int) {
	ok, wait, err := false, time.Duration(0), error(&hotel.Error{Op: "actors.share", Kind: hotel.Other})
	defer func() { s.settle(n, ok, wait, err, time.Now()) }() // a panic of the bucket's is no answer
	c, cancel := context.WithTimeout(ctx, drawsMost)
	defer cancel()
	ok, wait, err = s.pace.Take(c, s.bucket, s.perSecond, s.burst, n)
}

// settle takes in what was drawn, and pays what is owed from it first. Who was
// refused asks for less: an engine that takes a block as soon as there is one
// would leave another, which asks in between, never a whole one.
func (s *share) settle(n int, ok bool, wait time.Duration, err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawing = false
	switch {
	case err != nil:
		s.alone, s.owed = now.Add(aloneFor), 0
	case !ok:
		s.ask = max(1, n/2)
		// By chance, so that of engines that were told the same instant not always the same is first.
		s.none = now.Add(wait + rand.N(s.lasts(s.ask)+1))
	default:
		if !now.Before(s.until) {
			s.hand = 0
		}
		paid := min(s.owed, n)
		s.owed -= paid
		s.hand += n - paid
		s.ask = min(s.block, 2*n)
		s.until = now.Add(max(handHolds, 2*s.lasts(s.block)))
	}
}
