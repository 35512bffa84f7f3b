// Package chaos breaks what the engine stands on while guests talk, and asks
// the oracle of the bench whether every promise held.
//
//	crowd (this process) --types--> stand-ins (process) <--> engine (process, the real binary)
//	  |                                                        ^
//	  |                              the fault: killed, stopped, without disk, without database ...
//	  v
//	what guests heard = a calm run;  said, heard, booked and the store fit together
//
// Every fault is one test, with its invariants in docs/faults.md. Each has a
// short form, which runs with all tests, and a long one:
//
//	make chaos                                  # the long forms
//	make chaos CHAOS_SEED=17                    # at the same instants once more
//	make chaos CHAOS_TIMES=5 RUN=TestEngine     # fewer, and only some
//
// Seeds are printed. A seed repeats the instants and the choices, not the
// scheduler. Everything ends by itself and dies with the test.
package chaos
