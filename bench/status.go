package main

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// receipts is which statuses Meta reports of each bubble.
type receipts string

const (
	noReceipts   receipts = "off"
	sentReceipts receipts = "sent"
	allReceipts  receipts = "all" // sent, delivered, read
)

// after is when each status comes, from the send.
var after = []struct {
	status string
	d      time.Duration
}{{"sent", 60 * time.Millisecond}, {"delivered", 200 * time.Millisecond}, {"read", 800 * time.Millisecond}}

func (r receipts) count() int {
	return map[receipts]int{sentReceipts: 1, allReceipts: 3}[r]
}

// statuses posts the status webhooks of what was sent.
type statuses struct {
	world *world
	kinds receipts
	jobs  chan []byte
	open  sync.WaitGroup // timers and posts under way
	posts sync.WaitGroup

	mu     sync.Mutex
	random *rand.Rand
}

const statusConnections = 32

func (w *world) reportStatuses(r receipts) {
	if r.count() == 0 {
		return
	}
	s := &statuses{world: w, kinds: r, jobs: make(chan []byte, 1<<16),
		random: rand.New(rand.NewPCG(w.seed, 1))}
	for range statusConnections {
		s.posts.Go(s.post)
	}
	w.status = s
}

// follow reports a bubble's statuses as they come.
func (s *statuses) follow(g *guest, sent whatsapptest.Sent) {
	id, callback := string(sent.ID), string(sent.Callback)
	s.mu.Lock()
	stretch := 0.5 + s.random.Float64() // the same for all three: they keep their order
	s.mu.Unlock()
	for _, a := range after[:s.kinds.count()] {
		s.open.Add(1)
		time.AfterFunc(time.Duration(stretch*float64(a.d)), func() {
			s.jobs <- whatsapptest.StatusWebhook(numberID(g.property), g.phone, id, callback, a.status, 0, time.Now())
		})
	}
}

func (s *statuses) post() {
	c := newWire(s.world.addr)
	defer c.close()
	for body := range s.jobs {
		status, err := c.post(body)
		switch {
		case err != nil || status != 200:
			s.world.tally.errors.Add(1)
		case s.world.tally.on.Load():
			s.world.tally.statusAcks.Add(1)
		}
		s.open.Done()
	}
}

// finish waits for the statuses that are still to come.
func (s *statuses) finish() {
	if s == nil {
		return
	}
	s.open.Wait()
	close(s.jobs)
	s.posts.Wait()
}
