package demo_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// binary builds the real program once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "conserje")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/conserje").CombinedOutput()
	if err != nil {
		return "", &buildError{string(out), err}
	}
	return path, nil
})

type buildError struct {
	output string
	err    error
}

func (e *buildError) Error() string { return e.err.Error() + "\n" + e.output }

// engine is `conserje demo` as a child, with ports of its own.
type engine struct {
	t    *testing.T
	dir  string
	page string // URL of the page
	cmd  *exec.Cmd
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{t: t, dir: t.TempDir()}
	e.start()
	t.Cleanup(e.stop)
	return e
}

// start starts it, at the page's address of before when there was one.
func (e *engine) start() {
	e.t.Helper()
	path, err := binary()
	require.NoError(e.t, err)
	addr := "127.0.0.1:0"
	if e.page != "" {
		addr = strings.Trim(strings.TrimPrefix(e.page, "http://"), "/")
	}
	e.cmd = exec.Command(path, "demo", "--page-addr", addr, "--set", "HTTP_ADDR=127.0.0.1:0", "--set", "ADMIN_ADDR=127.0.0.1:0")
	e.cmd.Dir = e.dir
	e.cmd.Env = append(os.Environ(), "DATA_DIR="+filepath.Join(e.dir, "data"), "LOG_LEVEL=warn")
	e.cmd.Stderr = os.Stderr
	out, err := e.cmd.StdoutPipe()
	require.NoError(e.t, err)
	require.NoError(e.t, e.cmd.Start())
	running := regexp.MustCompile(`running:\s+(http://\S+/)`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			e.page = m[1]
			return // the rest fits the pipe
		}
	}
	require.NoError(e.t, e.cmd.Wait())
	require.FailNow(e.t, "the demo ended without naming its page")
}

// stop ends it as Ctrl-C does; it must end well, and soon.
func (e *engine) stop() {
	if e.cmd == nil {
		return
	}
	cmd := e.cmd
	e.cmd = nil
	require.NoError(e.t, cmd.Process.Signal(syscall.SIGTERM))
	late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	require.NoError(e.t, cmd.Wait(), "the demo ends with 0")
}
