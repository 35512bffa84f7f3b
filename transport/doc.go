// Package transport is the way in: what Meta calls, and what people look at.
//
//	Meta ------> Public (fasthttp)   webhook: verify, decode, route, commit, then 200
//	scrapers --> Public              /health/live, /health/ready, /metrics
//	staff -----> Admin (net/http)    reception pages, /admin/api, pprof; loopback, or behind a password
//
// A webhook is answered 200 only after its rows are committed. Everything else
// makes Meta deliver it again, for days: 503 when the store is away or the
// inbox is over its high-water mark, 401 for a bad signature, 413 over 4 MB.
// What is signed but will never be understood goes to the dead letters and is
// answered 200, for a repeat would change nothing. Receipts never meet the
// high-water mark: they make the backlog smaller.
//
// Both listeners send the security headers on every answer, errors included.
// This is the only room that imports fasthttp, and it keeps nothing of a
// request after its handler has returned.
package transport
