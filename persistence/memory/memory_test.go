package memory_test

import (
	"testing"

	"github.com/conserje/conserje/persistence/memory"
	"github.com/conserje/conserje/persistence/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return memory.New() })
}
