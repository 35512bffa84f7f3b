package actors_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// An engine stands still with a move; another one ends it as sold out. The guest
// asks again and is moved to the same dates. What the first one's move did when
// it woke stands as the guest heard of it: it does not go back.
func TestASupersededMoveDoesNotUndoALaterOne(t *testing.T) {
	for name, check := range map[string]time.Duration{
		"the guest has heard of it":  0,
		"the later one is still out": 30 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodges(t)
				l.stands()
				l.inn.before["change"] = standsStill
				l.moves(april)
				began := time.Now()
				after(time.Second)
				owner, other := l.owner()
				owner.pause()
				after(30 * time.Second)
				l.inn.set(func(i *inn) {
					i.put("", april, 0)
					i.put("", april, 1)
				})
				after(150 * time.Second)
				require.Equal(t, hotel.OutcomeSoldOut, outcomeOf(l.result(t)))
				l.inn.set(func(i *inn) {
					i.rooms = 3
					i.slow["overbooked"] = check
				})
				other.moves(april)
				after(200*time.Second - time.Since(began) + time.Second)
				owner.goOn()
				after(5 * time.Minute)
				all := l.clerk.results()
				require.Len(t, all, 2)
				require.Equal(t, hotel.OutcomeChanged, outcomeOf(all[1]))
				require.Equal(t, "1 2000-04-10", l.inn.live()[0])
				require.Equal(t, 2, l.inn.count("change"), "the one that stood still, and the guest's second")
			})
		})
	}
}

// A move that goes back late may find somebody in its old room: a person hears of it.
func TestASupersededMoveThatGoesBackIsChecked(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodges(t)
		l.stands()
		l.inn.before["change"] = standsStill
		l.moves(april)
		after(time.Second)
		owner, _ := l.owner()
		owner.pause()
		after(30 * time.Second)
		l.inn.set(func(i *inn) {
			i.put("", april, 0)
			i.put("", april, 1)
		})
		after(150 * time.Second)
		require.Equal(t, hotel.OutcomeSoldOut, outcomeOf(l.result(t)))
		l.inn.set(func(i *inn) {
			i.rooms = 3
			lose(i, march)
		})
		owner.goOn()
		after(4 * time.Minute)
		require.Equal(t, "1 2000-03-10", l.inn.live()[0])
		require.Equal(t, 1, l.people.heard(hotel.TroubleTwice))
	})
}
