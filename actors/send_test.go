package actors_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

const ana = "5491150000001"

func gauge(t *testing.T, c prometheus.Collector) float64 {
	t.Helper()
	return testutil.ToFloat64(c)
}

// guest is the only guest of the house.
func (h *house) guest(t *testing.T) hotel.GuestID {
	t.Helper()
	swept, err := h.store.Sweep(t.Context(), hotel.Sweep{Now: time.Now().Add(time.Hour), Owner: "none", Limit: 10})
	require.NoError(t, err)
	if len(swept.Due) > 0 {
		return swept.Due[0]
	}
	a, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: hotel.Key("probe-" + t.Name()), Property: "posada",
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: ana}}, Kind: hotel.KindSaid, Body: []byte(`{"kind":"reaction"}`), At: time.Now()}}})
	require.NoError(t, err)
	h.Nudge(a.Arrivals[0].Row.Guest, "")
	return a.Arrivals[0].Row.Guest
}

// idle waits until no row waits and none is on its way.
func (h *house) idle(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		b, err := h.store.Backlog(t.Context())
		return err == nil && b.Unconsumed == 0 && b.Sending == 0 && b.OldestOutbox.IsZero()
	}, 20*time.Second, time.Millisecond)
}

func failFirst(n int, err error, arrives bool) func(string, string, hotel.Message) (bool, error) {
	return func(string, string, hotel.Message) (bool, error) {
		if n--; n >= 0 {
			return arrives, err
		}
		return false, nil
	}
}

// TestAnOutageWastesNoRepeat: WhatsApp answers and sends nothing for a while, so
// the breaker opens and closes. What is in doubt is not sent before a send has
// worked again: each guest hears its answer, whether others write meanwhile or not.
func TestAnOutageWastesNoRepeat(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]bool{"WhileOthersWrite": true, "WhileNobodyWrites": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := open(t, func(c *actors.Config) {
					c.Settings.BreakerOpenFor, c.Settings.InDoubtWait = 2*time.Second, 20*time.Second
				})
				over := time.Now().Add(3 * time.Minute)
				h.phone.fail = func(string, string, hotel.Message) (bool, error) {
					if time.Now().Before(over) {
						return false, &hotel.Error{Op: "test", Kind: hotel.InDoubt}
					}
					return false, nil
				}
				phones := make([]string, 40)
				for i := range phones {
					phones[i] = fmt.Sprintf("54911%08d", i)
					h.say(phones[i], "wamid."+strconv.Itoa(i), "¿Hay wifi?")
				}
				for i := range 60 {
					after(3 * time.Second)
					if others {
						h.say(fmt.Sprintf("54922%08d", i), "wamid.other"+strconv.Itoa(i), "¿Hay wifi?")
					}
				}
				after(5 * time.Minute)
				heard := 0
				for _, phone := range phones {
					heard += h.phone.count(phone)
				}
				require.Equal(t, len(phones), heard)
				require.Zero(t, h.letters(t, ""))
				h.atRest(t)
			})
		})
	}
}

func TestSendThatDidNotLeaveIsRepeated(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.NotSent}, false)
	h.say(ana, "wamid.1", "Hola")
	h.phone.await(t, ana, 1)
	require.True(t, strings.HasSuffix(h.phone.calls[ana][1], "#1"), "the attempt does not count")
}

func TestSendInDoubtWaitsForAStatusThatProvesIt(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.InDoubtWait = time.Hour })
	h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, true)
	h.say(ana, "wamid.1", "Hola")
	h.phone.await(t, ana, 1)
	callback := h.phone.calls[ana][0]
	key, _, _ := strings.Cut(callback, "#")
	require.NoError(t, h.Accept(t.Context(), nil, []hotel.Receipt{{Key: hotel.Key(key), Attempt: 1, MessageID: "wamid.out",
		Status: hotel.DeliverySent, At: time.Now()}}, nil))
	h.idle(t)
	require.Len(t, h.phone.await(t, ana, 1), 1, "nothing was sent twice")

	h.say(ana, "wamid.2", "¿Hay wifi?") // the lane goes on
	h.phone.awaitText(t, ana, "wifi gratis")
}

func TestSendInDoubtWithoutEvidenceIsRepeatedOnce(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.InDoubtWait = 10 * time.Millisecond })
	h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, false)
	h.say(ana, "wamid.1", "Hola")
	h.phone.await(t, ana, 1)
	h.idle(t)
	require.Len(t, h.phone.calls[ana], 2)
	require.True(t, strings.HasSuffix(h.phone.calls[ana][1], "#2"))
}

func TestSecondDoubtIsADeadLetterAndTheLaneGoesOn(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.InDoubtWait = 10 * time.Millisecond })
	h.phone.fail = failFirst(2, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, false)
	h.say(ana, "wamid.1", "Hola")
	require.Eventually(t, func() bool {
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		return err == nil && len(letters) == 1 && letters[0].Reason == "in doubt twice"
	}, 10*time.Second, time.Millisecond)
	h.say(ana, "wamid.2", "¿Hay wifi?")
	h.phone.awaitText(t, ana, "wifi gratis")
}

func TestThrottledNumberPausesAndGoesOn(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.Throttled, Scope: hotel.ScopeNumber, RetryAfter: time.Millisecond}, false)
	h.say(ana, "wamid.1", "Hola")
	h.phone.await(t, ana, 1)
}

func TestUnauthorisedNumberKeepsEverythingAndTellsTheOperator(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.BreakerOpenFor = 20 * time.Millisecond })
	bad := &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "190"}
	h.phone.down = bad
	h.phone.fail = failFirst(1, bad, false)
	h.say(ana, "wamid.1", "Hola")
	require.Eventually(t, func() bool { return h.people.heard(hotel.TroubleNumber) == 1 }, 10*time.Second, time.Millisecond)
	h.say("5491150000002", "wamid.2", "Hola")

	h.phone.mu.Lock()
	h.phone.down = nil // the token is renewed
	h.phone.mu.Unlock()
	h.phone.await(t, ana, 1)
	h.phone.await(t, "5491150000002", 1)
}

func TestFailedStatusReachesTheDialogue(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.say(ana, "wamid.1", "Hola")
	h.phone.await(t, ana, 1)
	h.idle(t)
	key, _, _ := strings.Cut(h.phone.calls[ana][0], "#")
	require.NoError(t, h.Accept(t.Context(), nil, []hotel.Receipt{{Key: hotel.Key(key), Attempt: 1, MessageID: "wamid.out",
		Status: hotel.DeliveryFailed, Code: "131026", At: time.Now()}}, nil))
	h.idle(t)
	row, err := h.store.Row(t.Context(), hotel.Key(key))
	require.NoError(t, err)
	require.Equal(t, hotel.DeliveryFailed, row.Status)
}

func TestPairLimitHoldsForWhatLeaves(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) {
		c.Settings.PairBurst = 2
		c.Settings.PairInterval = time.Hour
	})
	for i := range 6 {
		h.say(ana, "wamid."+string(rune('a'+i)), "Hola")
		if i < 2 {
			h.phone.await(t, ana, i+1)
		}
	}
	require.Eventually(t, func() bool {
		b, err := h.store.Backlog(t.Context())
		return err == nil && b.Unconsumed == 0
	}, 10*time.Second, time.Millisecond)
	require.Len(t, h.phone.await(t, ana, 2), 2, "the third waits for its pace")

	h.say("5491150000002", "wamid.z", "Hola") // nobody else waits
	h.phone.await(t, "5491150000002", 1)
}
