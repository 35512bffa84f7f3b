package livetest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The wall clock of a machine cannot be set for one process. So the engine is
// built with a standard library whose time.Now, and nothing else, adds the
// seconds that a file holds; what is measured by the monotonic clock is not
// moved, as when a real clock is set.
const (
	clockFile = "CHAOS_CLOCK"
	clockFrom = "	sec, nsec, mono := runtimeNow()\n"
	clockTo   = clockFrom + "	sec += jumped()\n"
	clockCode = `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// jump is the file, mapped: time.Now is also called where no system call may be made.
var jump = mapJump()

func jumped() int64 { return atomic.LoadInt64(jump) }

func mapJump() *int64 {
	path, ok := syscall.Getenv("` + clockFile + `")
	if !ok {
		return new(int64)
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return new(int64)
	}
	page, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("the clock's file cannot be mapped: " + err.Error())
	}
	return (*int64)(unsafe.Pointer(&page[0]))
}
`
)

// BuildWithClock builds the engine with a wall clock that SetClock sets.
func BuildWithClock(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir, src := t.TempDir(), filepath.Join(string(bytes.TrimSpace(out)), "src", "time")
	now, err := os.ReadFile(filepath.Join(src, "time.go"))
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(now, []byte(clockFrom)), "Go's time.Now is not what it was: look at it anew")
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(src, "time.go"):   write("time.go", bytes.Replace(now, []byte(clockFrom), []byte(clockTo), 1)),
		filepath.Join(src, "zjumps.go"): write("zjumps.go", []byte(clockCode)),
	}})
	require.NoError(t, err)
	path := filepath.Join(dir, "conserje")
	text, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", write("overlay.json", overlay), "-o", path, Command).CombinedOutput()
	require.NoError(t, err, "%s", text)
	return path
}

// clockPath is where the clock of an engine is set.
func (e *Engine) clockPath() string { return filepath.Join(e.Dir, "clock") }

// SetClock sets the wall clock of an engine that was built with one, running
// or not; the first time before its first start.
func (e *Engine) SetClock(off time.Duration) {
	e.T.Helper()
	f, err := os.OpenFile(e.clockPath(), os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(e.T, err)
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(off/time.Second))), 0)
	require.NoError(e.T, errors.Join(err, f.Close()))
}
