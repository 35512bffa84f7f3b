package whatsapptest_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wa "github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// tear leaves half a line at the end of the journal, as a crash does.
func tear(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "whatsapp.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"op":"guest","guest":{"phone":"1`)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func TestControl(t *testing.T) {
	t.Parallel()

	_, _, url := start(t, wa.Config{}, nil)
	status, body := post(t, url+"/sim/guests", `{"phone":"34600000001","name":"Marta"}`)
	require.Equal(t, http.StatusCreated, status, body)
	status, body = get(t, url+"/sim/guests")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, decode[[]wa.Guest](t, body), 2)

	status, body = post(t, url+"/sim/guests/34600000001/messages", `{"type":"text","text":"hola"}`)
	require.Equal(t, http.StatusCreated, status, body)
	require.True(t, strings.HasPrefix(decode[map[string]string](t, body)["id"], "wamid."))
	_, body = get(t, url+"/sim/guests/34600000001/messages?number="+number)
	thread := decode[[]wa.Message](t, body)
	require.Len(t, thread, 1)
	require.Equal(t, wa.FromGuest, thread[0].From)
	_, body = get(t, url+"/sim/guests/34600000001/messages?number=1")
	require.Empty(t, decode[[]wa.Message](t, body))
	_, body = get(t, url+"/sim/numbers")
	require.Contains(t, body, number)

	_, body = post(t, url+"/sim/switches", `{"slow_ms":7,"fail_codes":[131000]}`)
	after := decode[wa.Switches](t, body)
	require.Equal(t, 7, after.SlowMS)
	require.Equal(t, 45, after.PairBurst, "what is not named stays")
	_, body = get(t, url+"/sim/switches")
	require.Equal(t, after, decode[wa.Switches](t, body))

	status, _ = post(t, url+"/sim/reset", "")
	require.Equal(t, http.StatusNoContent, status)
	_, body = get(t, url+"/sim/guests")
	require.JSONEq(t, "[]", body)

	for path, bad := range map[string]string{
		"/sim/guests":            `{"phone":"+34"}`,
		"/sim/guests/1/messages": `{"text":"nobody is there"}`,
		"/sim/switches":          `{"no_such_switch":true}`,
	} {
		status, body = post(t, url+path, bad)
		require.Equal(t, http.StatusBadRequest, status, path)
		require.NotEmpty(t, decode[map[string]string](t, body)["error"], path)
	}
	status, _ = post(t, url+"/sim/guests", `{"phone":"1","hide_phone":true}`)
	require.Equal(t, http.StatusBadRequest, status, "nothing would name this guest")
}

func TestEvents(t *testing.T) {
	t.Parallel()

	s, client, url := start(t, wa.Config{}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/sim/events", nil)
	require.NoError(t, err)
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	require.True(t, lines.Scan(), "the hello tells that the page has joined")

	id, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	require.NoError(t, client.MarkRead(t.Context(), "sur", id))
	require.NoError(t, s.AddGuest(wa.Guest{Phone: "2", Name: "Dos"}))
	require.NoError(t, s.Reset())
	var types []string
	for len(types) < 5 && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			types = append(types, decode[wa.Event](t, data).Type)
		}
	}
	require.Equal(t, []string{"message", "status", "typing", "guest", "reset"}, types)
}

func TestPageThatDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()

	s, _, url := start(t, wa.Config{}, nil)
	s.Switch(func(sw *wa.Switches) { sw.NumberRate = 0 })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/sim/events", nil)
	require.NoError(t, err)
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	long := strings.Repeat("x", 60_000)
	for range 400 { // more than the socket and the page's room hold
		_, err := s.Type(ana, wa.Typed{Text: long})
		require.NoError(t, err)
	}
	require.Len(t, s.Thread(ana), 400, "nobody waited for the page")
}

func TestGraphRefusals(t *testing.T) {
	t.Parallel()

	_, _, url := start(t, wa.Config{Numbers: []wa.Number{{PhoneNumberID: number, Token: "t"}, {PhoneNumberID: "2", Token: "other"}}}, nil)
	base := url + "/v26.0/" + number + "/messages"
	wrap := func(rest string) string { return `{"messaging_product":"whatsapp","to":"1",` + rest + `}` }
	for name, c := range map[string]struct {
		url, body string
		code      string
	}{
		"foreign token":          {url + "/v26.0/2/messages", `{}`, "190"},
		"unknown number":         {url + "/v26.0/3/messages", `{}`, "33"},
		"unknown path":           {url + "/v26.0/2/media/1", `{}`, "2500"},
		"no JSON":                {base, `{`, "100"},
		"no product":             {base, `{"to":"1"}`, "100"},
		"nobody":                 {base, `{"messaging_product":"whatsapp"}`, "131008"},
		"letters as phone":       {base, `{"messaging_product":"whatsapp","to":"test","text":{"body":"x"}}`, "131009"},
		"no text":                {base, wrap(`"type":"text"`), "131008"},
		"long text":              {base, wrap(`"text":{"body":"` + strings.Repeat("ñ", 4097) + `"}`), "131009"},
		"unknown type":           {base, wrap(`"type":"hologram"`), "100"},
		"no interactive":         {base, wrap(`"type":"interactive"`), "131008"},
		"unknown interactive":    {base, wrap(`"type":"interactive","interactive":{"type":"x","body":{"text":"x"}}`), "131009"},
		"no buttons":             {base, wrap(`"type":"interactive","interactive":{"type":"button","body":{"text":"x"}}`), "131009"},
		"no rows":                {base, wrap(`"type":"interactive","interactive":{"type":"list","body":{"text":"x"}}`), "131009"},
		"empty header":           {base, wrap(`"type":"interactive","interactive":{"type":"list","header":{"type":"text"},"body":{"text":"x"}}`), "131009"},
		"cta without url":        {base, wrap(`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"x"}}`), "131008"},
		"location request":       {base, wrap(`"type":"interactive","interactive":{"type":"location_request_message","body":{"text":"x"}}`), "131009"},
		"flow without id":        {base, wrap(`"type":"interactive","interactive":{"type":"flow","body":{"text":"x"}}`), "131008"},
		"template without name":  {base, wrap(`"type":"template","template":{}`), "131008"},
		"template with new line": {base, wrap(`"type":"template","template":{"name":"a","language":{"code":"es"},"components":[{"type":"body","parameters":[{"type":"text","text":"a\nb"}]}]}`), "132018"},
		"empty parameter":        {base, wrap(`"type":"template","template":{"name":"a","language":{"code":"es"},"components":[{"type":"body","parameters":[{"type":"text"}]}]}`), "132012"},
		"image without link":     {base, wrap(`"type":"image"`), "131008"},
		"audio with caption":     {base, wrap(`"type":"audio","audio":{"id":"1","caption":"x"}`), "131009"},
		"no location":            {base, wrap(`"type":"location"`), "131008"},
		"no contacts":            {base, wrap(`"type":"contacts"`), "131008"},
		"reaction to nothing":    {base, wrap(`"type":"reaction","reaction":{"emoji":"x"}`), "131008"},
		"long callback":          {base, wrap(`"biz_opaque_callback_data":"` + strings.Repeat("x", 513) + `"`), "131009"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			status, body := post(t, c.url, c.body)
			require.GreaterOrEqual(t, status, 400)
			require.Contains(t, body, `"code":`+c.code+`,`)
			require.Contains(t, body, "fbtrace_id")
		})
	}
}

func TestGraphTakesEveryType(t *testing.T) {
	t.Parallel()

	s, _, url := start(t, wa.Config{}, nil)
	_, err := s.Type(ana, wa.Typed{Text: "hola"})
	require.NoError(t, err)
	for name, rest := range map[string]string{
		"cta":      `"type":"interactive","interactive":{"type":"cta_url","header":{"type":"text","text":"h"},"body":{"text":"x"},"footer":{"text":"f"},"action":{"name":"cta_url","parameters":{"display_text":"Mapa","url":"http://x"}}}`,
		"flow":     `"type":"interactive","interactive":{"type":"flow","body":{"text":"x"},"action":{"name":"flow","parameters":{"flow_id":"1","flow_cta":"Ir"}}}`,
		"contact":  `"type":"interactive","interactive":{"type":"request_contact_info","body":{"text":"x"},"action":{"name":"request_contact_info"}}`,
		"image":    `"type":"image","image":{"link":"http://x/y.jpg","caption":"c"}`,
		"location": `"type":"location","location":{"latitude":-34.6,"longitude":-58.4,"name":"Hotel"}`,
		"contacts": `"type":"contacts","contacts":[{}]`,
		"reaction": `"type":"reaction","reaction":{"message_id":"wamid.x","emoji":"👍"}`,
	} {
		status, body := post(t, url+"/"+number+"/messages", `{"messaging_product":"whatsapp","to":"`+ana+`",`+rest+`}`)
		require.Equal(t, http.StatusOK, status, name+body)
		require.Contains(t, body, `"wa_id":"`+ana+`"`, name)
	}
	require.Len(t, s.Thread(ana), 8)
	status, body := get(t, url+"/v26.0/"+number)
	require.Equal(t, http.StatusUnauthorized, status, body)
}
