package actors

import (
	"sync"
	"time"
)

// turnstile lets as many turns in at once as share a commit well, and lets
// accepts go before turns when the processor is short: a turn can wait in the
// inbox, a webhook cannot, for what is not accepted is not durable.
//
// Whether turns hold webhooks back cannot be seen from inside: those wait in
// the kernel. So while turns are many, it tries now and then: for one window
// turns stand still. When clearly more webhooks come in it than while turns
// ran, it is a burst, and turns stand still on until no more than before come.
// A burst leaves turns a small share, and none waits longer than turnPatience.
type turnstile struct {
	mu      sync.Mutex
	turning int // turns let in
	waiting []*waiter

	window time.Time // the present one's beginning
	came   int       // webhooks with messages in it
	usual  float64   // in a window while turns run, as a moving mean
	closed bool      // turns stand still in this window
	tried  time.Time // when they last began or ceased to
}

// waiter is a turn outside; done is set once it is let in, or went in by itself.
type waiter struct {
	in   chan struct{}
	done bool
}

const (
	manyTurns    = 256 // at once: more would share no commit
	busyWindow   = 4   // webhooks in a window (800 a second): fewer are held back by nobody
	fewTurns     = 1   // at once in a burst
	turnWindow   = 5 * time.Millisecond
	tryWindow    = 20 * time.Millisecond // what turns have begun is sent for some milliseconds more
	tryEvery     = 400 * time.Millisecond
	burstFactor  = 1.5             // times as many webhooks as usual make a burst
	burstLeast   = 10              // and at least so many in a window: 2,000 a second
	burstMost    = 2 * time.Second // then turns run for tryEvery, and what is usual is looked at again
	turnPatience = 10 * time.Second
)

// arrive counts a webhook that brings messages.
func (t *turnstile) arrive(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	t.came++
}

// enter returns when a turn may be taken; leave must follow.
func (t *turnstile) enter() {
	t.mu.Lock()
	t.turn(time.Now())
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
// its leaving is when those outside are looked at again at the latest.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turning--
	t.turn(time.Now())
	t.release()
}

// turn ends a window that is over, and says what the next one is.
func (t *turnstile) turn(now time.Time) {
	age := now.Sub(t.window)
	if age < turnWindow || t.closed && age < tryWindow {
		return
	}
	came := float64(t.came) * float64(turnWindow) / float64(age)
	t.window, t.came = now, 0
	switch {
	case t.closed:
		if came < burstLeast || came < burstFactor*t.usual || now.Sub(t.tried) >= burstMost {
			t.closed, t.tried = false, now
		}
		t.release()
	case age >= tryEvery: // nothing has happened for long: what is usual is not known yet
		t.usual, t.tried = 0, now
	default:
		t.usual += (came - t.usual) / 8
		if t.usual >= busyWindow && now.Sub(t.tried) >= tryEvery {
			t.closed, t.tried = true, now
		}
	}
}

func (t *turnstile) open() bool {
	if t.closed {
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
