package transport_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

var everyPage = []string{"/", "/list", "/guests/g1", "/guests/g2", "/guests/g2/log", "/guests/g4", "/deadletters", "/deadletters?all=1",
	"/deadletters/7", "/deadletters/8", "/deadletters/9", "/reservations", "/status"}

func TestPagesAreHarmlessAndWhole(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	for _, path := range everyPage {
		for _, lang := range []string{"", "en-GB,en;q=0.9", "fr", ";;;"} {
			r := b.get(t, path, "Accept-Language", lang)
			require.Equal(t, 200, r.status, path)
			require.Contains(t, r.header.Get("Content-Type"), "text/html")
			require.Equal(t, "no-store", r.header.Get("Cache-Control"))
			require.NotContains(t, r.body, evil)
			require.NotContains(t, r.body, "<script>")
			require.NotContains(t, r.body, "<img")
			require.NotContains(t, r.body, "<no value>")
			require.NotRegexp(t, regexp.MustCompile(` (style|on[a-z]+)="`), r.body)
			require.NotRegexp(t, regexp.MustCompile(`(href|src|action)="/`), r.body) // a proxy's prefix would be lost
			require.NotRegexp(t, regexp.MustCompile(`(cause|state|source|who|status|health)_[a-z]+`), r.body, "a text is missing")
		}
	}
}

func TestHandoffsPage(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	r := b.get(t, "/")
	open, rest, _ := strings.Cut(r.body, "answered-title")
	require.Less(t, strings.Index(open, "guests/g2"), strings.Index(open, "guests/g1")) // who waits longest comes first
	require.Contains(t, open, `data-count="2"`)
	require.Regexp(t, regexp.MustCompile(`late" href="./guests/g2"`), open)
	require.NotRegexp(t, regexp.MustCompile(`late" href="./guests/g1"`), open)
	require.Contains(t, open, "Espera hace <time datetime=\"2026-11-24T11:57:00Z\">3 min</time>")
	require.Contains(t, open, "Pidió hablar con una persona")
	require.Contains(t, rest, "Sin respuesta hace")
	require.Contains(t, rest, "Huésped") // no name is known
	require.Contains(t, rest, "21/11/2026 11:40")

	require.Contains(t, b.get(t, "/", "Accept-Language", "en").body, "Asked for a person")

	b.desk.handoffs = nil
	require.Contains(t, b.get(t, "/").body, "Nadie está esperando")
}

func TestPropertyIsNamedOnlyAmongSeveral(t *testing.T) {
	t.Parallel()
	one := startAdmin(t, func(c *transport.AdminConfig) { c.Names = map[hotel.PropertyID]string{"sol": "Hotel del Sol"} })
	two := startAdmin(t, func(c *transport.AdminConfig) {
		c.Names = map[hotel.PropertyID]string{"sol": "Hotel del Sol", "luna": "Hotel de la Luna"}
	})

	require.NotContains(t, one.get(t, "/").body, "Hotel del Sol")
	require.Contains(t, two.get(t, "/").body, "Hotel del Sol")
	require.Contains(t, two.get(t, "/guests/g2").body, "Hotel de la Luna")
}

func TestGuestPage(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	r := b.get(t, "/guests/g1")
	require.Contains(t, r.body, `role="log" aria-live="polite"`)
	require.Contains(t, r.body, "Lucía Fernández")
	require.Contains(t, r.body, `<label for="text">`)
	require.Regexp(t, regexp.MustCompile(`bubble bot"[^>]*><p class="by">Bot</p><p class="said">¡Hola! ¿En qué te ayudo\?</p>`), r.body)
	require.Contains(t, r.body, `action="../guests/g1/close"`)
	require.NotContains(t, b.get(t, "/guests/g4").body, "/close") // closed already

	keys := map[string]bool{}
	for _, m := range regexp.MustCompile(`data-key="([^"]+)"`).FindAllStringSubmatch(b.get(t, "/guests/g2/log").body, -1) {
		keys[m[1]] = true
	}
	require.Len(t, keys, 3) // said at the same instant, told apart

	require.Equal(t, 404, b.get(t, "/guests/nobody").status)
}

func TestReplyAndClose(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	r := b.form(t, "/guests/g1/reply", "text=+Hola+Luc%C3%ADa%0ASoy+Ana+")
	require.Equal(t, 303, r.status)
	require.Equal(t, "../../guests/g1", r.header.Get("Location"))
	require.Equal(t, []hotel.StaffWord{{By: "recepción", Text: "Hola Lucía\nSoy Ana"}}, b.desk.said)

	for body, status := range map[string]int{
		"text=":                              422,
		"text=+%0A":                          422,
		"text=" + strings.Repeat("x", 4097):  422,
		"text=%FF":                           422,
		"text=%zz":                           422,
		"text=" + strings.Repeat("x", 70000): 413,
	} {
		require.Equal(t, status, b.form(t, "/guests/g1/reply", body).status, body[:min(len(body), 20)])
	}
	require.Len(t, b.desk.said, 1)
	require.Equal(t, 404, b.form(t, "/guests/nobody/reply", "text=x").status)

	r = b.form(t, "/guests/g1/close", "", "Authorization", "Bearer t0ken") // a proxy's
	require.Equal(t, "../../", r.header.Get("Location"))
	require.Equal(t, []hotel.StaffWord{{By: "recepción"}}, b.desk.closed)
	require.Equal(t, 404, b.form(t, "/guests/nobody/close", "").status)
	require.NotContains(t, b.log.String(), "Luc")
}

func TestLettersPages(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	r := b.get(t, "/deadletters")
	require.Contains(t, r.body, "panicked 5 times")
	require.NotContains(t, r.body, "deadletters/9\"")
	require.Contains(t, b.get(t, "/deadletters?all=1").body, "deadletters/9\"")

	r = b.get(t, "/deadletters/7")
	require.NotContains(t, r.body, "hola", "a guest's words are shown when they are asked for")
	require.Contains(t, b.get(t, "/deadletters/7?full=1").body, "{\n  &#34;text&#34;: &#34;hola&#34;\n}")
	require.Contains(t, r.body, `action="../deadletters/7/replay"`)
	r = b.get(t, "/deadletters/8")
	require.Contains(t, r.body, `action="../deadletters/8/replay"`) // a webhook too
	require.Contains(t, b.get(t, "/deadletters/8?full=1").body, "\uFFFD&lt;script&gt;")
	require.NotContains(t, b.get(t, "/deadletters/9").body, "/drop") // closed

	r = b.form(t, "/deadletters/7/replay", "")
	require.Equal(t, "../../deadletters", r.header.Get("Location"))
	require.Equal(t, []string{"g1 guest:g1"}, b.desk.nudged)
	require.Equal(t, 422, b.form(t, "/deadletters/7/replay", "").status) // once
	require.Equal(t, 303, b.form(t, "/deadletters/8/drop", "").status)
	require.Equal(t, "dropped", b.desk.letters[1].Closing)
	require.Contains(t, b.get(t, "/deadletters").body, "No hay nada sin procesar")
	for _, id := range []string{"99", "abc", "99999999999999999999"} {
		require.Equal(t, 404, b.get(t, "/deadletters/"+id).status)
		require.Equal(t, 404, b.form(t, "/deadletters/"+id+"/replay", "").status)
		require.Equal(t, 404, b.form(t, "/deadletters/"+id+"/drop", "").status)
	}
}

func TestOverviewPages(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)

	r := b.get(t, "/reservations")
	require.Contains(t, r.body, "ARS 1.234.567,89")
	require.Contains(t, r.body, "03/12/2026 – 06/12/2026")
	require.Contains(t, r.body, "Confirmada")
	require.Contains(t, b.get(t, "/reservations", "Accept-Language", "en").body, "ARS 1,234,567.89")
	b.desk.reservations[0].Total = hotel.Money{Minor: -85000, Currency: "CLP"}
	require.Contains(t, b.get(t, "/reservations").body, "CLP -85.000<")
	b.desk.reservations = nil
	require.Contains(t, b.get(t, "/reservations").body, "Todavía no hay reservas")

	b.clock.add(50 * time.Hour)
	r = b.get(t, "/status")
	for _, text := range []string{"Hay un problema", "unavailable", "v1.2.3", "2 días", `<a href="./deadletters">2</a>`} {
		require.Contains(t, r.body, text)
	}
}

func TestPagesTellWhatWentWrong(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Health = nil })

	require.Equal(t, 200, b.get(t, "/status").status)
	r := b.get(t, "/nowhere/at/all")
	require.Equal(t, 404, r.status)
	require.Contains(t, r.body, `href="../../"`)
	for kind, c := range map[hotel.Kind]struct {
		status int
		text   string
	}{
		hotel.Unavailable: {503, "El sistema no responde"},
		hotel.Other:       {500, "Algo salió mal"},
	} {
		b.desk.err = &hotel.Error{Op: "desk", Kind: kind}
		for _, path := range []string{"/", "/list", "/guests/g1", "/guests/g1/log", "/deadletters", "/deadletters/7", "/reservations", "/status"} {
			r := b.get(t, path)
			require.Equal(t, c.status, r.status, path)
			require.Contains(t, r.body, c.text)
		}
	}
	require.Contains(t, b.log.String(), "page failed")
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, withPassword) // the login page needs them before

	require.Contains(t, b.get(t, "/static/app.css").header.Get("Content-Type"), "text/css")
	require.Contains(t, b.get(t, "/static/app.js?v=1").header.Get("Content-Type"), "text/javascript")
	for _, name := range []string{"layout.html", "nothing.css", "..%2fadmin.go"} {
		require.Equal(t, 404, b.get(t, "/static/"+name).status, name)
	}
}

func TestAPIShapes(t *testing.T) {
	t.Parallel()
	b := startAdmin(t, nil)
	b.desk.reservations = nil

	for path, want := range map[string]string{
		"/admin/api/guests/nobody/transcript":        `[]`,
		"/admin/api/reservations":                    `[]`,
		"/admin/api/handoffs?property=none":          `[]`,
		"/admin/api/guests/g3/transcript?limit=9999": `[{"at":"2026-11-24T11:40:00Z","who":"guest","text":"Hello"}]`,
		"/admin/api/backlog":                         `{"unconsumed":3,"oldest_inbox":"2026-11-24T11:58:30Z","sending":1,"dead_letters":2,"handoffs":2}`,
		"/admin/api/handoffs?open=1&property=sol": `[{"guest":"g1","property":"sol","state":"open","cause":"asked","name":"Lucía Fernández",
			"address":"5492604000001","opened":"2026-11-24T11:57:00Z","heard":"2026-11-24T12:00:00Z"}]`,
		"/admin/api/deadletters/8": `{"id":8,"source":"webhook","reason":"undecodable","at":"2026-11-24T11:40:00Z","text":"(10 bytes that are no JSON)"}`,
		"/admin/api/status": `{"version":"v1.2.3","running":true,"now":"2026-11-24T12:00:00Z","in_doubt":{"rows":0},"outside":[],"paused":[],
			"open_handoffs":{"guests":2,"oldest":"2026-11-24T11:40:00Z"},
			"needs":[{"cause":"staff_silent","what":"2 open hand-overs: guests wait for a person, the first for 20m0s.",
				"fix":"Ask the reception to answer: ` + "`conserje handoff list`" + `, or the reception page."},
				{"cause":"dead_letters","what":"2 open dead letters: they will not be processed by themselves.",
				"fix":"Run ` + "`conserje deadletters list`" + `, then replay or drop each."}],"started":"2026-11-24T12:00:00Z","health":{"status":"unready","checks":{"store":"ok","pms":"unavailable"}},
			"backlog":{"unconsumed":3,"oldest_inbox":"2026-11-24T11:58:30Z","sending":1,"dead_letters":2,"handoffs":2}}`,
	} {
		r := b.get(t, path)
		require.Equal(t, 200, r.status, path)
		require.Equal(t, "application/json", r.header.Get("Content-Type"))
		require.JSONEq(t, want, r.body, path)
	}
	for path, c := range map[string]struct {
		body   string
		status int
	}{
		"/admin/api/handoffs/g1/reply":     {`{"text":`, 422},
		"/admin/api/handoffs/g2/reply":     {fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 70000)), 413},
		"/admin/api/handoffs/g1/close":     {`[]`, 422},
		"/admin/api/handoffs/nobody/close": {``, 404},
		"/admin/api/deadletters/x/replay":  {``, 404},
		"/admin/api/deadletters/99/drop":   {``, 404},
	} {
		r := b.send(t, path, c.body)
		require.Equal(t, c.status, r.status, path)
		require.True(t, json.Valid([]byte(r.body)))
	}
	b.desk.err = &hotel.Error{Op: "desk", Kind: hotel.Unavailable}
	require.JSONEq(t, `{"error":"unavailable"}`, b.get(t, "/admin/api/deadletters").body)
	require.Equal(t, 503, b.send(t, "/admin/api/deadletters/7/replay", "").status)
}
