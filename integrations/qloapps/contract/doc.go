// Package contract tries on a server what Conserje needs of a QloApps: that it
// can be read, that a quote is what the booking costs, that a booking is found,
// moved and cancelled, and that a race for the last room ends with one guest in it.
//
//	Run --> connect, catalogue, availability, book, read back, two rooms, shared mailbox,
//	        second currency, change, poll, cancel, race for the last room --> clean up
//
// It runs against a stand-in in the tests, and against a hotel's own server by
// `conserje doctor pms` and `make test-live`. What it books is far ahead, stands
// under references that begin with Prefix, and is cancelled at the end whatever happened.
package contract
