package gcpace_test

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/gcpace"
)

// pace reads the collector's percentage, which can only be read by setting it.
func pace() int {
	p := debug.SetGCPercent(100)
	debug.SetGCPercent(p)
	return p
}

func TestSet(t *testing.T) {
	before := pace()
	t.Cleanup(func() { debug.SetGCPercent(before) })

	t.Setenv("GOGC", "50") // as an operator would; Setenv gives it back
	gcpace.Set()
	require.Equal(t, before, pace(), "the operator's word stands")

	require.NoError(t, os.Unsetenv("GOGC"))
	gcpace.Set()
	require.Equal(t, 300, pace())
}
