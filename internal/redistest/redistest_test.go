package redistest_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/internal/redistest"
)

func TestMain(m *testing.M) {
	if os.Getenv("REDISTEST_CHILD") != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

func TestServerIsKilledPausedEmptiedAndBackOnItsPort(t *testing.T) {
	t.Parallel()

	for name, options := range map[string][]redistest.Option{
		"plain":    nil,
		"tls":      {redistest.TLS()},
		"password": {redistest.Password("pw")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.New(t, options...)
			url := s.URL()
			require.Equal(t, "+OK", s.Do(t, "SET", "a", "1"))
			require.Equal(t, ":1", s.Do(t, "EXISTS", "a"))
			s.Flush(t)
			require.Equal(t, ":0", s.Do(t, "EXISTS", "a"))

			require.Equal(t, "+OK", s.Do(t, "SET", "a", "1"))
			s.Pause()
			s.Resume()
			s.Kill()
			s.Kill()
			require.NoError(t, s.Start())
			require.NoError(t, s.Start())
			require.Equal(t, url, s.URL())
			require.Equal(t, ":0", s.Do(t, "EXISTS", "a"), "nothing is kept")
		})
	}
}

func TestDurableServerKeepsWhatItHeld(t *testing.T) {
	t.Parallel()

	s := redistest.New(t, redistest.Durable())
	require.Equal(t, "+OK", s.Do(t, "SET", "a", "1"))
	s.Kill()
	require.NoError(t, s.Start())
	require.Equal(t, ":1", s.Do(t, "EXISTS", "a"))
}

// child starts a server in a process of its own, and waits to be killed.
func child() {
	addr, err := redistest.Hold()
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString("addr " + addr + "\n")
	time.Sleep(time.Minute) // the parent kills us long before
}

func TestServerDiesWithItsTestsProcess(t *testing.T) {
	t.Parallel()

	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "REDISTEST_CHILD=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	addr := strings.TrimSpace(strings.TrimPrefix(line, "addr "))
	require.True(t, redistest.Listens(addr))
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Eventually(t, func() bool { return !redistest.Listens(addr) }, 10*time.Second, 10*time.Millisecond)
}

func TestMissingBinaryNamesTheFix(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	require.ErrorContains(t, redistest.Try(), "make deps")
}
