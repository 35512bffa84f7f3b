package hotel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

func TestKeyOfANextLife(t *testing.T) {
	t.Parallel()
	for key, want := range map[hotel.Key]hotel.Key{
		"k": "k/r1", "k/r1": "k/r2", "k/r9": "k/r10", "k/0": "k/0/r1", "k/0/r1": "k/0/r2", "k/read": "k/read/r1", "k/r0": "k/r0/r1", "": "/r1",
	} {
		require.Equal(t, want, key.Next())
		require.True(t, want.Replayed())
	}
	for _, first := range []hotel.Key{"k", "k/1", "k/r0", "k/read", "", "r1"} {
		require.False(t, first.Replayed(), string(first))
	}
}
