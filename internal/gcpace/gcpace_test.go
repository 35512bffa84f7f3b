package gcpace_test

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/gcpace"
)

func TestSet(t *testing.T) {
	before := debug.SetGCPercent(100) // as Go starts without GOGC
	defer debug.SetGCPercent(before)
	gcpace.Set()
	require.Equal(t, 300, debug.SetGCPercent(50)) // as with GOGC=50
	gcpace.Set()
	require.Equal(t, 50, debug.SetGCPercent(-1)) // as with GOGC=off
	gcpace.Set()
	require.Equal(t, -1, debug.SetGCPercent(before), "the operator's word stands")
}
