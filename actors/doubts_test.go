package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

const eva, leo = "5491150000002", "5491150000003"

// outcomes are what guests heard of their bookings and changes, in order.
func outcomes(l *lodge) (all []hotel.BookingOutcome) {
	for _, in := range l.clerk.results() {
		all = append(all, outcomeOf(in))
	}
	return all
}

// Until it is clear what a create in doubt made, its rooms count as taken, for
// who books; and they are free again once it is known that it made nothing.
func TestRoomsOfADoubtCountAsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.rooms = 1
		l.inn.before["create"] = func(_ context.Context, n int) error {
			if n <= 2 {
				return errCut
			}
			return nil
		}
		l.book(ana, 1)
		after(time.Second)
		l.book(eva, 1)
		after(time.Second)
		require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeSoldOut}, outcomes(l))
		require.Equal(t, 1, l.inn.count("create"))
		require.InDelta(t, 1, gauge(t, l.metrics.PMSInDoubt.WithLabelValues("posada")), 0)
		after(3 * time.Minute) // made once more, in doubt again, and then a person's
		require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeSoldOut, hotel.OutcomeUnclear}, outcomes(l))
		require.Zero(t, gauge(t, l.metrics.PMSInDoubt.WithLabelValues("posada")))
		l.book(leo, 1)
		after(time.Second)
		require.Equal(t, hotel.OutcomeConfirmed, outcomes(l)[2])
	})
	t.Run("TakenUp", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.rooms = 1
			l.inn.before["create"] = func(ctx context.Context, n int) error {
				if n == 1 {
					<-ctx.Done()
					return errCut
				}
				return nil
			}
			l.inn.before["by_reference"] = func(context.Context, int) error { time.Sleep(4 * time.Second); return nil }
			l.book(ana, 1)
			after(time.Second)
			l.dies(t)
			after(500 * time.Millisecond) // nobody has looked at it yet
			l.book(eva, 1)
			after(5 * time.Second)
			require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeSoldOut}, outcomes(l))
		})
	})
}

// Two engines share a store. A create of one is in doubt, and the hotel system
// shows its room as free: the other does not sell it meanwhile, not even while the
// doubt's engine is dead and nobody has taken its claims over yet.
func TestADoubtOfAnotherEngineTakesItsRooms(t *testing.T) {
	for name, c := range map[string]struct {
		dies bool
		wait time.Duration // until the doubt is over
	}{
		"it lives": {false, 90 * time.Second},
		"it dies":  {true, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodges(t, func(i *inn) { i.rooms = 1 })
				l.inn.before["create"] = func(_ context.Context, n int) error {
					if n == 1 {
						return errCut // it has not been made, and may be yet
					}
					return nil
				}
				l.book(ana, 1)
				after(time.Second)
				require.Equal(t, 1, l.inn.count("create"))
				owner, other := l.owner()
				other.book(eva, 1)
				after(time.Second)
				require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeSoldOut}, outcomes(l.lodge))
				if c.dies {
					owner.pause()
					other.book(leo, 1)
					after(time.Second)
					require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeSoldOut, hotel.OutcomeSoldOut}, outcomes(l.lodge))
				}
				require.Equal(t, 1, l.inn.count("create"), "none was made and then undone")

				after(c.wait)
				require.Equal(t, hotel.OutcomeConfirmed, outcomes(l.lodge)[len(outcomes(l.lodge))-1], "and who came first has it")
				require.Len(t, l.inn.live(), 1)
			})
		})
	}
}

// What the hotel system holds it counts itself, whichever engine has still to check it.
func TestABookingToBeCheckedIsNotCountedTwice(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodges(t)
		l.inn.before["overbooked"] = func(_ context.Context, n int) error {
			if n == 1 {
				return errDown
			}
			return nil
		}
		l.inn.slow["by_reference"] = 10 * time.Second
		l.book(ana, 1)
		after(time.Second)
		require.Empty(t, l.clerk.results())
		_, other := l.owner()
		other.book(eva, 1)
		after(time.Second)
		require.Equal(t, []hotel.BookingOutcome{hotel.OutcomeConfirmed}, outcomes(l.lodge), "the second of two rooms")
		after(time.Minute)
		require.Len(t, outcomes(l.lodge), 2)
		require.Len(t, l.inn.live(), 2)
	})
}

// The hotel system made something else than the guest said yes to: that is a
// person's to mend, and nobody confirms it.
func TestABookingOfSomethingElseIsForAPerson(t *testing.T) {
	for name, made := range map[string]func(o *hotel.Reservation){
		"other nights":        func(o *hotel.Reservation) { o.Stay.CheckOut = o.Stay.CheckOut.AddDays(1) },
		"another type":        func(o *hotel.Reservation) { o.RoomType.ID = "2" },
		"one room of another": func(o *hotel.Reservation) { o.Rows[1].RoomType = "2" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.made = made
				l.book(ana, 2)
				after(2 * time.Minute)
				require.Equal(t, hotel.OutcomeUnclear, outcomeOf(l.result(t)))
				require.Equal(t, 1, l.inn.count("create"))
				require.Zero(t, l.inn.count("cancel"))
			})
		})
	}
}
