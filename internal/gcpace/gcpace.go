// Package gcpace paces the garbage collector for a server whose live heap is small.
package gcpace

import "runtime/debug"

const (
	// goDefault is how much the heap grows between two collections when nobody says otherwise.
	goDefault = 100
	// percent is ours. Go's default collects an engine of 50 MB several times a
	// second under load, which took 5 to 10 % of the processor; at 300 it is a
	// third of that, for at most four times the memory that lives.
	percent = 300
)

// Set paces the collector, unless the operator did: with GOGC, which Go reads itself.
func Set() {
	if was := debug.SetGCPercent(percent); was != goDefault {
		debug.SetGCPercent(was)
	}
}
