package demo

import (
	"embed"
	"io/fs"
	"net/http"
	"net/http/httputil"
	"net/url"
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
//	/sim/whatsapp/*  -> Graph stand-in /sim/*
//	/sim/hotel/*     -> QloApps stand-in /sim/*
//	/sim/mail/*      -> Gmail stand-in /sim/*
//	/reception/*     -> the engine's admin pages
func NewPages(c PagesConfig) (http.Handler, error) {
	mux := http.NewServeMux()
	for prefix, target := range map[string]string{
		"/sim/whatsapp/": c.GraphURL + "/sim/", "/sim/hotel/": c.HotelURL + "/sim/",
		"/sim/mail/": c.GmailURL + "/sim/", "/reception/": c.AdminURL + "/",
	} {
		p, err := proxy(prefix, target, c.AdminToken)
		if err != nil {
			return nil, err
		}
		mux.Handle(prefix, p)
	}
	files, err := fs.Sub(ui, "ui")
	if err != nil {
		return nil, err
	}
	mux.Handle("/", http.FileServerFS(files))
	return secure(http.NewCrossOriginProtection().Handler(mux)), nil
}

// proxy passes prefix/* on to target/*. Streams are flushed at once.
func proxy(prefix, target, token string) (http.Handler, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	return http.StripPrefix(prefix, &httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if prefix == "/reception/" && token != "" {
				r.Out.Header.Set("Authorization", "Bearer "+token)
			}
		},
	}), nil
}

// secure sets the headers that every page of ours carries: nothing inline,
// nothing from elsewhere, frames of our own only (a mail's HTML is shown in one).
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
		next.ServeHTTP(w, r)
	})
}
