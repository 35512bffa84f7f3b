package demo

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

//go:embed ui
var ui embed.FS

// PagesConfig is what the demo's page shows.
type PagesConfig struct {
	GraphURL, HotelURL, GmailURL string // of the stand-ins
	AdminURL                     string // of the engine's admin listener
	AdminToken                   string
}

// NewPages serves the demo's one page, and passes what it asks on to the
// stand-ins' control endpoints and to the reception's pages: one address, one
// origin, and real HTTP behind it.
//
//	/                    the page (ui/)
//	/demo.json           who is the staff, which mailbox is the hotel's
//	/mail/{id}/html      the HTML of a mail, for the page's frame
//	/sim/whatsapp/*  ->  Graph stand-in /sim/*
//	/sim/hotel/*     ->  QloApps stand-in /sim/*
//	/sim/mail/*      ->  Gmail stand-in /sim/*
//	/reception/*     ->  the engine's admin pages
func NewPages(c PagesConfig) (http.Handler, error) {
	mux := http.NewServeMux()
	for prefix, target := range map[string]string{
		"/sim/whatsapp/": c.GraphURL + "/sim/", "/sim/hotel/": c.HotelURL + "/sim/", "/sim/mail/": c.GmailURL + "/sim/",
	} {
		p, err := proxy(prefix, target, "")
		if err != nil {
			return nil, err
		}
		mux.Handle(prefix, p)
	}
	reception, err := proxy("/reception/", c.AdminURL+"/", c.AdminToken)
	if err != nil {
		return nil, err
	}
	mux.Handle("/reception/", reception)
	mux.Handle("GET /mail/{id}/html", mailHTML(c.GmailURL))
	mux.HandleFunc("GET /demo.json", facts)
	files, err := fs.Sub(ui, "ui")
	if err != nil {
		return nil, err
	}
	mux.Handle("/", http.FileServerFS(files))
	return secure(ownHost(http.NewCrossOriginProtection().Handler(mux))), nil
}

// facts are what the page must know of the demo and cannot ask a stand-in.
func facts(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{ // the reader may be gone
		"staff_phone": StaffPhone, "staff_mail": StaffMail, "mailbox": Mailbox,
		"returning_phone": ReturningPhone, "english_phone": EnglishPhone,
	})
}

// policyPage allows nothing inline and nothing from elsewhere; frames of our
// own only, for a mail's HTML is shown in one.
const policyPage = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

var pageHeaders = map[string]string{
	"X-Content-Type-Options":     "nosniff",
	"X-Frame-Options":            "DENY",
	"Strict-Transport-Security":  "max-age=31536000; includeSubDomains", // heard over TLS only: behind a proxy
	"Referrer-Policy":            "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Content-Security-Policy":    policyPage,
	"Cache-Control":              "no-store", // an old script never meets a new engine
}

// secure sets the headers of every answer; a handler may replace its own.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range pageHeaders {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost refuses names that are not this machine's: a page elsewhere that
// points its own name at 127.0.0.1 would else be reception, for the proxy
// carries the token. An address cannot be pointed elsewhere.
func ownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		_, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err != nil && !strings.EqualFold(host, "localhost") {
			http.Error(w, "open the demo by its address: http://127.0.0.1 or http://localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
