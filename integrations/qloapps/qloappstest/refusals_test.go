package qloappstest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// exchange is a request and what the answer holds. The recordings of a real
// server say the same, but are not always at hand.
type exchange struct {
	name, method, target, body string
	status                     int
	holds                      string
}

const (
	guestJSON = `"customer_detail":{"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"+15550111"}`
	typesJSON = `"room_types":[{"id_room_type":1,"checkin_date":"2026-12-10","checkout_date":"2026-12-12","number_of_rooms":1,"rooms":[{"adults":2,"total_tax":null}]}]`
)

func booking(head, guest, types string) string {
	return `{"booking":{` + head + `,"associations":{` + guest + `,` + types + `}}}`
}

func TestBookingRefusals(t *testing.T) {
	t.Parallel()
	good := booking(`"id_property":1,"currency":"USD"`, guestJSON, typesJSON)
	swap := func(old, fresh string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, fresh, 1)
	}
	for _, tt := range []exchange{
		{"Good", "POST", "", good, 200, `"id_hotel_booking":1`},
		{"ID", "POST", "", swap(`"id_property"`, `"id":1,"id_property"`), 400, "id is forbidden"},
		{"Property", "POST", "", swap(`"id_property":1`, `"id_property":9`), 400, "Please provide a valid id_property."},
		{"Currency", "POST", "", swap(`USD`, `XXX`), 400, "Please provide valid currency."},
		{"BookingStatus", "POST", "", swap(`"currency"`, `"booking_status":9,"currency"`), 400, "Invalid booking status."},
		{"PaymentStatus", "POST", "", swap(`"currency"`, `"payment_status":9,"currency"`), 400, "Invalid payment status."},
		{"PaymentType", "POST", "", swap(`"associations":{`, `"associations":{"payment_detail":{"payment_type":"cash"},`), 400, "Invalid payment type."},
		{"RoomType", "POST", "", swap(`"id_room_type":1`, `"id_room_type":9`), 400, "Invalid room type in the request"},
		{"CheckIn", "POST", "", swap(`2026-12-10`, `soon`), 400, "Invalid check in date in the request"},
		{"CheckOut", "POST", "", swap(`2026-12-12`, `later`), 400, "Invalid check out date in the request"},
		{"Reversed", "POST", "", swap(`2026-12-12`, `2026-12-09`), 400, "Invalid check in and check out dates in the request"},
		{"SameDay", "POST", "", swap(`2026-12-12`, `2026-12-10`), 400, "Requested room(s) not available."},
		{"NoCount", "POST", "", swap(`"number_of_rooms":1,`, ``), 400, "number of rooms is missing"},
		{"Count", "POST", "", swap(`"number_of_rooms":1`, `"number_of_rooms":2`), 400, "Room count does not matches"},
		{"TooMany", "POST", "", swap(`"number_of_rooms":1,"rooms":[{"adults":2,"total_tax":null}]`, `"number_of_rooms":9`), 400, "Requested room(s) not available."},
		{"Service", "POST", "", swap(`"total_tax":null`, `"total_tax":null,"services":[{"id_service":9}]`), 400, "Invalid request for service."},
		{"NoRoomTypes", "POST", "", booking(`"id_property":1,"currency":"USD"`, guestJSON, `"cart_rules":[]`), 400, "[PHP Warning #2]"},
		{"NoCustomer", "POST", "", booking(`"id_property":1,"currency":"USD"`, `"cart_rules":[]`, typesJSON), 400, "Customer details not found."},
		{"FirstName", "POST", "", swap(`"firstname":"Ada",`, ``), 400, "Please provide a valid first name."},
		{"Email", "POST", "", swap(`ada@example.com`, ``), 400, "Please provide a valid email."},
		{"Customer", "POST", "", swap(`"firstname"`, `"id_customer":9,"firstname"`), 400, "Please provide a valid id_customer."},
		{"Address", "POST", "", swap(`"firstname"`, `"city":"X","firstname"`), 400, "Address is required."},
		{"City", "POST", "", swap(`"firstname"`, `"address":"X","firstname"`), 400, "City is required."},
		{"Country", "POST", "", swap(`"firstname"`, `"address":"X","city":"Y","country_code":"XX","firstname"`), 400, "Invalid country code."},
		{"FatalEmail", "POST", "", swap(`ada@example.com`, `ada`), 200, "Fatal error"},
		{"FatalPhone", "POST", "", swap(`+15550111`, `call me`), 500, ""},
		{"Nonsense", "POST", "", `{"booking":`, 500, ""},
		{"NoTaxKey", "POST", "", swap(`,"total_tax":null`, ``), 500, `Undefined array key \"total_tax\"`},
		{"TaxGroup", "POST", "", swap(`"total_tax":null`, `"id_tax_rules_group":1`), 500, "Undefined array key 1"},
		{"PutWithoutID", "PUT", "", good, 400, "id is required with PUT requests."},
		{"PutUnknown", "PUT", "", swap(`"id_property"`, `"id":7,"id_property"`), 400, "Booking not found."},
		{"PutNonsense", "PUT", "", `<`, 500, ""},
		{"Delete", "DELETE", "/1", "", 405, "Method DELETE is not allowed for the resource bookings"},
		{"Unknown", "GET", "/77", "", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
			code, body := ask(t, s, tt.method, "/api/bookings"+tt.target+"?output_format=JSON", tt.body)
			require.Equal(t, tt.status, code, body)
			require.Contains(t, body, tt.holds)
		})
	}
}

func TestOtherRefusals(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	ari := func(fields string) string { return "<q><hotel_ari>" + fields + "</hotel_ari></q>" }
	const dates = "<id_hotel>1</id_hotel><date_from>2026-12-10</date_from><date_to>2026-12-12</date_to>"
	for _, tt := range []exchange{
		{"ARI", "POST", "hotel_ari", ari(dates), 200, `"total_available_rooms":2`},
		{"ARIDaily", "POST", "hotel_ari", ari(dates + "<date_wise_breakdown>1</date_wise_breakdown>"), 200, `{"hotel_aris":[`},
		{"ARIFlags", "POST", "hotel_ari", ari(dates + "<get_booked_rooms>1</get_booked_rooms><get_unavailable_rooms>1</get_unavailable_rooms>"), 200, `"booked":[]`},
		{"ARIEmpty", "POST", "hotel_ari", "", 400, "ARI search parameters are missing."},
		{"ARIJSON", "POST", "hotel_ari", "{}", 400, "Invalid ARI search parameters found."},
		{"ARINoDate", "POST", "hotel_ari", ari("<id_hotel>1</id_hotel>"), 400, `parameter \"date_from\" required`},
		{"ARIBadDate", "POST", "hotel_ari", ari(strings.Replace(dates, "2026-12-12", "2027-02-30", 1)), 400, "The date_to field is invalid."},
		{"ARIReversed", "POST", "hotel_ari", ari(strings.Replace(dates, "2026-12-12", "2026-12-10", 1)), 400, "must be after"},
		{"ARINoAdult", "POST", "hotel_ari", ari(dates + "<associations><room_occupancies><room_occupancy><adults>0</adults></room_occupancy></room_occupancies></associations>"), 400, "for Room-1 occupancy"},
		{"ARIGet", "GET", "hotel_ari", "", 405, "Method GET is not valid"},
		{"Resource", "GET", "rooms", "", 400, "Did you mean"},
		{"Method", "PATCH", "orders", "", 405, "Method PATCH is not valid"},
		{"Filter", "GET", "orders?filter[nope]=1&", "", 500, `"code":32`},
		{"Sort", "GET", "orders?sort=[date_upd_ASC]&", "", 500, `"code":38`},
		{"Language", "GET", "hotels?language=9&", "", 400, `"code":81`},
		{"Missing", "GET", "orders/7", "", 404, ""},
		{"EmptyList", "GET", "orders", "", 200, "[]"},
		{"CustomerJSON", "POST", "customers", "{}", 500, `"code":127`},
		{"CustomerName", "POST", "customers", "<q><customer><passwd>x</passwd></customer></q>", 400, `parameter \"lastname\" required`},
		{"CustomerPhone", "POST", "customers", customer("a@b.example", ""), 400, "Phone is required field."},
		{"CustomerPhoneForm", "POST", "customers", customer("a@b.example", "x"), 400, "Invalid phone."},
		{"CustomerEmail", "POST", "customers", customer("ab", "1"), 400, "Invalid email address."},
		{"Customer", "POST", "customers", customer("a@b.example", "1"), 201, `"id":"1"`},
		{"HistoryJSON", "POST", "order_histories", "{}", 500, `"code":127`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, query, _ := strings.Cut(tt.target, "?")
			code, body := ask(t, s, tt.method, "/api/"+target+"?"+query+"output_format=JSON", tt.body)
			require.Equal(t, tt.status, code, body)
			require.Contains(t, body, tt.holds)
		})
	}
}

func customer(email, phone string) string {
	return "<q><customer><passwd>x</passwd><firstname>A</firstname><lastname>B</lastname><email>" + email + "</email><phone>" + phone + "</phone></customer></q>"
}

func TestKeysAreRefused(t *testing.T) {
	t.Parallel()
	key := func(c string) string { return strings.Repeat(c, 32) }
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1), Keys: []qloappstest.Key{
		{Key: key("i"), Inactive: true}, {Key: key("n"), NoShop: true}, {Key: key("e")}, {Key: key("r"), Allow: map[string][]string{"hotels": {"GET"}}}}})
	for _, tt := range []struct {
		user, method string
		status       int
		holds        string
	}{
		{"", "GET", http.StatusUnauthorized, "Authentication key is empty"},
		{"short", "GET", http.StatusUnauthorized, "Invalid authentication key format"},
		{key("u"), "GET", http.StatusUnauthorized, "Authentification key is not active"},
		{key("i"), "GET", http.StatusUnauthorized, "Authentification key is not active"},
		{key("e"), "GET", http.StatusUnauthorized, "No permission for this authentication key"},
		{key("n"), "GET", http.StatusForbidden, "No permission for this key on this shop"},
		{key("r"), "POST", http.StatusMethodNotAllowed, "Method POST is not allowed for the resource hotels"},
		{key("r"), "GET", http.StatusOK, "<hotels>"},
	} {
		r := httptest.NewRequest(tt.method, "/api/hotels", nil)
		r.SetBasicAuth(tt.user, "")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		require.Equal(t, tt.status, w.Code, tt.user)
		require.Contains(t, w.Body.String(), tt.holds)
	}
	for target, status := range map[string]int{"/api/hotels": 401, "/api/hotels?ws_key=" + qloappstest.DemoKey: 200} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		require.Equal(t, status, w.Code, target)
	}
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(5)})
	for query, want := range map[string]string{
		"filter[id]=[1|3]":                                `{"rooms":[{"id":1},{"id":3}]}`,
		"filter[id]=[2,4]":                                `{"rooms":[{"id":2},{"id":3},{"id":4}]}`,
		"filter[id]=%3E[4]":                               `{"rooms":[{"id":5}]}`,
		"filter[id]=%3C[2]":                               `{"rooms":[{"id":1}]}`,
		"filter[id]=![1]&limit=1":                         `{"rooms":[{"id":2}]}`,
		"filter[room_num]=[10]%25&limit=1,2":              `{"rooms":[{"id":2},{"id":3}]}`,
		"filter[room_num]=%25[05]":                        `{"rooms":[{"id":5}]}`,
		"filter[room_num]=%25[03]%25":                     `{"rooms":[{"id":3}]}`,
		"filter[floor]=first&limit=1":                     `{"rooms":[{"id":1}]}`,
		"sort=[id_DESC]&limit=1":                          `{"rooms":[{"id":5}]}`,
		"limit=9,9":                                       `[]`,
		"limit=x":                                         `[]`,
		"display=[room_num,id]&limit=1":                   `{"rooms":[{"id":1,"room_num":"101"}]}`,
		"filter[date_upd]=%3E[2026-01-01]&date=1&limit=1": `{"rooms":[{"id":1}]}`,
		"filter[date_upd]=%3C[2026-01-01]&date=1":         `[]`,
	} {
		code, body := ask(t, s, "GET", "/api/hotel_rooms?output_format=JSON&"+query, "")
		require.Equal(t, http.StatusOK, code, query)
		require.JSONEq(t, want, body, query)
	}
}
