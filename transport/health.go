package transport

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/conserje/conserje/hotel"
)

const (
	checkPatience = 2 * time.Second
	checkAge      = time.Second // an answer serves everyone who asks within it
)

// Health is the body of /health/ready, and a part of the status page.
type Health struct {
	Status string            `json:"status"` // ready, unready or draining
	Checks map[string]string `json:"checks"` // by name: "ok", or the kind of its error
}

// readiness runs the checks at most once a second, however many ask.
type readiness struct {
	checks map[string]Check
	mu     sync.Mutex
	at     time.Time
	last   Health
}

func (r *readiness) ask(now time.Time) Health {
	r.mu.Lock()
	defer r.mu.Unlock()

	if age := now.Sub(r.at); !r.at.IsZero() && age >= 0 && age < checkAge {
		return r.last
	}
	r.last, r.at = runChecks(r.checks), now
	return r.last
}

// runChecks asks all at once: one that hangs costs the others nothing, and is
// unavailable when its patience is over.
func runChecks(checks map[string]Check) Health {
	ctx, cancel := context.WithTimeout(context.Background(), checkPatience)
	defer cancel()

	type result struct{ name, text string }
	results := make(chan result, len(checks))
	for name, check := range checks {
		go func() {
			if err := check(ctx); err != nil {
				results <- result{name, hotel.KindOf(err).String()}
				return
			}
			results <- result{name, "ok"}
		}()
	}
	h := Health{Status: "ready", Checks: make(map[string]string, len(checks))}
	for name := range checks {
		h.Checks[name] = hotel.Unavailable.String()
	}
	for range checks {
		select {
		case r := <-results:
			h.Checks[r.name] = r.text
		case <-ctx.Done():
		}
	}
	for _, text := range h.Checks {
		if text != "ok" {
			h.Status = "unready"
		}
	}
	return h
}

// Health tells how the engine's health stands, as /health/ready does.
func (p *Public) Health() Health {
	h := p.ready.ask(p.Now())
	if p.draining.Load() {
		h.Status = "draining"
	}
	return h
}

func (p *Public) live(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"status":"live"}`)
}

func (p *Public) readyz(ctx *fasthttp.RequestCtx) {
	h := p.Health()
	ctx.Response.Header.Set("Cache-Control", "no-store")
	if h.Status != "ready" {
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
		ctx.Response.Header.Set("Retry-After", retryAfter)
	}
	ctx.SetContentType("application/json")
	if err := json.NewEncoder(ctx).Encode(h); err != nil {
		plain(ctx, fasthttp.StatusInternalServerError)
	}
}

func metricsHandler(r *prometheus.Registry) fasthttp.RequestHandler {
	return fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true}))
}

func (p *Public) scrape(ctx *fasthttp.RequestCtx) {
	if p.MetricsToken != "" && !same(p.MetricsToken, bearer(string(ctx.Request.Header.Peek("Authorization")))) {
		plain(ctx, fasthttp.StatusUnauthorized)
		ctx.Response.Header.Set("WWW-Authenticate", "Bearer")
		return
	}
	p.metrics(ctx)
}

// bearer is the token of an Authorization header; empty when it is of another kind.
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
