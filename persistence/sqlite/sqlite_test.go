package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/persistence/storetest"
)

func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, t.TempDir()) })
}
