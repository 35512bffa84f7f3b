package main

import (
	"context"
	"sync"
	"time"
)

// lateAfter is how late a start must be to be called late.
const lateAfter = 5 * time.Millisecond

// answerTimeout is how long a closed loop's guest waits before it gives up.
const answerTimeout = 30 * time.Second

// closedLoop lets so many guests wait for an answer at any time until end.
func (w *world) closedLoop(ctx context.Context, guests int, end time.Time) {
	var all sync.WaitGroup
	for range guests {
		all.Go(func() {
			c := newWire(w.addr)
			defer c.close()
			for ctx.Err() == nil && time.Now().Before(end) {
				g := w.next()
				if !w.say(c, g, time.Now(), true) {
					continue
				}
				select {
				case <-g.freed:
				case <-time.After(answerTimeout):
					continue // counted as unanswered
				}
				if g.more() {
					w.ready <- g
				}
			}
		})
	}
	all.Wait()
}

// openLoop lets perSecond lines leave each second until end, whatever becomes
// of those before: late starts and long waits count from the intended instant.
func (w *world) openLoop(ctx context.Context, perSecond, connections int, end time.Time) {
	type job struct {
		g  *guest
		at time.Time
	}
	jobs := make(chan job, 4096)
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			c := newWire(w.addr)
			defer c.close()
			for j := range jobs {
				if time.Since(j.at) > lateAfter && w.tally.on.Load() {
					w.tally.late.Add(1)
				}
				w.say(c, j.g, j.at, false)
			}
		})
	}
	gap := time.Second / time.Duration(perSecond)
	for at := time.Now(); at.Before(end) && ctx.Err() == nil; at = at.Add(gap) {
		time.Sleep(time.Until(at))
		jobs <- job{w.next(), at}
	}
	close(jobs)
	all.Wait()
}
