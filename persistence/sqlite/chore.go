package sqlite

import (
	"context"
	"time"
)

// A chore is work that may wait: retention, erasing, a backup's pages. It is
// done in slices, each a transaction of its own and bounded in time, and each
// behind whatever waits in the queue: a webhook waits for one slice at most.
const (
	sliceTime = 10 * time.Millisecond
	// choreAfter is how many batches go before a chore that waits: in a flood,
	// when something always waits, it still gets its slice.
	choreAfter = 16
)

// slices does step until it says that no more is left. Steps are short: a row,
// or a few. end, when there is one, runs last in every slice's transaction. When
// it fails the slices before stay done, and the one that failed is undone.
func (s *Store) slices(ctx context.Context, op string, step func(w *writer) (more bool, err error), end func(w *writer) error) error {
	for more := true; more; {
		err := s.send(ctx, s.chores, &request{op: op, apply: func(w *writer) (err error) {
			until := w.now().Add(sliceTime)
			for more && err == nil {
				more, err = step(w)
				if !w.now().Before(until) {
					break
				}
			}
			if err == nil && end != nil {
				err = end(w)
			}
			return err
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// chore does one slice. It is not tried again when it fails: its caller's memory
// of what is done may be ahead of the database's.
func (w *writer) chore(r *request) {
	w.passed = 0
	if !r.state.CompareAndSwap(waiting, begun) {
		return
	}
	defer close(r.done)
	if r.bare {
		r.err = r.apply(w)
		return
	}
	if err := w.transact([]*request{r}, true); err != nil {
		r.err = classify(r.op, err)
	}
	w.checkpoint(1)
}

// overdue is a chore that was passed by often enough, if one waits.
func (w *writer) overdue() *request {
	if w.passed < choreAfter {
		return nil
	}
	select {
	case r := <-w.store.chores:
		return r
	default:
		return nil
	}
}
