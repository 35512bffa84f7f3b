package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
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

// An engine dies between an undo's request and its answer. The next one finds the
// booking alone in its room, for the rival is gone meanwhile, and yet does not
// confirm it: what was asked for may run there still.
func TestAnUndoIsKnownAfterADeath(t *testing.T) {
	gone := func(i *inn, order int) { i.orders[order].Status = hotel.StatusCancelled }
	for name, c := range map[string]struct {
		call  string // that takes the room; undo is what undoes it
		undo  string
		nth   int // of the undo's calls
		begin func(l *lodge)
		live  []string
	}{
		"a cancel": {"create", "cancel", 1, func(l *lodge) { l.book(ana, 1) }, nil},
		"a way back": {"change", "change", 2, func(l *lodge) {
			l.stands()
			l.moves(april)
		}, []string{"1 2000-03-10"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.rooms = 1
				l.inn.after[c.call] = func(_ context.Context, n int) error {
					if n == 1 {
						l.inn.set(func(i *inn) { outruns(i, i.orders[0].Stay) })
					}
					return nil
				}
				l.inn.before[c.undo] = func(ctx context.Context, n int) error {
					if n != c.nth {
						return nil
					}
					l.inn.set(func(i *inn) { gone(i, 1) })
					<-ctx.Done()
					return errCut
				}
				c.begin(l)
				after(time.Second)
				require.Equal(t, c.nth, l.inn.count(c.undo))
				require.Empty(t, l.clerk.results())
				l.dies(t)
				after(10 * time.Second)
				require.Equal(t, hotel.OutcomeLostRace, outcomeOf(l.result(t)))
				require.Equal(t, c.nth+1, l.inn.count(c.undo), "asked for once more")
				require.Equal(t, c.live, l.inn.live())
				l.atRest(t)
			})
		})
	}
}

// What is to be undone cannot be noted: then nothing leaves, and nobody hears of
// a booking, until it can.
func TestNoUndoLeavesThatNobodyWouldKnowOf(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := &away{}
		l := lodging(t, func(c *actors.Config) {
			store.Store = c.Store
			c.Store = store
		})
		l.inn.after["create"] = func(_ context.Context, n int) error {
			if n == 1 {
				l.inn.set(func(i *inn) { outruns(i, march) })
			}
			return nil
		}
		store.set(func(call string) bool { return call == "annotate" }, nil)
		l.book(ana, 1)
		after(10 * time.Second)
		require.Zero(t, l.inn.count("cancel"))
		require.Empty(t, l.clerk.results())
		store.set(nil, nil)
		after(10 * time.Second)
		require.Equal(t, 1, l.inn.count("cancel"))
		require.Equal(t, hotel.OutcomeLostRace, outcomeOf(l.result(t)))
		l.atRest(t)
	})
}

// A booking that lost its room, was undone and is made again is in doubt then:
// what was undone before says nothing of it.
func TestWhatWasUndoneSaysNothingOfTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.after["create"] = func(_ context.Context, n int) error {
			if n > 1 {
				return errCut // made, and the answer is lost
			}
			l.inn.set(func(i *inn) { outruns(i, march) })
			return nil
		}
		l.inn.before["by_reference"] = once1(errDown)
		l.book(ana, 1)
		after(20 * time.Second)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
		require.Equal(t, 2, l.inn.count("create"))
		require.Equal(t, []string{"2 2000-03-10", "3 2000-03-10"}, l.inn.live(), "the rival's, and ours")
		l.atRest(t)
	})
}
