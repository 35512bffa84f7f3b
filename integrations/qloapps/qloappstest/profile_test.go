package qloappstest_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// took is the median and the slow end of calls by so many clients at once, in bubble time.
func took(t *testing.T, s *qloappstest.Server, clients int, method, target string, body func(n int) string) (p50, p95 float64) {
	t.Helper()
	var mu sync.Mutex
	var all []float64
	var done sync.WaitGroup
	for c := range clients {
		done.Go(func() {
			for i := range 240 / clients {
				r := httptest.NewRequest(method, target, strings.NewReader(body(c*1000+i)))
				r.SetBasicAuth(qloappstest.DemoKey, "")
				start := time.Now()
				s.Handler().ServeHTTP(httptest.NewRecorder(), r)
				mu.Lock()
				all = append(all, float64(time.Since(start))/float64(time.Millisecond))
				mu.Unlock()
			}
		})
	}
	done.Wait()
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*95/100]
}

// The table of the contract's section 9, and what it says beside it.
func TestLatencyProfile(t *testing.T) {
	t.Parallel()
	none := func(int) string { return "" }
	booking := func(rooms int) func(int) string {
		return func(n int) string {
			in := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
			body := create(fmt.Sprintf("WA-%d", n), in.Format(time.DateOnly), in.AddDate(0, 0, 1).Format(time.DateOnly))
			return strings.Replace(strings.Replace(body, `"number_of_rooms":1,"rooms":[{"adults":2,"child":0,"total_tax":null}]`, fmt.Sprintf(`"number_of_rooms":%d`, rooms), 1), "WA", "X", 1)
		}
	}
	ari := func(fields string) func(int) string {
		return func(int) string {
			return "<q><hotel_ari><id_hotel>1</id_hotel><date_from>2027-01-01</date_from>" + fields + "</hotel_ari></q>"
		}
	}
	for _, tt := range []struct {
		name, method, target string
		body                 func(int) string
		clients              int
		p50, p95             float64
	}{
		{"Root", "GET", "", none, 1, 14, 17},
		{"Hotels", "GET", "hotels?display=full", none, 4, 31, 49},
		{"RoomTypes", "GET", "room_types?display=full", none, 8, 81, 124},
		{"OneType", "POST", "hotel_ari", ari("<date_to>2027-01-03</date_to><id_room_type>1</id_room_type>"), 1, 27, 33},
		{"OneType8", "POST", "hotel_ari", ari("<date_to>2027-01-03</date_to><id_room_type>1</id_room_type>"), 8, 105, 136},
		{"WholeHotel", "POST", "hotel_ari", ari("<date_to>2027-01-03</date_to>"), 1, 51, 62},
		{"EachNight", "POST", "hotel_ari", ari("<date_to>2027-01-15</date_to><date_wise_breakdown>1</date_wise_breakdown>"), 1, 313, 341},
		{"EachNightOfMonth", "POST", "hotel_ari", ari("<date_to>2027-02-01</date_to><date_wise_breakdown>1</date_wise_breakdown>"), 4, 828, 1150},
		{"Create", "POST", "bookings", booking(1), 1, 151, 185},
		{"Create4", "POST", "bookings", booking(1), 4, 244, 323},
		{"Create8", "POST", "bookings", booking(1), 8, 500, 629},
		{"Create16", "POST", "bookings", booking(1), 16, 1000, 1258},
		{"CreateFiveRooms", "POST", "bookings", booking(5), 1, 620, 760},
		{"Booking", "GET", "bookings/1", none, 4, 45, 69},
		{"RoomBookings", "GET", "room_bookings?filter[id_order]=[1]", none, 8, 43, 56},
		{"Orders", "GET", "orders?filter[source]=[x]", none, 1, 12, 17},
		{"Customers", "GET", "customers?filter[email]=[x]", none, 4, 23, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(5), Profile: true, Seed: 3})
				require.NoError(t, err)
				defer func() { require.NoError(t, s.Close()) }()
				p50, p95 := took(t, s, tt.clients, tt.method, "/api/"+tt.target, tt.body)
				require.InEpsilon(t, tt.p50, p50, 0.15)
				require.InEpsilon(t, tt.p95, p95, 0.2)
			})
		})
	}
}

// Off, it costs nothing; the same seed gives the same waits; a reset leaves it on.
func TestProfileIsASwitch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waits := func(config qloappstest.Config) (w []time.Duration) {
			config.Property = qloappstest.Hotel(5)
			s, err := qloappstest.New(config)
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			require.NoError(t, s.Reset())
			require.Equal(t, config.Profile, s.Switches().Profile)
			for range 5 {
				start := time.Now()
				ask(t, s, "GET", "/api/orders", "")
				w = append(w, time.Since(start))
			}
			s.Set(qloappstest.Switches{Strict: true})
			start := time.Now()
			ask(t, s, "GET", "/api/orders", "")
			require.Zero(t, time.Since(start))
			return w
		}
		require.Equal(t, make([]time.Duration, 5), waits(qloappstest.Config{}))
		first := waits(qloappstest.Config{Profile: true, Seed: 1})
		require.Equal(t, first, waits(qloappstest.Config{Profile: true, Seed: 1}))
		require.NotEqual(t, first, waits(qloappstest.Config{Profile: true, Seed: 2}))
	})
}
