package transport_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/transport"
)

var arrival = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// intake records what it was handed, and answers with err.
type intake struct {
	mu       sync.Mutex
	err      error
	refuse   string // a message or receipt of this id makes its accept Invalid
	awayAt   int    // the store is away from this call on; 0 = never
	messages []hotel.Inbound
	receipts []hotel.Receipt
	dead     []hotel.DeadLetter
	calls    int
}

func (i *intake) Accept(_ context.Context, m []hotel.Inbound, r []hotel.Receipt, d []hotel.DeadLetter) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	if i.err != nil {
		return i.err
	}
	if i.awayAt > 0 && i.calls >= i.awayAt {
		return &hotel.Error{Op: "test", Kind: hotel.Unavailable}
	}
	bad := func(id string) bool { return i.refuse != "" && id == i.refuse }
	if slices.ContainsFunc(m, func(m hotel.Inbound) bool { return bad(m.MessageID) }) ||
		slices.ContainsFunc(r, func(r hotel.Receipt) bool { return bad(r.MessageID) }) {
		return &hotel.Error{Op: "test", Kind: hotel.Invalid}
	}
	i.messages = append(i.messages, m...)
	i.receipts = append(i.receipts, r...)
	i.dead = append(i.dead, d...)
	return nil
}

type gate struct{ full atomic.Bool }

func (g *gate) Full() bool { return g.full.Load() }

type secret string

func (s secret) sign(body []byte) string {
	m := hmac.New(sha256.New, []byte(s))
	m.Write(body)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

func (s secret) Verify(signature string, body []byte) bool {
	return hmac.Equal([]byte(s.sign(body)), []byte(signature))
}

// decode reads the tests' own wire: a hotel.Webhook as JSON.
func decode(body []byte, _ time.Time) (hotel.Webhook, error) {
	if bytes.Equal(body, []byte("panic")) {
		panic("a decoder's bug")
	}
	var w hotel.Webhook
	if err := json.Unmarshal(body, &w); err != nil {
		return w, &hotel.Error{Op: "test.decode", Kind: hotel.Invalid, Err: err}
	}
	return w, nil
}

type publicBundle struct {
	*transport.Public
	intake  *intake
	gate    *gate
	metrics *metrics.Metrics
	log     *syncBuffer
	addr    string
	url     string
	client  *http.Client
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newPublic makes a listener that nobody serves.
func newPublic(change func(*transport.Config)) *publicBundle {
	b := &publicBundle{intake: &intake{}, gate: &gate{}, metrics: metrics.New(), log: &syncBuffer{}}
	c := transport.Config{
		Intake: b.intake, Decode: decode, Verifier: secret("s3cret"), Gate: b.gate,
		VerifyToken: "token", Numbers: map[string]hotel.PropertyID{"111": "sol", "222": "luna"}, Default: "sol",
		Metrics: b.metrics, Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: func() time.Time { return arrival },
	}
	if change != nil {
		change(&c)
	}
	b.Public = transport.NewPublic(c)
	return b
}

func startPublic(t *testing.T, change func(*transport.Config)) *publicBundle {
	t.Helper()
	b := newPublic(change)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b.addr, b.url = ln.Addr().String(), "http://"+ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.Serve(ln) }()
	tr := &http.Transport{}
	b.client = &http.Client{Transport: tr}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, b.Shutdown(ctx))
		require.NoError(t, <-served)
	})
	return b
}

// reply is an answer read whole; every one is checked for the security headers.
type reply struct {
	status int
	body   string
	header http.Header
}

func do(t *testing.T, c *http.Client, method, url string, body []byte, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := c.Do(r)
	require.NoError(t, err)
	return readReply(t, resp)
}

func readReply(t *testing.T, resp *http.Response) reply {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	requireSecure(t, resp.Header)
	return reply{resp.StatusCode, string(b), resp.Header}
}

func requireSecure(t *testing.T, h http.Header) {
	t.Helper()
	require.Equal(t, []string{"nosniff"}, h.Values("X-Content-Type-Options"))
	require.Equal(t, []string{"DENY"}, h.Values("X-Frame-Options"))
	require.Contains(t, h.Get("Strict-Transport-Security"), "max-age=")
	require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'")
	require.NotContains(t, h.Get("Content-Security-Policy"), "unsafe")
	require.Equal(t, []string{"no-referrer"}, h.Values("Referrer-Policy"))
	require.Empty(t, h.Get("Server"))
}

func (b *publicBundle) post(t *testing.T, body []byte, headers ...string) reply {
	t.Helper()
	headers = append([]string{"X-Hub-Signature-256", secret("s3cret").sign(body), "Content-Type", "application/json"}, headers...)
	return do(t, b.client, http.MethodPost, b.url+"/api/webhooks/whatsapp", body, headers...)
}

func wire(t testing.TB, w hotel.Webhook) []byte {
	t.Helper()
	b, err := json.Marshal(w)
	require.NoError(t, err)
	return b
}

func hello(number, id string) hotel.Inbound {
	return hotel.Inbound{NumberID: number, MessageID: id, From: hotel.Address{Phone: "5492604000000"}, Kind: hotel.InText,
		Text: "hola", At: arrival}
}

func (b *publicBundle) scrape(t *testing.T, headers ...string) string {
	t.Helper()
	r := do(t, b.client, http.MethodGet, b.url+"/metrics", nil, headers...)
	require.Equal(t, 200, r.status)
	return r.body
}

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}
