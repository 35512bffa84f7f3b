package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/internal/livetest"
	"github.com/conserje/conserje/internal/pgtest"
)

// lease is short, so that what a silent engine left is soon taken over.
const lease = 3 * time.Second

// shared is a world on a PostgreSQL of its own, durable as in production.
type shared struct {
	*world
	server *pgtest.Server
}

func newShared(ctx context.Context, t *testing.T) *shared {
	t.Helper()
	server, err := pgtest.New()
	require.NoError(t, err)
	t.Cleanup(server.Close)
	s := &shared{world: newWorld(ctx, t), server: server}
	s.on(server.DSN(server.Database(t, "")))
	return s
}

// on puts the engine on a database.
func (s *shared) on(dsn string) {
	s.dsn = dsn
	s.Env["POSTGRES_URL"], s.Env["ENGINE_LEASE"] = dsn, lease.String()
}

// refuses waits until a webhook was answered 503, of those who talk and of one more.
func (w *world) refuses(ctx context.Context, c *crowd, before float64) {
	w.t.Helper()
	c.oneMore(ctx, w.t)
	require.Eventually(w.t, func() bool { return w.metric(refused) > before }, time.Minute, 20*time.Millisecond, "nobody was refused: %s", w.Log())
}

// another makes one more engine on the same database.
func (s *shared) another(t *testing.T) *livetest.Engine {
	t.Helper()
	e := *s.Engine
	e.Dir, e.Webhook, e.Admin, e.Cmd = t.TempDir(), livetest.FreeAddr(t), livetest.FreeAddr(t), nil
	s.others = append(s.others, &e)
	return &e
}

// takeOvers counts in all engines' logs how often one was taken over.
func (s *shared) takeOvers(t *testing.T) (n int) {
	t.Helper()
	for _, e := range append([]*livetest.Engine{s.Engine}, s.others...) {
		log, err := os.ReadFile(filepath.Join(e.Dir, "engine.log"))
		require.NoError(t, err)
		n += bytes.Count(log, []byte("engine taken over"))
	}
	t.Logf("engines were taken over %d times", n)
	return n
}

// The engine on PostgreSQL is killed by SIGKILL at random instants.
func TestEngineKilledOnPostgres(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	want := calmly(t)
	s := newShared(ctx, t)
	s.Start()
	c := gather(ctx, t, s.phones, 300, 20_000)
	for range times(t, 2, 50) {
		random.instant(ctx, t, 100*time.Millisecond, span(1300*time.Millisecond, 5*time.Second))
		s.Kill()
		s.Start()
	}
	s.verdict(ctx, c)
	s.asInCalm(c.guests, want)
}

// PostgreSQL itself is killed, all its processes, and started again.
func TestPostgresKilled(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	want := calmly(t)
	s := newShared(ctx, t)
	s.Start()
	c := gather(ctx, t, s.phones, 300, 20_000)
	for range times(t, 2, 20) {
		random.instant(ctx, t, 200*time.Millisecond, 3*time.Second)
		s.server.Kill()
		random.instant(ctx, t, 0, 500*time.Millisecond)
		require.NoError(t, s.server.Start(), "PostgreSQL recovers: %s", s.server.Log())
	}
	s.verdict(ctx, c)
	s.asInCalm(c.guests, want)
}

// PostgreSQL is away: stopped in order, hanging, and only readable, each time
// longer than a lease. Webhooks are answered 503, and all goes on by itself.
func TestPostgresAway(t *testing.T) {
	t.Parallel()

	for _, tc := range []struct {
		name     string
		off, on  func(*shared) error
		full     time.Duration
		onlyLong bool
	}{
		{"Stopped", func(s *shared) error { s.server.Stop(); return nil }, func(s *shared) error { return s.server.Start() }, 30 * time.Second, false},
		{"Hanging", func(s *shared) error { s.server.Pause(); return nil }, func(s *shared) error { s.server.Resume(); return nil }, 30 * time.Second, true},
		{"ReadOnly", func(s *shared) error { return s.server.ReadOnly(true) }, func(s *shared) error { return s.server.ReadOnly(false) }, 15 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()

			if tc.onlyLong && !long() {
				t.Skip("NOT TRIED in the short form: it lasts as long as the engine's own patience with a database; make chaos does")
			}
			ctx := within(t, 15*time.Minute)
			random := seeded(t)
			s := newShared(ctx, t)
			s.Start()
			c := gather(ctx, t, s.phones, 300, 20_000)
			for range times(t, 1, 3) {
				random.instant(ctx, t, 500*time.Millisecond, 2*time.Second)
				before := s.metric(refused)
				require.NoError(t, tc.off(s))
				random.instant(ctx, t, span(lease+500*time.Millisecond, tc.full), span(lease+time.Second, tc.full+time.Second))
				s.refuses(ctx, c, before)
				require.NoError(t, tc.on(s))
			}
			t.Logf("%.0f webhooks were refused by 503", s.metric(refused))
			s.verdict(ctx, c)
			if s.phones.Asides() == 0 {
				s.asInCalm(c.guests, calmly(t))
			}
		})
	}
}

// The disk of PostgreSQL's tables is full, for real: the database lies in a
// tablespace on a small tmpfs.
func TestPostgresDiskFull(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	s := newShared(ctx, t)
	disk := filepath.Join(s.server.Dir(), "disk")
	require.NoError(t, os.Mkdir(disk, 0o700))
	info, err := os.Stat(s.server.Dir())
	require.NoError(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("mode=0700,size=%d,uid=%d,gid=%d", 512<<20, owner.Uid, owner.Gid)); err != nil {
		require.NotEqual(t, 0, os.Getuid(), "root cannot mount: %v", err)
		t.Skip("NOT TRIED: a full disk needs root, to mount a small tmpfs. Run this test as root.")
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(disk, unix.MNT_DETACH)) })
	t.Cleanup(s.server.Kill)
	require.NoError(t, s.server.SQL("postgres", "CREATE TABLESPACE small LOCATION '"+disk+"'", "CREATE DATABASE small TABLESPACE small"))
	s.on(s.server.DSN("small"))
	s.Start()
	c := gather(ctx, t, s.phones, 300, 20_000)
	for range times(t, 1, 10) {
		random.instant(ctx, t, 200*time.Millisecond, 2*time.Second)
		before := s.metric(refused)
		fill(t, disk)
		s.refuses(ctx, c, before)
		random.instant(ctx, t, 0, span(500*time.Millisecond, 5*time.Second))
		require.NoError(t, os.Remove(filepath.Join(disk, ballast)))
	}
	t.Logf("%.0f webhooks were refused by 503", s.metric(refused))
	s.verdict(ctx, c)
	if s.phones.Asides() == 0 {
		s.asInCalm(c.guests, calmly(t))
	}
}

// Connections to PostgreSQL are cut in the middle of a commit: before it
// arrives, halfway, and when it is done and its answer under way. Then nobody
// knows the outcome, and yet nothing is lost or doubled.
func TestPostgresConnectionsCut(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	want := calmly(t)
	s := newShared(ctx, t)
	direct := s.dsn
	cut := newCutter(t, s.server.Addr(), random)
	s.on("postgres://postgres@" + cut.addr + "/" + filepath.Base(pathOf(t, direct)) + "?sslmode=disable")
	s.dsn = direct // we look without the cutter
	s.Start()
	c := gather(ctx, t, s.phones, 300, 20_000)
	for range times(t, 20, 500) {
		random.instant(ctx, t, 20*time.Millisecond, 200*time.Millisecond)
		cut.arm()
	}
	cut.rest()
	t.Logf("cut before the commit %d times, halfway %d, after it %d; %.0f webhooks were refused by 503",
		cut.count(before), cut.count(halfway), cut.count(after), s.metric(refused))
	require.Positive(t, cut.count(before)+cut.count(halfway)+cut.count(after))
	s.verdict(ctx, c)
	s.asInCalm(c.guests, want)
}

// One of two engines is paused (SIGSTOP) past its lease while the other works,
// and goes on: it sends nothing that was taken over, and what it knows still counts.
func TestEnginePausedPastItsLease(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	want := calmly(t)
	s := newShared(ctx, t)
	s.doubts = true
	s.excuse = "no me está respondiendo" // a question to the hotel system was out when its engine was paused: for it, time passed
	other := s.another(t)
	s.spread(t, random, other)
	s.Start()
	other.Start()
	c := gather(ctx, t, s.phones, 200, 20_000)
	for i := range times(t, 2, 20) {
		paused := []*livetest.Engine{s.Engine, other}[i%2]
		random.instant(ctx, t, 300*time.Millisecond, 2*time.Second)
		require.NoError(t, paused.Cmd.Process.Signal(unix.SIGSTOP))
		random.instant(ctx, t, lease+time.Second, 2*lease+2*time.Second)
		require.NoError(t, paused.Cmd.Process.Signal(unix.SIGCONT))
	}
	require.Positive(t, s.takeOvers(t), "else this test shows nothing")
	s.verdict(ctx, c)
	s.asInCalm(c.guests, want)
}

// PostgreSQL is away for longer than a lease under two engines: neither takes
// over what the other, which lives, has claimed.
func TestPostgresAwayLongerThanALease(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	s := newShared(ctx, t)
	other := s.another(t)
	s.spread(t, random, other)
	s.Start()
	other.Start()
	c := gather(ctx, t, s.phones, 200, 20_000)
	for range times(t, 1, 10) {
		random.instant(ctx, t, 500*time.Millisecond, 2*time.Second)
		s.server.Stop()
		random.instant(ctx, t, lease+500*time.Millisecond, span(lease+time.Second, 3*lease))
		require.NoError(t, s.server.Start())
	}
	s.verdict(ctx, c)
	require.Zero(t, s.takeOvers(t), "an engine that lives was taken over")
	if s.phones.Asides() == 0 {
		s.asInCalm(c.guests, calmly(t))
	}
}
