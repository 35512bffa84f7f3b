package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
)

// waitsForBursts gives the house a dialogue that waits 700 ms for more.
func waitsForBursts(c *actors.Config) {
	f := facts()
	f.Quiet = 700 * time.Millisecond
	c.Properties[0].Dialogue = conversation.New(f)
}

func (h *house) turns(result string) float64 {
	return testutil.ToFloat64(h.metrics.Turns.WithLabelValues(result))
}

// Three bubbles with gaps between them are one turn and one answer, given when
// the one that says something is there.
func TestABurstIsAnsweredOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, waitsForBursts)
		after(1500 * time.Millisecond) // the first sweeps are over
		h.say(ana, "wamid.1", "Hola")
		after(200 * time.Millisecond)
		h.say(ana, "wamid.2", "quiero reservar")
		after(300 * time.Millisecond)
		require.Zero(t, h.phone.count(ana))
		require.InDelta(t, 2, h.turns("held"), 0)

		h.say(ana, "wamid.3", "para el 10 de marzo, somos dos")
		after(time.Millisecond)
		require.Equal(t, 1, h.phone.count(ana))
		require.Contains(t, h.phone.heardBy(ana)[0], "viernes 10 de marzo")

		after(10 * time.Second) // the timers of what was held find nothing
		require.Equal(t, 1, h.phone.count(ana))
		require.InDelta(t, 1, h.turns("committed"), 0)
		require.InDelta(t, 2, h.turns("held"), 0)
		require.Equal(t, 3, h.phone.reads(), "each message is shown as read once")
	})
}

func (p *phone) reads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read
}

func TestALoneGreetingIsAnsweredAfterTheWindow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, waitsForBursts)
		after(1500 * time.Millisecond) // the first sweeps are over
		h.say(ana, "wamid.1", "Hola")
		after(699 * time.Millisecond)
		require.Zero(t, h.phone.count(ana))
		after(2 * time.Millisecond)
		require.Equal(t, 1, h.phone.count(ana))
		require.InDelta(t, 1, h.turns("held"), 0)

		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Millisecond)
		require.Equal(t, 2, h.phone.count(ana), "a question is answered at once")
	})
}

// Each greeting moves the window; only its last timer takes the turn.
func TestALaterBeginningMovesTheWindow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, waitsForBursts)
		after(1500 * time.Millisecond) // the first sweeps are over
		h.say(ana, "wamid.1", "Hola")
		after(600 * time.Millisecond)
		h.say(ana, "wamid.2", "quiero reservar")
		after(600 * time.Millisecond)
		require.Zero(t, h.phone.count(ana), "the first timer takes nothing")
		after(101 * time.Millisecond)
		require.Equal(t, 1, h.phone.count(ana))
		require.InDelta(t, 2, h.turns("held"), 0)
	})
}

// While a read is out nothing is held: the guest who waits is heard.
func TestNothingIsHeldWhileAReadIsOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, waitsForBursts)
		h.pms.set(func(p *pms) { p.slow = 200 * time.Millisecond })
		h.say(ana, "wamid.1", askRooms)
		after(100 * time.Millisecond)
		h.say(ana, "wamid.2", "hola")
		after(101 * time.Millisecond)
		require.NotZero(t, h.phone.count(ana), "the offer does not wait")
		require.Contains(t, h.phone.heardBy(ana)[0], "viernes 10")
		after(5 * time.Second)
		require.Zero(t, h.turns("held"), "a question is open")
	})
}

// A drain does not wait for what is held: it stands in the inbox and is answered by the next engine.
func TestWhatIsHeldOutlivesADrain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, waitsForBursts)
		after(1500 * time.Millisecond) // the first sweeps are over
		h.say(ana, "wamid.1", "Hola")
		after(100 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.NoError(t, h.Drain(ctx))
		require.Zero(t, h.phone.count(ana))
		h.start(waitsForBursts)
		after(5 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
	})
}
