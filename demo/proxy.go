package demo

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// proxy passes prefix/* on to target/*, with the token as bearer when there is
// one. Streams are flushed at once.
func proxy(prefix, target, token string) (http.Handler, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", prefix, err)
	}
	if to.Scheme == "" || to.Host == "" {
		return nil, fmt.Errorf("address of %s: %q is no URL", prefix, target)
	}
	behind := http.StripPrefix(prefix, &httputil.ReverseProxy{
		FlushInterval: -1,
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // the page tells it
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			// Where it came from was judged here; behind us the names are others.
			r.Out.Header.Del("Origin")
			r.Out.Header.Del("Sec-Fetch-Site")
			if token != "" {
				r.Out.Header.Set("Authorization", "Bearer "+token)
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "nobody answers behind this page", http.StatusBadGateway)
		},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		behind.ServeHTTP(&theirs{ResponseWriter: w}, r)
	}), nil
}

// theirs lets the answer's own headers win over ours: two policies would be one
// that is stricter than both, and two X-Frame-Options none at all.
type theirs struct {
	http.ResponseWriter
	told bool
}

func (t *theirs) WriteHeader(status int) {
	if !t.told && status >= 200 {
		t.told = true
		keepLast(t.Header())
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *theirs) Write(b []byte) (int, error) {
	if !t.told {
		t.WriteHeader(http.StatusOK)
	}
	return t.ResponseWriter.Write(b)
}

// Unwrap lets the proxy flush and take over the connection.
func (t *theirs) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// keepLast drops our value of a header that the answer brought too.
func keepLast(h http.Header) {
	for name := range pageHeaders {
		if values := h[http.CanonicalHeaderKey(name)]; len(values) > 1 {
			h[http.CanonicalHeaderKey(name)] = values[len(values)-1:]
		}
	}
}
