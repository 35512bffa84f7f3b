package actors

import (
	goruntime "runtime"
	"sync"
	"time"
)

// turnstile lets as many turns in at once as share a commit well, and lets
// accepts go before turns when the processor is short: a turn can wait in the
// inbox, a webhook cannot, for what is not accepted is not durable.
//
//	free -- many accepts under way, turns too, and the processor is short --> held
//	held -- accepts have dried up, or heldMost is over --> free
//
// Many accepts under way are no sign by themselves: a slow disk makes as many,
// and turns cost them nothing then. So it is asked whether work that is ready
// waits for a processor, as webhooks do that still wait in the kernel. While
// turns are held one is let in now and then, and none waits longer than
// turnPatience.
type turnstile struct {
	short func() bool // whether the processor is short; nil = processorShort

	mu        sync.Mutex
	turning   int // turns let in
	waiting   []*waiter
	accepting int // accepts under way
	peak      int // the most of them since the window began
	watching  bool
	held      bool
	next      time.Time // no watch before
}

// waiter is a turn outside; done is set once it is let in, or went in by itself.
type waiter struct {
	in   chan struct{}
	done bool
}

const (
	manyTurns    = 256                    // at once: more would share no commit
	manyAccepts  = 8                      // at once: fewer are held back by nobody
	dryWindow    = 20 * time.Millisecond  // commits end many accepts at once: a moment without them is no end
	trickle      = 100 * time.Millisecond // between turns let in while they are held: one may take 50 messages, for some milliseconds
	heldMost     = 10 * time.Second       // then turns run until it is asked again
	watchRest    = 200 * time.Millisecond
	turnPatience = 10 * time.Second
)

// arrive counts an accept in; depart must follow.
func (t *turnstile) arrive() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepting++
	t.peak = max(t.peak, t.accepting)
	if t.accepting >= manyAccepts && t.turning > 0 && !t.watching && !time.Now().Before(t.next) {
		t.watching = true
		go t.watch()
	}
}

// depart counts an accept out.
func (t *turnstile) depart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepting--
}

// watch holds the turns for as long as there is reason to.
func (t *turnstile) watch() {
	ask := t.short
	if ask == nil {
		ask = processorShort
	}
	short := ask()
	t.mu.Lock()
	defer t.mu.Unlock()
	last := time.Now()
	for since := last; short && t.peak >= manyAccepts && time.Since(since) < heldMost; {
		t.held, t.peak = true, t.accepting
		t.mu.Unlock()
		time.Sleep(dryWindow)
		t.mu.Lock()
		if t.turning == 0 && time.Since(last) >= trickle && t.letIn() {
			last = time.Now()
		}
	}
	t.held, t.watching, t.peak, t.next = false, false, 0, time.Now().Add(watchRest)
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

// leave counts a turn out, and looks at those outside.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turning--
	t.release()
}

func (t *turnstile) open() bool { return !t.held && t.turning < manyTurns }

// release lets in who waited longest, as many as may.
func (t *turnstile) release() {
	for t.open() && t.letIn() {
	}
}

// letIn lets in who waited longest, if anybody waits still.
func (t *turnstile) letIn() bool {
	for len(t.waiting) > 0 {
		w := t.waiting[0]
		t.waiting[0] = nil
		t.waiting = t.waiting[1:]
		if !w.done {
			w.done = true
			t.turning++
			close(w.in)
			return true
		}
	}
	return false
}

const (
	naps   = 9
	napFor = time.Millisecond
	late   = 2 * time.Millisecond
)

// processorShort tells whether work that is ready waits for a processor: who
// lets others go first waits for long, most times of a few. (A timer's end
// would not tell: the runtime puts it before what is ready.)
func processorShort() bool {
	n := 0
	for range naps {
		time.Sleep(napFor)
		begin := time.Now()
		goruntime.Gosched()
		if time.Since(begin) > late {
			n++
		}
	}
	return n > naps/2
}
