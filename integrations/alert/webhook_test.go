package alert_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
	"github.com/conserje/conserje/integrations/alert/alerttest"
	"github.com/conserje/conserje/internal/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var trouble = hotel.Trouble{Cause: hotel.TroubleDisk, Property: "posada", Summary: "120 MB are free under DATA_DIR.",
	At: time.Date(2026, 11, 24, 9, 30, 0, 0, time.FixedZone("", -3*3600)), Repeated: 4}

// receive starts a receiver and a way to it.
func receive(t *testing.T) (*alerttest.Receiver, *alert.Webhook, *metrics.Metrics) {
	r, m := alerttest.New(), metrics.New()
	w := alert.NewWebhook(r.URL(), m).Hurry(time.Millisecond, 300*time.Millisecond)
	t.Cleanup(func() { w.Close(); r.Close() })
	return r, w, m
}

func TestWebhookPostsWhatChatProgramsShow(t *testing.T) {
	t.Parallel()
	r, w, m := receive(t)
	require.NoError(t, w.Tell(t.Context(), trouble))
	require.Equal(t, []alerttest.Post{{
		Text: "Conserje: [posada] 120 MB are free under DATA_DIR. (seen 4 more times since it was last told) " +
			"Free or add disk space under DATA_DIR; webhooks are taken again by themselves, and Meta repeats what was refused.",
		Cause: "disk_low", Property: "posada", At: time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC), Repeated: 4,
	}}, r.Posts())
	require.InDelta(t, 1, testutil.ToFloat64(m.Sends.WithLabelValues("operator_webhook", "sent")), 0)
}

func TestWebhookTriesAgainWhatMayPass(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][]alerttest.Answer{
		"500":      {{Status: 500}, {Status: 503}, {Status: 502}},
		"hangs":    {{Hang: true}},
		"too many": {{Status: 429}, {Status: 408}},
		"after":    {{Status: 429, RetryAfter: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, _ := receive(t)
			r.Fail(answers...)
			require.NoError(t, w.Tell(t.Context(), trouble))
			require.Len(t, r.Posts(), 1)
			require.Equal(t, len(answers)+1, r.Asked())
		})
	}
}

func TestWebhookGivesUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []alerttest.Answer
		kind    hotel.Kind
		asked   int
	}{
		"revoked":        {[]alerttest.Answer{{Status: 404}}, hotel.Unauthorised, 1},
		"redirected":     {[]alerttest.Answer{{Status: 302, Location: "http://127.0.0.1:1/else"}}, hotel.Unauthorised, 1},
		"four times 500": {[]alerttest.Answer{{Status: 500}, {Status: 500}, {Status: 500}, {Status: 500}}, hotel.Transient, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, m := receive(t)
			r.Fail(c.answers...)
			err := w.Tell(t.Context(), trouble)
			require.Equal(t, c.kind, hotel.KindOf(err))
			require.NotContains(t, err.Error(), "verysecret")
			require.Equal(t, c.asked, r.Asked())
			require.Empty(t, r.Posts())
			require.InDelta(t, 1, testutil.ToFloat64(m.Sends.WithLabelValues("operator_webhook", c.kind.String())), 0)
		})
	}
}

// An address is a secret: what goes wrong is said without it.
func TestWebhookErrorsNeverNameTheAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://127.0.0.1:1/verysecret", "http://verysecret\x7f/", "://verysecret"} {
		w := alert.NewWebhook(address, metrics.New()).Hurry(time.Millisecond, time.Second)
		defer w.Close()
		err := w.Tell(t.Context(), trouble)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "verysecret")
	}
}

func TestWebhookEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r, w, _ := receive(t)
	r.Fail(alerttest.Answer{Status: 500}, alerttest.Answer{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Error(t, w.Tell(ctx, trouble))
}

func TestReceiverRefusesWhatIsNoAlert(t *testing.T) {
	t.Parallel()
	r, _, _ := receive(t)
	for _, body := range []string{`{}`, `nothing`} {
		resp, err := http.Post(r.URL(), "application/json", bytes.NewReader([]byte(body)))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
}
