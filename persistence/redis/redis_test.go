package redis_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/internal/redistest"
	"github.com/conserje/conserje/persistence/redis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// late is what two busy cores may add to 50 ms, besides what timers are late: far below the 2 s that a connection has.
const late = 300 * time.Millisecond

// lag runs a timer of a request's patience beside what is measured: a busy machine is late with both.
func lag() (took func() time.Duration) {
	c := make(chan time.Duration, 1)
	began := time.Now()
	go func() {
		<-time.After(50 * time.Millisecond)
		c <- time.Since(began)
	}()
	return func() time.Duration { return <-c }
}

// calm gives requests time: for tests of meaning, on machines that do much else.
func calm(c *redis.Config) { c.Patience = 5 * time.Second }

// soon is the deadline of waits that end by themselves.
const soon = 30 * time.Second

type client struct {
	*redis.Client
	t       *testing.T
	metrics *metrics.Metrics
	log     *lines
}

type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.String(), text)
}

// engine is one engine's client; change may alter its configuration before.
func engine(t *testing.T, s *redistest.Server, change ...func(*redis.Config)) *client {
	t.Helper()
	c := &client{t: t, metrics: metrics.New(), log: &lines{}}
	conf := redis.Config{URL: s.URL(), HashKey: []byte("secret"), Metrics: c.metrics, Log: slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&conf)
	}
	var err error
	c.Client, err = redis.Open(conf)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Close())
		if t.Failed() {
			t.Log(c.log.String())
		}
	})
	return c
}

// connected waits for the first contact.
func (c *client) connected() *client {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return c.log.count("redis is connected") == 1 }, soon, time.Millisecond)
	return c
}

func (c *client) counted(operation, result string) int {
	return int(testutil.ToFloat64(c.metrics.RedisOperations.WithLabelValues(operation, result)))
}

func (c *client) fallbacks(operation string) int {
	return int(testutil.ToFloat64(c.metrics.RedisFallbacks.WithLabelValues(operation)))
}

// timed fails when f takes longer than a request may wait.
func (c *client) timed(f func()) {
	c.t.Helper()
	began, own := time.Now(), lag()
	f()
	took := time.Since(began)
	require.Less(c.t, took, own()+late)
}

// ask recalls, and keeps the value as if the hotel system had answered it when there was nothing.
func (c *client) ask(q hotel.Question, value string) (hit string) {
	c.t.Helper()
	found := c.Recall(c.t.Context(), q)
	if found.Value == nil {
		c.Keep(c.t.Context(), q, found.Mark, []byte(value), time.Minute)
	}
	return string(found.Value)
}

var (
	free  = hotel.Question{Property: "posada", Kind: "availability", Text: "2026-12-01/2026-12-04/1"}
	rooms = hotel.Question{Property: "posada", Kind: "rooms", Lasting: true}
	other = hotel.Question{Property: "palacio", Kind: "availability", Text: free.Text}
)

func TestAnswersAreSharedUntilABookingChangesThem(t *testing.T) {
	t.Parallel()

	for name, options := range map[string][]redistest.Option{
		"plain": nil, "tls": {redistest.TLS()}, "password": {redistest.Password("pw")}, "tls and password": {redistest.TLS(), redistest.Password("pw")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.New(t, options...)
			ca := func(c *redis.Config) { c.CAFile = s.CAFile() }
			a, b := engine(t, s, calm, ca).connected(), engine(t, s, calm, ca).connected()
			require.NoError(t, a.Ping(t.Context()))

			for _, q := range []hotel.Question{free, rooms, other} {
				require.Empty(t, a.ask(q, "first"))
				require.Equal(t, "first", b.ask(q, "-"))
			}
			found := b.Recall(t.Context(), free)
			require.LessOrEqual(t, found.Rest, time.Minute)
			require.Greater(t, found.Rest, 30*time.Second)

			b.Changed(t.Context(), "posada")
			require.Empty(t, a.ask(free, "second"), "a booking changes what is free")
			require.Equal(t, "second", b.ask(free, "-"))
			require.Equal(t, "first", a.ask(rooms, "-"), "not the rooms")
			require.Equal(t, "first", a.ask(other, "-"), "not another hotel")
			require.Zero(t, a.counted("get", "error")+b.counted("get", "error"))
			require.Equal(t, 2, a.counted("get", "hit"))
			require.Equal(t, 4, a.counted("get", "miss"))
			require.Equal(t, 4, a.counted("set", "ok"))
			require.Equal(t, 1, b.counted("invalidate", "ok"))
		})
	}
}

// An answer that was asked for before a booking, and comes after it, must not be seen.
func TestAnAnswerOvertakenByABookingIsNotSeen(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a, b := engine(t, s, calm).connected(), engine(t, s, calm).connected()
	before := a.Recall(t.Context(), free)
	require.NotEmpty(t, before.Mark)
	b.Changed(t.Context(), "posada")
	a.Keep(t.Context(), free, before.Mark, []byte("old"), time.Minute)
	require.Empty(t, b.ask(free, "new"))
	require.Equal(t, "new", a.ask(free, "-"))
}

func TestNothingOfAGuestOrAQuestionShowsInRedis(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a := engine(t, s, calm).connected()
	q := hotel.Question{Property: "posada", Kind: "booking", Text: "ana@example.com"}
	require.Empty(t, a.ask(q, "none"))
	_, _, err := a.Take(t.Context(), "number:5491155550000", 80, 40, 4)
	require.NoError(t, err)
	require.Equal(t, ":3", s.Do(t, "DBSIZE"), "mark, answer, bucket")
	for _, plain := range []string{"*ana*", "*example*", "*5491155550000*"} {
		require.Equal(t, "*0", s.Do(t, "KEYS", plain))
	}
	require.Equal(t, "*2", s.Do(t, "KEYS", "conserje:1:*"))
	require.Equal(t, "*1", s.Do(t, "KEYS", "rate:conserje:1:pace:*"))

	other := engine(t, s, calm, func(c *redis.Config) { c.HashKey = []byte("another") }).connected()
	require.Empty(t, other.ask(q, "-"), "without the secret nothing is found")
	staging := engine(t, s, calm, func(c *redis.Config) { c.Prefix = "staging" }).connected()
	require.Empty(t, staging.ask(q, "-"), "another installation's")
}

func TestLargeAnswersAreNotShared(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a := engine(t, s, calm).connected()
	require.Empty(t, a.ask(free, strings.Repeat("x", 64<<10)))
	require.Len(t, a.ask(free, "-"), 64<<10)
	require.Empty(t, a.ask(other, strings.Repeat("x", 64<<10+1)))
	require.Equal(t, 1, a.counted("set", "too_large"))
	require.Empty(t, a.ask(other, ""))
}

func TestAnswersEnd(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a := engine(t, s, calm).connected()
	mark := a.Recall(t.Context(), free).Mark
	a.Keep(t.Context(), free, mark, []byte("soon over"), 20*time.Millisecond)
	a.Keep(t.Context(), other, "", []byte("no mark, not kept"), time.Minute)
	require.Eventually(t, func() bool { return a.Recall(t.Context(), free).Value == nil }, soon, time.Millisecond)
	require.Nil(t, a.Recall(t.Context(), other).Value)
}

// What another program, or another engine, has written under our keys is a miss.
func TestForeignValuesAreMisses(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a := engine(t, s, calm).connected()
	require.Empty(t, a.ask(free, "ours"))
	for _, foreign := range [][]string{{"SET", redis.AnswerKey(a.Client, free), "short"},
		{"SET", redis.AnswerKey(a.Client, free), strings.Repeat("y", 200)},
		{"SET", redis.AnswerKey(a.Client, free), strings.Repeat("y", 60_000)}} {
		require.Equal(t, "+OK", s.Do(t, foreign...))
		require.Nil(t, a.Recall(t.Context(), free).Value)
	}
	require.Equal(t, ":1", s.Do(t, "DEL", redis.AnswerKey(a.Client, free)))
	require.Equal(t, ":1", s.Do(t, "LPUSH", redis.AnswerKey(a.Client, free), "a"))
	for range 10 {
		require.Nil(t, a.Recall(t.Context(), free).Value)
	}
	require.Equal(t, 10, a.counted("get", "error"))
	require.Zero(t, a.counted("get", "skipped"), "a key of the wrong type is no outage")
}

// TestFaults: in every fault each call ends in time, is counted, and all is well again afterwards.
func TestFaults(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]struct {
		begin func(*redistest.Server)
		end   func(*redistest.Server) error
		lost  bool // what it held
	}{
		"killed":    {func(s *redistest.Server) { s.Kill() }, func(s *redistest.Server) error { return s.Start() }, true},
		"paused":    {func(s *redistest.Server) { s.Pause() }, func(s *redistest.Server) error { s.Resume(); return nil }, false},
		"tls pause": {func(s *redistest.Server) { s.Pause() }, func(s *redistest.Server) error { s.Resume(); return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []redistest.Option
			if strings.HasPrefix(name, "tls") {
				options = append(options, redistest.TLS())
			}
			s := redistest.New(t, options...)
			a := engine(t, s, func(c *redis.Config) { c.CAFile = s.CAFile() }).connected()
			require.Eventually(t, func() bool { return a.ask(free, "before") == "before" }, soon, time.Millisecond)

			fault.begin(s)
			var wg sync.WaitGroup
			for range 100 { // more than there are connections: waits for the pool count too
				wg.Go(func() {
					began, own := time.Now(), lag()
					v := a.Recall(t.Context(), free).Value
					if took, most := time.Since(began), own()+late; v != nil || took > most {
						t.Errorf("%q after %s, not %s", v, took, most)
					}
				})
			}
			wg.Wait()
			require.GreaterOrEqual(t, a.fallbacks("get"), 100)
			require.GreaterOrEqual(t, a.counted("get", "error"), 3)
			began := time.Now()
			for range 1000 {
				require.Nil(t, a.Recall(t.Context(), free).Value)
				_, _, err := a.Take(t.Context(), "n", 80, 40, 4)
				require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
			}
			require.Less(t, time.Since(began), time.Second, "no request waits for a Redis that is known to be away")
			require.GreaterOrEqual(t, a.counted("get", "skipped"), 900)
			require.Positive(t, a.log.count("redis is away"), "said; a late machine may find it away again")
			a.timed(func() { a.Changed(t.Context(), "posada") })

			require.NoError(t, fault.end(s))
			require.Eventually(t, func() bool { return a.log.count("redis is back") > 0 }, soon, time.Millisecond)
			require.Eventually(t, func() bool { return a.ask(free, "after") == "after" }, soon, 5*time.Millisecond)
			if !fault.lost {
				require.GreaterOrEqual(t, a.counted("invalidate", "ok"), 1, "the booking meanwhile was not forgotten")
			}
			require.Eventually(t, func() bool {
				ok, _, err := a.Take(t.Context(), "n", 80, 40, 4)
				return err == nil && ok
			}, soon, 5*time.Millisecond)
		})
	}
}

func TestWipedRedisHoldsNothingOldAndIsUsedAgainAtOnce(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a, b := engine(t, s, calm).connected(), engine(t, s, calm).connected()
	for i := range 20 {
		require.Empty(t, a.ask(free, fmt.Sprint(i)))
		require.Equal(t, fmt.Sprint(i), b.ask(free, "-"))
		old := a.Recall(t.Context(), free).Mark
		s.Flush(t)
		a.Keep(t.Context(), free, old, []byte("of before"), time.Minute)
		require.Empty(t, b.ask(free, "new"))
		s.Flush(t)
	}
	require.Zero(t, a.fallbacks("get")+b.fallbacks("get"))
}

func TestEngineStartsWithoutRedisAndSaysSoOnce(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	s.Kill()
	a := engine(t, s)
	require.Eventually(t, func() bool { return a.log.count("redis is away") == 1 }, soon, time.Millisecond)
	for range 100 {
		a.timed(func() { require.Nil(t, a.Recall(t.Context(), free).Value) })
	}
	require.Equal(t, hotel.Unavailable, hotel.KindOf(a.Ping(t.Context())))
	require.Equal(t, 100, a.counted("get", "skipped"))
	require.NoError(t, s.Start())
	require.Eventually(t, func() bool { return a.ask(free, "x") == "x" }, soon, 5*time.Millisecond)
	require.Equal(t, 1, a.log.count("redis is away"))
}

func TestWrongPasswordIsAnAbsentRedis(t *testing.T) {
	t.Parallel()

	s := redistest.New(t, redistest.Password("right"))
	a := engine(t, s, func(c *redis.Config) { c.URL = strings.Replace(c.URL, "right", "wrong", 1) })
	require.Eventually(t, func() bool { return a.log.count("redis is away") == 1 }, soon, time.Millisecond)
	require.Nil(t, a.Recall(t.Context(), free).Value)
	require.Zero(t, a.log.count("wrong"))
}

// A caller that gives up is no failure of Redis.
func TestCallersWhoLeaveOpenNoBreaker(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a := engine(t, s, calm).connected()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		require.Nil(t, a.Recall(gone, free).Value)
	}
	require.Zero(t, a.counted("get", "skipped"))
	require.Empty(t, a.ask(free, "x"))
}

func TestTwoEnginesDrawFromOneBucket(t *testing.T) {
	t.Parallel()

	s := redistest.New(t)
	a, b := engine(t, s, calm).connected(), engine(t, s, calm).connected()
	granted := 0
	for range 100 {
		for _, e := range []*client{a, b} {
			ok, wait, err := e.Take(t.Context(), "n", 0.001, 40, 4) // fills too slowly to matter
			require.NoError(t, err)
			if ok {
				granted += 4
			} else {
				require.Positive(t, wait)
			}
		}
	}
	require.Equal(t, 40, granted)
	require.Equal(t, 190, a.counted("take", "refused")+b.counted("take", "refused"))
	ok, _, err := a.Take(t.Context(), "another", 0.001, 40, 4)
	require.NoError(t, err)
	require.True(t, ok)
}

func TestConfigurationErrors(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]redis.Config{
		"scheme":      {URL: "http://user:topsecret@h"},
		"garbage":     {URL: "redis://user:topsecret@h:x/0"},
		"no file":     {URL: "rediss://h:1/0", CAFile: "/nowhere"},
		"no PEM file": {URL: "rediss://h:1/0", CAFile: "redis_test.go"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := redis.Open(c)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "topsecret")
		})
	}
}
