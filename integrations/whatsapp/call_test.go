package whatsapp_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

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
	t.Run("HTTP2", func(t *testing.T) {
		t.Parallel()

		s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}))
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		_, err := client(t, s.URL, func(c *whatsapp.Config) { c.HTTPClient = s.Client() }).Send(t.Context(), message, "k/0#1")
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
