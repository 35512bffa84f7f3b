package demo_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config/demo"
	standins "github.com/conserje/conserje/demo"
)

func start(t *testing.T, c standins.Config) *standins.Standins {
	t.Helper()
	s, err := standins.Start(c)
	require.NoError(t, err)
	return s
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	res := ask(t, "GET", url, nil)
	require.Equal(t, http.StatusOK, res.StatusCode, url)
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
}

func send(t *testing.T, url, kind, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", kind)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

type person struct{ Phone, Name string }

func TestStandinsStartWithThePeopleOfTheDemo(t *testing.T) {
	t.Parallel()
	s := start(t, standins.Config{})
	defer func() { require.NoError(t, s.Close()) }()

	var people []person
	get(t, s.GraphURL+"/sim/guests", &people)
	require.Contains(t, people, person{standins.ReturningPhone, "Lucía Fernández"})
	require.Contains(t, people, person{standins.EnglishPhone, "Emily Clark"})
	require.Contains(t, people, person{standins.StaffPhone, "Recepción (personal)"})

	var state struct {
		Hotel     string
		RoomTypes []struct {
			Rooms []struct{ Number string }
		} `json:"room_types"`
		Bookings []struct {
			Code  string
			Guest struct {
				Phone string
			}
		}
	}
	get(t, s.HotelURL+"/sim/state", &state)
	rooms := 0
	for _, rt := range state.RoomTypes {
		rooms += len(rt.Rooms)
	}
	require.Equal(t, 20, rooms)
	require.Equal(t, "Posada del Cerro", state.Hotel)
	require.Equal(t, "LUCIAFERN", state.Bookings[0].Code, "the code that the page's opening names")
	require.Equal(t, standins.ReturningPhone, state.Bookings[0].Guest.Phone)
}

func TestEnvPointsAtTheStandins(t *testing.T) {
	t.Parallel()
	s := start(t, standins.Config{})
	defer func() { require.NoError(t, s.Close()) }()
	env := s.Env()
	require.Equal(t, s.GraphURL, env["WHATSAPP_API_URL"])
	require.Equal(t, s.HotelURL, env["PMS_BASE_URL"])
	require.Equal(t, s.GmailURL, env["GMAIL_API_URL"])
	require.Equal(t, s.GmailURL+"/token", env["GMAIL_TOKEN_URL"])
	for name, value := range env {
		require.NotEmpty(t, value, name)
	}

	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {env["GMAIL_CLIENT_ID"]},
		"client_secret": {env["GMAIL_CLIENT_SECRET"]}, "refresh_token": {env["GMAIL_REFRESH_TOKEN"]}}
	res := send(t, env["GMAIL_TOKEN_URL"], "application/x-www-form-urlencoded", form.Encode())
	require.Equal(t, http.StatusOK, res.StatusCode, "the stand-in knows these credentials")
}

// The demo's constants are what the demo's hotel says of itself.
func TestHotelOfTheDemoAgrees(t *testing.T) {
	t.Parallel()
	text := string(demo.Hotel().Data)
	for _, want := range []string{standins.Mailbox, standins.StaffMail, standins.StaffPhone, "Av. Exequiel Bustillo 4250", `check_out: "10:30"`, "+54 294 455-0100"} {
		require.Contains(t, text, want)
	}
}

func TestStateIsKeptOverARestart(t *testing.T) {
	t.Parallel()
	c := standins.Config{Dir: t.TempDir()}
	s := start(t, c)
	post := func(url, body string) { require.Less(t, send(t, url, "application/json", body).StatusCode, 300) }
	post(s.GraphURL+"/sim/guests", `{"phone":"5493415550150","name":"Nora"}`)
	post(s.GraphURL+"/sim/guests/5493415550150/messages", `{"text":"Hola"}`)
	post(s.HotelURL+"/sim/fill", `{"room_type":5,"check_in":"2031-03-01","check_out":"2031-03-03","leave":0}`)
	var before, after struct {
		Bookings []struct{ Code string }
	}
	get(t, s.HotelURL+"/sim/state", &before)
	require.NoError(t, s.Close())

	s = start(t, c)
	defer func() { require.NoError(t, s.Close()) }()
	var thread []struct{ Text string }
	get(t, s.GraphURL+"/sim/guests/5493415550150/messages", &thread)
	require.Len(t, thread, 1)
	require.Equal(t, "Hola", thread[0].Text)
	get(t, s.HotelURL+"/sim/state", &after)
	require.Equal(t, before, after)
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	addr := taken.Addr().String()
	for _, c := range []standins.Config{{Graph: addr}, {Hotel: addr}, {Gmail: addr}} {
		_, err := standins.Start(c)
		require.Error(t, err)
	}
}

func TestNextFree(t *testing.T) {
	t.Parallel()
	first, err := standins.NextFree("127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, first.Close()) }()
	second, err := standins.NextFree(first.Addr().String())
	require.NoError(t, err)
	defer func() { require.NoError(t, second.Close()) }()
	require.Greater(t, second.Addr().(*net.TCPAddr).Port, first.Addr().(*net.TCPAddr).Port)

	for _, bad := range []string{"127.0.0.1", "127.0.0.1:nowhere", "192.0.2.1:8000"} {
		_, err := standins.NextFree(bad)
		require.Error(t, err, bad)
	}
}
