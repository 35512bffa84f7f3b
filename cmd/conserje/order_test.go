package main_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asked are questions of the hotel's knowledge, each with words that stand in its answer only.
var asked = []struct{ question, answer string }{
	{"¿hay wifi?", "wifi gratis"},
	{"¿tienen estacionamiento?", "estacionamiento propio"},
	{"¿a qué hora es el desayuno?", "pan casero"},
	{"¿aceptan mascotas?", "perros de hasta"},
	{"¿tienen pileta?", "pileta climatizada cubierta"},
	{"¿hay gimnasio?", "gimnasio chico"},
	{"¿a qué hora es el check-out?", "check-out es hasta"},
	{"¿tienen restaurante?", "Cocina patagónica"},
}

func webhookOf(from, id, text string) string {
	return fmt.Sprintf(`{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"from":%q,"id":%q,"timestamp":"%d",`+
		`"text":{"body":%q},"type":"text"}]}}]}]}`, from, id, time.Now().Unix(), text)
}

// Fifty messages of one guest over parallel connections, each sent after the
// 200 of the one before: the answers come in the order of the questions.
func TestFiftyMessagesAreAnsweredInOrder(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine("PAIR_BURST=1000")
	r.switches(t, "WHATSAPP_API_URL", `{"no_window":true}`) // the stand-in saw no message of this guest
	ctx := within(t, 2*time.Minute)
	g := &guest{t: t, ctx: ctx, ps: r.listen(ctx), phone: "5491155557050"}

	const messages, connections = 50, 10
	clients := make([]*http.Client, connections) // each keeps a connection of its own
	for i := range clients {
		own := &http.Transport{MaxConnsPerHost: 1}
		t.Cleanup(own.CloseIdleConnections)
		clients[i] = &http.Client{Transport: own}
	}
	var want []string
	for i := range messages {
		q := asked[i%len(asked)]
		want = append(want, q.answer)
		body := webhookOf(g.phone, fmt.Sprint("wamid.order", i), q.question)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.webhook+"/api/webhooks/whatsapp", strings.NewReader(body))
		require.NoError(t, err)
		req.Header = r.signed(body)
		res, err := clients[i%connections].Do(req)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode)
	}

	var words []string
	for _, q := range asked {
		words = append(words, regexp.QuoteMeta(q.answer))
	}
	known := regexp.MustCompile(strings.Join(words, "|"))
	var got []string // a bubble may answer several
	for n := 0; len(got) < messages; n++ {
		got = append(got, known.FindAllString(g.next(n).Text, -1)...)
		require.Equal(t, want[:min(len(got), messages)], got)
	}
	r.settled(ctx)
	require.Len(t, known.FindAllString(g.all(), -1), messages, "each once")
}

// The same webhook ten times at once, as Meta may deliver it: one turn, one bubble.
func TestOneWebhookTenTimesAtOnce(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	r.switches(t, "WHATSAPP_API_URL", `{"no_window":true}`)
	ctx := within(t, time.Minute)
	g := &guest{t: t, ctx: ctx, ps: r.listen(ctx), phone: "5491155557051"}
	body := webhookOf(g.phone, "wamid.tenfold", "Hola")

	var all sync.WaitGroup
	gate, statuses := make(chan struct{}), make([]int, 10)
	for i := range statuses {
		all.Go(func() {
			<-gate
			statuses[i] = r.post(ctx, body, r.signed(body))
		})
	}
	close(gate)
	all.Wait()
	for _, status := range statuses {
		require.Equal(t, http.StatusOK, status)
	}
	g.next(0)
	r.settled(ctx)
	require.Len(t, g.heard(), 1)
	metrics := r.metrics(ctx)
	require.InDelta(t, 1, sum(metrics, `conserje_turns_total{result="committed"}`), 0)
	require.InDelta(t, 9, sum(metrics, `conserje_accepted_total{kind="duplicate"}`), 0)
}
