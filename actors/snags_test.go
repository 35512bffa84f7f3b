package actors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// The hotel system answers oddly to one guest alone: those behind in the room
// type's lane wait seconds, and the one has an end too.
func TestOneGuestsTroubleKeepsNobodyWaiting(t *testing.T) {
	odd := &hotel.Error{Op: "test", Kind: hotel.Transient, Code: "qloapps_500/3"}
	early := &hotel.Error{Op: "test", Kind: hotel.NotSent, Code: "qloapps_500/3"}
	wall := &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Code: "http_403", Scope: hotel.ScopeRow}
	for name, c := range map[string]struct {
		op      string
		err     error
		heals   time.Duration // 0 = never
		outcome hotel.BookingOutcome
		within  time.Duration
		tries   int
	}{
		"its dates":                        {"availability", odd, 0, hotel.OutcomeRefused, 6 * time.Minute, 10},
		"its dates, for a minute":          {"availability", odd, time.Minute, hotel.OutcomeConfirmed, 2 * time.Minute, 0},
		"a read before the create":         {"create", early, 0, hotel.OutcomeRefused, 6 * time.Minute, 10},
		"a firewall does not like it":      {"create", wall, 0, hotel.OutcomeRefused, 5 * time.Second, 3},
		"the key may not ask for its type": {"availability", errNotGranted, 0, hotel.OutcomeRefused, 5 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				began, tries := time.Now(), 0
				l.inn.sickness = func() error {
					if c.heals > 0 && time.Since(began) > c.heals {
						return nil
					}
					tries++
					return c.err
				}
				l.inn.sick = c.op
				l.asks(ana, func(base hotel.Key) []conversation.Effect {
					r := request(base, 1)
					r.Stay = april
					return []conversation.Effect{conversation.Book{BookingRequest: r}}
				})
				l.book("5491150000002", 1)
				after(5 * time.Second)
				stood := l.inn.live()
				require.Len(t, stood, 1)
				require.Contains(t, stood[0], "2000-03-10", "the one behind")
				after(c.within)
				all := l.clerk.results()
				require.Len(t, all, 2)
				require.ElementsMatch(t, []hotel.BookingOutcome{hotel.OutcomeConfirmed, c.outcome},
					[]hotel.BookingOutcome{outcomeOf(all[0]), outcomeOf(all[1])})
				if c.tries > 0 {
					require.Equal(t, c.tries, tries)
				}
				l.atRest(t)
			})
		})
	}
}

// A hotel system that nobody reaches is no trouble of a row's: it waits as long as its yes holds.
func TestAnOutageIsNoRowsTrouble(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.before["availability"] = always(errDown)
		l.book(ana, 1)
		after(8 * time.Minute)
		require.Empty(t, l.clerk.results())
		l.inn.set(func(i *inn) { delete(i.before, "availability") })
		after(time.Minute)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
	})
}

// A cancel that the key is not granted ends, a person hears of it once, and
// bookings go on meanwhile.
func TestACancelThatIsNotGrantedEnds(t *testing.T) {
	for name, err := range map[string]*hotel.Error{
		"the key":                   errNotGranted,
		"a firewall":                {Op: "test", Kind: hotel.Unauthorised, Code: "http_405", Scope: hotel.ScopeRow},
		"a read before it is asked": {Op: "test", Kind: hotel.NotSent, Code: "qloapps_500/3"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t)
				l.inn.rooms = 50
				l.stands()
				l.inn.before["cancel"] = always(err)
				l.asks(ana, func(hotel.Key) []conversation.Effect {
					return []conversation.Effect{conversation.Cancel{CancelRequest: hotel.CancelRequest{Property: "posada", Reference: "WA-FIRST", Order: "1", Code: "CODEXXXAB"}}}
				})
				after(time.Second)
				for n := range 5 {
					l.book("549115000000"+string(rune('1'+n)), 1)
					after(time.Second)
					require.Len(t, l.clerk.results(), n+1)
				}
				after(10 * time.Minute)
				all := l.clerk.results()
				require.Len(t, all, 6)
				require.IsType(t, conversation.CancelFailed{}, all[5])
				require.Equal(t, 10, l.inn.count("cancel"))
				if err.Kind == hotel.Unauthorised {
					require.Equal(t, 1, l.people.heard(hotel.TroublePMSRefused))
					require.Equal(t, err.Code, all[5].(conversation.CancelFailed).Reason)
				}
				l.atRest(t)
			})
		})
	}
}

// A key that is not taken at all still keeps every row.
func TestARefusedKeyKeepsItsRows(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		l.inn.before["availability"] = func(context.Context, int) error {
			return &hotel.Error{Op: "test", Kind: hotel.Unauthorised, Code: "qloapps_401/20", Scope: hotel.ScopeNumber}
		}
		l.book(ana, 1)
		after(5 * time.Minute)
		require.Empty(t, l.clerk.results())
		l.inn.set(func(i *inn) { delete(i.before, "availability") })
		after(2 * time.Minute)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
	})
}
