package main_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// screen is what a command printed so far.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
	news chan struct{} // one waits at most
}

func newScreen() *screen { return &screen{news: make(chan struct{}, 1)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// until waits for what the pattern matches behind the first from bytes, and
// returns its groups and where it ends.
func (s *screen) until(t *testing.T, from int, pattern string) ([]string, int) {
	t.Helper()
	re, late := regexp.MustCompile(pattern), time.After(30*time.Second)
	for {
		text := s.String()[from:]
		if at := re.FindStringIndex(text); at != nil {
			return re.FindStringSubmatch(text), from + at[1]
		}
		select {
		case <-s.news:
		case <-late:
			require.Fail(t, "not printed", "%s in:\n%s", pattern, text)
		}
	}
}

// startDemo starts a demo or a chat in a folder, on free ports.
func startDemo(t *testing.T, dir string, env []string, in *os.File, args ...string) (*exec.Cmd, *screen, *screen) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), build(t), args...)
	cmd.Dir, cmd.Env = dir, append([]string{"HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"),
		"HTTP_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0"}, env...)
	out, errs := newScreen(), newScreen()
	cmd.Stdout, cmd.Stderr = out, errs
	if in != nil {
		cmd.Stdin = in
	}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, out, errs
}

// The stand-ins alone say where they are, and end when they are told to.
func TestStandinsEndWhenTold(t *testing.T) {
	t.Parallel()

	cmd, out, errs := startDemo(t, t.TempDir(), nil, nil, "standins")
	found, _ := out.until(t, 0, `"PMS_BASE_URL":"(http://[^"]+)"`)
	require.NotEmpty(t, get[qloappstest.State](t, found[1]+"/sim/state"))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), "exit 0: %s", errs)
}

// A whole booking in the terminal: numbers tap, /mails shows the mail, /quit ends.
func TestChat(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	in, keyboard, err := os.Pipe()
	require.NoError(t, err)
	defer func() { require.NoError(t, keyboard.Close()) }()
	cmd, out, errs := startDemo(t, dir, nil, in, "chat", "--phone", "5491155557009", "--name", "Sofía Romero")
	require.NoError(t, in.Close())
	_, at := out.until(t, 0, `You are Sofía Romero\.`)
	for _, step := range []struct{ say, hear string }{
		{"Hola, quiero reservar una habitación", `fechas`},
		{dates(time.Now(), 100) + ", somos dos", `1\) Doble`},
		{"1", `Sofía Romero\?`},
		{"¿hay wifi?", `(?i)wifi`},
		{"Sofía Romero, sofia@example.com", `1\) Sí, reservar`},
		{"1", `\*([A-Z]{9})\*`},
	} {
		_, err := fmt.Fprintln(keyboard, step.say)
		require.NoError(t, err)
		_, at = out.until(t, at, step.hear)
	}
	require.Eventually(t, func() bool {
		_, err := fmt.Fprintln(keyboard, "/mails")
		return err == nil && strings.Contains(out.String(), "to sofia@example.com: Reserva confirmada")
	}, 20*time.Second, 50*time.Millisecond)
	_, err = fmt.Fprintln(keyboard, "/quit")
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), "exit 0: %s", errs)

	log, err := os.ReadFile(filepath.Join(dir, "data", "chat", "engine.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "drained")
	require.NotRegexp(t, `(?i)5491155557009|sof.a|romero|wifi`, string(log)+errs.String(), "no guest's data")
}

// A file of lines is a whole conversation: each line waits for the answer to the
// one before, and the end for the last answer.
func TestChatFromAScript(t *testing.T) {
	t.Parallel()

	lines := "quiero una doble " + dates(time.Now(), 100) + " para dos\nSofía Romero, sofia@example.com\n1\n"
	path := filepath.Join(t.TempDir(), "says.txt")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	in, err := os.Open(path)
	require.NoError(t, err)
	cmd, out, errs := startDemo(t, t.TempDir(), nil, in, "chat")
	require.NoError(t, in.Close())
	require.NoError(t, cmd.Wait(), "exit 0: %s", errs)
	require.Regexp(t, `(?s)1\) Sí, reservar.*\*[A-Z]{9}\*`, out.String())
}

// The demo: one page, a booking made by its phone, and everything still there
// after a restart. Its usual port is taken: the next free one serves.
func TestDemo(t *testing.T) {
	t.Parallel()

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	dir := t.TempDir()
	start := func() (*exec.Cmd, string, string) {
		cmd, out, _ := startDemo(t, dir, []string{"WHATSAPP_APP_SECRET="}, nil, "demo", "--page-addr", taken.Addr().String())
		found, _ := out.until(t, 0, `(?s)Conserje is running: +(http://\S+).*Webhook: (http://\S+)`)
		return cmd, found[1], found[2]
	}
	stop := func(cmd *exec.Cmd) {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait(), "a demo exits 0")
	}

	cmd, page, webhook := start()
	require.NotContains(t, page, taken.Addr().String())
	ctx := within(t, time.Minute)
	body, err := fetch(ctx, page)
	require.NoError(t, err)
	require.Contains(t, string(body), "<html")
	g := &guest{t: t, ctx: ctx, ps: listen(ctx, t, page+"sim/whatsapp"), phone: "5491155557010"}
	require.NoError(t, g.ps.post(ctx, "/sim/guests", whatsapptest.Guest{Phone: g.phone, Name: "Ana"}))
	list := g.say("quiero reservar " + dates(time.Now(), 100) + " para 2 adultos")
	g.tap(list, "Doble")
	code := codeIn.FindStringSubmatch(g.tap(g.say("Ana Pérez, ana@example.com"), "Sí").Text)
	require.NotNil(t, code)

	// Others may post, too, for the secret is set, but empty: the check that users run.
	stranger := &guest{t: t, ctx: ctx, ps: g.ps, phone: "1234567890"}
	r := &run{t: t, webhook: strings.TrimSuffix(strings.TrimPrefix(webhook, "http://"), "/api/webhooks/whatsapp")}
	require.Equal(t, http.StatusOK, r.post(ctx, shortBody, nil))
	require.Contains(t, stranger.next(0).Text, "Hola")

	there := func(page string) {
		require.Eventually(t, func() bool {
			for _, m := range get[struct{ Mails []gmailtest.Listed }](t, page+"sim/mail/mails").Mails {
				if m.To[0] == "ana@example.com" && strings.Contains(m.Subject, code[1]) {
					return true
				}
			}
			return false
		}, 20*time.Second, 20*time.Millisecond, "the mail")
		booked := false
		for _, b := range get[qloappstest.State](t, page+"sim/hotel/state").Bookings {
			booked = booked || b.Code == code[1] && b.Status == "booked"
		}
		require.True(t, booked, "the booking")
		thread := get[[]whatsapptest.Message](t, page+"sim/whatsapp/guests/"+g.phone+"/messages")
		require.Contains(t, thread[len(thread)-1].Text, code[1], "the thread")
	}
	there(page)
	stop(cmd)

	cmd, page, _ = start()
	there(page)
	g = &guest{t: t, ctx: ctx, ps: listen(ctx, t, page+"sim/whatsapp"), phone: g.phone}
	require.Contains(t, g.say("¿cuál es el estado de mi reserva?").Text, code[1], "and the engine remembers")
	stop(cmd)
}
