package actors_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// seed of the random tests: CONSERJE_SEED, or a new one each time, which is printed.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("CONSERJE_SEED"), 10, 64); err == nil {
		s = given
	}
	t.Logf("CONSERJE_SEED=%d", s)
	return s
}

// sent is one bubble that reached a guest.
type sent struct {
	key     string
	attempt string
}

// Fifty guests write while the messenger, the store, the hotel system and the
// mail fail at random, in every way they know. When the faults stop everything
// comes to rest: each message is in exactly one turn and in its order, each
// bubble was heard once (but for the one repeat of a send in doubt), in the
// order of the rows, and no lane stands.
func TestRandomFaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()

	d := newDice(seed(t))
	store := &away{}
	h := open(t, func(c *actors.Config) {
		store.Store = c.Store
		c.Store = store
		c.Settings.InDoubtWait = 30 * time.Millisecond
		c.Settings.CreateSettles = 30 * time.Millisecond
		c.Settings.BreakerOpenFor = 50 * time.Millisecond
		c.Settings.SweepEvery = 50 * time.Millisecond
		c.Settings.SweepAge = 100 * time.Millisecond
		c.Settings.PassivateAfter = 20 * time.Millisecond
	})
	for b := range 5 {
		h.journey(t, fmt.Sprintf("54911510%05d", b))
	}
	h.idle(t)
	heard, doubted := map[string][]sent{}, map[string]bool{}
	h.phone.mu.Lock()
	h.phone.fail = func(to, callback string, _ hotel.Message) (bool, error) { // under the phone's lock
		key, attempt, _ := strings.Cut(callback, "#")
		if !d.one(6) {
			heard[to] = append(heard[to], sent{key, attempt})
			return false, nil
		}
		kind := d.kind(hotel.NotSent, hotel.InDoubt, hotel.Unavailable, hotel.Transient, hotel.Throttled, hotel.Unauthorised)
		arrives := kind == hotel.InDoubt && d.one(2)
		if kind == hotel.InDoubt {
			doubted[key] = true
		}
		if arrives {
			heard[to] = append(heard[to], sent{key, attempt})
		}
		return arrives, &hotel.Error{Op: "test", Kind: kind, RetryAfter: time.Millisecond}
	}
	h.phone.mu.Unlock()
	h.mail.mu.Lock()
	h.mail.fail = func(hotel.Mail) error {
		if d.one(4) {
			return &hotel.Error{Op: "test", Kind: d.kind(hotel.NotSent, hotel.InDoubt, hotel.Transient, hotel.Throttled)}
		}
		return nil
	}
	h.mail.mu.Unlock()
	h.pms.mu.Lock()
	h.pms.fail = func() error {
		if d.one(10) {
			return &hotel.Error{Op: "test", Kind: d.kind(hotel.Transient, hotel.Unavailable, hotel.Throttled)}
		}
		return nil
	}
	h.pms.create = func(hotel.BookingRequest) (bool, error) {
		if d.one(3) {
			return d.one(2), &hotel.Error{Op: "test", Kind: hotel.InDoubt}
		}
		return true, nil
	}
	h.pms.mu.Unlock()
	fault := func(string) bool { return d.one(25) }
	store.set(fault, fault)

	const guests, messages, bookers = 50, 20, 5
	var all sync.WaitGroup
	for b := range bookers {
		all.Go(func() { h.persist(t, fmt.Sprintf("54911510%05d", b), "sí") })
	}
	for g := range guests {
		all.Go(func() {
			phone := fmt.Sprintf("54911500%05d", g)
			for i := range messages {
				h.persist(t, phone, question(i))
				pause(d.below(200 * time.Millisecond)) // before, at and after passivation
			}
		})
	}
	all.Wait()
	t.Logf("%d faults", d.stop())
	h.rest(t)

	for g := range guests {
		phone := fmt.Sprintf("54911500%05d", g)
		id := h.guestOf(t, phone)
		require.Equal(t, questions(messages), h.asked(t, id), "each message in one turn, in order")
		h.phone.mu.Lock()
		bubbles := append([]sent(nil), heard[phone]...)
		h.phone.mu.Unlock()
		h.inOrderAndOnce(t, bubbles, doubted)
	}
	h.oneBookingEach(t)
	require.Zero(t, h.letters(t, "panicked"), "no turn panicked")
}

// persist hands a message in until it is accepted, as WhatsApp does.
func (h *house) persist(t *testing.T, phone, text string) {
	t.Helper()
	m := inbound(phone, "wamid."+phone+text, text)
	assert.Eventually(t, func() bool { return h.Accept(t.Context(), []hotel.Inbound{m}, nil, nil) == nil },
		10*time.Second, time.Millisecond)
}

// oneBookingEach checks that no reference has two live orders, and that every
// booking that is ours in the store lives in the hotel system.
func (h *house) oneBookingEach(t *testing.T) {
	t.Helper()
	live := map[hotel.Reference]int{}
	h.pms.set(func(p *pms) {
		for _, o := range p.orders {
			if o.Status == hotel.StatusBooked {
				live[o.Reference]++
			}
		}
	})
	for ref, n := range live {
		require.Equal(t, 1, n, "live orders of %s", ref)
	}
	ours, err := h.store.Reservations(t.Context(), "posada", 100)
	require.NoError(t, err)
	for _, r := range ours {
		if r.Status == hotel.StatusBooked {
			require.Equal(t, 1, live[r.Reference], "confirmed and there")
		}
	}
	t.Logf("%d bookings live, %d confirmed, %d dead letters", len(live), len(ours), h.letters(t, ""))
}

func question(i int) string {
	switch i % 5 {
	case 3:
		return fmt.Sprintf("¿Tienen lugar del %d al %d de diciembre de 2027 para 2 adultos? %d", 1+i, 3+i, 1000+i)
	default:
		return fmt.Sprint("¿Hay wifi? ", 1000+i)
	}
}

func questions(n int) (all []string) {
	for i := range n {
		all = append(all, question(i))
	}
	return all
}

// asked is what the guest said, as the turns took it.
func (h *house) asked(t *testing.T, id hotel.GuestID) (said []string) {
	t.Helper()
	lines, err := h.store.Transcript(t.Context(), id, 10_000)
	require.NoError(t, err)
	for _, l := range lines {
		if l.Who == "guest" {
			said = append(said, l.Text)
		}
	}
	return said
}

// guestOf finds a guest by phone, without a row of its own.
func (h *house) guestOf(t *testing.T, phone string) hotel.GuestID {
	t.Helper()
	m := inbound(phone, "", "")
	a, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: hotel.Key("find-" + phone + t.Name()), Property: "posada",
		Aliases: m.From.Aliases(), Kind: hotel.KindSaid, Body: []byte(`{"kind":"reaction"}`), At: time.Now()}}})
	require.NoError(t, err)
	return a.Arrivals[0].Row.Guest
}

// rest waits until nothing waits: neither rows nor lanes.
func (h *house) rest(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		b, err := h.store.Backlog(t.Context())
		if err != nil || b.Unconsumed > 0 || b.Sending > 0 {
			return false
		}
		swept, err := h.store.Sweep(t.Context(), hotel.Sweep{Now: time.Now().Add(2 * time.Minute), Owner: "test", Limit: 10})
		return err == nil && len(swept.Guests) == 0 && len(swept.Lanes) == 0 && len(swept.Claims) == 0
	}, 60*time.Second, 5*time.Millisecond, "everything comes to rest")
}

// inOrderAndOnce checks what one guest heard against the rows.
func (h *house) inOrderAndOnce(t *testing.T, bubbles []sent, doubted map[string]bool) {
	t.Helper()
	times := map[string]int{}
	var last int64
	for _, b := range bubbles {
		times[b.key]++
		row, err := h.store.Row(t.Context(), hotel.Key(b.key))
		require.NoError(t, err)
		require.GreaterOrEqual(t, row.Order, last, "in the order of the rows")
		last = row.Order
		if times[b.key] > 1 {
			require.True(t, doubted[b.key], "only a send in doubt is heard again: %s", b.key)
			require.LessOrEqual(t, times[b.key], 2, "and once more only")
		}
	}
}

func (h *house) letters(t *testing.T, reason string) (n int) {
	t.Helper()
	letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{All: true, Limit: 10_000})
	require.NoError(t, err)
	for _, l := range letters {
		if strings.Contains(l.Reason, reason) {
			n++
		}
	}
	return n
}
