package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// moves lets the guest move the inn's first order, of March, to other dates.
func (l *lodge) moves(to hotel.Stay, change ...func(*hotel.ChangeRequest)) {
	l.t.Helper()
	l.asks(ana, func(base hotel.Key) []conversation.Effect {
		req := hotel.ChangeRequest{Reference: hotel.ReferenceOf(base), Property: "posada", Stay: to, Agreed: time.Now()}
		l.inn.set(func(i *inn) {
			req.Booking, req.Quote = i.orders[0], i.total(to, i.orders[0].Rooms)
			req.Booking.Stay, req.Booking.Total = march, i.total(march, i.orders[0].Rooms) // as it was read back
		})
		for _, f := range change {
			f(&req)
		}
		return []conversation.Effect{conversation.Change{ChangeRequest: req}}
	})
}

// stands lets the inn hold the order that is to be moved, in its room 0.
func (l *lodge) stands() { l.inn.set(func(i *inn) { i.put("WA-FIRST", march, 0) }) }

var shifted = hotel.Stay{CheckIn: hotel.NewDate(2000, 3, 11), CheckOut: hotel.NewDate(2000, 3, 13)}

func TestMoves(t *testing.T) {
	taken := func(i *inn, stay hotel.Stay) {
		for room := range i.rooms {
			i.put("", stay, int64(room))
		}
	}
	for name, c := range map[string]struct {
		to      hotel.Stay
		before  func(*inn)
		ask     func(*hotel.ChangeRequest)
		within  time.Duration
		outcome hotel.BookingOutcome
		stands  string
		changes int
	}{
		"moved": {to: april, outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 1},
		"sold out": {to: april, before: func(i *inn) { taken(i, april) },
			outcome: hotel.OutcomeSoldOut, stands: "1 2000-03-10"},
		"over its own nights, into another room": {to: shifted, outcome: hotel.OutcomeChanged, stands: "1 2000-03-11", changes: 1},
		"its own rooms are in the way":           {to: shifted, before: func(i *inn) { i.rooms = 1 }, outcome: hotel.OutcomeSoldOut, stands: "1 2000-03-10"},
		"they are, and nobody had counted them": {to: shifted, before: func(i *inn) {
			i.before["change"] = func(context.Context, int) error {
				i.set(func(i *inn) { i.rooms = 1 })
				return nil
			}
		}, outcome: hotel.OutcomeSoldOut, stands: "1 2000-03-10", changes: 1},
		"dearer before": {to: april, ask: func(r *hotel.ChangeRequest) { r.Quote.Minor-- },
			outcome: hotel.OutcomePriceChanged, stands: "1 2000-03-10"},
		"dearer after, so it is moved back": {to: april, before: func(i *inn) {
			i.made = func(o *hotel.Reservation) {
				if o.Stay == april {
					o.Total.Minor++
				}
			}
		}, outcome: hotel.OutcomePriceChanged, stands: "1 2000-03-10", changes: 2},
		"lower after is kept": {to: april, before: func(i *inn) { i.made = func(o *hotel.Reservation) { o.Total.Minor-- } },
			outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 1},
		"lost the race, and moved back": {to: april, before: func(i *inn) { lose(i, april) },
			outcome: hotel.OutcomeLostRace, stands: "1 2000-03-10", changes: 2},
		"lost the race, and its room is gone": {to: april, before: func(i *inn) {
			i.rooms = 1
			lose(i, april)
			i.after["change"] = func(context.Context, int) error {
				i.set(func(i *inn) { i.put("", march, 0) })
				return nil
			}
		}, outcome: hotel.OutcomeDisplaced, stands: "1 2000-04-10", changes: 2},
		"lost the race twice": {to: april, before: func(i *inn) {
			lose(i, april)
			lose(i, march)
		}, outcome: hotel.OutcomeDisplaced, stands: "1 2000-03-10", changes: 2},
		"dearer when it is back": {to: april, before: func(i *inn) { i.made = func(o *hotel.Reservation) { o.Total.Minor++ } },
			outcome: hotel.OutcomeDisplaced, stands: "1 2000-03-10", changes: 2},
		"refused": {to: april, before: func(i *inn) { i.before["change"] = always(&hotel.Error{Kind: hotel.Invalid, Code: "qloapps_400/404"}) },
			outcome: hotel.OutcomeRefused, stands: "1 2000-03-10", changes: 1},
		"an odd stay is refused by the client": {to: april, before: func(i *inn) {
			i.before["availability"] = always(&hotel.Error{Kind: hotel.Invalid, Code: "bad_min_stay"})
		},
			outcome: hotel.OutcomeRefused, stands: "1 2000-03-10"},
		"its booking is gone": {to: april, before: func(i *inn) { i.before["change"] = always(&hotel.Error{Kind: hotel.NotFound}) },
			outcome: hotel.OutcomeRefused, stands: "1 2000-03-10", changes: 1},
		"in doubt, and done": {to: april, before: func(i *inn) { i.after["change"] = always(errCut) },
			outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 1},
		"a clear no, made once more at once": {to: april, before: func(i *inn) { i.before["change"] = once1(errWhole) },
			outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 2},
		"a clear no twice": {to: april, before: func(i *inn) { i.before["change"] = always(errWhole) },
			outcome: hotel.OutcomeRefused, stands: "1 2000-03-10", changes: 2},
		"cut, not done, and made once more": {to: april, before: func(i *inn) { i.before["change"] = once1(errCut) }, within: 70 * time.Second,
			outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 2},
		"cut twice": {to: april, before: func(i *inn) { i.before["change"] = always(errCut) }, within: 3 * time.Minute,
			outcome: hotel.OutcomeUnclear, stands: "1 2000-03-10", changes: 2},
		"not looked at after it was cut": {to: april, before: func(i *inn) {
			i.after["change"] = always(errCut)
			i.before["by_code"] = once1(errDown)
		}, within: 5 * time.Second, outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 1},
		"moved back in doubt, and done": {to: april, before: func(i *inn) {
			lose(i, april)
			i.after["change"] = func(_ context.Context, n int) error {
				if n == 2 {
					return errCut
				}
				return nil
			}
		}, within: 5 * time.Second, outcome: hotel.OutcomeLostRace, stands: "1 2000-03-10", changes: 2},
		"moved back in doubt, and not done": {to: april, before: func(i *inn) {
			lose(i, april)
			i.before["change"] = func(_ context.Context, n int) error {
				if n == 2 {
					return errCut
				}
				return nil
			}
		}, within: 5 * time.Second, outcome: hotel.OutcomeLostRace, stands: "1 2000-03-10", changes: 3},
		"never moved back": {to: april, before: func(i *inn) {
			lose(i, april)
			i.before["change"] = func(_ context.Context, n int) error {
				if n >= 2 {
					return errCut
				}
				return nil
			}
		}, within: 10 * time.Minute, outcome: hotel.OutcomeDisplaced, stands: "1 2000-04-10", changes: 11},
		"the check does not answer": {to: april, before: func(i *inn) { i.before["overbooked"] = once1(errDown) }, within: 5 * time.Second,
			outcome: hotel.OutcomeChanged, stands: "1 2000-04-10", changes: 1},
		"expired": {to: april, ask: func(r *hotel.ChangeRequest) { r.Agreed = time.Now().Add(-hotel.AgreedFor - time.Second) },
			outcome: hotel.OutcomeExpired, stands: "1 2000-03-10"},
		"cancelled by somebody meanwhile": {to: april, before: func(i *inn) {
			i.before["change"] = func(context.Context, int) error {
				i.set(func(i *inn) { i.orders[0].Status = hotel.StatusCancelled })
				return errCut
			}
		}, outcome: hotel.OutcomeRefused, stands: "", changes: 1},
		"moved elsewhere by somebody meanwhile": {to: april, before: func(i *inn) {
			i.before["change"] = func(context.Context, int) error {
				i.set(func(i *inn) { i.orders[0].Stay = shifted })
				return errCut
			}
		}, within: 70 * time.Second, outcome: hotel.OutcomeUnclear, stands: "1 2000-03-11", changes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.stands()
				if c.before != nil {
					c.before(l.inn)
				}
				l.moves(c.to, append([]func(*hotel.ChangeRequest){func(*hotel.ChangeRequest) {}}, nonNil(c.ask)...)...)
				after(max(c.within, 2*time.Second))
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, c.changes, l.inn.count("change"))
				l.inn.mu.Lock()
				first := ""
				if o := l.inn.orders[0]; o.Status == hotel.StatusBooked {
					first = o.Order + " " + o.Stay.CheckIn.String()
				}
				l.inn.mu.Unlock()
				require.Equal(t, c.stands, first)
				switch in := l.result(t).(type) {
				case conversation.Changed:
					require.Equal(t, c.to, in.Reservation.Stay)
					require.Equal(t, hotel.Reference("WA-FIRST"), in.Reservation.Reference)
					require.Equal(t, in.Reservation.Code, in.Booking)
				case conversation.ChangeFailed:
					require.Equal(t, hotel.BookingCode("CODEXXXAB"), in.Booking)
					require.Equal(t, c.outcome == hotel.OutcomeDisplaced, in.Reservation.Order != "")
				}
				l.atRest(t)
			})
		})
	}
}

func nonNil(f func(*hotel.ChangeRequest)) []func(*hotel.ChangeRequest) {
	if f == nil {
		return nil
	}
	return []func(*hotel.ChangeRequest){f}
}

// lose lets somebody else's booking land, with a lower row, on the room that a
// change takes for the stay.
func lose(i *inn, stay hotel.Stay) {
	was := i.made
	i.made = func(o *hotel.Reservation) {
		if was != nil {
			was(o)
		}
		if o.Stay != stay {
			return
		}
		rival := hotel.Reservation{Order: "rival " + stay.CheckIn.String(), Stay: stay, Status: hotel.StatusBooked, Rooms: 1,
			Rows: []hotel.RoomRow{{ID: 0, Room: o.Rows[0].Room}}}
		i.row++
		order := *o
		i.orders = append(i.orders, rival)
		*o = order
	}
}

// The engine dies between a move and its check: the next one finds that it
// happened, and goes on from there.
func TestAMoveOfADeadEngineIsNotMadeTwice(t *testing.T) {
	for name, c := range map[string]struct {
		lose    bool
		outcome hotel.BookingOutcome
		changes int
	}{
		"it holds its room":    {false, hotel.OutcomeChanged, 1},
		"it has lost the race": {true, hotel.OutcomeLostRace, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.stands()
				if c.lose {
					lose(l.inn, april)
				}
				l.inn.after["change"] = func(ctx context.Context, n int) error {
					if n == 1 {
						<-ctx.Done()
						return errCut
					}
					return nil
				}
				l.moves(april)
				after(time.Second)
				l.dies(t)
				after(5 * time.Second)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, c.changes, l.inn.count("change"))
			})
		})
	}
}

// A change that has not left is taken back, and says so in the turn's own commit.
func TestAPendingChangeIsWithdrawn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.stands()
		l.inn.slow["availability"] = 10 * time.Second
		l.book("5491150000002", 1) // the lane is taken
		after(time.Second)
		var key hotel.Key
		l.asks(ana, func(base hotel.Key) []conversation.Effect {
			key = base + "/1"
			return []conversation.Effect{conversation.Change{ChangeRequest: hotel.ChangeRequest{Reference: hotel.ReferenceOf(base), Property: "posada",
				Booking: hotel.Reservation{Code: "CODEXXXAB", RoomType: hotel.RoomType{ID: "1"}}, Stay: april}}}
		})
		after(time.Second)
		require.InDelta(t, 2, gauge(t, l.metrics.PMSQueue.WithLabelValues("posada", "1")), 0)
		l.asks(ana, func(hotel.Key) []conversation.Effect { return []conversation.Effect{conversation.Withdraw{Key: key}} })
		after(time.Millisecond)
		gone := l.result(t).(conversation.Withdrawn)
		require.Equal(t, hotel.KindChange, gone.Kind)
		ref, _ := gone.Reference.Base()
		require.Equal(t, key, ref+"/1")
		require.InDelta(t, 1, gauge(t, l.metrics.PMSQueue.WithLabelValues("posada", "1")), 0)
		after(30 * time.Second)
		require.Zero(t, l.inn.count("change"))
		require.Zero(t, gauge(t, l.metrics.PMSQueue.WithLabelValues("posada", "1")))
		l.asks(ana, func(hotel.Key) []conversation.Effect { return []conversation.Effect{conversation.Withdraw{Key: key}} })
		after(time.Second)
		require.Len(t, l.clerk.results(), 2, "what is over is not withdrawn once more") // the other is eva's booking
	})
}

// A cancel that worked though its answer was cut is not asked for again: the booking tells.
func TestACancelThatWorkedIsSeenToHave(t *testing.T) {
	for name, c := range map[string]struct {
		before, after error
		cancels       int
		done          bool
	}{
		"it worked":        {nil, errCut, 1, true},
		"it did not":       {errCut, nil, 2, true},
		"it is refused":    {&hotel.Error{Kind: hotel.Invalid, Code: "400"}, nil, 1, false},
		"it is not there":  {&hotel.Error{Kind: hotel.NotFound}, nil, 1, false},
		"it has not left":  {&hotel.Error{Kind: hotel.NotSent}, nil, 2, true},
		"nobody answers":   {errDown, nil, 2, true},
		"for now it fails": {&hotel.Error{Kind: hotel.Transient, Code: "qloapps_500"}, nil, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.stands()
				if c.before != nil {
					l.inn.before["cancel"] = once1(c.before)
				}
				if c.after != nil {
					l.inn.after["cancel"] = once1(c.after)
				}
				l.asks(ana, func(hotel.Key) []conversation.Effect {
					return []conversation.Effect{conversation.Cancel{CancelRequest: hotel.CancelRequest{Property: "posada", Reference: "WA-FIRST", Order: "1", Code: "CODEXXXAB"}}}
				})
				after(time.Minute)
				require.Equal(t, c.cancels, l.inn.count("cancel"))
				_, done := l.result(t).(conversation.Cancelled)
				require.Equal(t, c.done, done)
				require.Equal(t, c.done, len(l.inn.live()) == 0)
				l.atRest(t)
			})
		})
	}
}
