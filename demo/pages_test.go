package demo_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/demo"
)

// behind is a server that answers what was asked of it.
func behind(t *testing.T, name string, more http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Asked", name+" "+r.Method+" "+r.URL.RequestURI())
		w.Header().Set("X-Auth", r.Header.Get("Authorization"))
		w.Header().Set("X-Origin", r.Header.Get("Origin")+r.Header.Get("Sec-Fetch-Site"))
		w.Header().Set("X-Host", r.Host)
		if more != nil {
			more(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func pagesOver(t *testing.T, c demo.PagesConfig) string {
	t.Helper()
	h, err := demo.NewPages(c)
	require.NoError(t, err)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func pages(t *testing.T) string {
	t.Helper()
	return pagesOver(t, demo.PagesConfig{AdminToken: "token",
		GraphURL: behind(t, "graph", nil), HotelURL: behind(t, "hotel", nil),
		GmailURL: behind(t, "gmail", func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/sim/mails/m1":
				_, _ = io.WriteString(w, `{"id":"m1","text":"Hola","html":"<h1 style=\"color:red\">Hola</h1><script>x()</script>"}`)
			case "/sim/mails/broken":
				_, _ = io.WriteString(w, `{`)
			case "/sim/mails/ill":
				w.WriteHeader(http.StatusInternalServerError)
			default:
				http.NotFound(w, r)
			}
		}),
		AdminURL: behind(t, "admin", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'")
			w.Header().Set("X-Frame-Options", "DENY")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "short and stout")
		})})
}

func ask(t *testing.T, method, url string, change func(*http.Request)) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	require.NoError(t, err)
	if change != nil {
		change(req)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(b)
}

func TestPagesPassOn(t *testing.T) {
	t.Parallel()
	base := pages(t)
	for _, c := range []struct{ method, path, asked, auth string }{
		{"GET", "/sim/whatsapp/guests?x=1", "graph GET /sim/guests?x=1", ""},
		{"POST", "/sim/hotel/fill", "hotel POST /sim/fill", ""},
		{"GET", "/sim/mail/mails/m1", "gmail GET /sim/mails/m1", ""},
		{"GET", "/reception/", "admin GET /", "Bearer token"},
		{"POST", "/reception/admin/api/handoffs/g/reply", "admin POST /admin/api/handoffs/g/reply", "Bearer token"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			t.Parallel()
			res := ask(t, c.method, base+c.path, func(r *http.Request) {
				r.Header.Set("Origin", base)
				r.Header.Set("Sec-Fetch-Site", "same-origin")
			})
			require.Equal(t, c.asked, res.Header.Get("X-Asked"))
			require.Equal(t, c.auth, res.Header.Get("X-Auth"))
			require.Empty(t, res.Header.Get("X-Origin"), "the page's origin is not theirs")
			require.NotEqual(t, strings.TrimPrefix(base, "http://"), res.Header.Get("X-Host"))
		})
	}
}

func TestPagesKeepTheReceptionsOwnPolicy(t *testing.T) {
	t.Parallel()
	res := ask(t, "GET", pages(t)+"/reception/", nil)
	require.Equal(t, http.StatusTeapot, res.StatusCode)
	require.Equal(t, []string{"default-src 'none'"}, res.Header.Values("Content-Security-Policy"))
	require.Equal(t, []string{"DENY"}, res.Header.Values("X-Frame-Options"))
	require.Equal(t, []string{"nosniff"}, res.Header.Values("X-Content-Type-Options"))
	require.Equal(t, "short and stout", body(t, res))
}

func TestPagesServeThePageUnderAStrictPolicy(t *testing.T) {
	t.Parallel()
	base := pages(t)
	for path, kind := range map[string]string{"/": "text/html", "/app.js": "text/javascript", "/app.css": "text/css", "/favicon.svg": "image/svg+xml"} {
		res := ask(t, "GET", base+path, nil)
		require.Equal(t, http.StatusOK, res.StatusCode, path)
		require.Contains(t, res.Header.Get("Content-Type"), kind, path)
		policy := res.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.NotContains(t, policy, "http", "nothing from elsewhere")
		require.Equal(t, "DENY", res.Header.Get("X-Frame-Options"))
		require.Contains(t, res.Header.Get("Strict-Transport-Security"), "max-age=")
		require.Equal(t, "no-referrer", res.Header.Get("Referrer-Policy"))
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	}
	html := body(t, ask(t, "GET", base+"/", nil))
	require.NotContains(t, html, "<style")
	require.NotContains(t, html, "style=")
	require.NotContains(t, html, "<script>")
	require.NotContains(t, html, "://", "no address of elsewhere")
	require.JSONEq(t, `{"staff_phone":"5492944550199","staff_mail":"recepcion@posadadelcerro.example.com","english_phone":"447700900103",
		"mailbox":"reservas@posadadelcerro.example.com","returning_phone":"5491155550101"}`, body(t, ask(t, "GET", base+"/demo.json", nil)))
}

func TestMailHTMLHasAPolicyOfItsOwn(t *testing.T) {
	t.Parallel()
	base := pages(t)
	res := ask(t, "GET", base+"/mail/m1/html", nil)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Contains(t, body(t, res), `<h1 style="color:red">Hola</h1>`)
	policy := res.Header.Values("Content-Security-Policy")
	require.Len(t, policy, 1)
	for _, want := range []string{"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "frame-ancestors 'self'", "sandbox"} {
		require.Contains(t, policy[0], want)
	}
	require.NotContains(t, policy[0], "script-src")
	require.Equal(t, []string{"SAMEORIGIN"}, res.Header.Values("X-Frame-Options"))
	for path, status := range map[string]int{"/mail/none/html": 404, "/mail/ill/html": 502, "/mail/broken/html": 502, "/mail/..%2F..%2Ftoken/html": 404} {
		require.Equal(t, status, ask(t, "GET", base+path, nil).StatusCode, path)
	}
}

func TestPagesRefuseOtherOrigins(t *testing.T) {
	t.Parallel()
	base := pages(t)
	for name, change := range map[string]func(*http.Request){
		"a form elsewhere":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"an old browser":      func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"a name pointed here": func(r *http.Request) { r.Host = "evil.example:8000" },
	} {
		for _, path := range []string{"/reception/admin/api/handoffs/g/close", "/sim/hotel/reset"} {
			res := ask(t, "POST", base+path, change)
			require.Equal(t, http.StatusForbidden, res.StatusCode, "%s %s", name, path)
			require.Empty(t, res.Header.Get("X-Asked"), "%s %s", name, path)
		}
	}
	for _, host := range []string{"localhost:8000", "LOCALHOST", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7:8000"} {
		res := ask(t, "GET", base+"/", func(r *http.Request) { r.Host = host })
		require.Equal(t, http.StatusOK, res.StatusCode, host)
	}
}

func TestPagesSayThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	base := pagesOver(t, demo.PagesConfig{GraphURL: gone.URL, HotelURL: gone.URL, GmailURL: gone.URL, AdminURL: gone.URL})
	for _, path := range []string{"/sim/whatsapp/guests", "/sim/hotel/state", "/sim/mail/mails", "/reception/", "/mail/m1/html"} {
		res := ask(t, "GET", base+path, nil)
		require.Equal(t, http.StatusBadGateway, res.StatusCode, path)
		require.Equal(t, "nobody answers behind this page\n", body(t, res), path)
	}
	require.Equal(t, http.StatusOK, ask(t, "GET", base+"/", nil).StatusCode, "the page itself is there")
}

func TestPagesFlushEvents(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	graph := behind(t, "graph", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, line := range []string{"data: 1\n\n", "data: 2\n\n"} {
			_, _ = io.WriteString(w, line)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-more:
			case <-r.Context().Done():
				return
			}
		}
	})
	base := pagesOver(t, demo.PagesConfig{GraphURL: graph, HotelURL: graph, GmailURL: graph, AdminURL: graph})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/sim/whatsapp/events", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	require.True(t, lines.Scan())
	require.Equal(t, "data: 1", lines.Text())
	more <- struct{}{} // the second is written only now
	require.True(t, lines.Scan(), "the empty line")
	require.True(t, lines.Scan())
	require.Equal(t, "data: 2", lines.Text())
}

func TestPagesWantAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "://", "127.0.0.1:8003"} {
		_, err := demo.NewPages(demo.PagesConfig{GraphURL: bad, HotelURL: bad, GmailURL: bad, AdminURL: bad})
		require.Error(t, err, bad)
	}
	_, err := demo.NewPages(demo.PagesConfig{GraphURL: "http://a", HotelURL: "http://a", GmailURL: "http://a"})
	require.ErrorContains(t, err, "/reception/")
}
