package whatsapptest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
	wa "github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// TestMain finds leaks. The exception is fasthttp's sweeper of idle workers, which
// notices a shutdown only when its nap of 10 s ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

const (
	number = "106540352242922"
	ana    = "5491155550001"
	secret = "app secret"
)

// engine is the receiver of webhooks: it verifies and decodes as the real one does.
type engine struct {
	*httptest.Server
	mu       sync.Mutex
	refuse   int // answers 503 that many times
	bodies   [][]byte
	forged   int
	messages []hotel.Inbound
	receipts []hotel.Receipt
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{}
	verifier := whatsapp.NewVerifier(secret)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		switch {
		case err != nil || !verifier.Verify(r.Header.Get("X-Hub-Signature-256"), body):
			e.forged++
			w.WriteHeader(http.StatusUnauthorized)
			return
		case e.refuse > 0:
			e.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		hook, err := whatsapp.Decode(body, time.Now())
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		e.bodies = append(e.bodies, body)
		if len(hook.Messages) > 0 { // tests that have seen all messages read them while statuses still come
			e.messages = append(e.messages, hook.Messages...)
		}
		e.receipts = append(e.receipts, hook.Receipts...)
	}))
	t.Cleanup(e.Close)
	return e
}

// see waits until what the engine holds satisfies the condition.
func (e *engine) see(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return condition()
	}, 5*time.Second, 2*time.Millisecond, what)
}

func (e *engine) statuses(key hotel.Key) (out []hotel.DeliveryStatus) {
	for _, r := range e.receipts {
		if r.Key == key {
			out = append(out, r.Status)
		}
	}
	return out
}

// start returns a Server that posts to e, with Ana as its guest, and a client of it.
func start(t *testing.T, c wa.Config, e *engine) (*wa.Server, *whatsapp.Client, string) {
	t.Helper()
	if e != nil {
		c.WebhookURL, c.Secret = e.URL, secret
	}
	c.Pace, c.RetryAfter = 0.02, 5*time.Millisecond
	s, err := wa.New(c)
	require.NoError(t, err)
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, s.AddGuest(wa.Guest{Phone: ana, Name: "Ana Peña", BSUID: "AR.1349"}))
	client, err := whatsapp.New(whatsapp.Config{BaseURL: url,
		Numbers: map[hotel.PropertyID]whatsapp.Number{"sur": {PhoneNumberID: number, Token: "t"}}})
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		require.NoError(t, s.Close())
	})
	return s, client, url
}

func text(to hotel.Address, body string) hotel.Message {
	return hotel.Message{Property: "sur", To: to, Bubble: hotel.Bubble{Text: body}}
}

func TestTypedMessageReachesTheEngine(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, _, _ := start(t, wa.Config{}, e)
	id, err := s.Type(ana, wa.Typed{Text: "Hola, ¿hay lugar para mañana? 🏨 / doble"})
	require.NoError(t, err)
	e.see(t, "message", func() bool { return len(e.messages) == 1 })

	m := e.messages[0]
	require.Equal(t, id, m.MessageID)
	require.Equal(t, number, m.NumberID)
	require.Equal(t, hotel.Address{Phone: ana, BSUID: "AR.1349"}, m.From)
	require.Equal(t, "Ana Peña", m.Profile)
	require.Equal(t, "Hola, ¿hay lugar para mañana? 🏨 / doble", m.Text)
	require.Contains(t, string(e.bodies[0]), `ma\u00f1ana? \ud83c\udfe8 \/ doble`, "Meta's spelling")
	require.Eventually(t, func() bool { return s.Thread(ana)[0].Status == "delivered" }, time.Second, time.Millisecond)
}

func TestEverythingAGuestCanSend(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, client, _ := start(t, wa.Config{}, e)
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	bubble := hotel.Bubble{Text: "¿Sí?", Buttons: []hotel.Button{{ID: "yes:1", Title: "Sí"}, {ID: "no:1", Title: "No"}}}
	_, err = client.Send(t.Context(), hotel.Message{Property: "sur", To: hotel.Address{Phone: ana}, Bubble: bubble}, "k/0#1")
	require.NoError(t, err)
	bubble = hotel.Bubble{Text: "Elegí", List: &hotel.List{Button: "Ver", Rows: []hotel.Row{{ID: "room:2", Title: "Doble"}}}}
	_, err = client.Send(t.Context(), hotel.Message{Property: "sur", To: hotel.Address{Phone: ana}, Bubble: bubble}, "k/1#1")
	require.NoError(t, err)
	bubble = hotel.Bubble{Template: &hotel.Template{Name: "alerta", Lang: "es_AR", Params: []string{"Ana"}}}
	templateID, err := client.Send(t.Context(), hotel.Message{Property: "sur", To: hotel.Address{Phone: ana}, Bubble: bubble}, "k/2#1")
	require.NoError(t, err)

	typed := []wa.Typed{
		{Type: "tap", TapID: "yes:1"},
		{Type: "tap", TapID: "room:2"},
		{Type: "tap", TapID: "Atender", TapTitle: "Atender", ReplyTo: templateID},
		{Type: "image", Text: "mi pasaporte"},
		{Type: "video"}, {Type: "voice"}, {Type: "audio"}, {Type: "document"}, {Type: "sticker"},
		{Type: "location", Latitude: -34.6, Longitude: -58.4},
		{Type: "contacts", Text: "Luis"},
		{Type: "reaction", Text: "👍", ReplyTo: templateID},
		{Type: "unsupported"}, {Type: "hologram"},
	}
	want := []hotel.InboundKind{hotel.InText, hotel.InTap, hotel.InTap, hotel.InTap, hotel.InImage, hotel.InVideo, hotel.InVoice, hotel.InAudio,
		hotel.InDocument, hotel.InSticker, hotel.InLocation, hotel.InContacts, hotel.InReaction, hotel.InUnsupported, hotel.InUnsupported}
	for _, x := range typed {
		_, err := s.Type(ana, x)
		require.NoError(t, err, x.Type)
	}
	e.see(t, "all messages", func() bool { return len(e.messages) == len(want) })
	for i, m := range e.messages { // in the order typed: one lane per guest
		require.Equal(t, want[i], m.Kind, "message %d", i)
	}
	require.Equal(t, []string{"Sí", "Doble", "Atender", "mi pasaporte"},
		[]string{e.messages[1].Text, e.messages[2].Text, e.messages[3].Text, e.messages[4].Text})
	require.Equal(t, []string{"yes:1", "room:2", "Atender"}, []string{e.messages[1].TapID, e.messages[2].TapID, e.messages[3].TapID})
	require.Equal(t, templateID, e.messages[3].QuoteID)

	for name, bad := range map[string]wa.Typed{
		"empty text":     {},
		"unknown tap":    {Type: "tap", TapID: "never sent"},
		"unknown number": {Text: "x", Number: "1"},
	} {
		_, err := s.Type(ana, bad)
		require.Error(t, err, name)
	}
	_, err = s.Type("999", wa.Typed{Text: "x"})
	require.Error(t, err)
}

func TestTicks(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, client, _ := start(t, wa.Config{}, e)
	inbound, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	_, err = client.Send(t.Context(), text(hotel.Address{Phone: ana}, "¡Hola!"), "abc/0#2")
	require.NoError(t, err)
	e.see(t, "three statuses", func() bool { return len(e.statuses("abc/0")) == 3 })
	require.ElementsMatch(t, []hotel.DeliveryStatus{hotel.DeliverySent, hotel.DeliveryDelivered, hotel.DeliveryRead}, e.statuses("abc/0"))
	require.Equal(t, 2, e.receipts[0].Attempt)
	require.Contains(t, string(bytes.Join(e.bodies, nil)), `"pricing_model":"PMP"`)

	require.NoError(t, client.MarkRead(t.Context(), "sur", inbound))
	thread := s.Thread(ana)
	require.Equal(t, "read", thread[0].Status)
	require.Equal(t, "read", thread[1].Status)
	require.Equal(t, hotel.Invalid, hotel.KindOf(client.MarkRead(t.Context(), "sur", "wamid.unknown")))
}

func TestFailedLater(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, client, _ := start(t, wa.Config{}, e)
	require.NoError(t, s.AddGuest(wa.Guest{Phone: "5491155550009", Name: "Nadie", Unreachable: true}))
	s.Switch(func(sw *wa.Switches) { sw.NoWindow = true })
	_, err := client.Send(t.Context(), text(hotel.Address{Phone: "5491155550009"}, "x"), "u/0#1")
	require.NoError(t, err)
	s.Switch(func(sw *wa.Switches) { sw.FailLater = []int{131053} })
	_, err = client.Send(t.Context(), text(hotel.Address{Phone: ana}, "x"), "l/0#1")
	require.NoError(t, err)
	e.see(t, "two failures", func() bool { return len(e.receipts) == 2 })
	codes := map[hotel.Key]string{}
	for _, r := range e.receipts {
		require.Equal(t, hotel.DeliveryFailed, r.Status)
		codes[r.Key] = r.Code
	}
	require.Equal(t, map[hotel.Key]string{"u/0": "131026", "l/0": "131053"}, codes)
}

func TestUserIDs(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, client, url := start(t, wa.Config{}, e)
	require.NoError(t, s.AddGuest(wa.Guest{Phone: "5215555550002", Name: "Beto", BSUID: "MX.77", HidePhone: true}))
	_, err := s.Type("5215555550002", wa.Typed{Text: "hola"})
	require.NoError(t, err)
	e.see(t, "message", func() bool { return len(e.messages) == 1 })
	require.Equal(t, hotel.Address{BSUID: "MX.77"}, e.messages[0].From)
	require.NotContains(t, string(e.bodies[0]), "5215555550002")

	id, err := client.Send(t.Context(), text(e.messages[0].From, "hola Beto"), "b/0#1")
	require.NoError(t, err)
	require.NotEmpty(t, id)
	_, err = client.Send(t.Context(), text(hotel.Address{BSUID: "MX.nobody"}, "x"), "b/1#1")
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))

	// a user id in "to" is taken, and fails later
	status, answer := post(t, url+"/v26.0/"+number+"/messages",
		`{"messaging_product":"whatsapp","to":"MX.77","type":"text","text":{"body":"x"},"biz_opaque_callback_data":"b/2#1"}`)
	require.Equal(t, http.StatusOK, status, answer)
	e.see(t, "failed status", func() bool {
		return len(e.statuses("b/2")) == 1 && e.statuses("b/2")[0] == hotel.DeliveryFailed
	})
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer t")
	r.Close = true
	return do(t, r)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Close = true
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	return v
}
