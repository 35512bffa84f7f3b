package whatsapptest

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// timers runs what is due later, one after the other, on the goroutine of run.
// What is not yet due when run ends never runs.
type timers struct {
	mu   sync.Mutex
	heap timerHeap
	news chan struct{}
}

type timer struct {
	at time.Time
	do func()
}

func newTimers() *timers { return &timers{news: make(chan struct{}, 1)} }

// after schedules do, which must be short and may schedule more.
func (t *timers) after(d time.Duration, do func()) {
	t.mu.Lock()
	heap.Push(&t.heap, timer{time.Now().Add(d), do})
	t.mu.Unlock()
	select {
	case t.news <- struct{}{}:
	default:
	}
}

func (t *timers) run(ctx context.Context) {
	wake := time.NewTimer(time.Hour)
	defer wake.Stop()
	for {
		do, next := t.due(time.Now())
		if do != nil {
			do()
			continue
		}
		wake.Reset(next)
		select {
		case <-ctx.Done():
			return
		case <-t.news:
		case <-wake.C:
		}
	}
}

// due pops what is due, or tells when the next is.
func (t *timers) due(now time.Time) (func(), time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.heap) == 0 {
		return nil, time.Hour
	}
	if first := t.heap[0]; first.at.After(now) {
		return nil, first.at.Sub(now)
	}
	return heap.Pop(&t.heap).(timer).do, 0
}

type timerHeap []timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)        { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// bucket holds tokens that come back at a rate: Meta's two paces.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes a token of a bucket of size burst, refilled one per every.
func (b *bucket) take(now time.Time, burst int, every time.Duration) bool {
	if b.at.IsZero() {
		b.tokens = float64(burst)
	} else {
		b.tokens = min(float64(burst), b.tokens+float64(now.Sub(b.at))/float64(every))
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
