package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/redistest"
)

// Redis is killed, wiped, and hangs for 2 s, again and again. It is never the
// truth: what guests hear is as in a calm run without one.
func TestRedisFails(t *testing.T) {
	t.Parallel()

	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	want := calmly(t)
	server := redistest.New(t)
	w := newWorld(ctx, t)
	w.Env["REDIS_URL"] = server.URL()
	w.Start()
	c := gather(ctx, t, w.phones, 300, 20_000)
	for i := range times(t, 3, 30) {
		random.instant(ctx, t, 100*time.Millisecond, time.Second)
		switch i % 3 {
		case 0:
			server.Kill()
			random.instant(ctx, t, 0, span(time.Second, 5*time.Second))
			require.NoError(t, server.Start())
		case 1:
			server.Flush(t)
		case 2:
			server.Pause()
			random.instant(ctx, t, 2*time.Second, 2*time.Second+time.Millisecond)
			server.Resume()
		}
	}
	require.Eventually(t, func() bool {
		return w.metric(`conserje_redis_operations_total\{operation="set",result="ok"\}`) > 0
	}, time.Minute, 20*time.Millisecond, "Redis is used")
	w.verdict(ctx, c)
	w.asInCalm(c.guests, want)
}
