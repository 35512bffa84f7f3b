package whatsapptest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	wa "github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

func TestWebhookIsRepeatedUntilItIsTaken(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	e.refuse = 3
	s, _, _ := start(t, wa.Config{}, e)
	for i := range 5 {
		_, err := s.Type(ana, wa.Typed{Text: strconv.Itoa(i)})
		require.NoError(t, err)
	}
	e.see(t, "five messages", func() bool { return len(e.messages) == 5 })
	for i, m := range e.messages {
		require.Equal(t, strconv.Itoa(i), m.Text, "the next waits for the one before")
	}
}

func TestDuplicateWebhooks(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, _, _ := start(t, wa.Config{}, e)
	s.Switch(func(sw *wa.Switches) { sw.DuplicateWebhooks = 1 })
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	e.see(t, "twice", func() bool { return len(e.messages) == 2 })
	require.Equal(t, e.messages[0].MessageID, e.messages[1].MessageID)
}

func TestBatches(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, _, _ := start(t, wa.Config{}, e)
	s.Switch(func(sw *wa.Switches) { sw.Batch = 50; sw.NumberRate = 0 })
	for range 120 {
		_, err := s.Type(ana, wa.Typed{Text: "hola"})
		require.NoError(t, err)
	}
	e.see(t, "all", func() bool { return len(e.messages) == 120 })
	require.Less(t, len(e.bodies), 20)
}

func TestReorderedWebhooksAllArrive(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, _, _ := start(t, wa.Config{}, e)
	s.Switch(func(sw *wa.Switches) { sw.Reorder = true })
	for range 30 {
		_, err := s.Type(ana, wa.Typed{Text: "hola"})
		require.NoError(t, err)
	}
	e.see(t, "all", func() bool { return len(e.messages) == 30 })
}

func TestWrongSecretAndHold(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, _, _ := start(t, wa.Config{}, e)
	s.Switch(func(sw *wa.Switches) { sw.WrongSecret = true })
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	e.see(t, "forged", func() bool { return e.forged > 1 })
	s.Switch(func(sw *wa.Switches) { sw.WrongSecret = false; sw.HoldWebhooks = true })
	s.Switch(func(sw *wa.Switches) { sw.HoldWebhooks = false })
	e.see(t, "taken in the end", func() bool { return len(e.messages) == 1 })
}

func TestWindowAndPaces(t *testing.T) {
	t.Parallel()

	s, client, _ := start(t, wa.Config{}, nil)
	to := hotel.Address{Phone: ana}
	_, err := client.Send(t.Context(), text(to, "hola"), "k/0#1")
	require.Equal(t, hotel.WindowClosed, hotel.KindOf(err), "nobody wrote yet")
	template := hotel.Bubble{Template: &hotel.Template{Name: "confirmacion", Lang: "es_AR"}}
	_, err = client.Send(t.Context(), hotel.Message{Property: "sur", To: to, Bubble: template}, "k/1#1")
	require.NoError(t, err)

	_, err = s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	s.Switch(func(sw *wa.Switches) { sw.PairBurst = 2 })
	for range 2 {
		_, err = client.Send(t.Context(), text(to, "hola"), "")
		require.NoError(t, err)
	}
	_, err = client.Send(t.Context(), text(to, "hola"), "")
	e := hotel.AsError(err)
	require.Equal(t, hotel.Throttled, e.Kind)
	require.Equal(t, hotel.ScopePair, e.Scope)
	require.Equal(t, 4*time.Second, e.RetryAfter)

	s.Switch(func(sw *wa.Switches) { sw.PairBurst = 0; sw.NumberRate = 1 })
	_, err = client.Send(t.Context(), text(to, "hola"), "")
	if err == nil { // a token of the second before may be left
		_, err = client.Send(t.Context(), text(to, "hola"), "")
	}
	require.Equal(t, hotel.ScopeNumber, hotel.AsError(err).Scope)
	require.Equal(t, "130429", hotel.AsError(err).Code)
}

func TestStateSurvivesRestart(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	dir := t.TempDir()
	s, err := wa.New(wa.Config{Dir: dir}) // no webhook yet: as if the engine were away
	require.NoError(t, err)
	require.NoError(t, s.AddGuest(wa.Guest{Phone: ana, Name: "Ana"}))
	id, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	s.Switch(func(sw *wa.Switches) { sw.SlowMS = 1 })
	// not closed before the next one opens: a killed process closes nothing
	again, _, _ := start(t, wa.Config{Dir: dir}, e)
	t.Cleanup(func() { require.NoError(t, s.Close()) })

	require.Equal(t, 1, again.Switches().SlowMS)
	require.Equal(t, id, again.Thread(ana)[0].ID)
	e.see(t, "what was not taken is delivered now", func() bool { return len(e.messages) == 1 })
	require.Equal(t, id, e.messages[0].MessageID)

	require.NoError(t, again.Reset())
	require.Empty(t, again.Guests())
}

func TestTicksGoOnAfterRestart(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	dir := t.TempDir()
	s, err := wa.New(wa.Config{Dir: dir, Pace: 1000}) // so slow that no tick comes before the end
	require.NoError(t, err)
	require.NoError(t, s.AddGuest(wa.Guest{Phone: ana, Name: "Ana"}))
	_, err = s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	status, answer := post(t, url+"/"+number+"/messages", // no version: some clients leave it out
		`{"messaging_product":"whatsapp","to":"+54 9 11 5555-0001","text":{"body":"hola"},"biz_opaque_callback_data":"r/0#1"}`)
	require.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, s.Close())

	start(t, wa.Config{Dir: dir}, e)
	e.see(t, "three statuses", func() bool { return len(e.statuses("r/0")) == 3 })
}

func TestJournalDropsATornLine(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	for range 2 {
		s, err := wa.New(wa.Config{Dir: dir})
		require.NoError(t, err)
		require.NoError(t, s.AddGuest(wa.Guest{Phone: ana, Name: "Ana"}))
		require.NoError(t, s.Close())
		tear(t, dir)
	}
	s, err := wa.New(wa.Config{Dir: dir})
	require.NoError(t, err)
	require.Len(t, s.Guests(), 1)
	require.NoError(t, s.Close())
}

func TestBadFolderAndAddress(t *testing.T) {
	t.Parallel()

	_, err := wa.New(wa.Config{Dir: "/dev/null/x"})
	require.Error(t, err)
	s, err := wa.New(wa.Config{})
	require.NoError(t, err)
	_, err = s.Start("256.0.0.1:0")
	require.Error(t, err)
	require.NoError(t, s.Close())
}

func TestSubscribe(t *testing.T) {
	t.Parallel()

	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("hub.verify_token") == "good" {
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		}
	}))
	t.Cleanup(hook.Close)
	s, err := wa.New(wa.Config{WebhookURL: hook.URL})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Subscribe(t.Context(), "good"))
	require.Error(t, s.Subscribe(t.Context(), "bad"))
}

func TestResetForgetsWhatIsUnderWay(t *testing.T) {
	t.Parallel()

	e := newEngine(t)
	s, client, _ := start(t, wa.Config{}, e)
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	s.Switch(func(sw *wa.Switches) { sw.HoldWebhooks = true })
	_, err = client.Send(t.Context(), text(hotel.Address{Phone: ana}, "x"), "k/0#1")
	require.NoError(t, err)
	require.NoError(t, s.Reset())
	require.NoError(t, s.AddGuest(wa.Guest{Phone: ana, Name: "Ana"}))
	_, err = s.Type(ana, wa.Typed{Text: "otra vez"})
	require.NoError(t, err)
	e.see(t, "the new one", func() bool { return len(e.messages) > 0 && e.messages[len(e.messages)-1].Text == "otra vez" })
	require.Len(t, s.Thread(ana), 1)
}

func TestMoods(t *testing.T) {
	t.Parallel()

	s, client, _ := start(t, wa.Config{}, nil)
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	send := func() hotel.Kind {
		_, err := client.Send(t.Context(), text(hotel.Address{Phone: ana}, "x"), "")
		return hotel.KindOf(err)
	}
	s.Switch(func(sw *wa.Switches) { sw.HTMLStatus = 502 })
	require.Equal(t, hotel.InDoubt, send())
	s.Switch(func(sw *wa.Switches) { sw.HTMLStatus = 0; sw.FailCodes = []int{131000, 131056} })
	require.Equal(t, hotel.Transient, send())
	require.Equal(t, hotel.Throttled, send(), "codes come in turn")
	s.Switch(func(sw *wa.Switches) { sw.FailShare, sw.SlowMS = 0.5, 1 })
	failed := 0
	for range 40 {
		if send() != hotel.Other {
			failed++
		}
	}
	require.Greater(t, failed, 5)
	require.Less(t, failed, 35)
}
