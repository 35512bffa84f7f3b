package actors_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// A lone message that is refused again and again has its NotBefore ahead at
// nearly each look, and is gone while it is out: it is told of, and once an hour.
func TestTheOperatorHearsOfALoneRowThatIsRetried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) {
			p.fail = func(string, string, hotel.Message) (bool, error) {
				return false, &hotel.Error{Op: "test", Kind: hotel.Throttled, RetryAfter: 20 * time.Second}
			}
		})
		h.say(ana, "wamid.1", "Hola")
		after(20 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleOutboxStuck), "it comes and goes, and is one trouble")
		require.Contains(t, h.people.said(hotel.TroubleOutboxStuck), "waits for 5 min")
	})
}

// doubtful is a store with a send that has been in doubt for long, of anybody.
type doubtful struct {
	actors.Store
	since time.Time
}

func (s doubtful) Backlog(ctx context.Context) (hotel.Backlog, error) {
	b, err := s.Store.Backlog(ctx)
	b.Sending++
	return b, err
}

func (s doubtful) Doubts(context.Context, time.Time) (hotel.Doubts, error) {
	return hotel.Doubts{Rows: 1, Oldest: s.since}, nil
}

func TestTheOperatorHearsOfALongDoubt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Store = doubtful{c.Store, time.Now()} })
		after(4 * time.Minute)
		require.Empty(t, h.people.all())
		after(2 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleOutboxStuck))
		require.Contains(t, h.people.said(hotel.TroubleOutboxStuck), "The oldest send in doubt waits for 5 min")
	})
}

// slow is a store whose sweeps take as long as they may.
type slow struct{ actors.Store }

func (s slow) Sweep(ctx context.Context, _ hotel.Sweep) (hotel.Swept, error) {
	<-ctx.Done()
	return hotel.Swept{}, &hotel.Error{Op: "test", Kind: hotel.Unavailable}
}

// A pause of another engine is known within a second, also while a sweep is busy.
func TestAPauseIsReadWhileASweepIsBusy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Store = slow{c.Store} })
		require.NoError(t, h.store.SetPause(t.Context(), hotel.Pause{At: time.Now()}, true))
		after(1100 * time.Millisecond)
		h.say(ana, "wamid.1", "¿Hay wifi?")
		after(time.Second)
		require.Zero(t, h.phone.count(ana))
		require.NoError(t, h.store.SetPause(t.Context(), hotel.Pause{}, false))
		after(1100 * time.Millisecond)
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Second)
		require.Positive(t, h.phone.count(ana))
	})
}

// undue is a dialogue that fails when a guest is due, with the dialogue and without.
type undue struct{ *conversation.Dialogue }

func due(inputs []conversation.Input) bool {
	return slices.Contains(inputs, conversation.Input(conversation.Due{}))
}

func (d undue) Take(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn {
	if len(inputs) == 1 && due(inputs) {
		panic("due")
	}
	return d.Dialogue.Take(s, inputs, now)
}

func (d undue) HandOver(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn {
	if len(inputs) == 1 && due(inputs) {
		panic("due")
	}
	return d.Dialogue.HandOver(s, inputs, now)
}

// A guest whose due turn fails, also without the dialogue, has no row to bury: it is due no more.
func TestADueTurnThatFailsForEverEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Properties[0].Dialogue = undue{conversation.New(facts())} })
		h.say(ana, "wamid.1", "¿Hay wifi?")
		after(5 * time.Second)
		taken, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{
			Key: "probe", Property: "posada", Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: ana}},
			Kind: hotel.KindSaid, Body: []byte(`{"property":"posada","kind":"text","text":"gracias","from":{"phone":"` + ana + `"}}`), At: time.Now(),
		}}})
		require.NoError(t, err)
		after(10 * time.Second)
		id := taken.Arrivals[0].Row.Guest
		g, err := h.store.Guest(t.Context(), id)
		require.NoError(t, err)
		_, err = h.store.Commit(t.Context(), hotel.TurnCommit{Guest: id, Property: "posada", Version: g.Version, State: g.State, Due: time.Now(), At: time.Now()})
		require.NoError(t, err)
		after(time.Minute)

		require.True(t, h.parked(t, id))
		g, err = h.store.Guest(t.Context(), id)
		require.NoError(t, err)
		require.True(t, g.Due.IsZero())
		fails := gauge(t, h.metrics.Restarts.WithLabelValues("guest"))
		after(10 * time.Minute)
		require.InDelta(t, fails, gauge(t, h.metrics.Restarts.WithLabelValues("guest")), 0, "and wakes no more")
		h.say(ana, "wamid.2", "¿Hay piscina?")
		after(5 * time.Second)
		b, err := h.store.Backlog(t.Context())
		require.NoError(t, err)
		require.Zero(t, b.Unconsumed, "its messages are handed over")
	})
}
