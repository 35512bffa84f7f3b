package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// AdminConfig is what the admin listener needs. Reception, Staff, Nudger and Log are required.
type AdminConfig struct {
	Reception Reception
	Staff     Staff
	Nudger    Nudger
	Pauser    Pauser          // the pause's button and its API; nil = none
	Privacy   Privacy         // nil = the store cannot serve guests' rights
	ReplyTo   hotel.ReplyMode // whom the bot answers, for the pages; "" = all
	Health    func() Health   // for the status page; nil = none
	// State is what the engine knows of itself, for the status; nil = nothing.
	State func(ctx context.Context) (State, error)
	// Webhooks replays the dead letter of a webhook: Public.Replay. nil = they are refused.
	Webhooks func(ctx context.Context, id int64) error
	// Backup writes a consistent copy of the store. nil = it is not the embedded one.
	Backup func(ctx context.Context, to io.Writer) error
	// Parked tells whether people have a guest, without the dialogue; nil = not asked.
	Parked func(ctx context.Context, guest hotel.GuestID) (bool, error)
	// Window is when a guest's session window ends, for the replay of a bubble;
	// nil = what the bubble was written with counts.
	Window func(ctx context.Context, guest hotel.GuestID) (time.Time, error)

	Password string // of the pages and of Basic; empty = loopback only, and no login
	Token    string // Bearer of the commands; empty = none
	// Hosts are further names under which a listener without a password may be
	// reached; localhost and loopback addresses always are. Any other name is
	// a page that points its own name at this machine.
	Hosts []string
	// Origins may post besides the listener's own: a proxy's that changes Host ("https://hotel.example").
	Origins   []string
	Isolation Isolation

	Title   string                      // of the pages; empty = Conserje
	Names   map[hotel.PropertyID]string // of the properties, for people; may be empty
	Zone    *time.Location              // of the times shown; nil = local
	Version string

	Log *slog.Logger
	Now func() time.Time // nil = time.Now
}

// Admin serves the reception pages, the admin API and pprof.
type Admin struct {
	AdminConfig
	server  *http.Server
	guard   *guard
	pages   *pages
	started time.Time
}

// NewAdmin makes the listener's server; Serve starts it. Invalid: an origin
// that is none.
func NewAdmin(c AdminConfig) (*Admin, error) {
	setDefault(&c.Title, "Conserje")
	setDefault(&c.Zone, time.Local)
	if c.Now == nil {
		c.Now = time.Now
	}
	a := &Admin{AdminConfig: c, guard: newGuard(c), pages: newPages(), started: c.Now()}
	crossOrigin := http.NewCrossOriginProtection()
	for _, o := range c.Origins {
		if err := crossOrigin.AddTrustedOrigin(o); err != nil {
			return nil, &hotel.Error{Op: "transport.NewAdmin", Kind: hotel.Invalid, Err: err}
		}
	}
	handler := secureStd(a.rescue(a.knownHost(crossOrigin.Handler(a.routes()))), securityHeaders(policyPages, c.Isolation))
	a.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      2 * time.Minute, // pprof takes its seconds
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return a, nil
}

// Handler is what Serve serves.
func (a *Admin) Handler() http.Handler { return a.server.Handler }

// Serve answers on ln until Shutdown. Invalid: ln is open to the world and
// there is no password.
func (a *Admin) Serve(ln net.Listener) error {
	if a.Password == "" && !loopback(ln.Addr()) {
		return &hotel.Error{Op: "transport.Admin.Serve", Kind: hotel.Invalid,
			Err: fmt.Errorf("the admin listener %s is not loopback and has no password", ln.Addr())}
	}
	headers := securityHeaders(policyPages, a.Isolation)
	if err := a.server.Serve(&headed{ln, headers}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown closes the listener and waits for the requests in hand.
func (a *Admin) Shutdown(ctx context.Context) error { return a.server.Shutdown(ctx) }

func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback() // a socket file, or memory: not the world
}

func (a *Admin) routes() http.Handler {
	open := http.NewServeMux()
	open.HandleFunc("GET /login", a.loginForm)
	open.HandleFunc("POST /login", a.login)
	open.HandleFunc("POST /logout", a.logout)
	open.HandleFunc("GET /static/{file}", a.static)

	inside := http.NewServeMux()
	a.pageRoutes(inside)
	a.apiRoutes(inside)
	a.pauseRoutes(inside)
	inside.HandleFunc("GET /debug/pprof/", pprof.Index)
	inside.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	inside.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	inside.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	inside.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	open.Handle("/", a.authenticated(inside))
	return open
}

// knownHost refuses requests to a name that is not ours, while there is no
// password: a page of the web may point its own name at 127.0.0.1 (DNS
// rebinding), and its scripts would then be of the same origin.
func (a *Admin) knownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r.Host); a.Password == "" && !localName(host) && !slices.Contains(a.Hosts, host) {
			http.Error(w, "this name is not ours; set a password, or name the host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is the name in a Host header, without its port.
func hostOf(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func localName(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// rescue answers 500 for a handler that panicked. The value of the panic is not
// logged, it may hold a guest's words.
func (a *Admin) rescue(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				a.Log.Error("handler panicked", "op", "transport.Admin", "stack", string(debug.Stack()))
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
