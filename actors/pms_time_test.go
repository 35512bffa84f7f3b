package actors_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// Five failures open the hotel system's breaker; while it is open nobody is
// asked; after 30 s one harmless read closes it, and a question is answered again.
func TestBreakerOfTheHotelSystemHalfOpensAfterThirtySeconds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.down = &hotel.Error{Op: "test", Kind: hotel.Unavailable} })
		ask := func(i int) {
			h.say(fmt.Sprintf("54911610%05d", i), fmt.Sprint("wamid.", i), fmt.Sprintf("¿Tienen lugar del %d al %d de marzo para 2 adultos?", i+1, i+3))
			after(time.Second)
		}
		changes := func(to string) float64 {
			return testutil.ToFloat64(h.metrics.BreakerChanges.WithLabelValues("pms", to))
		}
		asked := func() (n int) {
			h.pms.set(func(p *pms) { n = p.calls })
			return n
		}
		ask(0)
		after(4 * time.Second)
		require.Equal(t, 3, asked(), "a question that nobody answers is asked three times")
		require.Zero(t, changes("open"))
		ask(1)
		require.InDelta(t, 1, changes("open"), 0)
		after(4 * time.Second)
		ask(2)
		require.Equal(t, 5, asked(), "an open breaker asks nobody")
		require.Equal(t, 1, h.phone.count("5491161000002"), "and the guest hears so at once")

		h.pms.set(func(p *pms) { p.down = nil })
		after(24 * time.Second)
		require.Zero(t, changes("half_open"))
		after(2 * time.Second)
		require.InDelta(t, 1, changes("closed"), 0)
		ask(6)
		require.Contains(t, h.phone.heardBy("5491161000006")[0], "libre")
	})
}
