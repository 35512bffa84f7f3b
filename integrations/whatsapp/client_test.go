package whatsapp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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

// The client is what the messenger actor asks for.
var _ interface {
	Send(ctx context.Context, m hotel.Message, callback string) (string, error)
	MarkRead(ctx context.Context, property hotel.PropertyID, messageID string) error
	Probe(ctx context.Context, property hotel.PropertyID) error
} = (*whatsapp.Client)(nil)

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
