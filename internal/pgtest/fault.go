package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Kill ends the server and all its processes with SIGKILL, as a power cut of
// its container would. Start brings it back.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return
	}
	s.signal(syscall.SIGKILL)
	<-s.gone
}

// Stop ends the server as an operator would: fast, with a last checkpoint.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	<-s.gone
}

// Pause stops every process of the server where it stands: it is there and does not answer.
func (s *Server) Pause() { s.each(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.each(syscall.SIGCONT) }

func (s *Server) each(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		s.signal(sig)
	}
}

// signal reaches the postmaster first, so that it makes no new children, then
// these; the caller holds mu. Each child leads a session of its own.
func (s *Server) signal(sig syscall.Signal) {
	pid := s.cmd.Process.Pid
	_ = syscall.Kill(pid, sig)
	for _, child := range children(pid) {
		_ = syscall.Kill(child, sig)
	}
}

// children are the processes whose parent is pid.
func children(pid int) (out []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid ...: the name may hold anything
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		if child, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			out = append(out, child)
		}
	}
	return out
}

// ReadOnly makes every new transaction read-only, as a replica or a full disk's
// guard does, or takes that back.
func (s *Server) ReadOnly(on bool) error {
	value := "off"
	if on {
		value = "on"
	}
	return s.SQL("postgres", fmt.Sprintf("ALTER SYSTEM SET default_transaction_read_only = %s", value), "SELECT pg_reload_conf()")
}
