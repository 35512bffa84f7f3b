// Package hotel is the vocabulary of Conserje: the nouns that every room speaks,
// and the rows and commands that cross a room's edge. It does no I/O and imports
// only the standard library.
//
// # Words (binding in code, logs, metrics and docs)
//
//	inbox, outbox   durable rows: what came in, what must go out
//	key             idempotency key of a row; names it for ever
//	lane            rows that leave one at a time, in order
//	claim, owner    a row is "sending", by an owner, before its request leaves
//	settle          record a send's outcome
//	nudge           tell an actor that a row waits; the row is the truth
//	turn            inputs, the state after them, and the rows they call for
//	intent, slot    what a guest wants, and the values they gave
//	session window  the 24 h in which free text may be sent to a guest
//	handoff         a person answers instead of the engine
//	activation      one life of a guest actor, from snapshot to passivation
//	sweeper         finds what waits too long, and nudges it
//	in doubt        a request may have left and nobody holds its outcome
//	dead letter     what will never be processed, kept with its reason
//	drain           finish what is in hand, take nothing new
//	reference       ours: QloApps' "source"; never asked of a guest
//	booking code    orders.reference, nine letters: what the guest hears and proves with
package hotel
