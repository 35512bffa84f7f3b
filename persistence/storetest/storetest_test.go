package storetest_test

import (
	"testing"

	"github.com/conserje/conserje/persistence/memory"
	"github.com/conserje/conserje/persistence/storetest"
)

// The suite itself is tried on the store that needs nothing.
func TestTheSuiteHoldsOnTheMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return memory.New() })
}
