package actors_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// In a quiet hotel the newest order comes with every poll. It is looked at when it
// appears and, for it may have been touched twice within that second, once more.
func TestAQuietHotelIsLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t, polling)
		ref := l.bookAs(ana)
		after(time.Second)
		touched := func() float64 { return testutil.ToFloat64(l.metrics.PMSOrderChanges.WithLabelValues("posada")) }
		touch := func(over bool) {
			l.inn.set(func(i *inn) {
				i.touched = append(i.touched, hotel.OrderChange{Order: "1", Code: i.orders[0].Code, Reference: *ref, Over: over})
			})
		}
		touch(false)
		was := l.inn.count("by_reference")
		after(10 * time.Minute)
		require.Equal(t, 20, l.inn.count("changes"))
		require.Equal(t, 2, l.inn.count("by_reference")-was)
		require.InDelta(t, 1, touched(), 0)
		touch(false) // the reception touches it again
		after(10 * time.Minute)
		require.Equal(t, 4, l.inn.count("by_reference")-was)
		require.InDelta(t, 2, touched(), 0)
		touch(true)
		after(10 * time.Minute)
		require.Equal(t, 4, l.inn.count("by_reference")-was)
		require.InDelta(t, 3, touched(), 0)
	})
}

// What appeared while no engine ran is looked at by the first poll.
func TestTheFirstPollLooksAtWhatItFinds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t, polling)
		ref := l.bookAs(ana)
		after(time.Second)
		require.Zero(t, l.inn.count("changes"))
		l.appears(*ref)
		after(time.Minute)
		require.Equal(t, []string{"1 2000-03-10"}, l.inn.live())
		require.InDelta(t, 1, l.rivals(t), 0)
	})
}

// An order that cannot be read, or may not be cancelled, is not tried without end.
func TestThePollGivesAnOrderToAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		op  string
		err error
	}{
		"it has no rooms":  {"by_reference", errRoomless},
		"the key may not":  {"cancel", errNotGranted},
		"it is refused":    {"cancel", &hotel.Error{Op: "test", Kind: hotel.Invalid, Code: "qloapps_400"}},
		"it breaks always": {"cancel", errWhole},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t, polling)
				ref := l.bookAs(ana)
				after(time.Second)
				require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
				l.inn.set(func(i *inn) { i.before[c.op] = always(c.err) })
				was := l.inn.count(c.op)
				l.appears(*ref)
				after(time.Hour)
				require.LessOrEqual(t, l.inn.count(c.op)-was, 11)
				require.Equal(t, 1, l.people.heard(hotel.TroubleTwice))
			})
		})
	}
}

var errRoomless = &hotel.Error{Op: "test", Kind: hotel.Transient, Code: "qloapps_order_without_rooms"}
var errNotGranted = &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Code: "qloapps_401/26", Scope: hotel.ScopeRow}

// An order stays without rooms: once no more of it can come, a person looks, and
// its rooms are free for others.
func TestAnOrderThatStaysWithoutRoomsIsForAPerson(t *testing.T) {
	t.Run("Booking", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.rooms = 1
			l.inn.before["create"] = once1(errCut)
			l.inn.before["by_reference"] = always(errRoomless)
			l.book(ana, 1)
			after(55 * time.Second)
			require.Empty(t, l.clerk.results(), "its rooms may come yet")
			after(10 * time.Second)
			require.Equal(t, hotel.OutcomeUnclear, outcomeOf(l.result(t)))
			l.book("5491150000002", 1)
			after(time.Second)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.clerk.results()[1]))
			l.atRest(t)
		})
	})
	t.Run("Move", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.stands()
			l.inn.before["change"] = once1(errCut)
			l.inn.before["by_code"] = always(errRoomless)
			l.moves(april)
			after(55 * time.Second)
			require.Empty(t, l.clerk.results())
			after(10 * time.Second)
			require.Equal(t, hotel.OutcomeUnclear, outcomeOf(l.result(t)))
			l.atRest(t)
		})
	})
}
