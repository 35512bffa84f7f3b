package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
	"github.com/conserje/conserje/persistence/sqlite"
)

// script changes a folder's database behind the store's back, as another release would.
func script(t *testing.T, dir, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "conserje.db"))
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), query)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// TestAStoreOfANewerReleaseIsRefused: both formats are named, and nothing is touched.
func TestAStoreOfANewerReleaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	waits := hear(t, s, "1")
	require.NoError(t, s.Close())
	script(t, dir, `UPDATE meta SET value = '7' WHERE name = 'min_reader'`)
	before, err := os.ReadFile(filepath.Join(dir, "conserje.db"))
	require.NoError(t, err)

	for range 2 {
		_, err = sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
		require.Equal(t, hotel.Invalid, hotel.KindOf(err))
		require.Equal(t, "newer", hotel.AsError(err).Code)
		require.ErrorContains(t, err, "reads format 7, this one reads up to format 1")
	}
	_, _, err = sqlite.Migrate(t.Context(), sqlite.Config{Dir: dir}, 0)
	require.Equal(t, "newer", hotel.AsError(err).Code, "nor is it migrated")
	after, err := os.ReadFile(filepath.Join(dir, "conserje.db"))
	require.NoError(t, err)
	require.Equal(t, before, after)

	script(t, dir, `UPDATE meta SET value = '1' WHERE name = 'min_reader'`)
	a, err := open(t, dir).Activate(t.Context(), waits.Guest, 10)
	require.NoError(t, err)
	require.Len(t, a.Pending, 1, "the rows stayed")
}

// TestOneReleaseBack: the newer release has added a table and a column, as
// releases may; the one before starts, works and leaves them alone.
func TestOneReleaseBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Close())
	script(t, dir, `CREATE TABLE novelties (n INTEGER PRIMARY KEY, what TEXT);
		INSERT INTO novelties (what) VALUES ('kept');
		ALTER TABLE guests ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine';
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1);`)

	s = open(t, dir)
	row := hear(t, s, "1")
	_, err := s.Commit(t.Context(), turn(row, 0))
	require.NoError(t, err)
	require.NoError(t, s.Close())

	list, err := sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	last := list[len(list)-1]
	require.Equal(t, int64(9999), last.Version)
	require.Equal(t, "(of a newer release)", last.Name)
	require.False(t, last.Applied.IsZero())

	_, _, err = sqlite.Migrate(t.Context(), sqlite.Config{Dir: dir}, 1)
	require.Equal(t, "newer", hotel.AsError(err).Code, "only the newer build knows how to take its step back")
	from, to, err := sqlite.Migrate(t.Context(), sqlite.Config{Dir: dir}, sqlite.Newest)
	require.NoError(t, err)
	require.Equal(t, from, to, "forward there is nothing to do")
}

func TestAStoreThatNamesNoFormatIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, open(t, dir).Close())
	script(t, dir, `UPDATE meta SET value = 'soon' WHERE name = 'min_reader'`)
	_, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
}

// TestMigrationsOnlyAdd keeps the schema readable and writable by the release before.
func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, rule.OnlyAdds(string(b)), f)
	}
}
