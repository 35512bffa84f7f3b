package qloapps_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// What the server would choke on, or book without a word, is refused here, and
// never reaches it.
func TestCreateIsCheckedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(2))
	for name, tt := range map[string]struct {
		change func(*hotel.BookingRequest)
		code   string
	}{
		"NoReference":       {func(r *hotel.BookingRequest) { r.Reference = "" }, "bad_reference"},
		"BracketReference":  {func(r *hotel.BookingRequest) { r.Reference = "WA-[1|2]" }, "bad_reference"},
		"NoFirstName":       {func(r *hotel.BookingRequest) { r.Contact.FirstName = " " }, "bad_name"},
		"NothingButDigits":  {func(r *hotel.BookingRequest) { r.Contact.LastName = "007" }, "bad_name"},
		"NothingButSigns":   {func(r *hotel.BookingRequest) { r.Contact.LastName = "<(@)> 🙂" }, "bad_name"},
		"NoEmail":           {func(r *hotel.BookingRequest) { r.Contact.Email, r.Guest = "", "06h0pr0mndom" }, "bad_email"},
		"EmailWithoutAt":    {func(r *hotel.BookingRequest) { r.Contact.Email = "not-an-email" }, "bad_email"},
		"EmailWithName":     {func(r *hotel.BookingRequest) { r.Contact.Email = "Ada <ada@example.com>" }, "bad_email"},
		"EmailWithoutPoint": {func(r *hotel.BookingRequest) { r.Contact.Email = "ada@localhost" }, "bad_email"},
		"EmailOnLocalhost":  {func(r *hotel.BookingRequest) { r.Contact.Email = "ada@localhost." }, "bad_email"},
		"NoPhone":           {func(r *hotel.BookingRequest) { r.Contact.Phone = "" }, "bad_phone"},
		"LettersInPhone":    {func(r *hotel.BookingRequest) { r.Contact.Phone = "call me" }, "bad_phone"},
		"PhoneWithoutDigit": {func(r *hotel.BookingRequest) { r.Contact.Phone = "+-." }, "bad_phone"},
		"NoRooms":           {func(r *hotel.BookingRequest) { r.Parties = nil }, "bad_rooms"},
		"NoAdult":           {func(r *hotel.BookingRequest) { r.Parties = []hotel.Party{{Children: 1}} }, "bad_occupancy"},
		"MoreAges":          {func(r *hotel.BookingRequest) { r.Parties = []hotel.Party{{Adults: 1, Ages: []int{3}}} }, "bad_occupancy"},
		"TooMany":           {func(r *hotel.BookingRequest) { r.Parties = []hotel.Party{{Adults: 9}} }, "bad_occupancy"},
		"Past":              {func(r *hotel.BookingRequest) { r.Stay = stay(-1, 2) }, "bad_stay"},
		"NoNight":           {func(r *hotel.BookingRequest) { r.Stay = stay(3, 0) }, "bad_stay"},
		"NoDates":           {func(r *hotel.BookingRequest) { r.Stay = hotel.Stay{} }, "bad_stay"},
		"NoRoomType":        {func(r *hotel.BookingRequest) { r.RoomType.ID = "suite" }, "bad_room_type"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request("WA-1", 1, stay(10, 2))
			tt.change(&r)
			_, err := b.Create(t.Context(), r)
			requireKind(t, err, hotel.Invalid, tt.code)
		})
	}
	require.Zero(t, b.sim.Requests("POST bookings"))
}

func TestServerRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(1))
	_, err := b.Create(t.Context(), request("WA-1", 99, stay(10, 2)))
	requireKind(t, err, hotel.Invalid, "qloapps_400/404")
	require.ErrorContains(t, err, "Invalid room type in the request")
	_, err = b.Create(t.Context(), request("WA-1", 1, stay(10, 2), hotel.Party{Adults: 1}, hotel.Party{Adults: 1}))
	requireKind(t, err, hotel.SoldOut, "qloapps_400/404")
	require.True(t, qloapps.Alive(err))
	requireKind(t, b.Cancel(t.Context(), hotel.CancelRequest{Order: "77"}), hotel.Invalid, "unknown_order")
	requireKind(t, b.Cancel(t.Context(), hotel.CancelRequest{Order: "x"}), hotel.Invalid, "bad_order")
}

func TestAvailabilityIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(2, 1))
	for name, tt := range map[string]struct {
		q    hotel.AvailabilityQuery
		code string
	}{
		"Past":     {hotel.AvailabilityQuery{Stay: stay(-1, 2), Rooms: 1}, "bad_stay"},
		"NoDates":  {hotel.AvailabilityQuery{Rooms: 1}, "bad_stay"},
		"NoNights": {hotel.AvailabilityQuery{Stay: stay(1, 0), Rooms: 1}, "bad_stay"},
		"NoRooms":  {hotel.AvailabilityQuery{Stay: stay(1, 1)}, "bad_rooms"},
		"Rooms":    {hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 51}, "bad_rooms"},
		"RoomType": {hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1, RoomType: "x"}, "bad_room_type"},
		"TooFar":   {hotel.AvailabilityQuery{Stay: stay(1000, 1), Rooms: 1}, "bad_too_far"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.Availability(t.Context(), tt.q)
			requireKind(t, err, hotel.Invalid, tt.code)
		})
	}
	require.Zero(t, b.sim.Requests("POST hotel_ari"))

	s := stay(5, 2)
	_, err := b.sim.Fill(2, s.CheckIn, s.CheckOut, 0)
	require.NoError(t, err)
	a, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: s, Rooms: 1, RoomType: "2"})
	require.NoError(t, err)
	require.Len(t, a.Offers, 1)
	require.Zero(t, a.Offers[0].Free, "sold out types are listed")
	require.Equal(t, 4, a.Offers[0].RoomType.MaxGuests)

	a, err = b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: s, Rooms: 1, RoomType: "99"})
	require.NoError(t, err)
	require.Empty(t, a.Offers)

	elsewhere := client(t, b.url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.Currency = "ARS" })
	_, err = elsewhere.Availability(t.Context(), hotel.AvailabilityQuery{Stay: s, Rooms: 1})
	requireKind(t, err, hotel.Unauthorised, "qloapps_currency")
}

func TestRoomTypesWithLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.DemoHotel(today))
	types, err := b.RoomTypes(t.Context())
	require.NoError(t, err)
	require.Len(t, types, 5)
	require.Equal(t, hotel.RoomType{ID: "3", Name: "Doble superior con vista al lago", Description: "Cama king, balcón y vista al Nahuel Huapi.",
		MaxAdults: 2, MaxChildren: 1, MaxGuests: 3}, types[2].RoomType)
	types[0].Name = "changed"
	again, err := b.RoomTypes(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Simple", again[0].Name)
	require.Equal(t, 2, b.sim.Requests("GET room_types"), "an asked-for read is a fresh one")
	_, err = b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1})
	require.NoError(t, err)
	require.Equal(t, 2, b.sim.Requests("GET room_types"), "availability uses what is known")
}

func TestProfile(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.DemoHotel(today))
	p, err := b.Profile(t.Context(), "lucia.fernandez@example.com")
	require.NoError(t, err)
	require.Equal(t, hotel.Profile{Contact: hotel.Contact{FirstName: "Lucía", LastName: "Fernández", Email: "lucia.fernandez@example.com", Phone: "5491155550101"}, Bookings: 1}, p)
	for _, phone := range []string{"5491155550101", "+5491155550101", " +54 9 (11) 5555-0101 "} {
		same, err := b.Profile(t.Context(), phone)
		require.NoError(t, err, phone)
		require.Equal(t, p, same)
	}
	_, err = b.Profile(t.Context(), "+5491100000000")
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	for _, word := range []string{"", "12345", "my number", "5491155550101x"} {
		_, err = b.Profile(t.Context(), word)
		requireKind(t, err, hotel.Invalid, "bad_phone")
	}
	_, err = b.Profile(t.Context(), "nobody@example.com")
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	_, err = b.Profile(t.Context(), "x]|[y@example.com")
	requireKind(t, err, hotel.Invalid, "bad_email")
}

func TestByCode(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.DemoHotel(today))
	r, err := b.ByCode(t.Context(), "luciafern")
	require.NoError(t, err)
	require.Equal(t, hotel.BookingCode("LUCIAFERN"), r.Code)
	require.Equal(t, "Fernández", r.Contact.LastName)
	require.Equal(t, hotel.Stay{CheckIn: today.AddDays(9), CheckOut: today.AddDays(12)}, r.Stay)
	require.Equal(t, hotel.Money{Minor: 34122000, Currency: "ARS"}, r.Total)
	require.Empty(t, r.Reference, "not made by us")
	for _, code := range []hotel.BookingCode{"", "SHORT", "ABCDEFGHI", "[A|B]CDEF"} {
		_, err := b.ByCode(t.Context(), code)
		if code == "ABCDEFGHI" {
			requireKind(t, err, hotel.NotFound, "")
			continue
		}
		requireKind(t, err, hotel.NotFound, "bad_code")
	}
	_, err = b.ByReference(t.Context(), "a b")
	requireKind(t, err, hotel.Invalid, "bad_reference")
	// The same QloApps, another hotel of it: not this one's booking.
	other := client(t, b.url, qloappstest.DemoHotel(today), func(c *qloapps.Config) { c.HotelID = 2 })
	_, err = other.ByCode(t.Context(), "LUCIAFERN")
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	requireKind(t, other.Probe(t.Context()), hotel.Unauthorised, "qloapps_no_hotel")
}

func TestHotelsRoutesByProperty(t *testing.T) {
	t.Parallel()
	_, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	hotels, err := qloapps.NewHotels(qloapps.Config{Property: "posada", BaseURL: url, Key: qloappstest.DemoKey, HotelID: 1, Now: clock})
	require.NoError(t, err)
	t.Cleanup(hotels.Close)
	require.Equal(t, hotel.PropertyID("posada"), hotels["posada"].Property())
	ctx := t.Context()
	for _, tt := range []struct {
		property hotel.PropertyID
		check    func(error)
	}{
		{"posada", func(err error) { require.NoError(t, err) }},
		{"other", func(err error) { requireKind(t, err, hotel.Invalid, "unknown_property") }},
	} {
		r := request("WA-"+string(tt.property), 1, stay(10, 1))
		r.Property, r.Quote = tt.property, hotel.Money{Minor: 12100, Currency: "USD"}
		made, err := hotels.Create(ctx, r)
		tt.check(err)
		made.Property = tt.property
		if err != nil {
			made.Rows = []hotel.RoomRow{{ID: 1, Room: 1}}
		}
		_, err = hotels.Availability(ctx, hotel.AvailabilityQuery{Property: tt.property, Stay: stay(10, 1), Rooms: 1})
		tt.check(err)
		_, err = hotels.RoomTypes(ctx, tt.property)
		tt.check(err)
		_, err = hotels.Profile(ctx, tt.property, "zoe@example.com")
		tt.check(err)
		_, err = hotels.ByCode(ctx, tt.property, made.Code)
		tt.check(err)
		_, err = hotels.ByReference(ctx, tt.property, r.Reference)
		tt.check(err)
		_, err = hotels.Overbooked(ctx, made)
		tt.check(err)
		made.Order = orDefault(made.Order, "1")
		_, err = hotels.Change(ctx, hotel.ChangeRequest{Property: tt.property, Booking: made, Stay: stay(12, 1)})
		tt.check(err)
		_, _, err = hotels.Changes(ctx, tt.property, "")
		tt.check(err)
		_, err = hotels.Server(ctx, tt.property)
		tt.check(err)
		tt.check(hotels.Probe(ctx, tt.property))
		tt.check(hotels.Cancel(ctx, hotel.CancelRequest{Property: tt.property, Order: made.Order}))
	}
}

func orDefault(s, usual string) string {
	if s == "" {
		return usual
	}
	return s
}
