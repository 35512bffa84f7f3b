package chaos_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/internal/livetest"
)

// ballast is the file that fills a small disk.
const ballast = "ballast"

// smallDisk puts the data folder on a tmpfs of its own, which ends with the test.
func (w *world) smallDisk(bytes int64) {
	w.t.Helper()
	w.Env["DISK_MIN_FREE"] = "0" // the full disk itself is tried, not the engine's care for it
	require.NoError(w.t, os.MkdirAll(w.Data(), 0o700))
	err := unix.Mount("tmpfs", w.Data(), "tmpfs", 0, "mode=0700,size="+strconv.FormatInt(bytes, 10))
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		w.t.Skip("NOT TRIED: a full disk needs root, to mount a small tmpfs. Run this test as root.")
	}
	require.NoError(w.t, err)
	w.t.Cleanup(func() {
		if w.Cmd != nil {
			_ = w.Cmd.Process.Kill()
			_ = w.Cmd.Wait()
		}
		require.NoError(w.t, unix.Unmount(w.Data(), unix.MNT_DETACH))
	})
}

// fill leaves no byte free on a folder's disk.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, ballast), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			require.ErrorIs(t, err, unix.ENOSPC)
			size /= 2
		}
	}
}

func (w *world) empty() {
	w.t.Helper()
	require.NoError(w.t, os.Remove(filepath.Join(w.Data(), ballast)))
}

// metric is the sum of the engine's samples that match; -1 when it does not answer.
func (w *world) metric(pattern string) float64 {
	body, err := livetest.Fetch(w.t.Context(), "http://"+w.Webhook+"/metrics")
	if err != nil {
		return -1
	}
	sum := 0.0
	for _, m := range regexp.MustCompile(`(?m)^`+pattern+` (\S+)$`).FindAllSubmatch(body, -1) {
		v, err := strconv.ParseFloat(string(m[len(m)-1]), 64)
		require.NoError(w.t, err)
		sum += v
	}
	return sum
}

const refused = `conserje_webhooks_total\{[^}]*"503"[^}]*\}`

// The disk of the data folder is full, for real (ENOSPC of a small tmpfs),
// again and again while the crowd talks.
func TestDiskFull(t *testing.T) {
	t.Parallel()

	ctx := within(t, 10*time.Minute)
	random := seeded(t)
	want := calmly(t)
	w := newWorld(ctx, t)
	w.smallDisk(256 << 20)
	w.Start("DISK_MIN_FREE=0") // else it refuses before a write fails, and that is what is tried here
	c := gather(ctx, t, w.phones, 300, 20_000)
	for range times(t, 2, 20) {
		random.instant(ctx, t, 100*time.Millisecond, time.Second)
		before := w.metric(refused)
		fill(t, w.Data())
		w.refuses(ctx, c, before)
		random.instant(ctx, t, 0, span(500*time.Millisecond, 3*time.Second))
		require.NoError(t, w.Cmd.Process.Signal(unix.Signal(0)), "the engine lives")
		w.empty()
	}
	t.Logf("%.0f webhooks were refused by 503", w.metric(refused))
	w.verdict(ctx, c)
	w.asInCalm(c.guests, want)
}
