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
// hotel.Error.Code starts with "qloapps_" when a live QloApps answered (its
// answers carry PSWS-Version and Access-Time), whatever it said: "qloapps_500",
// "qloapps_400/404" (HTTP status / QloApps' own code). Otherwise "http_502" (a
// proxy or a dying server), "timeout", "cut" (the connection broke), "dial" (it
// was never made), "odd_200". A breaker must not open for the first sort.
package qloapps
