package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// outruns lets somebody else's booking land with a lower row on the room of the
// inn's last order. The caller holds mu.
func outruns(i *inn, stay hotel.Stay) {
	ours := &i.orders[len(i.orders)-1]
	for r := range ours.Rows {
		ours.Rows[r].ID += 1000
	}
	i.put("", stay, ours.Rows[0].Room)
}

// A booking lost its room, and its cancel was cut and runs there still. Meanwhile
// the rival goes: the booking would hold its room now, but not for long, so the
// guest never hears that it stands.
func TestABookingWhoseCancelMayRunIsNotConfirmed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.rooms = 1
		l.inn.after["create"] = func(context.Context, int) error {
			l.inn.set(func(i *inn) { outruns(i, march) })
			return nil
		}
		lands := make(chan struct{})
		l.inn.before["cancel"] = func(_ context.Context, n int) error {
			if n > 1 {
				return nil
			}
			l.inn.set(func(i *inn) { i.orders[1].Status = hotel.StatusCancelled })
			time.AfterFunc(10*time.Second, func() {
				l.inn.set(func(i *inn) { i.orders[0].Status = hotel.StatusCancelled })
				close(lands)
			})
			return errCut
		}
		l.book(ana, 1)
		<-lands
		after(10 * time.Second)
		require.Equal(t, hotel.OutcomeLostRace, outcomeOf(l.result(t)))
		require.Empty(t, l.inn.live())
		require.Equal(t, 2, l.inn.count("cancel"))
		l.atRest(t)
	})
}

// A booking that lost its room, and that the hotel system will not cancel, is a
// person's after some minutes, not nobody's.
func TestABookingThatCannotBeUndoneIsForAPerson(t *testing.T) {
	for name, err := range map[string]*hotel.Error{
		"the key may not":        {Op: "test", Kind: hotel.Unauthorised, Code: "qloapps_401/26", Scope: hotel.ScopeRow},
		"it breaks at each try":  {Op: "test", Kind: hotel.InDoubt, Code: "qloapps_500"},
		"it says no, each time":  {Op: "test", Kind: hotel.Invalid, Code: "qloapps_400"},
		"somebody before it did": {Op: "test", Kind: hotel.Unauthorised, Code: "http_403", Scope: hotel.ScopeRow},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.after["create"] = func(context.Context, int) error {
					l.inn.set(func(i *inn) { outruns(i, march) })
					return nil
				}
				l.inn.before["cancel"] = always(err)
				l.book(ana, 1)
				after(10 * time.Minute)
				require.Equal(t, hotel.OutcomeUnclear, outcomeOf(l.result(t)))
				require.Equal(t, 10, l.inn.count("cancel"))
				l.atRest(t)
			})
		})
	}
}

// The same of a move: its way back was cut and runs there still, and its rival is gone.
func TestAMoveWhoseWayBackMayRunIsNotConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		lands   time.Duration // the way back that was cut
		changes int
	}{
		"it lands late":                     {10 * time.Second, 3},
		"it lands before the second leaves": {time.Second + 100*time.Millisecond, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.rooms = 1
				l.stands()
				l.inn.after["change"] = func(_ context.Context, n int) error {
					if n == 1 {
						l.inn.set(func(i *inn) { outruns(i, april) })
					}
					return nil
				}
				l.inn.before["change"] = func(_ context.Context, n int) error {
					switch n {
					case 2:
						l.inn.set(func(i *inn) { i.orders[1].Status = hotel.StatusCancelled })
						time.AfterFunc(c.lands, func() { l.inn.set(func(i *inn) { i.orders[0].Stay = march }) })
						return errCut
					case 3:
						time.Sleep(time.Second)
						if l.inn.live()[0] == "1 2000-03-10" {
							return &hotel.Error{Op: "test", Kind: hotel.SoldOut, Code: "qloapps_400"} // its own rows are in the way
						}
					}
					return nil
				}
				l.moves(april)
				after(time.Minute)
				require.Equal(t, hotel.OutcomeLostRace, outcomeOf(l.result(t)))
				require.Equal(t, []string{"1 2000-03-10"}, l.inn.live())
				require.Equal(t, c.changes, l.inn.count("change"))
				l.atRest(t)
			})
		})
	}
}
