package actors

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// moody is a desk that answers as told.
type moody struct {
	desk
	fail func(n int) error // of the nth question
	slow time.Duration
}

func (m *moody) mood() error {
	n := m.call()
	time.Sleep(m.slow)
	if m.fail != nil {
		return m.fail(n)
	}
	return nil
}

func (m *moody) Availability(_ context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	if err := m.mood(); err != nil {
		return hotel.Availability{}, err
	}
	return hotel.Availability{Query: q, At: time.Now(), Offers: []hotel.Offer{{RoomType: hotel.RoomType{ID: "1"}, Free: 3}}}, nil
}

func (m *moody) ByCode(_ context.Context, _ hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error) {
	if err := m.mood(); err != nil {
		return hotel.Reservation{}, err
	}
	if code == "NONE" {
		return hotel.Reservation{}, &hotel.Error{Kind: hotel.NotFound}
	}
	return hotel.Reservation{Code: code}, nil
}

func (m *moody) RoomTypes(context.Context, hotel.PropertyID) ([]hotel.RoomDetails, error) {
	return []hotel.RoomDetails{{RoomType: hotel.RoomType{ID: "1"}}}, m.mood()
}

func (m *moody) asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

var away = &hotel.Error{Op: "test", Kind: hotel.Unavailable, Code: "timeout"}

func readerOf(t *testing.T, pms PMS) *reader {
	t.Helper()
	r := newReader(t, &desk{}, nil)
	r.rt.pms = pms
	return r
}

// remaining is how an answer was got.
func (r *reader) cache(read, result string) int {
	return int(testutil.ToFloat64(r.rt.metrics.PMSCache.WithLabelValues(read, result)))
}

// While the hotel system does not answer, what it said up to half an hour ago
// stands in, marked with its time; not when its own word is wanted, and not what
// is known to have changed.
func TestAnAnswerThatIsOverStandsInWhileNobodyAnswers(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		r := readerOf(t, m)
		said := time.Now()
		questions := []conversation.Read{nights("2026-12-01"), conversation.ReadBooking{Code: "ABCDEFGHI"}, conversation.ReadRooms{}}
		for _, q := range questions {
			r.ask(q)
		}
		m.fail = func(int) error { return away }
		time.Sleep(6 * time.Minute)
		r.up.rt.settings.BreakerFailures = 1000
		free := r.ask(questions[0]).(conversation.AvailabilityRead)
		require.Equal(t, said, free.Stale)
		require.Equal(t, 3, free.Offers[0].Free)
		booking := r.ask(questions[1]).(conversation.BookingRead)
		require.Equal(t, said, booking.Stale)
		require.True(t, booking.Found)
		require.Equal(t, 1, r.cache("availability", "stale"))
		require.Equal(t, 1, r.counted("booking", "stale"))

		fresh := nights("2026-12-01")
		fresh.Fresh = true
		require.Equal(t, conversation.ReadFailed{Kind: hotel.Unavailable, Code: "timeout"}, r.ask(fresh), "nothing is booked on what was")
		require.IsType(t, conversation.ReadFailed{}, r.ask(nights("2026-12-02")), "nobody ever asked that")

		r.changed("ABCDEFGHI")
		require.IsType(t, conversation.ReadFailed{}, r.ask(questions[1]), "it is not so any more")
		require.Equal(t, said, r.ask(questions[0]).(conversation.AvailabilityRead).Stale)

		time.Sleep(56 * time.Minute) // rooms: an hour, and half an hour more
		require.Equal(t, said, r.ask(questions[2]).(conversation.RoomsRead).Stale)
		require.IsType(t, conversation.ReadFailed{}, r.ask(questions[0]), "over for longer than half an hour")

		m.fail = nil
		require.Zero(t, r.ask(questions[0]).(conversation.AvailabilityRead).Stale)
	})
}

// What was refused, or is not known, is no reason to show what was.
func TestARefusalIsNotCoveredUp(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		r := readerOf(t, m)
		q := nights("2026-12-01")
		r.ask(q)
		time.Sleep(6 * time.Minute)
		m.fail = func(int) error { return &hotel.Error{Kind: hotel.Invalid, Code: "bad_past"} }
		require.Equal(t, conversation.ReadFailed{Kind: hotel.Invalid, Code: "bad_past"}, r.ask(q))
		require.Equal(t, 2, m.asked(), "asked once: it will not change")
	})
}

// A read that fails for now is asked up to three times, within 15 s.
func TestReadsAreAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fail   func(n int) error
		slow   time.Duration
		open   bool
		asked  int
		answer bool
		within time.Duration
	}{
		"at once":                   {fail: func(int) error { return nil }, asked: 1, answer: true},
		"the second time":           {fail: failing(1, away), asked: 2, answer: true, within: time.Second},
		"the third time":            {fail: failing(2, &hotel.Error{Kind: hotel.Transient}), asked: 3, answer: true, within: 3 * time.Second},
		"never":                     {fail: failing(9, away), asked: 3, within: 3 * time.Second},
		"slowly":                    {fail: failing(9, away), slow: 8 * time.Second, asked: 2, within: 17 * time.Second},
		"not when it refuses":       {fail: failing(9, &hotel.Error{Kind: hotel.Unauthorised}), asked: 1},
		"nor once the breaker does": {fail: failing(9, away), open: true, asked: 1, within: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := &moody{fail: c.fail, slow: c.slow}
				r := readerOf(t, m)
				if c.open {
					r.rt.settings.BreakerFailures = 1
				}
				began := time.Now()
				_, failed := r.ask(nights("2026-12-01")).(conversation.ReadFailed)
				require.Equal(t, c.answer, !failed)
				require.Equal(t, c.asked, m.asked())
				require.LessOrEqual(t, time.Since(began), c.within)
			})
		})
	}
}

func failing(times int, err error) func(int) error {
	return func(n int) error {
		if n <= times {
			return err
		}
		return nil
	}
}

// That there is nothing is believed for half a minute, what there is for its time.
func TestNothingIsBelievedForHalfAMinute(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		r := readerOf(t, m)
		none := conversation.ReadBooking{Code: "NONE"}
		r.ask(none)
		time.Sleep(26 * time.Second)
		r.ask(none)
		require.Equal(t, 1, m.asked())
		time.Sleep(5 * time.Second)
		r.ask(none)
		require.Equal(t, 2, m.asked())

		r.ask(conversation.ReadBooking{Code: "ABCDEFGHI"})
		time.Sleep(107 * time.Second)
		r.ask(conversation.ReadBooking{Code: "ABCDEFGHI"})
		require.Equal(t, 3, m.asked())
	})
}

// A booking that is changed while it is being read is read again.
func TestAnAnswerOvertakenByAChangeIsNotKept(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{slow: time.Second}
		r := readerOf(t, m)
		q := conversation.ReadBooking{Code: "ABCDEFGHI"}
		var wg sync.WaitGroup
		wg.Go(func() { r.ask(q) })
		time.Sleep(500 * time.Millisecond)
		r.changed("ABCDEFGHI")
		r.ask(q)
		wg.Wait()
		require.Equal(t, 2, m.asked())
		r.ask(q)
		require.Equal(t, 2, m.asked(), "and that answer holds")
		r.changed("IHGFEDCBA")
		r.ask(q)
		require.Equal(t, 2, m.asked(), "whatever becomes of others")
	})
}

// Rooms that a doubt may hold are not shown as free, in kept answers neither.
func TestAGuestIsNotShownTheRoomsOfADoubt(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		r := readerOf(t, m)
		r.doubts = newLedger(prometheus.NewGauge(prometheus.GaugeOpts{Name: "doubts"}))
		q := nights("2026-12-01")
		free := func(q conversation.Read) int {
			if a := r.remembered(q); a != nil {
				return a.(conversation.AvailabilityRead).Offers[0].Free
			}
			return r.ask(q).(conversation.AvailabilityRead).Offers[0].Free
		}
		require.Equal(t, 3, free(q))
		doubt := inQuestion{roomType: "1", stay: hotel.Stay{CheckIn: q.Stay.CheckIn.AddDays(1), CheckOut: q.Stay.CheckIn.AddDays(5)}, rooms: 2, doubt: true}
		r.doubts.enter("k/1", doubt)
		require.Equal(t, 1, free(q), "kept")
		require.Equal(t, 1, free(nights("2026-12-03")), "asked for")
		require.Equal(t, 3, free(nights("2026-12-06")), "other nights")
		other := doubt
		other.roomType = "2"
		r.doubts.enter("k/2", other)
		require.Equal(t, 1, free(q), "other rooms")
		r.doubts.enter("k/3", doubt)
		require.Equal(t, 0, free(q), "never less than none")
		r.doubts.leave("k/1")
		r.doubts.leave("k/3")
		require.Equal(t, 3, free(q), "what is kept has not changed")

		r.doubts.enter("k/1", doubt)
		r.doubts.learn("k/1", func(k *known) { k.booked = true })
		require.Equal(t, 3, free(q), "the hotel system counts it itself")
		r.doubts.enter("k/4", doubt)
		time.Sleep(lookedAfter + time.Second)
		require.Equal(t, 3, r.ask(nights("2026-12-02")).(conversation.AvailabilityRead).Offers[0].Free, "nobody looks after it any more")
	})
}

// Five hundred guests ask for the same dates at once: the hotel system hears one question.
func TestFiveHundredGuestsCauseOneCall(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		m := &moody{slow: 50 * time.Millisecond}
		r := readerOf(t, m)
		var all sync.WaitGroup
		for range 500 {
			all.Go(func() { require.Len(t, r.ask(nights("2026-12-01")).(conversation.AvailabilityRead).Offers, 1) })
		}
		all.Wait()
		require.Equal(t, 1, m.asked())
		require.Equal(t, 500, r.counted("availability", "asked")+r.counted("availability", "shared")+r.counted("availability", "cached"))
	})
}
