package actors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// orphaning is a store that has freed the claims of an engine that is gone, as
// the embedded one does when it opens after a kill: they are nobody's.
type orphaning struct {
	actors.Store
	ahead time.Duration // of the clock by which they were claimed
}

func (s orphaning) Sweep(ctx context.Context, w hotel.Sweep) (hotel.Swept, error) {
	found, err := s.Store.Sweep(ctx, w)
	for i := range found.Claims {
		found.Claims[i].Owner = ""
		found.Claims[i].ClaimedAt = found.Claims[i].ClaimedAt.Add(s.ahead)
	}
	return found, err
}

func (s orphaning) Row(ctx context.Context, key hotel.Key) (hotel.OutboxRow, error) {
	row, err := s.Store.Row(ctx, key)
	row.Owner, row.ClaimedAt = "", row.ClaimedAt.Add(s.ahead)
	return row, err
}

// Nobody's claim of before the start may have left: it waits in doubt for a
// status, then leaves once more, as a second attempt.
func TestNobodysClaimOfBeforeIsInDoubt(t *testing.T) {
	claimOfBefore(t, 0)
}

// The clock was set back an hour while no engine ran: the claim of before is
// ahead of it, and is in doubt all the same, now and not in an hour.
func TestAClaimAheadOfTheClockIsInDoubt(t *testing.T) {
	claimOfBefore(t, time.Hour)
}

func claimOfBefore(t *testing.T, ahead time.Duration) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) { p.slow = time.Hour })
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		require.Error(t, h.Drain(ctx))
		h.phone.set(func(p *phone) { p.slow = 0 })
		h.start(func(c *actors.Config) { c.Store = orphaning{c.Store, ahead} })
		after(19 * time.Second)
		require.Empty(t, h.phone.callsTo(ana))
		after(3 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 1)
		require.True(t, strings.HasSuffix(h.phone.callsTo(ana)[0], "#2"), "the cut one counts")
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Second)
		require.Equal(t, 2, h.phone.count(ana), "and the lane goes on")
		h.atRest(t)
	})
}

// Nobody's claim is a dead engine's, though a clock set back makes it look like
// one of now: it waits for evidence, and then its one repeat leaves.
func TestNobodysClaimIsInDoubtWhateverTheClockSays(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := &away{}
		h := open(t, func(c *actors.Config) {
			store.Store = c.Store
			c.Store = orphaning{Store: store}
		})
		after(time.Second)                // what is claimed at the sender's first instant counts as older
		store.set(nil, once("commit", 1)) // the turn's claim, and nobody hears of it
		h.say(ana, "wamid.1", "Hola")
		after(5 * time.Second)
		require.Empty(t, h.phone.callsTo(ana))
		after(30 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 1)
		require.True(t, strings.HasSuffix(h.phone.callsTo(ana)[0], "#2"))
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Second)
		require.Equal(t, 2, h.phone.count(ana), "and the lane goes on")
		h.atRest(t)
	})
}
