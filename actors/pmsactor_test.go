package actors

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/memory"
)

// What opens the hotel system's breaker, after five in a row: that nobody
// answers. A live QloApps that says no, or breaks after it booked, does not, nor
// does a request that we gave up ourselves.
func TestWhatCountsAgainstTheHotelSystem(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		opens bool
	}{
		"an answer":                 {nil, false},
		"time-out of a read":        {&hotel.Error{Kind: hotel.Unavailable, Code: "timeout", Err: context.DeadlineExceeded}, true},
		"time-out of a create":      {&hotel.Error{Kind: hotel.InDoubt, Code: "timeout", Err: context.DeadlineExceeded}, true},
		"no connection":             {&hotel.Error{Kind: hotel.NotSent, Code: "dial"}, true},
		"no connection, of a read":  {&hotel.Error{Kind: hotel.Unavailable, Code: "dial"}, true},
		"cut connection":            {&hotel.Error{Kind: hotel.InDoubt, Code: "cut"}, true},
		"502":                       {&hotel.Error{Kind: hotel.Unavailable, Code: "http_502"}, true},
		"503 of a proxy":            {&hotel.Error{Kind: hotel.Unavailable, Code: "http_503"}, true},
		"504 of a create":           {&hotel.Error{Kind: hotel.InDoubt, Code: "http_504"}, true},
		"500 of a web server":       {&hotel.Error{Kind: hotel.Unavailable, Code: "http_500"}, true},
		"500 of QloApps":            {&hotel.Error{Kind: hotel.Transient, Code: "qloapps_500/3"}, false},
		"500 of QloApps' create":    {&hotel.Error{Kind: hotel.InDoubt, Code: "qloapps_500"}, false},
		"200 of QloApps, odd":       {&hotel.Error{Kind: hotel.InDoubt, Code: "qloapps_odd_200"}, false},
		"400":                       {&hotel.Error{Kind: hotel.Invalid, Code: "qloapps_400/85"}, false},
		"no room":                   {&hotel.Error{Kind: hotel.SoldOut, Code: "qloapps_400/404"}, false},
		"401":                       {&hotel.Error{Kind: hotel.Unauthorised, Code: "qloapps_401/20"}, false},
		"404":                       {&hotel.Error{Kind: hotel.NotFound, Code: "qloapps_404"}, false},
		"429":                       {&hotel.Error{Kind: hotel.Throttled, Code: "http_429"}, false},
		"refused before it left":    {&hotel.Error{Kind: hotel.Invalid, Code: "bad_email"}, false},
		"given up by us":            {&hotel.Error{Kind: hotel.InDoubt, Code: "cut", Err: fmt.Errorf("post: %w", context.Canceled)}, false},
		"held back: no lease":       {&hotel.Error{Kind: hotel.NotSent, Code: codeLease}, false},
		"held back: old claim":      {&hotel.Error{Kind: hotel.NotSent, Code: codeOld}, false},
		"held back: old yes":        {&hotel.Error{Kind: hotel.NotSent, Code: codeExpired}, false},
		"not an error of anybody's": {errors.New("odd"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				up := newReader(t, &desk{}, nil).up
				up.rt.work.add() // no probe: the breaker stays as it is
				defer up.rt.work.done()
				for range 4 {
					_, err := up.call(t.Context(), opCreate, func(context.Context) (any, error) { return nil, c.err })
					require.ErrorIs(t, err, c.err)
				}
				require.False(t, up.breaker.isOpen(), "four are not enough")
				_, _ = up.call(t.Context(), opCreate, func(context.Context) (any, error) { return nil, c.err })
				require.Equal(t, c.opens, up.breaker.isOpen())
				outcome := outcomeName(c.err)
				require.Equal(t, 1, testutil.CollectAndCount(up.rt.metrics.PMSSeconds), outcome)
				require.InDelta(t, 5, testutil.ToFloat64(up.rt.metrics.BreakerCalls.WithLabelValues("closed")), 0)
			})
		})
	}
}

// "Excluded" is neither a failure nor a success: it does not end a row of failures.
func TestARequestGivenUpDoesNotCountAsAnAnswer(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		up := newReader(t, &desk{}, nil).up
		fail := func(err error) {
			_, _ = up.call(t.Context(), opCreate, func(context.Context) (any, error) { return nil, err })
		}
		for range 4 {
			fail(away)
		}
		fail(&hotel.Error{Kind: hotel.InDoubt, Err: context.Canceled})
		fail(&hotel.Error{Kind: hotel.Invalid, Code: "bad_too_far"}) // our client refused it by itself
		fail(&hotel.Error{Kind: hotel.NotFound, Code: "bad_code"})
		fail(&hotel.Error{Kind: hotel.Invalid, Code: "unknown_property"})
		require.False(t, up.breaker.isOpen())
		fail(away)
		require.True(t, up.breaker.isOpen())
	})
}

// What never left this process does not close a breaker that waits for its probe.
func TestARefusalOfOurOwnClosesNoBreaker(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		up := newReader(t, &desk{}, nil).up
		up.rt.work.add() // no probe: the breaker stays as it is
		defer up.rt.work.done()
		fail := func(err error) {
			_, _ = up.call(t.Context(), opCreate, func(context.Context) (any, error) { return nil, err })
		}
		for range 5 {
			fail(away)
		}
		require.Equal(t, "open", up.breaker.state())
		time.Sleep(up.rt.settings.BreakerOpenFor + time.Millisecond)
		require.Equal(t, "half_open", up.breaker.state())
		fail(&hotel.Error{Kind: hotel.Invalid, Code: "bad_stay"})
		require.Equal(t, "half_open", up.breaker.state())
		fail(nil)
		require.Equal(t, "closed", up.breaker.state())
	})
}

// quiet is a dialogue that says nothing.
type quiet struct{}

func (quiet) Take(s conversation.State, _ []conversation.Input, _ time.Time) conversation.Turn {
	return conversation.Turn{State: s}
}

func (quiet) HandOver(s conversation.State, _ []conversation.Input, _ time.Time) conversation.Turn {
	return conversation.Turn{State: s}
}

// counter is a hotel system that books, one at a time, and tells which.
type counter struct {
	PMS
	gate   chan struct{} // a create waits for a token
	booked chan hotel.Reference
	refs   map[hotel.Reference]hotel.Reservation
}

func (*counter) Availability(_ context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	return hotel.Availability{Query: q, Offers: []hotel.Offer{{RoomType: hotel.RoomType{ID: "1"}, Free: 9, Total: hotel.Money{Minor: 1, Currency: "ARS"}}}}, nil
}

func (c *counter) Create(_ context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	<-c.gate
	made := hotel.Reservation{Reference: r.Reference, Order: string(r.Reference), RoomType: r.RoomType, Rooms: 1, Total: r.Quote, Status: hotel.StatusBooked}
	c.refs[r.Reference] = made
	c.booked <- r.Reference
	return made, nil
}

func (*counter) Overbooked(context.Context, hotel.Reservation) (bool, error) { return false, nil }

func (c *counter) ByReference(_ context.Context, _ hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error) {
	if r, ok := c.refs[ref]; ok {
		return []hotel.Reservation{r}, nil
	}
	return nil, nil
}

// A child that panics is restarted, and its queue, which is rows, is intact: of
// what waits and of what is out nothing is lost, nothing done twice.
func TestAPanicOfTheWritingActorLosesNoRow(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(15 * time.Second) })
		pms := &counter{gate: make(chan struct{}, 9), booked: make(chan hotel.Reference, 9), refs: map[hotel.Reference]hotel.Reservation{}}
		store := memory.New()
		e, err := Start(Config{Store: store, PMS: pms, Owner: "test", Properties: []Property{{ID: "posada", Dialogue: quiet{}}}})
		require.NoError(t, err)
		defer func() { require.NoError(t, e.Drain(context.Background())) }()
		time.Sleep(5 * time.Second)
		p := e.rt.properties["posada"]
		rows := []hotel.Reference{"WA-A", "WA-B", "WA-C"}
		guest := booksAll(t, store, rows)
		e.rt.root.Send(p.writes, &NudgeLane{Lane: hotel.BookingLane("posada", "1")})
		synctest.Wait() // the first one is out

		e.rt.root.Send(p.writes, (*SendRow)(nil)) // a programmer's mistake
		synctest.Wait()
		require.InDelta(t, 1, testutil.ToFloat64(e.rt.metrics.Restarts.WithLabelValues("pms/writes")), 0)
		for range rows {
			pms.gate <- struct{}{}
		}
		time.Sleep(10 * time.Second) // the sweeper nudges the lane
		synctest.Wait()
		close(pms.booked)
		var booked []hotel.Reference
		for ref := range pms.booked {
			booked = append(booked, ref)
		}
		require.Equal(t, rows, booked, "each once, in their order")
		for i := range rows {
			row, err := store.Row(t.Context(), hotel.Key(fmt.Sprintf("k/%d", i+1)))
			require.NoError(t, err)
			require.Equal(t, hotel.Settled, row.State)
			require.Equal(t, string(rows[i]), row.Proof)
		}
		a, err := store.Activate(t.Context(), guest, 10)
		require.NoError(t, err)
		require.Empty(t, a.Pending, "each result was told")
	})
}

// booksAll commits bookings of a new guest.
func booksAll(t *testing.T, store *memory.Store, refs []hotel.Reference) hotel.GuestID {
	t.Helper()
	got, err := store.Accept(t.Context(), hotel.Accept{Owner: "test", Arrivals: []hotel.Arrival{{Key: "k", Property: "posada",
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: "1"}}, Kind: hotel.KindSaid, Body: []byte(`{}`), At: time.Now()}}})
	require.NoError(t, err)
	commit := hotel.TurnCommit{Guest: got.Arrivals[0].Row.Guest, Property: "posada", Consumed: []hotel.Key{"k"}, Owner: "test", At: time.Now()}
	for i, ref := range refs {
		req := hotel.BookingRequest{Reference: ref, Property: "posada", RoomType: hotel.RoomType{ID: "1"}, Parties: []hotel.Party{{Adults: 1}},
			Quote: hotel.Money{Minor: 1, Currency: "ARS"}}
		row := resultRow(hotel.OutboxRow{}, hotel.KindBook, "", req) // its body
		commit.Outbox = append(commit.Outbox, hotel.OutboxRow{Key: hotel.Key(fmt.Sprintf("k/%d", i+1)), Lane: hotel.BookingLane("posada", "1"),
			Kind: hotel.KindBook, Body: row.Body})
	}
	_, err = store.Commit(t.Context(), commit)
	require.NoError(t, err)
	return commit.Guest
}

// The reading actor keeps nothing but the cache, which its restart leaves alone.
func TestAPanicOfTheReadingActorLosesNoAnswer(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(15 * time.Second) })
		m := &moody{}
		e, err := Start(Config{Store: memory.New(), PMS: m, Owner: "test", Properties: []Property{{ID: "posada", Dialogue: quiet{}}}})
		require.NoError(t, err)
		defer func() { require.NoError(t, e.Drain(context.Background())) }()
		answers := make(chan *ReadReply, 9)
		asker := e.rt.root.Spawn(actor.PropsFromFunc(func(ctx actor.Context) {
			if r, ok := ctx.Message().(*ReadReply); ok {
				answers <- r
			}
		}))
		defer e.rt.root.Stop(asker)
		reads := e.rt.properties["posada"].reads
		ask := &Ask{Set: conversation.ReadSet{Query: 1, Reads: []conversation.Read{nights("2026-12-01")}}, ReplyTo: asker}
		e.rt.root.Send(reads, ask)
		synctest.Wait()
		e.rt.root.Send(reads, (*Ask)(nil))
		e.rt.root.Send(reads, ask)
		synctest.Wait()
		require.Len(t, answers, 2)
		require.Equal(t, 1, m.asked())
		require.InDelta(t, 1, testutil.ToFloat64(e.rt.metrics.Restarts.WithLabelValues("pms/reads")), 0)
	})
}

// BenchmarkCachedAvailability reports what a question that the cache answers
// costs the actor: the message that asks taken from its mailbox, the answer
// found, and put into the guest's. Questions come in bursts, as guests do: what it
// takes to wake an idle goroutine is the scheduler's, and not counted each time.
func BenchmarkCachedAvailability(b *testing.B) {
	const burst = 256
	for _, asked := range []int{1, 1000} {
		b.Run(fmt.Sprintf("kept=%d", asked), func(b *testing.B) {
			m := &moody{}
			e, err := Start(Config{Store: memory.New(), PMS: m, Owner: "bench", Properties: []Property{{ID: "posada", Dialogue: quiet{}}}})
			require.NoError(b, err)
			defer func() { require.NoError(b, e.Drain(context.Background())) }()
			done, waits := make(chan struct{}, 1), 0
			asker := e.rt.root.Spawn(actor.PropsFromFunc(func(ctx actor.Context) {
				switch msg := ctx.Message().(type) {
				case int:
					waits = msg
				case *ReadReply:
					if waits--; waits == 0 {
						done <- struct{}{}
					}
				}
			}))
			defer e.rt.root.Stop(asker)
			reads := e.rt.properties["posada"].reads
			first, _ := hotel.ParseDate("2026-12-01")
			ask := make([]*Ask, asked)
			send := func(from, n int) {
				e.rt.root.Send(asker, n)
				for i := range n {
					e.rt.root.Send(reads, ask[(from+i)%asked])
				}
				<-done
			}
			for i := range ask {
				ask[i] = &Ask{Set: conversation.ReadSet{Query: int64(i), Reads: []conversation.Read{nights(first.AddDays(i).String())}}, ReplyTo: asker}
				send(i, 1)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if n++; n%burst == 0 {
					send(n, burst)
				}
			}
			require.Equal(b, asked, m.asked(), "the hotel system was asked for none of these")
		})
	}
}
