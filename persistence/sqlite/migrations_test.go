package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

func TestMigrationsTellWhatIsApplied(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")

	list, err := sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	require.Equal(t, sqlite.Migration{Version: 1, Name: "rows"}, list[0])
	require.NoDirExists(t, dir, "asking makes nothing")

	open(t, dir) // an engine holds the folder
	list, err = sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	for _, m := range list {
		require.WithinDuration(t, time.Now(), m.Applied, time.Minute, m.Name)
	}
}

func TestMigrationsAfterGoingBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, version := range []int64{sqlite.Newest, 0} {
		_, _, err := sqlite.Migrate(t.Context(), sqlite.Config{Dir: dir}, version)
		require.NoError(t, err)
	}
	list, err := sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, list[0].Applied.IsZero())
}

func TestMigrationsOfWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "conserje.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	list, err := sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, list[0].Applied.IsZero(), "an empty file is a database before its first migration")

	require.NoError(t, os.WriteFile(path, []byte("this is no database, and never was one"), 0o600))
	_, err = sqlite.Migrations(t.Context(), dir)
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
}
