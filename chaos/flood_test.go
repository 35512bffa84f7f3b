package chaos_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/demo"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
	"github.com/conserje/conserje/internal/livetest"
)

const (
	floodWires  = 512 // connections that post without a pause
	floodGuests = 2   // guests on each, in turn
	highWater   = 500
	memoryMost  = 768 << 20
)

// flood posts webhooks as fast as the engine answers them, whatever it answers.
type flood struct {
	w              *world
	guests         []oracle.Guest
	acks, refusals atomic.Int64
}

// pour floods the engine for so long.
func (w *world) pour(ctx context.Context, d time.Duration) *flood {
	f := &flood{w: w, guests: make([]oracle.Guest, floodWires*floodGuests)}
	end := time.Now().Add(d)
	var all sync.WaitGroup
	for wire := range floodWires {
		all.Go(func() {
			own := &http.Transport{MaxConnsPerHost: 1}
			defer own.CloseIdleConnections()
			client := &http.Client{Transport: own, Timeout: 30 * time.Second}
			for n := 0; time.Now().Before(end) && ctx.Err() == nil; n++ {
				f.say(ctx, client, wire*floodGuests+n%floodGuests)
			}
		})
	}
	all.Wait()
	return f
}

// say posts one message of a guest, who says no other meanwhile.
func (f *flood) say(ctx context.Context, client *http.Client, n int) {
	id := fmt.Sprintf("wamid.flood.%d.%d", n, len(f.guests[n].Said))
	body := whatsapptest.TextWebhook(demo.NumberID, phone(n), "Ana", id, "¿Hay wifi?", time.Now())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+f.w.Webhook+livetest.WebhookPath, bytes.NewReader(body))
	if !assert.NoError(f.w.t, err) { //nolint:testifylint // not on the test's goroutine
		return
	}
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	res, err := client.Do(req)
	if !assert.NoError(f.w.t, err) { //nolint:testifylint // not on the test's goroutine
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	f.guests[n].Said = append(f.guests[n].Said, oracle.Said{ID: id, Acked: res.StatusCode == http.StatusOK})
	switch res.StatusCode {
	case http.StatusOK:
		f.acks.Add(1)
	case http.StatusServiceUnavailable:
		f.refusals.Add(1)
	default:
		assert.Fail(f.w.t, "odd answer", "%s", res.Status)
	}
}

// hear reads what each guest of the flood heard.
func (f *flood) hear(ctx context.Context) {
	for n := range f.guests {
		f.guests[n].Email = email(n)
		thread, err := f.w.phones.Thread(ctx, phone(n))
		require.NoError(f.w.t, err)
		for _, m := range thread {
			key, _, _ := strings.Cut(m.Callback, "#")
			f.guests[n].Heard = append(f.guests[n].Heard, oracle.Heard{Key: key})
		}
	}
}

var highest = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// memory is the most that the engine's process ever held.
func (w *world) memory() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.Cmd.Process.Pid))
	require.NoError(w.t, err)
	m := highest.FindSubmatch(status)
	require.NotNil(w.t, m)
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	require.NoError(w.t, err)
	return kb << 10
}

// The inbox is flooded far over what the engine can answer: 503 over the
// high-water mark, what got a 200 is answered, nothing is buried for waiting,
// memory is bounded, and soon nothing waits any more.
func TestInboxFlood(t *testing.T) {
	t.Parallel()

	ctx := within(t, 10*time.Minute)
	w := newWorld(ctx, t)
	w.out.Switch(t, "WHATSAPP_API_URL", `{"no_window":true,"pair_burst":0}`) // it saw no message of these guests
	w.Start("INBOX_HIGH_WATER="+strconv.Itoa(highWater), "PAIR_BURST=100000", "PAIR_INTERVAL=1ms")
	lasts := span(5*time.Second, time.Minute)
	f := w.pour(ctx, lasts)
	turns := w.metric(`conserje_turns_total\{result="committed"\}`)
	begun := time.Now()
	left, err := w.Settles(ctx, 3*time.Minute)
	require.NoError(t, err, "rows wait: %+v", left)
	empty := time.Since(begun)
	memory := w.memory()
	w.Kill()
	store, err := oracle.ReadStore(ctx, w.Data())
	require.NoError(t, err)
	f.hear(ctx)
	v := oracle.Judge(oracle.Evidence{Guests: f.guests, Store: store, Whole: true})
	assert.True(t, v.OK(), v.String())
	assert.Positive(t, f.refusals.Load(), "the high-water mark was never reached")
	assert.Less(t, memory, int64(memoryMost))
	t.Logf("%v: %.0f messages/s came, %d took a 200, %d a 503; %.0f turns/s; nothing waited %v later; at most %d MB; %s", lasts,
		float64(f.acks.Load()+f.refusals.Load())/lasts.Seconds(), f.acks.Load(), f.refusals.Load(), turns/lasts.Seconds(),
		empty.Round(100*time.Millisecond), memory>>20, v)
}
