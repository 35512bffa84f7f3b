package qloapps_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func TestServerTellsWhatItIs(t *testing.T) {
	t.Parallel()
	p := qloappstest.PrimeHotel()
	p.Currencies = []qloappstest.Currency{{ISO: "EUR", Rate: 0.9}}
	p.Languages = []qloappstest.Language{{ISO: "es", Name: "Español"}, {ISO: "en", Name: "English"}}
	for version, old := range map[string]bool{qloapps.Version161: true, qloapps.Version170: false} {
		b := setup(t, p)
		b.sim.Set(qloappstest.Switches{Strict: true, Old: old})
		s, err := b.Server(t.Context())
		require.NoError(t, err)
		require.Equal(t, qloapps.Server{Version: version, Zone: "UTC", Languages: []string{"es", "en"},
			Currencies: []qloapps.Currency{{ISO: "USD", Rate: "1", Default: true}, {ISO: "EUR", Rate: "0.9"}}}, s)
	}
}

func TestServerTellsWhatTheKeyLacks(t *testing.T) {
	t.Parallel()
	few := strings.Repeat("F", 32)
	_, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(1), Keys: []qloappstest.Key{
		{Key: few, Allow: map[string][]string{"hotels": {"GET"}, "bookings": {"GET", "POST"}, "orders": {"GET"}, "room_bookings": {"GET"}, "hotel_ari": {"POST"},
			"hotel_room_types": {"GET"}, "room_types": {"GET"}, "services": {"GET"}, "order_histories": {"POST"}}}}})
	c := client(t, url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.Key, c.Services = qloapps.Secret(few), []int{101} })
	s, err := c.Server(t.Context())
	require.NoError(t, err)
	require.Equal(t, qloapps.Version170, s.Version)
	require.Empty(t, s.Currencies)
	lacks := strings.Join(append(s.Missing, s.Wanting...), "\n")
	for _, want := range []string{`may not PUT "bookings": tick Modify (PUT)`, `may not GET "customers": tick View (GET)`, `may not GET "taxes"`, `may not GET "tax_rules"`,
		`may not GET "languages", so that room types have their texts in one language only`, `may not GET "currencies", so that`, `may not GET "configurations": tick`} {
		require.Contains(t, lacks, want)
	}
	require.Len(t, s.Missing, 5, lacks)
	require.Len(t, s.Wanting, 2, lacks)

	_, err = client(t, url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.HotelID = 9 }).Server(t.Context())
	requireKind(t, err, hotel.Unauthorised, "qloapps_no_hotel")
	_, err = client(t, url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.Key = qloapps.Secret(strings.Repeat("U", 32)) }).Server(t.Context())
	requireKind(t, err, hotel.Unauthorised, "qloapps_401/20")
	_, err = scriptedClient(t, scripted{"GET ": "no XML"}).Server(t.Context())
	requireKind(t, err, hotel.Transient, "qloapps_odd_200")
}

// paged answers each read of orders by its filter and its limit.
type paged func(after, limit string) string

func (p paged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.URL.Path != "/api/orders" || q.Get("date") != "1" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	w.Header().Set("Access-Time", "1")
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, p(q.Get("filter[date_upd]"), q.Get("limit")))
}

func pagedClient(t *testing.T, p paged) *qloapps.Client {
	t.Helper()
	return client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) {
		c.HTTPClient, c.Now = &http.Client{Transport: direct{p}}, func() time.Time { return clock().Add(time.Hour) }
	})
}

// A burst of orders is read whole, though it moves while it is read.
func TestChangesOfABurst(t *testing.T) {
	t.Parallel()
	order := func(id int, at string) string {
		return fmt.Sprintf(`{"id":%d,"current_state":1,"date_upd":%q,"source":"front desk","reference":"ABCDEFGHI"}`, id, at)
	}
	answer := func(orders []string) string { return `{"orders":[` + strings.Join(orders, ",") + `]}` }
	var first, second, same []string
	for i := range 200 {
		first = append(first, order(i+1, fmt.Sprintf("2026-11-23 18:%02d:%02d", i/60, i%60)))
		same = append(same, order(i+1, "2026-11-23 18:00:00"))
	}
	second = append(second, order(200, "2026-11-23 18:03:19"), order(7, "2026-11-23 18:05:00"))
	const since = "2026-11-23 18:00:00"

	asked := map[string]int{}
	c := pagedClient(t, func(after, limit string) string {
		asked[after+" "+limit]++
		if after == ">[2026-11-23 16:59:55]" {
			return answer(first)
		}
		return answer(second)
	})
	orders, mark, err := c.Changes(t.Context(), since)
	require.NoError(t, err)
	require.Len(t, orders, 200)
	require.Equal(t, "2026-11-23 18:05:00", mark)
	require.Equal(t, map[string]int{">[2026-11-23 16:59:55] 200": 1, ">[2026-11-23 18:03:18] 200": 1}, asked)

	// More than a page in one second: the page grows.
	c = pagedClient(t, func(_, limit string) string {
		if limit == "200" {
			return answer(same)
		}
		return answer(append(same, order(201, "2026-11-23 18:00:00")))
	})
	orders, mark, err = c.Changes(t.Context(), since)
	require.NoError(t, err)
	require.Len(t, orders, 201)
	require.Equal(t, since, mark)

	c = pagedClient(t, func(_, _ string) string { return `[]` })
	orders, mark, err = c.Changes(t.Context(), since)
	require.NoError(t, err)
	require.Empty(t, orders)
	require.Equal(t, since, mark)

	c = pagedClient(t, func(_, _ string) string { return answer([]string{order(1, "never")}) })
	_, _, err = c.Changes(t.Context(), "")
	requireKind(t, err, hotel.Transient, "qloapps_odd_200")
}

// Local time goes back an hour in autumn, and a server's clock that ran ahead is
// put right: what comes after is seen though its time is before the mark.
func TestChangesThoughTheClockGoesBack(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // of the server's clock, in hours
	config := qloappstest.Config{Property: qloappstest.Hotel(5)}
	_, url := serveAt(t, config, func() time.Time { return clock().Add(time.Duration(ahead.Load()) * time.Hour) })
	c := client(t, url, config.Property)
	book := func(ref string) {
		_, err := c.Create(t.Context(), request(ref, 1, stay(10, 2)))
		require.NoError(t, err)
	}
	poll := func(mark string) (refs []hotel.Reference, next string) {
		orders, next, err := c.Changes(t.Context(), mark)
		require.NoError(t, err)
		for _, o := range orders {
			refs = append(refs, o.Reference)
		}
		return refs, next
	}
	book("WA-1")
	refs, mark := poll("")
	require.Equal(t, []hotel.Reference{"WA-1"}, refs, "what came just before the start is looked at")
	ahead.Store(-1) // summer time has ended
	book("WA-2")
	refs, mark = poll(mark)
	require.Equal(t, []hotel.Reference{"WA-2", "WA-1"}, refs)

	ahead.Store(48) // the server's clock runs ahead
	book("WA-3")
	refs, mark = poll(mark)
	require.Contains(t, refs, hotel.Reference("WA-3"))
	require.Equal(t, clock().Format(time.DateTime), mark, "no later than now at the hotel")
	ahead.Store(0)
	book("WA-4")
	refs, _ = poll(mark)
	require.Contains(t, refs, hotel.Reference("WA-4"))
	refs, _ = poll(clock().AddDate(0, 0, 2).Format(time.DateTime)) // a mark from before it was put right
	require.Contains(t, refs, hotel.Reference("WA-4"))
}
