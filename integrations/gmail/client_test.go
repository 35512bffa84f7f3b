package gmail_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/gmail"
	"github.com/conserje/conserje/integrations/gmail/gmailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const raw = "From: hotel@hotel.test\r\nTo: ana@example.com\r\nSubject: =?utf-8?q?reserva_=C3=B1?=\r\n" +
	"Message-ID: <ours@hotel.test>\r\nBcc: copy@hotel.test\r\nX-Booking-Ref: R-1\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n\r\nHola\r\n"

type bundle struct {
	server *gmailtest.Server
	client *gmail.Client
	url    string
}

func setup(t *testing.T, cfg gmailtest.Config, edit ...func(*gmail.Config)) bundle {
	t.Helper()
	server, err := gmailtest.New(cfg)
	require.NoError(t, err)
	url, err := server.Start("127.0.0.1:0")
	require.NoError(t, err)
	c := gmail.Config{ClientID: "id", ClientSecret: "secret", RefreshToken: "refresh", Endpoint: url,
		TokenURL: url + "/token", Timeout: 5 * time.Second, PerMinute: -1}
	for _, e := range edit {
		e(&c)
	}
	client, err := gmail.New(c)
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		require.NoError(t, server.Close())
	})
	return bundle{server, client, url}
}

func (b bundle) send(t *testing.T) (string, error) {
	t.Helper()
	return b.client.Send(t.Context(), []byte(raw), "hotel@hotel.test", []string{"ana@example.com"})
}

func TestSends(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{ClientID: "id", ClientSecret: "secret", RefreshToken: "refresh"})

	id, err := b.send(t)
	require.NoError(t, err)
	_, err = b.send(t)
	require.NoError(t, err)

	mails := b.server.Mails()
	require.Len(t, mails, 2)
	require.Equal(t, id, mails[0].ID)
	require.Equal(t, "reserva ñ", mails[0].Subject)
	require.Equal(t, "R-1", mails[0].Ref)
	require.Contains(t, string(mails[0].Raw), "@mail.gmail.com>", "Gmail's own Message-ID")
	require.NotContains(t, string(mails[0].Raw), "ours@hotel.test")
	require.NotContains(t, string(mails[0].Raw), "Bcc")
	tokens, sends := b.server.Asked()
	require.Equal(t, 1, tokens, "the access token is kept, and asked for without a probe")
	require.Equal(t, 2, sends)
}

func TestErrorsByKind(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sw    gmailtest.Switches
		kind  hotel.Kind
		scope hotel.Scope
		code  string
		min   time.Duration // of RetryAfter
		max   time.Duration
		kept  int
		sends int
	}{
		"bad message":       {gmailtest.Switches{Send: "400"}, hotel.Invalid, hotel.ScopeRow, "invalidArgument", 0, 0, 0, 1},
		"no Gmail":          {gmailtest.Switches{Send: "precondition"}, hotel.Unauthorised, hotel.ScopeNumber, "failedPrecondition", 0, 0, 0, 1},
		"401 twice":         {gmailtest.Switches{Send: "401"}, hotel.Unauthorised, hotel.ScopeNumber, "authError", 0, 0, 0, 2},
		"API not enabled":   {gmailtest.Switches{Send: "403_config"}, hotel.Unauthorised, hotel.ScopeNumber, "accessNotConfigured", 0, 0, 0, 1},
		"403 rate":          {gmailtest.Switches{Send: "403_rate"}, hotel.Throttled, hotel.ScopeNumber, "userRateLimitExceeded", 0, 0, 0, 1},
		"403 daily":         {gmailtest.Switches{Send: "403_daily"}, hotel.Throttled, hotel.ScopeNumber, gmail.CodeDaily, time.Hour, time.Hour, 0, 1},
		"404":               {gmailtest.Switches{Send: "404"}, hotel.Invalid, hotel.ScopeRow, "notFound", 0, 0, 0, 1},
		"413":               {gmailtest.Switches{Send: "413"}, hotel.Invalid, hotel.ScopeRow, "uploadTooLarge", 0, 0, 0, 1},
		"429 with time":     {gmailtest.Switches{Send: "429", RetryAfterS: 40}, hotel.Throttled, hotel.ScopeNumber, "rateLimitExceeded", 35 * time.Second, 40 * time.Second, 0, 1},
		"429 mail sending":  {gmailtest.Switches{Send: "429_mail"}, hotel.Throttled, hotel.ScopeNumber, gmail.CodeMailSending, time.Hour, time.Hour, 0, 1},
		"429 mail, 3 hours": {gmailtest.Switches{Send: "429_mail", RetryAfterS: 10800}, hotel.Throttled, hotel.ScopeNumber, gmail.CodeMailSending, 2 * time.Hour, 3 * time.Hour, 0, 1},
		"500":               {gmailtest.Switches{Send: "500"}, hotel.InDoubt, hotel.ScopeRow, "backendError", 0, 0, 0, 1},
		"503":               {gmailtest.Switches{Send: "503"}, hotel.InDoubt, hotel.ScopeRow, "backendError", 0, 0, 0, 1},
		"HTML of a proxy":   {gmailtest.Switches{Send: "html"}, hotel.InDoubt, hotel.ScopeRow, "502", 0, 0, 0, 1},
		"cut after":         {gmailtest.Switches{Send: "cut"}, hotel.InDoubt, hotel.ScopeRow, "", 0, 0, 1, 1},
		"cut before":        {gmailtest.Switches{Send: "cut_before"}, hotel.InDoubt, hotel.ScopeRow, "", 0, 0, 0, 1},
		"dead grant":        {gmailtest.Switches{Token: "invalid_grant"}, hotel.Unauthorised, hotel.ScopeNumber, "invalid_grant", 0, 0, 0, 0},
		"wrong client":      {gmailtest.Switches{Token: "invalid_client"}, hotel.Unauthorised, hotel.ScopeNumber, "invalid_client", 0, 0, 0, 0},
		"token endpoint":    {gmailtest.Switches{Token: "500"}, hotel.NotSent, hotel.ScopeRow, "token", 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, gmailtest.Config{})
			require.NoError(t, b.server.Set(tc.sw))

			_, err := b.send(t)

			e := hotel.AsError(err)
			require.Equal(t, tc.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, tc.scope, e.Scope)
			require.Equal(t, tc.code, e.Code)
			require.GreaterOrEqual(t, e.RetryAfter, tc.min)
			require.LessOrEqual(t, e.RetryAfter, tc.max)
			require.Len(t, b.server.Mails(), tc.kept)
			_, sends := b.server.Asked()
			require.Equal(t, tc.sends, sends, "nothing is repeated but a 401")
			for _, secret := range []string{"ana@example.com", "secret", "refresh", "ya29"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{})
	_, err := b.send(t)
	require.NoError(t, err)

	b.server.RevokeTokens()
	_, err = b.send(t)

	require.NoError(t, err)
	tokens, sends := b.server.Asked()
	require.Equal(t, 2, tokens)
	require.Equal(t, 3, sends)
	require.Len(t, b.server.Mails(), 2)
}

func TestManySendersRefreshOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{})
	var group sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		group.Go(func() {
			_, err := b.client.Send(context.Background(), []byte(raw), "", nil)
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	tokens, _ := b.server.Asked()
	require.Equal(t, 1, tokens)
	require.Len(t, b.server.Mails(), 20)
}

func TestTimeoutAfterTheRequestLeftIsInDoubt(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{}, func(c *gmail.Config) { c.Timeout = 300 * time.Millisecond })
	require.NoError(t, b.server.Set(gmailtest.Switches{Send: "hang_after", SlowMS: 60_000}))
	_, err := b.send(t)
	require.Equal(t, hotel.InDoubt, hotel.KindOf(err), "%v", err)
	require.Len(t, b.server.Mails(), 1)
}

func TestSlowTokenEndpointLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{}, func(c *gmail.Config) { c.Timeout = 100 * time.Millisecond })
	require.NoError(t, b.server.Set(gmailtest.Switches{Token: "slow", SlowMS: 60_000}))
	_, err := b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.client.Send(ctx, []byte(raw), "", nil)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "%v", err)
	require.Empty(t, b.server.Mails())
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	gone := "http://" + l.Addr().String()

	b := setup(t, gmailtest.Config{}, func(c *gmail.Config) { c.Endpoint = gone })
	_, err = b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "API: %v", err)

	b = setup(t, gmailtest.Config{}, func(c *gmail.Config) { c.TokenURL = gone + "/token" })
	_, err = b.send(t)
	require.Equal(t, hotel.NotSent, hotel.KindOf(err), "token: %v", err)
}

func TestOwnPace(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{}, func(c *gmail.Config) { c.PerMinute = 4 })
	_, err := b.send(t)
	require.NoError(t, err)

	_, err = b.send(t)

	e := hotel.AsError(err)
	require.Equal(t, hotel.Throttled, e.Kind)
	require.Equal(t, hotel.ScopeNumber, e.Scope)
	require.InDelta(t, 20, e.RetryAfter.Seconds(), 2)
	require.Len(t, b.server.Mails(), 1)
}

func TestUnitsPerMinuteOfTheAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{UnitsPerMinute: 200})
	for range 2 {
		_, err := b.send(t)
		require.NoError(t, err)
	}
	_, err := b.send(t)
	e := hotel.AsError(err)
	require.Equal(t, hotel.Throttled, e.Kind, "%v", err)
	require.InDelta(t, 60, e.RetryAfter.Seconds(), 3)
}

func TestDailyLimitOfTheAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{Daily: 1})
	_, err := b.send(t)
	require.NoError(t, err)
	_, err = b.send(t)
	e := hotel.AsError(err)
	require.Equal(t, gmail.CodeMailSending, e.Code)
	require.Greater(t, e.RetryAfter, 23*time.Hour)
}

// fakeAPI answers tokens with a refresh token in them, and sends with what it is told.
func fakeAPI(t *testing.T, answer http.HandlerFunc, tokens ...string) (*gmail.Client, *[]string) {
	t.Helper()
	mux := http.NewServeMux()
	asked := make(chan struct{}, 100)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		n := min(len(asked), len(tokens)-1)
		asked <- struct{}{}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, tokens[n])
	})
	mux.HandleFunc("POST /gmail/v1/users/me/messages/send", answer)
	server := httptest.NewServer(mux)
	var renewed []string
	client, err := gmail.New(gmail.Config{ClientID: "id", ClientSecret: "s", RefreshToken: "old", Endpoint: server.URL,
		TokenURL: server.URL + "/token", OnRefreshToken: func(s string) { renewed = append(renewed, s) }})
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, &renewed
}

func TestANewRefreshTokenIsHandedOver(t *testing.T) {
	t.Parallel()
	client, renewed := fakeAPI(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"id":"m1"}`) },
		`{"access_token":"a","expires_in":3599,"refresh_token":"new"}`)
	for range 2 {
		id, err := client.Send(t.Context(), []byte(raw), "", nil)
		require.NoError(t, err)
		require.Equal(t, "m1", id)
	}
	require.Equal(t, []string{"new"}, *renewed)
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"access_token":"a","expires_in":3599}`
	for name, tc := range map[string]struct {
		token  string
		status int
		header string
		body   string
		kind   hotel.Kind
		code   string
		wait   time.Duration
	}{
		"no id":               {good, 200, "", `{}`, hotel.InDoubt, "no_id", 0},
		"no JSON":             {good, 200, "", `<html>`, hotel.InDoubt, "", 0},
		"redirect":            {good, 307, "", ``, hotel.InDoubt, "307", 0},
		"reason in details":   {good, 403, "", `{"error":{"code":403,"message":"x","details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}`, hotel.Throttled, "RATE_LIMIT_EXCEEDED", 0},
		"scope missing":       {good, 403, "", `{"error":{"code":403,"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`, hotel.Unauthorised, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", 0},
		"bare 403":            {good, 403, "", `no`, hotel.Unauthorised, "403", 0},
		"reason is no word":   {good, 400, "", `{"error":{"code":400,"errors":[{"reason":"ana@example.com"}]}}`, hotel.Invalid, "other", 0},
		"Retry-After seconds": {good, 429, "7", `{}`, hotel.Throttled, "429", 7 * time.Second},
		"Retry-After absurd":  {good, 429, "-5", `{}`, hotel.Throttled, "429", 0},
		"Retry-After past":    {good, 429, "Mon, 02 Jan 2006 15:04:05 GMT", `{}`, hotel.Throttled, "429", 0},
		"token is no JSON":    {`<html>`, 200, "", `{}`, hotel.NotSent, "token", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := fakeAPI(t, func(w http.ResponseWriter, _ *http.Request) {
				if tc.header != "" {
					w.Header().Set("Retry-After", tc.header)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				_, _ = fmt.Fprint(w, tc.body)
			}, tc.token)
			_, err := client.Send(t.Context(), []byte(raw), "", nil)
			e := hotel.AsError(err)
			require.Equal(t, tc.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, tc.code, e.Code)
			require.Equal(t, tc.wait, e.RetryAfter)
			require.NotContains(t, err.Error(), "ana@")
		})
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := gmail.New(gmail.Config{ClientID: "id"})
	require.ErrorContains(t, err, "refresh token")
	client, err := gmail.New(gmail.Config{ClientID: "id", ClientSecret: "s", RefreshToken: "r"})
	require.NoError(t, err, "Google's own addresses are the default")
	client.Close()
}

func TestTheProbeSendsNothingAndTellsWhetherTheAPIAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t, gmailtest.Config{ClientID: "id", ClientSecret: "secret", RefreshToken: "refresh"})
	require.NoError(t, b.client.Probe(t.Context()))
	for sw, away := range map[gmailtest.Switches]bool{
		{Send: "503"}: true, {Send: "cut_before"}: true, {Token: "500"}: true, {Token: "invalid_grant"}: false, {Send: "403_daily"}: false,
	} {
		require.NoError(t, b.server.Set(sw))
		b.server.RevokeTokens()
		require.Equal(t, away, b.client.Probe(t.Context()) != nil, "%+v", sw)
	}
	require.Empty(t, b.server.Mails())
}
