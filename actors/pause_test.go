package actors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// pause orders a pause, or its end.
func (h *house) pause(t *testing.T, p hotel.Pause, on bool) {
	t.Helper()
	require.NoError(t, h.SetPause(t.Context(), p, on))
}

// handedOver waits for a guest's open handoff, and returns it.
func (h *house) handedOver(t *testing.T) hotel.HandoffRecord {
	t.Helper()
	var list []hotel.HandoffRecord
	require.Eventually(t, func() bool {
		var err error
		list, err = h.store.Handoffs(t.Context(), "posada", true, 10)
		return err == nil && len(list) == 1
	}, 20*time.Second, time.Millisecond, "staff see the guest")
	return list[0]
}

// log is a guest's transcript, a line each: "guest: hola".
func (h *house) log(t *testing.T, id hotel.GuestID) string {
	t.Helper()
	lines, err := h.store.Transcript(t.Context(), id, 100)
	require.NoError(t, err)
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(l.Who + ": " + l.Text + "\n")
	}
	return out.String()
}

func (h *house) held(cause, what string) float64 {
	return testutil.ToFloat64(h.metrics.HeldBack.WithLabelValues(cause, what))
}

func TestPausedInTheMiddleOfABookingAndResumed(t *testing.T) {
	t.Parallel()

	for name, p := range map[string]func(hotel.GuestID) hotel.Pause{
		"engine":   func(hotel.GuestID) hotel.Pause { return hotel.Pause{} },
		"property": func(hotel.GuestID) hotel.Pause { return hotel.Pause{Property: "posada"} },
		"guest":    func(id hotel.GuestID) hotel.Pause { return hotel.Pause{Guest: id} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			heard := h.journey(t, ana)
			id := h.guestOf(t, ana)
			h.idle(t)
			h.phone.mu.Lock()
			read := h.phone.read
			h.phone.mu.Unlock()
			h.pause(t, p(id), true)
			require.InDelta(t, 1, testutil.ToFloat64(h.metrics.Paused.WithLabelValues(p(id).What())), 0)

			h.yes(ana)
			record := h.handedOver(t)
			require.Equal(t, hotel.CausePaused, record.Cause)
			require.Equal(t, hotel.HandoffOpen, record.State)
			require.Eventually(t, func() bool { return len(h.mail.told()) == 1 }, 20*time.Second, time.Millisecond)
			require.Equal(t, hotel.CausePaused, h.mail.told()[0].Cause)
			h.idle(t)
			require.Len(t, h.phone.await(t, ana, heard), heard, "the bot says nothing")
			h.phone.mu.Lock()
			require.Equal(t, read, h.phone.read, "and shows nobody as reading")
			h.phone.mu.Unlock()
			require.Contains(t, h.log(t, id), "guest: sí\n")
			require.InDelta(t, 1, h.held("paused", "turn"), 0)

			require.NoError(t, h.Say(t.Context(), id, hotel.StaffWord{By: "Marta", Text: "Soy Marta, ya te ayudo"}))
			h.phone.awaitText(t, ana, "Soy Marta")
			require.Len(t, h.phone.await(t, ana, heard+1), heard+1)

			h.pause(t, p(id), false)
			h.say(ana, "wamid.again", "sí, confirmo")
			h.phone.awaitText(t, ana, "volví a mirar") // a yes of before counts no more
			h.say(ana, "wamid.yes2", "sí")
			h.phone.awaitText(t, ana, "XKBKNABAA")
			require.Equal(t, 1, h.pms.creates)
			list, err := h.store.Handoffs(t.Context(), "", true, 10)
			require.NoError(t, err)
			require.Empty(t, list, "a person had answered: it ends with the pause")
		})
	}
}

func TestPauseWhileABookingIsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Properties[0].StaffPhones = nil })
		h.inMarch(t, ana)
		after(time.Second)
		heard := h.phone.count(ana)
		h.pms.set(func(p *pms) {
			p.create = func(hotel.BookingRequest) (bool, error) { return true, h.SetPause(t.Context(), hotel.Pause{}, true) }
		})
		h.yes(ana)
		after(30 * time.Second)

		require.Len(t, h.pms.orders, 1, "the guest has agreed: it is made")
		require.Equal(t, heard, h.phone.count(ana))
		require.Empty(t, h.mail.mails(), "the mail waits")
		require.Equal(t, []hotel.AlertCause{hotel.CausePaused}, causes(h.mail.told()))
		id := h.handedOver(t).Guest
		require.Contains(t, h.log(t, id), "note: No se envió, el asistente está en pausa: ")
		require.Contains(t, h.log(t, id), "XKBKNABAA")
		require.Contains(t, h.log(t, id), "note: El mail a ana@example.com por la reserva XKBKNABAA espera")

		h.pause(t, hotel.Pause{}, false)
		after(2 * time.Minute)
		require.Len(t, h.mail.mails(), 1, "and leaves")
		require.Equal(t, heard, h.phone.count(ana), "what was not said is the staff's")
		h.say(ana, "wamid.q", "¿cómo está mi reserva?")
		after(time.Second)
		require.Contains(t, h.phone.awaitText(t, ana, "XKBKNABAA").Text, "confirmada")
		h.atRest(t)
	})
}

func causes(alerts []hotel.Alert) (out []hotel.AlertCause) {
	for _, a := range alerts {
		out = append(out, a.Cause)
	}
	return out
}

// Bubbles that wait when the pause begins are taken back, durably; a word of
// the staff behind them leaves.
func TestPauseTakesBackWhatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) {
			c.Settings.PairBurst, c.Settings.PairInterval = 2, 10*time.Minute
		})
		for i := range 5 {
			h.say(ana, "wamid."+string(rune('a'+i)), "¿Hay wifi?")
			after(10 * time.Millisecond)
		}
		require.Equal(t, 2, h.phone.count(ana), "three bubbles wait for their pace")
		id := h.guestOf(t, ana)
		h.pause(t, hotel.Pause{Guest: id}, true)
		require.NoError(t, h.Say(t.Context(), id, hotel.StaffWord{By: "Marta", Text: "Sí, gratis. Soy Marta"}))
		after(11 * time.Minute)

		heard := texts(h.phone.await(t, ana, 3))
		require.Len(t, heard, 3)
		require.Equal(t, "Sí, gratis. Soy Marta", heard[2])
		require.InDelta(t, 3, h.held("paused", "bubble"), 0)
		require.Equal(t, 3, strings.Count(h.log(t, id), "note: No se envió, el asistente está en pausa: Sí, hay wifi gratis."))
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{All: true, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, letters)
		h.atRest(t)
	})
}

// A bubble in doubt is not repeated in a pause: it may have arrived.
func TestPauseRepeatsNothingInDoubt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.mu.Lock()
		h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, true)
		h.phone.mu.Unlock()
		h.say(ana, "wamid.1", "¿Hay wifi?")
		after(time.Second)
		h.pause(t, hotel.Pause{Property: "posada"}, true)
		after(time.Minute)

		require.Equal(t, 1, h.phone.count(ana))
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.Contains(t, letters[0].Reason, "in doubt when the bot was paused")
		h.atRest(t)
	})
}

func TestPauseSurvivesARestartAndOtherEnginesLearnOfIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		heard := h.phone.count(ana)
		require.Equal(t, 1, heard)
		h.pause(t, hotel.Pause{By: "Marta"}, true)
		require.NoError(t, h.Drain(context.Background()))
		h.start()
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(5 * time.Second)
		require.Equal(t, heard, h.phone.count(ana))
		list, err := h.Pauses(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "Marta", list[0].By)
		require.False(t, list[0].At.IsZero())

		// Another engine, or a command on the store, ends it.
		require.NoError(t, h.store.SetPause(t.Context(), hotel.Pause{}, false))
		after(2 * time.Second)
		h.say(ana, "wamid.3", "¿Hay wifi?")
		after(5 * time.Second)
		require.Equal(t, heard+1, h.phone.count(ana))
		require.InDelta(t, 0, testutil.ToFloat64(h.metrics.Paused.WithLabelValues("engine")), 0)
	})
}

func TestOnlyListedNumbersAreAnswered(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) {
		c.Properties[0].ReplyTo = hotel.NewReplyTo(hotel.ReplyListed, []string{"+54 11 5000 0001"}) // ana's, without the 9
		c.Properties[0].StaffPhones = nil
	})
	const beto = "34600111222"
	h.say(beto, "wamid.b1", "Hola")
	record := h.handedOver(t)
	require.Equal(t, hotel.CauseUnlisted, record.Cause)
	require.Equal(t, beto, record.Address)
	h.say(ana, "wamid.a1", "¿Hay wifi?")
	h.phone.awaitText(t, ana, "wifi gratis")
	require.Empty(t, h.phone.await(t, beto, 0))

	require.NoError(t, h.Say(t.Context(), record.Guest, hotel.StaffWord{By: "Marta", Text: "Hola, soy Marta"}))
	h.phone.awaitText(t, beto, "soy Marta")
	require.InDelta(t, 1, h.held("unlisted", "turn"), 1)
}

func TestPauseOfWhatIsNotThere(t *testing.T) {
	t.Parallel()

	h := open(t)
	for kind, p := range map[hotel.Kind]hotel.Pause{hotel.NotFound: {Property: "otra"}, hotel.Invalid: {Property: "posada", Guest: "g"}} {
		require.Equal(t, kind.String(), hotel.KindOf(h.SetPause(t.Context(), p, true)).String())
	}
	require.Equal(t, hotel.NotFound, hotel.KindOf(h.SetPause(t.Context(), hotel.Pause{Guest: "nobody"}, true)))
	require.NoError(t, h.SetPause(t.Context(), hotel.Pause{Property: "otra"}, false), "one of a property that was taken out can be ended")
}

// An engine that does not know whom it may answer does not start.
func TestEngineThatCannotReadPausesDoesNotStart(t *testing.T) {
	t.Parallel()

	h := open(t)
	require.NoError(t, h.store.Close())
	_, err := actors.Start(actors.Config{Store: h.store, Messenger: h.phone, PMS: h.pms, Mailer: h.mail, Owner: "second"})
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
}
