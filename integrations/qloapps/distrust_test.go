package qloapps_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

const pricedBooking = `{"booking":{"id":1,"currency":"USD","associations":{"price_details":{"total_price_without_tax":100,"total_tax":4},` +
	`"customer_detail":{"firstname":"A","lastname":"B"},"room_types":[{"rooms":[{"id_room":1,"id_hotel_booking":1}]}]}}}`

// What is not there is not nothing: an answer that lacks a price, a date or a
// room is not understood, and never a cheap room or a booking without dates.
func TestWhatIsMissingIsNotNothing(t *testing.T) {
	t.Parallel()
	without := func(s, part string) string {
		require.Contains(t, s, part)
		return strings.Replace(s, part, "", 1)
	}
	for name, change := range map[string]func(s scripted){
		"NoTotal": func(s scripted) { s["GET bookings/1"] = without(pricedBooking, `"total_price_without_tax":100,`) },
		"NullTax": func(s scripted) { s["GET bookings/1"] = strings.Replace(pricedBooking, `:4}`, `:null}`, 1) },
		"NoPrices": func(s scripted) {
			s["GET bookings/1"] = `{"booking":{"id":1,"currency":"USD","associations":{"price_details":[]}}}`
		},
		"NoCurrency": func(s scripted) { s["GET bookings/1"] = without(pricedBooking, `"currency":"USD",`) },
		"NoDates":    func(s scripted) { s["GET room_bookings"] = without(oneRow, `"date_from":"2026-11-24 00:00:00",`) },
		"ZeroDate": func(s scripted) {
			s["GET room_bookings"] = strings.Replace(oneRow, "2026-11-26 00:00:00", "0000-00-00 00:00:00", 1)
		},
		"NoRoom": func(s scripted) { s["GET room_bookings"] = without(oneRow, `"id_room":1,`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scripted{"GET orders": oneOrder, "GET room_bookings": oneRow, "GET bookings/1": pricedBooking}
			change(s)
			_, err := scriptedClient(t, s).ByCode(t.Context(), "ABCDEFGHI")
			requireKind(t, err, hotel.Transient, "qloapps_odd_200")
		})
	}
}

// A type that is free and has no price is not offered for nothing; sold out it needs none.
func TestFreeRoomsNeedAPrice(t *testing.T) {
	t.Parallel()
	const ari = `{"hotel_ari":{"id_hotel":"1","date_from":"2026-11-24","date_to":"2026-11-26","currency":"USD","room_types":[{"id_room_type":1,"base_price_with_tax":1300,"total_price":2500,"total_price_with_tax":2600,"rooms":{"available":{"4":{"id_room":4}}}}]}}`
	for name, tt := range map[string]struct {
		from, to string
		free     int
		odd      bool
	}{
		"AsItIs":         {"", "", 1, false},
		"NoTotal":        {`"total_price_with_tax":2600,`, "", 0, true},
		"NullTotal":      {`"total_price":2500`, `"total_price":null`, 0, true},
		"NoCurrency":     {`"currency":"USD",`, "", 0, true},
		"SoldOut":        {`"total_price_with_tax":2600,"rooms":{"available":{"4":{"id_room":4}}}`, `"rooms":{"available":[]}`, 0, false},
		"NoRooms":        {`"rooms":{"available":{"4":{"id_room":4}}}`, `"rooms":[]`, 0, false},
		"ListWithGaps":   {`[{"id_room_type":1,`, `{"0":{"id_room_type":9},"2":{"id_room_type":1,`, 1, false},
		"AnothersNights": {"2026-11-26", "2026-11-27", 0, true},
		"AnothersHotel":  {`"id_hotel":"1"`, `"id_hotel":"2"`, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(ari, tt.from, tt.to, 1)
			if name == "ListWithGaps" {
				body = strings.Replace(body, `}]}}`, `}}}}`, 1)
			}
			c := scriptedClient(t, scripted{"POST hotel_ari": body})
			a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 2), Rooms: 1})
			if tt.odd {
				requireKind(t, err, hotel.Transient, "qloapps_odd_200")
				return
			}
			require.NoError(t, err)
			require.Len(t, a.Offers, 1)
			require.Equal(t, tt.free, a.Offers[0].Free)
		})
	}
}

// QloApps leaves out of a question what it does not understand (R091), and a
// firewall what it does not like: a list that holds something else than was asked
// for is nobody's answer, or a guest would see another one's booking.
func TestAFilterThatIsNotHeeded(t *testing.T) {
	t.Parallel()
	const others = `{"orders":[{"id":7,"reference":"BCDEFGHIJ","current_state":1,"source":"WA-7","id_customer":4}]}`
	byCode := func(c *qloapps.Client) error { _, err := c.ByCode(t.Context(), "ABCDEFGHI"); return err }
	for name, tt := range map[string]struct {
		s   scripted
		ask func(c *qloapps.Client) error
	}{
		"Orders":     {scripted{"GET orders": others}, byCode},
		"References": {scripted{"GET orders": others}, func(c *qloapps.Client) error { _, err := c.ByReference(t.Context(), "WA-1"); return err }},
		"Rows":       {scripted{"GET orders": oneOrder, "GET room_bookings": strings.Replace(oneRow, `"id_order":1`, `"id_order":2`, 1)}, byCode},
		"Hotels":     {scripted{"GET hotels": strings.Replace(hotelJSON, `"id":1,`, `"id":2,`, 1)}, func(c *qloapps.Client) error { return c.Probe(t.Context()) }},
		"Catalogue":  {scripted{"GET hotels": strings.Replace(hotelJSON, `"id":1,`, `"id":2,`, 1)}, func(c *qloapps.Client) error { _, err := c.RoomTypes(t.Context()); return err }},
		"Customers": {scripted{"GET customers": `{"customers":[{"id":4,"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"1"}]}`},
			func(c *qloapps.Client) error {
				_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
				return err
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.ask(scriptedClient(t, tt.s))
			require.ErrorContains(t, err, "the filter was not heeded")
			require.Equal(t, "qloapps_odd_200", hotel.AsError(err).Code)
			require.Contains(t, []hotel.Kind{hotel.Transient, hotel.NotSent}, hotel.KindOf(err))
		})
	}
}

// The database finds an address whatever its case and accents, and so does QloApps itself.
func TestACustomerIsFoundAsTheDatabaseFindsIt(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET customers": `{"customers":[{"id":4,"firstname":"Zoë","lastname":"O'Brien","email":"Zoé@Example.com","phone":"1"}]}`,
		"POST bookings": pricedBooking, "GET orders": oneOrder, "GET room_bookings": oneRow})
	_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
	require.NoError(t, err)
}

// An overlap check that does not see the booking itself tells nothing of others.
func TestAnOverlapCheckSeesTheBookingItself(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]string{"nobody": `[]`, "a later one only": `{"bookings":[{"id":10,"id_order":5}]}`} {
		c := scriptedClient(t, scripted{"GET room_bookings": rows})
		_, err := c.Overbooked(t.Context(), hotel.Reservation{Order: "4", Stay: stay(1, 2), Rows: []hotel.RoomRow{{ID: 9, Room: 5}}})
		require.Error(t, err, name)
		requireKind(t, err, hotel.Transient, "qloapps_odd_200")
	}
}

// A booking with other dates or of another type than was asked for is not confirmed.
func TestBookedIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]string{
		"a night more": strings.Replace(oneRow, "2026-11-26", "2026-11-27", 1),
		"another type": strings.Replace(oneRow, `"id_product":1`, `"id_product":2`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"POST bookings": pricedBooking, "GET orders": oneOrder, "GET room_bookings": rows})
			_, err := c.Create(t.Context(), request("WA-1", 1, stay(1, 2)))
			requireKind(t, err, hotel.InDoubt, "qloapps_odd_200")
		})
	}
}

// PHP writes [] where it has no object, and an object where a list has gaps.
func TestAnObjectThatIsAList(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET orders": oneOrder, "GET room_bookings": oneRow,
		"GET room_types": strings.NewReplacer(`[{"id":"1","value":"Doble"},{"id":"2","value":"Double"}]`, `{"1":{"id":"1","value":"Doble"},"3":{"id":"2","value":"Double"}}`).Replace(typesJSON),
		"GET bookings/1": `{"booking":{"id":1,"currency":"USD","associations":{"price_details":{"total_price_without_tax":100,"total_tax":4},"customer_detail":[],` +
			`"room_types":{"1":{"id_room_type":1,"rooms":{"3":{"id_hotel_booking":1,"services":{"1":{"id_service":9,"name":"Late","total_price_without_tax":10,"total_tax":1},"5":{"id_service":8,"name":"Cot","total_price_without_tax":"20","total_tax":0}}}}}}}}}`})
	r, err := c.ByCode(t.Context(), "ABCDEFGHI")
	require.NoError(t, err)
	require.Empty(t, r.Contact.LastName, "its customer is gone")
	require.Equal(t, "Double", r.RoomType.Name)
	require.Equal(t, []hotel.Extra{{Name: "Cot", Total: hotel.Money{Minor: 2000, Currency: "USD"}}, {Name: "Late", Total: hotel.Money{Minor: 1100, Currency: "USD"}}}, r.Extras)
}

// A 400 of PHP's complaints alone says no more than a 500 of them: a write is looked up.
func TestComplaintsOfPHPAloneProveNoRefusal(t *testing.T) {
	t.Parallel()
	only := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Time", "1")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"errors":[{"code":3,"message":"[PHP Warning #2] x"}]}`)
	})
	c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{only}} })
	requireKind(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "1"}), hotel.InDoubt, "qloapps_400")
	requireKind(t, c.Probe(t.Context()), hotel.Invalid, "qloapps_400")
}

// A room type that was made since the catalogue was read is booked with all that
// its bookings name; one that nobody knows anything of is not offered.
func TestARoomTypeMadeSince(t *testing.T) {
	t.Parallel()
	now := clock()
	s := scripted{"POST hotel_ari": strings.Replace(ariJSON("USD", 1, 1), `"id_room_type":1`, `"id_room_type":2`, 1)}
	c := scriptedClient(t, s, func(c *qloapps.Config) { c.Now = func() time.Time { return now } })
	ask := func() []hotel.Offer {
		a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1})
		require.NoError(t, err)
		return a.Offers
	}
	require.Empty(t, ask())
	s["GET room_types"] = strings.Replace(typesJSON, `"id":1,`, `"id":2,`, 1)
	s["GET hotel_room_types"] = strings.Replace(limitsJSON, `"id_product":"1"`, `"id_product":"2"`, 1)
	require.Empty(t, ask(), "the catalogue is seconds old")
	now = now.Add(time.Minute)
	offers := ask()
	require.Len(t, offers, 1)
	require.Equal(t, 4, offers[0].RoomType.MaxGuests)
}

// A front desk puts rooms of several types, and for several stays, into one order:
// such a one is told from one of a single type, whichever of its rooms still stand.
func TestAnOrderOfSeveralTypes(t *testing.T) {
	t.Parallel()
	row := func(id, product, refunded int, to string) string {
		return fmt.Sprintf(`{"id":%d,"id_order":1,"id_room":%d,"id_product":"%d","id_hotel":1,"is_refunded":%d,"date_from":"2026-11-24 00:00:00","date_to":"%s 00:00:00"}`, id, id, product, refunded, to)
	}
	for name, tt := range map[string]struct {
		rows  []string
		kind  hotel.RoomTypeID
		mixed bool
	}{
		"one type":              {[]string{row(1, 1, 0, "2026-11-26"), row(2, 1, 0, "2026-11-26")}, "1", false},
		"two types":             {[]string{row(1, 1, 0, "2026-11-26"), row(2, 2, 0, "2026-11-26")}, "1", true},
		"two stays":             {[]string{row(1, 1, 0, "2026-11-26"), row(2, 1, 0, "2026-11-27")}, "1", true},
		"the other type is off": {[]string{row(1, 2, 1, "2026-11-26"), row(2, 1, 0, "2026-11-26")}, "1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := scriptedClient(t, scripted{"GET orders": oneOrder, "GET bookings/1": pricedBooking, "GET room_bookings": `{"bookings":[` + strings.Join(tt.rows, ",") + `]}`}).ByCode(t.Context(), "ABCDEFGHI")
			require.NoError(t, err)
			require.Equal(t, tt.kind, r.RoomType.ID)
			require.Equal(t, tt.mixed, r.Mixed())
		})
	}
}
