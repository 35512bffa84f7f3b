package livetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Command is the engine's package.
const Command = "github.com/conserje/conserje/cmd/conserje"

// builder builds the engine once for all tests of a process.
type builder struct {
	once sync.Once
	path string
	err  error
}

var built builder

// Build builds the engine's binary, once in a test process, and returns its path.
func Build(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "conserje-bin") //nolint:usetesting // it outlives the test that asks first
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "conserje")
		if out, err := exec.Command("go", "build", "-o", built.path, Command).CombinedOutput(); err != nil { //nolint:noctx // the compiler ends by itself
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	require.NoError(t, built.err)
	return built.path
}
