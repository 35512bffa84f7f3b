// Package qloapps speaks to a hotel's QloApps (1.6 and 1.7) over its web
// service: what is free, the room types, making, reading and cancelling a
// booking, and who is known under an e-mail.
//
//	Client   one property of one QloApps server
//	Hotels   PropertyID -> Client, for several properties: the PMS of the actors
//
// The web service is full of traps, and this package is where they end:
//
//   - a 500 can mean "booked", a 200 can mean "not booked": success is JSON with a
//     booking's id and its rooms, everything else that may have arrived is InDoubt;
//   - the availability's price holds services that a booking must name itself;
//   - occupancy and past dates are not checked by the server, so they are here;
//   - a booking's answer tells no status and no code: the order does;
//   - the last room can be sold many times: Overbooked looks for who came first.
//
// # Error codes
//
// hotel.Error.Code starts with "qloapps_" when a live QloApps gave an answer, to
// its end (its answers carry PSWS-Version and Access-Time; where PHP died before
// it set them, at least its cookie), whatever it said: "qloapps_500",
// "qloapps_400/404" (HTTP status / QloApps' own code), "qloapps_odd_200". Then no
// breaker must open for it, and nothing of the request runs any more: an empty
// look-up after such a doubt means that nothing was booked.
//
// Otherwise the request may still be running on the server, and a look-up counts
// only later: "http_502" (a proxy or a dying server; a 500 without QloApps'
// headers is one), "timeout", "cut" (the connection broke), "odd_200",
// "too_long". After "dial" (no connection was made) nothing runs.
//
// A key that may not do something is told apart by QloApps' number, and its text
// says what to change in the back office: 401/17 no key, 401/18 its form, 401/20
// unknown or switched off, 401/21 no permission at all, 401/26 this resource,
// 405/25 this method, 403/132 no shop, 503/22 the web service is off, and plain
// 401 when no key arrived.
//
// Codes that begin with "bad_" are of this client: it refused before it asked.
package qloapps
