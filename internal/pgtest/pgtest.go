// Package pgtest starts private PostgreSQL servers, and PgBouncers before them,
// from Debian's binaries, for tests: a data folder of their own, a free port of
// the loopback, durable as in production, and killed at will.
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//	...
//	dsn := pgtest.Shared(t).Database(t, "")
//
// A missing binary fails the test and names `make deps`: nothing is skipped. A
// watchdog ends the server when the test's process dies, however it dies.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/conserje/conserje/internal/childtest"
)

// Setting is a line of postgresql.conf.
type Setting struct{ Name, Value string }

// Fast turns off what only matters to a machine that loses its power: for
// suites of meaning, not of durability. What a killed server has committed it
// still keeps.
func Fast() []Setting {
	return []Setting{{"fsync", "off"}, {"full_page_writes", "off"}}
}

// Server is a private PostgreSQL.
type Server struct {
	bin, dir string
	port     int
	cred     *syscall.Credential
	guard    *childtest.Guard
	mu       sync.Mutex
	cmd      *exec.Cmd
	gone     chan struct{} // closed when cmd has ended
}

// New makes a server's folder and starts it. Close ends it and removes the folder.
func New(settings ...Setting) (*Server, error) {
	bin, err := find("postgres")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, cred: credential()}
	if s.dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return nil, err
	}
	if s.guard, err = childtest.Watch(s.dir, "data/postmaster.pid"); err != nil {
		return nil, err
	}
	if err := s.init(settings); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.Start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) init(settings []Setting) error {
	if err := own(s.dir, s.cred); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")

	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, "initdb"), "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", data)
	cmd.Dir, cmd.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: s.cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var err error
	if s.port, err = childtest.FreePort(); err != nil {
		return err
	}
	conf := []Setting{
		{"listen_addresses", "127.0.0.1"}, {"port", strconv.Itoa(s.port)}, {"unix_socket_directories", s.dir},
		{"max_connections", "200"}, {"shared_buffers", "64MB"}, {"log_min_messages", "fatal"}, {"log_min_error_statement", "panic"},
		{"max_wal_size", "512MB"},
	}
	var b strings.Builder
	for _, c := range append(conf, settings...) {
		fmt.Fprintf(&b, "%s = '%s'\n", c.Name, c.Value)
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(b.String()); err != nil {
		return err
	}
	return f.Close()
}

// Start starts the server, when it does not run, and waits until it answers.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		return nil
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()

	s.cmd = exec.CommandContext(context.Background(), filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"))
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr, s.cmd.SysProcAttr = s.dir, log, log, &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait()
		close(gone)
	}(s.cmd, s.gone)
	return s.ready()
}

// running tells whether the server's process is there; the caller holds mu.
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

// ready asks until the server takes connections.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // recovery after a kill, on a busy disk
	defer cancel()
	for {
		conn, err := pgconn.Connect(ctx, s.socket("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.gone:
			return fmt.Errorf("the server did not start:\n%s", s.Log())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, s.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// socket names a database over the server's own socket.
func (s *Server) socket(database string) string {
	return fmt.Sprintf("host=%s port=%d user=postgres dbname=%s sslmode=disable", s.dir, s.port, database)
}

// Log is what the server has written.
func (s *Server) Log() string {
	out, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// DSN names a database of the server.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// Addr is where the server listens.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Dir is the server's folder, which its user may read.
func (s *Server) Dir() string { return s.dir }

// Give makes a file in the server's folder that its user owns: a key, a certificate.
func (s *Server) Give(name string, content []byte) (string, error) {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", err
	}
	return path, own(path, s.cred)
}

// Close ends the server, and removes its folder.
func (s *Server) Close() {
	s.Kill()
	s.guard.Release()
	_ = os.RemoveAll(s.dir)
}

// find looks for a server's binary and returns the folder that it lies in.
func find(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if path, err := exec.LookPath(name); err == nil {
		found = append([]string{path}, found...)
	}
	if sbin := "/usr/sbin/" + name; len(found) == 0 && exists(sbin) {
		found = append(found, sbin)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%s is not on this machine: `make deps` installs it", name)
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// version is the number in /usr/lib/postgresql/15/bin/postgres.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// credential is the user to run as; nil as we are. Neither server runs as root.
func credential() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

func own(path string, c *syscall.Credential) error {
	if c == nil {
		return nil
	}
	return os.Chown(path, int(c.Uid), int(c.Gid))
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Shared is the one server of this test process, durable as in production,
// started when it is first asked for. Main ends it.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = New() })
	if shared.err != nil {
		t.Fatalf("pgtest: %v", shared.err)
	}
	return shared.server
}

// Main runs the tests and ends the shared server; check, when not nil, looks at
// what is left (goroutines) when all passed.
func Main(m *testing.M, check ...func() error) {
	code := m.Run()
	if shared.server != nil {
		shared.server.Close()
	}
	for _, c := range check {
		if err := c(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
