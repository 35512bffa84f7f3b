package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// erasing is an engine that erases, and sweeps often.
func erasing(t *testing.T) *house {
	return open(t, func(c *actors.Config) {
		c.Settings.SweepEvery = 10 * time.Millisecond
	})
}

// whois is the guest of a phone.
func (h *house) whois(number string) hotel.GuestID {
	h.t.Helper()
	found, err := h.store.FindGuests(h.t.Context(), "posada", number)
	require.NoError(h.t, err)
	require.Len(h.t, found, 1)
	return found[0]
}

// gone waits until nothing is kept of a guest.
func (h *house) gone(id hotel.GuestID) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		_, err := h.store.Guest(h.t.Context(), id)
		return hotel.KindOf(err) == hotel.NotFound
	}, 10*time.Second, 5*time.Millisecond)
}

func TestAGuestIsErasedByTheirOwnWords(t *testing.T) {
	t.Parallel()
	h := erasing(t)
	h.say(ana, "wamid.1", "¿Hay wifi?")
	h.phone.await(t, ana, 1)
	id := h.whois(ana)
	h.say(ana, "wamid.2", "borrá mis datos")
	require.Contains(t, h.phone.await(t, ana, 2)[1].Text, "¿Borro todo?")
	h.say(ana, "wamid.3", "sí")
	require.Contains(t, h.phone.await(t, ana, 3)[2].Text, "borro esta conversación")
	h.gone(id)

	entries, err := h.store.Audit(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, hotel.AuditErased, entries[0].What)
	require.Equal(t, hotel.ByGuest, entries[1].By)

	h.say(ana, "wamid.3", "sí") // Meta delivers it again
	h.say(ana, "wamid.4", "¿Hay wifi?")
	require.Contains(t, h.phone.await(t, ana, 4)[3].Text, "Soy el asistente virtual", "a new guest is greeted")
	require.NotEqual(t, id, h.whois(ana))
	require.Len(t, h.phone.await(t, ana, 4), 4, "and hears nothing twice")
}

func TestAGuestIsErasedOnTheStaffsWord(t *testing.T) {
	t.Parallel()
	h := erasing(t)
	h.say(ana, "wamid.1", "quiero hablar con una persona")
	h.phone.await(t, ana, 1)
	id := h.whois(ana)
	require.NoError(t, h.Erase(t.Context(), id, hotel.Erasure{By: "marta"}))
	h.phone.await(t, ana, 2)
	h.gone(id)

	require.Equal(t, hotel.NotFound, hotel.KindOf(h.Erase(t.Context(), id, hotel.Erasure{By: "marta"})))
	require.Equal(t, hotel.NotFound, hotel.KindOf(h.Say(t.Context(), id, hotel.StaffWord{By: "marta", Text: "hola"})))
	list, err := h.store.Handoffs(t.Context(), "", false, 10)
	require.NoError(t, err)
	require.Empty(t, list)
}

// An actor whose guest was erased behind its back must not bring it back.
func TestAnErasedGuestInMemoryLeaves(t *testing.T) {
	t.Parallel()
	h := erasing(t)
	h.say(ana, "wamid.1", "¿Hay wifi?")
	h.phone.await(t, ana, 1)
	id := h.whois(ana)
	h.idle(t)
	// Another engine's turn, and its sweeper: ours still has the guest in memory.
	g, err := h.store.Guest(t.Context(), id)
	require.NoError(t, err)
	_, err = h.store.Commit(t.Context(), hotel.TurnCommit{Guest: id, Property: "posada", Version: g.Version, Erase: "marta", At: time.Now()})
	require.NoError(t, err)
	h.gone(id)

	h.say(ana, "wamid.2", "¿Hay wifi?")
	h.phone.await(t, ana, 2)
	require.NotEqual(t, id, h.whois(ana))
	_, err = h.store.Guest(t.Context(), id)
	require.Equal(t, hotel.NotFound, hotel.KindOf(err), "nothing comes back")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, h.Drain(ctx))
}
