package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

func TestSubscribe(t *testing.T) {
	t.Parallel()
	const path = "/api/webhooks/whatsapp"

	for name, c := range map[string]struct {
		token  string
		query  string
		status int
		body   string
	}{
		"Right":         {"token", "?hub.mode=subscribe&hub.challenge=test123&hub.verify_token=token", 200, "test123"},
		"WrongToken":    {"token", "?hub.mode=subscribe&hub.challenge=test123&hub.verify_token=tokem", 403, "Forbidden"},
		"NoToken":       {"token", "?hub.mode=subscribe&hub.challenge=test123", 403, "Forbidden"},
		"OtherMode":     {"token", "?hub.mode=unsubscribe&hub.challenge=test123&hub.verify_token=token", 403, "Forbidden"},
		"Nothing":       {"token", "", 403, "Forbidden"},
		"NotConfigured": {"", "?hub.mode=subscribe&hub.challenge=test123&hub.verify_token=", 403, "Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := startPublic(t, func(c2 *transport.Config) { c2.VerifyToken = c.token })
			r := do(t, b.client, http.MethodGet, b.url+path+c.query, nil)

			require.Equal(t, c.status, r.status)
			require.Equal(t, c.body, r.body)
			require.Contains(t, r.header.Get("Content-Type"), "text/plain")
		})
	}
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	body := wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "wamid.1")}})
	away := &hotel.Error{Op: "test", Kind: hotel.Unavailable}

	for name, c := range map[string]struct {
		change   func(*transport.Config)
		err      error
		body     []byte
		headers  []string
		status   int
		messages int
		dead     int
	}{
		"Signed":           {body: body, status: 200, messages: 1},
		"AnyContentType":   {body: body, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 200, messages: 1},
		"NoContentType":    {body: body, headers: []string{"Content-Type", ""}, status: 200, messages: 1},
		"Multipart":        {body: body, headers: []string{"Content-Type", "Multipart/form-data; boundary=x"}, status: 415},
		"BadSignature":     {body: body, headers: []string{"X-Hub-Signature-256", "sha256=00"}, status: 401},
		"NoSignature":      {body: body, headers: []string{"X-Hub-Signature-256", ""}, status: 401},
		"EmptyBody":        {body: nil, status: 200, dead: 1},
		"Undecodable":      {body: []byte("{\"broken\x00"), status: 200, dead: 1},
		"DecoderPanics":    {body: []byte("panic"), status: 200, dead: 1},
		"NothingInIt":      {body: []byte("{}"), status: 200},
		"StoreAway":        {body: body, err: away, status: 503},
		"StoreAwayGarbage": {body: []byte("garbage"), err: away, status: 503},
		"UnknownError":     {body: body, err: errors.New("what is this"), status: 503},
		"UnsignedTaken": {change: func(c *transport.Config) { c.Verifier = nil }, body: body,
			headers: []string{"X-Hub-Signature-256", ""}, status: 200, messages: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := startPublic(t, c.change)
			b.intake.err = c.err
			r := b.post(t, c.body, c.headers...)

			require.Equal(t, c.status, r.status)
			require.Len(t, b.intake.messages, c.messages)
			require.Len(t, b.intake.dead, c.dead)
			if c.status == 503 {
				require.Equal(t, "5", r.header.Get("Retry-After"))
				require.Contains(t, b.log.String(), "webhooks cannot be committed")
			}
			require.Contains(t, b.scrape(t), `conserje_webhooks_total{status="`+itoa(c.status)+`"} 1`)
		})
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func (b *publicBundle) scrape(t *testing.T, headers ...string) string {
	t.Helper()
	r := do(t, b.client, http.MethodGet, b.url+"/metrics", nil, headers...)
	require.Equal(t, 200, r.status)
	return r.body
}

func TestWebhookDeadLetterKeepsTheBody(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)

	require.Equal(t, 200, b.post(t, []byte("first garbage")).status)
	require.Equal(t, 200, b.post(t, []byte("other")).status) // the connection's buffer is used again

	require.Equal(t, "first garbage", string(b.intake.dead[0].Body))
	require.Equal(t, "webhook", b.intake.dead[0].Source)
	require.Equal(t, arrival, b.intake.dead[0].At)
	require.Contains(t, b.intake.dead[0].Reason, "undecodable")
}

func TestOneBadElementDoesNotBuryItsNeighbours(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)
	b.intake.refuse = "bad"
	receipts := []hotel.Receipt{{MessageID: "r1", Status: hotel.DeliveryRead}, {MessageID: "bad", Status: hotel.DeliveryRead}}
	nobody := hello("111", "c")
	nobody.From = hotel.Address{}
	w := hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a"), hello("111", "bad"), nobody, hello("111", "d")}, Receipts: receipts}

	require.Equal(t, 200, b.post(t, wire(t, w)).status)

	require.Equal(t, "a", b.intake.messages[0].MessageID)
	require.Equal(t, "d", b.intake.messages[1].MessageID)
	require.Len(t, b.intake.messages, 2)
	require.Equal(t, receipts[:1], b.intake.receipts)
	require.Len(t, b.intake.dead, 2)
	require.Equal(t, "no sender", b.intake.dead[0].Reason)
	require.Equal(t, "refused by the store", b.intake.dead[1].Reason)
	require.Equal(t, hotel.PropertyID("sol"), b.intake.dead[1].Property)
	require.Contains(t, b.log.String(), "webhooks are committed again")
}

func TestStoreGoesAwayHalfWay(t *testing.T) {
	t.Parallel()

	for calls := 2; calls <= 4; calls++ { // receipt, message, dead letters
		b := startPublic(t, nil)
		b.intake.refuse, b.intake.awayAt = "bad", calls
		w := hotel.Webhook{Messages: []hotel.Inbound{hello("111", "bad")}, Receipts: []hotel.Receipt{{MessageID: "r"}}}

		require.Equal(t, 503, b.post(t, wire(t, w)).status, calls)
		require.Empty(t, b.intake.dead)

		b.intake.awayAt = 0
		require.Equal(t, 200, b.post(t, wire(t, w)).status)
		require.Len(t, b.intake.dead, 1)
	}
}

func TestWebhookRoutesByNumber(t *testing.T) {
	t.Parallel()
	b := startPublic(t, nil)
	w := hotel.Webhook{
		Messages: []hotel.Inbound{hello("222", "a"), hello("999", "b"), hello("", "c"), hello("111", "d")},
		Receipts: []hotel.Receipt{{MessageID: "e", Status: hotel.DeliveryRead}},
		Ignored:  []string{"account_update", "history"},
	}

	require.Equal(t, 200, b.post(t, wire(t, w)).status)

	var got []string
	for _, m := range b.intake.messages {
		got = append(got, m.MessageID+" "+string(m.Property))
	}
	require.Equal(t, []string{"a luna", "c sol", "d sol"}, got)
	require.Equal(t, w.Receipts, b.intake.receipts)
	require.Equal(t, 1, b.intake.calls) // one transaction
	letter := b.intake.dead[0]
	require.Equal(t, "no property has phone_number_id 999", letter.Reason)
	require.Equal(t, hotel.KindSaid, letter.Kind)
	require.Empty(t, letter.Property)
	var m hotel.Inbound
	require.NoError(t, json.Unmarshal(letter.Body, &m))
	require.Equal(t, "b", m.MessageID)
	require.Zero(t, m.At, "Meta's repeat, which arrives later, is the same letter")
	text := b.scrape(t)
	for kind, n := range map[string]string{"message": "3", "receipt": "1", "dead": "1", "ignored": "2"} {
		require.Contains(t, text, `conserje_accepted_total{kind="`+kind+`"} `+n)
	}
}

func TestWebhookWithoutMetadataNeedsADefault(t *testing.T) {
	t.Parallel()
	b := startPublic(t, func(c *transport.Config) { c.Default = "" })

	require.Equal(t, 200, b.post(t, wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("", "a")}})).status)

	require.Empty(t, b.intake.messages)
	require.Contains(t, b.intake.dead[0].Reason, "no default property")
}

func TestWebhookHighWater(t *testing.T) {
	t.Parallel()
	receipt := hotel.Receipt{MessageID: "r", Status: hotel.DeliveryRead}
	mixed := wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a"), hello("999", "b")}, Receipts: []hotel.Receipt{receipt}})

	t.Run("ReceiptsOfARefusedBodyAreApplied", func(t *testing.T) {
		t.Parallel()
		b := startPublic(t, nil)
		b.gate.full.Store(true)

		r := b.post(t, mixed)

		require.Equal(t, 503, r.status)
		require.Equal(t, "5", r.header.Get("Retry-After"))
		require.Empty(t, b.intake.messages)
		require.Empty(t, b.intake.dead) // it comes again with the body
		require.Equal(t, []hotel.Receipt{receipt}, b.intake.receipts)

		b.gate.full.Store(false)
		require.Equal(t, 200, b.post(t, mixed).status)
		require.Len(t, b.intake.messages, 1)
		require.Len(t, b.intake.dead, 1)
	})
	t.Run("ReceiptsAloneNeverMeetIt", func(t *testing.T) {
		t.Parallel()
		b := startPublic(t, nil)
		b.gate.full.Store(true)

		require.Equal(t, 200, b.post(t, wire(t, hotel.Webhook{Receipts: []hotel.Receipt{receipt}})).status)
		require.Len(t, b.intake.receipts, 1)
	})
	t.Run("MessagesAloneWriteNothing", func(t *testing.T) {
		t.Parallel()
		b := startPublic(t, nil)
		b.gate.full.Store(true)

		require.Equal(t, 503, b.post(t, wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a")}})).status)
		require.Zero(t, b.intake.calls)
	})
	t.Run("GarbageIsBuriedAllTheSame", func(t *testing.T) {
		t.Parallel()
		b := startPublic(t, nil)
		b.gate.full.Store(true)

		require.Equal(t, 200, b.post(t, []byte("garbage")).status)
		require.Len(t, b.intake.dead, 1)
	})
	t.Run("NoGateNoMark", func(t *testing.T) {
		t.Parallel()
		b := startPublic(t, func(c *transport.Config) { c.Gate = nil })

		require.Equal(t, 200, b.post(t, mixed).status)
	})
}

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
