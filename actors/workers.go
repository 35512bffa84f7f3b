package actors

import "sync"

// workers runs functions on goroutines that are used again, the last one that
// ended first. A goroutine of its own for each turn and each send begins with a
// small stack that is copied two or three times until it is large enough: 8 % of
// an engine's processor time. It is the dispatcher of the actors' mailboxes, too.
// Nil runs each on a goroutine of its own.
type workers struct {
	mu   sync.Mutex
	idle []chan func()
	over bool
}

// mostIdle is how many wait for work; more than that end when they are done.
const mostIdle = 256

// Schedule runs f soon, and returns at once.
func (w *workers) Schedule(f func()) {
	if w == nil {
		go f()
		return
	}
	w.mu.Lock()
	n := len(w.idle)
	if n == 0 {
		w.mu.Unlock()
		go w.work(f)
		return
	}
	next := w.idle[n-1]
	w.idle = w.idle[:n-1]
	w.mu.Unlock()
	next <- f
}

// Throughput is how many messages an actor takes before it lets others run: the library's own number.
func (*workers) Throughput() int { return 300 }

func (w *workers) work(f func()) {
	own := make(chan func(), 1)
	for ; f != nil; f = <-own {
		f()
		if !w.rest(own) {
			return
		}
	}
}

// rest puts a worker among the idle ones; false when it is to end.
func (w *workers) rest(own chan func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || len(w.idle) >= mostIdle {
		return false
	}
	w.idle = append(w.idle, own)
	return true
}

// end lets the idle ones end, and those at work when they are done.
func (w *workers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, own := range w.idle {
		close(own)
	}
	w.idle = nil
}
