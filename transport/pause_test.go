package transport_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

// pauser keeps pauses in memory.
type pauser struct {
	mu   sync.Mutex
	list []hotel.Pause
	err  error
}

func (p *pauser) SetPause(_ context.Context, x hotel.Pause, on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	if p.list = slices.DeleteFunc(p.list, x.Same); on {
		p.list = append(p.list, x)
	}
	return nil
}

func (p *pauser) Pauses(context.Context) ([]hotel.Pause, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.list), p.err
}

func TestPausesOverTheAPI(t *testing.T) {
	t.Parallel()

	p := &pauser{}
	b := startAdmin(t, func(c *transport.AdminConfig) { c.Pauser = p })
	client := &transport.Client{URL: b.url, Token: "t0ken"}
	list, err := client.Pauses(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)

	require.NoError(t, client.SetPause(t.Context(), hotel.Pause{Property: "posada", By: "marta"}, true))
	require.NoError(t, client.SetPause(t.Context(), hotel.Pause{}, true))
	list, err = client.Pauses(t.Context())
	require.NoError(t, err)
	require.Equal(t, hotel.PropertyID("posada"), list[0].Property)
	require.Equal(t, "marta", list[0].By)
	require.True(t, list[0].At.Equal(arrival), "the engine's clock counts")
	require.NotEmpty(t, list[1].By, "somebody ordered it")

	require.NoError(t, client.SetPause(t.Context(), hotel.Pause{}, false))
	list, err = client.Pauses(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)

	p.err = &hotel.Error{Op: "test", Kind: hotel.NotFound}
	require.Equal(t, hotel.NotFound, hotel.KindOf(client.SetPause(t.Context(), hotel.Pause{Guest: "g"}, true)))
	_, err = client.Pauses(t.Context())
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	bad := do(t, b.client, http.MethodPost, b.url+"/admin/api/pauses", []byte(`{"guest":7}`), "Authorization", "Bearer t0ken")
	require.Equal(t, http.StatusUnprocessableEntity, bad.status)
}

func TestPauseButton(t *testing.T) {
	t.Parallel()

	p := &pauser{}
	b := startAdmin(t, func(c *transport.AdminConfig) {
		c.Pauser, c.ReplyTo = p, hotel.ReplyListed
		c.Names = map[hotel.PropertyID]string{"posada": "Posada del Cerro", "sur": "Hostal Sur"}
	})
	post := func(path string, form url.Values) reply {
		return do(t, b.client, http.MethodPost, b.url+path, []byte(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}
	page := b.get(t, "/").body
	require.Contains(t, page, "Pausar el bot…")
	require.Contains(t, page, `<option value="sur">Hostal Sur</option>`)
	require.Contains(t, page, "sólo a los números de la lista")
	require.NotContains(t, page, "El bot está en pausa.")

	require.Equal(t, http.StatusSeeOther, post("/pause", url.Values{"property": {"sur"}}).status)
	require.Equal(t, http.StatusSeeOther, post("/pause", nil).status)
	page = b.get(t, "/list").body
	require.Contains(t, page, "El bot está en pausa.")
	require.Contains(t, page, "El bot está en pausa en Hostal Sur")
	require.NotContains(t, b.get(t, "/").body, "Pausar el bot…", "it is paused already")

	require.Equal(t, http.StatusSeeOther, post("/resume", nil).status)
	require.Len(t, p.list, 1)
	require.Contains(t, b.get(t, "/", "Accept-Language", "en").body, "The bot is paused at Hostal Sur")

	guest := string(b.desk.handoffs[0].Guest)
	require.Equal(t, http.StatusSeeOther, post("/pause", url.Values{"guest": {guest}, "back": {"guest"}}).status)
	page = b.get(t, "/guests/"+guest).body
	require.Contains(t, page, "El bot está en pausa para este huésped")
	require.Contains(t, page, "Reanudar el bot acá")
	require.Equal(t, http.StatusSeeOther, post("/resume", url.Values{"guest": {guest}, "back": {"guest"}}).status)
	require.NotContains(t, b.get(t, "/guests/"+guest).body, "El bot está en pausa para este huésped")

	p.err = &hotel.Error{Op: "test", Kind: hotel.Unavailable}
	require.Equal(t, http.StatusServiceUnavailable, post("/pause", nil).status)
	require.Equal(t, http.StatusServiceUnavailable, b.get(t, "/").status)
	require.Equal(t, http.StatusServiceUnavailable, b.get(t, "/guests/"+guest).status)
}
