package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

var errNoNumber = errors.New("no property has phone_number_id 9")

// shelf holds the letters of webhooks.
type shelf map[int64]*hotel.DeadLetter

func (s shelf) DeadLetter(_ context.Context, id int64) (hotel.DeadLetter, error) {
	if s[id] == nil {
		return hotel.DeadLetter{}, notFound()
	}
	return *s[id], nil
}

func (s shelf) Replayed(_ context.Context, id int64, at time.Time) error {
	s[id].Closed, s[id].Closing = at, "replayed"
	return nil
}

func body(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

func TestReplayOfAWebhook(t *testing.T) {
	t.Parallel()
	message := func(number, id string) hotel.Inbound {
		return hotel.Inbound{NumberID: number, MessageID: id, From: hotel.Address{Phone: "5491155550000"}, Kind: hotel.InText, Text: "hola"}
	}
	said := func(b []byte) hotel.DeadLetter {
		return hotel.DeadLetter{Source: "webhook", Kind: hotel.KindSaid, Reason: "then", Body: b}
	}
	whole := func(b []byte) hotel.DeadLetter { return hotel.DeadLetter{Source: "webhook", Reason: "then", Body: b} }

	for name, c := range map[string]struct {
		letter   hotel.DeadLetter
		prepare  func(*publicBundle)
		kind     hotel.Kind
		reason   string
		messages int
		receipts int
		dead     int
	}{
		"ItsNumberIsKnownByNow":   {letter: said(body(t, message("222", "m"))), messages: 1},
		"WithoutMetadata":         {letter: said(body(t, message("", "m"))), messages: 1},
		"ItsNumberIsStillUnknown": {letter: said(body(t, message("999", "m"))), kind: hotel.Invalid, reason: "no property has phone_number_id 999"},
		"ItHoldsNoMessage":        {letter: said(nil), kind: hotel.Invalid, reason: "the letter holds no message"},
		"RefusedByTheStoreAgain": {letter: said(body(t, message("222", "bad"))), prepare: func(b *publicBundle) { b.intake.refuse = "bad" },
			kind: hotel.Invalid, reason: "refused by the store"},
		"TheStoreIsAway": {letter: said(body(t, message("222", "m"))), prepare: func(b *publicBundle) { b.intake.awayAt = 1 }, kind: hotel.Unavailable},
		"TheInboxIsFull": {letter: said(body(t, message("222", "m"))), prepare: func(b *publicBundle) { b.gate.full.Store(true) }, kind: hotel.Unavailable},
		"ItsBodyIsUnderstoodByNow": {letter: whole(body(t, hotel.Webhook{Messages: []hotel.Inbound{message("222", "m"), message("999", "n")},
			Receipts: []hotel.Receipt{{MessageID: "r"}}})), messages: 1, receipts: 1, dead: 1},
		"ItsBodyIsStillNone":        {letter: whole([]byte("{")), kind: hotel.Invalid, reason: "undecodable: test.decode: invalid"},
		"ItsBodyPanicsTheDecoder":   {letter: whole([]byte("panic")), kind: hotel.Invalid, reason: "the decoder panicked"},
		"TheWholeBodyMeetsNoStore":  {letter: whole(body(t, hotel.Webhook{Messages: []hotel.Inbound{message("222", "m")}})), prepare: func(b *publicBundle) { b.intake.awayAt = 1 }, kind: hotel.Unavailable},
		"AnotherSource":             {letter: hotel.DeadLetter{Source: "inbox"}, kind: hotel.Invalid, reason: "no webhook's"},
		"ClosedByASecondPerson":     {letter: hotel.DeadLetter{Source: "webhook", Closed: arrival}, kind: hotel.Invalid, reason: "closed already"},
		"NobodySentIt":              {letter: said(body(t, hotel.Inbound{NumberID: "222"})), kind: hotel.Invalid, reason: "no sender"},
		"NoDefaultForNoMetadata":    {letter: said(body(t, message("", "m"))), prepare: func(b *publicBundle) { b.Default = "" }, kind: hotel.Invalid, reason: "no default property"},
		"AnEmptyBodyOfALaterFormat": {letter: whole([]byte("{}"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			letters := shelf{1: &c.letter}
			b := newPublic(func(conf *transport.Config) { conf.Letters = letters })
			if c.prepare != nil {
				c.prepare(b)
			}
			err := b.Replay(t.Context(), 1)

			require.Len(t, b.intake.messages, c.messages)
			require.Len(t, b.intake.receipts, c.receipts)
			require.Len(t, b.intake.dead, c.dead)
			if c.kind != hotel.Other {
				require.Equal(t, c.kind, hotel.KindOf(err))
				require.ErrorContains(t, err, c.reason)
				require.NotEqual(t, "replayed", c.letter.Closing)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "replayed", c.letter.Closing)
			require.Equal(t, arrival, c.letter.Closed)
			for _, m := range b.intake.messages {
				require.NotEmpty(t, m.Property)
			}
			require.Equal(t, hotel.Invalid, hotel.KindOf(b.Replay(t.Context(), 1)), "once")
			require.Len(t, b.intake.messages, c.messages)
		})
	}

	b := newPublic(func(conf *transport.Config) { conf.Letters = shelf{} })
	require.Equal(t, hotel.NotFound, hotel.KindOf(b.Replay(t.Context(), 1)))
}

// The admin API hands a webhook's letter over, and says why when it is refused.
func TestAdminReplaysAWebhook(t *testing.T) {
	t.Parallel()
	var asked []int64
	var answer error
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.Webhooks = func(_ context.Context, id int64) error { asked = append(asked, id); return answer }
	})
	c := transport.Client{URL: b.url, Token: "t0ken", HTTP: b.client}
	answer = &hotel.Error{Op: "test", Kind: hotel.Invalid, Err: errNoNumber}

	_, _, err := c.Replay(t.Context(), hotel.Replay{ID: 8})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	require.ErrorContains(t, err, errNoNumber.Error())
	page := b.form(t, "/deadletters/8/replay", "")
	require.Equal(t, 422, page.status)
	require.Contains(t, page.body, "("+errNoNumber.Error()+")")

	answer = nil
	guest, lane, err := c.Replay(t.Context(), hotel.Replay{ID: 8})
	require.NoError(t, err)
	require.Empty(t, guest)
	require.Empty(t, lane)
	require.Equal(t, []int64{8, 8, 8}, asked)
	require.Empty(t, b.desk.nudged, "the accept nudges by itself")
}
