package qloappstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// read asks for JSON and wants 200 with exactly this.
func read(t *testing.T, s *qloappstest.Server, target, want string) {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	code, body := ask(t, s, "GET", "/api/"+path+"?output_format=JSON&"+query, "")
	require.Equal(t, 200, code, "%s: %s", target, body)
	require.JSONEq(t, want, body, target)
}

func ari(from, to string) string {
	return "<q><hotel_ari><id_hotel>1</id_hotel><id_room_type>2</id_room_type><date_from>" + from + "</date_from><date_to>" + to + "</date_to></hotel_ari></q>"
}

// Translated fields are a plain text in a shop with one language, a list in one
// with several, and a plain text again when a language is named.
func TestLanguages(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.WorldHotel()})
	read(t, s, "languages?display=[id,iso_code,active]", `{"languages":[{"id":1,"iso_code":"en","active":1},{"id":2,"iso_code":"es","active":1}]}`)
	read(t, s, "room_types?display=[id,name]&limit=1",
		`{"room_types":[{"id":1,"name":[{"id":1,"value":"General Rooms"},{"id":2,"value":"Habitaciones generales"}]}]}`)
	read(t, s, "room_types?display=[id,name]&limit=1&language=2", `{"room_types":[{"id":1,"name":"Habitaciones generales"}]}`)
	read(t, s, "services?display=[name]&filter[id]=[9]", `{"services":[{"name":[{"id":1,"value":"Breakfast"},{"id":2,"value":"Desayuno"}]}]}`)
	read(t, s, "services?display=[name]&filter[id]=[10]&language=2", `{"services":[{"name":"Dinner"}]}`)
	read(t, s, "hotels?display=[hotel_name]&language=2", `{"hotels":[{"hotel_name":"El Hotel Prime"}]}`)

	code, body := ask(t, s, "GET", "/api/hotels?language=3&output_format=JSON", "")
	require.Equal(t, 400, code)
	require.JSONEq(t, `{"errors":[{"code":81,"message":"language is not available"}]}`, body)
	_, body = ask(t, s, "GET", "/api/room_types?display=[name]&limit=1", "")
	require.Contains(t, body, `<name><language id="1" xlink:href="http://localhost/api/languages/1"><![CDATA[General Rooms]]></language>`+
		`<language id="2" xlink:href="http://localhost/api/languages/2"><![CDATA[Habitaciones generales]]></language></name>`)
	_, body = ask(t, s, "GET", "/api/room_types?display=[name]&limit=1&language=2", "")
	require.NotContains(t, body, "General Rooms")

	_, body = ask(t, s, "POST", "/api/hotel_ari?output_format=JSON&language=2", ari("2026-12-10", "2026-12-12"))
	require.Contains(t, body, `"name":"Delux Rooms"`, "availability speaks the default")
	_, body = ask(t, s, "POST", "/api/bookings?output_format=JSON",
		strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `"currency"`, `"id_language":2,"currency"`, 1))
	require.Contains(t, body, `"id_language":2`)
	require.Contains(t, body, `"name":"Habitaciones generales"`)
	read(t, s, "orders/1?", orderWith(t, s, `"id_lang":2`))

	one := standIn(t, qloappstest.Config{Property: qloappstest.PrimeHotel()})
	read(t, one, "room_types?display=[id,name]&limit=1", `{"room_types":[{"id":1,"name":"General Rooms"}]}`)
}

// orderWith returns the answer for order 1, which must hold something.
func orderWith(t *testing.T, s *qloappstest.Server, holds string) string {
	t.Helper()
	_, body := ask(t, s, "GET", "/api/orders/1?output_format=JSON", "")
	require.Contains(t, body, holds)
	return body
}

// A booking in a second currency is converted by its rate, line by line;
// availability stays in the shop's own.
func TestSecondCurrency(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.WorldHotel()})
	read(t, s, "currencies?display=[id,iso_code,conversion_rate,active]",
		`{"currencies":[{"id":1,"iso_code":"USD","conversion_rate":"1.000000","active":1},{"id":2,"iso_code":"EUR","conversion_rate":"0.900000","active":1}]}`)
	body := strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `"USD"`, `"EUR"`, 1)
	body = strings.Replace(body, `"total_tax":null`, `"total_tax":null,"services":[{"id_service":5},{"id_service":7}]`, 1)
	code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", body)
	require.Equal(t, 200, code, answer)
	require.Contains(t, answer, `"currency":"EUR"`)
	require.Contains(t, answer, `"price_details":{"total_paid":0,"total_price_without_tax":2295,"total_tax":91.8}`) // (2000 + 500 + 50) x 0.9
	require.Contains(t, answer, `"unit_price_without_tax":1800,"total_tax":72`)
	require.Contains(t, answer, `"id_service":5,"name":"Room Maintenance Fees","quantity":1,"unit_price_without_tax":450,`)
	read(t, s, "orders?display=[id_currency,total_paid,conversion_rate]",
		`{"orders":[{"id_currency":2,"total_paid":"2386.800000","conversion_rate":"0.900000"}]}`)
	_, answer = ask(t, s, "POST", "/api/hotel_ari?output_format=JSON", ari("2026-12-10", "2026-12-12"))
	require.Contains(t, answer, `"currency":"USD"`)

	move := strings.Replace(strings.Replace(body, `{"booking":{`, `{"booking":{"id":1,`, 1), "2026-12-10", "2026-12-11", 1)
	code, answer = ask(t, s, "PUT", "/api/bookings?output_format=JSON", move)
	require.Equal(t, 200, code, answer)
	require.Contains(t, answer, `"unit_price_without_tax":900,`, "a move is priced in it too")
	code, answer = ask(t, s, "POST", "/api/bookings?output_format=JSON", strings.Replace(body, "EUR", "BRL", 1))
	require.Equal(t, 400, code)
	require.Contains(t, answer, "Please provide valid currency.")
}

func TestTaxesOfTheShop(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.PrimeHotel()})
	read(t, s, "taxes?display=full", `{"taxes":[{"id":1,"rate":"4.000","active":1,"deleted":0,"name":"Tax 4%"}]}`)
	read(t, s, "tax_rules?display=full", `{"tax_rules":[{"id":1,"id_tax_rules_group":1,"id_state":1,"id_country":21,"zipcode_from":"0","zipcode_to":"0","id_tax":1,"behavior":1,"description":""}]}`)
	read(t, s, "tax_rule_groups?display=[id,name,active]", `{"tax_rule_groups":[{"id":1,"name":"Rate (4%)","active":1}]}`)
	read(t, s, "hotels?display=[id_country,id_state]", `{"hotels":[{"id_country":21,"id_state":1}]}`)
	read(t, s, "room_types?display=[id_tax_rules_group]&limit=1", `{"room_types":[{"id_tax_rules_group":1}]}`)
	read(t, s, "services?display=[id,id_tax_rules_group,price,price_calculation_method,auto_add_to_cart,price_addition_type]&limit=3", `{"services":[
		{"id":5,"id_tax_rules_group":0,"price":"250.000000","price_calculation_method":2,"auto_add_to_cart":1,"price_addition_type":1},
		{"id":6,"id_tax_rules_group":1,"price":"250.000000","price_calculation_method":1,"auto_add_to_cart":1,"price_addition_type":2},
		{"id":7,"id_tax_rules_group":1,"price":"50.000000","price_calculation_method":1,"auto_add_to_cart":0,"price_addition_type":2}]}`)
}

// Limits of stays are shown and obeyed; how early and how late one may book is shown only.
func TestLimitsOfStays(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.WorldHotel()})
	read(t, s, "hotels?display=[max_checkout_offset,min_booking_offset]", `{"hotels":[{"max_checkout_offset":"730","min_booking_offset":"1"}]}`)
	read(t, s, "hotel_room_types?display=[id_product,min_los,max_los]&limit=2", `{"hotel_room_types":[{"id_product":1,"min_los":1,"max_los":0},{"id_product":2,"min_los":2,"max_los":7}]}`)
	for nights, free := range map[int]int{1: 0, 2: 5, 7: 5, 8: 0} {
		in, out := today.AddDays(20*nights).String(), today.AddDays(21*nights).String()
		_, body := ask(t, s, "POST", "/api/hotel_ari?output_format=JSON", ari(in, out))
		require.Contains(t, body, fmt.Sprintf(`"total_available_rooms":%d`, free), "%d nights", nights)
		booking := strings.Replace(create("WA-1", in, out), `"id_room_type":1`, `"id_room_type":2`, 1)
		code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", booking)
		require.Equal(t, free > 0, code == 200, "%d nights", nights)
	}
	code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-2", "2019-01-01", "2019-01-02"))
	require.Equal(t, 200, code, "the past is for sale")
}

func TestClosedRooms(t *testing.T) {
	t.Parallel()
	p := qloappstest.Hotel(3)
	p.RoomTypes[0].Rooms[0].Inactive = true
	p.RoomTypes[0].Rooms[1].ClosedFrom, p.RoomTypes[0].Rooms[1].ClosedTo = "2026-12-11", "2026-12-13"
	s := standIn(t, qloappstest.Config{Property: p})
	read(t, s, "hotel_rooms?display=[id,id_status]", `{"rooms":[{"id":1,"id_status":2},{"id":2,"id_status":3},{"id":3,"id_status":1}]}`)
	for stay, free := range map[[2]string]int{{"2026-12-09", "2026-12-11"}: 2, {"2026-12-10", "2026-12-12"}: 1, {"2026-12-12", "2026-12-14"}: 1, {"2026-12-13", "2026-12-14"}: 2} {
		_, body := ask(t, s, "POST", "/api/hotel_ari?output_format=JSON", strings.Replace(ari(stay[0], stay[1]), "<id_room_type>2", "<get_available_rooms>1</get_available_rooms><get_unavailable_rooms>1</get_unavailable_rooms><id_room_type>1", 1))
		require.Contains(t, body, fmt.Sprintf(`"total_available_rooms":%d,"total_unavailable_rooms":%d`, free, 3-free), stay)
	}
	code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
	require.Equal(t, 200, code)
	require.Contains(t, body, `"id_room":3`, "the closed one is not given away")

	p.Inactive = true
	shut := standIn(t, qloappstest.Config{Property: p})
	_, body = ask(t, shut, "POST", "/api/hotel_ari?output_format=JSON", ari("2026-12-10", "2026-12-12"))
	require.JSONEq(t, `{"hotel_ari":{"id_hotel":"1","date_from":"2026-12-10","date_to":"2026-12-12","currency":"USD"}}`, body)
	code, _ = ask(t, shut, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
	require.Equal(t, 400, code)
}
