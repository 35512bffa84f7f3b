package actors_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

func polling(c *actors.Config) { c.Settings.PMSPoll = 30 * time.Second }

// appears lets an order of a reference turn up in the hotel system, and in its next poll.
func (l *lodge) appears(ref hotel.Reference) {
	l.inn.set(func(i *inn) {
		o := i.put(ref, april, 1)
		i.touched = append(i.touched, hotel.OrderChange{Order: o.Order, Code: o.Code, Reference: ref})
	})
}

func (l *lodge) rivals(t *testing.T) float64 {
	t.Helper()
	return testutil.ToFloat64(l.metrics.PMSRivals.WithLabelValues("posada"))
}

// bookAs books and tells under which reference.
func (l *lodge) bookAs(phone string) *hotel.Reference {
	l.t.Helper()
	var ref hotel.Reference
	l.asks(phone, func(base hotel.Key) []conversation.Effect {
		ref = hotel.ReferenceOf(base)
		return []conversation.Effect{conversation.Say{Bubble: hotel.Bubble{Text: "one moment"}}, conversation.Book{BookingRequest: request(base, 1)}}
	})
	return &ref
}

// However late it appears, an order that the guest never heard of does not stand.
func TestOrdersThatMustNotStandAreCancelledWheneverTheyAppear(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*testing.T, *lodge) hotel.Reference
		live    []string
	}{
		"a second one of a reference": {func(t *testing.T, l *lodge) hotel.Reference {
			t.Helper()
			ref := l.bookAs(ana)
			after(time.Second)
			require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
			return *ref
		}, []string{"1 2000-03-10"}},
		"one of a request that failed": {func(t *testing.T, l *lodge) hotel.Reference {
			t.Helper()
			l.inn.set(func(i *inn) { i.before["create"] = once1(&hotel.Error{Kind: hotel.SoldOut}) })
			ref := l.bookAs(ana)
			after(time.Second)
			require.Equal(t, hotel.OutcomeSoldOut, outcomeOf(l.result(t)))
			return *ref
		}, nil},
		"one of a request that was taken back": {func(t *testing.T, l *lodge) hotel.Reference {
			t.Helper()
			l.inn.set(func(i *inn) { i.before["availability"] = always(errDown) })
			ref := l.bookAs(ana)
			after(time.Second)
			base, _ := ref.Base()
			l.asks(ana, func(hotel.Key) []conversation.Effect {
				return []conversation.Effect{conversation.Withdraw{Key: base + "/2"}}
			})
			after(time.Second)
			require.Equal(t, hotel.OutcomeWithdrawn, outcomeOf(l.result(t)))
			return *ref
		}, nil},
		"but not one that a person looks after": {func(t *testing.T, l *lodge) hotel.Reference {
			t.Helper()
			l.inn.set(func(i *inn) { i.before["create"] = always(errCut) })
			ref := l.bookAs(ana)
			after(3 * time.Minute)
			require.Equal(t, hotel.OutcomeUnclear, outcomeOf(l.result(t)))
			return *ref
		}, []string{"1 2000-04-10"}},
		"nor one that is none of ours": {func(*testing.T, *lodge) hotel.Reference { return "WA-OTHERS" }, []string{"1 2000-04-10"}},
		"nor the reception's":          {func(*testing.T, *lodge) hotel.Reference { return "" }, []string{"1 2000-04-10"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodging(t, polling)
				ref := c.prepare(t, l)
				after(time.Minute)
				before := l.inn.live()
				l.appears(ref)
				l.inn.set(func(i *inn) { i.before["cancel"] = once1(errDown) }) // then it is tried with the next poll
				after(65 * time.Second)
				require.Equal(t, c.live, l.inn.live())
				require.InDelta(t, float64(len(before)+1-len(c.live)), l.rivals(t), 0)
			})
		})
	}
}

// An order whose create is still out may be its own.
func TestThePollLeavesACreateInHandAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t, polling)
		l.inn.set(func(i *inn) { i.slow["overbooked"] = 50 * time.Second })
		ref := l.bookAs(ana)
		after(time.Second)
		l.inn.set(func(i *inn) {
			i.touched = []hotel.OrderChange{{Order: "1", Code: i.orders[0].Code, Reference: *ref}}
		})
		after(40 * time.Second)
		require.Zero(t, l.inn.count("cancel"))
		after(20 * time.Second)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
		require.Len(t, l.inn.live(), 1)
		require.Zero(t, l.rivals(t))
	})
}

// The poll can wait: it asks every 30 s, not while the hotel system does not
// answer, and gives way to guests, for a minute or two.
func TestThePollGivesWay(t *testing.T) {
	t.Run("Regular", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t, polling)
			after(5 * time.Minute)
			require.InDelta(t, 10, l.inn.count("changes"), 1)
		})
	})
	t.Run("Never", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t)
			after(5 * time.Minute)
			require.Zero(t, l.inn.count("changes"))
		})
	})
	t.Run("BreakerOpen", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t, polling, func(c *actors.Config) {
				c.Settings.BreakerFailures, c.Settings.BreakerOpenFor = 1, time.Hour
			})
			l.inn.set(func(i *inn) { i.before["changes"] = always(errDown) })
			after(5 * time.Minute)
			require.Equal(t, 1, l.inn.count("changes"))
		})
	})
	t.Run("Busy", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			l := lodging(t, polling, func(c *actors.Config) { c.Settings.PMSInFlight = 1 })
			l.inn.set(func(i *inn) { i.slow["availability"] = 24 * time.Hour })
			l.book(ana, 1)
			after(time.Second)
			after(100 * time.Second)
			require.Zero(t, l.inn.count("changes"), "it does not even queue")
		})
	})
}

// Two engines share a store. The first one's create hangs for long, and its
// lease ends meanwhile: the second looks, and books itself. What the first
// made appears late, is not what the guest heard of, and goes.
func TestASupersededCreateIsCancelled(t *testing.T) {
	for name, c := range map[string]struct {
		taken   bool // the second finds no room
		outcome hotel.BookingOutcome
		live    []string
	}{
		"the second booked":        {false, hotel.OutcomeConfirmed, []string{"1 2000-03-10"}},
		"the second found no room": {true, hotel.OutcomeSoldOut, []string{"1 2000-03-10", "2 2000-03-10"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				l := lodges(t, func(i *inn) {
					if c.taken {
						i.rooms = 3
					}
				})
				l.inn.before["create"] = standsStill
				l.book(ana, 1)
				after(time.Second)
				require.Equal(t, 1, l.inn.count("create"))
				owner, _ := l.owner()
				owner.pause()
				if c.taken {
					after(30 * time.Second)
					l.inn.set(func(i *inn) {
						i.put("", march, 0)
						i.put("", march, 1)
						i.rooms = 2
					})
				}
				after(150 * time.Second)
				require.Equal(t, c.outcome, outcomeOf(l.result(t)))
				l.inn.set(func(i *inn) { i.rooms = 3 })
				owner.goOn()
				after(4 * time.Minute)
				require.Equal(t, c.live, l.inn.live())
				require.Len(t, l.clerk.results(), 1, "the guest heard one thing")
			})
		})
	}
}

// The same of a move: the guest has heard that nothing changed, so it goes back.
func TestASupersededMoveGoesBack(t *testing.T) {
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
		l.inn.set(func(i *inn) { i.rooms = 3 })
		owner.goOn()
		after(4 * time.Minute)
		require.Equal(t, "1 2000-03-10", l.inn.live()[0])
		require.Equal(t, 2, l.inn.count("change"), "there and back")
		require.Len(t, l.clerk.results(), 1)
	})
}

// A second order of a reference appears after the engine was stopped, and the
// engine is down for long: the next one looks from where the first has looked.
func TestAPollGoesOnWhereTheOneBeforeStopped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t, polling)
		ref := l.bookAs(ana)
		after(time.Minute)
		require.Equal(t, hotel.OutcomeConfirmed, outcomeOf(l.result(t)))
		require.NoError(t, l.Drain(t.Context()))
		after(time.Minute)
		l.appears(*ref)
		l.inn.set(func(i *inn) { i.touched[len(i.touched)-1].Updated = time.Now().Format(time.DateTime) })
		after(30 * time.Hour)
		require.Len(t, l.inn.live(), 2)
		l.start(l.config, polling)
		after(time.Minute)
		require.Equal(t, []string{"1 2000-03-10"}, l.inn.live())
	})
}

// What could not be looked at yet is before the mark that is kept: an engine
// that starts then finds it again.
func TestAMarkIsNotKeptBeyondWhatIsStillToBeLookedAt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t, polling)
		ref := l.bookAs(ana)
		after(time.Minute)
		before, err := l.store.PollMark(t.Context(), "posada")
		require.NoError(t, err)
		require.NotEmpty(t, before)
		l.inn.set(func(i *inn) { i.before["cancel"] = always(errDown) })
		l.appears(*ref)
		after(time.Hour)
		now, err := l.store.PollMark(t.Context(), "posada")
		require.NoError(t, err)
		require.Equal(t, before, now)
		l.inn.set(func(i *inn) { i.before["cancel"] = nil })
		after(time.Minute)
		now, err = l.store.PollMark(t.Context(), "posada")
		require.NoError(t, err)
		require.Greater(t, now, before)
		require.Equal(t, []string{"1 2000-03-10"}, l.inn.live())
	})
}

// A mark that is none, of a store that somebody mended by hand, stops no poll.
func TestABadMarkIsForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := lodging(t)
		require.NoError(t, l.store.KeepPollMark(t.Context(), "posada", "yesterday"))
		l.inn.before["changes"] = once1(&hotel.Error{Op: "test", Kind: hotel.Invalid, Code: "bad_mark"})
		l.start(l.config, polling)
		after(2 * time.Minute)
		mark, err := l.store.PollMark(t.Context(), "posada")
		require.NoError(t, err)
		require.NotEqual(t, "yesterday", mark)
	})
}
