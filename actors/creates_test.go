package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// A whole answer that is none, and nothing there: it is over at once, and made
// once more at once; the second time it is refused.
func TestAClearNoIsMadeOnceMoreAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.before["create"] = once1(errWhole)
		l.book(ana, 1)
		after(time.Millisecond)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
		require.Equal(t, 2, l.inn.count("create"))
	})
	t.Run("Twice", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.before["create"] = always(errWhole)
			l.book(ana, 1)
			after(time.Millisecond)
			failed := l.result(t).(conversation.BookingFailed)
			require.Equal(t, hotel.OutcomeRefused, failed.Outcome)
			require.Equal(t, "qloapps_500", failed.Code)
			require.Equal(t, 2, l.inn.count("create"))
			l.atRest(t)
		})
	})
	t.Run("NotLookedUpAtOnce", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.before["create"] = once1(errWhole)
			l.inn.before["by_reference"] = once1(errDown)
			l.book(ana, 1)
			after(5 * time.Second)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)), "no minute is waited")
			require.Equal(t, 2, l.inn.count("create"))
		})
	})
}

// A create that was cut may be stored for a minute yet: until then it is looked up.
func TestACutCreateIsLookedUpForAMinute(t *testing.T) {
	for name, c := range map[string]struct {
		appears time.Duration
		creates int
	}{
		"stored at once":        {0, 1},
		"stored after 58 s":     {58 * time.Second, 1},
		"never, so it is again": {time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				var ref hotel.Reference
				l.inn.before["create"] = once1(errCut)
				l.asks(ana, func(base hotel.Key) []conversation.Effect {
					ref = hotel.ReferenceOf(base)
					return []conversation.Effect{conversation.Book{BookingRequest: request(base, 1)}}
				})
				after(time.Millisecond)
				if c.appears < time.Hour {
					after(c.appears)
					l.inn.set(func(i *inn) { i.put(ref, march, 0) })
				}
				after(59*time.Second - c.appears%time.Hour)
				require.Equal(t, 1, l.inn.count("create"), "no second one in the first minute")
				after(10 * time.Second)
				require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
				require.Equal(t, c.creates, l.inn.count("create"))
				require.Len(t, l.inn.live(), 1)
				l.atRest(t)
			})
		})
	}
}

// Nobody knows when the create of a dead engine left: at most 15 s after its
// claim. So it may appear until 75 s after that, and is not made again before.
func TestACreateOfADeadEngineIsLookedUpUntilSeventyFiveSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		appears time.Duration
		creates int
	}{
		"stored after 73 s": {73 * time.Second, 1},
		"never":             {0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				var ref hotel.Reference
				l.inn.before["create"] = func(ctx context.Context, n int) error {
					if n == 1 {
						<-ctx.Done()
						return errCut
					}
					return nil
				}
				l.asks(ana, func(base hotel.Key) []conversation.Effect {
					ref = hotel.ReferenceOf(base)
					return []conversation.Effect{conversation.Book{BookingRequest: request(base, 1)}}
				})
				claim := time.Now()
				after(time.Second)
				l.dies(t)
				if c.appears > 0 {
					after(c.appears - time.Since(claim))
					l.inn.set(func(i *inn) { i.put(ref, march, 0) })
				}
				after(74*time.Second - time.Since(claim))
				require.Equal(t, 1, l.inn.count("create"))
				after(5 * time.Second)
				require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
				require.Equal(t, c.creates, l.inn.count("create"))
				require.Len(t, l.inn.live(), 1)
			})
		})
	}
}

// A claim whose request has not left after 15 s lets none leave any more: it is
// put back, and leaves with the next claim.
func TestACreateLeavesWithinFifteenSecondsOfItsClaim(t *testing.T) {
	t.Run("AvailabilityTakesLong", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.slow["availability"] = 16 * time.Second
			l.book(ana, 1)
			after(20 * time.Second)
			require.Zero(t, l.inn.count("create"))
			l.inn.set(func(i *inn) { i.slow["availability"] = 14 * time.Second })
			after(40 * time.Second)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
			require.Equal(t, 1, l.inn.count("create"))
			require.Zero(t, l.letters(t, ""))
		})
	})
	t.Run("TheClientReadsFirst", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			l.inn.before["create"] = func(ctx context.Context, n int) error {
				if n == 1 {
					time.Sleep(16 * time.Second)
				}
				return hotel.Fence(ctx)
			}
			l.book(ana, 1)
			after(16*time.Second + time.Millisecond)
			require.Empty(t, l.inn.live())
			after(5 * time.Second)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
			require.Len(t, l.inn.live(), 1)
		})
	})
}

// A yes holds for ten minutes, until the request leaves: what was made by an
// earlier one stands.
func TestACreateExpiresTenMinutesAfterTheYes(t *testing.T) {
	for name, c := range map[string]struct {
		away    time.Duration
		outcome hotel.BookingOutcome
	}{
		"the hotel system is away for eight minutes":  {8*time.Minute + 30*time.Second, hotel.OutcomeConfirmed},
		"the hotel system is away for eleven minutes": {11 * time.Minute, hotel.OutcomeExpired},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t, func(c *actors.Config) { c.Settings.BreakerFailures = 1000 })
				l.inn.before["availability"] = always(errDown)
				l.book(ana, 1)
				after(c.away)
				l.inn.set(func(i *inn) { delete(i.before, "availability") })
				after(2 * time.Minute)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				l.atRest(t)
			})
		})
	}
	t.Run("MadeByAnEarlierRequest", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t, func(c *actors.Config) { c.Settings.BreakerFailures = 1000 })
			l.inn.after["create"] = always(errCut)
			l.inn.before["by_reference"] = always(errDown)
			l.book(ana, 1)
			after(11 * time.Minute)
			require.Empty(t, l.clerk.results())
			l.inn.set(func(i *inn) { delete(i.before, "by_reference") })
			after(time.Minute)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
			require.Equal(t, 1, l.inn.count("create"))
		})
	})
}

// What the hotel system made is compared with what was agreed, to the cent.
func TestTotalIsExactToTheCent(t *testing.T) {
	for name, c := range map[string]struct {
		more    int64
		outcome hotel.BookingOutcome
		live    int
	}{
		"as agreed":     {0, hotel.OutcomeConfirmed, 1},
		"a cent lower":  {-1, hotel.OutcomeConfirmed, 1},
		"a cent higher": {1, hotel.OutcomePriceChanged, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.made = func(o *hotel.Reservation) { o.Total.Minor += c.more }
				l.book(ana, 2)
				after(time.Second)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Len(t, l.inn.live(), c.live)
				switch in := l.result(t).(type) {
				case conversation.Booked:
					require.Equal(t, 4_000+c.more, in.Reservation.Total.Minor, "the guest hears what it is")
				case conversation.BookingFailed:
					require.Equal(t, hotel.Money{Minor: 4_001, Currency: "ARS"}, in.NewTotal)
				}
				l.atRest(t)
			})
		})
	}
}

// A booking that is found with fewer rooms than were asked for may be on its
// way: after a minute a person looks.
func TestAllRoomsMustBeThere(t *testing.T) {
	for name, c := range map[string]struct {
		rest    time.Duration
		outcome hotel.BookingOutcome
	}{
		"the rest comes":       {10 * time.Second, hotel.OutcomeConfirmed},
		"the rest never comes": {0, hotel.OutcomeUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.made = func(o *hotel.Reservation) { o.Rooms = 1 }
				l.inn.after["create"] = always(errCut)
				l.book(ana, 2)
				after(9 * time.Second)
				require.Empty(t, l.clerk.results())
				if c.rest > 0 {
					l.inn.set(func(i *inn) { i.orders[0].Rooms = 2 })
				}
				after(3 * time.Minute)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, 1, l.inn.count("create"))
				require.Len(t, l.inn.live(), 1, "what stands is for the person")
			})
		})
	}
}

// Orders of one reference are no rivals of each other: the lowest stays, and the
// others go first.
func TestOfSeveralOrdersTheLowestStays(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.rooms = 3
		l.inn.before["create"] = func(context.Context, int) error { return errCut }
		l.asks(ana, func(base hotel.Key) []conversation.Effect {
			l.inn.set(func(i *inn) { // a request that went out twice: all on the same room
				for range 3 {
					i.put(hotel.ReferenceOf(base), march, 0)
				}
			})
			return []conversation.Effect{conversation.Book{BookingRequest: request(base, 1)}}
		})
		after(3 * time.Second)
		require.Equal(t, "1", l.result(t).(conversation.Booked).Reservation.Order)
		require.Equal(t, []string{"1 2000-03-10"}, l.inn.live())
	})
}

// The hotel system gives two who come at the same instant one room, though another
// of its type is free: who loses it is booked again, and never hears of it.
func TestALoserIsBookedAgainWhileRoomsAreFree(t *testing.T) {
	for name, c := range map[string]struct {
		races   int // lost before one is not
		outcome hotel.BookingOutcome
		creates int
	}{
		"one race":        {1, hotel.OutcomeConfirmed, 2},
		"as many as may":  {4, hotel.OutcomeConfirmed, 5},
		"one more":        {5, hotel.OutcomeLostRace, 5},
		"a race for none": {0, hotel.OutcomeConfirmed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.rooms = 10
				lost := c.races
				l.inn.after["create"] = func(context.Context, int) error {
					l.inn.set(func(i *inn) {
						if lost--; lost < 0 {
							return
						}
						ours := &i.orders[len(i.orders)-1]
						room := ours.Rows[0].Room
						ours.Rows[0].ID += 1000
						i.put("", march, room)
					})
					return nil
				}
				l.book(ana, 1)
				after(time.Minute)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, c.creates, l.inn.count("create"))
				require.Len(t, l.inn.live(), c.creates, "the others' and, at the end, the one confirmed")
			})
		})
	}
}

// The race is lost, and the answer of the cancel is cut, though it worked: the
// guest hears why, and it is not booked again.
func TestALoserThatMayBeCancelledIsNotBookedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.made = func(o *hotel.Reservation) { o.Rows[0].ID += 1000 } // somebody else's row is lower
		l.inn.after["create"] = func(context.Context, int) error {
			l.inn.set(func(i *inn) {
				i.made = nil
				i.put("", march, i.orders[0].Rows[0].Room)
			})
			return nil
		}
		l.inn.after["cancel"] = always(errCut)
		l.book(ana, 1)
		after(3 * time.Minute)
		require.Equal(t, hotel.OutcomeLostRace, outcomeOf(l.result(t)))
		require.Equal(t, 1, l.inn.count("create"))
		require.Equal(t, []string{"2 2000-03-10"}, l.inn.live())
	})
}
