package pgtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/conserje/conserje/internal/childtest"
)

// Bouncer is a private PgBouncer in transaction mode before a server.
type Bouncer struct {
	dir   string
	port  int
	guard *childtest.Guard
	cmd   *exec.Cmd
}

const bouncerConfig = `[databases]
* = host=127.0.0.1 port=%d

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s/users
pidfile = %s/pid
logfile = %s/log
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
`

// Bouncer starts a PgBouncer before the server, with size connections to it for
// each database. It ends with the test.
func (s *Server) Bouncer(t testing.TB, size int) *Bouncer {
	t.Helper()
	b, err := s.bouncer(size)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(b.close)
	return b
}

func (s *Server) bouncer(size int) (*Bouncer, error) {
	bin, err := find("pgbouncer")
	if err != nil {
		return nil, err
	}
	b := &Bouncer{}
	if b.dir, err = os.MkdirTemp("", "pgbouncer-"); err != nil {
		return nil, err
	}
	if b.guard, err = childtest.Watch(b.dir, "pid"); err != nil {
		return nil, err
	}
	if b.port, err = childtest.FreePort(); err != nil {
		b.close()
		return nil, err
	}
	files := map[string]string{
		"users": `"postgres" ""` + "\n",
		"ini":   fmt.Sprintf(bouncerConfig, s.port, b.port, b.dir, b.dir, b.dir, size),
	}
	for name, content := range files {
		path := filepath.Join(b.dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return nil, err
		}
		if err := own(path, s.cred); err != nil {
			return nil, err
		}
	}
	if err := own(b.dir, s.cred); err != nil {
		return nil, err
	}
	b.cmd = exec.CommandContext(context.Background(), filepath.Join(bin, "pgbouncer"), filepath.Join(b.dir, "ini"))
	b.cmd.Dir, b.cmd.SysProcAttr = b.dir, &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	if err := b.ready(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *Bouncer) ready() error {
	var dialer net.Dialer
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(b.port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(b.dir, "log"))
			return fmt.Errorf("pgbouncer does not answer: %w\n%s", err, log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// DSN names a database behind the bouncer.
func (b *Bouncer) DSN(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", b.port, database)
}

func (b *Bouncer) close() {
	if b.cmd != nil {
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait()
	}
	b.guard.Release()
	_ = os.RemoveAll(b.dir)
}
