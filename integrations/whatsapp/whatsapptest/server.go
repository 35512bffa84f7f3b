package whatsapptest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config is what a Server needs. The zero value is an in-memory Meta with one number.
type Config struct {
	Numbers    []Number
	Secret     string // app secret that webhooks are signed with
	WebhookURL string // where they go; empty = nowhere
	// Dir holds the journal; empty = memory.
	Dir string
	// Pace scales the guests' and Meta's random delays; default 1, small for tests.
	Pace float64
	// RetryAfter is the first wait after a webhook that was not answered 200; it
	// doubles up to RetryMost. Default 500 ms, up to a minute.
	RetryAfter time.Duration
	RetryMost  time.Duration
	Seed       uint64
	Switches   *Switches // at the first start; default DefaultSwitches
}

// Server is the stand-in. Make one with New, end it with Close.
type Server struct {
	config  Config
	state   *state
	timers  *timers
	post    *postman
	events  *hub
	random  *dice
	pairs   map[string]*bucket // both guarded by state.mu
	paces   map[string]*bucket
	refusal int // sends refused so far: whose turn it is in FailCodes
	handler http.Handler

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	http   *http.Server
}

// New returns a running Server, with what its journal holds, that listens
// nowhere yet: use Start, or serve Handler.
func New(c Config) (*Server, error) {
	if len(c.Numbers) == 0 {
		c.Numbers = []Number{{PhoneNumberID: "106540352242922", Display: "+54 11 5555-0100", Name: "Hotel"}}
	}
	if c.Pace == 0 {
		c.Pace = 1
	}
	if c.RetryAfter == 0 {
		c.RetryAfter = 500 * time.Millisecond
	}
	if c.RetryMost == 0 {
		c.RetryMost = time.Minute
	}
	if c.Switches == nil {
		c.Switches = new(DefaultSwitches())
	}
	s := &Server{
		config: c, state: newState(*c.Switches), timers: newTimers(), events: newHub(),
		random: newDice(c.Seed), pairs: map[string]*bucket{}, paces: map[string]*bucket{},
	}
	j, err := openJournal(c.Dir, s.replay)
	if err != nil {
		return nil, fmt.Errorf("whatsapptest: journal: %w", err)
	}
	s.state.journal = j
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.post = newPostman(s)
	s.handler = s.routes()
	s.wg.Go(func() { s.timers.run(s.ctx) })
	s.resume()
	return s, nil
}

func (s *Server) replay(r record) {
	if r.Op == "reset" {
		s.state.clear()
		return
	}
	s.state.apply(r)
}

// resume goes on with what the last run left: deliveries and ticks.
func (s *Server) resume() {
	s.state.mu.Lock()
	in, out := s.state.unsettled()
	s.state.mu.Unlock()
	for _, m := range in {
		s.deliverMessage(m)
	}
	for _, m := range out {
		s.tick(m)
	}
}

// Handler serves the Graph API and /sim/.
func (s *Server) Handler() http.Handler { return s.handler }

// Start listens on addr and returns the base URL.
func (s *Server) Start(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() { _ = s.http.Serve(l) }) // ends with ErrServerClosed
	return "http://" + l.Addr().String(), nil
}

// Close stops everything and waits for it. Nothing that was recorded is lost.
func (s *Server) Close() error {
	s.cancel()
	var err error
	if s.http != nil {
		err = s.http.Close()
	}
	s.post.close()
	s.wg.Wait()
	return errors.Join(err, s.state.journal.close())
}

// Switches returns the faults and habits as they are set.
func (s *Server) Switches() Switches {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.switches.clone()
}

// Switch changes faults and habits.
func (s *Server) Switch(change func(*Switches)) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	after := s.state.switches.clone()
	change(&after)
	s.state.record(record{Op: "switches", Switches: &after})
}

// Reset forgets guests, threads and faults.
func (s *Server) Reset() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.clear()
	clear(s.pairs)
	clear(s.paces)
	s.state.switches = *s.config.Switches
	s.events.publish(Event{Type: "reset"})
	return s.state.journal.clear()
}

// number finds one of the hotels' numbers; the first one for an empty id.
func (s *Server) number(id string) (Number, bool) {
	for _, n := range s.config.Numbers {
		if n.PhoneNumberID == id || id == "" {
			return n, true
		}
	}
	return Number{}, false
}

// dice is the seeded randomness of the simulated world.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, 2026))} }

// hits tells whether something of that share happens now.
func (d *dice) hits(share float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < share
}

func (s *Server) between(low, high time.Duration) time.Duration {
	s.random.mu.Lock()
	defer s.random.mu.Unlock()
	return time.Duration(float64(low+time.Duration(s.random.r.Int64N(int64(high-low)))) * s.config.Pace)
}
