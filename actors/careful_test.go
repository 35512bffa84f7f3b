package actors_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// witness remembers who was named, and that nobody ever was beside another.
type witness struct {
	mu      sync.Mutex
	t       *testing.T
	careful bool
	suspect hotel.GuestID
	in      hotel.GuestID
	named   map[hotel.GuestID]int
}

func (w *witness) Careful() bool { return w.careful }

func (w *witness) Enter(id hotel.GuestID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.in != "" {
		w.t.Errorf("%s is named beside %s", id, w.in)
	}
	w.in = id
	w.named[id]++
	return nil
}

func (w *witness) Leave() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.in = ""
	return nil
}

func (w *witness) Suspect() hotel.GuestID { return w.suspect }

func (w *witness) Cleared() error {
	w.suspect = ""
	return nil
}

func TestInACarefulRunTurnsRunOneByOneEachNamed(t *testing.T) {
	t.Parallel()
	w := &witness{t: t, careful: true, named: map[hotel.GuestID]int{}}
	h := open(t, poison, func(c *actors.Config) { c.Witness = w })
	for i := range 30 {
		h.say(phoneNumber(i), "wamid."+phoneNumber(i), "¿Hay wifi?")
	}
	h.say("5491150000009", "wamid.poison", "veneno") // a panic gives its name back, too
	for i := range 30 {
		h.phone.awaitText(t, phoneNumber(i), "wifi")
	}
	require.Eventually(t, func() bool { return h.people.heard(hotel.TroubleUnclean) == 1 }, 10*time.Second, time.Millisecond)
	require.NoError(t, h.Drain(t.Context()))

	require.GreaterOrEqual(t, len(w.named), 31)
	require.Empty(t, w.in)
}

func phoneNumber(i int) string {
	return "54911600000" + string(rune('0'+i/10)) + string(rune('0'+i%10))
}

func TestTheSuspectIsParkedBeforeItsRowsAreTakenUp(t *testing.T) {
	t.Parallel()
	h := open(t)
	const zulema = "5491150000009"
	h.say(zulema, "wamid.1", "Hola, ¿hay wifi?")
	h.phone.await(t, zulema, 1)
	require.NoError(t, h.Drain(t.Context()))
	swept, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: "k1", Property: "posada",
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: zulema}}, Kind: hotel.KindSaid, At: time.Now(),
		Body: []byte(`{"property":"posada","from":{"phone":"5491150000009"},"kind":"text","text":"¿Hay wifi?"}`)}}})
	require.NoError(t, err)
	id := swept.Arrivals[0].Row.Guest
	w := &witness{t: t, suspect: id, named: map[hotel.GuestID]int{}}

	h.start(func(c *actors.Config) { c.Witness = w })

	h.phone.awaitText(t, zulema, "le avisé a una persona del hotel")
	require.True(t, h.parked(t, id))
	require.Empty(t, w.suspect)
	require.Empty(t, w.named, "the run is not careful")
	require.InDelta(t, 1, gauge(t, h.metrics.Parked.WithLabelValues("death")), 0)
	require.NoError(t, h.Drain(t.Context()))

	w.suspect = "erased meanwhile"
	h.start(func(c *actors.Config) { c.Witness = w })
	require.Empty(t, w.suspect)
}
