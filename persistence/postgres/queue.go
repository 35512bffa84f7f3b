package postgres

import (
	"context"
	"sync/atomic"
)

const (
	queueSize = 1024
	batchSize = 512 // requests that share a transaction at most, and locks of names that it takes
)

// work is something that shares transactions. A batch may be tried more than
// once: decide begins anew each time.
type work interface {
	// ask says what must be held and read before it can be decided.
	ask(n *need)
	// decide looks at what is held and writes into the world. It checks before
	// it changes anything: an error of its own (an answer), or errLater, leaves
	// the world as it was.
	decide(w *world) error
}

// request waits for a committer.
type request struct {
	op    string
	work  work
	state atomic.Int32 // waiting, begun or dropped
	later int          // times it was put off
	done  chan struct{}
	err   error
}

const (
	waiting int32 = iota
	begun
	dropped
)

// send hands work to the committers and waits for its outcome. A caller that
// leaves before the work begins takes it back; one that leaves later does not
// learn the outcome, and a repeat is harmless.
func (s *Store) send(ctx context.Context, op string, w work) error {
	r := &request{op: op, work: w, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return away(op, err)
	}
	if err := s.open(op); err != nil {
		return err
	}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return away(op, ctx.Err())
	case <-s.quit:
		return away(op, errClosed)
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		r.state.CompareAndSwap(waiting, dropped)
		return away(op, ctx.Err())
	case <-s.gone:
		if r.state.CompareAndSwap(waiting, dropped) {
			return away(op, errClosed)
		}
	}
	<-r.done
	return r.err
}

// commitLoop is a committer: it takes what waits and commits it, until Close.
func (s *Store) commitLoop() {
	c := &committer{store: s, world: newWorld()}
	for {
		select {
		case r := <-s.queue:
			c.take(s.gather(r))
		case <-s.quit:
			for {
				select {
				case r := <-s.queue:
					c.take(s.gather(r))
				default:
					return
				}
			}
		}
	}
}

// gather adds what waits to a batch, as much as one transaction may hold.
func (s *Store) gather(first *request) []*request {
	var batch []*request
	n := &need{}
	for r := first; ; {
		if r.state.CompareAndSwap(waiting, begun) {
			batch = append(batch, r)
			r.work.ask(n)
		}
		if len(batch) >= batchSize || len(n.aliases)+len(n.lanes)+len(n.laneOf) >= batchSize {
			return batch
		}
		select {
		case r = <-s.queue:
		default:
			return batch
		}
	}
}
