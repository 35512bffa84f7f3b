package main_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/livetest"
)

// run is one engine process beside one process of stand-ins.
type run struct {
	*livetest.Engine
	t        *testing.T
	binary   string
	dir      string
	secret   string // of the app; empty = unsigned webhooks
	env      map[string]string
	webhook  string
	admin    string
	engine   *exec.Cmd
	standins *livetest.Standins
}

func newRun(t *testing.T, binary string) *run { return newRunSigned(t, binary, "kill-test") }

// newRunSigned is newRun with an app secret; an empty one is set, but empty.
func newRunSigned(t *testing.T, binary, secret string) *run {
	hotel, err := filepath.Abs("../../config/demo/posada-del-cerro.yaml")
	require.NoError(t, err)
	r := &run{t: t, binary: binary, secret: secret, dir: t.TempDir(), webhook: livetest.FreeAddr(t), admin: livetest.FreeAddr(t)}
	r.standins = livetest.StartStandins(t, binary, r.webhook, secret)
	r.env = r.standins.Env
	r.Engine = &livetest.Engine{T: t, Binary: binary, Dir: r.dir, Hotel: hotel, Secret: secret, Webhook: r.webhook, Admin: r.admin, Env: r.env}
	return r
}

// startEngine starts the engine and waits until it is ready; settings come over the harness's own.
func (r *run) startEngine(settings ...string) {
	r.t.Helper()
	r.Start(settings...)
	r.engine = r.Cmd
}

func (r *run) killEngine() { r.Kill() }

func (r *run) log() string { return r.Log() }

// settled waits until no row waits any more, as the engine's admin API counts them.
func (r *run) settled(ctx context.Context) { r.Settled(ctx) }

func (r *run) command(args ...string) ([]byte, error) { return r.Command(args...) }

func fetch(ctx context.Context, url string) ([]byte, error) { return livetest.Fetch(ctx, url) }

func get[T any](t *testing.T, url string) T {
	t.Helper()
	return livetest.Get[T](t, url)
}

// phones are all guests' phones, on one stream of events.
type phones struct{ *livetest.Phones }

// listen hears what the hotel says to every guest.
func (r *run) listen(ctx context.Context) *phones {
	return listen(ctx, r.t, r.env["WHATSAPP_API_URL"]+"/sim")
}

func listen(ctx context.Context, t *testing.T, sim string) *phones {
	t.Helper()
	return &phones{livetest.Listen(ctx, t, sim)}
}

// talk plays one guest: a line is typed when the one before was answered.
func (p *phones) talk(ctx context.Context, t *testing.T, phone string, lines []string) {
	assert.NoError(t, p.Talk(ctx, phone, lines, nil))
}

func (p *phones) post(ctx context.Context, path string, body any) error {
	return p.Post(ctx, path, body)
}

// build builds the command once for all tests.
func build(t *testing.T) string {
	t.Helper()
	return livetest.Build(t)
}
