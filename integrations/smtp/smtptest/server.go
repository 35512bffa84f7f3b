// Package smtptest is a stand-in for an SMTP provider: it speaks real SMTP with
// STARTTLS and AUTH, keeps what it received, and makes faults when told to.
package smtptest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// Config is how the stand-in is set up. The zero Config offers no TLS and asks
// for no password.
type Config struct {
	Username string // empty = no authentication is offered
	Password string
	TLS      *Identity // nil = in the clear
	Implicit bool      // TLS from the first byte instead of STARTTLS
}

// Faults are what goes wrong. Each names a step and its reply: "451 4.3.0 busy".
type Faults struct {
	Auth, Mail, Rcpt, Data, Done string // Done = after the message was read, which is then not kept
	RefuseTo                     string // this recipient gets "550 5.1.1"
	CutAfterData                 bool   // the message is kept and the connection cut before the answer
	CutBeforeData                bool   // the connection is cut at MAIL
	Greet                        string // instead of the greeting
}

// Received is one mail that was taken.
type Received struct {
	From string
	To   []string
	Raw  []byte
	At   time.Time
}

// Server is the stand-in. Make one with Start; it is safe for concurrent use.
type Server struct {
	cfg      Config
	server   *gosmtp.Server
	listener net.Listener
	done     chan struct{}

	mu       sync.Mutex
	faults   Faults
	received []Received
	conns    int
}

// Start listens on addr ("127.0.0.1:0").
func Start(addr string, cfg Config) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, listener: l, done: make(chan struct{})}
	s.server = gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &session{server: s, conn: c, open: cfg.Username == ""}, nil
	}))
	s.server.Domain = "smtp.test"
	s.server.ReadTimeout, s.server.WriteTimeout = 10*time.Second, 10*time.Second
	s.server.MaxMessageBytes = 25 << 20
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	s.server.AllowInsecureAuth = cfg.TLS == nil || cfg.Implicit
	serve := net.Listener(greeter{l, s})
	if cfg.TLS != nil && cfg.Implicit {
		serve = tls.NewListener(serve, cfg.TLS.Server())
	} else if cfg.TLS != nil {
		s.server.TLSConfig = cfg.TLS.Server()
	}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(serve)
	}()
	return s, nil
}

// Host of the stand-in.
func (s *Server) Host() string { return s.listener.Addr().(*net.TCPAddr).IP.String() }

// Port of the stand-in.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host(), strconv.Itoa(s.Port())) }

// Close ends it and every connection.
func (s *Server) Close() error {
	err := s.server.Close()
	<-s.done
	if errors.Is(err, gosmtp.ErrServerClosed) {
		return nil
	}
	return err
}

// Set makes faults from now on.
func (s *Server) Set(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Received lists what was taken, oldest first.
func (s *Server) Received() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

// Connections counts those that were made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *Server) now() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// greeter counts connections, and turns them away when told to.
type greeter struct {
	net.Listener
	server *Server
}

// Accept waits for a connection that is not turned away.
func (g greeter) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g.server.mu.Lock()
		g.server.conns++
		greet := g.server.faults.Greet
		g.server.mu.Unlock()
		if greet == "" {
			return c, nil
		}
		_, _ = io.WriteString(c, greet+"\r\n")
		_ = c.Close()
	}
}

type session struct {
	server *Server
	conn   *gosmtp.Conn
	open   bool
	from   string
	to     []string
}

// AuthMechanisms offers PLAIN.
func (s *session) AuthMechanisms() []string {
	if s.server.cfg.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks the password.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if err := fault(s.server.now().Auth); err != nil {
			return err
		}
		if username != s.server.cfg.Username || password != s.server.cfg.Password {
			return fault("535 5.7.8 Username and Password not accepted")
		}
		s.open = true
		return nil
	}), nil
}

// Mail takes the sender.
func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	f := s.server.now()
	if f.CutBeforeData {
		_ = s.conn.Conn().Close()
	}
	if !s.open {
		return fault("530 5.7.0 Authentication Required")
	}
	s.from = from
	return fault(f.Mail)
}

// Rcpt takes a recipient.
func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	f := s.server.now()
	if f.RefuseTo == to {
		return fault("550 5.1.1 The email account that you tried to reach does not exist")
	}
	if err := fault(f.Rcpt); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the message.
func (s *session) Data(r io.Reader) error {
	f := s.server.now()
	if err := fault(f.Data); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := fault(f.Done); err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.received = append(s.server.received, Received{From: s.from, To: s.to, Raw: raw, At: time.Now()})
	s.server.mu.Unlock()
	if f.CutAfterData {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// Reset forgets the envelope.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }
