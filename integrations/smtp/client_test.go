package smtp_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/smtp"
	"github.com/conserje/conserje/integrations/smtp/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const raw = "From: hotel@hotel.test\r\nTo: ana@example.com\r\nSubject: hola\r\n\r\nHola\r\n.\r\n.dos\r\n"

func start(t *testing.T, cfg smtptest.Config) *smtptest.Server {
	t.Helper()
	server, err := smtptest.Start("127.0.0.1:0", cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func secure(t *testing.T, implicit bool) (smtptest.Config, smtp.Config) {
	t.Helper()
	id, err := smtptest.NewIdentity()
	require.NoError(t, err)
	client := smtp.Config{Host: "127.0.0.1", Username: "hotel", Password: "app-password", From: "hotel@hotel.test",
		TLSConfig: id.Client(), Timeout: 5 * time.Second}
	if implicit {
		client.TLS = smtp.TLSImplicit
	}
	return smtptest.Config{Username: "hotel", Password: "app-password", TLS: id, Implicit: implicit}, client
}

func send(t *testing.T, cfg smtp.Config, to ...string) (string, error) {
	t.Helper()
	client, err := smtp.New(cfg)
	require.NoError(t, err)
	return client.Send(t.Context(), []byte(raw), "hotel@hotel.test", to)
}

func TestSendsWithTLSAndPassword(t *testing.T) {
	t.Parallel()
	for name, implicit := range map[string]bool{"StartTLS": false, "Implicit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serverCfg, cfg := secure(t, implicit)
			server := start(t, serverCfg)
			cfg.Port = server.Port()

			proof, err := send(t, cfg, "ana@example.com", "luis@example.com")

			require.NoError(t, err)
			require.True(t, strings.HasPrefix(proof, "smtp "), proof)
			got := server.Received()
			require.Len(t, got, 1)
			require.Equal(t, "hotel@hotel.test", got[0].From)
			require.Equal(t, []string{"ana@example.com", "luis@example.com"}, got[0].To)
			require.Equal(t, raw, string(got[0].Raw), "a line of one dot survives")
		})
	}
}

func TestSendsInTheClearOnLoopback(t *testing.T) {
	t.Parallel()
	server := start(t, smtptest.Config{Username: "u", Password: "p"})
	_, err := send(t, smtp.Config{Host: server.Host(), Port: server.Port(), Username: "u", Password: "p", TLS: smtp.TLSNone},
		"ana@example.com")
	require.NoError(t, err)
	require.Len(t, server.Received(), 1)
}

func TestErrorsByKind(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		faults smtptest.Faults
		kind   hotel.Kind
		scope  hotel.Scope
		code   string
		kept   int
	}{
		"busy at MAIL":      {smtptest.Faults{Mail: "451 4.3.0 busy"}, hotel.Transient, hotel.ScopeRow, "4.3.0", 0},
		"greylisted":        {smtptest.Faults{Rcpt: "450 4.2.0 later"}, hotel.Transient, hotel.ScopeRow, "4.2.0", 0},
		"closing at DATA":   {smtptest.Faults{Data: "421 4.7.0 closing"}, hotel.Transient, hotel.ScopeRow, "4.7.0", 0},
		"busy when done":    {smtptest.Faults{Done: "452 4.3.1 full"}, hotel.Transient, hotel.ScopeRow, "4.3.1", 0},
		"wrong password":    {smtptest.Faults{Auth: "535 5.7.8 no"}, hotel.Unauthorised, hotel.ScopeNumber, "5.7.8", 0},
		"app password":      {smtptest.Faults{Auth: "534 5.7.9 app"}, hotel.Unauthorised, hotel.ScopeNumber, "5.7.9", 0},
		"auth away":         {smtptest.Faults{Auth: "454 4.7.0 away"}, hotel.Transient, hotel.ScopeNumber, "4.7.0", 0},
		"daily limit":       {smtptest.Faults{Mail: "550 5.4.5 daily"}, hotel.Throttled, hotel.ScopeNumber, "5.4.5", 0},
		"daily when done":   {smtptest.Faults{Done: "550 5.4.5 daily"}, hotel.Throttled, hotel.ScopeNumber, "5.4.5", 0},
		"nobody there":      {smtptest.Faults{RefuseTo: "ana@example.com"}, hotel.Invalid, hotel.ScopeRow, "5.1.1", 0},
		"too big":           {smtptest.Faults{Done: "552 5.3.4 big"}, hotel.Invalid, hotel.ScopeRow, "5.3.4", 0},
		"policy":            {smtptest.Faults{Done: "550 5.7.1 policy"}, hotel.Invalid, hotel.ScopeRow, "5.7.1", 0},
		"no enhanced code":  {smtptest.Faults{Done: "554 no"}, hotel.Invalid, hotel.ScopeRow, "554", 0},
		"sign in first":     {smtptest.Faults{Mail: "530 5.7.0 auth"}, hotel.Unauthorised, hotel.ScopeNumber, "5.7.0", 0},
		"closed at greet":   {smtptest.Faults{Greet: "554 no service here"}, hotel.Unauthorised, hotel.ScopeNumber, "554", 0},
		"too many at greet": {smtptest.Faults{Greet: "421 4.7.0 too many"}, hotel.Transient, hotel.ScopeNumber, "4.7.0", 0},
		"cut before DATA":   {smtptest.Faults{CutBeforeData: true}, hotel.NotSent, hotel.ScopeRow, "", 0},
		"cut after DATA":    {smtptest.Faults{CutAfterData: true}, hotel.InDoubt, hotel.ScopeRow, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serverCfg, cfg := secure(t, false)
			server := start(t, serverCfg)
			server.Set(tc.faults)
			cfg.Port = server.Port()

			_, err := send(t, cfg, "ana@example.com")

			e := hotel.AsError(err)
			require.Equal(t, tc.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, tc.scope, e.Scope)
			require.Equal(t, tc.code, e.Code)
			require.Equal(t, tc.kind == hotel.Throttled, e.RetryAfter > 0)
			require.NotContains(t, err.Error(), "ana@example.com")
			require.Len(t, server.Received(), tc.kept)
		})
	}
}

func TestOneRefusedRecipientDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	serverCfg, cfg := secure(t, false)
	server := start(t, serverCfg)
	server.Set(smtptest.Faults{RefuseTo: "gone@example.com"})
	cfg.Port = server.Port()

	_, err := send(t, cfg, "gone@example.com", "ana@example.com")

	require.NoError(t, err)
	require.Equal(t, []string{"ana@example.com"}, server.Received()[0].To)
}

func TestSettingsThatTheServerDoesNotOffer(t *testing.T) {
	t.Parallel()
	_, cfg := secure(t, false)
	server := start(t, smtptest.Config{Username: "u", Password: "p"}) // no TLS
	cfg.Port = server.Port()
	_, err := send(t, cfg, "ana@example.com")
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err), "%v", err)
	require.Empty(t, server.Received(), "never in the clear")

	open := start(t, smtptest.Config{})
	_, err = send(t, smtp.Config{Host: open.Host(), Port: open.Port(), Username: "u", Password: "p", TLS: smtp.TLSNone}, "a@b.test")
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err), "%v", err)
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	_, err = send(t, smtp.Config{Host: "127.0.0.1", Port: port, TLS: smtp.TLSNone}, "a@b.test")
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)
}

func TestUnknownCertificateIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, implicit := range map[string]bool{"StartTLS": false, "Implicit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serverCfg, cfg := secure(t, implicit)
			server := start(t, serverCfg)
			cfg.Port, cfg.TLSConfig = server.Port(), nil
			_, err := send(t, cfg, "a@b.test")
			require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)
			require.Empty(t, server.Received())
		})
	}
}

// A server that takes the connection and says nothing.
func TestACallerThatLeavesCutsTheLine(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		cancel()
		_, _ = c.Read(make([]byte, 1)) // returns when the client cuts
		_ = c.Close()
	}()
	client, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: smtp.TLSNone})
	require.NoError(t, err)

	_, err = client.Send(ctx, []byte(raw), "a@b.test", []string{"c@d.test"})

	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)
	<-done
	require.NoError(t, l.Close())
}

func TestTimeoutBoundsTheWholeSend(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	_, err = send(t, smtp.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: smtp.TLSNone,
		Timeout: 50 * time.Millisecond}, "a@b.test")
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := smtp.New(smtp.Config{})
	require.ErrorContains(t, err, "host")
	_, err = smtp.New(smtp.Config{Host: "smtp.example.com", TLS: smtp.TLSNone})
	require.ErrorContains(t, err, "loopback")
	client, err := smtp.New(smtp.Config{Host: "smtp.example.com", From: "hotel@hotel.test"})
	require.NoError(t, err)
	require.Equal(t, "hotel@hotel.test", client.From())
}

func TestTheProbeTellsWhetherTheServerAnswers(t *testing.T) {
	t.Parallel()
	serverCfg, cfg := secure(t, false)
	server := start(t, serverCfg)
	cfg.Port = server.Port()
	client, err := smtp.New(cfg)
	require.NoError(t, err)
	require.NoError(t, client.Probe(t.Context()))
	server.Set(smtptest.Faults{Auth: "535 5.7.8 no"})
	require.NoError(t, client.Probe(t.Context()), "a refusal is an answer")

	cfg.Port = 1 // nobody listens there
	gone, err := smtp.New(cfg)
	require.NoError(t, err)
	require.Error(t, gone.Probe(t.Context()))
}
