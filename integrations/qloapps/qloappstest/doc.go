// Package qloappstest is a stand-in for a hotel's QloApps 1.7 (or 1.6.1) server: the same
// paths, keys, formats, prices, errors and oddities on the wire, kept in memory
// or in a log in a folder. Tests, the demo, `make run` and the bench speak to it
// through the real client.
//
//	/api/...   what QloApps answers: hotel_ari, bookings, orders, room_bookings,
//	           order_histories, customers and the catalogue, in XML and JSON
//	/sim/...   what only a stand-in has: its state, switches (faults, random faults
//	           from a seed, latencies of a real server, PHP's modes, the version), the
//	           faults it has played, a walk-in that takes rooms, reset, and the list of
//	           requests it has had
//
// It has the real one's weaknesses on purpose: a booking takes no lock (it
// checks, waits, inserts: the last room can be sold many times), prices of the
// availability answer hold services that a booking must name itself, a booking
// is stored although its client hung up, and PHP warnings turn a stored booking
// into a 500 ("strict", as a production php.ini is). What it does not keep it
// answers with 501, never with an empty list.
//
// TestAnswersAsTheRealServerDid holds it against recordings of a real server,
// where they are at hand, and lists what they cover.
package qloappstest
