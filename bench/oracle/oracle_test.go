package oracle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/bench/oracle"
)

// calm is a run in which every promise was kept: two guests, three messages
// each; the last one is a yes, whose booking's result is answered.
func calm() oracle.Evidence {
	e := oracle.Evidence{Whole: true}
	order := int64(0)
	next := func() int64 { order++; return order }
	for n := range 2 {
		guest := oracle.Guest{Email: fmt.Sprintf("ana%d@example.com", n), Agreed: true, Confirmed: true}
		id := fmt.Sprintf("g%d", n)
		said := func(i int) string {
			wamid, key := fmt.Sprintf("wamid.%d.%d", n, i), fmt.Sprintf("k%d.%d", n, i)
			guest.Said = append(guest.Said, oracle.Said{ID: wamid, Acked: true})
			e.Store.Inbox = append(e.Store.Inbox, oracle.InboxRow{Key: key, Guest: id, Kind: "said", ID: wamid, Order: next(), Consumed: true})
			return key
		}
		say := func(key string) {
			e.Store.Outbox = append(e.Store.Outbox, oracle.OutboxRow{Key: key, Guest: id, Kind: "say", Order: next(), Settled: true})
			guest.Heard = append(guest.Heard, oracle.Heard{Key: key})
		}
		say(said(0) + "/0")
		said(1)
		say(fmt.Sprintf("%s.%d/0", id, 2)) // a turn without rows: its reads came late
		key := said(2)
		e.Store.Outbox = append(e.Store.Outbox, oracle.OutboxRow{Key: key + "/0", Guest: id, Kind: "book", Order: next(), Settled: true})
		e.Store.Inbox = append(e.Store.Inbox, oracle.InboxRow{Key: key + "/0/booked", Guest: id, Kind: "booked", Order: next(), Consumed: true})
		say(key + "/0/booked/0")
		e.Bookings = append(e.Bookings, guest.Email)
		e.Store.Reservations++
		e.Guests = append(e.Guests, guest)
	}
	return e
}

func TestCalmRunIsJudgedGood(t *testing.T) {
	t.Parallel()

	v := oracle.Judge(calm())
	require.True(t, v.OK(), "%s", v)
	for _, c := range v.Checks {
		require.Positive(t, c.Seen, "%s was never looked at", c.Name)
	}
}

func TestNothingSeenIsNotGood(t *testing.T) {
	t.Parallel()

	require.False(t, oracle.Judge(oracle.Evidence{}).OK())
}

func TestSeveralMessagesInOneTurnAreAnsweredOnce(t *testing.T) {
	t.Parallel()

	e := calm()
	g := &e.Guests[0]
	g.Said = slices.Insert(g.Said, 1, oracle.Said{ID: "wamid.0.0b", Acked: true})
	for i := range e.Store.Inbox { // make room behind the first message
		e.Store.Inbox[i].Order *= 10
	}
	for i := range e.Store.Outbox {
		e.Store.Outbox[i].Order *= 10
	}
	e.Store.Inbox[0].Order, e.Store.Inbox[0].Key = 5, "first"
	e.Store.Inbox = append(e.Store.Inbox, oracle.InboxRow{Key: "k0.0", Guest: "g0", Kind: "said", ID: "wamid.0.0b", Order: 10, Consumed: true})
	v := oracle.Judge(e)
	require.True(t, v.OK(), "%s", v)
}

// Who hears a bubble twice takes it for the next answer and types ahead: a
// bubble whose reads come late is then overtaken by the answer to the message
// after its own. That is one bubble for each message; one more is too many.
func TestABubbleHeardTwiceLetsTheGuestTypeAhead(t *testing.T) {
	t.Parallel()

	overtaken := func(twice bool, more ...string) oracle.Evidence {
		g := oracle.Guest{Said: []oracle.Said{{ID: "w1", Acked: true}, {ID: "w2", Acked: true}, {ID: "w3", Acked: true}}}
		e := oracle.Evidence{Whole: true, Doubts: true}
		for i, order := range []int64{1, 3, 4} {
			e.Store.Inbox = append(e.Store.Inbox, oracle.InboxRow{Key: fmt.Sprintf("k%d", i+1), Guest: "g", Kind: "said",
				ID: g.Said[i].ID, Order: order, Consumed: true})
		}
		for i, key := range slices.Concat([]string{"k1/0", "k3/0", "g.2/0"}, more) { // g.2 is the answer to w2, late
			e.Store.Outbox = append(e.Store.Outbox, oracle.OutboxRow{Key: key, Guest: "g", Kind: "say", Order: []int64{2, 5, 6, 7}[i], Settled: true, Attempt: 2})
			g.Heard = append(g.Heard, oracle.Heard{Key: key})
			if twice && i == 0 {
				g.Heard = append(g.Heard, oracle.Heard{Key: key})
			}
		}
		e.Guests = []oracle.Guest{g}
		return e
	}
	v := oracle.Judge(overtaken(true))
	require.True(t, v.OK(), "%s", v)
	require.Contains(t, oracle.Judge(overtaken(false)).String(), "no message is answered twice: 1 of 3", "nobody types ahead")
	require.Contains(t, oracle.Judge(overtaken(true, "g.3/0")).String(), "no message is answered twice: 1 of 4", "one bubble more than messages")
}

// Each broken promise is found, under its own name.
func TestSeededViolations(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		name  string
		broke string
		seed  func(e *oracle.Evidence)
	}{
		{"AckedMessageWithoutRow", "a 200 is one inbox row", func(e *oracle.Evidence) {
			e.Guests[0].Said = append(e.Guests[0].Said, oracle.Said{ID: "wamid.lost", Acked: true})
		}},
		{"MessageWithTwoRows", "a 200 is one inbox row", func(e *oracle.Evidence) {
			row := e.Store.Inbox[0]
			row.Key = "twin"
			e.Store.Inbox = append(e.Store.Inbox, row)
		}},
		{"InventedMessage", "nothing invented in the inbox", func(e *oracle.Evidence) {
			e.Store.Inbox = append(e.Store.Inbox, oracle.InboxRow{Key: "x", Guest: "g0", Kind: "said", ID: "wamid.x", Order: 99, Consumed: true})
		}},
		{"UnconsumedRow", "every inbox row is consumed", func(e *oracle.Evidence) { e.Store.Inbox[1].Consumed = false }},
		{"UnsettledRow", "every outbox row is settled", func(e *oracle.Evidence) { e.Store.Outbox[1].Settled = false }},
		{"BubbleHeardTwice", "each bubble is heard once", func(e *oracle.Evidence) {
			e.Guests[0].Heard = append(e.Guests[0].Heard, e.Guests[0].Heard[2])
		}},
		{"BubbleNeverHeard", "each bubble is heard once", func(e *oracle.Evidence) { e.Guests[0].Heard = e.Guests[0].Heard[:2] }},
		{"BubbleOfAnotherGuest", "each bubble is heard once", func(e *oracle.Evidence) {
			e.Guests[0].Heard[0], e.Guests[1].Heard[0] = e.Guests[1].Heard[0], e.Guests[0].Heard[0]
		}},
		{"BubbleThatTheStoreDoesNotKnow", "each bubble is heard once", func(e *oracle.Evidence) {
			e.Guests[0].Heard = append(e.Guests[0].Heard, oracle.Heard{Key: "k0.0/7"})
		}},
		{"MessageWithoutAnswer", "each message is answered", func(e *oracle.Evidence) {
			last := len(e.Store.Outbox) - 1
			e.Store.Outbox = e.Store.Outbox[:last]
			e.Guests[1].Heard = e.Guests[1].Heard[:2]
		}},
		{"MessageAnsweredTwice", "no message is answered twice", func(e *oracle.Evidence) {
			e.Store.Outbox = append(e.Store.Outbox, oracle.OutboxRow{Key: "k1.2/0/booked/1", Guest: "g1", Kind: "say", Order: 99, Settled: true})
			e.Guests[1].Heard = append(e.Guests[1].Heard, oracle.Heard{Key: "k1.2/0/booked/1"})
		}},
		{"BubblesOvertake", "in order per guest", func(e *oracle.Evidence) {
			h := e.Guests[0].Heard
			h[0], h[1] = h[1], h[0]
		}},
		{"MessagesOvertake", "in order per guest", func(e *oracle.Evidence) {
			s := e.Guests[0].Said
			s[0], s[1] = s[1], s[0]
		}},
		{"BookedTwice", "each confirmed reservation is booked once", func(e *oracle.Evidence) {
			e.Bookings = append(e.Bookings, e.Bookings[0])
			e.Store.Reservations++
		}},
		{"ConfirmedButNotBooked", "each confirmed reservation is booked once", func(e *oracle.Evidence) {
			e.Bookings = e.Bookings[1:]
			e.Store.Reservations--
		}},
		{"BookedWithoutYes", "each confirmed reservation is booked once", func(e *oracle.Evidence) {
			e.Guests[0].Agreed, e.Guests[0].Confirmed = false, false
		}},
		{"BookedForNobody", "each confirmed reservation is booked once", func(e *oracle.Evidence) {
			e.Bookings = append(e.Bookings, "nobody@example.com")
			e.Store.Reservations++
		}},
		{"BookedButNotKnownToTheStore", "each confirmed reservation is booked once", func(e *oracle.Evidence) { e.Store.Reservations-- }},
		{"DeadLetter", "no dead letters", func(e *oracle.Evidence) { e.Store.Letters, e.Store.Reason = 1, "refused" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			e := calm()
			c.seed(&e)
			v := oracle.Judge(e)
			require.False(t, v.OK())
			require.Contains(t, v.String(), c.broke)
			for _, check := range v.Checks {
				require.Equal(t, check.Broken > 0, check.Example != "", "%s", check.Name)
			}
		})
	}
}

// A run that was cut is judged by what a 200 promises, and by nothing else.
func TestCutRun(t *testing.T) {
	t.Parallel()

	e := calm()
	e.Whole = false
	e.Store.Outbox, e.Store.Inbox[0].Consumed = nil, false
	require.True(t, oracle.Judge(e).OK())
	e.Store.Inbox = e.Store.Inbox[1:]
	require.False(t, oracle.Judge(e).OK())
}
