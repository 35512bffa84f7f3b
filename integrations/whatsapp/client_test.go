package whatsapp_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	numberID = "106540352242922"
	phone    = "5491155550001"
	secretly = "my passport is AB123"
)

var message = hotel.Message{Property: "sur", To: hotel.Address{Phone: phone}, Bubble: hotel.Bubble{Text: secretly}}

// client returns one whose only property "sur" has its number at base.
func client(t *testing.T, base string, change ...func(*whatsapp.Config)) *whatsapp.Client {
	t.Helper()
	c := whatsapp.Config{BaseURL: base, Numbers: map[hotel.PropertyID]whatsapp.Number{"sur": {PhoneNumberID: numberID, Token: "secret-token"}}}
	for _, f := range change {
		f(&c)
	}
	out, err := whatsapp.New(c)
	require.NoError(t, err)
	t.Cleanup(out.Close)
	return out
}

// meta is a Meta to whose number the guest has just written.
func meta(t *testing.T) (*whatsapptest.Server, string) {
	t.Helper()
	s, err := whatsapptest.New(whatsapptest.Config{Numbers: []whatsapptest.Number{{PhoneNumberID: numberID, Token: "secret-token"}}})
	require.NoError(t, err)
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.AddGuest(whatsapptest.Guest{Phone: phone, Name: "Ana"}))
	_, err = s.Type(phone, whatsapptest.Typed{Text: "hola"})
	require.NoError(t, err)
	return s, url
}

// fixed answers everything with one answer.
func fixed(t *testing.T, status int, header, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// discreet wants an error that tells nothing of the guest or the hotel's secrets.
func discreet(t *testing.T, err error) *hotel.Error {
	t.Helper()
	require.Error(t, err)
	for _, secret := range []string{secretly, phone, "secret-token", "passport"} {
		require.NotContains(t, err.Error(), secret)
	}
	return hotel.AsError(err)
}

func TestSendWireFormat(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		to     hotel.Address
		bubble hotel.Bubble
		want   string
	}{
		"text": {hotel.Address{Phone: phone, BSUID: "AR.1"}, hotel.Bubble{Text: "¡Hola!"},
			`{"to":"` + phone + `","type":"text","text":{"body":"¡Hola!"}`},
		"user id": {hotel.Address{BSUID: "AR.1", Parent: "AR.ENT.2"}, hotel.Bubble{Text: "x"},
			`{"recipient":"AR.1","type":"text","text":{"body":"x"}`},
		"parent user id": {hotel.Address{Parent: "AR.ENT.2"}, hotel.Bubble{Text: "x"},
			`{"recipient":"AR.ENT.2","type":"text","text":{"body":"x"}`},
		"buttons": {hotel.Address{Phone: phone}, hotel.Bubble{Text: "¿Sí?", Buttons: []hotel.Button{{ID: "y", Title: "Sí"}}},
			`{"to":"` + phone + `","type":"interactive","interactive":{"type":"button","body":{"text":"¿Sí?"},` +
				`"action":{"buttons":[{"type":"reply","reply":{"id":"y","title":"Sí"}}]}}`},
		"list": {hotel.Address{Phone: phone}, hotel.Bubble{Text: "Elegí", List: &hotel.List{Button: "Ver", Title: "Libres",
			Rows: []hotel.Row{{ID: "1", Title: "Doble", Description: "ARS 85.000"}, {ID: "2", Title: "Suite"}}}},
			`{"to":"` + phone + `","type":"interactive","interactive":{"type":"list","body":{"text":"Elegí"},"action":{"button":"Ver",` +
				`"sections":[{"title":"Libres","rows":[{"id":"1","title":"Doble","description":"ARS 85.000"},{"id":"2","title":"Suite"}]}]}}`},
		"template": {hotel.Address{Phone: phone}, hotel.Bubble{Template: &hotel.Template{Name: "aviso", Lang: "es_AR", Params: []string{"Ana"}}},
			`{"to":"` + phone + `","type":"template","template":{"name":"aviso","language":{"code":"es_AR"},` +
				`"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}`},
		"template without parameters": {hotel.Address{Phone: phone}, hotel.Bubble{Template: &hotel.Template{Name: "aviso", Lang: "es"}},
			`{"to":"` + phone + `","type":"template","template":{"name":"aviso","language":{"code":"es"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := make(chan []byte, 1)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v26.0/"+numberID+"/messages" && r.Header.Get("Authorization") == "Bearer secret-token" {
					body, _ := io.ReadAll(r.Body)
					got <- body
				}
				_, _ = io.WriteString(w, `{"messaging_product":"whatsapp","contacts":[{}],"messages":[{"id":"wamid.1"}]}`)
			}))
			t.Cleanup(s.Close)
			id, err := client(t, s.URL).Send(t.Context(), hotel.Message{Property: "sur", To: c.to, Bubble: c.bubble}, "k/0#1")
			require.NoError(t, err)
			require.Equal(t, "wamid.1", id)
			require.JSONEq(t, c.want+`,"messaging_product":"whatsapp","recipient_type":"individual","biz_opaque_callback_data":"k/0#1"}`, string(receive(t, got)))
		})
	}
}

func TestSendReachesThePhone(t *testing.T) {
	t.Parallel()

	s, url := meta(t)
	c := client(t, url+"/v25.0/")
	id, err := c.Send(t.Context(), message, "k/0#1")
	require.NoError(t, err)
	thread := s.Thread(phone)
	require.Equal(t, id, thread[1].ID)
	require.Equal(t, secretly, thread[1].Text)
	require.NoError(t, c.MarkRead(t.Context(), "sur", thread[0].ID))
	require.NoError(t, c.Probe(t.Context(), "sur"))
}

// TestCodes goes through Meta's table: every code, by way of the simulator.
func TestCodes(t *testing.T) {
	t.Parallel()

	row, pair, number := hotel.ScopeRow, hotel.ScopePair, hotel.ScopeNumber
	for _, c := range []struct {
		kind  hotel.Kind
		scope hotel.Scope
		after time.Duration
		codes []int
	}{
		{hotel.Unauthorised, number, 0, []int{190, 3, 10, 200, 299, 131005, 33, 131045, 133010, 368, 131031, 131037, 131042, 133006}},
		{hotel.Transient, row, 0, []int{1, 2, 131000, 131016, 133004}},
		{hotel.Transient, row, time.Minute, []int{131057}},
		{hotel.Throttled, number, time.Second, []int{4, 80007, 130429}},
		{hotel.Throttled, number, 5 * time.Minute, []int{131048, 131064}},
		{hotel.Throttled, pair, 4 * time.Second, []int{131056}},
		{hotel.WindowClosed, row, 0, []int{131047}},
		{hotel.Invalid, row, 0, []int{100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131052, 131053, 131055,
			131062, 131063, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 135000, 137000, 999999}},
	} {
		for _, code := range c.codes {
			t.Run(strconv.Itoa(code), func(t *testing.T) {
				t.Parallel()

				s, url := meta(t)
				s.Switch(func(sw *whatsapptest.Switches) { sw.FailCodes = []int{code} })
				_, err := client(t, url).Send(t.Context(), message, "k/0#1")
				e := discreet(t, err)
				require.Equal(t, c.kind, e.Kind)
				require.Equal(t, c.scope, e.Scope)
				require.Equal(t, c.after, e.RetryAfter)
				require.Equal(t, strconv.Itoa(code), e.Code)
				require.Equal(t, "whatsapp.Send", e.Op)
				require.Len(t, s.Thread(phone), 1, "nothing reached the phone")
			})
		}
	}
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()

	quoting := `"message":"bad ` + secretly + `","error_data":{"details":"` + phone + `"},"fbtrace_id":"` + strings.Repeat("A", 99) + `"`
	for name, c := range map[string]struct {
		status int
		header string
		body   string
		kind   hotel.Kind
		code   string
		after  time.Duration
	}{
		"token, code 0":              {401, "", `{"error":{"code":0}}`, hotel.Unauthorised, "0", 0},
		"unknown code, 500":          {500, "", `{"error":{"code":777}}`, hotel.Transient, "777", 0},
		"unknown code, transient":    {400, "", `{"error":{"code":777,"is_transient":true}}`, hotel.Transient, "777", 0},
		"texts that quote":           {400, "", `{"error":{"code":100,` + quoting + `}}`, hotel.Invalid, "100", 0},
		"throttled with a time":      {400, "Retry-After: 30", `{"error":{"code":130429}}`, hotel.Throttled, "130429", 30 * time.Second},
		"odd retry time":             {400, "Retry-After: tomorrow", `{"error":{"code":130429}}`, hotel.Throttled, "130429", time.Second},
		"502 in HTML":                {502, "", `<html>` + secretly + `</html>`, hotel.InDoubt, "http_502", 0},
		"503 empty":                  {503, "Retry-After: 7", ``, hotel.InDoubt, "http_503", 7 * time.Second},
		"500 with other JSON":        {500, "", `{"message":"oops"}`, hotel.InDoubt, "http_500", 0},
		"proxy says 429":             {429, "", `slow down`, hotel.Throttled, "http_429", time.Second},
		"proxy says 408":             {408, "", ``, hotel.Transient, "http_408", 0},
		"proxy says 400":             {400, "", ``, hotel.Invalid, "http_400", 0},
		"proxy says 413":             {413, "", ``, hotel.Invalid, "http_413", 0},
		"wrong address":              {404, "", `not here`, hotel.Unauthorised, "http_404", 0},
		"redirect is not followed":   {302, "Location: http://127.0.0.1:1/", ``, hotel.Unauthorised, "http_302", 0},
		"201":                        {201, "", `{}`, hotel.InDoubt, "http_201", 0},
		"200 but no JSON":            {200, "", secretly, hotel.InDoubt, "odd_answer", 0},
		"200 without an id":          {200, "", `{"messages":[{}]}`, hotel.InDoubt, "odd_answer", 0},
		"200 without messages":       {200, "", `{}`, hotel.InDoubt, "odd_answer", 0},
		"200 with more than we read": {200, "", `{"x":"` + strings.Repeat("x", 70<<10) + `"}`, hotel.InDoubt, "odd_answer", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := client(t, fixed(t, c.status, c.header, c.body)).Send(t.Context(), message, "k/0#1")
			e := discreet(t, err)
			require.Equal(t, c.kind, e.Kind)
			require.Equal(t, c.code, e.Code)
			require.Equal(t, c.after, e.RetryAfter)
		})
	}
}

func TestWhatDidNotLeave(t *testing.T) {
	t.Parallel()

	refused := refusedAddress(t)
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of us, rightly
	tls.StartTLS()                                   // with a certificate that nobody trusts
	t.Cleanup(tls.Close)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		url string
	}{
		"refused":   {t.Context(), "http://" + refused},
		"handshake": {t.Context(), tls.URL},
		"cancelled": {ended, "http://" + refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ctx := c.ctx
			_, err := client(t, c.url).Send(ctx, message, "k/0#1")
			require.Equal(t, hotel.NotSent, discreet(t, err).Kind)
		})
	}
}

// refusedAddress is one where nobody listens.
func refusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestWhatMayHaveLeft(t *testing.T) {
	t.Parallel()

	t.Run("Hang", func(t *testing.T) {
		t.Parallel()

		s, url := meta(t)
		s.Switch(func(sw *whatsapptest.Switches) { sw.Hang = true })
		c := client(t, url, func(c *whatsapp.Config) { c.Timeout = 50 * time.Millisecond })
		_, err := c.Send(t.Context(), message, "k/0#1")
		e := discreet(t, err)
		require.Equal(t, hotel.InDoubt, e.Kind)
		require.Equal(t, "timeout", e.Code)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("CutAfterAccept", func(t *testing.T) {
		t.Parallel()

		s, url := meta(t)
		s.Switch(func(sw *whatsapptest.Switches) { sw.CutAfterAccept = true })
		_, err := client(t, url).Send(t.Context(), message, "k/0#1")
		require.Equal(t, hotel.InDoubt, discreet(t, err).Kind)
		require.Len(t, s.Thread(phone), 2, "the guest has it")
	})
	t.Run("CutInTheAnswer", func(t *testing.T) {
		t.Parallel()

		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"messages":[{"id":"wam`)
		}))
		t.Cleanup(s.Close)
		_, err := client(t, s.URL).Send(t.Context(), message, "k/0#1")
		require.Equal(t, hotel.InDoubt, discreet(t, err).Kind)
	})
	t.Run("CallerGivesUp", func(t *testing.T) {
		t.Parallel()

		ctx, cancel := context.WithCancel(t.Context())
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		}))
		t.Cleanup(s.Close)
		_, err := client(t, s.URL).Send(ctx, message, "k/0#1")
		require.Equal(t, hotel.InDoubt, discreet(t, err).Kind)
	})
}

// TestStaleConnection: a server that closed an idle connection costs a doubt at
// most, never a lost message; what net/http repeats by itself had not left.
func TestStaleConnection(t *testing.T) {
	t.Parallel()

	s, url := meta(t)
	c := client(t, url)
	_, err := c.Send(t.Context(), message, "k/0#1")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = c.Send(t.Context(), message, "k/0#2")
	require.Contains(t, []hotel.Kind{hotel.NotSent, hotel.InDoubt}, discreet(t, err).Kind)
}

func TestHarmlessRequestsAreNeverInDoubt(t *testing.T) {
	t.Parallel()

	c := client(t, fixed(t, 502, "", "<html>"))
	require.Equal(t, hotel.Transient, hotel.KindOf(c.Probe(t.Context(), "sur")))
	require.Equal(t, hotel.Transient, hotel.KindOf(c.MarkRead(t.Context(), "sur", "wamid.1")))
	require.Equal(t, hotel.Invalid, hotel.KindOf(c.MarkRead(t.Context(), "sur", "")))
	_, url := meta(t)
	wrong := client(t, url, func(c *whatsapp.Config) {
		c.Numbers["sur"] = whatsapp.Number{PhoneNumberID: numberID, Token: "expired"}
	})
	require.Equal(t, hotel.Unauthorised, hotel.KindOf(wrong.Probe(t.Context(), "sur")))
}

func TestUnknownProperty(t *testing.T) {
	t.Parallel()

	c := client(t, "http://127.0.0.1:1")
	_, err := c.Send(t.Context(), hotel.Message{Property: "norte"}, "")
	for _, err := range []error{err, c.MarkRead(t.Context(), "norte", "w"), c.Probe(t.Context(), "norte")} {
		require.Equal(t, hotel.Unauthorised, hotel.KindOf(err))
		require.Equal(t, hotel.ScopeNumber, hotel.AsError(err).Scope)
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()

	for _, base := range []string{"graph.facebook.com", "ftp://x", "http://", "http://x\x7f"} {
		_, err := whatsapp.New(whatsapp.Config{BaseURL: base})
		require.Error(t, err, base)
	}
	_, err := whatsapp.New(whatsapp.Config{Numbers: map[hotel.PropertyID]whatsapp.Number{"sur": {}}})
	require.ErrorContains(t, err, "sur")
	_, err = whatsapp.New(whatsapp.Config{})
	require.NoError(t, err)
}

func TestHTTPClientOfTheCaller(t *testing.T) {
	t.Parallel()

	failing := errors.New("no network here")
	c := client(t, "", func(c *whatsapp.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, failing })}
	})
	_, err := c.Send(t.Context(), message, "")
	require.Equal(t, hotel.NotSent, hotel.KindOf(err))
	require.ErrorIs(t, err, failing)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestReadBody(t *testing.T) {
	t.Parallel()

	got := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		_, _ = io.WriteString(w, `{"success":true}`)
	}))
	t.Cleanup(s.Close)
	require.NoError(t, client(t, s.URL).MarkRead(t.Context(), "sur", "wamid.1"))
	require.JSONEq(t, `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.1","typing_indicator":{"type":"text"}}`, receive(t, got))
}

// receive takes what a handler has handed over before it answered.
func receive[T any](t *testing.T, from chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	default:
		require.Fail(t, "no request came as it should")
	}
	return v
}
