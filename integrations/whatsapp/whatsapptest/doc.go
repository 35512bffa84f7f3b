// Package whatsapptest is a faithful stand-in for Meta's side of WhatsApp: the
// Graph API that takes messages, the webhooks that come back, and simulated
// guests with their phones. Tests, the demo and the bench use it over real HTTP.
//
//	engine --POST /{version}/{number}/messages--> Server   limits, tokens, 24 h window, buckets, faults
//	engine <--signed webhook--------------------- Server   typed messages; sent, delivered, read
//	phone page <--/sim/ (JSON, server-sent events)-- Server   guests, threads with ticks, switches
//
// What a Server holds is a journal of JSON lines under Config.Dir, replayed at
// start: what was typed and not yet taken by the engine is delivered then.
//
// Sink is the lean variant for load runs: it takes messages and keeps nothing.
// It is built on fasthttp, because generator, stand-in and engine share the
// cores there and net/http costs several times as much for each request.
package whatsapptest
