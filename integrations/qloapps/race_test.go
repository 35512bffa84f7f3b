package qloapps_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// outcome is what one of the guests who race for a room got.
type outcome struct {
	made hotel.Reservation
	err  error
}

func TestRaceForTheLastRoomLeavesOne(t *testing.T) {
	t.Parallel()
	const guests = 10
	sim, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(3), Create: qloappstest.RealDelay})
	s := stay(20, 2)
	_, err := sim.Fill(1, s.CheckIn, s.CheckOut, 1)
	require.NoError(t, err)
	c := client(t, url, qloappstest.Hotel(3))
	_, err = c.RoomTypes(t.Context())
	require.NoError(t, err)

	outcomes := make([]outcome, guests)
	var all sync.WaitGroup
	for i := range guests {
		all.Go(func() {
			made, err := c.Create(t.Context(), request(fmt.Sprintf("WA-%d", i), 1, s))
			outcomes[i] = outcome{made, err}
		})
	}
	all.Wait()

	sold, kept := 0, 0
	for _, o := range outcomes {
		if o.err != nil {
			requireKind(t, o.err, hotel.SoldOut, "qloapps_400/404")
			continue
		}
		sold++
		lost, err := c.Overbooked(t.Context(), o.made)
		require.NoError(t, err)
		if !lost {
			kept++
			continue
		}
		require.NoError(t, c.Cancel(t.Context(), hotel.CancelRequest{Property: "posada", Order: o.made.Order}))
	}
	require.Greater(t, sold, 1, "the stand-in has the real server's race")
	require.Equal(t, 1, kept)
	active := map[int]int{}
	for _, b := range sim.State().Bookings {
		for _, r := range b.Rooms {
			if r.Active {
				active[r.Room]++
			}
		}
	}
	require.Equal(t, map[int]int{1: 1, 2: 1, 3: 1}, active)
}

func TestOverbookedLooksAtNightsThatOverlapOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(1))
	first, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.NoError(t, err)
	second, err := b.Create(t.Context(), request("WA-2", 1, stay(12, 2))) // comes when the first goes
	require.NoError(t, err)
	for _, r := range []hotel.Reservation{first, second} {
		lost, err := b.Overbooked(t.Context(), r)
		require.NoError(t, err)
		require.False(t, lost)
	}
	_, err = b.Overbooked(t.Context(), hotel.Reservation{})
	requireKind(t, err, hotel.Invalid, "bad_rows")
}

func TestBookingIsStoredAlthoughNobodyListens(t *testing.T) {
	t.Parallel()
	for name, sw := range map[string]qloappstest.Switches{
		"cut":  {Strict: true, CutAfter: true, Only: []string{"POST bookings"}},
		"hang": {Strict: true, HangAfter: true, Only: []string{"POST bookings"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, qloappstest.Hotel(2))
			_, err := b.RoomTypes(t.Context())
			require.NoError(t, err)
			b.sim.Set(sw)
			ctx, cancel := withTimeout(t, 2*time.Second)
			defer cancel()
			_, err = b.Create(ctx, request("WA-1", 1, stay(10, 2)))
			require.Equal(t, hotel.InDoubt, hotel.KindOf(err))
			require.False(t, qloapps.Alive(err))
			b.sim.Set(qloappstest.Switches{Strict: true})

			found, err := b.ByReference(t.Context(), "WA-1")
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.NoError(t, b.Cancel(t.Context(), hotel.CancelRequest{Order: found[0].Order}))
		})
	}
}

func TestTwoOrdersOfOneReferenceAreBothFound(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(2))
	for range 2 { // the server knows no idempotency
		_, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
		require.NoError(t, err)
	}
	_, err := b.Create(t.Context(), request("wa-1", 1, stay(20, 2))) // equal for the database, not for us
	require.NoError(t, err)
	found, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "1", found[0].Order, "lowest first")
	require.Equal(t, hotel.Reference("WA-1"), found[0].Reference)
}

func TestRefusedConnectionIsNotSent(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	c := client(t, gone.URL, qloappstest.Hotel(1))
	_, err := c.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	requireKind(t, err, hotel.NotSent, "dial")
	requireKind(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "1"}), hotel.NotSent, "dial")
	_, err = c.ByReference(t.Context(), "WA-1")
	requireKind(t, err, hotel.Unavailable, "dial")
	requireKind(t, c.Probe(t.Context()), hotel.Unavailable, "dial")
}

func TestWrongCertificateIsNotSent(t *testing.T) {
	t.Parallel()
	sim, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(1)})
	require.NoError(t, err)
	srv := httptest.NewUnstartedServer(sim.Handler())
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c := client(t, srv.URL, qloappstest.Hotel(1))
	requireKind(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "1"}), hotel.NotSent, "dial")
}

// Some losers of a real server's race get 200 and no booking: that is a doubt,
// and the look-up ends it.
func TestOddRaceIsADoubtThatEnds(t *testing.T) {
	t.Parallel()
	sim, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(1), Create: qloappstest.RealDelay})
	sim.Set(qloappstest.Switches{Strict: true, OddRace: true})
	c := client(t, url, qloappstest.Hotel(1))
	_, err := c.RoomTypes(t.Context())
	require.NoError(t, err)
	const guests = 6
	outcomes := make([]outcome, guests)
	var all sync.WaitGroup
	for i := range guests {
		all.Go(func() {
			made, err := c.Create(t.Context(), request(fmt.Sprintf("WA-%d", i), 1, stay(5, 1)))
			outcomes[i] = outcome{made, err}
		})
	}
	all.Wait()
	booked := 0
	for i, o := range outcomes {
		found, err := c.ByReference(t.Context(), hotel.Reference(fmt.Sprintf("WA-%d", i)))
		require.NoError(t, err)
		booked += len(found)
		if len(found) == 0 {
			require.Contains(t, []hotel.Kind{hotel.InDoubt, hotel.SoldOut}, hotel.KindOf(o.err))
		}
	}
	require.Equal(t, 1, booked)
}

// The query is the one that was seen on a real server (R444): per room, among the
// rows that hold it, of the nights that overlap.
func TestOverbookedAsksWhatWasRecorded(t *testing.T) {
	t.Parallel()
	var asked []string
	row := func(id, order int) string {
		return fmt.Sprintf(`{"bookings":[{"id":9,"id_order":4},{"id":%d,"id_order":%d}]}`, id, order)
	}
	of := func(fields string) string {
		return `{"bookings":[{"id":9,"id_order":4},{"id":8,"id_order":5,` + fields + `}]}`
	}
	for name, tt := range map[string]struct {
		rows string
		lost bool
	}{
		"Alone":            {row(9, 4), false},
		"LaterRow":         {row(10, 5), false},
		"EarlierRow":       {row(8, 5), true},
		"EarlierRowOfOurs": {row(8, 4), false},
		"YoungerOrder":     {row(8, 99), true},
		"LeftEarly":        {of(`"id_room":5,"id_status":3`), false},
		"CheckedIn":        {of(`"id_room":5,"id_status":"2"`), true},
		// more than was asked for
		"AnotherRoom":   {of(`"id_room":"6"`), false},
		"FreedSince":    {of(`"id_room":5,"is_refunded":"1"`), false},
		"OtherNights":   {of(`"id_room":5,"date_from":"2026-12-12 00:00:00","date_to":"2026-12-14 00:00:00"`), false},
		"OneNightOfIts": {of(`"id_room":5,"is_refunded":0,"date_from":"2026-12-11 00:00:00","date_to":"2026-12-14 00:00:00"`), true},
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.RawQuery)
			scripted{"GET room_bookings": tt.rows}.ServeHTTP(w, r)
		})
		c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{handler}} })
		lost, err := c.Overbooked(t.Context(), hotel.Reservation{Order: "4", Stay: hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 10), CheckOut: hotel.NewDate(2026, 12, 12)},
			Rows: []hotel.RoomRow{{ID: 9, Room: 5}}})
		require.NoError(t, err)
		require.Equal(t, tt.lost, lost, name)
	}
	got, err := url.ParseQuery(asked[0])
	require.NoError(t, err)
	require.Equal(t, url.Values{"filter[id_room]": {"[5]"}, "filter[is_refunded]": {"[0]"}, "filter[date_from]": {"<[2026-12-12]"}, "filter[date_to]": {">[2026-12-10]"},
		"display": {"[id,id_order,id_room,id_status,date_from,date_to,is_refunded]"}, "output_format": {"JSON"}}, got)
	require.Contains(t, asked[0], "%3C%5B2026-12-12%5D")
}
