package main_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shortBody is a webhook as people write it by hand: without metadata, contacts
// and field, and with a time that is years back.
const shortBody = `{"object":"whatsapp_business_account","entry":[{"id":"123","changes":[{"value":{"messages":[{"from":"1234567890",` +
	`"id":"wamid.xxx","timestamp":"1699999999","text":{"body":"Hola, necesito una reserva"},"type":"text"}]}}]}]}`

// The checks that users of the webhook run by hand and by script, against an
// engine outside production whose WHATSAPP_APP_SECRET is set, but empty.
func TestChecksThatUsersRun(t *testing.T) {
	t.Parallel()

	r := newRunSigned(t, build(t), "")
	r.startEngine("WHATSAPP_WEBHOOK_VERIFY_TOKEN=my-token")
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)

	t.Run("TheStartSaysSoLoudly", func(t *testing.T) {
		require.Equal(t, 1, strings.Count(r.log(), "UNSIGNED"), "once")
		require.Contains(t, r.log(), "UNSIGNED WEBHOOKS ARE TAKEN")
	})
	t.Run("MetaVerifiesTheAddress", func(t *testing.T) {
		const query = "?hub.mode=subscribe&hub.challenge=test123&hub.verify_token="
		status, body := r.get(ctx, "/api/webhooks/whatsapp"+query+"my-token")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "test123", body)
		for _, token := range []string{"your-token", "", "my-token2"} {
			status, body = r.get(ctx, "/api/webhooks/whatsapp"+query+token)
			require.Equal(t, http.StatusForbidden, status, token)
			require.NotContains(t, body, "test123")
		}
	})
	// Without metadata, contacts and field: the default property's. Its time is
	// years back and no clock's: free text may go, for the 24 h count from now.
	t.Run("TheShortBodyIsGreeted", func(t *testing.T) {
		r.switches(t, "WHATSAPP_API_URL", `{"no_window":true}`) // the stand-in saw no message of this guest
		g := &guest{t: t, ctx: ctx, ps: ps, phone: "1234567890"}
		require.Equal(t, http.StatusOK, r.post(ctx, shortBody, nil))
		heard := g.next(0)
		require.Contains(t, heard.Text, "Hola")
		require.Contains(t, heard.Text, "Posada del Cerro")
		require.Nil(t, heard.Template)

		require.Equal(t, http.StatusOK, r.post(ctx, shortBody, nil), "once more, as Meta does")
		r.settled(ctx)
		require.Len(t, g.heard(), 1, "the same message is answered once")
	})
}

// A common load test: 500 users at once, all the same guest, posts that are
// answered and readiness that holds. What leaves keeps the pair's limit.
func TestLoadOfOneGuest(t *testing.T) {
	t.Parallel()

	const users, burst, interval = 500, 5, 100 * time.Millisecond
	for _, from := range []string{"test", "5491155551234"} { // as the script has it, and a phone whose sends Meta counts
		t.Run(from, func(t *testing.T) {
			t.Parallel()

			r := newRunSigned(t, build(t), "")
			r.startEngine(fmt.Sprint("PAIR_BURST=", burst), fmt.Sprint("PAIR_INTERVAL=", interval))
			r.switches(t, "WHATSAPP_API_URL", fmt.Sprintf(`{"no_window":true,"pair_burst":%d,"pair_every_ms":%d}`, burst, 80))
			ctx := within(t, 2*time.Minute)
			body := `{"entry":[{"changes":[{"value":{"messages":[{"from":"` + from + `","text":{"body":"Disponibilidad para mañana"},"type":"text"}]}}]}]}`

			posted, ready := make([]time.Duration, users), make([]time.Duration, users)
			bad := make([]bool, 2*users)
			gate, all := make(chan struct{}), sync.WaitGroup{}
			for i := range users {
				all.Go(func() {
					<-gate
					begin := time.Now()
					bad[2*i] = r.post(ctx, body, nil) != http.StatusOK
					posted[i], begin = time.Since(begin), time.Now()
					status, _ := r.get(ctx, "/health/ready")
					bad[2*i+1] = status != http.StatusOK
					ready[i] = time.Since(begin)
				})
			}
			begin := time.Now()
			close(gate)
			all.Wait()
			// The goal is p95 < 500 ms. It is printed and not asserted: a test that
			// shares two processors with others must not fail by the clock.
			for name, took := range map[string][]time.Duration{"webhook": posted, "readiness": ready} {
				slices.Sort(took)
				t.Logf("%s, %d at once: p50 %v, p95 %v", name, users, took[users/2], took[users*95/100])
			}
			errors := 0
			for _, b := range bad {
				if b {
					errors++
				}
			}
			require.Less(t, errors, 2*users/100, "errors under 1 %%")

			r.settled(ctx)
			took := time.Since(begin)
			metrics := r.metrics(ctx)
			require.GreaterOrEqual(t, sum(metrics, `conserje_accepted_total{kind="message"}`), float64(users-errors))
			turns := sum(metrics, `conserje_turns_total{result="committed"}`)
			require.GreaterOrEqual(t, turns, float64((users-errors)/50), "a turn takes 50 messages at most")
			sent := sum(metrics, `conserje_sends_total{destination="guest"`)
			require.Positive(t, sent)
			t.Logf("%v turns, %v bubbles in %v", turns, sent, took.Round(time.Millisecond))
			require.LessOrEqual(t, sent, burst+float64(took/interval)+1, "the pair's limit")
			require.Zero(t, sum(metrics, `conserje_sends_total{destination="guest",result="throttled"}`), "Meta never had to say no")
		})
	}
}

// With a secret only what it signs is heard.
func TestSignedWebhooksOnly(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, time.Minute)
	const body = `{"entry":[{"changes":[{"value":{"messages":[{"from":"1234567890","id":"wamid.a","text":{"body":"Hola"},"type":"text"}]}}]}]}`

	require.NotContains(t, r.log(), "UNSIGNED")
	for name, header := range map[string]string{
		"none": "", "another secret's": signature("other", body), "of another body": signature(r.secret, body+" "),
		"half": signature(r.secret, body)[:40], "no hex": "sha256=" + strings.Repeat("z", 64),
	} {
		require.Equal(t, http.StatusUnauthorized, r.post(ctx, body, http.Header{"X-Hub-Signature-256": {header}}), name)
	}
	require.Equal(t, http.StatusOK, r.post(ctx, body, r.signed(body)))
	r.settled(ctx)
	require.InDelta(t, 1, sum(r.metrics(ctx), `conserje_accepted_total{kind="message"}`), 0)
}

func signature(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (r *run) signed(body string) http.Header {
	return http.Header{"X-Hub-Signature-256": {signature(r.secret, body)}}
}

// post posts a webhook and returns the status; 0 when nobody answered.
func (r *run) post(ctx context.Context, body string, header http.Header) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.webhook+"/api/webhooks/whatsapp", strings.NewReader(body))
	if err != nil {
		return 0
	}
	if header != nil {
		req.Header = header
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// get reads a path of the public listener; status 0 when nobody answered.
func (r *run) get(ctx context.Context, path string) (int, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.webhook+path, nil)
	if err != nil {
		return 0, ""
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

func (r *run) metrics(ctx context.Context) string {
	_, body := r.get(ctx, "/metrics")
	return body
}

// sum adds the series whose name begins so.
func sum(metrics, prefix string) (total float64) {
	for line := range strings.Lines(metrics) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(strings.TrimSpace(line), ' ')+1:]), 64)
		if err == nil {
			total += n
		}
	}
	return total
}
