package transport_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

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
