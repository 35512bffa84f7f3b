package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

const canary = "canary-4711-canary"

// holds tells which files of a folder hold the canary.
func holds(t *testing.T, dir string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		if bytes.Contains(b, []byte(canary)) {
			files = append(files, e.Name())
		}
	}
	return files
}

// TestScrubLeavesNothingOfWhatWasDeleted: a release before this one deleted
// without overwriting, so pages still hold it. After the scrub no file does.
func TestScrubLeavesNothingOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	stays := hear(t, s, "1")
	require.NoError(t, s.Close())
	script(t, dir, `PRAGMA secure_delete = 0;
		INSERT INTO transcript (guest, at, body) VALUES ('g', 1, '`+canary+`'), ('g', 1, 'x');
		DELETE FROM transcript;`)
	require.NotEmpty(t, holds(t, dir), "else this test shows nothing")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conserje.db.scrub"), []byte(canary), 0o600)) // of a scrub that was killed

	now := time.Now()
	done, err := sqlite.Scrub(t.Context(), sqlite.Config{Dir: dir}, "ana", now)
	require.NoError(t, err)
	require.Positive(t, done.Before)
	require.Positive(t, done.After)
	require.Empty(t, holds(t, dir))

	info, err := os.Stat(filepath.Join(dir, "conserje.db"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	s = open(t, dir)
	a, err := s.Activate(t.Context(), stays.Guest, 10)
	require.NoError(t, err)
	require.Len(t, a.Pending, 1)
	audit, err := s.Audit(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, audit, 1)
	require.Equal(t, hotel.AuditScrubbed, audit[0].What)
	require.Equal(t, "ana", audit[0].By)
	require.WithinDuration(t, now, audit[0].At, time.Millisecond)

	_, err = sqlite.Scrub(t.Context(), sqlite.Config{Dir: dir}, "ana", now)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine holds it")
}

func TestScrubThatCannotBe(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Scrub(t.Context(), sqlite.Config{Dir: t.TempDir()}, "ana", time.Now())
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))

	dir := t.TempDir()
	require.NoError(t, open(t, dir).Close())
	script(t, dir, `UPDATE meta SET value = '9' WHERE name = 'min_reader'`)
	_, err = sqlite.Scrub(t.Context(), sqlite.Config{Dir: dir}, "ana", time.Now())
	require.Equal(t, "newer", hotel.AsError(err).Code)
	script(t, dir, `UPDATE meta SET value = '1' WHERE name = 'min_reader'`)

	require.NoError(t, os.Mkdir(filepath.Join(dir, "conserje.db.scrub"), 0o700)) // cannot be written
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conserje.db.scrub", "x"), nil, 0o600))
	_, err = sqlite.Scrub(t.Context(), sqlite.Config{Dir: dir}, "ana", time.Now())
	require.ErrorContains(t, err, "the store is as it was")
	open(t, dir)
}
