package pgtest

import (
	"io"
	"os/exec"
	"syscall"
)

// guard is a shell that outlives us: when its pipe closes, because we closed it
// or because we are dead, it kills the process whose pid file it knows and
// removes the folder. (Pdeathsig goes by thread, not by process.)
type guard struct {
	pipe io.WriteCloser
	cmd  *exec.Cmd
}

func watch(dir, pidFile string) (*guard, error) {
	const script = `read _; pid=$(head -n 1 "$1/$2" 2>/dev/null) && kill -9 "$pid" 2>/dev/null; sleep 0.2; rm -rf "$1"`
	cmd := exec.Command("sh", "-c", script, "pgtest-guard", dir, pidFile)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C in the terminal is not for it
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &guard{pipe: pipe, cmd: cmd}, nil
}

// release lets the guard do its work and leave.
func (g *guard) release() {
	_ = g.pipe.Close()
	_ = g.cmd.Wait()
}
