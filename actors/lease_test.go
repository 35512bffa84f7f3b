package actors_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/persistence/memory"
)

// fleet is the memory store as engines share it; it stands still or fails as told.
type fleet struct {
	*memory.Store
	mu     sync.Mutex
	paused chan struct{} // while it is there Renew hangs, as in a stopped process
	away   atomic.Bool
}

var errAway = errors.New("away")

func (f *fleet) Renew(ctx context.Context, owner string) error {
	if f.away.Load() {
		return &hotel.Error{Op: "fleet", Kind: hotel.Unavailable, Err: errAway}
	}
	f.mu.Lock()
	paused := f.paused
	f.mu.Unlock()
	if paused != nil {
		<-paused // whatever ctx says: a stopped process hears of no deadline
	}
	return f.Store.Renew(ctx, owner)
}

func (f *fleet) pause() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = make(chan struct{})
}

func (f *fleet) goOn() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.paused != nil {
		close(f.paused)
	}
	f.paused = nil
}

// pair is two engines on one store and one phone network.
func pair(t *testing.T, change ...func(*actors.Config)) (first, second *house, ofFirst, ofSecond *fleet) {
	t.Helper()
	ofFirst, ofSecond = &fleet{}, &fleet{}
	named := func(owner string, f *fleet) func(*actors.Config) {
		return func(c *actors.Config) {
			f.Store = c.Store.(*memory.Store)
			c.Owner, c.Fleet, c.Settings.Lease = owner, f, 15*time.Second
			for _, f := range change {
				f(c)
			}
		}
	}
	first = open(t, named("first", ofFirst))
	second = &house{t: t, store: first.store, phone: first.phone, pms: first.pms, mail: first.mail, people: first.people, metrics: first.metrics}
	second.start(named("second", ofSecond))
	t.Cleanup(ofFirst.goOn) // before the drains
	return first, second, ofFirst, ofSecond
}

// claims are the sending rows of an engine.
func (h *house) claims(owner string) []hotel.OutboxRow {
	h.t.Helper()
	swept, err := h.store.Sweep(h.t.Context(), hotel.Sweep{Now: time.Now(), Owner: owner, Limit: 100})
	require.NoError(h.t, err)
	return swept.Claims
}

// settled asserts that nothing is left to be sent or answered.
func (h *house) settled() {
	h.t.Helper()
	b, err := h.store.Backlog(h.t.Context())
	require.NoError(h.t, err)
	require.Equal(h.t, hotel.Backlog{}, b)
}

func arrival(t *testing.T, phone, id, text string) hotel.Arrival {
	t.Helper()
	m := inbound(phone, id, text)
	body, err := json.Marshal(m)
	require.NoError(t, err)
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: m.Property, MessageID: id, Aliases: m.From.Aliases(), Kind: hotel.KindSaid, Body: body, At: m.At}
}

func TestEnginesOnOneStoreShareAGuest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, second, _, _ := pair(t)
		for i := range 20 {
			h := []*house{first, second}[i%2]
			h.say(ana, string(rune('a'+i)), "¿Hay wifi?")
			after(time.Second)
			require.Equal(t, i+1, first.phone.count(ana), "each answered once, in whichever engine it came in")
		}
		first.settled()
	})
}

func TestADeadEnginesClaimsAreTakenOverAfterItsLease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, _, stop, _ := pair(t)
		// Its send hangs, and then the whole process stands still.
		first.phone.set(func(p *phone) {
			p.fail = func(string, string, hotel.Message) (bool, error) {
				return true, &hotel.Error{Op: "test", Kind: hotel.InDoubt}
			}
		})
		first.say(ana, "1", "¿Hay wifi?")
		after(time.Millisecond)
		require.Equal(t, 1, first.phone.count(ana))
		first.phone.set(func(p *phone) { p.fail = nil })
		stop.pause()

		after(14 * time.Second)
		require.Len(t, first.claims("first"), 1, "a living claim, as far as anyone can know")
		after(4 * time.Second)
		require.Len(t, first.claims("second"), 1)
		row := first.claims("second")[0]
		require.True(t, row.TakenOver)
		require.Equal(t, 1, first.phone.count(ana), "in doubt: it waits for evidence")

		after(30 * time.Second)
		first.settled()
		require.Equal(t, []string{string(row.Key) + "#1", string(row.Key) + "#2"}, first.phone.callsTo(ana), "its one repeat")
		stop.goOn()
		after(time.Minute)
		require.Equal(t, 2, first.phone.count(ana))
	})
}

func TestAnEngineThatDidNotRenewSendsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, _, stop, _ := pair(t)
		after(time.Second)
		stop.pause()
		after(6 * time.Second) // more than a third of its lease
		first.say(ana, "1", "¿Hay wifi?")
		after(time.Second)
		require.Equal(t, 0, first.phone.count(ana), "taken and kept: nothing leaves")

		after(30 * time.Second)
		require.Equal(t, 1, first.phone.count(ana), "the other engine has sent it")
		stop.goOn()
		after(time.Minute)
		require.Equal(t, 1, first.phone.count(ana))
		first.settled()
	})
}

func TestTheLateEvidenceOfAPausedEngineSettles(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, _, stop, _ := pair(t)
		first.phone.set(func(p *phone) { p.slow = 25 * time.Second }) // the answer comes when the claim is the other's
		first.say(ana, "1", "¿Hay wifi?")
		after(time.Millisecond)
		first.phone.set(func(p *phone) { p.slow = 0 })
		stop.pause()
		after(20 * time.Second)
		require.Len(t, first.claims("second"), 1)
		after(6 * time.Second)
		first.settled()
		stop.goOn()
		after(time.Minute)
		require.Equal(t, 1, first.phone.count(ana), "nothing is sent twice")
	})
}

func TestAStoreThatIsAwayKillsNobody(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, _, mine, theirs := pair(t)
		first.phone.set(func(p *phone) { p.slow = 3 * time.Minute }) // its claim is out all the while
		first.say(ana, "1", "¿Hay wifi?")
		after(time.Second)
		mine.away.Store(true)
		theirs.away.Store(true)
		after(2 * time.Minute) // longer than a lease
		mine.away.Store(false)
		theirs.away.Store(false)
		after(30 * time.Second)
		require.Len(t, first.claims("first"), 1, "across a store error nobody was seen silent")
		after(time.Minute)
		first.settled()
		require.Equal(t, 1, first.phone.count(ana))
	})
}

func TestADrainedEnginesGuestsAreLookedAfterAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first, second, _, _ := pair(t)
		_, err := first.store.Accept(t.Context(), hotel.Accept{Owner: "first", Arrivals: []hotel.Arrival{arrival(t, ana, "1", "¿Hay wifi?")}})
		require.NoError(t, err)
		require.NoError(t, first.Drain(t.Context()))
		after(5 * time.Second)
		require.Equal(t, 1, second.phone.count(ana))
		engines, err := second.store.Engines(t.Context())
		require.NoError(t, err)
		require.Len(t, engines, 1)
	})
}

func TestAPredecessorIsTakenOverAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := memory.New()
		require.NoError(t, store.Renew(t.Context(), "before"))
		_, err := store.Accept(t.Context(), hotel.Accept{Owner: "before", Arrivals: []hotel.Arrival{arrival(t, ana, "1", "¿Hay wifi?")}})
		require.NoError(t, err)
		h := &house{t: t, store: store, phone: newPhone(), pms: newPMS(), mail: &mail{}, metrics: metrics.New()}
		h.start(func(c *actors.Config) { c.Owner, c.Fleet, c.Predecessor = "after", store, "before" })
		after(time.Second)
		require.Equal(t, 1, h.phone.count(ana))
	})
}

// afterDeaths starts an engine on a store whose engines died so often while the same bubble was out.
func afterDeaths(t *testing.T, deaths int, change func(p *phone)) *house {
	t.Helper()
	store := memory.New()
	require.NoError(t, store.Renew(t.Context(), "before"))
	in, err := store.Accept(t.Context(), hotel.Accept{Owner: "before", Arrivals: []hotel.Arrival{arrival(t, ana, "1", "¿Hay wifi?")}})
	require.NoError(t, err)
	body, err := json.Marshal(hotel.Message{Property: "posada", To: hotel.Address{Phone: ana}, Bubble: hotel.Bubble{Text: "Sí"}})
	require.NoError(t, err)
	guest, key := in.Arrivals[0].Row.Guest, in.Arrivals[0].Row.Key+"/0"
	_, err = store.Commit(t.Context(), hotel.TurnCommit{Guest: guest, Property: "posada", Owner: "before", At: time.Now(),
		State: conversation.State{Guest: guest}.Encode(), Consumed: []hotel.Key{in.Arrivals[0].Row.Key}, Claim: []hotel.Lane{hotel.GuestLane(guest)},
		Outbox: []hotel.OutboxRow{{Key: key, Lane: hotel.GuestLane(guest), Kind: hotel.KindSay, Property: "posada", Guest: guest, Body: body}}})
	require.NoError(t, err)
	for attempt := 1; attempt < deaths; attempt++ {
		_, err := store.Repeat(t.Context(), hotel.Repeat{Key: key, Attempt: attempt, Owner: "before", At: time.Now()})
		require.NoError(t, err)
	}
	h := &house{t: t, store: store, phone: newPhone(), pms: newPMS(), mail: &mail{}, metrics: metrics.New()}
	h.phone.set(change)
	h.start(func(c *actors.Config) { c.Owner, c.Fleet, c.Predecessor = "after", store, "before" })
	return h
}

// TestDeathsDoNotBuryABubble: it is said once more; only when it has died with
// five engines it is given up.
func TestDeathsDoNotBuryABubble(t *testing.T) {
	t.Parallel()
	for deaths, want := range map[int]struct{ said, letters int }{3: {1, 0}, 5: {0, 1}} {
		t.Run(strconv.Itoa(deaths), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h := afterDeaths(t, deaths, func(*phone) {})
				after(2 * time.Minute)
				require.Equal(t, want.said, h.phone.count(ana))
				require.Equal(t, want.letters, h.letters(t, "in doubt"))
				h.atRest(t)
			})
		})
	}
}

// TestADoubtAfterADeathIsTheOtherSides: its engine died, and then WhatsApp leaves
// the repeat in doubt: that is the second doubt, and the last.
func TestADoubtAfterADeathIsTheOtherSides(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := afterDeaths(t, 1, func(p *phone) { p.fail = failFirst(100, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, false) })
		after(5 * time.Minute)
		require.Len(t, h.phone.callsTo(ana), 1)
		require.Equal(t, 1, h.letters(t, "in doubt twice"))
		h.atRest(t)
	})
}

// slowCreate books long after the engine that asks has lost its lease.
type slowCreate struct {
	*pms
	takes time.Duration
}

func (s slowCreate) Create(ctx context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	time.Sleep(s.takes) // whatever ctx says: the request is out
	return s.pms.Create(ctx, r)
}

func TestALateBookingOfAPausedEngineIsCancelled(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		stop := &fleet{}
		first := open(t, func(c *actors.Config) {
			stop.Store = c.Store.(*memory.Store)
			c.Owner, c.Fleet, c.PMS = "first", stop, slowCreate{c.PMS.(*pms), 3 * time.Minute}
		})
		t.Cleanup(stop.goOn)
		second := &house{t: t, store: first.store, phone: first.phone, pms: first.pms, mail: first.mail, metrics: first.metrics}
		second.start(func(c *actors.Config) { c.Owner, c.Fleet = "second", first.store })
		first.say(ana, "1", "Hola, quiero la doble del 10 al 12 de febrero para 2 adultos")
		after(time.Second)
		first.say(ana, "2", "Ana Pérez, ana@example.com")
		after(time.Second)
		first.say(ana, "3", "sí")
		after(time.Second)
		stop.pause()
		after(2 * time.Minute)
		require.Contains(t, strings.Join(first.phone.heardBy(ana), "\n"), "XKBKNABAA", "the other engine has looked, waited and booked")
		stop.goOn()
		after(5 * time.Minute)
		first.pms.set(func(p *pms) {
			require.Len(t, p.orders, 2)
			require.Equal(t, hotel.StatusBooked, p.orders[0].Status)
			require.Equal(t, hotel.StatusCancelled, p.orders[1].Status, "the second order of its reference")
		})
		first.settled()
	})
}
