package postgres_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/storetest"
)

// TestStoreThroughPgBouncer runs most of the suite through a pooler in transaction
// mode, which keeps no prepared statements (1.18).
func TestStoreThroughPgBouncer(t *testing.T) {
	t.Parallel()
	b := fastServer(t).Bouncer(t, 20)
	// The chapters whose statements differ; the model's thousand steps are TestStore's.
	storetest.RunChapters(t, []string{"Accept", "Receipt", "Turn", "Lane", "Settle", "Fleet"}, func(t *testing.T) storetest.Store {
		s, db := database(t)
		return open(t, postgres.Config{DSN: b.DSN(db), DirectDSN: s.DSN(db), ExecMode: "exec"})
	})
}

func TestEveryExecMode(t *testing.T) {
	t.Parallel()
	for _, mode := range postgres.ExecModes() {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server, db := database(t)
			live(t, open(t, postgres.Config{DSN: server.DSN(db), ExecMode: mode}))
		})
	}
	_, err := postgres.Open(t.Context(), postgres.Config{DSN: "postgres://h/d", ExecMode: "prepared"})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	require.ErrorContains(t, err, "cache_describe, cache_statement")
}

// live plays a guest's first turn, all the way.
func live(t *testing.T, s *postgres.Store) {
	t.Helper()
	row := hear(t, s, "541")
	again := message(7)
	_, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{again, again}})
	require.NoError(t, err)
	c := turn(row, 0)
	c.Handoff = &hotel.HandoffRecord{State: hotel.HandoffOpen, Name: "Ana", Opened: time.Now()}
	c.Reservations = []hotel.Reservation{{Reference: "R1", Property: "sur"}}
	done, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, done.Claimed, 1)
	res, err := s.Settle(t.Context(), hotel.Settlement{Key: done.Claimed[0].Key, Attempt: 1, State: hotel.Dead, Reason: "131026", ClaimNext: true, At: time.Now()})
	require.NoError(t, err)
	require.True(t, res.Applied)
	letters, err := s.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 9})
	require.NoError(t, err)
	require.Len(t, letters, 1)
	require.Equal(t, body, letters[0].Body)
	guest, err := s.Guest(t.Context(), row.Guest)
	require.NoError(t, err)
	require.Equal(t, state, guest.State)
}

func TestAConnectionStringIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"postgres://conserje:hunter2@localhost:port/db",
		"postgres://conserje:hunter2@localhost/db?sslmode=often",
		"postgres://conserje:hunter2@local host/db",
		"host=localhost password=hunter2 sslmode=verify-full sslrootcert=/nowhere",
		"password=hunter2 port=x",
		"hunter2",
		"postgres://conserje:hunter2@127.0.0.1:1/db",
	} {
		var log bytes.Buffer
		_, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Log: slog.New(slog.NewTextHandler(&log, nil))})
		require.Error(t, err, dsn)
		require.Contains(t, []hotel.Kind{hotel.Invalid, hotel.Unavailable}, hotel.KindOf(err))
		require.NotContains(t, err.Error()+log.String(), "hunter2")
		_, err = postgres.Migrations(t.Context(), postgres.Config{DSN: dsn})
		require.Error(t, err, dsn)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// certify makes a CA and a certificate of localhost signed by it.
func certify(t *testing.T) (ca, cert, key []byte) {
	t.Helper()
	issue := func(parent *x509.Certificate, signer *ecdsa.PrivateKey, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
		mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		if parent == nil {
			parent, signer = c, mine
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &mine.PublicKey, signer)
		require.NoError(t, err)
		made, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		return made, mine, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	root, signer, ca := issue(nil, nil, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour)})
	_, mine, cert := issue(root, signer, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)})
	der, err := x509.MarshalECPrivateKey(mine)
	require.NoError(t, err)
	return ca, cert, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

func TestTLSIsChecked(t *testing.T) {
	t.Parallel()
	ca, cert, key := certify(t)
	server, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	certFile, err := server.Give("server.crt", cert)
	require.NoError(t, err)
	keyFile, err := server.Give("server.key", key)
	require.NoError(t, err)
	require.NoError(t, server.SQL("postgres", "ALTER SYSTEM SET ssl_cert_file = '"+certFile+"'",
		"ALTER SYSTEM SET ssl_key_file = '"+keyFile+"'", "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"))
	caFile := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(caFile, ca, 0o600))
	_, port, err := net.SplitHostPort(server.Addr())
	require.NoError(t, err)
	dsn := func(host, ca string) string {
		return fmt.Sprintf("postgres://postgres@%s:%s/postgres?sslmode=verify-full&sslrootcert=%s", host, port, ca)
	}

	// the server reads its settings in a moment
	require.Eventually(t, func() bool {
		s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn("localhost", caFile)})
		if err != nil {
			return false
		}
		live(t, s)
		return s.Close() == nil
	}, 20*time.Second, 50*time.Millisecond)

	otherCA, _, _ := certify(t)
	otherFile := filepath.Join(t.TempDir(), "other.crt")
	require.NoError(t, os.WriteFile(otherFile, otherCA, 0o600))
	for _, wrong := range []string{dsn("localhost", otherFile), dsn("127.0.0.1", caFile)} {
		_, err := postgres.Open(t.Context(), postgres.Config{DSN: wrong})
		require.Equal(t, hotel.Unavailable, hotel.KindOf(err), "not signed by it, or for another name")
	}
}

func TestMigrateGoesForwardAndBack(t *testing.T) {
	t.Parallel()
	server := fastServer(t)
	c := postgres.Config{DSN: server.DSN(server.Database(t, ""))}
	list, err := postgres.Migrations(t.Context(), c)
	require.NoError(t, err)
	require.True(t, list[0].Applied.IsZero())
	newest := list[len(list)-1].Version
	for _, step := range []struct{ ask, from, to int64 }{{postgres.Newest, 0, newest}, {0, newest, 0}, {1, 0, 1}, {postgres.Newest, 1, newest}, {newest, newest, newest}} {
		from, to, err := postgres.Migrate(t.Context(), c, step.ask)
		require.NoError(t, err)
		require.Equal(t, step.from, from)
		require.Equal(t, step.to, to)
	}
	_, _, err = postgres.Migrate(t.Context(), c, 99)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	list, err = postgres.Migrations(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "rows", list[0].Name)
	for _, m := range list {
		require.WithinDuration(t, time.Now(), m.Applied, time.Minute, m.Name)
	}
	live(t, open(t, c))
}

func TestEnginesThatStartAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	server := fastServer(t)
	c := postgres.Config{DSN: server.DSN(server.Database(t, "")), MaxConns: 4, MinConns: 1}
	var wg sync.WaitGroup
	errs, hashes := make([]error, 4), make([][16]byte, 4)
	for i := range errs {
		wg.Go(func() {
			s, err := postgres.Open(context.Background(), c)
			if errs[i] = err; err == nil {
				hashes[i] = s.Hash("a")
				errs[i] = s.Close()
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		require.NoError(t, err)
		require.Equal(t, hashes[0], hashes[i], "one store, one key")
	}
}

func TestItIsNamedAndSizedAsSet(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db), AppName: "night-porter", MaxConns: 5, MinConns: 4})
	require.NoError(t, s.Ping(t.Context()))
	conn, err := pgx.Connect(t.Context(), server.DSN(db))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	require.Eventually(t, func() bool {
		var n int
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'night-porter'`).Scan(&n))
		return n >= 3 && n <= 5 // it fills up to MinConns by and by
	}, 10*time.Second, 20*time.Millisecond)
}
