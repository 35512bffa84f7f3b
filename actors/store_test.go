package actors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// withAway opens a house on a store that fails as told.
func withAway(t *testing.T, change ...func(*actors.Config)) (*house, *away) {
	t.Helper()
	store := &away{}
	h := open(t, append(change, func(c *actors.Config) {
		store.Store = c.Store
		c.Store = store
	})...)
	return h, store
}

// once fails the nth call of one method, and no other.
func once(call string, n int) func(string) bool {
	return func(c string) bool {
		if c != call {
			return false
		}
		n--
		return n == 0
	}
}

// A call is committed and its answer is lost: whatever call it is, the guest
// hears the answer once, in seconds.
func TestAnswerOfTheStoreThatIsLost(t *testing.T) {
	for _, call := range []string{"commit", "settle", "activate", "sweep"} {
		t.Run(call, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				h, store := withAway(t)
				after(time.Second) // what is claimed at the sender's first instant counts as older
				store.set(nil, once(call, 1))
				h.say(ana, "wamid.1", "Hola")
				after(4 * time.Second)
				require.Len(t, h.phone.callsTo(ana), 1, "once")
				h.say(ana, "wamid.2", "¿Hay wifi?")
				after(4 * time.Second)
				require.Len(t, h.phone.callsTo(ana), 2, "and the lane goes on")
				h.atRest(t)
			})
		})
	}
}

func TestClaimWhoseAnswerIsLostLeavesOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h, store := withAway(t)
		after(time.Second)
		store.set(nil, once("claim", 1))
		h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.NotSent}, false) // so that it is claimed apart
		h.say(ana, "wamid.1", "Hola")
		after(6 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 2, "the one that did not leave, and the one that did")
		h.atRest(t)
	})
}

// The repeat of a send in doubt was committed and nobody heard: it has not
// left, so it leaves now, instead of being given up as a second doubt.
func TestRepeatWhoseAnswerIsLostStillLeaves(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h, store := withAway(t)
		store.set(nil, once("repeat", 1))
		h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, false)
		h.say(ana, "wamid.1", "Hola")
		after(25 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
		require.Len(t, h.phone.callsTo(ana), 2)
		require.Zero(t, h.letters(t, ""))
		h.atRest(t)
	})
}

// While the store is away nothing spins; once it is back everything goes on in seconds.
func TestStoreAwayAndBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h, store := withAway(t)
		h.pms.set(func(p *pms) { p.slow = time.Hour })
		h.say(ana, "wamid.1", askRooms) // this guest will be due while the store is away
		after(10 * time.Second)
		calls := map[string]int{}
		store.set(func(call string) bool { calls[call]++; return true }, nil)
		err := h.Accept(t.Context(), []hotel.Inbound{inbound(ana, "wamid.2", "Hola")}, nil, nil)
		require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
		h.pms.set(func(p *pms) { p.slow = 0 })
		after(5 * time.Minute)
		require.Less(t, calls["activate"]+calls["commit"], 50, "%v", calls)
		require.Less(t, calls["sweep"], 2000)
		store.set(nil, nil)
		after(3 * time.Second)
		require.Equal(t, 1, h.phone.count(ana), "checking, late")
	})
}

// remembering is a store whose sweeps tell again of a row that was sending once,
// as a sweep does that was read just before the row ended.
type remembering struct {
	actors.Store
	mu   sync.Mutex
	rows []hotel.OutboxRow
}

func (s *remembering) Sweep(ctx context.Context, w hotel.Sweep) (hotel.Swept, error) {
	found, err := s.Store.Sweep(ctx, w)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, found.Claims...)
	found.Claims = append([]hotel.OutboxRow(nil), s.rows...)
	return found, err
}

func TestRowThatHasEndedIsNotTakenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Store = &remembering{Store: c.Store} })
		after(time.Second)
		h.phone.set(func(p *phone) { p.slow = 3 * time.Second })
		h.say(ana, "wamid.1", "Hola")
		after(30 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 1, "no bubble twice")
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(4 * time.Second)
		require.Len(t, h.phone.callsTo(ana), 2, "and the lane is free")
	})
}

// A mail's doubt that has ended elsewhere frees its lane, and is not asked about for ever.
func TestDoubtThatEndedElsewhereIsLetGo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.fail = failFirst(1, &hotel.Error{Op: "test", Kind: hotel.InDoubt}, true)
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		out, err := h.store.Sweep(t.Context(), hotel.Sweep{Now: time.Now(), Owner: "test"})
		require.NoError(t, err)
		_, err = h.store.Settle(t.Context(), hotel.Settlement{Key: out.Claims[0].Key, Attempt: 1, State: hotel.Settled, Proof: "by hand", At: time.Now()})
		require.NoError(t, err)
		after(25 * time.Second)
		h.say(ana, "wamid.2", "¿Hay wifi?")
		after(time.Second)
		require.Equal(t, 2, h.phone.count(ana))
	})
}

// A flood waits in the store: turns of fifty, no conflict, and what comes meanwhile stands behind it.
func TestFiveHundredWaitingRowsAreTurnsOfFifty(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h, store := withAway(t)
		store.set(func(call string) bool { return call == "commit" }, nil)
		var want []string
		for i := range 500 {
			text := fmt.Sprint("¿Hay wifi? ", 1000+i)
			want = append(want, text)
			h.say(ana, fmt.Sprint("wamid.", i), text)
		}
		after(time.Second)
		commits := 0
		store.set(func(call string) bool {
			if call == "commit" {
				commits++
			}
			return false
		}, nil)
		for i := range 20 { // and more come while it is worked off
			text := fmt.Sprint("¿Hay wifi? ", 2000+i)
			want = append(want, text)
			h.say(ana, fmt.Sprint("wamid.more.", i), text)
		}
		after(4 * time.Second)
		require.Equal(t, want, h.asked(t, h.guestOf(t, ana)))
		require.LessOrEqual(t, commits, 16)
		require.Zero(t, testutil.ToFloat64(h.metrics.Turns.WithLabelValues("conflict")))
	})
}

// Two engines' worth of trouble: somebody else moves the version on before each
// commit. After a few conflicts the guest rests until the sweeper comes.
func TestConflictsAreTakenAgainAndThenLeftToTheSweeper(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var store *contrary
		h := open(t, func(c *actors.Config) {
			store = &contrary{Store: c.Store, left: 9}
			c.Store = store
		})
		after(time.Second) // the sweep of the start is over
		h.say(ana, "wamid.1", "Hola")
		after(time.Millisecond)
		require.InDelta(t, 6, testutil.ToFloat64(h.metrics.Turns.WithLabelValues("conflict")), 0)
		after(5 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
	})
}

type contrary struct {
	actors.Store
	mu   sync.Mutex
	left int
}

func (s *contrary) Commit(ctx context.Context, c hotel.TurnCommit) (hotel.TurnCommitted, error) {
	s.mu.Lock()
	s.left--
	conflict := s.left >= 0
	s.mu.Unlock()
	if conflict {
		return hotel.TurnCommitted{}, &hotel.Error{Op: "test", Kind: hotel.Conflict}
	}
	return s.Store.Commit(ctx, c)
}

// A status may be ahead of its send's settlement: it is kept, tried again, and dropped after 5 min.
func TestStatusAheadOfItsSendIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.phone.set(func(p *phone) { p.slow = 3 * time.Second })
		h.say(ana, "wamid.1", "Hola")
		after(time.Second)
		status := func(id string) hotel.Receipt {
			return hotel.Receipt{MessageID: id, Status: hotel.DeliveryRead, At: time.Now()}
		}
		require.NoError(t, h.Accept(t.Context(), nil, []hotel.Receipt{status("wamid." + ana + ".1"), status("wamid.foreign")}, nil))
		after(10 * time.Second)
		row, err := h.store.Row(t.Context(), hotel.Key(keyOf(h.phone.callsTo(ana)[0])))
		require.NoError(t, err)
		require.Equal(t, hotel.DeliveryRead, row.Status)
		require.Zero(t, testutil.ToFloat64(h.metrics.Accepted.WithLabelValues("orphan")))
		after(6 * time.Minute)
		require.InDelta(t, 1, testutil.ToFloat64(h.metrics.Accepted.WithLabelValues("orphan")), 0)
	})
}

func keyOf(callback string) string {
	for i := range callback {
		if callback[i] == '#' {
			return callback[:i]
		}
	}
	return callback
}

// A panic of the hotel system's client is an answer that did not come.
func TestClientThatPanicsIsNoAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.pms.set(func(p *pms) { p.fail = func() error { panic("client") } })
		h.say(ana, "wamid.1", askRooms)
		after(time.Second)
		require.Equal(t, 1, h.phone.count(ana), "an honest answer")
		after(15 * time.Minute)
		require.Zero(t, gauge(t, h.metrics.ActiveGuests), "and nobody waits for ever")
	})
}

// A row that no version can read is a dead letter, and the next message is answered.
func TestRowThatCannotBeReadIsBuried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h, store := withAway(t)
		m := inbound(ana, "", "")
		_, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: "bad", Property: "posada", Aliases: m.From.Aliases(),
			Kind: "from_the_future", Body: []byte(`{}`), At: time.Now()}}})
		require.NoError(t, err)
		calls := 0
		store.set(func(call string) bool { calls++; return false }, nil)
		h.say(ana, "wamid.1", "Hola")
		after(3 * time.Second)
		require.Equal(t, 1, h.phone.count(ana))
		require.Equal(t, 1, h.letters(t, "not readable"))
		require.Less(t, calls, 30)
	})
}

// A guest's question to the hotel system is out, its turn committed as waiting,
// when the engine ends: the next one asks again at once, not when its patience ends.
func TestQuestionThatWasOutIsAskedAgainAtTheStart(t *testing.T) {
	t.Parallel()

	h := open(t, func(c *actors.Config) { c.Settings.SweepEvery = time.Hour })
	hung := h.pms
	hung.mu.Lock() // the hotel system hangs, for this engine for ever
	t.Cleanup(hung.mu.Unlock)
	h.say(ana, "wamid.1", "¿Tienen lugar del 10 al 12 de diciembre de 2027 para 2 adultos?")
	require.Eventually(t, func() bool {
		return gauge(t, h.metrics.Turns.WithLabelValues("waiting")) == 1
	}, 10*time.Second, time.Millisecond)

	h.pms = newPMS()
	h.start() // as after a kill: the first engine says nothing more
	first := h.phone.await(t, ana, 1)[0]
	require.NotNil(t, first.List, "the answer itself, no word of waiting: %s", first.Text)
}
