// Package guests measures an engine that knows very many guests: how long an
// activation takes among them, that memory is bounded by those who are active,
// and how soon an engine is ready again after a crash with rows left over.
//
//	make bench-guests                  a million guests on a private PostgreSQL
//	go test ./bench/guests -v          a small one, as in `make test`
//	go test ./bench/guests -v -args -store sqlite -guests 200000
//
// Figures are printed, never asserted; what is asserted is that every message is
// answered once and that nobody stays in memory.
package guests
