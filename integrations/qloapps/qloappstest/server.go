package qloappstest

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DemoKey is the web service key of the demo's stand-in. It opens nothing else.
const DemoKey = "DEMOKEYDEMOKEYDEMOKEYDEMOKEY0001"

// Key is a further web service key, with less than everything.
type Key struct {
	Key      string
	Inactive bool
	NoShop   bool                // the row that ties it to the shop is missing
	Allow    map[string][]string // resource -> methods
}

// Delay is how long a booking takes between its check and its insert.
type Delay struct{ Min, Max time.Duration }

// RealDelay is what was measured on a real server.
var RealDelay = Delay{50 * time.Millisecond, 150 * time.Millisecond}

// Config tells what to stand in for.
type Config struct {
	Property Property
	Key      string // 32 characters, may do everything; empty = DemoKey
	Keys     []Key  // more of them
	Dir      string // folder of the log; empty = memory only
	Host     string // any other Host header is redirected; empty = every host is right
	Create   Delay  // zero = none
	Profile  bool   // starts, and after a reset, as slow as a real server: see Switches.Profile
	Seed     uint64 // of the profile's draws
	Now      func() time.Time
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	config   Config
	store    *store
	switches switchboard
	events   eventLog
	tally    tally
	underWay atomic.Int64 // calls of the API that are being worked on
	draws    sync.Mutex
	luck     *rand.Rand // of the profile

	mu       sync.Mutex
	http     *http.Server
	closed   chan struct{}
	closing  sync.Once
	requests sync.WaitGroup
}

// New returns a stand-in; with a Dir, it goes on where the last one of that folder ended.
func New(config Config) (*Server, error) {
	if config.Key == "" {
		config.Key = DemoKey
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Property.Zone == nil {
		config.Property.Zone = time.UTC
	}
	st, fresh, err := openStore(config.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, store: st, closed: make(chan struct{}), luck: newLuck(config.Seed)}
	s.switches.set(s.start())
	if fresh {
		if err := s.seed(); err != nil {
			return nil, errors.Join(err, st.close())
		}
	}
	return s, nil
}

// start are the switches that it starts with, and has after a reset.
func (s *Server) start() Switches { return Switches{Strict: true, Profile: s.config.Profile} }

// Start listens on addr ("127.0.0.1:0") and returns the base URL.
func (s *Server) Start(addr string) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return "", fmt.Errorf("qloappstest: %w", err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.http = srv
	s.mu.Unlock()
	s.requests.Go(func() { _ = srv.Serve(l) }) // ends with ErrServerClosed
	return "http://" + l.Addr().String(), nil
}

// Close stops listening, releases hanging requests and closes the log.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		s.mu.Lock()
		srv := s.http
		s.mu.Unlock()
		if srv != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if srv.Shutdown(ctx) != nil {
				err = srv.Close()
			}
		}
		s.requests.Wait()
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		err = errors.Join(err, s.store.close())
	})
	return err
}

// Handler answers /api/... and /sim/....
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api", s.api)
	mux.HandleFunc("/api/", s.api)
	s.simRoutes(mux)
	return mux
}

func (s *Server) now() time.Time { return s.config.Now().In(s.config.Property.Zone) }

func (s *Server) stamp() string { return s.now().Format(time.DateTime) }

func (s *Server) link(resource string, id any) string {
	host := s.config.Host
	if host == "" {
		host = "localhost"
	}
	return "http://" + host + "/api/" + resource + "/" + text(id)
}

// answer is what a request gets.
type answer struct {
	status   int
	body     string
	kind     string // Content-Type; "" = none
	bare     bool   // without the web service's own headers: PHP died, or never got there
	location string
	stored   bool // a booking was stored: for booked_but_500
	odd      bool // 200, but nothing was done
}

const (
	fatalError    = "Fatal error"
	invalidStatus = "Invalid new order status"
)

// odd is what PHP prints as it dies.
func odd(words string) answer {
	a := html(http.StatusOK, words)
	a.odd = true
	return a
}

// dies tells whether PHP dies of this call, by a switch or a drawn fault.
func (c *call) dies() *answer {
	var a answer
	switch {
	case c.sw.Odd200:
		a = odd(fatalError)
	case c.sw.drawn == FaultStatus:
		a = odd(invalidStatus)
	default:
		return nil
	}
	return &a
}

func html(status int, body string) answer {
	return answer{status: status, body: body, kind: "text/html; charset=utf-8", bare: true}
}

// problem is one element of an error answer.
type problem struct {
	code    int
	message string
}

// call is a request that passed authentication.
type call struct {
	*http.Request
	resource string
	id       string
	json     bool // output
	sw       Switches
	body     []byte
}

func (c *call) refuse(status int, problems ...problem) answer {
	if c.json {
		l := list{}
		for _, p := range problems {
			l.vals = append(l.vals, object{{"code", p.code}, {"message", p.message}})
		}
		return c.respond(status, object{{"errors", l}}, "")
	}
	var w strings.Builder
	w.WriteString(xmlHead + "<errors>\n")
	for _, p := range problems {
		w.WriteString("<error>\n<code>" + cdata(p.code) + "</code>\n<message>" + cdata(p.message) + "</message>\n</error>\n")
	}
	w.WriteString("</errors>\n</qloapps>\n")
	return c.respond(status, nil, w.String())
}

// respond takes both forms and gives the one asked for.
func (c *call) respond(status int, j any, x string) answer {
	if !c.json {
		return answer{status: status, body: x, kind: "text/xml;charset=utf-8"}
	}
	var w strings.Builder
	writeJSON(&w, j)
	return answer{status: status, body: w.String(), kind: "application/json"}
}

func missing() answer { return answer{status: http.StatusNotFound} }

// write sends the answer, with the headers that QloApps' answers carry.
func (s *Server) write(w http.ResponseWriter, r *http.Request, a answer, took time.Duration) {
	h := w.Header()
	h.Set("Server", "Apache/2.4.71 (Debian)")
	if !a.bare {
		sum := sha1.Sum([]byte(a.body))
		h.Set("Access-Time", strconv.FormatInt(s.now().Unix(), 10))
		h.Set("X-Powered-By", "PrestaShop Webservice")
		h["PSWS-Version"] = []string{"1.6.1.23"}
		h.Set("Execution-Time", strconv.FormatFloat(took.Seconds(), 'f', 3, 64))
		h.Set("Content-Sha1", hex.EncodeToString(sum[:]))
	}
	if a.location == "" { // PHP's own answers have it too
		h.Set("Set-Cookie", fmt.Sprintf("QloApps-standin=%016x; path=/; HttpOnly; SameSite=Lax", rand.Uint64()))
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	} else {
		h["Content-Type"] = nil
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="Welcome to QloApps Webservice, please enter the authentication key as the login. No password required."`)
	}
	if a.status == http.StatusBadRequest || a.status == http.StatusInternalServerError {
		h.Set("Connection", "close")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(a.body)) // the client may be gone: the booking stays
	}
}
