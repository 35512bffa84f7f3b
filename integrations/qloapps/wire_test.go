package qloapps_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// scripted answers each resource with a text, as JSON from a live QloApps.
type scripted map[string]string

func (s scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resource := strings.TrimPrefix(r.URL.Path, "/api/")
	body, ok := s[r.Method+" "+resource]
	w.Header().Set("Access-Time", "1")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if body == "401" { // the key may not
		w.WriteHeader(http.StatusUnauthorized)
		body = `{"errors":[{"code":26,"message":"Resource of type \"x\" is not allowed with this authentication key"}]}`
	}
	if body == "500" { // PHP warned
		w.WriteHeader(http.StatusInternalServerError)
		body = `{"errors":[{"code":3,"message":"[PHP Warning #2] Undefined variable $useTax"}]}`
	}
	_, _ = fmt.Fprint(w, body)
}

const (
	hotelJSON     = `{"hotels":[{"id":1,"id_country":21,"id_state":"1","zipcode":"43456","max_checkout_offset":"1000","min_booking_offset":"0","active":1}]}`
	languagesJSON = `{"languages":[{"id":1,"iso_code":"es","active":1},{"id":"2","iso_code":"EN","active":"1"},{"id":3,"iso_code":"pt","active":0}]}`
	settingsJSON  = `{"configurations":[{"name":"PS_LANG_DEFAULT","value":"2"},{"name":"PS_TAX","value":"1"},{"name":"PS_TIMEZONE","value":"America\/Argentina\/Buenos_Aires"}]}`
	limitsJSON    = `{"hotel_room_types":[{"id":"1","id_product":"1","id_hotel":"1","max_adults":"2","max_children":2,"max_guests":"4"}]}`
	typesJSON     = `{"room_types":[{"id":1,"active":"1","name":[{"id":"1","value":"Doble"},{"id":"2","value":"Double"}],"description_short":"<p>Sea &amp;\n sun<\/p>","associations":{"services":{"id":"5","price":null}}}]}`
	servicesJSON  = `{"services":[{"id":"5","active":"1","auto_add_to_cart":"1","price_addition_type":"1"},{"id":6,"active":1,"auto_add_to_cart":1,"price_addition_type":2}]}`
)

func scriptedClient(t testing.TB, s scripted, changes ...func(*qloapps.Config)) *qloapps.Client {
	t.Helper()
	for _, kv := range [][2]string{{"GET hotels", hotelJSON}, {"GET languages", languagesJSON}, {"GET configurations", settingsJSON},
		{"GET hotel_room_types", limitsJSON}, {"GET room_types", typesJSON}, {"GET services", servicesJSON}, {"GET customers", "[]"}} {
		if _, ok := s[kv[0]]; !ok {
			s[kv[0]] = kv[1]
		}
	}
	changes = append([]func(*qloapps.Config){func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{s}} }}, changes...)
	return client(t, "http://hotel.example", qloappstest.Hotel(1), changes...)
}

// direct calls a handler without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestStringsAndNumbersAreTheSame(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{
		"POST hotel_ari": `{"hotel_ari":{"id_hotel":"1","currency":"USD","room_types":[{"id_room_type":"1","base_price_with_tax":"1300.000000","total_price":2500.005,` +
			`"total_price_with_tax":"2600.01","name":[],"rooms":{"available":[{"id_room":1},{"id_room":2}]}}]}}`,
		"POST bookings": `{"booking":{"id":"17","currency":"USD","associations":{"customer_detail":{"firstname":null,"lastname":"B","email":"e","phone":5491155550101},` +
			`"price_details":{"total_price_without_tax":"2500.000000","total_tax":100.5},"room_types":{"rooms":{"id_room":"3","id_hotel_booking":"9","adults":"2","child":""}}}}}`,
		"GET orders":        `{"orders":[{"id":"17","reference":"ABCDEFGHI","current_state":"1","source":"WA-1","total_paid_real":"20.5"}]}`,
		"GET room_bookings": `{"bookings":[{"id":"9","id_order":"17","id_room":"3","id_product":1,"id_hotel":"1","adults":"2","children":2,"child_ages":"[\"5\",7]","date_from":"2026-11-24 00:00:00","date_to":"2026-11-26 00:00:00"}]}`,
	})
	types, err := c.RoomTypes(t.Context())
	require.NoError(t, err)
	require.Equal(t, []hotel.RoomDetails{{RoomType: hotel.RoomType{ID: "1", Name: "Double", Description: "Sea & sun", MaxAdults: 2, MaxChildren: 2, MaxGuests: 4},
		Names: map[string]string{"es": "Doble", "en": "Double"}}}, types)

	a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1})
	require.NoError(t, err)
	require.Equal(t, 2, a.Offers[0].Free)
	require.Equal(t, "Double", a.Offers[0].RoomType.Name)
	require.Equal(t, int64(130000), a.Offers[0].Nightly.Minor)
	require.Equal(t, int64(260001), a.Offers[0].Total.Minor)
	require.Equal(t, int64(10000), a.Offers[0].Tax.Minor)

	made, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
	require.NoError(t, err)
	require.Equal(t, "17", made.Order)
	require.Equal(t, hotel.BookingCode("ABCDEFGHI"), made.Code)
	require.Equal(t, int64(260050), made.Total.Minor)
	require.Equal(t, []hotel.RoomRow{{ID: 9, Room: 3, Adults: 2, Children: 2, Ages: []int{5, 7}}}, made.Rows)
	require.Equal(t, "USD 20.50", made.Paid.String())
	require.Equal(t, "5491155550101", made.Contact.Phone)
}

const (
	oneOrder = `{"orders":[{"id":1,"reference":"ABCDEFGHI","current_state":1,"source":"WA-1","id_customer":4}]}`
	oneRow   = `{"bookings":[{"id":1,"id_order":1,"id_room":1,"id_product":1,"id_hotel":1,"id_status":1,"adults":2,"children":0,"child_ages":"[]","date_from":"2026-11-24 00:00:00","date_to":"2026-11-26 00:00:00"}]}`
)

func TestCreateProvesNothingWithoutIDAndRooms(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"NoBooking": `{}`,
		"NoID":      `{"booking":{"associations":{"room_types":[{"rooms":[{"id_room":1,"id_hotel_booking":1}]}]}}}`,
		"NoRooms":   `{"booking":{"id":1,"associations":{"room_types":[]}}}`,
		"OddPrice":  `{"booking":{"id":1,"associations":{"price_details":{"total_tax":"much"},"room_types":[{"rooms":[{"id_room":1,"id_hotel_booking":1}]}]}}}`,
		"EmptyBody": ``,
		"HugePrice": `{"booking":{"id":1,"currency":"USD","associations":{"price_details":{"total_tax":"1` + strings.Repeat("0", 60) + `"},"room_types":[{"rooms":[{"id_room":1,"id_hotel_booking":1}]}]}}}`,
		"Broken":    `{"booking":`,
		"List":      `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"POST bookings": body, "GET orders": oneOrder, "GET room_bookings": oneRow})
			_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
			requireKind(t, err, hotel.InDoubt, "qloapps_odd_200")
		})
	}
}

func TestBookedWithoutAReadableOrderIsInDoubt(t *testing.T) {
	t.Parallel()
	booked := `{"booking":{"id":1,"currency":"USD","associations":{"room_types":[{"rooms":[{"id_room":1,"id_hotel_booking":1}]}]}}}`
	for name, orders := range map[string]string{"none": `[]`, "odd": `{"orders":7}`, "no code": `{"orders":[{"id":1}]}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"POST bookings": booked, "GET orders": orders})
			_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
			require.Equal(t, hotel.InDoubt, hotel.KindOf(err))
		})
	}
}

func TestStatusOfAReservation(t *testing.T) {
	t.Parallel()
	row := func(id, status, refunded int) string {
		return fmt.Sprintf(`{"id":%d,"id_order":5,"id_room":%d,"id_product":1,"id_hotel":1,"id_status":%d,"is_refunded":%d,"adults":1,"children":0,`+
			`"date_from":"2026-12-1%d 00:00:00","date_to":"2026-12-15 00:00:00"}`, id, id, status, refunded, id)
	}
	for name, tt := range map[string]struct {
		state  int
		rows   []string
		status hotel.ReservationStatus
		rooms  int
	}{
		"Booked":         {1, []string{row(1, 1, 0), row(2, 1, 0)}, hotel.StatusBooked, 2},
		"OneRefunded":    {1, []string{row(1, 1, 1), row(2, 1, 0)}, hotel.StatusBooked, 1},
		"UnCancelled":    {1, []string{row(1, 1, 1), row(2, 1, 1)}, hotel.StatusCancelled, 2},
		"Cancelled":      {4, []string{row(1, 1, 1)}, hotel.StatusCancelled, 1},
		"Refunded":       {5, []string{row(1, 1, 1)}, hotel.StatusCancelled, 1},
		"CheckedIn":      {2, []string{row(1, 2, 0), row(2, 1, 0)}, hotel.StatusCheckedIn, 2},
		"PartlyOut":      {2, []string{row(1, 2, 0), row(2, 3, 0)}, hotel.StatusCheckedIn, 2},
		"CheckedOut":     {2, []string{row(1, 3, 0), row(2, 3, 0)}, hotel.StatusCheckedOut, 2},
		"OverbookedPaid": {7, []string{row(1, 1, 0)}, hotel.StatusBooked, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{
				"GET orders":        fmt.Sprintf(`{"orders":[{"id":5,"reference":"ABCDEFGHI","current_state":%d,"source":"WA-9"}]}`, tt.state),
				"GET room_bookings": `{"bookings":[` + strings.Join(tt.rows, ",") + `]}`,
				"GET bookings/5":    `{"booking":{"id":5,"currency":"USD","associations":{"price_details":{"total_price_without_tax":100,"total_tax":10}}}}`,
			})
			r, err := c.ByCode(t.Context(), "ABCDEFGHI")
			require.NoError(t, err)
			require.Equal(t, tt.status, r.Status)
			require.Equal(t, tt.rooms, r.Rooms)
			require.Equal(t, hotel.Reference("WA-9"), r.Reference)
			live, err := c.ByReference(t.Context(), "WA-9")
			require.NoError(t, err)
			require.Equal(t, tt.status != hotel.StatusCancelled, len(live) == 1)
		})
	}
}

func TestOrderWithoutRoomsIsNotYetAnAnswer(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET orders": `{"orders":[{"id":5,"reference":"ABCDEFGHI","current_state":1,"source":"WA-9"}]}`, "GET room_bookings": `[]`})
	_, err := c.ByReference(t.Context(), "WA-9")
	requireKind(t, err, hotel.Transient, "qloapps_order_without_rooms")
}

// One that stays without rooms does not hide the others of its reference.
func TestOrderWithoutRoomsHidesNoOther(t *testing.T) {
	t.Parallel()
	s := scripted{"GET room_bookings": strings.Replace(oneRow, `"id_order":1`, `"id_order":6`, 1), "GET bookings/6": `{"booking":{"id":6,"currency":"USD","associations":{"price_details":{"total_price_without_tax":100,"total_tax":0}}}}`,
		"GET orders": `{"orders":[{"id":5,"reference":"ABCDEFGHI","current_state":1,"source":"WA-9"},{"id":6,"reference":"BCDEFGHIJ","current_state":1,"source":"WA-9"}]}`}
	c := scriptedClient(t, s, func(c *qloapps.Config) {
		c.HTTPClient = &http.Client{Transport: direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("filter[id_order]") == "[5]" {
				scripted{"GET room_bookings": `[]`}.ServeHTTP(w, r)
				return
			}
			s.ServeHTTP(w, r)
		})}}
	})
	found, err := c.ByReference(t.Context(), "WA-9")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "6", found[0].Order)
}

func TestOddLists(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[1]`, `{"others":[]}`, `{"hotels":"x"}`, `7`, `{"hotels":[{"id":"one"}]}`, `x`} {
		c := scriptedClient(t, scripted{"GET hotels": body})
		requireKind(t, c.Probe(t.Context()), hotel.Transient, "qloapps_odd_200")
	}
	c := scriptedClient(t, scripted{"POST hotel_ari": `{"hotel_ari":null}`})
	_, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1})
	requireKind(t, err, hotel.Transient, "qloapps_odd_200")
	c = scriptedClient(t, scripted{"POST order_histories": `{"order_history":{}}`})
	requireKind(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "1"}), hotel.InDoubt, "qloapps_odd_200")
	c = client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{scripted{}}} })
	requireKind(t, c.Probe(t.Context()), hotel.NotFound, "qloapps_404")
}

func TestNoWebServiceAtTheAddress(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	c := client(t, srv.URL, qloappstest.Hotel(1))
	err := c.Probe(t.Context())
	requireKind(t, err, hotel.Unauthorised, "http_404")
	require.ErrorContains(t, err, "no web service at the base URL")
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"hotel_ari":{"currency":"USD","room_types":[{"id_room_type":1,"base_price_with_tax":1300,"name":"x","rooms":{"available":[]}}]}}`)
	f.Add(`{"orders":[{"id":5,"reference":"ABCDEFGHI","current_state":1,"source":"WA-9"}]}`)
	f.Add(`{"bookings":[{"id":1,"id_hotel":1,"id_room":1,"date_from":"2026-12-10 00:00:00"}]}`)
	f.Add(`{"booking":{"id":"17","associations":{"room_types":{"rooms":{"id_room":"3"}}}}}`)
	f.Add(`{"errors":[{"code":3,"message":"x"}]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		s := scripted{}
		for _, r := range []string{"GET orders", "GET room_bookings", "GET bookings/5", "GET customers", "POST bookings", "PUT bookings", "POST hotel_ari", "POST order_histories"} {
			s[r] = body
		}
		c := scriptedClient(t, s)
		defer c.Close()
		for _, read := range reads(t, c) {
			requireSorted(t, read())
		}
		made, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
		requireSorted(t, err)
		require.True(t, err != nil || made.Order != "" && len(made.Rows) > 0)
		requireSorted(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "5"}))
		_, err = c.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "5"}, Stay: stay(3, 1)})
		requireSorted(t, err)
		for _, since := range []string{"", "2026-11-23 18:00:00"} {
			_, mark, err := c.Changes(t.Context(), since)
			requireSorted(t, err)
			require.True(t, err != nil || mark >= since)
		}
	})
}

// What the shop says of itself is fuzzed resource by resource, the others being well.
func FuzzCatalogue(f *testing.F) {
	for i, body := range []string{hotelJSON, languagesJSON, settingsJSON, limitsJSON, typesJSON, extraServices, alabama, rates,
		`{"currencies":[{"id":2,"iso_code":"EUR","conversion_rate":"0.9","active":1}]}`, `<qloapps><api><bookings get="true" put="false"/></api></qloapps>`} {
		f.Add(i, body)
	}
	resources := []string{"GET hotels", "GET languages", "GET configurations", "GET hotel_room_types", "GET room_types", "GET services", "GET tax_rules", "GET taxes", "GET currencies", "GET "}
	f.Fuzz(func(t *testing.T, which int, body string) {
		s := scripted{"GET room_types": extraTypes(allLinks), "GET services": extraServices, "GET tax_rules": alabama, "GET taxes": rates, "POST hotel_ari": ariJSON("USD", 2, 1),
			"GET currencies": `{"currencies":[{"id":2,"iso_code":"EUR","conversion_rate":"0.9","active":1}]}`, "GET ": "<qloapps/>"}
		s[resources[max(which, 0)%len(resources)]] = body
		c := scriptedClient(t, s, func(c *qloapps.Config) { c.Currency, c.Services = "EUR", []int{6, 9} })
		defer c.Close()
		_, err := c.RoomTypes(t.Context())
		requireSorted(t, err)
		a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1})
		requireSorted(t, err)
		for _, o := range a.Offers {
			require.Equal(t, "EUR", o.Total.Currency)
		}
		_, err = c.Server(t.Context())
		requireSorted(t, err)
	})
}

// requireSorted asserts that a failure has a kind.
func requireSorted(t *testing.T, err error) {
	t.Helper()
	require.True(t, err == nil || hotel.KindOf(err) != hotel.Other, "%v", err)
}
