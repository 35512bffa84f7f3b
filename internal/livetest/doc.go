// Package livetest starts the real binary for tests: engines that can be
// killed, stopped and started again, beside the stand-ins of the outside in a
// process of their own, which lives on.
//
//	test --control--> stand-ins (WhatsApp, QloApps, Gmail) <--> engine (killed, restarted)
//	     <--events---     the phones: what each guest heard
//
// Everything is on loopback and dies with the test.
package livetest
