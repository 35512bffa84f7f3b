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

// anew changes who sleeps in the inn's first order: on the wire that is a new booking.
func (l *lodge) anew() {
	l.t.Helper()
	l.moves(march, func(r *hotel.ChangeRequest) { r.Parties = []hotel.Party{{Adults: 1, Children: 1, Ages: []int{4}}} })
}

func TestOtherPeopleAreBookedAnew(t *testing.T) {
	for name, c := range map[string]struct {
		before  func(*inn)
		within  time.Duration
		outcome hotel.BookingOutcome
		live    []string
		old     bool
	}{
		"booked, then the old one cancelled": {outcome: hotel.OutcomeChanged, live: []string{"2 2000-03-10"}},
		"no room beside the old one": {before: func(i *inn) { i.rooms = 1 },
			outcome: hotel.OutcomeSoldOut, live: []string{"1 2000-03-10"}},
		"in doubt, and there": {before: func(i *inn) { i.after["create"] = always(errCut) },
			outcome: hotel.OutcomeChanged, live: []string{"2 2000-03-10"}},
		"dearer": {before: func(i *inn) { i.made = func(o *hotel.Reservation) { o.Total.Minor++ } },
			outcome: hotel.OutcomePriceChanged, live: []string{"1 2000-03-10"}},
		"the old one is cancelled at the third try": {before: func(i *inn) {
			i.before["cancel"] = func(_ context.Context, n int) error {
				if n < 3 {
					return errDown
				}
				return nil
			}
		}, within: 10 * time.Second, outcome: hotel.OutcomeChanged, live: []string{"2 2000-03-10"}},
		"the old one cannot be cancelled": {before: func(i *inn) { i.before["cancel"] = always(errCut) }, within: 10 * time.Minute,
			outcome: hotel.OutcomeChanged, live: []string{"1 2000-03-10", "2 2000-03-10"}, old: true},
		"the old one may not be cancelled": {before: func(i *inn) { i.before["cancel"] = always(&hotel.Error{Kind: hotel.Invalid}) },
			outcome: hotel.OutcomeChanged, live: []string{"1 2000-03-10", "2 2000-03-10"}, old: true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t, func(c *actors.Config) { c.Settings.BreakerFailures = 1000 })
				l.stands()
				if c.before != nil {
					c.before(l.inn)
				}
				l.anew()
				after(max(c.within, 2*time.Second))
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				require.Equal(t, c.live, l.inn.live())
				if in, ok := l.result(t).(conversation.Changed); ok {
					require.Equal(t, c.old, in.OldStands)
					require.Equal(t, "2", in.Reservation.Order)
					require.Equal(t, in.Reference, in.Reservation.Reference)
					require.Equal(t, hotel.BookingCode("CODEXXXAB"), in.Booking)
				}
				l.atRest(t)
			})
		})
	}
}

// Rooms of several types in one order are a person's to change: neither what is
// free nor what it costs is asked for them, and a booking made anew would lose one.
func TestAMixedBookingIsNotChanged(t *testing.T) {
	for name, change := range map[string]func(*lodge, func(*hotel.ChangeRequest)){
		"its dates": func(l *lodge, mixed func(*hotel.ChangeRequest)) { l.moves(april, mixed) },
		"who sleeps there": func(l *lodge, mixed func(*hotel.ChangeRequest)) {
			l.moves(march, mixed, func(r *hotel.ChangeRequest) { r.Parties = []hotel.Party{{Adults: 1}} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.stands()
				change(l, func(r *hotel.ChangeRequest) {
					r.Booking.Rows = append(r.Booking.Rows, hotel.RoomRow{ID: 9, Room: 9, RoomType: "2"})
				})
				after(time.Minute)
				require.Equal(t, hotel.OutcomeRefused, outcomeOf(l.result(t)))
				require.Zero(t, l.inn.count("change")+l.inn.count("create")+l.inn.count("cancel"))
				require.Len(t, l.inn.live(), 1)
				l.atRest(t)
			})
		})
	}
}
