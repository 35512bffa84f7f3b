package qloapps_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// whole is a small shop with one booking, everything answered.
func whole() scripted {
	return scripted{
		"GET hotels": hotelJSON, "GET languages": languagesJSON, "GET configurations": settingsJSON, "GET hotel_room_types": limitsJSON, "GET room_types": extraTypes(allLinks),
		"GET services": extraServices, "GET tax_rules": alabama, "GET taxes": rates, "POST hotel_ari": ariJSON("USD", 2, 1),
		"GET currencies": `{"currencies":[{"id":1,"iso_code":"USD","conversion_rate":"1","active":1},{"id":2,"iso_code":"EUR","conversion_rate":"0.9","active":1}]}`,
		"GET customers":  customersJSON(`{"id":4,"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"1"}`),
		"GET orders":     oneOrder, "GET room_bookings": oneRow, "GET bookings/1": oneBooked, "POST bookings": oneBooked, "POST order_histories": `{"order_history":{"id":"1"}}`,
		"PUT bookings": `{"booking":{"id":1,"currency":"USD","associations":{"room_types":[{"id_room_type":1,"checkin_date":"2026-12-10 00:00:00","checkout_date":"2026-12-12 00:00:00","rooms":[{"id_hotel_booking":8}]}]}}}`,
	}
}

// counted notes whether a write was asked for.
type counted struct {
	scripted
	writes *int
}

func (c counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/hotel_ari") {
		*c.writes++
	}
	c.scripted.ServeHTTP(w, r)
}

// Whatever fails before a write leaves: it is not sent, never in doubt, never a
// booking; and whatever fails after it is in doubt, or the write is known to be made.
func TestFailuresBeforeAndAfterAWrite(t *testing.T) {
	t.Parallel()
	to := hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 10), CheckOut: hotel.NewDate(2026, 12, 12)}
	writes := map[string]func(*qloapps.Client, *testing.T) error{
		"Create": func(c *qloapps.Client, t *testing.T) error {
			t.Helper()
			_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
			return err
		},
		"Change": func(c *qloapps.Client, t *testing.T) error {
			t.Helper()
			_, err := c.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "1"}, Stay: to})
			return err
		},
	}
	for _, broken := range []string{`{"errors":[{"code":3}]}`, `[7]`, `nothing`, `401`} {
		for name, write := range writes {
			for _, resource := range slices.Sorted(maps.Keys(whole())) {
				if !strings.HasPrefix(resource, "GET ") {
					continue
				}
				s, sent := whole(), 0
				s[resource] = broken
				c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) {
					c.Services, c.HTTPClient = []int{6, 9}, &http.Client{Transport: direct{counted{s, &sent}}}
				})
				err := write(c, t)
				if sent == 0 {
					require.Error(t, err)
					require.Contains(t, []hotel.Kind{hotel.NotSent, hotel.Unauthorised}, hotel.KindOf(err), "%s %s %s: %v", name, resource, broken, err)
					continue
				}
				if err != nil {
					require.Equal(t, hotel.InDoubt, hotel.KindOf(err), "%s %s %s: %v", name, resource, broken, err)
				}
			}
		}
	}
}

func TestReadsOfOddAnswersAreSorted(t *testing.T) {
	t.Parallel()
	odd := map[string]string{
		"GET room_types":    `{"room_types":[{"id":1,"active":1,"name":"x","associations":{"services":[{"id":6,"price":"much"}]}}]}`,
		"GET services":      `{"services":[{"id":"six"}]}`,
		"GET taxes":         `{"taxes":[{"id":1,"rate":"high"}]}`,
		"GET bookings/1":    `{"booking":{"id":1,"currency":"USD","associations":{"room_types":[{"id_room_type":1,"rooms":[{"services":[{"id_service":9,"total_tax":"99999999999999999999"}]}]}]}}}`,
		"GET orders":        `{"orders":[{"id":1,"reference":"ABCDEFGHI","source":"WA-1","total_paid_real":"99999999999999999999"}]}`,
		"POST hotel_ari":    `{"hotel_ari":{"currency":"USD","room_types":[{"id_room_type":1,"base_price_with_tax":"99999999999999999999"}]}}`,
		"GET room_bookings": `{"bookings":[{"id":{}}]}`,
	}
	for resource, body := range odd {
		s := whole()
		s[resource] = body
		c := scriptedClient(t, s, func(c *qloapps.Config) { c.Services = []int{6, 9} })
		_, ari := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1})
		_, code := c.ByCode(t.Context(), "ABCDEFGHI")
		require.Error(t, orOther(ari, code), resource)
		for _, err := range []error{ari, code} {
			if err != nil {
				requireKind(t, err, hotel.Transient, "qloapps_odd_200")
			}
		}
	}
}

func orOther(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// A booking that nobody can read is told by its order, in the currency that the
// order names, if the key may know; and a customer that is gone has no name.
func TestOrderStandsInForItsBooking(t *testing.T) {
	t.Parallel()
	order := func(currency int) string {
		return strings.Replace(oneOrder, `"id_customer":4`, `"id_customer":4,"id_currency":`+string(rune('0'+currency))+`,"total_paid_tax_incl":"104.00","total_paid_tax_excl":"100","total_paid_real":"10"`, 1)
	}
	warnings := "500"
	read := func(s scripted, currency string) (hotel.Reservation, error) {
		s["GET bookings/1"] = warnings
		c := scriptedClient(t, s, func(c *qloapps.Config) { c.Currency = currency })
		return c.ByCode(t.Context(), "ABCDEFGHI")
	}
	s := whole()
	s["GET orders"] = order(2)
	r, err := read(s, "USD")
	require.NoError(t, err)
	require.Equal(t, []string{"EUR 104.00", "EUR 4.00", "EUR 10.00"}, []string{r.Total.String(), r.Tax.String(), r.Paid.String()})
	require.Equal(t, "Byron", r.Contact.LastName)

	s["GET currencies"], s["GET customers"] = "401", "[]"
	r, err = read(s, "USD")
	require.NoError(t, err)
	require.Equal(t, "USD 104.00", r.Total.String())
	require.Empty(t, r.Contact)
	_, err = read(s, "")
	requireKind(t, err, hotel.Unauthorised, "qloapps_401/26")

	s = whole()
	s["GET orders"] = order(9)
	r, err = read(s, "USD")
	require.NoError(t, err)
	require.Equal(t, "USD 104.00", r.Total.String(), "a currency that is switched off since")
	_, err = read(s, "")
	requireKind(t, err, hotel.Transient, "qloapps_odd_200")

	// Such a booking moves with the services of every booking of its type, where
	// its rooms explain what it comes to.
	s["GET room_bookings"] = strings.Replace(oneRow, `"id":1,`, `"id":1,"total_price_tax_excl":"100.000000",`, 1)
	s["PUT bookings"] = whole()["PUT bookings"]
	s["GET customers"] = `[]`
	c := scriptedClient(t, s)
	_, err = c.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "1"}, Stay: stay(20, 2)})
	requireKind(t, err, hotel.Invalid, "bad_customer")
}
