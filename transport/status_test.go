package transport_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

// causes are those of a status's needs.
func causes(s transport.Status) []string {
	out := []string{}
	for _, n := range s.Needs {
		out = append(out, n.Cause)
	}
	return out
}

func TestStatusTellsWhoIsNeededAndWhy(t *testing.T) {
	t.Parallel()
	now := arrival
	for name, c := range map[string]struct {
		change func(*transport.Status, *transport.State)
		cause  []string
		what   string
	}{
		"all is well": {func(*transport.Status, *transport.State) {}, []string{}, ""},
		"young rows": {func(s *transport.Status, _ *transport.State) {
			s.Backlog.OldestInbox, s.Backlog.OldestOutbox = now.Add(-4*time.Minute), now.Add(-time.Second)
		}, []string{}, ""},
		"an open hand-over": {func(s *transport.Status, _ *transport.State) {
			s.Waiting = transport.Waiting{Guests: 2, Oldest: now.Add(-time.Hour)}
		}, []string{"staff_silent"}, "2 open hand-overs: guests wait for a person, the first for 1h0m0s."},
		"an old message": {func(s *transport.Status, _ *transport.State) { s.Backlog.OldestInbox = now.Add(-5 * time.Minute) },
			[]string{"inbox_stuck"}, "The oldest unanswered message waits for 5m0s."},
		"an old row": {func(s *transport.Status, _ *transport.State) { s.Backlog.OldestOutbox = now.Add(-time.Hour) },
			[]string{"outbox_stuck"}, "The oldest row that should have left waits for 1h0m0s."},
		"an old doubt": {func(_ *transport.Status, st *transport.State) {
			st.Doubts = hotel.Doubts{Rows: 1, Oldest: now.Add(-time.Hour)}
		}, []string{"outbox_stuck"}, "The oldest send in doubt waits for 1h0m0s."},
		"dead letters": {func(s *transport.Status, _ *transport.State) { s.Backlog.DeadLetters = 3 },
			[]string{"dead_letters"}, "3 open dead letters: they will not be processed by themselves."},
		"parked guests": {func(s *transport.Status, _ *transport.State) { s.Backlog.Parked = 2 },
			[]string{"guest_parked"}, "2 parked guests: their messages made the engine fail, and people answer them."},
		"pauses": {func(s *transport.Status, _ *transport.State) {
			s.Paused = []hotel.Pause{{Guest: "g", At: now}, {Property: "sol", At: now.Add(-time.Hour)}}
		}, []string{"paused"}, "The bot is paused for 1h0m0s."},
		"no engine": {func(_ *transport.Status, st *transport.State) { st.Down = true }, []string{"engine_down"}, "No engine runs on this data folder."},
		"a refused token": {func(_ *transport.Status, st *transport.State) {
			st.Outside = []hotel.Upstream{{Destination: "whatsapp", Property: "sol", Refused: true}}
		}, []string{"whatsapp_refused"}, "WhatsApp refuses our token, key or account."},
		"a dead grant": {func(_ *transport.Status, st *transport.State) {
			st.Outside = []hotel.Upstream{{Destination: "gmail", Refused: true, Code: "invalid_grant"}}
		}, []string{"mail_closed"}, "The mail account (gmail) refuses our token, key or account (invalid_grant)."},
		"a hotel system that is away": {func(_ *transport.Status, st *transport.State) {
			st.Outside = []hotel.Upstream{{Destination: "pms", Breaker: "open", Since: now.Add(-5 * time.Minute)},
				{Destination: "whatsapp", Breaker: "open", Since: now.Add(-time.Minute)}}
		}, []string{"pms_away"}, "The hotel system has not answered for 5m0s."},
		"a full disk": {func(_ *transport.Status, st *transport.State) { st.DiskFree, st.DiskMin = 100e6, 200e6 },
			[]string{"disk_low"}, "100 MB are free under DATA_DIR, less than DISK_MIN_FREE (200 MB); no new messages are taken."},
		"a store that is away": {func(s *transport.Status, _ *transport.State) {
			s.Health.Checks = map[string]string{"store": "unavailable"}
		}, []string{"store_away"}, "The store does not answer: unavailable."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st := transport.Status{Now: now}, transport.State{Oldest: 5 * time.Minute, Away: 5 * time.Minute}
			c.change(&s, &st)
			s.Judge(st)
			require.Equal(t, c.cause, causes(s))
			if c.what != "" {
				require.Equal(t, c.what, s.Needs[0].What)
				require.NotEmpty(t, s.Needs[0].Fix)
			}
		})
	}
}

// The page says what the command says: that the checks are fine is not all.
func TestStatusPageTellsThatAPersonIsNeeded(t *testing.T) {
	t.Parallel()
	var outside atomic.Pointer[[]hotel.Upstream]
	outside.Store(&[]hotel.Upstream{{Destination: "pms", Property: "sol", Breaker: "open", Since: arrival.Add(-time.Hour)}})
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.Health = func() transport.Health {
			return transport.Health{Status: "ready", Checks: map[string]string{"store": "ok"}}
		}
		c.State = func(context.Context) (transport.State, error) {
			return transport.State{Outside: *outside.Load(), Oldest: time.Hour, Away: time.Minute}, nil
		}
	})
	b.desk.backlog, b.desk.handoffs = hotel.Backlog{}, nil

	page := b.get(t, "/status", "Accept-Language", "en").body
	require.Contains(t, page, `<p class="health needed">A person is needed</p>`)
	require.Contains(t, page, "The hotel system does not answer")
	require.Contains(t, b.get(t, "/status").body, "El sistema del hotel no responde")

	outside.Store(&[]hotel.Upstream{{Destination: "pms", Property: "sol", Breaker: "closed"}})
	page = b.get(t, "/status", "Accept-Language", "en").body
	require.Contains(t, page, `<p class="health ready">Everything works</p>`)
	require.NotContains(t, page, "needs")
}

func TestStatusOverTheAPI(t *testing.T) {
	t.Parallel()
	var failing atomic.Bool
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.State = func(context.Context) (transport.State, error) {
			if failing.Load() {
				return transport.State{}, &hotel.Error{Op: "test", Kind: hotel.Unavailable, Err: errors.New("away")}
			}
			return transport.State{Outside: []hotel.Upstream{{Destination: "pms", Property: "sol", Breaker: "open", Since: arrival.Add(-time.Hour)}},
				Doubts: hotel.Doubts{Rows: 2, Oldest: arrival}, DiskFree: 5e9, DiskMin: 2e8, Oldest: time.Minute, Away: time.Minute}, nil
		}
	})
	client := &transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}
	s, err := client.Status(t.Context())
	require.NoError(t, err)
	require.True(t, s.Running)
	require.Equal(t, "v1.2.3", s.Version)
	require.Equal(t, 2, s.Doubts.Rows)
	require.Contains(t, causes(s), "pms_away")
	require.Equal(t, hotel.PropertyID("sol"), s.Needs[len(s.Needs)-1].Property)
	failing.Store(true)
	s, err = client.Status(t.Context())
	require.NoError(t, err)
	require.Contains(t, causes(s), "store_away")
	b.desk.mu.Lock()
	b.desk.err = &hotel.Error{Op: "test", Kind: hotel.Unavailable}
	b.desk.mu.Unlock()
	s, err = client.Status(t.Context())
	require.NoError(t, err, "a store that is away is a reason, and no silence")
	require.Contains(t, causes(s), "store_away")
	require.True(t, s.Running)
	require.NoError(t, client.Alive(t.Context()))
}

// With little disk left nothing at all is committed, were it a receipt or
// garbage; and it mends itself.
func TestWebhookWithLittleDisk(t *testing.T) {
	t.Parallel()
	disk := &gate{}
	b := startPublic(t, func(c *transport.Config) { c.Disk = disk })
	disk.full.Store(true)
	bodies := [][]byte{wire(t, hotel.Webhook{Messages: []hotel.Inbound{hello("111", "a")}}),
		wire(t, hotel.Webhook{Receipts: []hotel.Receipt{{MessageID: "r", Status: hotel.DeliveryRead}}}), []byte("garbage")}
	for _, body := range bodies {
		r := b.post(t, body)
		require.Equal(t, 503, r.status)
		require.Equal(t, "5", r.header.Get("Retry-After"))
	}
	require.Zero(t, b.intake.calls)
	disk.full.Store(false)
	for _, body := range bodies {
		require.Equal(t, 200, b.post(t, body).status)
	}
	require.Equal(t, 3, b.intake.calls)
}
