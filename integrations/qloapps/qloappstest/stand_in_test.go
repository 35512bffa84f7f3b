package qloappstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var today = hotel.NewDate(2026, time.November, 23)

func standIn(t *testing.T, config qloappstest.Config) *qloappstest.Server {
	t.Helper()
	config.Now = func() time.Time { return time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC) }
	s, err := qloappstest.New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// ask sends one request to the handler, with the demo's key.
func ask(t *testing.T, s *qloappstest.Server, method, target, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.SetBasicAuth(qloappstest.DemoKey, "")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func create(ref, in, out string) string {
	return `{"booking":{"id_property":1,"currency":"USD","booking_status":1,"payment_status":3,"source":"` + ref + `","associations":{
		"customer_detail":{"firstname":"Ada","lastname":"Byron","email":"ada@example.com","phone":"+15550111"},
		"room_types":[{"id_room_type":1,"checkin_date":"` + in + `","checkout_date":"` + out + `","number_of_rooms":1,"rooms":[{"adults":2,"child":0,"total_tax":null}]}]}}}`
}

func TestDemoHotelIsReadyForGuests(t *testing.T) {
	t.Parallel()
	for day := range 7 { // whatever weekday the demo starts on
		start := today.AddDays(day)
		s := standIn(t, qloappstest.Config{Property: qloappstest.DemoHotel(start)})
		st := s.State()
		require.Equal(t, "Posada del Cerro", st.Hotel)
		require.Equal(t, "ARS", st.Currency)
		require.Len(t, st.RoomTypes, 5)
		rooms := 0
		for _, rt := range st.RoomTypes {
			rooms += len(rt.Rooms)
		}
		require.Equal(t, 20, rooms)
		friday := qloappstest.SoldOutWeekend(start)
		require.Equal(t, time.Friday, friday.Weekday())
		require.InDelta(t, 21, friday.DaysSince(start), 4)
		for _, rt := range st.RoomTypes {
			n, err := s.Fill(rt.ID, friday, friday.AddDays(2), 0)
			require.NoError(t, err)
			require.Zero(t, n, "no room is left to fill")
		}
		require.Equal(t, "Lucía", st.Bookings[0].Guest.FirstName)
		require.Equal(t, "LUCIAFERN", st.Bookings[0].Code)
		require.InDelta(t, 3*(92000+2000)*1.21, st.Bookings[0].Total, 0.001)
	}
}

func TestStateSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := qloappstest.Config{Property: qloappstest.Hotel(2), Dir: dir}
	s := standIn(t, config)
	code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
	require.Equal(t, http.StatusOK, code)
	code, _ = ask(t, s, "POST", "/api/order_histories?output_format=JSON", `<q><order_history><id_order>1</id_order><id_order_state>4</id_order_state></order_history></q>`)
	require.Equal(t, http.StatusCreated, code)
	code, _ = ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-2", "2026-12-10", "2026-12-12"))
	require.Equal(t, http.StatusOK, code)
	before := s.State()
	// Killed in the middle of a line: no Close.
	log, err := os.OpenFile(filepath.Join(dir, "qloapps.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = log.WriteString(`{"Orders":[{"ID":3,`)
	require.NoError(t, err)
	require.NoError(t, log.Close())

	again := standIn(t, config)
	require.Equal(t, before, again.State())
	require.Equal(t, []string{"cancelled", "booked"}, []string{before.Bookings[0].Status, before.Bookings[1].Status})
	code, _ = ask(t, again, "POST", "/api/bookings?output_format=JSON", create("WA-3", "2026-12-10", "2026-12-12"))
	require.Equal(t, http.StatusOK, code)
	third := standIn(t, config)
	require.Len(t, third.State().Bookings, 3)
}

func TestBrokenLogIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "qloapps.jsonl"), []byte("no json\n"), 0o600))
	_, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(1), Dir: dir})
	require.ErrorContains(t, err, "replay qloapps.jsonl")
}

func TestControlEndpoint(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(3)})
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	post := func(path, body string) (int, string) {
		t.Helper()
		resp, err := http.Post(url+path, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer func() { require.NoError(t, resp.Body.Close()) }()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(b)
	}
	defer http.DefaultClient.CloseIdleConnections()

	code, body := post("/sim/fill", `{"room_type":1,"check_in":"2026-12-10","check_out":"2026-12-12","leave":1}`)
	require.Equal(t, http.StatusOK, code)
	require.JSONEq(t, `{"booked":2}`, body)
	for _, bad := range []string{`{`, `{"room_type":9,"check_in":"2026-12-10","check_out":"2026-12-12"}`, `{"room_type":1,"check_in":"2026-12-10","check_out":"2026-12-10"}`} {
		code, _ = post("/sim/fill", bad)
		require.Equal(t, http.StatusBadRequest, code, bad)
	}
	code, _ = post("/sim/switches", `{"error":502,"next_n":2}`)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, qloappstest.Switches{Strict: true, Error: 502, NextN: 2}, s.Switches())
	for _, bad := range []string{`nonsense`, `{"error":200}`, `{"slow_ms":-1}`} {
		code, _ = post("/sim/switches", bad)
		require.Equal(t, http.StatusBadRequest, code, bad)
	}
	for _, want := range []int{502, 502, 200} {
		code, _ = ask(t, s, "GET", "/api/hotels", "")
		require.Equal(t, want, code)
	}
	code, body = post("/sim/reset", "")
	require.Equal(t, http.StatusOK, code)
	var st qloappstest.State
	require.NoError(t, json.Unmarshal([]byte(body), &st))
	require.Empty(t, st.Bookings)

	for _, path := range []string{"/sim/state", "/sim/switches", "/sim/events"} {
		resp, err := http.Get(url + path)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
	}
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice is no error")
}

func TestTakenPortIsAnError(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)})
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	_, err = standIn(t, qloappstest.Config{Property: qloappstest.Hotel(1)}).Start(strings.TrimPrefix(url, "http://"))
	require.ErrorContains(t, err, "address already in use")
}

func TestPutMovesARoom(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2, 1)})
	for _, ref := range []string{"WA-1", "WA-2", "WA-3"} {
		in, out := "2026-12-10", "2026-12-12"
		if ref != "WA-1" {
			in, out = "2026-12-20", "2026-12-22"
		}
		code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", create(ref, in, out))
		require.Equal(t, http.StatusOK, code, body)
	}
	move := func(in, out string) (int, string) {
		body := strings.Replace(create("WA-1", in, out), `{"booking":{`, `{"booking":{"id":1,"remark":"moved",`, 1)
		return ask(t, s, "PUT", "/api/bookings?output_format=JSON", body)
	}
	code, body := move("2026-12-21", "2026-12-23")
	require.Equal(t, http.StatusBadRequest, code)
	require.Contains(t, body, `"Requested room(s) not available"`, "without the full stop that a create's has")
	require.Equal(t, "2026-12-10", s.State().Bookings[0].CheckIn, "nothing has changed")

	code, body = move("2026-12-11", "2026-12-13") // its own old night counts against room 1
	require.Equal(t, http.StatusOK, code, body)
	require.Contains(t, body, `"remarks":["moved"]`)
	b := s.State().Bookings[0]
	require.Equal(t, []string{"2026-12-11", "2026-12-13"}, []string{b.CheckIn, b.CheckOut})
	require.Equal(t, 4, b.Rooms[0].Row, "a move makes a new row")
	require.Equal(t, 2, b.Rooms[0].Room)
	require.Len(t, b.Rooms, 1)

	_, err := s.Fill(1, hotel.NewDate(2026, time.December, 10), hotel.NewDate(2026, time.December, 20), 0)
	require.NoError(t, err)
	code, body = move("2026-12-12", "2026-12-14")
	require.Equal(t, http.StatusBadRequest, code, "in a full house it cannot even move by a night: %s", body)
}

func TestXMLLists(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.DemoHotel(today)})
	for _, path := range []string{"/api/", "/api/bookings", "/api/bookings/1", "/api/orders?display=full&limit=1", "/api/hotel_room_types?display=full",
		"/api/customers?filter[email]=[lucia.fernandez@example.com]", "/api/orders?schema=blank", "/api/taxes"} {
		code, body := ask(t, s, "GET", path, "")
		require.Equal(t, http.StatusOK, code, path)
		require.True(t, strings.HasPrefix(body, `<?xml version="1.0"`), path)
	}
	code, _ := ask(t, s, "DELETE", "/api/customers/1", "")
	require.Equal(t, http.StatusNotImplemented, code, "what it does not do it says")
}

func FuzzRequests(f *testing.F) {
	f.Add("POST", "/api/bookings", create("WA-1", "2026-12-10", "2026-12-12"))
	f.Add("PUT", "/api/bookings?output_format=JSON", `{"booking":{"id":1}}`)
	f.Add("POST", "/api/hotel_ari", `<q><hotel_ari><id_hotel>1</id_hotel><date_from>2026-12-10</date_from><date_to>2026-12-11</date_to></hotel_ari></q>`)
	f.Add("POST", "/api/order_histories", `<q><order_history><id_order>1</id_order></order_history></q>`)
	f.Add("GET", "/api/orders?filter[id]=[1,2]&sort=[id_DESC]&limit=1,2&display=[id]", "")
	s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(2)})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, "http://hotel.example"+target, strings.NewReader(body))
		if err != nil {
			return
		}
		r.SetBasicAuth(qloappstest.DemoKey, "")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		require.NotZero(t, w.Code)
	})
}
