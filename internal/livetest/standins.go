package livetest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/childtest"
)

// Standins is the outside in a process of its own.
type Standins struct {
	Env map[string]string // settings that point an engine at it
	Cmd *exec.Cmd
}

// WebhookPath is where an engine takes webhooks.
const WebhookPath = "/api/webhooks/whatsapp"

// StartStandins starts the stand-ins. Their webhooks go to webhook, an address,
// signed with secret (empty = unsigned).
func StartStandins(t *testing.T, binary, webhook, secret string) *Standins {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "standins", "--webhook", "http://"+webhook+WebhookPath, "--retry-most", "500ms")
	cmd.Env = append(cmd.Environ(), "WHATSAPP_APP_SECRET="+secret)
	cmd.SysProcAttr = mortal()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	s := &Standins{Cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &s.Env))
	return s
}

// Switch turns a stand-in's switches; server is the setting that holds its
// address, such as PMS_BASE_URL.
func (s *Standins) Switch(t *testing.T, server, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Env[server]+"/sim/switches", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", text)
}

// FreeAddr is an address of loopback that nobody listens on, and that nobody
// comes upon while the engine behind it is dead: on 127.0.0.1 a client's own
// end may get the port meanwhile, so the host is one of loopback's millions.
func FreeAddr(t *testing.T) string {
	t.Helper()
	host := fmt.Sprintf("127.%d.%d.%d", 1+rand.N(254), rand.N(256), 1+rand.N(254))
	ln, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil { // only Linux has all of them
		port, err := childtest.FreePort()
		require.NoError(t, err)
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	}
	defer func() { require.NoError(t, ln.Close()) }()
	return ln.Addr().String()
}
