package mail_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/gmail"
	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/mail"
	"github.com/conserje/conserje/integrations/smtp"
	"github.com/conserje/conserje/integrations/smtp/smtptest"
	"github.com/conserje/conserje/internal/metrics"
)

var (
	_ mail.Way = (*gmail.Client)(nil)
	_ mail.Way = (*smtp.Client)(nil)
)

// bundle is a Mailer with both ways, each to its stand-in, and a clock of its own.
type bundle struct {
	gmail   *gmailtest.Server
	smtp    *smtptest.Server
	mailer  *mail.Mailer
	metrics *metrics.Metrics
	log     *bytes.Buffer
	clock   *clock
	closed  *[]string
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func setup(t *testing.T, edit ...func(*mail.Config)) bundle {
	t.Helper()
	g, err := gmailtest.New(gmailtest.Config{})
	require.NoError(t, err)
	url, err := g.Start("127.0.0.1:0")
	require.NoError(t, err)
	s, err := smtptest.Start("127.0.0.1:0", smtptest.Config{Username: "u", Password: "p"})
	require.NoError(t, err)
	api, err := gmail.New(gmail.Config{ClientID: "i", ClientSecret: "s", RefreshToken: "r", Endpoint: url, TokenURL: url + "/token",
		PerMinute: -1, Timeout: 5 * time.Second})
	require.NoError(t, err)
	fallback, err := smtp.New(smtp.Config{Host: s.Host(), Port: s.Port(), Username: "u", Password: "p", TLS: smtp.TLSNone,
		From: "faro@otro.example", Timeout: 5 * time.Second})
	require.NoError(t, err)
	b := bundle{gmail: g, smtp: s, metrics: metrics.New(), log: &bytes.Buffer{}, clock: &clock{now: at}, closed: &[]string{}}
	cfg := mail.Config{
		Accounts: []mail.Account{{Hotel: faro(t), Gmail: api, SMTP: fallback, SMTPFrom: "faro@otro.example"}},
		Now:      b.clock.Now, Log: slog.New(slog.NewJSONHandler(b.log, nil)), Metrics: b.metrics,
		OnClosed: func(p hotel.PropertyID, way string, err error) {
			*b.closed = append(*b.closed, string(p)+" "+way+" "+hotel.AsError(err).Code)
		},
	}
	for _, e := range edit {
		e(&cfg)
	}
	b.mailer, err = mail.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		api.Close()
		require.NoError(t, g.Close())
		require.NoError(t, s.Close())
		for _, secret := range []string{"lucia@", "Lucía", "Fernández", "549344"} {
			require.NotContains(t, b.log.String(), secret, "logs hold no guest's data")
		}
	})
	return b
}

func (b bundle) send(t *testing.T) (string, error) {
	t.Helper()
	return b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailConfirmation, Lang: "es", Reservation: reservation()})
}

func (b bundle) requireTaken(t *testing.T, byGmail, bySMTP int) {
	t.Helper()
	require.Len(t, b.gmail.Mails(), byGmail, "by Gmail")
	require.Len(t, b.smtp.Received(), bySMTP, "by SMTP")
}

func noSMTP(c *mail.Config)  { c.Accounts[0].SMTP = nil }
func noGmail(c *mail.Config) { c.Accounts[0].Gmail = nil }

func TestGmailIsTheFirstWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	proof, err := b.send(t)
	require.NoError(t, err)
	require.Equal(t, b.gmail.Mails()[0].ID, proof)
	require.Equal(t, "reservas@hotelfaro.com.ar", b.gmail.Mails()[0].From)
	require.Equal(t, "CJ-0r9f2k", b.gmail.Mails()[0].Ref)
	b.requireTaken(t, 1, 0)

	_, err = b.mailer.SendAlert(t.Context(), hotel.Alert{Property: "faro", Cause: hotel.CauseOutage},
		[]hotel.GuestID{"g1", "g2"})
	require.NoError(t, err)
	require.Equal(t, []string{"recepcion@hotelfaro.com.ar", "guardia@hotelfaro.com.ar"}, b.gmail.Mails()[1].To)
	require.InDelta(t, 2, testutil.ToFloat64(b.metrics.Sends.WithLabelValues("gmail", "sent")), 0)
}

func TestAClosedAccountFallsBackAtOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sw    gmailtest.Switches
		code  string
		after time.Duration // when the account is tried again
	}{
		"dead grant":       {gmailtest.Switches{Token: "invalid_grant"}, "invalid_grant", 31 * time.Minute},
		"API not enabled":  {gmailtest.Switches{Send: "403_config"}, "accessNotConfigured", 31 * time.Minute},
		"401 twice":        {gmailtest.Switches{Send: "401"}, "authError", 31 * time.Minute},
		"daily limit":      {gmailtest.Switches{Send: "403_daily"}, gmail.CodeDaily, 61 * time.Minute},
		"429 mail sending": {gmailtest.Switches{Send: "429_mail"}, gmail.CodeMailSending, 61 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			require.NoError(t, b.gmail.Set(tc.sw))
			for range 3 {
				proof, err := b.send(t)
				require.NoError(t, err)
				require.Contains(t, proof, "smtp ")
			}
			b.requireTaken(t, 0, 3)
			mail := read(t, b.smtp.Received()[0].Raw)
			require.Equal(t, "Hotel Faro del Río <faro@otro.example>", mail.GetHeader("From"))
			require.Equal(t, "Hotel Faro del Río <recepcion@hotelfaro.com.ar>", mail.GetHeader("Reply-To"))
			require.Equal(t, "faro@otro.example", b.smtp.Received()[0].From)
			require.Equal(t, []string{"faro gmail " + tc.code}, *b.closed, "a person is told once")
			tokens, sends := b.gmail.Asked()

			require.NoError(t, b.gmail.Set(gmailtest.Switches{}))
			_, err := b.send(t)
			require.NoError(t, err)
			again, sendsAgain := b.gmail.Asked()
			require.Equal(t, []int{tokens, sends}, []int{again, sendsAgain}, "a closed account is not asked with each mail")

			b.clock.Pass(tc.after)
			_, err = b.send(t)
			require.NoError(t, err)
			b.requireTaken(t, 1, 4)
		})
	}
}

func TestAClosedAccountWithoutFallback(t *testing.T) {
	t.Parallel()
	b := setup(t, noSMTP)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Token: "invalid_grant"}))
	for range 2 {
		_, err := b.send(t)
		e := hotel.AsError(err)
		require.Equal(t, hotel.Unauthorised, e.Kind)
		require.Equal(t, hotel.ScopeNumber, e.Scope)
	}
	tokens, _ := b.gmail.Asked()
	require.Equal(t, 1, tokens)
	require.Contains(t, b.log.String(), "GMAIL_REFRESH_TOKEN", "the log says how to mend it")

	b = setup(t, noSMTP)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Send: "403_daily"}))
	_, err := b.send(t)
	require.Equal(t, hotel.Throttled, hotel.KindOf(err))
	b.clock.Pass(20 * time.Minute)
	_, err = b.send(t)
	require.Equal(t, 40*time.Minute, hotel.AsError(err).RetryAfter, "what is left of the pause")
}

func TestTransientTroubleFallsBackAfterThePatience(t *testing.T) {
	t.Parallel()
	for name, sw := range map[string]gmailtest.Switches{
		"token endpoint away": {Token: "500"},
		"rate limit":          {Send: "403_rate"},
		"429":                 {Send: "429", RetryAfterS: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			require.NoError(t, b.gmail.Set(sw))
			for range 5 {
				_, err := b.send(t)
				require.Contains(t, []hotel.Kind{hotel.NotSent, hotel.Throttled, hotel.Transient}, hotel.KindOf(err), "%v", err)
				b.clock.Pass(time.Minute)
			}
			b.requireTaken(t, 0, 0)
			for range 2 {
				_, err := b.send(t)
				require.NoError(t, err)
			}
			b.requireTaken(t, 0, 2)

			require.NoError(t, b.gmail.Set(gmailtest.Switches{}))
			b.clock.Pass(time.Minute)
			_, err := b.send(t)
			require.NoError(t, err)
			b.requireTaken(t, 1, 2)
			require.NoError(t, b.gmail.Set(sw))
			b.gmail.RevokeTokens()
			_, err = b.send(t)
			require.Error(t, err, "the patience begins anew after a success")
			require.Empty(t, *b.closed)
		})
	}
}

func TestAnOldTroubleDoesNotCount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Token: "500"}))
	_, err := b.send(t)
	require.Error(t, err)
	b.clock.Pass(3 * time.Hour)
	_, err = b.send(t)
	require.Error(t, err, "a spell of its own")
	b.requireTaken(t, 0, 0)
}

func TestAnUnknownOutcomeNeverFallsBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		send string
		kept int
	}{"cut after": {"cut", 1}, "cut before": {"cut_before", 0}, "503": {"503", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			require.NoError(t, b.gmail.Set(gmailtest.Switches{Send: tc.send}))
			_, err := b.send(t)
			require.Equal(t, hotel.InDoubt, hotel.KindOf(err), "%v", err)
			b.requireTaken(t, tc.kept, 0)
		})
	}
}

// A way that leaves one mail after the other in doubt is left alone, and probed
// by no mail: nothing of the next ones has left, so they wait, or go by SMTP
// once the patience is over.
func TestAWayThatKeepsLeavingDoubtsIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Send: "503"}))
	for range 5 {
		_, err := b.send(t)
		require.Equal(t, hotel.InDoubt, hotel.KindOf(err), "%v", err)
	}
	_, err := b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "not tried")
	require.Equal(t, 30*time.Second, hotel.AsError(err).RetryAfter)
	b.clock.Pass(time.Minute)
	_, err = b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "the probe was not answered: this mail did not leave either")
	b.requireTaken(t, 0, 0)

	b.clock.Pass(5 * time.Minute)
	_, err = b.send(t)
	require.NoError(t, err)
	b.requireTaken(t, 0, 1)

	require.NoError(t, b.gmail.Set(gmailtest.Switches{}))
	b.clock.Pass(30 * time.Second)
	_, err = b.send(t)
	require.NoError(t, err, "the probe was answered")
	b.requireTaken(t, 1, 1)
	require.Contains(t, b.log.String(), "answers again")
}

func TestARefusedMessageTakesNoSecondWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Send: "400"}))
	_, err := b.send(t)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	b.requireTaken(t, 0, 0)
}

func TestSMTPAlone(t *testing.T) {
	t.Parallel()
	b := setup(t, noGmail)
	_, err := b.send(t)
	require.NoError(t, err)
	b.smtp.Set(smtptest.Faults{Auth: "535 5.7.8 no"})
	_, err = b.send(t)
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
	require.Equal(t, []string{"faro smtp 5.7.8"}, *b.closed)
	connections := b.smtp.Connections()
	_, err = b.send(t)
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
	require.Equal(t, connections, b.smtp.Connections(), "a wrong password is not tried again and again")
	require.Contains(t, b.log.String(), "SMTP_PASSWORD")
}

func TestBothWaysFail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Token: "invalid_grant"}))
	b.smtp.Set(smtptest.Faults{Rcpt: "451 4.3.0 busy"})
	_, err := b.send(t)
	require.Equal(t, hotel.Transient, hotel.KindOf(err), "the last way's word counts")
	b.smtp.Set(smtptest.Faults{CutAfterData: true})
	_, err = b.send(t)
	require.Equal(t, hotel.InDoubt, hotel.KindOf(err))
	b.smtp.Set(smtptest.Faults{Mail: "550 5.4.5 daily"})
	_, err = b.send(t)
	require.Equal(t, hotel.Throttled, hotel.KindOf(err))
	require.Equal(t, []string{"faro gmail invalid_grant", "faro smtp 5.4.5"}, *b.closed)
}

func TestRepeatsSaySo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailConfirmation, Reservation: reservation(), Repeat: true})
	require.NoError(t, err)
	got := b.gmail.Mails()[0]
	require.True(t, got.Repeat)
	content, err := got.Read()
	require.NoError(t, err)
	require.Contains(t, content.Text, "misma reserva, no una nueva")
	require.Contains(t, content.HTML, "misma reserva, no una nueva")
}

func TestSeveralProperties(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *mail.Config) {
		second := c.Accounts[0]
		second.Hotel.ID, second.Hotel.Name, second.Hotel.From = "sur", "Hostería Sur", "sur@sur.example"
		second.Hotel.Country, second.Hotel.Locales = "CL", []string{"es-CL"}
		second.Gmail = nil
		none := second
		none.Hotel.ID, none.SMTP = "mute", nil
		c.Accounts = append(c.Accounts, second, none)
	})
	r := reservation()
	r.Property = "sur"
	_, err := b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailCancellation, Reservation: r})
	require.NoError(t, err)
	require.Contains(t, read(t, b.smtp.Received()[0].Raw).GetHeader("Subject"), "Hostería Sur")
	_, err = b.send(t)
	require.NoError(t, err)
	b.requireTaken(t, 1, 1)

	r.Property = "mute"
	_, err = b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailCancellation, Reservation: r})
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
	r.Property = "other"
	_, err = b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailCancellation, Reservation: r})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	_, err = b.mailer.SendAlert(t.Context(), hotel.Alert{Property: "other", Cause: hotel.CauseAsked}, nil)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	r.Property, r.Contact.Email = "faro", "nobody"
	_, err = b.mailer.SendMail(t.Context(), hotel.Mail{Kind: hotel.MailCancellation, Reservation: r})
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
}

func TestSettingsAreCheckedWhole(t *testing.T) {
	t.Parallel()
	bad := mail.Account{Hotel: mail.Hotel{ID: "x", From: "nobody", ReplyTo: "y", StaffEmails: []string{"z"}, OperatorEmails: []string{"w"},
		MapURL: "javascript:alert(1)", ReceptionURL: "x"}, SMTPFrom: "v"}
	_, err := mail.New(mail.Config{Accounts: []mail.Account{bad, bad}})
	for _, want := range []string{"name", "from", "reply to", "staff e-mail 1", "operator e-mail 1", "map link", "reception link",
		"SMTP from", "named twice"} {
		require.ErrorContains(t, err, want)
	}
	m, err := mail.New(mail.Config{})
	require.NoError(t, err)
	require.NotNil(t, m)
}

// refusing is a way that always answers the same.
type refusing struct{ err error }

func (r *refusing) Send(context.Context, []byte, string, []string) (string, error) { return "", r.err }
func (r *refusing) Probe(context.Context) error                                    { return r.err }

// One mail that fails for minutes goes by SMTP although others pass.
func TestOneMailThatKeepsFailing(t *testing.T) {
	t.Parallel()
	way := &refusing{err: &hotel.Error{Op: "x", Kind: hotel.Transient}}
	b := setup(t, func(c *mail.Config) { c.Accounts[0].Gmail = way })
	for range 5 {
		way.err = &hotel.Error{Op: "x", Kind: hotel.Transient}
		_, err := b.send(t)
		require.Equal(t, hotel.Transient, hotel.KindOf(err))
		way.err = nil
		_, err = b.mailer.SendAlert(t.Context(), hotel.Alert{Property: "faro", Cause: hotel.CauseAsked}, nil)
		require.NoError(t, err)
		b.clock.Pass(time.Minute)
	}
	way.err = &hotel.Error{Op: "x", Kind: hotel.Transient}
	_, err := b.send(t)
	require.NoError(t, err)
	b.requireTaken(t, 0, 1)
	way.err = errors.New("what is this")
	_, err = b.send(t)
	require.Error(t, err, "an error without a kind falls nowhere")
}

func TestGmailUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	gone, err := gmail.New(gmail.Config{ClientID: "i", ClientSecret: "s", RefreshToken: "r", Endpoint: "http://" + l.Addr().String(),
		TokenURL: "http://" + l.Addr().String() + "/token"})
	require.NoError(t, err)
	b := setup(t, func(c *mail.Config) { c.Accounts[0].Gmail, c.Patience = gone, 10*time.Second })
	_, err = b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err))
	b.clock.Pass(10 * time.Second)
	_, err = b.send(t)
	require.NoError(t, err)
	b.requireTaken(t, 0, 1)
}

func TestHowTheAccountsStand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, []hotel.Upstream{{Destination: "gmail", Property: "faro"}, {Destination: "smtp", Property: "faro"}}, b.mailer.Outside())
	require.NoError(t, b.gmail.Set(gmailtest.Switches{Token: "invalid_grant"}))
	_, err := b.send(t)
	require.NoError(t, err)
	require.Equal(t, hotel.Upstream{Destination: "gmail", Property: "faro", Refused: true, Code: "invalid_grant"}, b.mailer.Outside()[0])
	require.NoError(t, b.gmail.Set(gmailtest.Switches{}))
	b.clock.now = b.clock.now.Add(time.Hour)
	_, err = b.send(t)
	require.NoError(t, err)
	require.False(t, b.mailer.Outside()[0].Refused)
}
