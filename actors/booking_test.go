package actors_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// journey walks a guest to the read-back: what is left to say is the yes. It
// returns how many bubbles the guest has heard.
func (h *house) journey(t *testing.T, phone string) int {
	t.Helper()
	h.say(phone, "wamid."+phone+".1", "Hola, quiero la doble del 10 al 12 de diciembre de 2027 para 2 adultos")
	h.phone.awaitText(t, phone, "a nombre de qui")
	h.say(phone, "wamid."+phone+".2", "Ana Pérez, ana@example.com")
	h.phone.awaitText(t, phone, "confirmo")
	return len(h.phone.await(t, phone, 2))
}

func (h *house) yes(phone string) { h.t.Helper(); h.say(phone, "wamid."+phone+".yes", "sí") }

func TestBookingIsMadeConfirmedAndMailed(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.journey(t, ana)
	h.yes(ana)
	h.phone.awaitText(t, ana, "XKBKNABAA")
	require.Eventually(t, func() bool { return len(h.mail.mails()) == 1 }, 10*time.Second, time.Millisecond)
	require.Equal(t, hotel.BookingCode("XKBKNABAA"), h.mail.mails()[0].Reservation.Code)
	require.False(t, h.mail.mails()[0].Repeat)

	list, err := h.store.Reservations(t.Context(), "posada", 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.InDelta(t, 1, testutil.ToFloat64(h.metrics.ReservationAttempts.WithLabelValues("posada")), 0)
	require.InDelta(t, 1, testutil.ToFloat64(h.metrics.ReservationsCreated.WithLabelValues("posada")), 0)
}

func TestTenGuestsRaceForTheLastRoom(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.pms.set(func(p *pms) { p.rooms = 1 })
	var all sync.WaitGroup
	before := 0
	for i := range 10 {
		before = h.journey(t, fmt.Sprintf("54911800%05d", i))
	}
	for i := range 10 {
		all.Go(func() { h.yes(fmt.Sprintf("54911800%05d", i)) })
	}
	all.Wait()
	confirmed := 0
	for i := range 10 {
		phone := fmt.Sprintf("54911800%05d", i)
		heard := h.phone.until(t, phone, func(b []hotel.Bubble) bool { return len(b) > before })
		if strings.Contains(strings.Join(texts(heard), "\n"), "XKBKNAB") {
			confirmed++
		}
	}
	require.Equal(t, 1, confirmed)
	require.Equal(t, 1, h.pms.live())
	require.Equal(t, 1, h.pms.creates, "our own guests never race each other")
	require.InDelta(t, 9, testutil.ToFloat64(h.metrics.Outcomes.WithLabelValues("posada", "sold_out")), 0)
}

func TestBookedBut500IsFoundAndIsNoFailure(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.BreakerFailures = 1 })
	h.pms.create = func(hotel.BookingRequest) (bool, error) {
		return true, &hotel.Error{Op: "test", Kind: hotel.InDoubt, Code: "qloapps_500"}
	}
	h.journey(t, ana)
	h.yes(ana)
	h.phone.awaitText(t, ana, "XKBKNABAA")
	require.Equal(t, 1, h.pms.creates)
	require.Zero(t, testutil.CollectAndCount(h.metrics.BreakerChanges), "a live QloApps answered")
}

func TestCreateInDoubtIsLookedUpThenMadeOnceMore(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.CreateSettles = time.Millisecond })
	tries := 0
	h.pms.create = func(hotel.BookingRequest) (bool, error) {
		if tries++; tries == 1 {
			return false, &hotel.Error{Op: "test", Kind: hotel.InDoubt}
		}
		return true, nil
	}
	h.journey(t, ana)
	h.yes(ana)
	h.phone.awaitText(t, ana, "XKBKNABAA")
	require.Equal(t, 2, h.pms.creates)
	require.Equal(t, 1, h.pms.live())
}

// The booking of a request that was cut appears late, after the repeat has
// made a second one: one of them is cancelled.
func TestTwinOfOneReferenceIsCancelled(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.CreateSettles = time.Millisecond })
	tries := 0
	h.pms.create = func(r hotel.BookingRequest) (bool, error) {
		if tries++; tries == 1 {
			return false, &hotel.Error{Op: "test", Kind: hotel.InDoubt}
		}
		h.pms.orders = append(h.pms.orders, hotel.Reservation{Reference: r.Reference, Order: "late", Code: "LATELATEL",
			Status: hotel.StatusBooked, Total: r.Quote, RoomType: r.RoomType, Stay: r.Stay, Rooms: r.Rooms()})
		return true, nil
	}
	h.journey(t, ana)
	h.yes(ana)
	h.phone.awaitText(t, ana, "confirmada")
	h.phone.awaitText(t, ana, "LATELATEL") // the lowest order stays
	require.Equal(t, 1, h.pms.live())
}

func TestPriceThatRoseIsNotBooked(t *testing.T) {
	t.Parallel()

	h := open(t)
	before := h.journey(t, ana)
	h.pms.set(func(p *pms) { p.price += 100_000 })
	h.yes(ana)
	h.phone.await(t, ana, before+1)
	require.Zero(t, h.pms.creates)
	require.InDelta(t, 1, testutil.ToFloat64(h.metrics.Outcomes.WithLabelValues("posada", "price_changed")), 0)
}

// While the hotel system is down a guest hears it, can ask for a person, and
// nothing is booked twice or lost once it is back.
func TestHotelSystemDownAndBack(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.BreakerOpenFor = 50 * time.Millisecond })
	h.journey(t, ana)
	down := &hotel.Error{Op: "test", Kind: hotel.Unavailable}
	h.pms.set(func(p *pms) { p.down = down })

	for i := range 5 { // others ask, each hears an honest answer, and the breaker opens
		phone := fmt.Sprintf("54911900%05d", i)
		h.say(phone, "wamid.d"+phone, fmt.Sprintf("¿Tienen lugar del %d al %d de diciembre de 2027 para 2 adultos?", i+1, i+3))
		h.phone.await(t, phone, 1)
	}
	require.Eventually(t, func() bool {
		return testutil.ToFloat64(h.metrics.BreakerChanges.WithLabelValues("pms", "open")) >= 1
	}, 10*time.Second, time.Millisecond)

	h.yes(ana) // the create waits for the breaker: it is a row
	require.Eventually(t, func() bool {
		return testutil.ToFloat64(h.metrics.ReservationAttempts.WithLabelValues("posada")) == 1
	}, 10*time.Second, time.Millisecond)
	h.say(ana, "wamid.person", "quiero hablar con una persona")
	require.Eventually(t, func() bool {
		for _, a := range h.mail.told() {
			if a.Cause == hotel.CauseAsked {
				return true
			}
		}
		return false
	}, 10*time.Second, time.Millisecond)

	h.pms.set(func(p *pms) { p.down = nil })
	h.phone.awaitText(t, ana, "XKBKNABAA")
	require.Equal(t, 1, h.pms.live())
	require.InDelta(t, 1, testutil.ToFloat64(h.metrics.BreakerChanges.WithLabelValues("pms", "closed")), 0)
}

func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	t.Parallel()

	h := open(t)
	for i := range 20 {
		h.say(fmt.Sprintf("54911950%05d", i), fmt.Sprint("wamid.q", i), "¿Tienen lugar del 10 al 12 de diciembre de 2027 para 2 adultos?")
	}
	for i := range 20 {
		h.phone.await(t, fmt.Sprintf("54911950%05d", i), 1)
	}
	h.pms.mu.Lock()
	defer h.pms.mu.Unlock()
	require.Less(t, h.pms.calls, 20)
}

func TestMailInDoubtIsRepeatedOnceAndSaysSo(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.InDoubtWait = 5 * time.Millisecond })
	tries := 0
	h.mail.fail = func(hotel.Mail) error {
		if tries++; tries == 1 {
			return &hotel.Error{Op: "test", Kind: hotel.InDoubt}
		}
		return nil
	}
	h.journey(t, ana)
	h.yes(ana)
	require.Eventually(t, func() bool { return len(h.mail.mails()) == 1 }, 10*time.Second, time.Millisecond)
	require.True(t, h.mail.mails()[0].Repeat)
}

func TestMailThatCanNeverLeaveIsADeadLetter(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.mail.fail = func(hotel.Mail) error { return &hotel.Error{Op: "test", Kind: hotel.Invalid} }
	h.journey(t, ana)
	h.yes(ana)
	require.Eventually(t, func() bool {
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		return err == nil && len(letters) == 1 && letters[0].Kind == hotel.KindMail
	}, 10*time.Second, time.Millisecond)
}
