// Command bench measures the engine, and proves that what it measured is right.
//
//	generator (this process)                        engine (child process)
//	  guests --signed webhooks, own connections-->  transport, store, actors, dialogue
//	  Graph sink  <--replies----------------------  whatsapp client
//	  25 hotels   <--reads, creates---------------  qloapps client
//	  statuses  --signed webhooks---------------->
//	                                                (drained)
//	  oracle    <--the engine's data folder, the sink's and the hotels' state
//
// The binary starts itself again as the engine, so that the processor time of
// the generator with its stand-ins and that of the engine are told apart. All
// is on loopback, bounded in time, and stops by itself.
//
// A run is: the ladder (fasthttp echo, + signature, + decoding, + a plain
// durable insert, each a server in the child too), the real way in, whole turns
// without the hotel system, whole conversations with it, and the
// micro-benchmarks of the packages. See docs/benchmarks.md.
package main
