package sqlite_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

// What an engine had claimed when it ended is known for that by the next one,
// whatever the clock says.
func TestClaimsOfAnEngineThatIsGoneAreTakenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	res, err := first.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(1)}})
	require.NoError(t, err)
	row := res.Arrivals[0].Row
	_, err = first.Commit(t.Context(), turn(row, 0))
	require.NoError(t, err)
	before, err := first.Row(t.Context(), row.Key+"/0")
	require.NoError(t, err)
	require.False(t, before.TakenOver)
	require.NoError(t, first.Close())

	swept, err := open(t, dir).Sweep(t.Context(), hotel.Sweep{Now: time.Now().Add(-time.Hour), Owner: "engine", Limit: 10})
	require.NoError(t, err)
	require.Len(t, swept.Claims, 1)
	require.True(t, swept.Claims[0].TakenOver)
	require.Equal(t, row.Key+"/0", swept.Claims[0].Key)
}
