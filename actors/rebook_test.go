package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// After a lost race the next booking is refused: what is free is asked afresh, and
// it is tried again while something is, within the bound; like any first one.
func TestARefusalAfterALostRace(t *testing.T) {
	soldOut := &hotel.Error{Op: "test", Kind: hotel.SoldOut, Code: "qloapps_400/404"}
	from := func(first, last int, err error) func(int) error {
		return func(n int) error {
			if n >= first && n <= last {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		refuses func(n int) error
		full    bool // by then nothing is free
		outcome hotel.BookingOutcome
		creates int
	}{
		"no room, and one is free":           {from(2, 2, soldOut), false, hotel.OutcomeConfirmed, 3},
		"no room, and none is free":          {from(2, 9, soldOut), true, hotel.OutcomeSoldOut, 2},
		"no room, though always one is free": {from(2, 9, soldOut), false, hotel.OutcomeSoldOut, 5},
		"another clear no":                   {from(2, 2, errWhole), false, hotel.OutcomeConfirmed, 3},
		"a clear no before the race, and one after it": {func(n int) error {
			if n != 2 {
				return from(1, 3, errWhole)(n)
			}
			return nil
		}, false, hotel.OutcomeConfirmed, 4},
		"another clear no, twice": {from(2, 9, errWhole), false, hotel.OutcomeRefused, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.rooms = 10
				lost := false
				l.inn.before["create"] = func(_ context.Context, n int) error {
					if c.full && n == 2 {
						l.inn.set(func(i *inn) { i.rooms = 1 })
					}
					return c.refuses(n)
				}
				l.inn.after["create"] = func(context.Context, int) error {
					if !lost {
						lost = true
						l.inn.set(func(i *inn) { outruns(i, march) })
					}
					return nil
				}
				l.book(ana, 1)
				after(time.Minute)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, c.creates, l.inn.count("create"))
				l.atRest(t)
			})
		})
	}
}
