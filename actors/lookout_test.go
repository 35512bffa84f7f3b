package actors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// people are who runs the engine: they keep what they were told.
type people struct {
	mu   sync.Mutex
	told []hotel.Trouble
	deaf error
}

func (p *people) Tell(_ context.Context, t hotel.Trouble) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deaf != nil {
		return p.deaf
	}
	p.told = append(p.told, t)
	return nil
}

func (p *people) all() []hotel.Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]hotel.Trouble(nil), p.told...)
}

// heard is how often they were told of a cause.
func (p *people) heard(cause hotel.TroubleCause) int {
	n := 0
	for _, t := range p.all() {
		if t.Cause == cause {
			n++
		}
	}
	return n
}

// said is the last summary of a cause.
func (p *people) said(cause hotel.TroubleCause) string {
	last := ""
	for _, t := range p.all() {
		if t.Cause == cause {
			last = t.Summary
		}
	}
	return last
}

func TestTheOperatorHearsOfAHotelSystemThatStaysAway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		gone := &hotel.Error{Op: "test", Kind: hotel.Unavailable}
		h.pms.set(func(p *pms) { p.down = gone })
		for i := range 6 { // each asks, and the breaker opens
			h.say(fmt.Sprintf("54911650%05d", i), fmt.Sprint("wamid.", i), fmt.Sprintf("¿Tienen lugar del %d al %d de marzo para 2 adultos?", i+1, i+3))
		}
		after(4 * time.Minute)
		require.Zero(t, h.people.heard(hotel.TroublePMSAway), "a short outage is the breaker's")
		after(5 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroublePMSAway))
		require.Contains(t, h.people.said(hotel.TroublePMSAway), "The hotel system has not answered for 5 min")
		require.Equal(t, hotel.PropertyID("posada"), h.people.all()[0].Property)
		after(time.Hour)
		require.Equal(t, 2, h.people.heard(hotel.TroublePMSAway), "again after an hour, while it lasts")
		h.pms.set(func(p *pms) { p.down, p.slow = nil, 0 })
		after(3 * time.Hour)
		require.Equal(t, 2, h.people.heard(hotel.TroublePMSAway), "and no more once it answers")
	})
}

func TestTheOperatorHearsOfWhatWaitsTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t, func(c *actors.Config) { c.Settings.OldestAlert = 2 * time.Minute })
		h.phone.set(func(p *phone) {
			p.down = &hotel.Error{Kind: hotel.Unavailable}
			p.fail = func(string, string, hotel.Message) (bool, error) {
				return false, &hotel.Error{Op: "test", Kind: hotel.NotSent}
			}
		})
		h.say(ana, "wamid.1", "Hola")
		after(110 * time.Second)
		require.Zero(t, h.people.heard(hotel.TroubleOutboxStuck))
		after(3 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleOutboxStuck))
		require.Contains(t, h.people.said(hotel.TroubleOutboxStuck), "waits for 2 min")
		require.Zero(t, h.people.heard(hotel.TroubleInboxStuck), "the turn was made")
		after(10 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleOutboxStuck))
	})
}

// What waited while the engine was down is no trouble when it is answered at once.
func TestOldRowsAtTheStartAreNoTroubleYet(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, h.Drain(ctx))
		_, err := h.store.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{
			Key: "0old", Property: "posada", MessageID: "wamid.old", Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: ana}},
			Kind: hotel.KindSaid, Body: []byte(`{"property":"posada","kind":"text","text":"Hola","from":{"phone":"` + ana + `"}}`), At: time.Now(),
		}}})
		require.NoError(t, err)
		after(time.Hour)
		h.start()
		after(10 * time.Minute)
		require.Equal(t, 1, h.phone.count(ana))
		require.Empty(t, h.people.all())
	})
}

func TestTheOperatorHearsOfAStoreThatStaysAway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var store *away
		h := open(t, func(c *actors.Config) {
			store = &away{Store: c.Store}
			c.Store = store
		})
		after(time.Minute)
		store.set(func(call string) bool { return call == "sweep" }, nil)
		after(4 * time.Minute)
		require.Empty(t, h.people.all())
		after(2 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleStoreAway))
		require.Contains(t, h.people.said(hotel.TroubleStoreAway), "5 min")
		store.set(nil, nil)
		after(2 * time.Hour)
		require.Len(t, h.people.all(), 1)
	})
}

func TestTheOperatorHearsOfNewDeadLettersByReason(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		letters := func(reasons ...string) {
			var dead []hotel.DeadLetter
			for _, r := range reasons {
				dead = append(dead, hotel.DeadLetter{Source: "webhook", Reason: r, Body: []byte(r), At: time.Now()})
			}
			require.NoError(t, h.Accept(t.Context(), nil, nil, dead))
		}
		after(5 * time.Second)
		letters("undecodable: quoted words of a guest", "undecodable: other words", "no sender")
		after(5 * time.Second)
		require.Len(t, h.people.all(), 1)
		require.Equal(t, "New dead letters: 1 of webhook, no sender; 2 of webhook, undecodable.", h.people.all()[0].Summary)

		after(time.Hour)
		require.Len(t, h.people.all(), 1, "known ones are no news")
		letters("no sender 2", "whatsapp.Send: window_closed 131047: what it said")
		after(5 * time.Second)
		require.Equal(t, "New dead letters: 1 of webhook, no sender; 1 of webhook, window_closed.", h.people.said(hotel.TroubleDeadLetters))

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, h.Drain(ctx))
		h.start()
		after(time.Minute)
		require.Equal(t, 2, h.people.heard(hotel.TroubleDeadLetters), "nor after a restart")
	})
}

// A guest whom the staff leave waiting is told on the operator's one path, without a word of the guest.
func TestStaffThatStaySilentReachTheOperator(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.say(ana, "wamid.1", "Quiero hablar con una persona")
		after(30 * time.Second)
		require.Len(t, h.mail.told(), 1)
		after(90 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleUnanswered))
		require.Equal(t, "A guest waits for a person, and nobody of the staff has written.", h.people.said(hotel.TroubleUnanswered))
		for _, a := range h.mail.told() {
			require.False(t, a.Operator)
		}
		h.atRest(t)
	})
}

// An alert that nobody could hear stays a row until somebody does.
func TestAnOperatorWhoCannotBeToldNowIsToldLater(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		h.people.deaf = &hotel.Error{Op: "test", Kind: hotel.NotSent}
		h.say(ana, "wamid.1", "Quiero hablar con una persona")
		after(90 * time.Minute)
		require.Empty(t, h.people.all())
		h.people.mu.Lock()
		h.people.deaf = nil
		h.people.mu.Unlock()
		after(10 * time.Minute)
		require.Equal(t, 1, h.people.heard(hotel.TroubleUnanswered))
		h.atRest(t)
	})
}

func TestHowTheOutsideStands(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := open(t)
		require.Equal(t, []hotel.Upstream{{Destination: "whatsapp", Property: "posada", Breaker: "closed"},
			{Destination: "pms", Property: "posada", Breaker: "closed"}}, h.Outside())
		h.pms.set(func(p *pms) { p.down = &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber} })
		h.phone.set(func(p *phone) {
			p.down = &hotel.Error{Op: "test", Kind: hotel.Unavailable}
			p.fail = func(string, string, hotel.Message) (bool, error) {
				return false, &hotel.Error{Op: "test", Kind: hotel.InDoubt}
			}
		})
		for i := range 8 {
			h.say(fmt.Sprintf("54911650%05d", i), fmt.Sprint("wamid.", i), askRooms)
		}
		after(time.Minute)
		out := h.Outside()
		require.NotEqual(t, "closed", out[0].Breaker)
		require.LessOrEqual(t, time.Since(out[0].Since), time.Minute)
		require.True(t, out[1].Refused)
		d, err := h.Doubts(t.Context())
		require.NoError(t, err)
		require.Positive(t, d.Rows)
		require.GreaterOrEqual(t, time.Since(d.Oldest), 20*time.Second)
		h.phone.set(func(p *phone) { p.down, p.fail = nil, nil })
		h.pms.set(func(p *pms) { p.down = nil })
		after(10 * time.Minute)
		require.Equal(t, "closed", h.Outside()[0].Breaker)
		require.False(t, h.Outside()[1].Refused)
		d, err = h.Doubts(t.Context())
		require.NoError(t, err)
		require.Zero(t, d.Rows)
	})
}
