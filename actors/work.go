package actors

import "sync"

// work counts what runs outside the actors. Unlike a sync.WaitGroup it may
// grow while somebody waits: a send that ends may still settle and nudge.
type work struct {
	mu   sync.Mutex
	cond *sync.Cond
	n    int
	ever int // how much was ever begun
}

func newWork() *work {
	w := &work{}
	w.cond = sync.NewCond(&w.mu)
	return w
}

func (w *work) add() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	w.ever++
}

func (w *work) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n--; w.n == 0 {
		w.cond.Broadcast()
	}
}

// wait returns once nothing runs, and tells how much was begun until then.
func (w *work) wait() (ever int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.n > 0 {
		w.cond.Wait()
	}
	return w.ever
}

// begun tells how much was ever begun.
func (w *work) begun() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ever
}
