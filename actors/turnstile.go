package actors

import (
	"sync"
	"time"
)

// turnstile lets as many turns in at once as share a commit well, and lets
// accepts go before turns while more comes than can be answered: a turn can
// wait in the inbox, a webhook cannot, for what is not accepted is not durable.
// In such a burst turns keep a small share of their own, and none waits longer
// than turnPatience, so no flood starves them.
type turnstile struct {
	mu      sync.Mutex
	arrived time.Time // last webhook with messages
	turning int       // turns let in
	waiting []*waiter
}

// waiter is a turn outside; done is set once it is let in, or went in by itself.
type waiter struct {
	in   chan struct{}
	done bool
}

const (
	manyTurns    = 64  // at once: more would only queue for the processor
	fewTurns     = 1   // at once in a burst
	burstWaiting = 256 // turns outside that make a burst, while webhooks come
	burstGap     = 20 * time.Millisecond
	turnPatience = 10 * time.Second
)

// arrive notes a webhook that brings messages.
func (t *turnstile) arrive(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.arrived = now
}

// enter returns when a turn may be taken; leave must follow.
func (t *turnstile) enter() {
	t.mu.Lock()
	if len(t.waiting) == 0 && t.open() {
		t.turning++
		t.mu.Unlock()
		return
	}
	w := &waiter{in: make(chan struct{})}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()

	timer := time.NewTimer(turnPatience)
	defer timer.Stop()
	select {
	case <-w.in:
	case <-timer.C:
		t.goIn(w)
	}
}

// goIn lets a turn in that has waited long enough.
func (t *turnstile) goIn(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !w.done {
		w.done = true
		t.turning++
	}
}

// leave counts a turn out. As long as any turn waits at least one is in, so
// its leaving is when those outside are looked at again.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turning--
	for len(t.waiting) > 0 && (t.waiting[0].done || t.open()) {
		w := t.waiting[0]
		t.waiting[0] = nil
		t.waiting = t.waiting[1:]
		if !w.done {
			w.done = true
			t.turning++
			close(w.in)
		}
	}
}

// open tells whether one more turn may go in.
func (t *turnstile) open() bool {
	if len(t.waiting) >= burstWaiting && time.Since(t.arrived) < burstGap {
		return t.turning < fewTurns
	}
	return t.turning < manyTurns
}
