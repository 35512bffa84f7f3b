package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/pgtest"
)

func TestMigratePostgreSQL(t *testing.T) {
	t.Parallel()

	server, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	env := []string{"DATA_DIR=" + t.TempDir(), "POSTGRES_URL=" + server.DSN(server.Database(t, ""))}
	migrate := func(args ...string) ended { return try(t, build(t), "", env, append([]string{"migrate"}, args...)...) }

	require.Regexp(t, `(?m)^1 +rows +no$`, migrate("status").out)
	require.Regexp(t, `^The database in PostgreSQL went from version 0 to \d+\.\n$`, migrate("up").out)
	require.Regexp(t, `is at version \d+ already`, migrate("up").out)
	require.Regexp(t, `(?m)^1 +rows +\d{4}-\d\d-\d\d `, migrate("status").out)
	require.Regexp(t, `went from version \d+ to 0\.\n$`, migrate("down", "0", "--yes").out)
}

func TestAPostgreSQLThatIsNotThereIsNamedWithoutItsPassword(t *testing.T) {
	t.Parallel()

	for _, args := range [][]string{{"serve"}, {"migrate", "up"}} {
		got := try(t, build(t), "", []string{"DATA_DIR=" + t.TempDir(), "HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0",
			"POSTGRES_URL=postgresql://conserje:hush-hush@127.0.0.1:1/conserje"}, args...)
		require.Equal(t, 1, got.code)
		require.Contains(t, got.err, "PostgreSQL does not answer")
		require.Contains(t, got.err, "POSTGRES_URL")
		require.NotContains(t, got.err, "hush-hush")
	}
}

// Commands that look after people's work may meet a database on which engines of
// the release before are at work: they leave its version alone.
func TestACommandLeavesAnOlderDatabaseAsItIs(t *testing.T) {
	t.Parallel()

	server, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	env := []string{"DATA_DIR=" + t.TempDir(), "POSTGRES_URL=" + server.DSN(server.Database(t, "")), "ENGINE_LEASE=3s"}
	run := func(args ...string) ended { return try(t, build(t), "", env, args...) }

	for _, args := range [][]string{{"deadletters", "list"}, {"handoff", "list"}, {"status"}, {"store", "scrub"}} {
		got := run(args...)
		require.NotZero(t, got.code, "%v", args)
		require.Contains(t, got.err, "conserje migrate up", "%v", args)
	}
	require.Regexp(t, `(?m)^1 +rows +no$`, run("migrate", "status").out)

	require.Zero(t, run("migrate", "up").code)
	require.Contains(t, run("deadletters", "list").out, "No dead letters")
	require.Contains(t, run("status").out, "does not run")
	require.Contains(t, run("store", "scrub").out, "are scrubbed")
	require.Contains(t, run("audit").out, "scrubbed")
}
