package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// run is one engine process beside one process of stand-ins.
type run struct {
	t        *testing.T
	binary   string
	dir      string
	secret   string // of the app; empty = unsigned webhooks
	env      map[string]string
	webhook  string
	admin    string
	engine   *exec.Cmd
	standins *exec.Cmd
}

func newRun(t *testing.T, binary string) *run { return newRunSigned(t, binary, "kill-test") }

// newRunSigned is newRun with an app secret; an empty one is set, but empty.
func newRunSigned(t *testing.T, binary, secret string) *run {
	r := &run{t: t, binary: binary, secret: secret, dir: t.TempDir(), webhook: freeAddr(t), admin: freeAddr(t)}
	cmd := exec.CommandContext(t.Context(), binary, "standins", "--webhook", "http://"+r.webhook+"/api/webhooks/whatsapp",
		"--retry-most", "500ms")
	cmd.Env = append(os.Environ(), "WHATSAPP_APP_SECRET="+secret)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	r.standins = cmd
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &r.env))
	return r
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	return ln.Addr().String()
}

// startEngine starts the engine and waits until it is ready; settings come over the harness's own.
func (r *run) startEngine(settings ...string) {
	hotel, err := filepath.Abs("../../config/demo/posada-del-cerro.yaml")
	require.NoError(r.t, err)
	log, err := os.OpenFile(filepath.Join(r.dir, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(r.t, err)
	cmd := exec.CommandContext(r.t.Context(), r.binary, "serve")
	cmd.Dir = r.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "WHATSAPP_APP_SECRET=" + r.secret, "HTTP_ADDR=" + r.webhook,
		"ADMIN_ADDR=" + r.admin, "DATA_DIR=" + filepath.Join(r.dir, "data"), "HOTEL_CONFIG=" + hotel,
		"IN_DOUBT_WAIT=4s", "CREATE_SETTLES=2s", "WHATSAPP_MESSAGES_PER_SECOND=1000", "PMS_RATE=0", "GMAIL_PER_MINUTE=-1"}
	for k, v := range r.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(r.t, cmd.Start())
	require.NoError(r.t, log.Close())
	r.engine = cmd
	r.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(r.t, func() bool {
		res, err := http.Get("http://" + r.webhook + "/health/ready")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, 30*time.Second, 5*time.Millisecond, "engine not ready: %s", r.log())
}

func (r *run) killEngine() {
	require.NoError(r.t, r.engine.Process.Kill()) // SIGKILL
	_ = r.engine.Wait()
}

func (r *run) log() string {
	b, _ := os.ReadFile(filepath.Join(r.dir, "engine.log"))
	return string(b[max(0, len(b)-4000):])
}

// settled waits until no row waits any more, as the engine's admin API counts them.
func (r *run) settled(ctx context.Context) {
	type backlog struct {
		Unconsumed   int       `json:"unconsumed"`
		Sending      int       `json:"sending"`
		OldestInbox  time.Time `json:"oldest_inbox"`
		OldestOutbox time.Time `json:"oldest_outbox"`
	}
	require.Eventually(r.t, func() bool {
		var access struct{ Token string }
		file, err := os.ReadFile(filepath.Join(r.dir, "data", "admin.json"))
		if err != nil || json.Unmarshal(file, &access) != nil {
			return false
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.admin+"/admin/api/backlog", nil)
		if err != nil {
			return false
		}
		req.Header.Set("Authorization", "Bearer "+access.Token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer func() { _ = res.Body.Close() }()
		left := backlog{Unconsumed: 1}
		err = json.NewDecoder(res.Body).Decode(&left)
		return err == nil && left.Unconsumed == 0 && left.Sending == 0 && left.OldestInbox.IsZero() && left.OldestOutbox.IsZero()
	}, 2*time.Minute, 50*time.Millisecond, "rows left: %s", r.log())
}

func fetch(ctx context.Context, url string) ([]byte, error) {
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

func get[T any](t *testing.T, url string) (v T) {
	t.Helper()
	body, err := fetch(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &v), "%s", body)
	return v
}

func (r *run) command(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.t.Context(), r.binary, args...)
	cmd.Dir, cmd.Env = r.dir, []string{"HOME=" + r.dir, "DATA_DIR=" + filepath.Join(r.dir, "data")}
	return cmd.Output()
}

// phones are all guests' phones, on one stream of events.
type phones struct {
	sim   string // the stand-in's control endpoints
	mu    sync.Mutex
	cond  *sync.Cond
	said  map[string][]whatsapptest.Message // by the hotel
	known map[string]bool                   // message ids of it
}

// listen hears what the hotel says to every guest. The stand-in cuts off who
// reads its stream too slowly, as it does with the page; then, and at the
// start, the threads are read whole.
func (r *run) listen(ctx context.Context) *phones {
	return listen(ctx, r.t, r.env["WHATSAPP_API_URL"]+"/sim")
}

func listen(ctx context.Context, t *testing.T, sim string) *phones {
	t.Helper()
	p := &phones{sim: sim, said: map[string][]whatsapptest.Message{}, known: map[string]bool{}}
	p.cond = sync.NewCond(&p.mu)
	stream, err := p.stream(ctx)
	require.NoError(t, err)
	context.AfterFunc(ctx, p.cond.Broadcast)
	go func() {
		for err == nil && ctx.Err() == nil {
			p.follow(stream)
			if stream, err = p.stream(ctx); err == nil {
				err = p.catchUp(ctx)
			}
		}
	}()
	return p
}

func (p *phones) stream(ctx context.Context) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.sim+"/events", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// follow hears events until the stream ends.
func (p *phones) follow(stream io.ReadCloser) {
	defer func() { _ = stream.Close() }()
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		var e whatsapptest.Event
		if ok && json.Unmarshal([]byte(data), &e) == nil && e.Type == "message" {
			p.hear(*e.Message)
		}
	}
}

// catchUp reads every guest's thread.
func (p *phones) catchUp(ctx context.Context) error {
	body, err := fetch(ctx, p.sim+"/guests")
	var guests []whatsapptest.Guest
	if err = errors.Join(err, json.Unmarshal(body, &guests)); err != nil {
		return err
	}
	for _, g := range guests {
		body, err := fetch(ctx, p.sim+"/guests/"+g.Phone+"/messages")
		var thread []whatsapptest.Message
		if err = errors.Join(err, json.Unmarshal(body, &thread)); err != nil {
			return err
		}
		for _, m := range thread {
			p.hear(m)
		}
	}
	return nil
}

// hear keeps a message of the hotel, once.
func (p *phones) hear(m whatsapptest.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.From != whatsapptest.FromHotel || p.known[m.ID] {
		return
	}
	p.known[m.ID] = true
	p.said[m.Guest] = append(p.said[m.Guest], m)
	p.cond.Broadcast()
}

// talk plays one guest: a line is typed when the one before was answered.
func (p *phones) talk(ctx context.Context, t *testing.T, phone string, lines []string) {
	err := p.post(ctx, "/sim/guests", whatsapptest.Guest{Phone: phone, Name: "Ana"})
	for i, line := range lines {
		if err == nil {
			err = p.post(ctx, "/sim/guests/"+phone+"/messages", whatsapptest.Typed{Type: "text", Text: line})
		}
		if err != nil {
			assert.Fail(t, "guest cut off", "%s: %v", phone, err)
			return
		}
		p.mu.Lock()
		for len(p.said[phone]) <= i && ctx.Err() == nil {
			p.cond.Wait()
		}
		p.mu.Unlock()
	}
}

func (p *phones) post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.sim+strings.TrimPrefix(path, "/sim"), bytes.NewReader(b))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return nil
}

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conserje-bin")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "conserje")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// build builds the command once for all tests.
func build(t *testing.T) string {
	t.Helper()
	path, err := buildOnce()
	require.NoError(t, err)
	return path
}
