package postgres_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
)

const canary = "canary-4711-canary"

// holds tells how many files of the server's tables hold the canary.
func holds(t *testing.T, server *pgtest.Server) (n int) {
	t.Helper()
	require.NoError(t, server.SQL("postgres", "CHECKPOINT"))
	root := filepath.Join(server.Dir(), "data", "base")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(canary)) {
			n++
		}
		return err
	}))
	return n
}

// TestScrubLeavesNothingOfWhatWasDeleted: PostgreSQL keeps dead rows in its
// pages, and their bytes also after a plain vacuum. After the scrub no table
// holds them, and the audit says when.
func TestScrubLeavesNothingOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	server, err := pgtest.New(pgtest.Fast()...) // its own: the files of the shared one change under us
	require.NoError(t, err)
	t.Cleanup(server.Close)
	name := server.Database(t, "")
	dsn := server.DSN(name)
	s := open(t, postgres.Config{DSN: dsn})
	stays := hear(t, s, "1")
	require.NoError(t, s.Renew(t.Context(), "e"))
	require.NoError(t, server.SQL(name, `INSERT INTO transcript (guest, at, body) VALUES ('g', 1, '`+canary+`'), ('g', 1, 'x')`,
		`DELETE FROM transcript`))
	require.Positive(t, holds(t, server), "else this test shows nothing")

	living := make(chan struct{})
	go func() {
		defer close(living)
		for ticker := time.NewTicker(20 * time.Millisecond); t.Context().Err() == nil; <-ticker.C {
			if s.Renew(t.Context(), "e") != nil { // closed
				ticker.Stop()
				return
			}
		}
	}()
	_, err = postgres.Scrub(t.Context(), postgres.Config{DSN: dsn}, time.Second, "ana", time.Now())
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine is at work")
	require.NoError(t, s.Close())
	<-living
	require.Positive(t, holds(t, server))

	now := time.Now()
	done, err := postgres.Scrub(t.Context(), postgres.Config{DSN: dsn}, 50*time.Millisecond, "ana", now)
	require.NoError(t, err)
	require.Positive(t, done.Before)
	require.Positive(t, done.After)
	require.Zero(t, holds(t, server))

	s = open(t, postgres.Config{DSN: dsn})
	a, err := s.Activate(t.Context(), stays.Guest, 10)
	require.NoError(t, err)
	require.Len(t, a.Pending, 1)
	audit, err := s.Audit(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, audit, 1)
	require.Equal(t, hotel.AuditScrubbed, audit[0].What)
	require.Equal(t, "ana", audit[0].By)
	require.WithinDuration(t, now, audit[0].At, time.Millisecond)
}
