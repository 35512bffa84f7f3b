package chaos_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	hotelSystem = "PMS_BASE_URL"
	whatsApp    = "WHATSAPP_API_URL"
	gmail       = "GMAIL_API_URL"
)

// outage is one way in which one of the outside's servers fails.
type outage struct {
	name, server, on, off string
	breaker               string // conserje_breaker_state's destination that opens; empty = none does
	mute                  bool   // guests hear nothing meanwhile
}

var outages = []outage{
	{"HotelSystemHangs", hotelSystem, `{"hang":true}`, `{"hang":false}`, "pms", false},
	{"HotelSystemAnswers500", hotelSystem, `{"error":500}`, `{"error":0}`, "pms", false},
	{"HotelSystemCuts", hotelSystem, `{"down":true}`, `{"down":false}`, "pms", false},
	{"HotelSystemBooksAndCuts", hotelSystem, `{"cut_after":true}`, `{"cut_after":false}`, "", false},
	{"WhatsAppHangs", whatsApp, `{"hang":true}`, `{"hang":false}`, "guest", true},
	{"WhatsAppAnswers500", whatsApp, `{"html_status":500}`, `{"html_status":0}`, "guest", true},
	{"WhatsAppTakesAndCuts", whatsApp, `{"cut_after_accept":true}`, `{"cut_after_accept":false}`, "", true},
	{"GmailHangs", gmail, `{"send":"slow","slow_ms":20000}`, `{"send":""}`, "", false},
	{"GmailAnswers500", gmail, `{"send":"500"}`, `{"send":""}`, "", false},
	{"GmailTakesAndCuts", gmail, `{"send":"cut"}`, `{"send":""}`, "", false},
}

// Hotel system, WhatsApp and Gmail hang, answer 500 or cut, one at a time,
// while the crowd talks: the breaker opens, what must leave waits in its queue
// and leaves when it can, and who does not need them notices nothing.
func TestOutsideFails(t *testing.T) {
	t.Parallel()

	random := seeded(t)
	one := map[string]int{hotelSystem: random.n(4), whatsApp: 4 + random.n(3), gmail: 7 + random.n(3)}
	for i, o := range outages {
		if !long() && one[o.server] != i {
			continue // the short form tries one way of each, drawn anew each time
		}
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()

			ctx := within(t, 15*time.Minute)
			w := newWorld(ctx, t)
			w.doubts, w.talks, w.buries = true, o.server != whatsApp, o.server == gmail
			w.Start("PMS_TIMEOUT=1", "WHATSAPP_TIMEOUT=2s", "BREAKER_OPEN_FOR=2s")
			c := gather(ctx, t, w.phones, 200, 20_000)
			for i := range times(t, 1, 5) {
				if i > 0 { // what was in doubt has had its repeat: a second doubt would be given up, as it should
					random.instant(ctx, t, 8*time.Second, 12*time.Second)
				}
				random.instant(ctx, t, 500*time.Millisecond, 1500*time.Millisecond)
				w.out.Switch(t, o.server, o.on)
				if !o.mute {
					w.bystanders(ctx)
				}
				if o.breaker != "" {
					require.Eventually(t, func() bool {
						return w.metric(`conserje_breaker_changes_total\{destination="`+o.breaker+`",to="open"\}`) > 0
					}, time.Minute, 20*time.Millisecond, "the breaker opens")
				}
				random.instant(ctx, t, 0, span(2*time.Second, 20*time.Second))
				w.out.Switch(t, o.server, o.off)
			}
			w.verdict(ctx, c)
		})
	}
}

// asked counts the bystanders: each time they are others.
var asked struct {
	sync.Mutex
	n int
}

// bystanders are guests who need neither hotel system nor mail: while these are
// away they are answered, word by word as in a calm run.
func (w *world) bystanders(ctx context.Context) {
	w.t.Helper()
	want := calmly(w.t)[-askedStays][:3] // greeting, wifi, check-in
	var all sync.WaitGroup
	for range 10 {
		asked.Lock()
		asked.n++
		n := -1000 - asked.n
		asked.Unlock()
		w.also = append(w.also, n)
		all.Go(func() {
			assert.NoError(w.t, w.phones.Talk(ctx, phone(n), script(-askedStays, time.Now())[:3], nil)) //nolint:testifylint // not on the test's goroutine
			var got []string
			for _, m := range w.phones.Heard(phone(n)) {
				got = append(got, m.Text)
			}
			assert.Equal(w.t, want, got, "a guest who asks nothing of the hotel system")
		})
	}
	all.Wait()
}
