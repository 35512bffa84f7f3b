package transport

import (
	"slices"

	"github.com/valyala/fasthttp"
)

// preflight adds the CORS headers that the request's origin may have, and
// answers its preflight. It tells whether the request is done with.
func (p *Public) preflight(ctx *fasthttp.RequestCtx) bool {
	if len(p.AllowedOrigins) == 0 {
		return false
	}
	h := &ctx.Response.Header
	h.Add("Vary", "Origin")
	origin := string(ctx.Request.Header.Peek("Origin"))
	if origin == "" || !slices.Contains(p.AllowedOrigins, origin) && !slices.Contains(p.AllowedOrigins, "*") {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if !ctx.IsOptions() || len(ctx.Request.Header.Peek("Access-Control-Request-Method")) == 0 {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Hub-Signature-256")
	h.Set("Access-Control-Max-Age", "600")
	ctx.SetStatusCode(fasthttp.StatusNoContent)
	return true
}
