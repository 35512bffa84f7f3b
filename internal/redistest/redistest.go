// Package redistest starts private redis-servers from Debian's binary, for
// tests: a free port of the loopback, nothing kept on disk, killed, emptied and
// paused at will. The server that Debian's package starts is never touched.
//
//	server := redistest.New(t)
//	client := open(server.URL())
//	server.Pause()
//
// A missing binary fails the test and names `make deps`: nothing is skipped. A
// guard ends the server when the test's process dies, however it dies.
package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/conserje/conserje/internal/childtest"
)

// Option changes how a server is started.
type Option func(*Server)

// TLS lets the server speak TLS only, with a certificate of its own that CAFile names.
func TLS() Option { return func(s *Server) { s.tls = true } }

// Password is what clients must say.
func Password(p string) Option { return func(s *Server) { s.password = p } }

// Durable keeps what was written over a Kill: an append-only file, synced at each write.
func Durable() Option { return func(s *Server) { s.durable = true } }

// Server is a private redis-server.
type Server struct {
	bin, dir string
	port     int
	tls      bool
	durable  bool
	password string
	guard    *childtest.Guard
	mu       sync.Mutex
	cmd      *exec.Cmd
	gone     chan struct{} // closed when cmd has ended
}

// New starts a server that ends with the test.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s, err := start(options)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// start tries some ports: another may take one between our look and the server's.
func start(options []Option) (s *Server, err error) {
	for range 3 {
		s = &Server{}
		for _, o := range options {
			o(s)
		}
		if err = s.init(); err == nil {
			if err = s.Start(); err == nil {
				return s, nil
			}
		}
		s.Close()
	}
	return nil, err
}

func (s *Server) init() (err error) {
	if s.bin, err = exec.LookPath("redis-server"); err != nil {
		return fmt.Errorf("redis-server is not on this machine: `make deps` installs it (%w)", err)
	}
	if s.dir, err = os.MkdirTemp("", "redistest-"); err != nil {
		return err
	}
	if s.tls {
		if err = writeCertificate(s.dir); err != nil {
			return err
		}
	}
	if s.guard, err = childtest.Watch(s.dir, "pid"); err != nil {
		return err
	}
	s.port, err = childtest.FreePort()
	return err
}

// Start starts the server, again after a Kill on the same port, and waits until it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		return nil
	}
	cmd := exec.Command(s.bin, s.arguments()...) //nolint:noctx // Debian's binary; Close ends it
	cmd.Dir, cmd.SysProcAttr = s.dir, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	s.cmd, s.gone = cmd, gone
	if err := os.WriteFile(filepath.Join(s.dir, "pid"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
		return err
	}
	return s.ready()
}

func (s *Server) arguments() []string {
	port := strconv.Itoa(s.port)
	args := []string{"--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--daemonize", "no",
		"--logfile", filepath.Join(s.dir, "log"), "--maxclients", "200"}
	if s.tls {
		file := func(name string) string { return filepath.Join(s.dir, name) }
		args = append(args, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no",
			"--tls-cert-file", file("cert.pem"), "--tls-key-file", file("key.pem"), "--tls-ca-cert-file", file("cert.pem"))
	} else {
		args = append(args, "--port", port)
	}
	if s.durable {
		args = append(args, "--appendonly", "yes", "--appendfsync", "always")
	}
	if s.password != "" {
		args = append(args, "--requirepass", s.password)
	}
	return args
}

// ready waits for the first answer; the caller holds mu.
func (s *Server) ready() error {
	deadline := time.After(20 * time.Second)
	for {
		answer, err := s.say("PING")
		if err == nil && answer == "+PONG" {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("redis-server has ended: %s", s.log())
		case <-deadline:
			return fmt.Errorf("redis-server does not answer (%q, %w): %s", answer, err, s.log())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *Server) log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b[max(0, len(b)-2000):])
}

// say sends one command without arguments that hold spaces, and returns the answer's first line.
func (s *Server) say(command string) (string, error) {
	conn, err := s.dial()
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	r := bufio.NewReader(conn)
	line := func(command string) (string, error) {
		if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
			return "", err
		}
		answer, err := r.ReadString('\n')
		return strings.TrimSpace(answer), err
	}
	if s.password != "" {
		if answer, err := line("AUTH " + s.password); err != nil || answer != "+OK" {
			return answer, errors.Join(err, errors.New("AUTH refused"))
		}
	}
	return line(command)
}

// URL is the server's address as REDIS_URL takes it.
func (s *Server) URL() string {
	scheme, user := "redis", ""
	if s.tls {
		scheme = "rediss"
	}
	if s.password != "" {
		user = ":" + s.password + "@"
	}
	return fmt.Sprintf("%s://%s%s/0", scheme, user, s.Addr())
}

// Addr is the server's host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// CAFile names the PEM file of the certificate that a TLS server shows.
func (s *Server) CAFile() string { return filepath.Join(s.dir, "cert.pem") }
