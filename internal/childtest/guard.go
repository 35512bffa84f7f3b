// Package childtest is what the launchers of real servers for tests share: a
// guard that ends a server with the test process, and free ports.
package childtest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"syscall"
)

// Guard is a shell that outlives us: when its pipe closes, because we closed it
// or because we are dead, it kills the process whose pid file it knows and
// removes the folder. (Pdeathsig goes by thread, not by process.)
type Guard struct {
	pipe io.WriteCloser
	cmd  *exec.Cmd
}

// Watch starts a guard over the process named in dir's pid file, whenever that is written.
func Watch(dir, pidFile string) (*Guard, error) {
	const script = `read _; pid=$(head -n 1 "$1/$2" 2>/dev/null) && kill -9 "$pid" 2>/dev/null; sleep 0.2; rm -rf "$1"`
	cmd := exec.Command("sh", "-c", script, "test-guard", dir, pidFile) //nolint:noctx // it must outlive every context
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}               // a Ctrl-C in the terminal is not for it
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &Guard{pipe: pipe, cmd: cmd}, nil
}

// Release lets the guard do its work and leave.
func (g *Guard) Release() {
	_ = g.pipe.Close()
	_ = g.cmd.Wait()
}

// FreePort is a port of 127.0.0.1 that nobody listens on now. It lies below
// the ports that Linux and macOS hand out by themselves, so that no client's
// end of a connection sits on it when a killed server comes back.
func FreePort() (int, error) {
	for {
		port := 15_000 + rand.N(17_000)
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return port, l.Close()
	}
}
