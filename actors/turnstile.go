package actors

import (
	"sync"
	"time"
)

// turnstile lets accepts go before turns when more webhooks come than can be
// taken at once: a turn can wait in the inbox, a webhook cannot, for what is
// not accepted is not durable. Turns keep a small share of their own, and none
// waits longer than turnPatience, so neither a flood nor a slow disk starves them.
type turnstile struct {
	mu        sync.Mutex
	accepting int // webhooks with messages whose commit is under way
	turning   int // turns let in
	waiting   []*waiter
}

// waiter is a turn outside; done is set once it is let in, or went in by itself.
type waiter struct {
	in   chan struct{}
	done bool
}

const (
	busyAccepts  = 16  // under way at once: more come than are taken
	fewTurns     = 2   // at once while accepts are busy
	manyTurns    = 256 // at once else: more would share no commit
	turnPatience = time.Second
)

// accept counts a webhook's commit in.
func (t *turnstile) accept() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepting++
}

// accepted counts it out.
func (t *turnstile) accepted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepting--
	t.release()
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

// leave counts a turn out.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turning--
	t.release()
}

func (t *turnstile) open() bool {
	if t.accepting >= busyAccepts {
		return t.turning < fewTurns
	}
	return t.turning < manyTurns
}

// release lets in who waited longest, as many as may.
func (t *turnstile) release() {
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
