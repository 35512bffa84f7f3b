package qloappstest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func book(t *testing.T, s *qloappstest.Server, ref, in, out string) {
	t.Helper()
	code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", create(ref, in, out))
	require.Equal(t, 200, code, body)
}

func setState(t *testing.T, s *qloappstest.Server, order, state string) {
	t.Helper()
	code, body := ask(t, s, "POST", "/api/order_histories?output_format=JSON",
		"<q><order_history><id_order>"+order+"</id_order><id_order_state>"+state+"</id_order_state></order_history></q>")
	require.Equal(t, 201, code, body)
}

// Setting a cancelled order back to 1 does not take the room back.
func TestUncancelling(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(*testing.T, *qloappstest.Server){
		"ByHistory": func(t *testing.T, s *qloappstest.Server) { setState(t, s, "1", "1") },
		"ByPut": func(t *testing.T, s *qloappstest.Server) {
			code, body := ask(t, s, "PUT", "/api/bookings?output_format=JSON", strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `{"booking":{`, `{"booking":{"id":1,`, 1))
			require.Equal(t, 200, code, body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)})
			book(t, s, "WA-1", "2026-12-10", "2026-12-12")
			setState(t, s, "1", "4")
			read(t, s, "room_bookings?display=[is_refunded,is_cancelled]", `{"bookings":[{"is_refunded":1,"is_cancelled":1}]}`)
			back(t, s)
			read(t, s, "orders?display=[current_state]", `{"orders":[{"current_state":1}]}`)
			read(t, s, "room_bookings?display=[is_refunded,is_cancelled]", `{"bookings":[{"is_refunded":1,"is_cancelled":1}]}`)
			book(t, s, "WA-2", "2026-12-10", "2026-12-12")
		})
	}
}

func TestStatesByHistory(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)})
	book(t, s, "WA-1", "2026-12-10", "2026-12-12")
	setState(t, s, "1", "5")
	read(t, s, "room_bookings?display=[is_refunded,is_cancelled]", `{"bookings":[{"is_refunded":1,"is_cancelled":0}]}`)
	setState(t, s, "1", "4")
	setState(t, s, "1", "4")
	read(t, s, "order_histories?display=[id,id_order_state]", `{"order_histories":[{"id":1,"id_order_state":1},{"id":2,"id_order_state":5},{"id":3,"id_order_state":4},{"id":4,"id_order_state":4}]}`)
	for _, body := range []string{"<id_order>1</id_order><id_order_state>99</id_order_state>", "<id_order>7</id_order><id_order_state>4</id_order_state>"} {
		code, answer := ask(t, s, "POST", "/api/order_histories?output_format=JSON", "<q><order_history>"+body+"</order_history></q>")
		require.Equal(t, 200, code)
		require.Equal(t, "Invalid new order status", answer)
	}
}

// A PUT is a replace: what it does not list is gone. Without a status the order keeps its own.
func TestPutReplaces(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(3)})
	body := strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), `"number_of_rooms":1,"rooms":[{"adults":2,"child":0,"total_tax":null}]`,
		`"number_of_rooms":2,"rooms":[{"adults":2,"total_tax":null,"services":[{"id_service":101}]},{"adults":1,"total_tax":null}]`, 1)
	body = strings.Replace(body, `"booking_status":1`, `"booking_status":2,"remark":"once"`, 1)
	code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", body)
	require.Equal(t, 200, code, answer)
	require.Equal(t, 2, s.State().Bookings[0].State)

	bare := `{"booking":{"id":1,"id_property":1,"currency":"USD","remark":"once","associations":{"customer_detail":{"email":"ada@example.com"},
		"room_types":[{"id_room_type":1,"checkin_date":"2026-12-10","checkout_date":"2026-12-12","number_of_rooms":1,"rooms":[{"adults":1,"total_tax":null}]}]}}}`
	code, answer = ask(t, s, "PUT", "/api/bookings/7?output_format=JSON", bare) // the id in the path counts for nothing
	require.Equal(t, 200, code, answer)
	require.Contains(t, answer, `"remarks":["once","once"]`)
	require.NotContains(t, answer, "services")
	require.Contains(t, answer, `"total_price_without_tax":200,"total_tax":20`)
	b := s.State().Bookings[0]
	require.Equal(t, 2, b.State, "no status in it")
	require.Len(t, b.Rooms, 1)
	require.Equal(t, 2, b.Rooms[0].Adults, "a kept room keeps its guests, whatever is asked")

	code, answer = ask(t, s, "PUT", "/api/bookings?output_format=JSON", strings.Replace(bare, `"currency"`, `"booking_status":4,"currency"`, 1))
	require.Equal(t, 200, code, answer)
	require.Equal(t, 5, s.State().Bookings[0].State)
	for old, message := range map[string]string{"ada@example.com": "Customer not found.", `"id":1,`: "id is required with PUT requests."} {
		code, answer = ask(t, s, "PUT", "/api/bookings?output_format=JSON", strings.Replace(bare, old, "", 1))
		require.Equal(t, 400, code)
		require.Contains(t, answer, message)
	}
}

// DELETE is no way to cancel.
func TestDeletesAreTraps(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	book(t, s, "WA-1", "2026-12-10", "2026-12-12")
	book(t, s, "WA-2", "2026-12-10", "2026-12-12")
	free := func() string {
		_, body := ask(t, s, "POST", "/api/hotel_ari?output_format=JSON", strings.Replace(ari("2026-12-10", "2026-12-12"), "<id_room_type>2", "<id_room_type>1", 1))
		return body
	}
	for _, target := range []string{"/api/orders/1", "/api/room_bookings/2"} {
		code, body := ask(t, s, "DELETE", target, "")
		require.Equal(t, 200, code)
		require.Empty(t, body)
		code, _ = ask(t, s, "DELETE", target, "")
		require.Equal(t, 404, code)
	}
	require.Contains(t, free(), `"total_available_rooms":1`, "order 1 is gone, its room is not free")
	read(t, s, "orders?display=[id,source]", `{"orders":[{"id":2,"source":"WA-2"}]}`)
	read(t, s, "room_bookings?display=[id,id_order]", `{"bookings":[{"id":1,"id_order":1}]}`)
	code, _ := ask(t, s, "DELETE", "/api/orders/x", "")
	require.Equal(t, 404, code)
}

func TestCheckingIn(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)})
	book(t, s, "WA-1", "2026-12-10", "2026-12-12")
	_, whole := ask(t, s, "GET", "/api/room_bookings/1", "")
	code, body := ask(t, s, "PUT", "/api/room_bookings/1", strings.Replace(whole, "<id_status><![CDATA[1]]>", "<id_status><![CDATA[2]]>", 1))
	require.Equal(t, 200, code, body)
	require.Equal(t, strings.Replace(whole, "<id_status><![CDATA[1]]>", "<id_status><![CDATA[2]]>", 1), body)
	read(t, s, "room_bookings?display=[id_status]", `{"bookings":[{"id_status":2}]}`)
	code, _ = ask(t, s, "PUT", "/api/room_bookings/9", whole)
	require.Equal(t, 404, code)
	code, _ = ask(t, s, "PUT", "/api/room_bookings/1", "{}")
	require.Equal(t, 500, code)
}

// Changes are found by orders.date_upd; it needs date=1, and rows' own date_upd tells nothing.
func TestChangesByTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(3), Now: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for _, ref := range []string{"WA-1", "WA-2", "WA-3"} {
		now = now.Add(time.Minute)
		body := create(ref, "2026-12-10", "2026-12-12")
		if ref == "WA-3" {
			body = strings.Replace(body, `"associations":{`, `"associations":{"price_details":{"total_paid":50},`, 1)
		}
		code, answer := ask(t, s, "POST", "/api/bookings?output_format=JSON", body)
		require.Equal(t, 200, code, answer)
	}
	now = now.Add(time.Minute)
	setState(t, s, "1", "4")
	const since = "filter[date_upd]=%3E[2026-11-23%2018:02:00]&date=1"
	read(t, s, "orders?"+since+"&sort=[date_upd_ASC]&display=[id,current_state,source,total_paid_real,date_upd]", `{"orders":[
		{"id":3,"current_state":8,"source":"WA-3","total_paid_real":"50.000000","date_upd":"2026-11-23 18:03:00"},
		{"id":1,"current_state":4,"source":"WA-1","total_paid_real":"0.000000","date_upd":"2026-11-23 18:04:00"}]}`)
	read(t, s, "orders?"+since+"&sort=[date_upd_DESC]&limit=1&display=[id]", `{"orders":[{"id":1}]}`)
	read(t, s, "room_bookings?"+since+"&display=[id]", `{"bookings":[{"id":3}]}`)
	for strict, status := range map[bool]int{true: 500, false: 400} {
		s.Set(qloappstest.Switches{Strict: strict})
		for _, query := range []string{"filter[date_upd]=%3E[2026-11-23%2018:02:00]", "sort=[date_upd_ASC]", "filter[nope]=1"} {
			code, _ := ask(t, s, "GET", "/api/orders?output_format=JSON&"+query, "")
			require.Equal(t, status, code, query)
		}
	}
}

func TestCustomersAreFound(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.PrimeHotel()})
	for range 2 { // one e-mail, two customers
		code, body := ask(t, s, "POST", "/api/customers?output_format=JSON", customer("bo@example.com", "+45 1"))
		require.Equal(t, 201, code, body)
		require.Contains(t, body, `"active":null`)
	}
	for _, query := range []string{"filter[email]=[BO@example.com]", "filter[phone]=[%2B45%201]"} {
		read(t, s, "customers?display=[id,email,phone]&"+query, `{"customers":[{"id":2,"email":"bo@example.com","phone":"+45 1"},{"id":3,"email":"bo@example.com","phone":"+45 1"}]}`)
	}
	read(t, s, "customers?filter[email]=[nobody@example.com]", `[]`)
	// A booking with a known e-mail overwrites its first customer's name and phone.
	code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), "ada@example.com", "bo@example.com", 1))
	require.Equal(t, 200, code, body)
	read(t, s, "customers?display=[id,firstname,phone]&filter[email]=[bo@example.com]", `{"customers":[{"id":2,"firstname":"Ada","phone":"+15550111"},{"id":3,"firstname":"A","phone":"+45 1"}]}`)
}

// Nothing is locked between a create's check and its insert.
func TestTheLastRoomIsSoldTwice(t *testing.T) {
	t.Parallel()
	for _, odd := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(1), Create: qloappstest.RealDelay})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			s.Set(qloappstest.Switches{Strict: true, OddRace: odd})
			var both sync.WaitGroup
			for _, ref := range []string{"WA-1", "WA-2"} {
				both.Go(func() {
					start := time.Now()
					code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", create(ref, "2026-12-10", "2026-12-12"))
					require.Equal(t, 200, code)
					require.GreaterOrEqual(t, time.Since(start), qloappstest.RealDelay.Min)
				})
			}
			both.Wait()
			if odd {
				require.Len(t, s.State().Bookings, 1, "the other one got 200 and no booking")
				return
			}
			read(t, s, "room_bookings?display=[id_room,is_back_order]&sort=[id_ASC]", `{"bookings":[{"id_room":1,"is_back_order":0},{"id_room":1,"is_back_order":1}]}`)
			code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-3", "2026-12-10", "2026-12-12"))
			require.Equal(t, 400, code, "who comes later is refused")
		})
	}
}

// A client that hangs up gets its booking all the same.
func TestStoredAfterTheClientHungUp(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1), Create: qloappstest.Delay{Min: 50 * time.Millisecond}})
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/bookings", strings.NewReader(create("WA-1", "2026-12-10", "2026-12-12")))
	require.NoError(t, err)
	r.SetBasicAuth(qloappstest.DemoKey, "")
	ended := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(r)
		if err == nil {
			err = resp.Body.Close()
		}
		ended <- err
	}()
	require.Eventually(t, func() bool { return s.Requests("POST bookings") == 1 }, 5*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Eventually(t, func() bool { return len(s.State().Bookings) == 1 }, 5*time.Second, time.Millisecond)
}

// Strict and lenient PHP, with groups that see prices with and without tax.
func TestModesOfPHP(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sw                             qloappstest.Switches
		clean, noKey, group, read, xml int
	}{
		"Strict":             {qloappstest.Switches{Strict: true}, 200, 500, 500, 200, 500},
		"Lenient":            {qloappstest.Switches{}, 200, 200, 200, 200, 500},
		"StrictTaxExcluded":  {qloappstest.Switches{Strict: true, TaxExcluded: true}, 500, 500, 500, 500, 500},
		"LenientTaxExcluded": {qloappstest.Switches{TaxExcluded: true}, 200, 200, 200, 200, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(9)})
			s.Set(tt.sw)
			good := create("WA-1", "2026-12-10", "2026-12-12")
			fatal := `<q><booking><id_property>1</id_property><currency>USD</currency><associations><customer_detail><firstname>A</firstname><lastname>B</lastname>
				<email>a@b.example</email><phone>1</phone></customer_detail><room_types><room_type><id_room_type>1</id_room_type><checkin_date>2026-12-10</checkin_date>
				<checkout_date>2026-12-12</checkout_date><number_of_rooms>1</number_of_rooms><rooms><room><adults>1</adults><total_tax/></room></rooms></room_type></room_types></associations></booking></q>`
			for i, c := range []struct {
				body string
				want int
			}{{good, tt.clean}, {strings.Replace(good, `,"total_tax":null`, "", 1), tt.noKey}, {strings.Replace(good, `"total_tax":null`, `"id_tax_rules_group":1`, 1), tt.group}, {fatal, tt.xml}} {
				code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", c.body)
				require.Equal(t, c.want, code, body)
				require.Len(t, s.State().Bookings, i+1, "it is stored, whatever is answered")
			}
			code, _ := ask(t, s, "GET", "/api/bookings/1?output_format=JSON", "")
			require.Equal(t, tt.read, code)
		})
	}
}

// Whose answer it is: QloApps' own has its headers, PHP's last words have its
// cookie alone, a redirect and a proxy have neither.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, target, host, body string
		sw                         qloappstest.Switches
		status                     int
		kind                       string
		psws, cookie               bool
	}{
		"List":     {method: "GET", target: "orders?output_format=JSON", status: 200, kind: "application/json", psws: true, cookie: true},
		"XML":      {method: "GET", target: "orders", status: 200, kind: "text/xml;charset=utf-8", psws: true, cookie: true},
		"Missing":  {method: "GET", target: "orders/9", status: 404, psws: true, cookie: true},
		"Fatal":    {method: "POST", target: "bookings", body: strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), "@", "", 1), status: 200, kind: "text/html; charset=utf-8", cookie: true},
		"Empty500": {method: "POST", target: "bookings", body: "x", status: 500, kind: "text/html; charset=utf-8", cookie: true},
		"Host":     {method: "POST", target: "bookings", host: "other.example", status: 302, kind: "text/html; charset=utf-8"},
		"Proxy":    {method: "GET", target: "orders", sw: qloappstest.Switches{Error: 502}, status: 502, kind: "text/html"},
		"Disabled": {method: "GET", target: "orders?output_format=JSON", sw: qloappstest.Switches{Disabled: true}, status: 503, kind: "application/json", psws: true, cookie: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1), Host: "hotel.example"})
			s.Set(tt.sw)
			r := httptest.NewRequest(tt.method, "/api/"+tt.target, strings.NewReader(tt.body))
			r.Host = "hotel.example"
			if tt.host != "" {
				r.Host = tt.host
			}
			r.SetBasicAuth(qloappstest.DemoKey, "")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			require.Equal(t, tt.status, w.Code)
			require.Equal(t, tt.kind, w.Header().Get("Content-Type"))
			require.Equal(t, tt.psws, w.Header().Get("Access-Time") != "")
			require.Equal(t, tt.cookie, w.Header().Get("Set-Cookie") != "")
			require.Equal(t, tt.host != "", strings.HasPrefix(w.Header().Get("Location"), "http://hotel.example/index.php?url=bookings"))
		})
	}
}

// What it does not keep, or does not know, it says: an empty list would be a lie.
func TestWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)})
	for _, target := range []string{"addresses", "order_payments", "orders?display=[id,nope]", "bookings?schema=blank", "orders?schema=synopsis"} {
		code, _ := ask(t, s, "GET", "/api/"+target, "")
		require.Equal(t, http.StatusNotImplemented, code, target)
	}
	read(t, s, "feature_prices", `[]`)
	code, body := ask(t, s, "GET", "/api/room_types?filter[adults]=[2]&output_format=JSON", "")
	require.Equal(t, 500, code)
	require.Contains(t, body, `"code":32`, "shown, but no column")
}

// A folder that an earlier stand-in wrote is read by this one.
func TestOlderFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := `{"Reset":true}
{"Customers":[{"ID":1,"FirstName":"Ada","LastName":"Byron","Email":"ada@example.com","Phone":"1","Added":"2026-11-01 10:00:00"}],"Orders":[{"ID":1,"Customer":1,"State":1,"Currency":"USD","Source":"WA-1","Reference":"ABCDEFGHI","Payment":"Pay at hotel","PaymentType":2,"Paid":0,"Remarks":null,"Added":"2026-11-01 10:00:00","Updated":"2026-11-01 10:00:00"}],"Rows":[{"ID":1,"Order":1,"Room":1,"RoomType":1,"Customer":1,"From":"2026-12-10","To":"2026-12-12","Adults":2,"Children":1,"Ages":[5],"Price":200,"Tax":20,"Services":null,"Status":1,"Refunded":false,"Cancelled":false,"BackOrder":false,"Added":"2026-11-01 10:00:00"}],"Histories":[{"ID":1,"Order":1,"State":1,"Added":"2026-11-01 10:00:00"}]}
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "qloapps.jsonl"), []byte(log), 0o600))
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1), Dir: dir})
	read(t, s, "orders?display=[id,id_lang,id_currency,conversion_rate,total_paid]", `{"orders":[{"id":1,"id_currency":1,"id_lang":1,"conversion_rate":"1.000000","total_paid":"220.000000"}]}`)
	read(t, s, "room_bookings?display=[children,child_ages]", `{"bookings":[{"children":1,"child_ages":"[5]"}]}`)
	code, body := ask(t, s, "GET", "/api/bookings/1?output_format=JSON", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"id_language":1`)
}
