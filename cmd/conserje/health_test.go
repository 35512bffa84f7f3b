package main_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a listener answers decides the exit code, and is shown.
func TestHealthTellsWhatTheListenerAnswers(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		status int
		args   []string
		path   string
		code   int
		out    string
		err    string
	}{
		"alive":     {200, nil, "/health/live", 0, "{\"of\":\"/health/live\"}\n", ""},
		"ready":     {200, []string{"--ready"}, "/health/ready", 0, "{\"of\":\"/health/ready\"}\n", ""},
		"unready":   {503, []string{"--ready"}, "/health/ready", 1, "", `/health/ready answered 503: {"of":"/health/ready"}`},
		"not ours":  {404, nil, "/health/live", 1, "", "/health/live answered 404"},
		"moved off": {302, nil, "/health/live", 1, "", "/health/live answered 302"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/health/ready")
				w.WriteHeader(tt.status)
				_, err := w.Write([]byte(`{"of":"` + r.URL.Path + `"}`))
				assert.NoError(t, err)
			}))
			t.Cleanup(s.Close)
			// As the engine listens on every interface: without a host.
			_, port, found := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
			require.True(t, found)
			got := try(t, build(t), "", []string{"HTTP_ADDR=:" + port, "HTTP_PROXY=http://127.0.0.1:1"}, append([]string{"health"}, tt.args...)...)
			require.Equal(t, tt.code, got.code, got.err)
			require.Equal(t, tt.out, got.out)
			require.Contains(t, got.err, tt.err)
		})
	}
}

// The engine itself: not started, alive and ready, killed.
func TestHealthOfARealEngine(t *testing.T) {
	t.Parallel()

	r := newRunSigned(t, build(t), "")
	health := func(args ...string) ended {
		return try(t, r.binary, "", []string{"HTTP_ADDR=" + r.webhook}, append([]string{"health"}, args...)...)
	}
	got := health()
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "no engine answers at HTTP_ADDR="+r.webhook)

	r.startEngine()
	got = health()
	require.Equal(t, ended{0, "{\"status\":\"live\"}\n", ""}, got)
	got = health("--ready")
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, got.out, `"status":"ready"`)

	r.killEngine()
	require.Equal(t, 1, health().code)
}
