package actors_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

func TestGreetingIsAnswered(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.say("5491150000001", "wamid.1", "Hola")
	heard := h.phone.await(t, "5491150000001", 1)
	require.NotEmpty(t, heard[0].Text)
}

func TestOneWebhookTenTimesInParallelIsOneTurn(t *testing.T) {
	t.Parallel()

	h := open(t)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			err := h.Accept(t.Context(), []hotel.Inbound{inbound("5491150000001", "wamid.1", "Hola")}, nil, nil)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	h.phone.await(t, "5491150000001", 1)
	h.say("5491150000001", "wamid.2", "¿Hay wifi?")
	heard := h.phone.awaitText(t, "5491150000001", "wifi gratis")
	require.NotEmpty(t, heard)
	require.Len(t, h.phone.await(t, "5491150000001", 2), 2)
}

// Each message waits for the 200 of the one before, so the guest's order is
// known; turns may join several, but no answer may be out of order.
func TestFiftyMessagesInOrder(t *testing.T) {
	t.Parallel()

	h := open(t)
	const guest = "5491150000001"
	for i := range 50 {
		h.say(guest, "wamid."+strconv.Itoa(i), "¿Hay wifi? "+strconv.Itoa(i))
	}
	h.phone.await(t, guest, 1)
	h.idle(t)

	id := h.guest(t)
	lines, err := h.store.Transcript(t.Context(), id, 1000)
	require.NoError(t, err)
	next := 0
	for _, l := range lines {
		if l.Who != "guest" {
			continue
		}
		require.True(t, strings.HasSuffix(l.Text, " "+strconv.Itoa(next)), "want message %d, got %q", next, l.Text)
		next++
	}
	require.Equal(t, 50, next, "every message is in exactly one turn")
}

// A message may arrive at the very instant of passivation: the handshake
// answers it at once. The sweeper is off, so nothing else could.
func TestMessageAtTheInstantOfPassivation(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) {
		c.Settings.PassivateAfter = 200 * time.Microsecond
		c.Settings.SweepEvery = time.Hour
		c.Settings.SweepAge = time.Hour
	})
	const guests, tries = 50, 200 // 10,000 in all
	var all sync.WaitGroup
	for g := range guests {
		all.Go(func() {
			phone := fmt.Sprintf("54911600%05d", g)
			rnd := rand.New(rand.NewPCG(uint64(g), 7))
			for i := range tries {
				err := h.Accept(t.Context(), []hotel.Inbound{inbound(phone, fmt.Sprint("wamid.", g, ".", i), "¿Hay wifi?")}, nil, nil)
				if err != nil {
					assert.Fail(t, "not accepted", "%v", err)
					return
				}
				h.phone.await(t, phone, i+1)
				pause(time.Duration(rnd.IntN(400)) * time.Microsecond) // lands before, at and after the instant
			}
		})
	}
	all.Wait()
}

// pause lets time pass: the test is about instants, not about waiting for an event.
func pause(d time.Duration) { <-time.After(d) }

func TestIdleGuestLeavesMemoryAndComesBack(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.PassivateAfter = 5 * time.Millisecond })
	h.say("5491150000001", "wamid.1", "Hola")
	h.phone.await(t, "5491150000001", 1)
	require.Eventually(t, func() bool { return gauge(t, h.metrics.ActiveGuests) == 0 }, 10*time.Second, time.Millisecond)

	h.say("5491150000001", "wamid.2", "¿Hay wifi?")
	h.phone.awaitText(t, "5491150000001", "wifi gratis")
}

func TestWordsOfTheStaffReachTheGuest(t *testing.T) {
	t.Parallel()

	h := open(t)
	const phone = "5491150000001"
	h.say(phone, "wamid.1", "Quiero hablar con una persona")
	h.phone.await(t, phone, 1)
	require.Eventually(t, func() bool { return len(h.mail.told()) == 1 }, 10*time.Second, time.Millisecond, "staff are mailed")
	require.Equal(t, hotel.CauseAsked, h.mail.told()[0].Cause)
	require.NotEmpty(t, h.phone.await(t, "5492944550199", 1)[0].Template, "and get a template")

	id := h.guest(t)
	require.NoError(t, h.Say(t.Context(), id, hotel.StaffWord{By: "Ana", Text: "Hola, soy Ana de recepción"}))
	h.phone.awaitText(t, phone, "soy Ana de recepción")
	require.NoError(t, h.Close(t.Context(), id, hotel.StaffWord{By: "Ana"}))

	open, err := h.store.Handoffs(t.Context(), "", true, 10)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		open, err = h.store.Handoffs(t.Context(), "", true, 10)
		return err == nil && len(open) == 0
	}, 10*time.Second, time.Millisecond)

	err = h.Say(t.Context(), "nobody", hotel.StaffWord{Text: "?"})
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
}

// A property without a dialogue panics in every turn: a programmer's mistake
// in one conversation must not stop the house, nor hide.
func TestThreePanicsBuryTheRowsAndTellAPerson(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) {
		c.Properties = append(c.Properties, actors.Property{ID: "broken"})
	})
	m := inbound("5491150000009", "wamid.1", "Hola")
	m.Property = "broken"
	require.NoError(t, h.Accept(t.Context(), []hotel.Inbound{m}, nil, nil))
	require.Eventually(t, func() bool {
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		return err == nil && len(letters) == 1 && strings.Contains(letters[0].Reason, "panicked three times")
	}, 10*time.Second, time.Millisecond)
	require.Eventually(t, func() bool { return h.people.heard(hotel.TroubleParked) == 1 }, 10*time.Second, time.Millisecond)

	h.say("5491150000001", "wamid.2", "Hola")
	h.phone.await(t, "5491150000001", 1)
}

func TestDrainFinishesWhatIsInHandAndTakesNothingNew(t *testing.T) {
	t.Parallel()

	h := open(t)
	for i := range 200 {
		h.say(fmt.Sprintf("54911700%05d", i), fmt.Sprint("wamid.", i), "Hola")
	}
	require.NoError(t, h.Drain(t.Context()))
	require.True(t, h.Draining())
	err := h.Accept(t.Context(), []hotel.Inbound{inbound("5491150000001", "wamid.x", "Hola")}, nil, nil)
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))

	b, err := h.store.Backlog(t.Context())
	require.NoError(t, err)
	require.Zero(t, b.Sending, "no claim that has not left")

	h.start() // the next engine answers what the first left durable
	for i := range 200 {
		h.phone.await(t, fmt.Sprintf("54911700%05d", i), 1)
	}
}

func TestFullOverTheHighWaterMark(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) {
			c.Settings.HighWater = 5
			c.Settings.SweepEvery = time.Hour // the sample at the start is the last
		})
		synctest.Wait()
		for i := range 6 {
			require.False(t, h.Full())
			h.say("5491150000001", fmt.Sprint("wamid.", i), "Hola")
		}
		require.True(t, h.Full())
	})
}
