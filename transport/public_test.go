package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func TestRefusalsOfThePublicSide(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)

	for name, c := range map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"Put":         {http.MethodPut, "/api/webhooks/whatsapp", 405, "GET, POST"},
		"Head":        {http.MethodHead, "/api/webhooks/whatsapp", 405, "GET, POST"},
		"Options":     {http.MethodOptions, "/api/webhooks/whatsapp", 405, "GET, POST"},
		"PostMetrics": {http.MethodPost, "/metrics", 405, "GET, HEAD"},
		"PostLive":    {http.MethodPost, "/health/live", 405, "GET, HEAD"},
		"Unknown":     {http.MethodGet, "/", 404, ""},
		"Traversal":   {http.MethodGet, "/api/../../etc/passwd", 404, ""},
		"Admin":       {http.MethodGet, "/admin/api/handoffs", 404, ""},
		"HeadLive":    {http.MethodHead, "/health/live", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := do(t, b.client, c.method, b.url+c.path, nil)

			require.Equal(t, c.status, r.status)
			require.Equal(t, c.allow, r.header.Get("Allow"))
		})
	}
}

func TestOversizeBodyIs413(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)

	largest := append([]byte(`{"Ignored":["`), bytes.Repeat([]byte("x"), transport.MaxBody-16)...)
	require.Equal(t, 200, b.post(t, append(largest, []byte(`"]}`)...)).status)

	require.Equal(t, 413, b.post(t, bytes.Repeat([]byte("x"), transport.MaxBody+1)).status)
	require.Zero(t, b.intake.calls)
	require.Contains(t, b.scrape(t), `conserje_webhooks_total{status="413"} 1`)
}

// raw writes bytes that no client would, and reads one answer.
func raw(t *testing.T, addr, request string) reply {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	return readReply(t, resp)
}

func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)
	hasty := startPublic(t, func(c *transport.Config) { c.ReadTimeout = 200 * time.Millisecond })

	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"Garbage":     {"\x16\x03\x01 hello\r\n\r\n", 400},
		"HugeHeader":  {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 8000) + "\r\n\r\n", 431},
		"SlowBody":    {"POST /api/webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", 408},
		"SlowHeader":  {"POST /api/webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-", 408},
		"HugeChunk":   {"POST /api/webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n" + strings.Repeat("z", 5<<20), 413},
		"TwoLengths":  {"POST /api/webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		"AbsurdLimit": {"POST /api/webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			addr := b.addr
			if c.status == http.StatusRequestTimeout {
				addr = hasty.addr
			}
			require.Equal(t, c.status, raw(t, addr, c.request).status)
		})
	}
}

func TestTooManyConnectionsAreToldSo(t *testing.T) {
	t.Parallel()
	b := startPublic(t, func(c *transport.Config) { c.Connections = 1 })
	require.Equal(t, 200, do(t, b.client, http.MethodGet, b.url+"/health/live", nil).status) // and stays open

	r := raw(t, b.addr, "")

	require.Equal(t, 503, r.status)
	require.Equal(t, "2", r.header.Get("Retry-After"))
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	var down atomic.Bool
	now := &clock{t: arrival}
	b := startPublic(t, func(c *transport.Config) {
		c.Now = now.Now
		c.Checks = map[string]transport.Check{
			"store": func(context.Context) error { calls.Add(1); return nil },
			"pms": func(context.Context) error {
				if down.Load() {
					return &hotel.Error{Op: "x", Kind: hotel.Unavailable, Err: errors.New("10.0.0.7 refused")}
				}
				return nil
			},
		}
	})
	ready := func() reply { return do(t, b.client, http.MethodGet, b.url+"/health/ready", nil) }

	require.JSONEq(t, `{"status":"live"}`, do(t, b.client, http.MethodGet, b.url+"/health/live", nil).body)
	for range 5 {
		r := ready()
		require.Equal(t, 200, r.status)
		require.Equal(t, "application/json", r.header.Get("Content-Type"))
		require.JSONEq(t, `{"status":"ready","checks":{"store":"ok","pms":"ok"}}`, r.body)
	}
	require.EqualValues(t, 1, calls.Load()) // shared for a second

	down.Store(true)
	now.add(time.Second)
	r := ready()
	require.Equal(t, 503, r.status)
	require.JSONEq(t, `{"status":"unready","checks":{"store":"ok","pms":"unavailable"}}`, r.body)

	down.Store(false)
	now.add(time.Second)
	b.Drain()
	r = ready()
	require.Equal(t, 503, r.status)
	require.JSONEq(t, `{"status":"draining","checks":{"store":"ok","pms":"ok"}}`, r.body)
	require.Equal(t, 503, b.post(t, []byte("{}")).status) // takes nothing new
	require.Zero(t, b.intake.calls)
	require.Equal(t, 200, do(t, b.client, http.MethodGet, b.url+"/health/live", nil).status)
}

func TestMetricsToken(t *testing.T) {
	t.Parallel()
	b := startPublic(t, func(c *transport.Config) { c.MetricsToken = "scrape" })

	for _, given := range []string{"", "Bearer", "Bearer wrong", "Basic scrape", "scrape"} {
		r := do(t, b.client, http.MethodGet, b.url+"/metrics", nil, "Authorization", given)
		require.Equal(t, 401, r.status, given)
		require.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"))
		require.NotContains(t, r.body, "conserje_")
	}
	require.Contains(t, b.scrape(t, "Authorization", "bearer scrape"), "orchestrator_latency_seconds")
}

func TestIsolationAndCORS(t *testing.T) {
	t.Parallel()
	b := startPublic(t, func(c *transport.Config) {
		c.Isolation = transport.Isolation{COOP: true, COEP: true}
		c.AllowedOrigins = []string{"https://panel.example"}
	})
	url := b.url + "/health/live"

	r := do(t, b.client, http.MethodGet, url, nil, "Origin", "https://panel.example")
	require.Equal(t, "same-origin", r.header.Get("Cross-Origin-Opener-Policy"))
	require.Equal(t, "require-corp", r.header.Get("Cross-Origin-Embedder-Policy"))
	require.Equal(t, "https://panel.example", r.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "Origin", r.header.Get("Vary"))

	r = do(t, b.client, http.MethodGet, url, nil, "Origin", "https://evil.example")
	require.Empty(t, r.header.Get("Access-Control-Allow-Origin"))

	r = do(t, b.client, http.MethodOptions, url, nil, "Origin", "https://panel.example", "Access-Control-Request-Method", "GET")
	require.Equal(t, 204, r.status)
	require.Contains(t, r.header.Get("Access-Control-Allow-Methods"), "GET")

	r = do(t, b.client, http.MethodOptions, url, nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "GET")
	require.Equal(t, 405, r.status)
}

func TestSecretsAndGuestsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)
	body := wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "wamid.SECRET")}})
	b.intake.err = &hotel.Error{Op: "test", Kind: hotel.Unavailable}

	b.post(t, body)
	b.post(t, body, "X-Hub-Signature-256", "sha256=bad")
	b.post(t, []byte("panic"))

	for _, private := range []string{"wamid", "5492604000000", "hola", "s3cret", "a decoder's bug"} {
		require.NotContains(t, b.log.String(), private)
	}
	require.Contains(t, b.log.String(), "bad signature")
}

func TestRequestInHandIsFinishedByShutdown(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	b := startPublic(t, func(c *transport.Config) { c.Intake = slow{entered, release} })
	body := wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a")}})
	closed, done := make(chan bool, 1), make(chan error, 1)
	go func() {
		<-entered
		go func() { done <- b.Shutdown(t.Context()) }()
		closed <- refusesWithin(b.addr, 5*time.Second) // the listener closes first
		close(release)
	}()

	require.Equal(t, 200, b.post(t, body).status)
	require.True(t, <-closed)
	require.NoError(t, <-done)
}

func refusesWithin(addr string, patience time.Duration) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return true
		}
		_ = c.Close()
	}
	return false
}

func TestPanicIsOneAnswer(t *testing.T) {
	t.Parallel()
	b := startPublic(t, func(c *transport.Config) { c.Intake = nil })

	require.Equal(t, 500, b.post(t, wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a")}})).status)
	require.Equal(t, 200, b.post(t, []byte("{}")).status)
	require.Contains(t, b.log.String(), "handler panicked")
	require.Contains(t, b.scrape(t), `conserje_webhooks_total{status="500"} 1`)
}

type slow struct{ entered, release chan struct{} }

func (s slow) Accept(context.Context, []hotel.Inbound, []hotel.Receipt, []hotel.DeadLetter) error {
	close(s.entered)
	<-s.release
	return nil
}
