package main_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/pgtest"
)

// TestMovingToPostgres: a guest is in the middle of a booking, the engine is
// stopped, the store is copied by command, an engine starts on PostgreSQL, and
// the conversation goes on where it was.
func TestMovingToPostgres(t *testing.T) {
	t.Parallel()
	server, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	require.NoError(t, server.SQL("postgres", "CREATE DATABASE conserje"))
	url := "POSTGRES_URL=" + server.DSN("conserje")

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 3*time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557001", "Ana")
	g.say("quiero una habitación doble " + dates(time.Now(), 160) + " para 2 adultos")
	g.say("doble")
	data := filepath.Join(r.dir, "data")
	shared := func(args ...string) ended {
		return try(t, r.binary, "", []string{"DATA_DIR=" + filepath.Join(r.dir, "shared"), url}, args...)
	}
	held := shared("store", "copy", "--from", "sqlite:"+data, "--to", "postgres:")
	require.Equal(t, 1, held.code)
	require.Contains(t, held.err, "is in use", "an engine holds it")
	r.stop()

	require.Contains(t, shared("migrate", "up").out, "The database in PostgreSQL went from version 0 to ")
	require.Contains(t, shared("migrate", "status").out, "rows")
	got := shared("store", "copy", "--from", "sqlite:"+data, "--to", "postgres:")
	require.Zero(t, got.code, got.err)
	require.Regexp(t, `(?m)^guests +1 rows  [0-9a-f]{32}$`, got.out)
	require.Contains(t, got.out, "rows are in both stores, with the same checksums")
	again := shared("store", "copy", "--from", "sqlite:"+data, "--to", "postgres:")
	require.Equal(t, 1, again.code)
	require.Contains(t, again.err, "the target is not empty")

	n := r.moved(t)
	n.startEngine(url)
	g.say("Ana Pérez, ana@example.com")
	require.NoError(t, ps.Type(ctx, g.phone, "sí"))
	g.untilCode()
	n.stop()
}

func TestCopyByCommandSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	binary, dir := build(t), t.TempDir()
	copying := func(from, to string) ended {
		return try(t, binary, "", []string{"DATA_DIR=" + dir}, "store", "copy", "--from", from, "--to", to)
	}
	for _, c := range []struct {
		from, to, says string
		code           int
	}{
		{"", "", `--from="" is no store: name sqlite:FOLDER or postgres:URL`, 2},
		{"mysql:x", "sqlite:" + dir, "is no store", 2},
		{"sqlite:", "postgres:", "the folder holds no store", 1},
		{"postgres:", "sqlite:" + dir, "POSTGRES_URL", 2},
	} {
		got := copying(c.from, c.to)
		require.Equal(t, c.code, got.code, got.err)
		require.Contains(t, got.err, c.says)
	}
	require.Zero(t, try(t, binary, "", []string{"DATA_DIR=" + dir}, "migrate", "up").code)
	require.Contains(t, copying("sqlite:", "postgres:postgresql://u@127.0.0.1:1/x").err, "PostgreSQL does not answer")
	require.Contains(t, copying("sqlite:", "postgresql://u@127.0.0.1:1/x").err, "PostgreSQL does not answer")
	to := filepath.Join(t.TempDir(), "new")
	got := copying("sqlite:", "sqlite:"+to)
	require.Zero(t, got.code, got.err)
	require.FileExists(t, filepath.Join(to, "conserje.db"))
}
