package keys_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/keys"
)

func TestKeysAreUniqueLowerCaseAndSortByTime(t *testing.T) {
	t.Parallel()

	shape := regexp.MustCompile(`^[0-9a-v]{26}$`)
	var made []string
	for range 10_000 {
		k := keys.New()
		require.Regexp(t, shape, k)
		made = append(made, k)
	}
	require.True(t, slices.IsSorted(made))
	require.Len(t, slices.Compact(slices.Clone(made)), len(made))
}
