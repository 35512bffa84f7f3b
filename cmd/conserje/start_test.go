package main_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/persistence/sqlite"
)

// ended is what a command line left when it was over.
type ended struct {
	code     int
	out, err string
}

// try runs the binary to its end, in a folder of its own, with nothing in its
// environment but what is given.
func try(t *testing.T, binary, in string, env []string, args ...string) ended {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(within(t, 20*time.Second), binary, args...)
	cmd.Dir, cmd.Env = dir, append([]string{"HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"),
		"HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0"}, env...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
	err := cmd.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended{e.ExitCode(), out.String(), errs.String()}
	}
	require.NoError(t, err)
	return ended{0, out.String(), errs.String()}
}

// In production everything that is wrong is said at once, each with its variable.
func TestProductionRefusesWhatIsUnsafe(t *testing.T) {
	t.Parallel()

	got := try(t, build(t), "", []string{"ENVIRONMENT=production", "DEBUG=true", "PMS_TYPE=mock", "ADMIN_ADDR=0.0.0.0:0"}, "serve")
	require.Equal(t, 3, got.code)
	for _, variable := range []string{"WHATSAPP_APP_SECRET", "DEBUG", "PMS_TYPE", "ADMIN_PASSWORD"} {
		require.Regexp(t, `(?m)^`+variable+`: .+; .+`, got.err)
	}
}

func TestATakenPortIsNamed(t *testing.T) {
	t.Parallel()

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	for _, variable := range []string{"HTTP_ADDR", "ADMIN_ADDR"} {
		got := try(t, build(t), "", []string{variable + "=" + ln.Addr().String()}, "serve")
		require.Equal(t, 1, got.code)
		require.Contains(t, got.err, "conserje: "+variable+"="+ln.Addr().String()+" cannot be listened on (choose a free address)")
	}
}

func TestAFolderThatCannotHoldTheStore(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, args := range [][]string{{"serve"}, {"migrate", "up"}, {"deadletters", "list"}} {
		got := try(t, build(t), "", []string{"DATA_DIR=" + filepath.Join(file, "data")}, args...)
		require.Equal(t, 1, got.code, args)
		require.Contains(t, got.err, "DATA_DIR="+filepath.Join(file, "data")+" cannot hold the store (name a folder that this user may write)", args)
	}
}

func TestASecondEngineLeavesSayingSo(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	data := filepath.Join(r.dir, "data")
	for _, args := range [][]string{{"serve"}, {"migrate", "up"}, {"migrate", "down", "0", "--yes"}} {
		got := try(t, r.binary, "", []string{"DATA_DIR=" + data}, args...)
		require.Equal(t, 1, got.code, args)
		require.Contains(t, got.err, "DATA_DIR="+data+" is in use", args)
		require.Contains(t, got.err, "another engine holds the data folder "+data+": stop it", args)
	}
	status, _ := r.get(t.Context(), "/health/ready")
	require.Equal(t, http.StatusOK, status, "the first one goes on")
	require.FileExists(t, filepath.Join(data, "admin.json"))
}

// SIGTERM: readiness says so, webhooks are sent away, the send in hand is
// finished, and the next start has nothing left to say.
func TestDrain(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557001", "Ana")
	r.switches(t, "WHATSAPP_API_URL", `{"slow_ms":3000}`)
	require.NoError(t, ps.post(ctx, "/sim/guests/"+g.phone+"/messages", map[string]string{"type": "text", "text": "Hola"}))
	r.metric(t, `conserje_turns_total\{result="committed"\} 1`)

	require.NoError(t, r.engine.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		status, body := r.get(ctx, "/health/ready")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"draining"`)
	}, 20*time.Second, time.Millisecond, "readiness tells of the drain")
	require.Empty(t, g.heard(), "the send is in hand")
	require.Equal(t, http.StatusServiceUnavailable, r.post(ctx, "{}", r.signed("{}")))
	require.NoError(t, r.engine.Wait(), "exit 0: %s", r.log())
	require.Len(t, g.heard(), 1, "what was in hand has left")
	require.NoFileExists(t, filepath.Join(r.dir, "data", "admin.json"))

	r.switches(t, "WHATSAPP_API_URL", `{"slow_ms":0}`)
	r.startEngine()
	r.settled(ctx)
	g.say("¿Hay wifi?")
	require.Len(t, g.heard(), 2, "nothing is said twice")
}

// What a hanging outside keeps in hand does not make a drain fail.
func TestADrainEndsInTime(t *testing.T) {
	t.Parallel()

	r, _ := hanging(t, "DRAIN_TIMEOUT=1s")
	require.NoError(t, r.engine.Process.Signal(syscall.SIGTERM))
	require.NoError(t, r.engine.Wait(), "exit 0: %s", r.log())
	require.Contains(t, r.log(), "taken up at the next start")
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()

	r, ctx := hanging(t, "DRAIN_TIMEOUT=10m")
	require.NoError(t, r.engine.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		status, _ := r.get(ctx, "/health/ready")
		return status == http.StatusServiceUnavailable
	}, 20*time.Second, time.Millisecond)
	require.NoError(t, r.engine.Process.Signal(syscall.SIGINT))
	err, ok := errors.AsType[*exec.ExitError](r.engine.Wait())
	require.True(t, ok)
	require.Equal(t, 130, err.ExitCode())
}

// hanging is an engine with a send in hand that WhatsApp never answers.
func hanging(t *testing.T, settings ...string) (*run, context.Context) {
	t.Helper()
	r := newRun(t, build(t))
	r.startEngine(append(settings, "WHATSAPP_TIMEOUT=10m")...)
	ctx := within(t, time.Minute)
	r.switches(t, "WHATSAPP_API_URL", `{"hang":true}`)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557002", "Ana")
	require.NoError(t, ps.post(ctx, "/sim/guests/"+g.phone+"/messages", map[string]string{"type": "text", "text": "Hola"}))
	r.metric(t, `conserje_turns_total\{result="committed"\} 1`)
	return r, ctx
}

func TestMigrate(t *testing.T) {
	t.Parallel()

	dir := filepath.Join(t.TempDir(), "data")
	migrate := func(in string, args ...string) ended {
		return try(t, build(t), in, []string{"DATA_DIR=" + dir}, append([]string{"migrate"}, args...)...)
	}
	require.Regexp(t, `(?m)^1 +rows +no$`, migrate("", "status").out)
	require.NoDirExists(t, dir, "asking makes nothing")
	known, err := sqlite.Migrations(t.Context(), dir)
	require.NoError(t, err)
	newest := strconv.FormatInt(known[len(known)-1].Version, 10)
	require.Equal(t, ended{0, "The database in " + dir + " went from version 0 to " + newest + ".\n", ""}, migrate("", "up"))
	require.Equal(t, ended{0, "The database in " + dir + " is at version " + newest + " already.\n", ""}, migrate("", "up"))
	require.Regexp(t, `(?m)^1 +rows +\d{4}-\d\d-\d\d `, migrate("", "status").out)
	require.Contains(t, migrate("", "status", "--json").out, `[{"version":1,"name":"rows","applied":"`)

	require.Equal(t, 2, migrate("", "down").code)
	require.Equal(t, 2, migrate("", "down", "one").code)
	require.Contains(t, migrate("", "down", newest, "--yes").err, "is at version "+newest+": there is nothing to go back from")
	for _, answer := range []string{"", "no\n", "y\n"} {
		got := migrate(answer, "down", "0")
		require.Equal(t, 1, got.code)
		require.Contains(t, got.err, "DELETES what newer versions hold in "+dir)
		require.Contains(t, got.err, "conserje: nothing was changed")
	}
	require.Contains(t, migrate("yes\n", "down", "0").out, "went from version "+newest+" to 0")
	require.Regexp(t, `(?m)^1 +rows +no$`, migrate("", "status").out)
}
