package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// drainTimeout is the engine's own; with it a drain must end, plus what the listeners get.
const drainTimeout = 20 * time.Second

// SIGTERM while the crowd talks: exit code 0, within the drain's time, and no
// claim is left whose request has not left: with a well outside none at all.
func TestTermUnderLoad(t *testing.T) {
	t.Parallel()

	ctx := within(t, 10*time.Minute)
	random := seeded(t)
	want := calmly(t)
	w := newWorld(ctx, t)
	settings := []string{"DRAIN_TIMEOUT=" + drainTimeout.String()}
	w.Start(settings...)
	c := gather(ctx, t, w.phones, 300, 20_000)
	longest := time.Duration(0)
	for range times(t, 2, 20) {
		random.instant(ctx, t, 200*time.Millisecond, 1500*time.Millisecond)
		begun := time.Now()
		require.NoError(t, w.Cmd.Process.Signal(unix.SIGTERM))
		require.NoError(t, w.Cmd.Wait(), "exit 0: %s", w.Log())
		longest = max(longest, time.Since(begun))
		require.NotContains(t, w.Log(), "ran out of time")
		require.Zero(t, w.count(`SELECT count(*) FROM outbox WHERE state = 1`), "claims left behind")
		w.Start(settings...)
	}
	t.Logf("the longest drain took %v", longest.Round(time.Millisecond))
	w.verdict(ctx, c)
	w.asInCalm(c.guests, want)
}
