package gmailtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config is how the stand-in is set up. The zero Config is an empty mailbox in
// memory that takes any client and any account.
type Config struct {
	Dir            string // where mails are kept; empty = memory
	ClientID       string // empty = any
	ClientSecret   string // empty = any
	RefreshToken   string // empty = any
	Account        string // its address: another From is silently replaced by it; empty = any
	UnitsPerMinute int    // of one account; 0 = 6,000, negative = no limit
	Daily          int    // mails of one account in 24 h; 0 = no limit
	Keep           int    // mails kept at most, the oldest go; 0 = 10,000
	Now            func() time.Time
}

// sendUnits is what one send costs.
const sendUnits = 100

// Server is the stand-in. Make one with New; it is safe for concurrent use.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	journal *journal

	mu       sync.Mutex
	switches Switches
	tokens   map[string]token // access tokens given out
	mails    []Mail           // oldest first
	spent    map[string][]time.Time
	tokenAsk int
	sendAsk  int

	http *http.Server
	done chan struct{}
	stop chan struct{} // closed by Close: hanging answers end
	once sync.Once
}

type token struct {
	account string // the refresh token it came from
	expires time.Time
}

// New opens the mailbox.
func New(cfg Config) (*Server, error) {
	if cfg.UnitsPerMinute == 0 {
		cfg.UnitsPerMinute = 6000
	}
	if cfg.Keep == 0 {
		cfg.Keep = 10_000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), tokens: map[string]token{}, spent: map[string][]time.Time{},
		stop: make(chan struct{})}
	j, mails, err := openJournal(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s.journal = j
	for _, m := range mails {
		s.remember(m)
	}
	s.mux.HandleFunc("POST /token", s.handleToken)
	s.mux.HandleFunc("POST /gmail/v1/users/{user}/messages/send", s.handleSend)
	s.mux.HandleFunc("GET /sim/mails", s.handleList)
	s.mux.HandleFunc("GET /sim/mails/{id}", s.handleMail)
	s.mux.HandleFunc("GET /sim/switches", s.handleSwitches)
	s.mux.HandleFunc("POST /sim/switches", s.handleSwitches)
	s.mux.HandleFunc("POST /sim/reset", s.handleReset)
	return s, nil
}

// Handler is everything the stand-in answers.
func (s *Server) Handler() http.Handler { return s.mux }

// Start listens on addr ("127.0.0.1:0") and returns the base URL: it is the
// client's endpoint, and its token URL is that + "/token".
func (s *Server) Start(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.http = &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l)
	}()
	return "http://" + l.Addr().String(), nil
}

// Close stops listening and closes the mailbox. A repeat does nothing.
func (s *Server) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		if s.http != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if e := s.http.Shutdown(ctx); e != nil {
				err = s.http.Close()
			}
			<-s.done
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		err = errors.Join(err, s.journal.close())
	})
	return err
}

// Mails lists what was taken, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Set turns the fault switches.
func (s *Server) Set(sw Switches) error {
	if err := sw.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = sw
	return nil
}

// Asked counts the requests to the token endpoint and to the send endpoint.
func (s *Server) Asked() (tokens, sends int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokenAsk, s.sendAsk
}

// RevokeTokens makes every access token given out so far unknown: the next
// sends with them meet 401.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// remember appends a mail to the mailbox; s.mu is held, or s is new.
func (s *Server) remember(m Mail) {
	s.mails = append(s.mails, m)
	if len(s.mails) > s.cfg.Keep {
		s.mails = append([]Mail(nil), s.mails[len(s.mails)-s.cfg.Keep:]...)
	}
	s.spent[m.Account] = append(s.spent[m.Account], m.At)
}

// pause waits as a slow server does, and ends early with the caller or the server.
func (s *Server) pause(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	case <-s.stop:
	}
}

func newID() string { return rand.Text()[:16] }
