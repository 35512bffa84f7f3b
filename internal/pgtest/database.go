package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var databases atomic.Int64

// Database makes a fresh database, a copy of template ("" = an empty one), and
// returns its name. It goes when the test ends.
func (s *Server) Database(t testing.TB, template string) string {
	t.Helper()
	name := "test" + strconv.FormatInt(databases.Add(1), 10)
	if template == "" {
		template = "template0"
	}
	if err := s.SQL("postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template)); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.SQL("postgres", fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)); err != nil {
			t.Logf("pgtest: %v", err) // the test may have killed the server
		}
	})
	return name
}

// SQL runs statements, each outside any transaction, over the server's own
// socket, whatever the server's settings say.
func (s *Server) SQL(database string, statements ...string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgconn.Connect(ctx, s.socket(database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range append([]string{"SET default_transaction_read_only = off"}, statements...) {
		if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
