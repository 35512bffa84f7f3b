package qloapps_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func TestChangeMovesABooking(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.PrimeHotel(), func(c *qloapps.Config) { c.Services, c.NoEmailDomain = []int{9}, "no-email.invalid" })
	r := request("WA-1", 1, stay(10, 2), hotel.Party{Adults: 2, Children: 1, Ages: []int{5}}, hotel.Party{Adults: 1})
	r.Contact.Email, r.Guest, r.Remark = "", "guest", "late"
	made, err := b.Create(t.Context(), r)
	require.NoError(t, err)

	to := stay(20, 3)
	offered, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: to, Rooms: 2, RoomType: "1"})
	require.NoError(t, err)
	moved, err := b.Change(t.Context(), hotel.ChangeRequest{Property: "posada", Booking: made, Stay: to})
	require.NoError(t, err)
	require.Equal(t, made.Code, moved.Code)
	require.Equal(t, made.Order, moved.Order)
	require.Equal(t, to, moved.Stay)
	require.Equal(t, offered.Offers[0].Total, moved.Total, "what Availability says is what it costs")
	require.Equal(t, offered.Offers[0].Extras, moved.Extras)
	require.Equal(t, made.Contact, moved.Contact)
	require.Equal(t, hotel.StatusBooked, moved.Status)
	require.Len(t, moved.Rows, 2)
	for i, row := range moved.Rows {
		require.NotEqual(t, made.Rows[i].ID, row.ID, "rows are new")
		require.Equal(t, made.Rows[i].Adults, row.Adults)
		require.Equal(t, made.Rows[i].Children, row.Children)
		require.Equal(t, made.Rows[i].Ages, row.Ages)
	}
	read, err := b.ByCode(t.Context(), made.Code)
	require.NoError(t, err)
	require.Equal(t, read, moved)

	again, err := b.Change(t.Context(), hotel.ChangeRequest{Property: "posada", Booking: made, Stay: to})
	require.NoError(t, err)
	require.Equal(t, moved, again, "a repeat changes nothing")
	require.Equal(t, 1, b.sim.Requests("PUT bookings"))
}

func TestChangeThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(1))
	made, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.NoError(t, err)
	_, err = b.Create(t.Context(), request("WA-2", 1, stay(20, 2)))
	require.NoError(t, err)
	change := func(r hotel.Reservation, s hotel.Stay) error {
		_, err := b.Change(t.Context(), hotel.ChangeRequest{Property: "posada", Booking: r, Stay: s})
		return err
	}
	requireKind(t, change(made, stay(21, 2)), hotel.SoldOut, "qloapps_400/404")
	requireKind(t, change(made, stay(-1, 2)), hotel.Invalid, "bad_stay")
	requireKind(t, change(made, stay(1000, 2)), hotel.Invalid, "bad_too_far")
	requireKind(t, change(hotel.Reservation{Order: "x"}, stay(30, 2)), hotel.Invalid, "bad_order")
	requireKind(t, change(hotel.Reservation{Order: "99"}, stay(30, 2)), hotel.Invalid, "unknown_order")
	now, err := b.ByCode(t.Context(), made.Code)
	require.NoError(t, err)
	require.Equal(t, made, now, "nothing was changed")
	require.NoError(t, b.Cancel(t.Context(), hotel.CancelRequest{Order: made.Order}))
	requireKind(t, change(made, stay(30, 2)), hotel.Invalid, "bad_status")

	elsewhere := client(t, b.url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.HotelID = 2 })
	_, err = elsewhere.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "2"}, Stay: stay(30, 1)})
	requireKind(t, err, hotel.Invalid, "unknown_order")
}

// A move that lost its race goes back to nights that the hotel would not sell today any more.
func TestAMoveIsTakenBackWhateverTheLimits(t *testing.T) {
	t.Parallel()
	p := qloappstest.Hotel(2)
	b := setup(t, p)
	made, err := b.Create(t.Context(), request("WA-1", 1, stay(1, 1)))
	require.NoError(t, err)
	moved, err := b.Change(t.Context(), hotel.ChangeRequest{Booking: made, Stay: stay(20, 2)})
	require.NoError(t, err)
	later := client(t, b.url, p, func(c *qloapps.Config) { c.Now = func() time.Time { return clock().AddDate(0, 0, 3) } })
	_, err = later.Change(t.Context(), hotel.ChangeRequest{Booking: moved, Stay: made.Stay})
	requireKind(t, err, hotel.Invalid, "bad_stay")
	_, err = later.Change(t.Context(), hotel.ChangeRequest{Booking: moved, Stay: hotel.Stay{}, Back: true})
	requireKind(t, err, hotel.Invalid, "bad_stay")
	back, err := later.Change(t.Context(), hotel.ChangeRequest{Booking: moved, Stay: made.Stay, Back: true})
	require.NoError(t, err)
	require.Equal(t, made.Stay, back.Stay)
	require.Equal(t, made.Total, back.Total)
}

func TestChangeInDoubt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sw    qloappstest.Switches
		moved bool
	}{
		"Cut":      {qloappstest.Switches{Strict: true, CutAfter: true, Only: []string{"PUT bookings"}}, true},
		"Hang":     {qloappstest.Switches{Strict: true, Hang: true, Only: []string{"PUT bookings"}}, false},
		"Warnings": {qloappstest.Switches{Strict: true, TaxExcluded: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, qloappstest.Hotel(2))
			made, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
			require.NoError(t, err)
			b.sim.Set(tt.sw)
			ctx, cancel := withTimeout(t, 2*time.Second)
			defer cancel()
			_, err = b.Change(ctx, hotel.ChangeRequest{Property: "posada", Booking: made, Stay: stay(11, 2)})
			require.Equal(t, hotel.InDoubt, hotel.KindOf(err))
			b.sim.Set(qloappstest.Switches{Strict: true})
			now, err := b.ByCode(t.Context(), made.Code)
			require.NoError(t, err)
			require.Equal(t, tt.moved, now.Stay == stay(11, 2))
		})
	}
	b := setup(t, qloappstest.Hotel(2))
	made, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.NoError(t, err)
	b.sim.Set(qloappstest.Switches{Strict: true, Error: 502, Only: []string{"GET orders"}})
	_, err = b.Change(t.Context(), hotel.ChangeRequest{Property: "posada", Booking: made, Stay: stay(11, 2)})
	requireKind(t, err, hotel.NotSent, "http_502")
}

// A front desk's booking of two types, one room cancelled, half paid, with a
// service that the type has no more: all that is left of it moves.
func TestChangeNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	var body []byte
	row := func(id, product, refunded int) string {
		return fmt.Sprintf(`{"id":%d,"id_order":1,"id_room":%d,"id_product":%d,"id_hotel":1,"id_status":1,"is_refunded":%d,"adults":%d,"children":1,"child_ages":"[\"4\"]",`+
			`"date_from":"2026-12-01 00:00:00","date_to":"2026-12-03 00:00:00"}`, id, id, product, refunded, id)
	}
	booking := `{"booking":{"id":1,"currency":"EUR","associations":{"customer_detail":{"firstname":"A","lastname":"B","email":"shown@example.com","phone":"1"},` +
		`"price_details":{"total_price_without_tax":1,"total_tax":0},"room_types":[{"id_room_type":1,"rooms":[{"id_room":1,"id_hotel_booking":1,"services":[` +
		`{"id_service":9,"name":"Breakfast","quantity":2,"total_price_without_tax":700,"total_tax":28},{"id_service":77,"quantity":1},{"id_service":5,"quantity":1}]}]}]}}}`
	answer := `{"booking":{"id":1,"currency":"EUR","associations":{"room_types":[{"id_room_type":1,"checkin_date":"2026-12-10 00:00:00","checkout_date":"2026-12-11 00:00:00","rooms":[{"id_hotel_booking":8}]}]}}}`
	s := scripted{
		"GET orders":        `{"orders":[{"id":1,"id_customer":4,"reference":"ABCDEFGHI","current_state":8,"source":"front desk","total_paid_real":"50"}]}`,
		"GET room_bookings": `{"bookings":[` + row(1, 1, 0) + "," + row(2, 2, 0) + "," + row(3, 1, 1) + `]}`, "GET bookings/1": booking, "PUT bookings": answer,
		"GET customers": customersJSON(`{"id":4,"firstname":"A","lastname":"B","email":"kept@example.com","phone":"1"}`),
		"GET hotels":    hotelJSON, "GET languages": languagesJSON, "GET configurations": settingsJSON, "GET hotel_room_types": limitsJSON,
		"GET room_types": extraTypes(allLinks), "GET services": extraServices}
	c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{listening{s, &body}}} })
	to := hotel.Stay{CheckIn: hotel.NewDate(2026, time.December, 10), CheckOut: hotel.NewDate(2026, time.December, 11)}
	_, err := c.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "1"}, Stay: to})
	require.NoError(t, err)
	require.JSONEq(t, `{"booking":{"id":1,"id_property":1,"currency":"EUR","associations":{"customer_detail":{"email":"kept@example.com"},"room_types":[
		{"id_room_type":1,"checkin_date":"2026-12-10","checkout_date":"2026-12-11","number_of_rooms":1,"rooms":[
			{"adult":1,"adults":1,"child":1,"child_ages":[4],"total_tax":null,"services":[{"id_service":5},{"id_service":9,"quantity":2}]}]},
		{"id_room_type":2,"checkin_date":"2026-12-10","checkout_date":"2026-12-11","number_of_rooms":1,"rooms":[
			{"adult":2,"adults":2,"child":1,"child_ages":[4],"total_tax":null}]}]}}}`, string(body))

	for name, odd := range map[string]string{"OtherDates": oneBooked, "OtherOrder": `{"booking":{"id":2,"associations":{"room_types":[{"rooms":[{"id_hotel_booking":8}]}]}}}`, "Nothing": `{}`} {
		s["PUT bookings"] = odd
		_, err = c.Change(t.Context(), hotel.ChangeRequest{Booking: hotel.Reservation{Order: "1"}, Stay: to})
		requireKind(t, err, hotel.InDoubt, "qloapps_odd_200")
		require.True(t, json.Valid(body), name)
	}
}

// Where nobody can read the booking, a PUT would drop a breakfast that the front
// desk has added: such a change is for a person.
func TestChangeDropsNothingItCannotRead(t *testing.T) {
	t.Parallel()
	p := qloappstest.PrimeHotel()
	p.Currencies = []qloappstest.Currency{{ISO: "EUR", Rate: 0.9}}
	for _, iso := range []string{"USD", "EUR"} {
		b := setup(t, p, func(c *qloapps.Config) { c.Currency, c.Services = iso, []int{6} })
		plain, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2), hotel.Party{Adults: 1}, hotel.Party{Adults: 2}))
		require.NoError(t, err)
		more := client(t, b.url, p, func(c *qloapps.Config) { c.Currency, c.Services = iso, []int{6, 9} })
		breakfast, err := more.Create(t.Context(), request("WA-2", 1, stay(10, 2)))
		require.NoError(t, err)

		b.sim.Set(qloappstest.Switches{Strict: true, TaxExcluded: true})
		_, err = b.Change(t.Context(), hotel.ChangeRequest{Booking: breakfast, Stay: stay(20, 2)})
		requireKind(t, err, hotel.Invalid, "unknown_services")
		require.Zero(t, b.sim.Requests("PUT bookings"))
		_, err = b.Change(t.Context(), hotel.ChangeRequest{Booking: plain, Stay: stay(20, 2)})
		require.Equal(t, hotel.InDoubt, hotel.KindOf(err), "it was sent: such a server answers 500 to all of them")
		require.Equal(t, 1, b.sim.Requests("PUT bookings"))
		now, err := b.ByCode(t.Context(), plain.Code)
		require.NoError(t, err)
		require.Equal(t, stay(20, 2), now.Stay)
		require.Equal(t, plain.Total, now.Total)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	at := clock()
	_, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(3)})
	c := client(t, url, qloappstest.Hotel(3))
	orders, mark, err := c.Changes(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, orders)
	require.Equal(t, "1970-01-01 00:00:00", mark, "a shop without orders")

	made, err := c.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.NoError(t, err)
	orders, mark, err = c.Changes(t.Context(), mark)
	require.NoError(t, err)
	require.Equal(t, []hotel.OrderChange{{Order: made.Order, Code: made.Code, Reference: "WA-1", Updated: mark}}, orders)
	require.Equal(t, at.Format(time.DateTime), mark)

	_, first, err := c.Changes(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, mark, first, "the newest order's own time")
	require.NoError(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: made.Order}))
	orders, again, err := c.Changes(t.Context(), mark)
	require.NoError(t, err)
	require.Equal(t, []hotel.OrderChange{{Order: made.Order, Code: made.Code, Reference: "WA-1", Over: true, Updated: mark}}, orders)
	require.Equal(t, mark, again)

	for _, bad := range []string{"yesterday", "2026-11-23"} {
		_, _, err = c.Changes(t.Context(), bad)
		requireKind(t, err, hotel.Invalid, "bad_mark")
	}
}
