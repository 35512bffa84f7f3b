package transport

import (
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	cookieName   = "conserje_session"
	sessionLife  = 12 * time.Hour // a long shift
	maxSessions  = 1000
	maxAddresses = 1000
	triesBurst   = 5 // wrong passwords of one address; then one every triesEvery
	triesEvery   = 10 * time.Second
)

// guard knows who may come in: sessions of the pages, the commands' token, and
// how often an address has guessed. Sessions live in memory: after a restart
// people log in again.
type guard struct {
	password, token string
	now             func() time.Time

	mu       sync.Mutex
	sessions map[[32]byte]session // by the hash of the cookie's value
	tries    map[string]*rate.Limiter
}

type session struct {
	by      string
	expires time.Time
}

func newGuard(c AdminConfig) *guard {
	return &guard{password: c.Password, token: c.Token, now: c.Now,
		sessions: map[[32]byte]session{}, tries: map[string]*rate.Limiter{}}
}

// command is who asks with the token, when the request does not say more.
const command = "command"

// pass is the outcome of asking for a secret.
type pass int

const (
	refused pass = iota
	admitted
	tooOften
)

// who tells who asks. Without a password everyone who reaches the listener is
// reception, but a wrong secret is never overlooked.
func (g *guard) who(r *http.Request) (by string, p pass) {
	if token := bearer(r.Header.Get("Authorization")); token != "" {
		if same(g.token, token) { // nobody guesses it: wrong passwords from here lock no command out
			return command, admitted
		}
		return command, g.try(r, g.token, token)
	}
	if user, password, ok := r.BasicAuth(); ok {
		return user, g.try(r, g.password, password)
	}
	if g.password == "" {
		return "", admitted
	}
	if c, err := r.Cookie(cookieName); err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		if s, ok := g.sessions[sha256.Sum256([]byte(c.Value))]; ok && g.now().Before(s.expires) {
			return s.by, admitted
		}
	}
	return "", refused
}

// try compares a secret, and lets an address that guesses wrong wait. All under
// the lock: many tries at once are not worth more than one after the other.
func (g *guard) try(r *http.Request, want, given string) pass {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	g.mu.Lock()
	defer g.mu.Unlock()

	l := g.tries[address]
	if l != nil && l.TokensAt(g.now()) < 1 {
		return tooOften
	}
	if same(want, given) {
		return admitted
	}
	if l == nil {
		if len(g.tries) >= maxAddresses {
			clear(g.tries)
		}
		l = rate.NewLimiter(rate.Every(triesEvery), triesBurst)
		g.tries[address] = l
	}
	l.AllowN(g.now(), 1)
	return refused
}

// open begins a session and returns its cookie.
func (g *guard) open(by string, secure bool) *http.Cookie {
	value := rand.Text() + rand.Text()
	g.mu.Lock()
	defer g.mu.Unlock()

	now := g.now()
	for k, s := range g.sessions { // past the limit, others log in again
		if !now.Before(s.expires) || len(g.sessions) >= maxSessions {
			delete(g.sessions, k)
		}
	}
	g.sessions[sha256.Sum256([]byte(value))] = session{by, now.Add(sessionLife)}
	return sessionCookie(value, int(sessionLife.Seconds()), secure)
}

// close ends the request's session and returns the cookie that says so.
func (g *guard) close(r *http.Request) *http.Cookie {
	if c, err := r.Cookie(cookieName); err == nil {
		g.mu.Lock()
		delete(g.sessions, sha256.Sum256([]byte(c.Value)))
		g.mu.Unlock()
	}
	return sessionCookie("", -1, false)
}

func sessionCookie(value string, age int, secure bool) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, //nolint:gosec // Secure follows the connection: loopback has no TLS
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
}
