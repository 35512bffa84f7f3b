package actors_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// inBubble runs a test whose time is the bubble's: hours take no time, and
// instants are exact.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(15 * time.Second) }) // protoactor's dead-letter throttle and futures end by time
		f(t)
	})
}

// after lets d of the bubble's time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (p *phone) count(to string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.heard[to])
}

func (p *phone) callsTo(to string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.calls[to]...)
}

func (p *phone) set(f func(*phone)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

func (p *phone) heardBy(to string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return texts(p.heard[to])
}

func (m *mail) set(f func(*mail)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// askRooms is asked in the bubble, where it is January 2000.
const askRooms = "¿Tienen lugar del 10 al 12 de marzo para 2 adultos?"

func TestIdleGuestLeavesAfterTenMinutesToTheSecond(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.say(ana, "wamid.1", "Hola")
		after(9*time.Minute + 59*time.Second)
		require.InDelta(t, 1, gauge(t, h.metrics.ActiveGuests), 0)
		after(2 * time.Second)
		require.Zero(t, gauge(t, h.metrics.ActiveGuests))

		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Millisecond)
		require.Contains(t, strings.Join(h.phone.heardBy(ana), "\n"), "wifi gratis", "it comes back at once")
	})
}

func TestReadWithinItsPatienceCompletesTheTurnInOneCommit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.slow = 250 * time.Millisecond })
		h.say(ana, "wamid.1", askRooms)
		after(249 * time.Millisecond)
		require.Zero(t, h.phone.count(ana))
		after(10 * time.Millisecond)
		require.Equal(t, 1, h.phone.count(ana))
		require.Zero(t, testutil.ToFloat64(h.metrics.Turns.WithLabelValues("waiting")))
		require.InDelta(t, 1, testutil.ToFloat64(h.metrics.Turns.WithLabelValues("committed")), 0)
	})
}

func TestReadPastItsPatienceLetsTheGuestSpeak(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.slow = 5 * time.Second })
		h.say(ana, "wamid.1", askRooms)
		after(301 * time.Millisecond)
		require.InDelta(t, 1, testutil.ToFloat64(h.metrics.Turns.WithLabelValues("waiting")), 0)
		require.Zero(t, h.phone.count(ana))

		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Millisecond)
		require.Equal(t, 1, h.phone.count(ana), "a question in between is answered at once")
		after(5 * time.Second)
		require.Contains(t, strings.Join(h.phone.heardBy(ana)[1:], "\n"), "viernes 10", "and the rooms come")
	})
}

// Past 20 s the guest hears that somebody is checking, past 60 s a person does, each once.
func TestPatienceIsToTheSecond(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.slow = 100 * time.Second })
		h.say(ana, "wamid.1", askRooms)
		after(19 * time.Second)
		require.Zero(t, h.phone.count(ana))
		after(2 * time.Second)
		require.Equal(t, 1, h.phone.count(ana), "checking")
		after(38 * time.Second)
		require.Empty(t, h.mail.told())
		after(2 * time.Second)
		require.Len(t, h.mail.told(), 1)
		require.Equal(t, hotel.CauseOutage, h.mail.told()[0].Cause)
		after(38 * time.Second)
		require.Equal(t, 1, h.phone.count(ana), "one bubble, not two")
		after(3 * time.Second)
		require.Equal(t, 2, h.phone.count(ana), "and the answer at last")
		require.Len(t, h.mail.told(), 1)
	})
}

// A guest who waits is woken though nobody holds it in memory: the instant is in the store.
func TestPatienceSurvivesARestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.slow = time.Hour })
		h.say(ana, "wamid.1", askRooms)
		after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Error(t, h.Drain(ctx), "the read is still out")
		h.start()
		after(21 * time.Second)
		require.Equal(t, 1, h.phone.count(ana), "checking")
		h.pms.set(func(p *pms) { p.slow = 0 })
	})
}

func TestDoubtWaitsTwentySeconds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, false)
		h.say(ana, "wamid.1", "Hola")
		after(19900 * time.Millisecond)
		require.Len(t, h.phone.callsTo(ana), 1)
		after(200 * time.Millisecond)
		require.Len(t, h.phone.callsTo(ana), 2)
		require.Equal(t, 1, h.phone.count(ana))
	})
}

// A send was cut by the end of its engine: the next one waits for a status from its own readiness on.
func TestDoubtAfterARestartWaitsFromReadiness(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) { p.slow = time.Hour })
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		require.Error(t, h.Drain(ctx))
		h.phone.set(func(p *phone) { p.slow = 0 })
		after(time.Hour) // nobody runs
		h.start()
		after(19 * time.Second)
		require.Empty(t, h.phone.callsTo(ana))
		after(2 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 1)
		require.True(t, strings.HasSuffix(h.phone.callsTo(ana)[0], "#2"), "the cut one counts")
	})
}

// A status overtakes the odd answer of its send: the doubt does not wait.
func TestEvidenceThatComesBeforeTheDoubtEndsIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) {
			p.slow = time.Second
			p.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, true)
		})
		h.say(ana, "wamid.1", "Hola")
		after(time.Millisecond)
		out, err := h.store.Sweep(t.Context(), hotel.Sweep{Now: time.Now(), Owner: "test"})
		require.NoError(t, err)
		require.NoError(t, h.Accept(t.Context(), nil, []hotel.Receipt{{Key: out.Claims[0].Key, Attempt: 1, MessageID: "wamid.out",
			Status: hotel.DeliverySent, At: time.Now()}}, nil))
		after(2 * time.Second)
		b, err := h.store.Backlog(t.Context())
		require.NoError(t, err)
		require.Zero(t, b.Sending, "proven")
		require.Equal(t, 1, h.phone.count(ana))
	})
}

func TestBreakerOfANumberIsProbedAfterThirtySeconds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) {
			p.fail = func(string, string, hotel.Message) (bool, error) {
				return false, &hotel.Error{Op: "test", Kind: hotel.Unavailable}
			}
		})
		for i := range 8 {
			h.say(fmt.Sprintf("54911600%05d", i), fmt.Sprint("wamid.", i), "Hola")
			after(time.Millisecond)
		}
		require.InDelta(t, 1, testutil.ToFloat64(h.metrics.BreakerChanges.WithLabelValues("guest", "open")), 0)
		calls := func() (n int) {
			for i := range 8 {
				n += len(h.phone.callsTo(fmt.Sprintf("54911600%05d", i)))
			}
			return n
		}
		open := calls()
		require.Equal(t, 5, open)
		h.phone.set(func(p *phone) { p.fail = nil })
		after(29 * time.Second)
		require.Equal(t, open, calls(), "nothing is tried with a row")
		after(4 * time.Second)
		for i := range 8 {
			require.Equal(t, 1, h.phone.count(fmt.Sprintf("54911600%05d", i)))
		}
	})
}

// Alerts of an outage: the first at once, those of the next 5 min in one.
func TestAlertsOfAnOutageAreJoined(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.outage(3)
		after(62 * time.Second)
		require.Len(t, h.mail.told(), 1)
		after(5*time.Minute - 3*time.Second)
		require.Len(t, h.mail.told(), 1)
		after(5 * time.Second)
		require.Len(t, h.mail.told(), 2)
		require.Len(t, h.mail.joined[1], 2, "it names both guests")
		h.atRest(t)
	})
}

// outage lets guests ask while the hotel system hangs: each is an alert after 60 s.
func (h *house) outage(guests int) {
	h.t.Helper()
	h.pms.set(func(p *pms) { p.slow = 40 * time.Minute })
	for i := range guests {
		phone := fmt.Sprintf("54911640%05d", i)
		h.say(phone, "wamid.o"+phone, askRooms)
		after(200 * time.Millisecond)
	}
}

func (h *house) atRest(t *testing.T) {
	t.Helper()
	b, err := h.store.Backlog(t.Context())
	require.NoError(t, err)
	require.Zero(t, b.Unconsumed)
	require.Zero(t, b.Sending)
	require.True(t, b.OldestOutbox.IsZero())
}

// An alert that nobody hears opens no window: it is tried again in seconds.
func TestAlertThatFailedIsNotJoined(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Properties[0].StaffPhones = nil })
		tries := 0
		h.mail.set(func(m *mail) {
			m.deaf = func(hotel.Alert) error {
				if tries++; tries <= 2 {
					return &hotel.Error{Op: "test", Kind: hotel.NotSent}
				}
				return nil
			}
		})
		h.outage(1)
		after(70 * time.Second)
		require.Len(t, h.mail.told(), 1)
	})
}

func TestJoinedAlertThatFailedIsToldAgainSoon(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Properties[0].StaffPhones = nil })
		tries := 0
		h.mail.set(func(m *mail) {
			m.deaf = func(hotel.Alert) error {
				if tries++; tries == 2 {
					return &hotel.Error{Op: "test", Kind: hotel.NotSent}
				}
				return nil
			}
		})
		h.outage(3)
		after(6*time.Minute + 10*time.Second)
		require.Len(t, h.mail.told(), 2)
		require.Len(t, h.mail.joined[1], 2)
		h.atRest(t)
	})
}

// A drain does not wait five minutes for joined alerts; the next engine tells them.
func TestDrainLeavesJoinedAlertsDurable(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.outage(3)
		after(62 * time.Second)
		h.pms.set(func(p *pms) { p.slow = 0 })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_ = h.Drain(ctx) // the hanging read ends with it
		b, err := h.store.Backlog(t.Context())
		require.NoError(t, err)
		require.Zero(t, b.Sending, "no claim that has not left")
		h.start()
		after(6 * time.Minute)
		require.GreaterOrEqual(t, len(h.mail.told()), 2)
		h.atRest(t)
	})
}

// A drain lets a send that is under way end, and settles it.
func TestDrainWaitsForSendsInHand(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) { p.slow = 5 * time.Second })
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		began := time.Now()
		require.NoError(t, h.Drain(t.Context()))
		require.InDelta(t, 4, time.Since(began).Seconds(), 0.5)
		require.NoError(t, h.Drain(t.Context()), "a second one is harmless")
		require.Equal(t, 1, h.phone.count(ana))
		h.atRest(t)
	})
}

// One hotel's number is refused, with more waiting than a sweep reads. After a
// restart the other hotel's rows, which stand behind, are found all the same.
func TestOutageOfOneHotelHidesNothingOfAnother(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		two := func(c *actors.Config) {
			c.Properties = append(c.Properties, actors.Property{ID: "mirador", Dialogue: c.Properties[0].Dialogue})
		}
		refused := &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber}
		both := true
		h := open(t, two)
		h.phone.set(func(p *phone) {
			p.down = refused
			p.fail = func(to string, _ string, _ hotel.Message) (bool, error) {
				if both || to != ana {
					return false, refused
				}
				return false, nil
			}
		})
		for i := range 700 {
			h.say(fmt.Sprintf("54911670%05d", i), fmt.Sprint("wamid.", i), "Hola")
		}
		m := inbound(ana, "wamid.m", "Hola")
		m.Property = "mirador"
		require.NoError(t, h.Accept(t.Context(), []hotel.Inbound{m}, nil, nil))
		after(5 * time.Second)
		require.NoError(t, h.Drain(t.Context()))
		require.Zero(t, h.phone.count(ana))
		h.phone.set(func(*phone) { both = false })
		h.start(two)
		after(10 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
	})
}

// What waits at a slow number comes out at its pace, in one claim or two each:
// a thousand waiting lanes do not ask for each free place.
func TestNumberAtItsLimitIsFairAndQuiet(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := &away{}
		claims := 0
		h := open(t, func(c *actors.Config) {
			store.Store = c.Store
			c.Store = store
			c.Settings.MessagesPerSecond = 10
		})
		store.set(func(call string) bool {
			if call == "claim" {
				claims++
			}
			return false
		}, nil)
		const guests = 200
		for i := range guests {
			h.say(fmt.Sprintf("54911650%05d", i), fmt.Sprint("wamid.", i), "Hola")
			after(time.Millisecond)
		}
		heard := func() (n int) {
			for i := range guests {
				n += h.phone.count(fmt.Sprintf("54911650%05d", i))
			}
			return n
		}
		after(time.Second)
		require.InDelta(t, 22, heard(), 2)
		after(9 * time.Second)
		require.InDelta(t, 112, heard(), 3)
		require.Equal(t, 1, h.phone.count(fmt.Sprintf("54911650%05d", 50)), "who came first leaves first")
		after(10 * time.Second)
		require.Equal(t, guests, heard())
		require.Less(t, claims, 2*guests)
	})
}

// The API refuses a bubble for now, three times: it is given up with its
// reason, and the guest's lane goes on.
func TestBubbleRefusedThreeTimesIsADeadLetter(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.phone.fail = failFirst(3, &hotel.Error{Op: "test", Kind: hotel.Transient, Code: "131000"}, false)
		h.say(ana, "wamid.1", "Hola")
		time.Sleep(time.Minute) // bubble time: the backoffs of two refusals
		synctest.Wait()
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.Contains(t, letters[0].Reason, "refused three times")
		h.say(ana, "wamid.2", "¿Hay wifi?")
		h.phone.awaitText(t, ana, "wifi gratis")
	})
}
