package redistest

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

func (s *Server) running() bool {
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// Kill ends the server by SIGKILL; what it held is gone, unless it is Durable. Start brings it back.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

// Pause stops the server where it stands: it is there, takes connections, and does not answer.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		_ = s.cmd.Process.Signal(sig)
	}
}

// Flush forgets everything that the server holds.
func (s *Server) Flush(t testing.TB) {
	t.Helper()
	if answer := s.Do(t, "FLUSHALL"); answer != "+OK" {
		t.Fatalf("redistest: FLUSHALL: %s", answer)
	}
}

// Do says a command whose arguments hold no spaces, and returns the answer's first line.
func (s *Server) Do(t testing.TB, words ...string) string {
	t.Helper()
	answer, err := s.say(strings.Join(words, " "))
	if err != nil {
		t.Fatalf("redistest: %v", fmt.Errorf("%s: %w", words[0], err))
	}
	return answer
}

// Close ends the server and removes its folder.
func (s *Server) Close() {
	s.Kill()
	if s.guard != nil {
		s.guard.Release()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
