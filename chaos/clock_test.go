package chaos_test

import (
	"testing"
	"time"

	"github.com/conserje/conserje/internal/livetest"
)

// The engine's wall clock jumps an hour ahead and back while the crowd talks;
// each other time over a SIGKILL, so that what waits was written at another hour. What guests
// hear is not compared: to whom an hour has passed, the dialogue says its
// question in full again.
func TestClockJumps(t *testing.T) {
	t.Parallel()

	if !long() {
		t.Skip("NOT TRIED: an engine whose clock can be set takes the whole standard library to be built anew; make chaos does. " +
			"The short form is the suite's RowsFromTheFutureAreOld.")
	}
	ctx := within(t, 15*time.Minute)
	random := seeded(t)
	w := newWorld(ctx, t)
	w.Binary = livetest.BuildWithClock(t)
	w.SetClock(0)
	w.Start()
	c := gather(ctx, t, w.phones, 300, 20_000)
	for i := range times(t, 4, 30) {
		random.instant(ctx, t, 100*time.Millisecond, 1500*time.Millisecond)
		to := []time.Duration{time.Hour, -time.Hour, 0}[random.n(3)]
		if i < 2 {
			to = []time.Duration{time.Hour, -time.Hour}[i]
		}
		if i%2 == 0 {
			w.SetClock(to)
			continue
		}
		w.Kill()
		w.SetClock(to)
		w.Start()
	}
	w.verdict(ctx, c)
}
