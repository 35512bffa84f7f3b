package main_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/alert/alerttest"
)

// answerOf reads a whole answer.
func answerOf(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	require.NoError(t, err)
	return res.StatusCode, b.String()
}

func post(t *testing.T, url, body string) *http.Response {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res
}

// The real engine's status: nobody is needed, then a person is, then nobody
// can tell; and what is wrong reaches the operator's webhook.
func TestStatusOfARealEngine(t *testing.T) {
	t.Parallel()
	people := alerttest.New()
	t.Cleanup(people.Close)
	r := newRunSigned(t, build(t), "")
	data := filepath.Join(r.dir, "data")
	status := func(args ...string) ended {
		return try(t, r.binary, "", []string{"DATA_DIR=" + data}, append([]string{"status"}, args...)...)
	}
	r.startEngine("ALERT_WEBHOOK_URL=" + people.URL())

	got := status()
	require.Equal(t, 0, got.code, got.err+got.out)
	require.Regexp(t, `(?m)^open hand-overs +0, oldest -$`, got.out)
	require.Regexp(t, `(?m)^whatsapp \S+ +not refused, breaker closed$`, got.out)
	require.Regexp(t, `(?m)^disk +\d+ MB free, least 200 MB$`, got.out)
	require.Contains(t, got.out, "Nobody is needed.")

	require.Equal(t, 200, post(t, "http://"+r.webhook+"/api/webhooks/whatsapp", "garbage").StatusCode)
	got = status("--json")
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "a person is needed")
	var s struct {
		Running bool
		Needs   []struct{ Cause, Fix string }
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &s))
	require.True(t, s.Running)
	require.Len(t, s.Needs, 1)
	require.Equal(t, "dead_letters", s.Needs[0].Cause)
	require.Regexp(t, `(?m)^NEEDED 1 open dead letters.*\n +Run .conserje deadletters list`, status().out)
	require.Eventually(t, func() bool { return len(people.Posts()) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "Conserje: New dead letters: 1 of webhook, undecodable. Run `conserje deadletters list`, then replay or drop each.",
		people.Posts()[0].Text)

	r.killEngine()
	got = status()
	require.Equal(t, 1, got.code, "a dead engine is itself a need")
	require.Contains(t, got.out, "NEEDED No engine runs on this data folder.")
	require.Contains(t, got.out, "does not run")
	require.Contains(t, got.out, "NEEDED 1 open dead letters")

	r.startEngine("ALERT_WEBHOOK_URL=" + people.URL())
	require.Eventually(t, func() bool { return len(people.Posts()) == 2 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "unclean_start", people.Posts()[1].Cause, "and the known letter is no news")
}

// With too little disk the engine is not ready and refuses webhooks, says so to
// the operator, and leaves nothing half written.
func TestLittleDiskOfARealEngine(t *testing.T) {
	t.Parallel()
	people := alerttest.New()
	t.Cleanup(people.Close)
	r := newRunSigned(t, build(t), "")
	r.Launch("ALERT_WEBHOOK_URL="+people.URL(), "DISK_MIN_FREE=900000TB")
	require.Eventually(t, func() bool { _, err := r.Backlog(t.Context()); return err == nil }, 30*time.Second, 10*time.Millisecond)

	code, body := answerOf(t, "http://"+r.webhook+"/health/ready")
	require.Equal(t, 503, code)
	require.Contains(t, body, `"disk":"unavailable"`)
	res := post(t, "http://"+r.webhook+"/api/webhooks/whatsapp", "garbage")
	require.Equal(t, 503, res.StatusCode)
	require.Equal(t, "5", res.Header.Get("Retry-After"))
	require.Eventually(t, func() bool { return len(people.Posts()) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "disk_low", people.Posts()[0].Cause)
	got := try(t, r.binary, "", []string{"DATA_DIR=" + filepath.Join(r.dir, "data")}, "status")
	require.Equal(t, 1, got.code)
	require.Contains(t, got.out, "no new messages are taken")
	require.Regexp(t, `(?m)^dead letters +0 open$`, got.out)
}

// What is kept is for its owner only, whatever the umask.
func TestDataFilesAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	r := newRunSigned(t, build(t), "")
	r.startEngine()
	post(t, "http://"+r.webhook+"/api/webhooks/whatsapp", "garbage")
	files := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(r.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		require.Equal(t, want, info.Mode().Perm(), path)
		return nil
	}))
	require.GreaterOrEqual(t, files, 4, "database, journal, lock, token")
}
