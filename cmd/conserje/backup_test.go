package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/persistence/sqlite"
)

// ofScript are the guests of script, not those that the stand-in begins with.
var ofScript = regexp.MustCompile(`^ana\d+@`)

// liveBookings counts the bookings that stand outside, by guest.
func (r *run) liveBookings(t *testing.T) map[string]int {
	t.Helper()
	live := map[string]int{}
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		if b.Status == "booked" && ofScript.MatchString(b.Guest.Email) {
			live[b.Guest.Email]++
		}
	}
	return live
}

// moved returns the run of an engine on another data folder beside the same outside.
func (r *run) moved(t *testing.T) *run {
	t.Helper()
	other, engine := *r, *r.Engine
	engine.Dir, engine.T = t.TempDir(), t
	other.Engine, other.dir = &engine, engine.Dir
	return &other
}

// TestARestoreUnderLoad takes a backup while guests talk and book, lets the
// engine go on (so the outside is ahead of the backup), kills it, and starts
// another on what is restored: nobody is booked twice, and everybody of the
// backup is answered.
func TestARestoreUnderLoad(t *testing.T) {
	t.Parallel()
	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 4*time.Minute)
	ps := r.listen(ctx)
	r.switches(t, "PMS_BASE_URL", `{"slow_ms":300}`) // so that some wait for the hotel system at any instant

	loading, kill := context.WithCancel(ctx)
	var talking sync.WaitGroup
	const guests = 80 // script books for the first 40
	today := time.Now()
	for i := range guests {
		talking.Go(func() { _ = ps.Talk(loading, fmt.Sprintf("54911%08d", i), script(i, 40, today), nil) }) // ended by the kill
	}
	booked := func(n int) func() bool { return func() bool { return len(r.liveBookings(t)) >= n } }
	require.Eventually(t, booked(5), 2*time.Minute, 20*time.Millisecond)

	file := filepath.Join(t.TempDir(), "backup.db")
	got := r.try("backup", file)
	require.Zero(t, got.code, got.err)
	require.Contains(t, got.out, "read through and whole")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NotZero(t, r.try("backup", file).code, "it writes over nothing")
	ahead := len(r.liveBookings(t)) + 5
	require.Eventually(t, booked(ahead), 2*time.Minute, 20*time.Millisecond)
	r.killEngine()
	kill()
	talking.Wait()
	before := r.liveBookings(t)
	r.switches(t, "PMS_BASE_URL", `{"slow_ms":0}`)

	n := r.moved(t)
	require.NotZero(t, r.try("restore", file).code, "its folder is not empty")
	got = n.try("restore", file)
	require.Zero(t, got.code, got.err)
	n.startEngine()
	n.settled(ctx)
	for i := range guests {
		phone := fmt.Sprintf("54911%08d", i)
		heard := len(ps.Heard(phone))
		require.NoError(t, ps.Type(ctx, phone, "¿Hay wifi?"))
		_, err := ps.Next(ctx, phone, heard)
		require.NoError(t, err, "guest %d is not answered", i)
	}
	n.settled(ctx)

	after := n.liveBookings(t)
	for who, count := range after {
		assert.Equal(t, 1, count, "live bookings of %s", who)
	}
	for who := range before {
		assert.Equal(t, 1, after[who], "the booking of %s stands", who)
	}
	require.Empty(t, n.letters(t))
	n.stop()
	require.NoError(t, sqlite.Check(ctx, filepath.Join(n.Data(), "conserje.db")))
}

// TestBackupRestoreAndScrubByCommand needs no engine.
func TestBackupRestoreAndScrubByCommand(t *testing.T) {
	t.Parallel()
	r := newRun(t, build(t))
	r.startEngine()
	held := r.try("store", "scrub")
	require.Equal(t, 1, held.code)
	require.Contains(t, held.err, "is in use")
	r.stop()

	file := filepath.Join(t.TempDir(), "backup.db")
	got := r.try("backup", file)
	require.Zero(t, got.code, got.err)
	again := r.try("backup", file)
	require.Equal(t, 1, again.code)
	require.Contains(t, again.err, "name a new file")
	nowhere := r.try("backup", filepath.Join(t.TempDir(), "no", "folder", "file"))
	require.Contains(t, nowhere.err, "that this user may write")

	n := r.moved(t)
	none := n.try("backup", file+"2")
	require.Contains(t, none.err, "holds no store")
	require.NoFileExists(t, file+"2")
	require.NoFileExists(t, file+"2.partial")
	require.Contains(t, n.try("store", "scrub").err, "holds no store")
	require.Contains(t, n.try("restore", n.dir).err, "nothing was restored")
	got = n.try("restore", file)
	require.Zero(t, got.code, got.err)
	require.Contains(t, n.try("restore", file).err, "is not empty")
	got = n.try("store", "scrub")
	require.Zero(t, got.code, got.err)
	require.Contains(t, got.out, "is scrubbed")
	for _, command := range [][]string{{"backup", file + "3"}, {"restore", file}} {
		shared := try(t, n.binary, "", []string{"DATA_DIR=" + n.dir + "/data", "POSTGRES_URL=postgresql://localhost/x"}, command...)
		require.Equal(t, 2, shared.code, shared.err)
		require.Contains(t, shared.err, "is for the embedded store")
	}
}
