package transport_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

func TestAdminNeedsAPasswordBeyondLoopback(t *testing.T) {
	t.Parallel()
	d := newDesk()
	serve := func(password, address string) error {
		a, err := transport.NewAdmin(transport.AdminConfig{Reception: d, Staff: d, Nudger: d, Password: password, Log: quiet()})
		require.NoError(t, err)
		ln := fakeListener{addr: &net.TCPAddr{IP: net.ParseIP(address), Port: 8003}}
		return a.Serve(ln)
	}

	require.Equal(t, hotel.Invalid, hotel.KindOf(serve("", "0.0.0.0")))
	require.Equal(t, hotel.Invalid, hotel.KindOf(serve("", "::")))
	require.Equal(t, hotel.Invalid, hotel.KindOf(serve("", "192.168.1.9")))
	require.ErrorIs(t, serve("secret", "0.0.0.0"), net.ErrClosed) // it listens
	require.ErrorIs(t, serve("", "127.0.0.1"), net.ErrClosed)
	require.ErrorIs(t, serve("", "::1"), net.ErrClosed)
}

type fakeListener struct{ addr net.Addr }

func (f fakeListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (f fakeListener) Close() error              { return nil }
func (f fakeListener) Addr() net.Addr            { return f.addr }

func TestAdminWithoutPasswordKnowsItsNames(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Hosts = []string{"demo.internal"} })

	for host, status := range map[string]int{
		"localhost:8003": 200, "127.0.0.1": 200, "[::1]:8003": 200, "hotel.localhost": 200, "demo.internal:80": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "192.168.1.9": 421,
	} {
		require.Equal(t, status, b.get(t, "/", "Host", host).status, host)
	}
}

func TestAdminRefusesOtherOrigins(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Origins = []string{"https://hotel.example"} })

	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"CrossSite":    {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"SameSite":     {[]string{"Sec-Fetch-Site", "same-site"}, 403},
		"OtherOrigin":  {[]string{"Origin", "https://evil.example"}, 403},
		"Opaque":       {[]string{"Origin", "null"}, 403},
		"SameOrigin":   {[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		"Program":      {nil, 200},
		"TrustedProxy": {[]string{"Origin", "https://hotel.example"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			require.Equal(t, c.status, b.send(t, "/admin/api/handoffs/g1/close", "", c.headers...).status)
		})
	}

	_, err := transport.NewAdmin(transport.AdminConfig{Log: quiet(), Origins: []string{"no origin"}})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
}

func withPassword(c *transport.AdminConfig) { c.Password = "pa55 wörd" }

func TestAdminAuthentication(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)

	for _, path := range []string{"/admin/api/handoffs", "/admin/api/deadletters/7", "/debug/pprof/", "/debug/pprof/cmdline"} {
		r := b.get(t, path)
		require.Equal(t, 401, r.status, path)
		require.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"))
		require.Equal(t, "no-store", r.header.Get("Cache-Control"))
		require.Equal(t, 401, b.get(t, path, "Authorization", "Bearer").status)

		require.Equal(t, 200, b.get(t, path, "Authorization", "Bearer t0ken").status)
		require.Equal(t, 200, b.get(t, path, "Authorization", basic("ana", "pa55 wörd")).status)
	}
	require.Equal(t, 401, b.send(t, "/guests/g1/close", "").status)
	require.Equal(t, 401, b.send(t, "/admin/api/handoffs/g1/close", "").status)
	require.Empty(t, b.desk.closed)

	for path, next := range map[string]string{"/": "", "/guests/g1": "guests%2Fg1", "/status": "status", "/nowhere": "nowhere"} {
		r := b.get(t, path)
		require.Equal(t, 303, r.status)
		require.Equal(t, strings.Repeat("../", strings.Count(path, "/")-1)+"login?next="+next,
			strings.TrimPrefix(r.header.Get("Location"), "./"))
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func TestAdminLogin(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)

	r := b.get(t, "/login?next=guests/g1")
	require.Equal(t, 200, r.status)
	require.Contains(t, r.body, `name="next" value="guests/g1"`)
	require.Contains(t, r.body, "Contraseña")

	r = b.form(t, "/login", "password=wrong")
	require.Equal(t, 401, r.status)
	require.Contains(t, r.body, "La contraseña no es correcta.")
	require.Empty(t, r.header.Get("Set-Cookie"))

	r = b.form(t, "/login", "name=Ana&next=guests/g1&password=pa55+w%C3%B6rd")
	require.Equal(t, 303, r.status)
	require.Equal(t, "./guests/g1", r.header.Get("Location"))
	cookie := r.header.Get("Set-Cookie")
	require.Contains(t, cookie, "HttpOnly")
	require.Contains(t, cookie, "SameSite=Strict")
	require.NotContains(t, cookie, "Secure")
	require.NotContains(t, cookie, "Ana")

	require.Equal(t, 200, b.get(t, "/").status)
	require.Equal(t, 303, b.form(t, "/guests/g1/reply", "text=Buenas").status)
	require.Equal(t, []hotel.StaffWord{{By: "Ana", Text: "Buenas"}}, b.desk.said)

	old := strings.Split(cookie, ";")[0]
	require.Equal(t, 303, b.form(t, "/logout", "").status)
	require.Equal(t, 303, b.get(t, "/").status)
	require.Equal(t, 303, b.get(t, "/", "Cookie", old).status) // the session is gone, not only the cookie
	require.NotContains(t, b.log.String(), "wrong\"")
}

func TestAdminSessionEnds(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)
	r := b.form(t, "/login", "password=pa55+w%C3%B6rd", "X-Forwarded-Proto", "https")
	require.Contains(t, r.header.Get("Set-Cookie"), "Secure")
	cookie := strings.Split(r.header.Get("Set-Cookie"), ";")[0]
	require.Equal(t, 200, b.get(t, "/", "Cookie", cookie).status)

	b.clock.add(13 * time.Hour)

	require.Equal(t, 303, b.get(t, "/", "Cookie", cookie).status)
	require.Equal(t, 303, b.get(t, "/", "Cookie", "conserje_session=guessed").status)
}

func TestAdminLoginLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)

	for _, next := range []string{"https://evil.example", "//evil.example", "/x", "javascript:alert(1)", "..%2f..%2fx", "a%0d%0aX-Evil:1", ""} {
		r := b.form(t, "/login", "password=pa55+w%C3%B6rd&next="+next)
		require.Equal(t, 303, r.status)
		require.Equal(t, "./", r.header.Get("Location"), next)
	}
}

func TestAdminGuessingIsSlow(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)

	for range 5 {
		require.Equal(t, 401, b.form(t, "/login", "password=guess").status)
	}
	r := b.form(t, "/login", "password=pa55+w%C3%B6rd") // even the right one waits
	require.Equal(t, 429, r.status)
	require.Equal(t, "10", r.header.Get("Retry-After"))
	require.Contains(t, r.body, "Demasiados intentos")
	require.Equal(t, 429, b.get(t, "/admin/api/backlog", "Authorization", "Bearer guess").status)
	require.Equal(t, 200, b.get(t, "/admin/api/backlog", "Authorization", "Bearer t0ken").status, "a command is not locked out")

	b.clock.add(10 * time.Second)
	require.Equal(t, 401, b.get(t, "/admin/api/backlog", "Authorization", "Bearer guess").status)
	b.clock.add(10 * time.Second)
	require.Equal(t, 303, b.form(t, "/login", "password=pa55+w%C3%B6rd").status)
}

func TestAdminLinkFromAMailKeepsTheSession(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)

	r := b.get(t, "/guests/g1", "Sec-Fetch-Site", "cross-site") // the browser kept the strict cookie back
	require.Equal(t, 200, r.status)
	require.Contains(t, r.body, `http-equiv="refresh" content="0"`)
	require.NotContains(t, r.body, "Luc")
}

func TestAdminWrongSecretIsNeverOverlooked(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Token = "" })

	require.Equal(t, 200, b.get(t, "/admin/api/backlog").status)
	require.Equal(t, 401, b.get(t, "/admin/api/backlog", "Authorization", "Bearer x").status)
	require.Equal(t, 401, b.get(t, "/admin/api/backlog", "Authorization", basic("", "")).status)
}

func TestAdminPanicIsOneAnswer(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Staff = nil })

	require.Equal(t, 500, b.send(t, "/admin/api/handoffs/g1/close", "").status)
	require.Equal(t, 200, b.get(t, "/").status)
	require.Contains(t, b.log.String(), "handler panicked")
}

func TestClient(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	ctx := t.Context()

	for name, c := range map[string]transport.Client{
		"Token":    {URL: b.url, Token: "t0ken", HTTP: &http.Client{Transport: tr}},
		"Password": {URL: b.url + "/", Password: "pa55 wörd", By: "ana", HTTP: &http.Client{Transport: tr}},
	} {
		t.Run(name, func(t *testing.T) {
			handoffs, err := c.Handoffs(ctx, "sol", true, 10)
			require.NoError(t, err)
			require.Equal(t, b.desk.handoffs[:1], handoffs)
			all, err := c.Handoffs(ctx, "", false, 10)
			require.NoError(t, err)
			require.Equal(t, b.desk.handoffs, all)

			lines, err := c.Transcript(ctx, "g1", 2)
			require.NoError(t, err)
			require.Equal(t, b.desk.transcript["g1"][:2], lines)
			lines, err = c.Transcript(ctx, "nobody", 2)
			require.NoError(t, err)
			require.Empty(t, lines)

			reservations, err := c.Reservations(ctx, "", 10)
			require.NoError(t, err)
			require.Equal(t, b.desk.reservations, reservations)
			backlog, err := c.Backlog(ctx)
			require.NoError(t, err)
			require.Equal(t, b.desk.backlog, backlog)

			letters, err := c.DeadLetters(ctx, hotel.LetterQuery{All: true, Limit: 10})
			require.NoError(t, err)
			require.Len(t, letters, 3)
			require.Empty(t, letters[0].Body)
			for _, want := range b.desk.letters {
				letter, err := c.DeadLetter(ctx, want.ID)
				require.NoError(t, err)
				require.Equal(t, want, letter)
			}
			_, err = c.DeadLetter(ctx, 99)
			require.Equal(t, hotel.NotFound, hotel.KindOf(err))

			require.NoError(t, c.Say(ctx, "g1", hotel.StaffWord{Text: "Buen día"}))
			require.Equal(t, hotel.NotFound, hotel.KindOf(c.Say(ctx, "nobody", hotel.StaffWord{Text: "x"})))
			require.Equal(t, hotel.Invalid, hotel.KindOf(c.Say(ctx, "g1", hotel.StaffWord{Text: " "})))
			require.NoError(t, c.Close(ctx, "g1", hotel.StaffWord{By: "turno noche"}))
			require.NoError(t, c.Drop(ctx, 8, time.Time{}))
			_, _, err = c.Replay(ctx, hotel.Replay{ID: 8})
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
		})
	}
	require.ElementsMatch(t, []hotel.StaffWord{{By: "command", Text: "Buen día"}, {By: "ana", Text: "Buen día"}}, b.desk.said)
	require.Equal(t, hotel.StaffWord{By: "turno noche"}, b.desk.closed[0])

	c := transport.Client{URL: b.url, Token: "t0ken", HTTP: &http.Client{Transport: tr}}
	guest, lane, err := c.Replay(ctx, hotel.Replay{ID: 7})
	require.NoError(t, err)
	require.Equal(t, hotel.GuestID("g1"), guest)
	require.Equal(t, hotel.Lane("guest:g1"), lane)
	require.Equal(t, []string{"g1 guest:g1"}, b.desk.nudged)
	require.Equal(t, arrival, b.desk.replayedAt) // the engine's clock
}

func TestClientErrors(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	ask := func(url, token string) hotel.Kind {
		_, err := (&transport.Client{URL: url, Token: token, HTTP: &http.Client{Transport: tr}}).Backlog(t.Context())
		return hotel.KindOf(err)
	}

	require.Equal(t, hotel.Unauthorised, ask(b.url, "wrong"))
	require.Equal(t, hotel.NotFound, ask(b.url+"/nowhere", "t0ken"))
	require.Equal(t, hotel.Invalid, ask("::", "t0ken"))
	for _, kind := range []hotel.Kind{hotel.Unavailable, hotel.Conflict, hotel.NotFound, hotel.Invalid} {
		b.desk.err = &hotel.Error{Op: "desk", Kind: kind}
		require.Equal(t, kind, ask(b.url, "t0ken"))
	}
	b.desk.err = &hotel.Error{Op: "desk", Kind: hotel.InDoubt}
	require.Equal(t, hotel.Other, ask(b.url, "t0ken"))

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	require.Equal(t, hotel.Unavailable, ask("http://"+ln.Addr().String(), "t0ken"))
}

func TestAdminBrokenRequestsHaveTheHeadersToo(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	for request, status := range map[string]int{
		"\x16\x03\x01 hello\r\n\r\n":                400,
		"GET / HTTP/1.1\r\n\r\n":                    400, // no Host
		"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n": 505,
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("y", 30<<10) + "\r\n\r\n": 431,
		"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: odd\r\n\r\n":        501,
		"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n":                            404,
	} {
		require.Equal(t, status, raw(t, strings.TrimPrefix(b.url, "http://"), request).status)
	}
}
