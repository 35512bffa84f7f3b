package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/journal"
)

func start(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, 3, time.Now())
	require.NoError(t, err)
	return j
}

func TestThreeUncleanStartsMakeARunCareful(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for n := range 4 {
			j := start(t, dir)
			require.Equal(t, n, j.Unclean())
			require.Equal(t, n >= 3, j.Careful())
			require.Empty(t, j.Suspect())
			require.NoError(t, j.Close(false)) // it dies
			time.Sleep(time.Minute)
		}
		j := start(t, dir)
		require.True(t, j.Careful())
		time.Sleep(journal.Window)
		require.False(t, j.Careful(), "it lives")
		require.NoError(t, j.Close(true))

		j = start(t, dir)
		require.Zero(t, j.Unclean(), "a clean stop forgets")
		require.NoError(t, j.Close(false))
		for range 5 {
			time.Sleep(journal.Window)
			j = start(t, dir)
			require.False(t, j.Careful(), "deaths that are far apart")
			require.NoError(t, j.Close(false))
		}
	})
}

func TestTheGuestInHandAtADeathIsTheSuspect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := start(t, dir)
	require.NoError(t, j.Enter("a-guest-with-a-long-id"))
	require.NoError(t, j.Leave())
	require.NoError(t, j.Enter("g2"))
	require.NoError(t, j.Close(false))

	j = start(t, dir)
	require.Equal(t, hotel.GuestID("g2"), j.Suspect())
	require.NoError(t, j.Abandon())
	j = start(t, dir)
	require.Equal(t, hotel.GuestID("g2"), j.Suspect(), "until somebody has parked it")
	require.Equal(t, 1, j.Unclean(), "a start that took nothing up is none")
	require.NoError(t, j.Cleared())
	require.Empty(t, j.Suspect())
	require.NoError(t, j.Close(false))

	j = start(t, dir)
	require.Empty(t, j.Suspect())
	require.NoError(t, j.Enter("g3"))
	require.NoError(t, j.Leave())
	require.NoError(t, j.Close(false))
	j = start(t, dir)
	require.Empty(t, j.Suspect(), "nobody's turn was in hand")
	require.NoError(t, j.Close(true))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestATornMarkIsAnUncleanStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "running"), []byte(`{"pid":1,"uncl`), 0o600))
	j := start(t, dir)
	require.Equal(t, 1, j.Unclean())
	require.NoError(t, j.Close(true))

	j, err := journal.Open(dir, 0, time.Now())
	require.NoError(t, err)
	require.NoError(t, j.Abandon())
	require.NoFileExists(t, filepath.Join(dir, "running"))

	_, err = journal.Open(filepath.Join(dir, "nowhere"), 3, time.Now())
	require.Error(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "running"), 0o700))
	_, err = journal.Open(dir, 3, time.Now())
	require.Error(t, err)
}

// FuzzOpen reads whatever a power cut has left.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"pid":1,"started":"2026-11-24T10:00:00Z","unclean":["2026-11-24T10:00:00Z"]}`), []byte("g1   \n"))
	f.Add([]byte(``), []byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, mark, hand []byte) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "running"), mark, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "in-hand"), hand, 0o600))
		j, err := journal.Open(dir, 3, time.Now())
		require.NoError(t, err)
		require.GreaterOrEqual(t, j.Unclean(), 1)
		require.NoError(t, j.Cleared())
		require.NoError(t, j.Close(true))
	})
}
