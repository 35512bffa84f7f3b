package postgres_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
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

	onlooker, err := pgconn.Connect(t.Context(), dsn)
	require.NoError(t, err)
	_, err = onlooker.Exec(t.Context(), `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM engines`).ReadAll()
	require.NoError(t, err)
	_, err = postgres.Scrub(t.Context(), postgres.Config{DSN: dsn}, 50*time.Millisecond, "ana", time.Now())
	require.Equal(t, hotel.Conflict, hotel.KindOf(err))
	require.ErrorContains(t, err, "open transactions")
	require.NoError(t, onlooker.Close(t.Context()))

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

// TestStatisticsKnowNothingOfGuests: the planner's samples would outlive the rows.
func TestStatisticsKnowNothingOfGuests(t *testing.T) {
	t.Parallel()
	server := fastServer(t)
	db := server.Database(t, "template") // its own: what is analysed changes others' plans
	s := open(t, postgres.Config{DSN: server.DSN(db)})
	for n := range 20 {
		a := message(int64(n))
		a.Aliases[0].Value, a.Body = canary+strconv.Itoa(n), []byte(`"`+canary+strconv.Itoa(n)+`"`)
		res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{a}})
		require.NoError(t, err)
		c := turn(res.Arrivals[0].Row, 0)
		c.State, c.Outbox[0].Body = a.Body, a.Body
		c.Transcript = a.Body
		c.Handoff = &hotel.HandoffRecord{Guest: c.Guest, Property: "sur", State: hotel.HandoffOpen, Name: canary + strconv.Itoa(n)}
		c.Reservations = []hotel.Reservation{{Reference: hotel.Reference("R" + strconv.Itoa(n)), Property: "sur", Contact: hotel.Contact{LastName: canary}}}
		_, err = s.Commit(t.Context(), c)
		require.NoError(t, err)
	}
	conn, err := pgconn.Connect(t.Context(), server.DSN(db))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	found, err := conn.Exec(t.Context(), `ANALYZE; SELECT tablename, attname FROM pg_stats WHERE schemaname = current_schema()
		AND concat(histogram_bounds::text, most_common_vals::text) ~ ANY (ARRAY['`+canary+`', encode('`+canary+`', 'hex')])`).ReadAll()
	require.NoError(t, err)
	for _, row := range found[1].Rows {
		require.Fail(t, "sampled", "%s.%s", row[0], row[1])
	}
	found, err = conn.Exec(t.Context(), `SELECT count(*) FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'inbox'`).ReadAll()
	require.NoError(t, err)
	require.NotEqual(t, "0", string(found[0].Rows[0][0]), "else this test shows nothing")
}
