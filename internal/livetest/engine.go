package livetest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Engine is an engine process on a data folder, to be started and killed as often as one likes.
type Engine struct {
	T       *testing.T
	Binary  string
	Dir     string // its working folder; the data folder is Dir/data
	Hotel   string // the hotel's YAML
	Secret  string // of the app; empty = unsigned webhooks
	Webhook string // address of the public listener
	Admin   string // address of the admin listener
	Env     map[string]string
	Cmd     *exec.Cmd // of the last start
}

// Data is the engine's data folder.
func (e *Engine) Data() string { return filepath.Join(e.Dir, "data") }

// Start starts the engine and waits until it is ready; settings come over the harness's own.
func (e *Engine) Start(settings ...string) {
	e.T.Helper()
	e.Launch(settings...)
	deadline := time.Now().Add(time.Minute)
	for !e.Ready() {
		require.True(e.T, time.Now().Before(deadline), "engine not ready: %s", e.Log())
		time.Sleep(5 * time.Millisecond)
	}
}

// Launch is Start without the wait.
func (e *Engine) Launch(settings ...string) {
	e.T.Helper()
	log, err := os.OpenFile(filepath.Join(e.Dir, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(e.T, err)
	cmd := exec.CommandContext(e.T.Context(), e.Binary, "serve")
	cmd.Dir, cmd.SysProcAttr = e.Dir, mortal()
	cmd.Env = []string{"HOME=" + e.Dir, "WHATSAPP_APP_SECRET=" + e.Secret, "HTTP_ADDR=" + e.Webhook,
		"ADMIN_ADDR=" + e.Admin, "DATA_DIR=" + e.Data(), "HOTEL_CONFIG=" + e.Hotel, clockFile + "=" + e.clockPath(),
		"IN_DOUBT_WAIT=4s", "CREATE_SETTLES=2s", "WHATSAPP_MESSAGES_PER_SECOND=1000", "PMS_RATE=0", "GMAIL_PER_MINUTE=-1",
		"CAREFUL_AFTER=0"} // tests kill on purpose: whose turn is in hand then has done nothing
	for k, v := range e.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(e.T, cmd.Start())
	require.NoError(e.T, log.Close())
	e.Cmd = cmd
	e.T.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// Ready tells whether the engine takes webhooks.
func (e *Engine) Ready() bool {
	res, err := http.Get("http://" + e.Webhook + "/health/ready") //nolint:noctx // loopback, and the engine answers or is gone
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Kill ends the engine by SIGKILL.
func (e *Engine) Kill() {
	e.T.Helper()
	require.NoError(e.T, e.Cmd.Process.Kill())
	_ = e.Cmd.Wait()
}

// Log is the end of what the engine has logged.
func (e *Engine) Log() string {
	b, _ := os.ReadFile(filepath.Join(e.Dir, "engine.log"))
	return string(b[max(0, len(b)-4000):])
}

// Backlog is what the admin API says waits.
type Backlog struct {
	Unconsumed   int       `json:"unconsumed"`
	Sending      int       `json:"sending"`
	OldestInbox  time.Time `json:"oldest_inbox"`
	OldestOutbox time.Time `json:"oldest_outbox"`
}

// Backlog asks the admin API what waits.
func (e *Engine) Backlog(ctx context.Context) (b Backlog, err error) {
	var access struct{ Token string }
	file, err := os.ReadFile(filepath.Join(e.Data(), "admin.json"))
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(file, &access); err != nil {
		return b, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.Admin+"/admin/api/backlog", nil)
	if err != nil {
		return b, err
	}
	req.Header.Set("Authorization", "Bearer "+access.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return b, err
	}
	defer func() { _ = res.Body.Close() }()
	b.Unconsumed = 1 // unless the answer says otherwise
	return b, json.NewDecoder(res.Body).Decode(&b)
}

// Settled waits until no row waits any more.
func (e *Engine) Settled(ctx context.Context) {
	e.T.Helper()
	left, err := e.Settles(ctx, 2*time.Minute)
	require.NoError(e.T, err, "rows left: %+v: %s", left, e.Log())
}

// Settles waits until no row waits any more, at most so long; its error comes with what waits still.
func (e *Engine) Settles(ctx context.Context, most time.Duration) (left Backlog, err error) {
	c, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		b, err := e.Backlog(c)
		if err == nil {
			left = b
		}
		if err == nil && b.Unconsumed == 0 && b.Sending == 0 && b.OldestInbox.IsZero() && b.OldestOutbox.IsZero() {
			tick.Stop()
			return left, nil
		}
		select {
		case <-tick.C:
		case <-c.Done():
			tick.Stop()
			return left, errors.Join(c.Err(), err)
		}
	}
}

// Command runs a command of the binary on the engine's folder.
func (e *Engine) Command(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(e.T.Context(), e.Binary, args...)
	cmd.Dir, cmd.Env = e.Dir, []string{"HOME=" + e.Dir, "DATA_DIR=" + e.Data()}
	return cmd.Output()
}

// Fetch reads a page.
func Fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

// Get reads a page of JSON.
func Get[T any](t *testing.T, url string) (v T) {
	t.Helper()
	body, err := Fetch(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &v), "%s", body)
	return v
}
