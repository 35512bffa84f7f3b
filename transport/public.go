package transport

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// MaxBody is the largest webhook that is read; Meta sends at most 3 MB.
const MaxBody = 4 << 20

// Config is what the public listener needs. Intake, Decode, Metrics and Log are required.
type Config struct {
	Intake   Intake
	Decode   Decoder
	Verifier Verifier // nil = unsigned webhooks are taken: never in production
	Gate     Gate     // nil = no high-water mark
	Disk     Gate     // while it is full nothing at all is committed; nil = not watched

	Letters Letters // nil = Replay is not asked for

	VerifyToken string                      // of the webhook's subscription; empty = no subscription is confirmed
	Numbers     map[string]hotel.PropertyID // phone_number_id -> property
	Default     hotel.PropertyID            // takes webhooks without metadata

	Checks         map[string]Check // of /health/ready, by name
	MetricsToken   string           // demanded as Bearer by /metrics; empty = open
	Isolation      Isolation
	AllowedOrigins []string // CORS; "*" = any

	AcceptTimeout time.Duration // longest wait for a commit; 0 = 8 s, shorter than Meta's patience
	ReadTimeout   time.Duration // for a whole request; 0 = 10 s
	IdleTimeout   time.Duration // of a kept connection; 0 = 90 s
	Connections   int           // open at once; 0 = 8,192

	Metrics *metrics.Metrics
	Log     *slog.Logger
	Now     func() time.Time // nil = time.Now
}

// Public serves Meta, scrapers and health checks.
type Public struct {
	Config
	server   *fasthttp.Server
	headers  []header
	meter    meter
	metrics  fasthttp.RequestHandler
	ready    readiness
	draining atomic.Bool
	away     atomic.Bool    // the last accept found no store: logged once each way
	replays  sync.Mutex     // one at a time: no letter is taken in twice
	unsigned rate.Sometimes // a wrong app secret is common, and would flood the log
}

// NewPublic makes the listener's server; Serve starts it.
func NewPublic(c Config) *Public {
	setDefault(&c.AcceptTimeout, 8*time.Second)
	setDefault(&c.ReadTimeout, 10*time.Second)
	setDefault(&c.IdleTimeout, 90*time.Second)
	setDefault(&c.Connections, 8192)
	if c.Now == nil {
		c.Now = time.Now
	}
	p := &Public{
		Config:   c,
		headers:  securityHeaders(policyPublic, c.Isolation),
		meter:    newMeter(c.Metrics),
		metrics:  metricsHandler(c.Metrics.Registry),
		unsigned: rate.Sometimes{First: 1, Interval: time.Minute},
	}
	p.ready = readiness{checks: c.Checks}
	p.server = &fasthttp.Server{
		Handler:                      p.handle,
		ErrorHandler:                 p.broken,
		NoDefaultServerHeader:        true,
		MaxRequestBodySize:           MaxBody,
		ReadTimeout:                  c.ReadTimeout,
		WriteTimeout:                 c.ReadTimeout,
		IdleTimeout:                  c.IdleTimeout,
		Concurrency:                  2 * c.Connections, // the door refuses earlier, with our headers
		DisablePreParseMultipartForm: true,
		CloseOnShutdown:              true,
		Logger:                       silent{},
	}
	return p
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// silent: fasthttp would print addresses of peers; what matters is counted.
type silent struct{}

func (silent) Printf(string, ...any) {}

// Serve answers on ln until Shutdown. It returns nil after a Shutdown.
func (p *Public) Serve(ln net.Listener) error {
	err := p.server.Serve(&door{Listener: ln, limit: int64(p.Connections), headers: p.headers})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Drain makes readiness and webhooks answer 503; requests in hand are finished.
func (p *Public) Drain() { p.draining.Store(true) }

// Shutdown drains, closes the listener and waits for the requests in hand.
func (p *Public) Shutdown(ctx context.Context) error {
	p.Drain()
	return p.server.ShutdownWithContext(ctx)
}

// Handler is what Serve serves, for benchmarks and tests without a listener.
func (p *Public) Handler() fasthttp.RequestHandler { return p.handle }

// handle is the whole routing: four paths need no router.
func (p *Public) handle(ctx *fasthttp.RequestCtx) {
	defer p.rescue(ctx)

	secureFast(ctx, p.headers)
	if p.preflight(ctx) {
		return
	}
	switch string(ctx.Path()) {
	case "/api/webhooks/whatsapp":
		p.webhook(ctx)
	case "/health/live":
		p.read(ctx, p.live)
	case "/health/ready":
		p.read(ctx, p.readyz)
	case "/metrics":
		p.read(ctx, p.scrape)
	default:
		plain(ctx, fasthttp.StatusNotFound)
	}
}

// rescue answers 500 for a handler that panicked: fasthttp would let the whole
// process die. The value of the panic is not logged, it may hold a guest's words.
func (p *Public) rescue(ctx *fasthttp.RequestCtx) {
	if r := recover(); r != nil {
		p.Log.Error("handler panicked", "op", "transport.handle", "stack", string(debug.Stack()))
		ctx.Response.Reset()
		secureFast(ctx, p.headers)
		plain(ctx, fasthttp.StatusInternalServerError)
		p.meter.webhooks.WithLabelValues(statusLabel(fasthttp.StatusInternalServerError)).Inc()
	}
}

// read serves what may only be read.
func (p *Public) read(ctx *fasthttp.RequestCtx, h fasthttp.RequestHandler) {
	if !ctx.IsGet() && !ctx.IsHead() {
		notAllowed(ctx, "GET, HEAD")
		return
	}
	h(ctx)
}

// broken answers what never became a request: too large, too slow, or garbage.
func (p *Public) broken(ctx *fasthttp.RequestCtx, err error) {
	status := fasthttp.StatusBadRequest
	var small *fasthttp.ErrSmallBuffer
	var timeout net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status = fasthttp.StatusRequestEntityTooLarge
	case errors.As(err, &small):
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.As(err, &timeout) && timeout.Timeout():
		status = fasthttp.StatusRequestTimeout
	}
	ctx.Response.Reset()
	secureFast(ctx, p.headers)
	plain(ctx, status)
	p.meter.webhooks.WithLabelValues(statusLabel(status)).Inc()
	if c, ok := ctx.Conn().(*guarded); ok {
		c.linger.Store(true)
	}
}

// plain answers a status with its own text.
func plain(ctx *fasthttp.RequestCtx, status int) {
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString(fasthttp.StatusMessage(status))
}

func notAllowed(ctx *fasthttp.RequestCtx, allow string) {
	plain(ctx, fasthttp.StatusMethodNotAllowed)
	ctx.Response.Header.Set("Allow", allow)
}
