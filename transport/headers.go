package transport

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/valyala/fasthttp"
)

// Isolation switches the cross-origin isolation headers on.
type Isolation struct {
	COOP bool // Cross-Origin-Opener-Policy: same-origin
	COEP bool // Cross-Origin-Embedder-Policy: require-corp
}

// Content security policies: the public side shows nothing at all, the pages
// load only what they bring along.
const (
	policyPublic = "default-src 'none'; frame-ancestors 'none'"
	policyPages  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

type header struct{ key, value []byte }

// securityHeaders are on every answer of both listeners, errors included.
func securityHeaders(policy string, i Isolation) []header {
	pairs := [][2]string{
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
		{"Content-Security-Policy", policy},
		{"Referrer-Policy", "no-referrer"},
	}
	if i.COOP {
		pairs = append(pairs, [2]string{"Cross-Origin-Opener-Policy", "same-origin"})
	}
	if i.COEP {
		pairs = append(pairs, [2]string{"Cross-Origin-Embedder-Policy", "require-corp"})
	}
	out := make([]header, len(pairs))
	for i, p := range pairs {
		out[i] = header{[]byte(p[0]), []byte(p[1])}
	}
	return out
}

func secureFast(ctx *fasthttp.RequestCtx, headers []header) {
	for _, h := range headers {
		ctx.Response.Header.SetCanonical(h.key, h.value)
	}
}

func secureStd(next http.Handler, headers []header) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range headers {
			w.Header().Set(string(h.key), string(h.value))
		}
		next.ServeHTTP(w, r)
	})
}

// same compares secrets in constant time, whatever their lengths. No secret
// (empty want) is like nothing.
func same(want, given string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(given))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
