package main_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// A guest books, asks to be forgotten, agrees, and hears a goodbye. Nothing of
// them is in the data folder any more, their next message is a stranger's, and
// the booking stands in the hotel.
func TestAGuestIsForgotten(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 2*time.Minute)
	ps := r.listen(ctx)
	const number, email = "5491155554321", "zulema.quiroga@example.com"
	g := r.guest(ctx, ps, number, "Zule Profile")
	g.say("Hola, quiero reservar una habitación")
	list := g.say(dates(time.Now(), 100) + ", somos dos")
	require.NotNil(t, list.List, list.Text)
	g.tap(list, "Doble")
	back := g.say("Zulema Quiroga, " + email)
	done := g.tap(back, "Sí")
	code := codeIn.FindStringSubmatch(done.Text)
	require.NotNil(t, code, done.Text)
	g.say("¿hay murciélagos verdes en el jardín?")
	r.settled(ctx)

	id := strings.TrimSpace(r.try("guest", "find", "--phone", "+54 9 11 5555-4321").out)
	require.Equal(t, id, strings.TrimSpace(r.try("guest", "find", "--email", strings.ToUpper(email)).out))
	require.Equal(t, id, strings.TrimSpace(r.try("guest", "find", "--booking", code[1]).out))
	require.NotEmpty(t, id)
	r.exported(t, id, number, email)

	ask := g.say("quiero que borren mis datos")
	require.Contains(t, ask.Text, "¿Borro todo?")
	require.Contains(t, g.tap(ask, "Sí").Text, "borro esta conversación")
	require.Eventually(t, func() bool { return strings.Contains(r.try("audit").out, "erased") }, 20*time.Second, 100*time.Millisecond)
	require.Empty(t, r.try("guest", "find", "--phone", number).out)
	require.Equal(t, ended{1, "", "conserje: guest " + id + ": there is none\n"}, r.try("guest", "erase", id, "--yes"))

	r.stop()
	secrets := []string{number, email, "zulema", "Zulema", "Quiroga", "Zule Profile", "murciélagos", code[1]}
	r.scrubbed(t)
	for name, content := range r.files(t) {
		for _, secret := range secrets {
			require.NotContains(t, content, secret, "%s still holds it", name)
		}
	}
	for _, secret := range secrets[:6] {
		require.NotContains(t, r.log(), secret)
	}

	r.startEngine()
	require.Contains(t, g.say("hola").Text, "asistente virtual", "a stranger is greeted")
	require.NotEqual(t, id, strings.TrimSpace(r.try("guest", "find", "--phone", number).out))
	found := false
	for _, b := range get[qloappstest.State](t, r.env["PMS_BASE_URL"]+"/sim/state").Bookings {
		found = found || b.Code == code[1] && b.Status == "booked" && b.Guest.Email == email
	}
	require.True(t, found, "the booking stands in the hotel")
	require.Contains(t, r.try("audit", "--json").out, `"by":"guest"`)
}

// exported checks an export of the running engine: whole, in a file of its own.
func (r *run) exported(t *testing.T, id string, want ...string) {
	t.Helper()
	file := filepath.Join(r.dir, "guest.jsonl")
	got := r.try("guest", "export", id, "--out", file)
	require.Zero(t, got.code, got.err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	counts := map[string]int{}
	lines := bufio.NewScanner(strings.NewReader(string(content)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record struct {
			What string
			Data json.RawMessage
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &record))
		counts[record.What]++
	}
	for _, what := range []string{"guest", "alias", "reservation", "transcript", "inbox", "outbox"} {
		require.Positive(t, counts[what], what)
	}
	for _, w := range want {
		require.Contains(t, string(content), w)
	}
	require.Equal(t, 1, r.try("guest", "export", id, "--out", file).code, "a file that is there is not overwritten")
	require.Contains(t, r.try("audit").out, "exported")
}

// files are all files of the data folder.
func (r *run) files(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(r.Data())
	require.NoError(t, err)
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(r.Data(), e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(content)
	}
	require.Contains(t, out, "conserje.db")
	return out
}

// The reception erases by command: with the engine running, and with none, at its next start.
func TestAGuestIsErasedByCommand(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155554322", "Ana")
	g.say("Hola, ¿hay wifi?")
	id := strings.TrimSpace(r.try("guest", "find", "--phone", "5491155554322").out)
	require.NotEmpty(t, id)
	require.Equal(t, 2, r.try("guest", "erase", id).code, "not without a yes")
	require.Equal(t, 2, r.try("guest", "find").code, "somebody must be named")
	require.Equal(t, 1, r.try("guest", "erase", "--phone", "999", "--yes").code)
	r.settled(ctx)
	r.stop()

	require.Contains(t, r.try("guest", "export", id).out, "5491155554322", "from the store")
	got := r.try("guest", "erase", id, "--yes")
	require.Equal(t, ended{0, "Erasure of guest " + id + " asked for: the engine does it at its next start.\n", ""}, got)
	r.startEngine()
	g.until("borro esta conversación")
	require.Eventually(t, func() bool { return r.try("guest", "export", id).code == 1 }, 20*time.Second, 100*time.Millisecond)
	require.Contains(t, r.try("audit").out, "erase_requested")
}

// scrubbed removes what the database's pages may still hold.
func (r *run) scrubbed(t *testing.T) {
	t.Helper()
	got := r.try("store", "scrub")
	require.Zero(t, got.code, "%s", got.err)
}
