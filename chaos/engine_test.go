package chaos_test

import (
	"testing"
	"time"
)

// The engine is killed by SIGKILL at random instants while the crowd talks.
// What each guest hears equals a calm run, every promise holds.
func TestEngineKilled(t *testing.T) {
	t.Parallel()

	ctx := within(t, 20*time.Minute)
	random := seeded(t)
	want := calmly(t)
	w := newWorld(ctx, t)
	w.Start()
	c := gather(ctx, t, w.phones, 300, 20_000)
	for range times(t, 3, 50) {
		random.instant(ctx, t, 100*time.Millisecond, span(1300*time.Millisecond, 3*time.Second))
		w.Kill()
		w.Start()
	}
	w.verdict(ctx, c)
	w.asInCalm(c.guests, want)
}
