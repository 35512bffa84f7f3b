package actors

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// shelf is a SharedCache in memory.
type shelf struct {
	mu     sync.Mutex
	values map[hotel.Question]shelved
	mark   int
	away   bool
	asked  []hotel.Question
}

type shelved struct {
	value []byte
	mark  string
	until time.Time
}

func (s *shelf) Recall(_ context.Context, q hotel.Question) hotel.Recalled {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, q)
	if s.away {
		return hotel.Recalled{}
	}
	found := hotel.Recalled{Mark: fmt.Sprint("m", s.mark)}
	if v, ok := s.values[q]; ok && time.Now().Before(v.until) && (q.Lasting || v.mark == found.Mark) {
		found.Value, found.Rest = v.value, time.Until(v.until)
	}
	return found
}

func (s *shelf) Keep(_ context.Context, q hotel.Question, mark string, value []byte, ttl time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[q] = shelved{value, mark, time.Now().Add(ttl)}
}

func (s *shelf) Changed(context.Context, hotel.PropertyID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark++
}

// desk is a hotel system that counts what it is asked.
type desk struct {
	PMS
	mu     sync.Mutex
	calls  int
	orders map[hotel.BookingCode]hotel.Reservation
}

func (d *desk) call() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	return d.calls
}

func (d *desk) Availability(_ context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	return hotel.Availability{Query: q, At: time.Now().UTC(), Offers: []hotel.Offer{{RoomType: hotel.RoomType{ID: "1", Name: "Doble"}, Free: d.call()}}}, nil
}

func (d *desk) RoomTypes(context.Context, hotel.PropertyID) ([]hotel.RoomDetails, error) {
	d.call()
	return []hotel.RoomDetails{{RoomType: hotel.RoomType{ID: "1", Name: "Doble"}}}, nil
}

func (d *desk) ByCode(_ context.Context, _ hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error) {
	d.call()
	if r, ok := d.orders[code]; ok {
		return r, nil
	}
	return hotel.Reservation{}, &hotel.Error{Op: "test", Kind: hotel.NotFound}
}

func (d *desk) Profile(context.Context, hotel.PropertyID, string) (hotel.Profile, error) {
	d.call()
	return hotel.Profile{Contact: hotel.Contact{FirstName: "Ana"}}, nil
}

// reader is the read side of one engine.
type reader struct {
	*readCache
	up *upstream
	t  *testing.T
}

func newReader(t *testing.T, d *desk, s *shelf) *reader {
	t.Helper()
	rt := &runtime{pms: d, ctx: t.Context(), work: newWork(), metrics: metrics.New(), log: slog.New(slog.DiscardHandler)}
	if s != nil {
		rt.shared = s
	}
	rt.settings.defaults()
	r := &reader{newReadCache(rt, "posada"), newUpstream(rt, "posada"), t}
	t.Cleanup(r.close)
	return r
}

// ask reads, and waits until what was to be shared is.
func (r *reader) ask(q conversation.Read) conversation.Answer {
	a := r.safely(r.t.Context(), r.up, q)
	r.rt.work.wait()
	return a
}

func (r *reader) counted(read, result string) int {
	return int(testutil.ToFloat64(r.rt.metrics.Reads.WithLabelValues(read, result)))
}

func nights(in string) conversation.ReadAvailability {
	day, _ := hotel.ParseDate(in)
	return conversation.ReadAvailability{AvailabilityQuery: hotel.AvailabilityQuery{Property: "posada", Rooms: 1,
		Stay: hotel.Stay{CheckIn: day, CheckOut: day.AddDays(2)}}}
}

func newShelf() *shelf { return &shelf{values: map[hotel.Question]shelved{}} }

func TestEnginesShareWhatTheHotelSystemAnswered(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		d, s := &desk{}, newShelf()
		a, b := newReader(t, d, s), newReader(t, d, s)
		for _, q := range []conversation.Read{nights("2026-12-01"), conversation.ReadRooms{}, conversation.ReadBooking{Code: "NONE"}} {
			before := d.calls
			first := a.ask(q)
			require.Equal(t, first, b.ask(q))
			require.Equal(t, before+1, d.calls, "%T is asked once for both", q)
			require.Equal(t, 1, b.counted(readName(q), "recalled"))
			require.Equal(t, first, b.ask(q))
		}
		fresh := nights("2026-12-01")
		fresh.Fresh = true
		require.Equal(t, 4, b.ask(fresh).(conversation.AvailabilityRead).Offers[0].Free, "a fresh one passes both caches by")
		require.Equal(t, 4, newReader(t, d, s).ask(nights("2026-12-01")).(conversation.AvailabilityRead).Offers[0].Free, "and fills them")
	})
}

// What names a person stays in the engine that asked.
func TestNoPersonIsShared(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		d := &desk{orders: map[hotel.BookingCode]hotel.Reservation{"AB1": {Code: "AB1", Contact: hotel.Contact{FirstName: "Ana"}}}}
		s := newShelf()
		a, b := newReader(t, d, s), newReader(t, d, s)
		for _, q := range []conversation.Read{conversation.ReadBooking{Code: "AB1"}, conversation.ReadProfile{Email: "ana@example.com"}} {
			require.Equal(t, a.ask(q), b.ask(q))
		}
		require.Equal(t, 4, d.calls)
		require.Empty(t, s.values)
		for _, q := range s.asked {
			require.NotContains(t, q.Text, "ana@")
		}
	})
}

func TestABookingOfOneEngineIsSeenByTheOther(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		d, s := &desk{}, newShelf()
		a, b := newReader(t, d, s), newReader(t, d, s)
		q, other := nights("2026-12-01"), nights("2026-12-20")
		require.Equal(t, a.ask(q), b.ask(q))
		require.Equal(t, a.ask(conversation.ReadBooking{Code: "AB1"}), b.ask(conversation.ReadBooking{Code: "AB2"}))
		before := d.calls

		d.orders = map[hotel.BookingCode]hotel.Reservation{"AB1": {Code: "AB1"}}
		a.changed("AB1")
		require.True(t, a.ask(conversation.ReadBooking{Code: "AB1"}).(conversation.BookingRead).Found)
		require.Equal(t, before+2, a.ask(q).(conversation.AvailabilityRead).Offers[0].Free, "asked anew by who booked")

		b.ask(other) // it hears of the booking with the next question that it puts
		require.Equal(t, before+2, b.ask(q).(conversation.AvailabilityRead).Offers[0].Free, "and shares what was asked since")
		require.Equal(t, before+3, d.calls)
	})
}

// An engine never believes an answer for longer than the shared cache does.
func TestMemoryEndsWithTheSharedCache(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		d, s := &desk{}, newShelf()
		a, b := newReader(t, d, s), newReader(t, d, s)
		q := nights("2026-12-01")
		a.ask(q)
		time.Sleep(200 * time.Second)
		b.ask(q)
		require.Equal(t, 1, d.calls)
		time.Sleep(101 * time.Second) // 300 s since it was asked
		b.ask(q)
		require.Equal(t, 2, d.calls)

		a.ask(conversation.ReadBooking{Code: "NONE"})
		time.Sleep(31 * time.Second)
		b.ask(conversation.ReadBooking{Code: "NONE"})
		require.Equal(t, 4, d.calls, "that there is none is believed for a short time")
	})
}

func TestWithoutTheSharedCacheEverythingIsAsked(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		d, s := &desk{}, newShelf()
		s.away = true
		a, b, alone := newReader(t, d, s), newReader(t, d, s), newReader(t, d, nil)
		for i, r := range []*reader{a, b, alone} {
			r.ask(nights("2026-12-01"))
			r.ask(nights("2026-12-01"))
			r.changed("AB1")
			require.Equal(t, i+1, d.calls)
		}
		require.Empty(t, s.values)
	})
}

// The form of shared answers is a contract between releases: a change of this
// golden text raises answerFormat.
func TestSharedAnswersStayAsTheyAre(t *testing.T) {
	t.Parallel()

	require.Equal(t, "1", answerFormat)
	price := hotel.Money{Minor: 8500000, Currency: "ARS"}
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	room := hotel.RoomType{ID: "1", Name: "Doble", Description: "Al lago", MaxAdults: 2, MaxChildren: 1, MaxGuests: 3}
	q := nights("2026-12-01")
	for want, a := range map[string]conversation.Answer{
		`{"availability":{"query":{"property":"posada","stay":{"check_in":"2026-12-01","check_out":"2026-12-03"},"rooms":1},` +
			`"offers":[{"room_type":{"id":"1","name":"Doble","description":"Al lago","max_adults":2,"max_children":1,"max_guests":3},"free":2,` +
			`"nightly":{"minor":8500000,"currency":"ARS"},"total":{"minor":17000000,"currency":"ARS"},"tax":{"minor":0,"currency":""}}],"at":"2026-11-24T10:00:00Z"}}`: //
		conversation.AvailabilityRead{Availability: hotel.Availability{Query: q.AvailabilityQuery, At: at,
			Offers: []hotel.Offer{{RoomType: room, Free: 2, Nightly: price, Total: price.Times(2)}}}},
		`{"rooms":[{"id":"1","name":"Doble","description":"Al lago","max_adults":2,"max_children":1,"max_guests":3}]}`: conversation.RoomsRead{RoomTypes: []hotel.RoomType{room}},
		`{"no_booking":true}`: conversation.BookingRead{},
		``:                    conversation.BookingRead{Found: true},
	} {
		require.Equal(t, want, string(encodeAnswer(a)))
		for _, read := range []conversation.Read{q, conversation.ReadRooms{}, conversation.ReadBooking{}, conversation.ReadProfile{}} {
			if got := decodeAnswer(read, []byte(want)); got != nil {
				require.Equal(t, a, got)
			}
		}
	}
	require.Nil(t, encodeAnswer(conversation.ProfileRead{Found: true}))
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(`{"no_booking":true}`))
	f.Add([]byte(`{"rooms":[{"id":"1"}]}`))
	f.Add([]byte(`{"availability":{"offers":[{}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, q := range []conversation.Read{conversation.ReadAvailability{}, conversation.ReadRooms{}, conversation.ReadBooking{}, conversation.ReadProfile{}} {
			a := decodeAnswer(q, b)
			if a == nil {
				continue
			}
			if found, ok := a.(conversation.BookingRead); ok {
				require.False(t, found.Found)
			}
			again := encodeAnswer(a)
			require.NotNil(t, again)
			require.Equal(t, again, encodeAnswer(decodeAnswer(q, again)))
		}
	})
}
