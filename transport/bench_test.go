package transport_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/transport"
)

// nothing takes everything and does nothing: what is left is transport's own cost.
type nothing struct{}

func (nothing) Accept(context.Context, []hotel.Inbound, []hotel.Receipt, []hotel.DeadLetter) error {
	return nil
}
func (nothing) Verify(string, []byte) bool { return true }
func (nothing) Full() bool                 { return false }

func quietConfig() transport.Config {
	return transport.Config{
		Intake: nothing{}, Verifier: nothing{}, Gate: nothing{}, Default: "sol",
		Numbers: map[string]hotel.PropertyID{"111": "sol"},
		Decode: func([]byte, time.Time) (hotel.Webhook, error) {
			return hotel.Webhook{Messages: []hotel.Inbound{{NumberID: "111", MessageID: "wamid.1", From: hotel.Address{Phone: "1"}}}}, nil
		},
		Metrics: metrics.New(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func request(body []byte) *fasthttp.Request {
	r := &fasthttp.Request{}
	r.Header.SetMethod("POST")
	r.SetRequestURI("http://x/api/webhooks/whatsapp")
	r.Header.SetContentType("application/json")
	r.Header.Set("X-Hub-Signature-256", "sha256=0000000000000000000000000000000000000000000000000000000000000000")
	r.SetBody(body)
	return r
}

func BenchmarkWebhook(b *testing.B) {
	body := wire(b, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "wamid.1")}})

	b.Run("path=handler", func(b *testing.B) {
		handle := transport.NewPublic(quietConfig()).Handler()
		ctx := &fasthttp.RequestCtx{}
		ctx.Init(request(body), nil, nil)
		b.ReportAllocs()
		for b.Loop() {
			ctx.Response.Reset()
			handle(ctx)
		}
		require.Equal(b, 200, ctx.Response.StatusCode())
	})
	b.Run("path=listener", func(b *testing.B) {
		p := transport.NewPublic(quietConfig())
		ln := fasthttputil.NewInmemoryListener()
		go func() { _ = p.Serve(ln) }()
		client := &fasthttp.HostClient{Addr: "x", MaxIdleConnDuration: 20 * time.Millisecond, Dial: func(string) (net.Conn, error) { return ln.Dial() }}
		req, resp := request(body), &fasthttp.Response{}
		b.ReportAllocs()
		for b.Loop() {
			if err := client.Do(req, resp); err != nil {
				b.Fatal(err)
			}
		}
		require.Equal(b, 200, resp.StatusCode())
		client.CloseIdleConnections()
		require.NoError(b, p.Shutdown(b.Context()))
	})
}

// FuzzWebhook posts any body with any signature: what is signed is answered 200
// and lands somewhere, what is not is 401 and lands nowhere.
func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"Messages":[{"number_id":"111","from":{"phone":"1"},"kind":"text","at":"2026-11-24T12:00:00Z"}]}`), true)
	f.Add([]byte(`{"Receipts":[{"message_id":"x","status":"read"}]}`), true)
	f.Add([]byte("\xff\x00{"), true)
	f.Add([]byte("panic"), true)
	f.Add([]byte("{}"), false)
	in := &intake{}
	c := quietConfig()
	c.Intake, c.Verifier, c.Decode = in, secret("s3cret"), decode
	handle := transport.NewPublic(c).Handler()

	f.Fuzz(func(t *testing.T, body []byte, signed bool) {
		*in = intake{}
		r := request(body)
		if signed {
			r.Header.Set("X-Hub-Signature-256", secret("s3cret").sign(body))
		}
		ctx := &fasthttp.RequestCtx{}
		ctx.Init(r, nil, nil)
		handle(ctx)

		if !signed {
			require.Equal(t, 401, ctx.Response.StatusCode())
			require.Zero(t, in.calls)
			return
		}
		require.Equal(t, 200, ctx.Response.StatusCode())
		if _, err := safely(body); err != nil {
			require.Equal(t, string(body), string(in.dead[0].Body))
		}
		for _, m := range in.messages {
			require.NotEmpty(t, m.Property)
		}
	})
}

func safely(body []byte) (hotel.Webhook, error) {
	if string(body) == "panic" {
		return hotel.Webhook{}, io.ErrUnexpectedEOF
	}
	return decode(body, arrival)
}
