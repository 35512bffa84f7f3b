package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// world is all that is outside the engine: guests, their WhatsApp, the hotels.
type world struct {
	mix        mix
	properties int
	firstNight time.Time
	seed       uint64
	addr       string // of the engine
	sink       *whatsapptest.Sink
	graph      string
	hotels     []*qloappstest.Server
	urls       []string
	status     *statuses
	tally      tally
	ready      chan *guest // have been answered, and have more to say

	mu     sync.RWMutex
	guests []*guest
}

// tally counts what happens while it is on.
type tally struct {
	on                            atomic.Bool
	posted, acks, replies, errors atomic.Int64
	statusAcks, late              atomic.Int64
	ack, reply, booking           *latency
}

func newTally() tally { return tally{ack: newLatency(), reply: newLatency(), booking: newLatency()} }

// roomsEach of two kinds, and 150 stays ahead: 12,000 bookings in each hotel.
const roomsEach = 40

// newWorld starts the stand-ins; hotels are needed for bookings only.
func newWorld(m mix, properties int, create qloappstest.Delay, seed uint64) (*world, error) {
	first := time.Now().UTC().AddDate(0, 0, 30+int(seed%30))
	w := &world{mix: m, properties: properties, firstNight: first, seed: seed, tally: newTally(), ready: make(chan *guest, 1<<18)}
	w.sink = whatsapptest.NewSink(whatsapptest.SinkConfig{OnSend: w.heard})
	var err error
	if w.graph, err = w.sink.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	for range properties {
		if m == mixKnowledge {
			break
		}
		h, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(roomsEach, roomsEach), Create: create})
		if err != nil {
			return nil, errors.Join(err, w.close())
		}
		w.hotels = append(w.hotels, h)
		url, err := h.Start("127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, w.close())
		}
		w.urls = append(w.urls, url)
	}
	return w, nil
}

func (w *world) close() error {
	err := w.sink.Close()
	for _, h := range w.hotels {
		err = errors.Join(err, h.Close())
	}
	return err
}

// join makes another guest.
func (w *world) join() *guest {
	w.mu.Lock()
	defer w.mu.Unlock()
	g := newGuest(w.mix, len(w.guests), w.properties, w.firstNight)
	w.guests = append(w.guests, g)
	return g
}

// next is a guest who may speak: one that was answered, else a new one.
func (w *world) next() *guest {
	select {
	case g := <-w.ready:
		return g
	default:
		return w.join()
	}
}

// heard is told by the sink of every bubble.
func (w *world) heard(s whatsapptest.Sent) {
	now := time.Now()
	n := guestOf(s.To)
	w.mu.RLock()
	if n < 0 || n >= len(w.guests) {
		w.mu.RUnlock()
		return // the oracle finds its row unheard
	}
	g := w.guests[n]
	w.mu.RUnlock()
	answer, books, free, took := g.hear(s, now)
	if w.status != nil {
		w.status.follow(g, s)
	}
	if answer && w.tally.on.Load() {
		w.tally.replies.Add(1)
		if books {
			w.tally.booking.add(took)
		} else {
			w.tally.reply.add(took)
		}
	}
	if free {
		w.free(g)
	}
}

// free lets a guest go on.
func (w *world) free(g *guest) {
	if g.awaited() {
		g.freed <- struct{}{}
		return
	}
	if g.more() {
		w.ready <- g
	}
}

// say posts a guest's next line; since is when it should have left.
func (w *world) say(c *wire, g *guest, since time.Time, closed bool) bool {
	body := g.speak(since, closed)
	on := w.tally.on.Load()
	status, err := c.post(body)
	if on {
		w.tally.posted.Add(1)
	}
	if err != nil || status != 200 {
		w.tally.errors.Add(1)
		return false
	}
	if on {
		w.tally.acks.Add(1)
		w.tally.ack.add(time.Since(since))
	}
	if g.ack() {
		w.free(g)
	}
	return true
}

// unanswered counts guests that still wait.
func (w *world) unanswered() (n int) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, g := range w.guests {
		g.mu.Lock()
		if g.step > 0 && !g.answered {
			n++
		}
		g.mu.Unlock()
	}
	return n
}

// quiet waits until every guest was answered.
func (w *world) quiet(ctx context.Context, most time.Duration) int {
	for end := time.Now().Add(most); ; {
		n := w.unanswered()
		if n == 0 || time.Now().After(end) || ctx.Err() != nil {
			return n
		}
		time.Sleep(50 * time.Millisecond)
	}
}
