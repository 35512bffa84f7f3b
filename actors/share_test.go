package actors

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// bucket is a SharedPace in memory: one GCRA bucket, in bubble time.
type bucket struct {
	mu    sync.Mutex
	full  time.Time // when it is full again
	slow  time.Duration
	err   error
	asked int
}

func (b *bucket) Take(ctx context.Context, _ string, perSecond float64, burst, n int) (bool, time.Duration, error) {
	b.mu.Lock()
	slow, err := b.slow, b.err
	b.asked++
	b.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return false, 0, ctx.Err()
		}
	}
	if err != nil {
		return false, 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	gap := time.Duration(float64(time.Second) / perSecond)
	full := later(b.full, time.Now()).Add(time.Duration(n) * gap)
	if wait := time.Until(full) - time.Duration(burst)*gap; wait > 0 {
		return false, wait, nil
	}
	b.full = full
	return true, 0, nil
}

func (b *bucket) draws() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

func (b *bucket) set(f func(*bucket)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

// sharing is a number's pace of one engine that shares its bucket.
func sharing(b *bucket, perSecond float64) *pace {
	rt := &runtime{pacer: b, ctx: context.Background(), work: newWork()}
	p := newPace(perSecond, 1000, time.Microsecond)
	p.share = newShare(rt, "number:posada", perSecond, int(perSecond))
	return p
}

// drive lets 50 lanes want to send all the time, each coming back when it is
// told to; it returns how many permits there were in d.
func drive(p *pace, d time.Duration) int {
	end := time.Now().Add(d)
	var mu sync.Mutex
	var wg sync.WaitGroup
	sent := 0
	for i := range 50 {
		lane := hotel.Lane("guest:" + string(rune('A'+i)))
		wg.Go(func() {
			for time.Now().Before(end) {
				ok, wait := p.take(lane, time.Now())
				if ok {
					mu.Lock()
					sent++
					mu.Unlock()
				}
				time.Sleep(max(wait, time.Millisecond)) // bubble time
			}
		})
	}
	wg.Wait()
	return sent
}

func TestTwoEnginesOnOneNumberStayWithinItsPace(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		const rate, seconds = 80, 20
		b := &bucket{}
		var sent [2]int
		var wg sync.WaitGroup
		for i := range sent {
			wg.Go(func() { sent[i] = drive(sharing(b, rate), seconds*time.Second) })
		}
		wg.Wait()
		t.Logf("sent %v of %d", sent, rate*seconds)
		require.LessOrEqual(t, sent[0]+sent[1], rate*seconds+rate, "the pace and one burst, as one engine alone")
		require.GreaterOrEqual(t, sent[0]+sent[1], rate*seconds*9/10, "and what there is, is used")
		for _, n := range sent {
			require.GreaterOrEqual(t, n, rate*seconds/4, "neither starves")
		}
		require.LessOrEqual(t, b.draws(), 3*rate*seconds/2, "at the limit permits come one by one, refusals beside them")
		time.Sleep(time.Second)
	})
}

func TestOneEngineHasTheWholePace(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		b := &bucket{slow: 2 * time.Millisecond}
		sent := drive(sharing(b, 80), 20*time.Second)
		t.Logf("sent %d, asked %d", sent, b.draws())
		require.GreaterOrEqual(t, sent, 80*20*9/10)
		require.LessOrEqual(t, sent, 80*20+80)
		time.Sleep(time.Second)
	})
}

// A message after silence leaves at once, though nothing was drawn ahead.
func TestFirstMessageWaitsForNobody(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		b := &bucket{slow: 40 * time.Millisecond}
		p := sharing(b, 80)
		for range 10 {
			began := time.Now()
			require.True(t, p.takes("guest:a", time.Now()))
			require.Zero(t, time.Since(began))
			time.Sleep(time.Minute)
		}
		require.LessOrEqual(t, b.draws(), 10)
	})
}

// A bucket that is away or hangs leaves an engine its own pace.
func TestWithoutTheBucketEachEngineKeepsItsOwnPace(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]func(*bucket){
		"away":  func(b *bucket) { b.err = &hotel.Error{Op: "test", Kind: hotel.Unavailable} },
		"hangs": func(b *bucket) { b.slow = time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &bucket{}
				p := sharing(b, 80)
				require.Positive(t, drive(p, time.Second))
				b.set(fault)
				sent := drive(p, 10*time.Second)
				require.GreaterOrEqual(t, sent, 80*8)
				require.LessOrEqual(t, sent, 80*10+80)
				b.set(func(b *bucket) { b.err, b.slow = nil, 0 })
				time.Sleep(2 * time.Second)
				asked := b.draws()
				require.Positive(t, drive(p, time.Second))
				require.Greater(t, b.draws(), asked, "it is asked again when it is back")
				time.Sleep(time.Second)
			})
		})
	}
}

func TestPermitsThatWereNotUsedComeBack(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		b := &bucket{}
		s := sharing(b, 80).share
		for range 1000 {
			ok, _ := s.take(time.Now())
			require.True(t, ok)
			s.giveBack()
			synctest.Wait()
		}
		require.Less(t, b.draws(), 5)
		(*share)(nil).giveBack()
		ok, _ := (*share)(nil).take(time.Now())
		require.True(t, ok)
	})
}

// A bucket's panic is one of a worker, and no answer.
func TestBucketThatPanics(t *testing.T) {
	t.Parallel()

	s := &share{pace: panicking{}, spawn: func(f func(context.Context)) {
		defer func() { require.NotNil(t, recover()) }()
		f(t.Context())
	}, perSecond: 80, block: 4, burst: 40, drawing: true}
	s.spawn(func(ctx context.Context) { s.drawn(ctx, 4) })
	require.False(t, s.drawing)
	require.True(t, s.alone.After(time.Now()))
}

type panicking struct{}

func (panicking) Take(context.Context, string, float64, int, int) (bool, time.Duration, error) {
	panic(errors.New("bug"))
}

func TestMailsAreSentAtTheAccountsPace(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		b := &bucket{}
		sent := 0
		end := time.Now().Add(10 * time.Minute)
		engine := func() *mails {
			rt := &runtime{pacer: b, ctx: context.Background(), work: newWork(), settings: Settings{MailsPerMinute: 54}}
			return &mails{rt: rt, share: newMailShare(rt)}
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, m := range []*mails{engine(), engine()} {
			wg.Go(func() {
				for time.Now().Before(end) {
					ok, wait := m.permit("mail:1", time.Now())
					mu.Lock()
					if ok {
						sent++
					}
					mu.Unlock()
					time.Sleep(max(wait, time.Millisecond))
				}
			})
		}
		wg.Wait()
		require.LessOrEqual(t, sent, 540)
		require.GreaterOrEqual(t, sent, 350)
		time.Sleep(time.Minute)
	})
}
