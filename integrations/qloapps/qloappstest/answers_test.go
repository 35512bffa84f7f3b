package qloappstest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func TestCatalogueOfTheDemo(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.PrimeHotel()})
	for path, holds := range map[string]string{
		"room_types/1":     `"price":"1000.000000"`,
		"services/5":       `"auto_add_to_cart":1,"price_addition_type":1`,
		"currencies":       `{"currencies":[{"id":1}]}`,
		"languages":        `{"languages":[{"id":1}]}`,
		"order_states/4":   `"name":"Canceled"`,
		"room_bookings":    `[]`,
		"order_histories":  `[]`,
		"hotel_room_types": `{"id":4}`,
		"configurations?display=[value]&filter[name]=[PS_TIMEZONE]&": `{"configurations":[{"value":"UTC"}]}`,
	} {
		path, query, _ := strings.Cut(path, "?")
		code, body := ask(t, s, "GET", "/api/"+path+"?"+query+"output_format=JSON", "")
		require.Equal(t, 200, code, path)
		require.Contains(t, body, holds)
	}
}

// Money and states as a real server comes to them.
func TestPricesAndStates(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(20)})
	base := create("WA-1", "2026-12-10", "2026-12-12")
	for _, tt := range []struct{ name, old, fresh, state, total string }{
		{"Plain", "", "", "1", "220.000000"},
		{"Cancelled", `"booking_status":1`, `"booking_status":3`, "4", "220.000000"},
		{"Refunded", `"booking_status":1`, `"booking_status":4`, "5", "220.000000"},
		{"Completed", `"booking_status":1`, `"booking_status":2`, "2", "220.000000"},
		{"PartlyPaid", `"associations":{`, `"associations":{"price_details":{"total_paid":50},`, "8", "220.000000"},
		{"PaidWhole", `"associations":{`, `"associations":{"price_details":{"total_paid":220},`, "2", "220.000000"},
		{"HigherPrice", `"associations":{`, `"associations":{"price_details":{"total_price_with_tax":330},`, "1", "330.000000"},
		{"LowerPrice", `"associations":{`, `"associations":{"price_details":{"total_price_with_tax":1},`, "1", "220.000000"},
		{"UnitPrice", `"total_tax":null`, `"total_tax":null,"unit_price_without_tax":10`, "1", "22.000000"},
		{"FixedTax", `"total_tax":null`, `"total_tax":5`, "1", "205.000000"},
		{"Services", `"total_tax":null`, `"total_tax":null,"services":[{"id_service":101}]`, "1", "242.000000"},
	} {
		body := strings.Replace(base, tt.old, tt.fresh, 1)
		code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", strings.Replace(body, "WA-1", tt.name, 1))
		require.Equal(t, 200, code, answer)
		_, order := ask(t, s, "GET", "/api/orders?filter[source]=["+tt.name+"]&display=[current_state,total_paid]&output_format=JSON", "")
		require.Equal(t, `{"orders":[{"current_state":`+tt.state+`,"total_paid":"`+tt.total+`"}]}`, order, tt.name)
	}
}

// No room is free for the whole stay, but moving once would do.
func TestSplitStay(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	for id, dates := range [][2]string{{"2026-12-10", "2026-12-11"}, {"2026-12-11", "2026-12-12"}} {
		body := strings.Replace(create("WA-1", dates[0], dates[1]), `"adults":2`, `"adults":2,"id_room":`+string(rune('1'+id)), 1)
		code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", body)
		require.Equal(t, 200, code, answer)
	}
	_, answer := ask(t, s, "POST", "/api/hotel_ari?output_format=JSON", `<q><hotel_ari><id_hotel>1</id_hotel><date_from>2026-12-10</date_from><date_to>2026-12-12</date_to>
		<get_available_rooms>1</get_available_rooms><get_booked_rooms>1</get_booked_rooms><get_partial_available_rooms>1</get_partial_available_rooms></hotel_ari></q>`)
	require.Contains(t, answer, `"total_partial_available_rooms":2`)
	require.Contains(t, answer, `{"date_from":"2026-12-10","date_to":"2026-12-11","rooms":{"2":{`)
	require.Contains(t, answer, `{"date_from":"2026-12-11","date_to":"2026-12-12","rooms":{"1":{`)
	require.Contains(t, answer, `"detail":[{"id_htl_booking":1,`)
}

func TestXMLBooking(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	body := func(rooms string) string {
		return `<q><booking><id_property>1</id_property><currency>USD</currency><source>x</source><remark>Tarde 😀 &lt;b&gt;sí&lt;/b&gt;</remark><associations>
			<customer_detail><firstname>Élodie</firstname><lastname>O'Brien &amp; Sons</lastname><email>xml@example.com</email><phone>+33 6</phone></customer_detail>
			<room_types><room_type><id_room_type>1</id_room_type><checkin_date>2026-12-10</checkin_date><checkout_date>2026-12-12</checkout_date>
			<number_of_rooms>1</number_of_rooms>` + rooms + `</room_type></room_types></associations></booking></q>`
	}
	code, answer := ask(t, s, "POST", "/api/bookings", body(`<rooms><room><adults>1</adults><child>1</child><child_ages><child_age>5</child_age></child_ages><total_tax>20</total_tax></room></rooms>`))
	require.Equal(t, 200, code, answer)
	require.Contains(t, answer, "<lastname><![CDATA[O'Brien & Sons]]></lastname>")
	require.Contains(t, answer, "<remark><![CDATA[Tarde ???? sí]]></remark>")
	require.Contains(t, answer, "<child><![CDATA[1]]></child>")
	_, rows := ask(t, s, "GET", "/api/room_bookings?display=[children,child_ages]&output_format=JSON", "")
	require.JSONEq(t, `{"bookings":[{"children":1,"child_ages":"[\"5\"]"}]}`, rows)

	code, answer = ask(t, s, "POST", "/api/bookings", body(`<rooms><room><adults>1</adults><total_tax></total_tax></room></rooms>`))
	require.Equal(t, 500, code)
	require.Empty(t, answer)
	require.Len(t, s.State().Bookings, 2, "it is booked although PHP died")
}

// What is kept beside a booking is there to be read, and tells the same of it.
func TestBookkeepingOfABooking(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	for _, path := range []string{"carts", "cart_bookings", "order_details"} {
		_, body := ask(t, s, "GET", "/api/"+path+"?output_format=JSON", "")
		require.Equal(t, `[]`, body, path)
	}
	code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-13"))
	require.Equal(t, 200, code, answer)
	for target, want := range map[string]string{
		"carts?display=[id,id_customer]":                                                               `{"carts":[{"id":1,"id_customer":1}]}`,
		"cart_bookings?display=[id_room,id_order,quantity,adults]&filter[id_order]=[1]":                `{"cart_bookings":[{"id_room":1,"id_order":1,"quantity":3,"adults":2}]}`,
		"order_details?display=[product_id,product_quantity,unit_price_tax_excl,total_price_tax_incl]": `{"order_details":[{"product_id":1,"product_quantity":3,"unit_price_tax_excl":"100.000000","total_price_tax_incl":"330.000000"}]}`,
	} {
		_, body := ask(t, s, "GET", "/api/"+target+"&output_format=JSON", "")
		require.Equal(t, want, body, target)
	}
	_, body := ask(t, s, "GET", "/api/carts/1", "")
	require.Contains(t, body, "<date_from><![CDATA[2026-12-10 00:00:00]]></date_from>")
}

// A room type of this hotel is nothing that another hotel of the shop has free.
func TestAnotherHotelOfTheShop(t *testing.T) {
	t.Parallel()
	p := qloappstest.Hotel(2)
	p.OtherHotels = []int{2}
	s := standIn(t, qloappstest.Config{Property: p})
	for id, want := range map[string]string{"2": "Requested room(s) not available.", "3": "Please provide a valid id_property."} {
		code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `"id_property":1`, `"id_property":`+id, 1))
		require.Equal(t, 400, code)
		require.Contains(t, body, want)
	}
}
