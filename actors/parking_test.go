package actors_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// poisoned is a dialogue that one word breaks.
type poisoned struct {
	*conversation.Dialogue
	word string
}

func (p poisoned) Take(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn {
	for _, in := range inputs {
		if said, ok := in.(conversation.GuestSaid); ok && strings.Contains(said.Text, p.word) {
			panic("poisoned")
		}
	}
	return p.Dialogue.Take(s, inputs, now)
}

func poison(c *actors.Config) {
	c.Properties[0].Dialogue = poisoned{conversation.New(facts()), "veneno"}
}

// handoff finds the one guest that has a handoff.
func (h *house) handoff(t *testing.T) (r hotel.HandoffRecord) {
	t.Helper()
	require.Eventually(t, func() bool {
		list, err := h.store.Handoffs(t.Context(), "", false, 10)
		if err == nil && len(list) == 1 {
			r = list[0]
		}
		return r.Guest != ""
	}, 10*time.Second, time.Millisecond)
	return r
}

func (h *house) parked(t *testing.T, id hotel.GuestID) bool {
	t.Helper()
	g, err := h.store.Guest(t.Context(), id)
	require.NoError(t, err)
	return !g.Parked.IsZero()
}

func TestAGuestWhoseTurnPanicsThreeTimesIsParked(t *testing.T) {
	t.Parallel()
	h := open(t, poison)
	const zulema, other = "5491150000009", "5491150000001"
	h.say(zulema, "wamid.z0", "¿tienen lugar del 20 al 22 de diciembre de 2027 para 2 adultos?")
	h.phone.await(t, zulema, 1)
	before := len(h.phone.await(t, zulema, 1))

	h.say(zulema, "wamid.z1", "esto es veneno")

	h.phone.awaitText(t, zulema, "le avisé a una persona del hotel")
	r := h.handoff(t)
	require.Equal(t, hotel.HandoffOpen, r.State)
	require.Equal(t, hotel.CauseParked, r.Cause)
	require.Equal(t, zulema, r.Address)
	require.True(t, h.parked(t, r.Guest))
	require.Eventually(t, func() bool {
		for _, a := range h.mail.told() {
			if a.Cause == hotel.CauseParked && strings.Contains(a.Summary, "veneno") {
				return true
			}
		}
		return false
	}, 10*time.Second, time.Millisecond, "staff get what was said")
	require.InDelta(t, 1, gauge(t, h.metrics.Parked.WithLabelValues("panic")), 0)

	h.say(other, "wamid.o1", "¿Hay wifi?")
	h.phone.awaitText(t, other, "wifi")

	// A flood of it: consumed, up to 50 a turn, and nothing is said twice.
	for i := range 120 {
		h.say(zulema, fmt.Sprintf("wamid.f%d", i), fmt.Sprintf("veneno %d", i))
	}
	require.Eventually(t, func() bool {
		b, err := h.store.Backlog(t.Context())
		return err == nil && b.Unconsumed == 0
	}, 10*time.Second, time.Millisecond)
	lines, err := h.store.Transcript(t.Context(), r.Guest, 500)
	require.NoError(t, err)
	said := 0
	for _, l := range lines {
		if strings.HasPrefix(l.Text, "veneno ") {
			said++
		}
	}
	require.Equal(t, 120, said, "people read all of it")
	letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, letters)
	require.Len(t, h.phone.await(t, zulema, before+1), before+1, "one fixed sentence")

	// A person answers through the engine, and gives the guest back.
	require.NoError(t, h.Say(t.Context(), r.Guest, hotel.StaffWord{By: "ana", Text: "Soy Ana, ¿en qué te ayudo?"}))
	h.phone.awaitText(t, zulema, "Soy Ana")
	require.NoError(t, h.Unpark(t.Context(), r.Guest, hotel.StaffWord{By: "ana"}))
	h.say(zulema, "wamid.z2", "¿Hay wifi?")
	h.phone.awaitText(t, zulema, "hay wifi gratis")
	require.False(t, h.parked(t, r.Guest))
	require.Equal(t, hotel.HandoffClosed, h.handoff(t).State)

	h.say(zulema, "wamid.z3", "otra vez veneno")
	require.Eventually(t, func() bool { return h.parked(t, r.Guest) }, 10*time.Second, time.Millisecond, "and is parked again")
}

// A restart keeps a guest parked: the flag stands in the store.
func TestAParkedGuestStaysParkedOverARestart(t *testing.T) {
	t.Parallel()
	h := open(t, poison)
	const zulema = "5491150000009"
	h.say(zulema, "wamid.1", "veneno")
	id := h.handoff(t).Guest
	require.NoError(t, h.Drain(t.Context()))

	h.start(poison)
	h.say(zulema, "wamid.2", "¿Hay wifi?")
	require.Eventually(t, func() bool {
		lines, err := h.store.Transcript(t.Context(), id, 10)
		return err == nil && len(lines) > 0 && lines[len(lines)-1].Text == "¿Hay wifi?"
	}, 10*time.Second, time.Millisecond)
	require.True(t, h.parked(t, id))
	for _, b := range h.phone.await(t, zulema, 1) {
		require.NotContains(t, b.Text, "wifi gratis")
	}
}

// A booking that was out when its guest was parked is kept, mailed and told to people.
func TestABookingOfAParkedGuestIsNotLost(t *testing.T) {
	t.Parallel()
	h := open(t, poison)
	h.journey(t, ana)
	h.pms.mu.Lock() // the hotel system hangs
	h.say(ana, "wamid.yes", "sí")
	require.Eventually(t, func() bool { return gauge(t, h.metrics.ReservationAttempts.WithLabelValues("posada")) == 1 }, 10*time.Second, time.Millisecond)
	h.say(ana, "wamid.poison", "veneno")
	r := h.handoff(t)
	require.Eventually(t, func() bool { return h.parked(t, r.Guest) }, 10*time.Second, time.Millisecond)
	h.pms.mu.Unlock()

	require.Eventually(t, func() bool {
		list, err := h.store.Reservations(t.Context(), "", 10)
		return err == nil && len(list) == 1 && len(h.mail.mails()) == 1
	}, 10*time.Second, time.Millisecond)
	require.Eventually(t, func() bool {
		for _, a := range h.mail.told() {
			if a.Cause == hotel.CauseBooking && strings.Contains(a.Summary, "XKBKNABAA") {
				return true
			}
		}
		return false
	}, 10*time.Second, time.Millisecond)
}
