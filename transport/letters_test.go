package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func TestRedactShowsTheShapeOnly(t *testing.T) {
	t.Parallel()
	body := `{"property":"sol","kind":"text","text":"soy Lucía, 5492604000001","from":{"phone":"5492604000001"},"rooms":[{"ages":[7]}],
		"palabras de Lucía":1,"total":8500,"repeat":true,"window_ends":"2026-11-24T12:00:00Z","none":null}`
	shown := transport.Redact([]byte(body))

	require.Contains(t, shown, `"property": "sol"`)
	require.Contains(t, shown, `"phone": "(13 characters)"`)
	require.Contains(t, shown, `"window_ends": "2026-11-24T12:00:00Z"`)
	for _, secret := range []string{"Lucía", "5492604000001", "8500", "7"} {
		require.NotContains(t, strings.ReplaceAll(shown, "(17 ", "("), secret)
	}
	require.Equal(t, "(3 bytes that are no JSON)", transport.Redact([]byte("Ana")))
}

// FuzzRedact reads what a webhook's dead letter holds: anything.
func FuzzRedact(f *testing.F) {
	f.Add([]byte(`{"kind":"text","text":"hola"}`))
	f.Add([]byte(`[[["x"]]]`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var v any
		shown := transport.Redact(body)
		if json.Unmarshal(body, &v) == nil {
			require.True(t, json.Valid([]byte(shown)))
			return
		}
		require.Contains(t, shown, "no JSON")
	})
}

func TestLettersAreAskedForByReasonAndAge(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c := transport.Client{URL: b.url, Token: "t0ken", HTTP: &http.Client{Transport: tr}}

	now := time.Now()
	_, err := c.DeadLetters(t.Context(), hotel.LetterQuery{Reason: "window over", Before: now.Add(-time.Hour), After: now.Add(-48 * time.Hour), Limit: 7})
	require.NoError(t, err)
	require.Equal(t, "window over", b.desk.query.Reason)
	require.Equal(t, 7, b.desk.query.Limit)
	require.False(t, b.desk.query.All)
	require.WithinDuration(t, arrival.Add(-time.Hour), b.desk.query.Before, time.Minute, "by the engine's clock")
	require.WithinDuration(t, arrival.Add(-48*time.Hour), b.desk.query.After, time.Minute)
}

func TestReplayTakesAgainAndTheWindowAlong(t *testing.T) {
	t.Parallel()
	ends := arrival.Add(3 * time.Hour)
	b := startAdmin(t, func(c *transport.AdminConfig) {
		withPassword(c)
		c.Window = func(_ context.Context, guest hotel.GuestID) (time.Time, error) {
			if guest != "g1" {
				return time.Time{}, notFound()
			}
			return ends, nil
		}
	})
	b.desk.letters = append(b.desk.letters, hotel.DeadLetter{ID: 20, Source: "outbox", Kind: hotel.KindSay, Guest: "g1", InDoubt: true, Body: []byte(`{}`)})
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c := transport.Client{URL: b.url, Token: "t0ken", HTTP: &http.Client{Transport: tr}}

	_, _, err := c.Replay(t.Context(), hotel.Replay{ID: 20, Again: true})
	require.NoError(t, err)
	require.True(t, b.desk.replay.Again)
	require.Equal(t, ends, b.desk.replay.Window)
}

func TestAnInDoubtLetterIsReplayedOnThePageAfterAWarning(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)
	b.desk.letters = append(b.desk.letters, hotel.DeadLetter{ID: 20, Source: "outbox", Kind: hotel.KindMail, Guest: "g1", InDoubt: true, Body: []byte(`{}`)})

	body := b.get(t, "/deadletters/20").body
	require.Contains(t, body, `name="again" value="1"`)
	require.Contains(t, body, "puede duplicarlo")
	require.Equal(t, 303, b.form(t, "/deadletters/20/replay", "again=1").status)
	require.True(t, b.desk.replay.Again)
	require.Contains(t, b.get(t, "/deadletters?reason=x&older=24h").body, `value="24h"`)
	require.Equal(t, 422, b.get(t, "/deadletters?older=yesterday").status)
	require.Equal(t, 422, b.get(t, "/admin/api/deadletters?younger=-1h").status)
}

func TestUnparkByPageAndClient(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) {
		withPassword(c)
		c.Parked = func(_ context.Context, g hotel.GuestID) (bool, error) { return g == "g1", nil }
	})
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c := transport.Client{URL: b.url, Token: "t0ken", HTTP: &http.Client{Transport: tr}}
	require.NoError(t, c.Unpark(t.Context(), "g1", hotel.StaffWord{By: "ana"}))
	require.Equal(t, hotel.NotFound, hotel.KindOf(c.Unpark(t.Context(), "nobody", hotel.StaffWord{})))

	open := startAdmin(t, func(c *transport.AdminConfig) {
		c.Parked = func(_ context.Context, g hotel.GuestID) (bool, error) { return g == "g1", nil }
	})
	require.Contains(t, open.get(t, "/guests/g1").body, `action="../guests/g1/unpark"`)
	require.NotContains(t, open.get(t, "/guests/g2").body, "/unpark")
	require.Equal(t, 303, open.form(t, "/guests/g1/unpark", "").status)
	require.Equal(t, []hotel.StaffWord{{By: "ana"}}, b.desk.unparked)
	require.Equal(t, []hotel.StaffWord{{By: "recepción"}}, open.desk.unparked)
}
