package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

type letter struct {
	ID     int64
	Source string
	Reason string
	Closed time.Time
}

// command runs a command line about this run's data folder.
func (r *run) try(args ...string) ended {
	r.t.Helper()
	return try(r.t, r.binary, "", []string{"DATA_DIR=" + r.dir + "/data"}, args...)
}

// letters lists the open dead letters, newest first.
func (r *run) letters(t *testing.T) (list []letter) {
	t.Helper()
	got := r.try("deadletters", "list", "--json")
	require.Zero(t, got.code, got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	return list
}

func (r *run) stop() {
	require.NoError(r.t, r.engine.Process.Signal(syscall.SIGTERM))
	require.NoError(r.t, r.engine.Wait(), "%s", r.log())
}

// What no repeat can mend is answered 200 and kept with its reason, for people
// to look at by command, with the engine running and without.
func TestDeadLettersByCommand(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, time.Minute)
	require.Equal(t, ended{0, "No dead letters.\n", ""}, r.try("deadletters", "list"))
	require.Equal(t, "[]\n", r.try("deadletters", "list", "--json").out)

	const stray = `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"999"},"messages":[{"from":"1234567890",` +
		`"id":"wamid.b","text":{"body":"para otro hotel"},"type":"text"}]}}]}]}`
	for _, body := range []string{"esto no es JSON", `{"entry":`, "\xff\xfe", "", stray} {
		require.Equal(t, http.StatusOK, r.post(ctx, body, r.signed(body)), body)
	}
	list := r.letters(t)
	require.Len(t, list, 5)
	require.Equal(t, "no property has phone_number_id 999", list[0].Reason)
	for _, l := range list[1:] {
		require.Equal(t, "webhook", l.Source)
		require.Contains(t, l.Reason, "undecodable")
	}
	require.Equal(t, http.StatusOK, r.post(ctx, stray, r.signed(stray)))
	require.Len(t, r.letters(t), 5, "Meta's repeat is the same letter")
	require.Contains(t, r.try("deadletters", "list").out, "no property has phone_number_id 999")
	require.NotContains(t, r.try("deadletters", "list").out, "otro hotel", "a list shows nobody's words")

	look := func(l letter, why string) {
		id := fmt.Sprint(l.ID)
		require.Contains(t, r.try("deadletters", "show", id).out, "reason:   "+l.Reason)
		got := r.try("deadletters", "replay", id)
		require.Equal(t, 1, got.code)
		require.Contains(t, got.err, "conserje: dead letter "+id+": "+why)
		require.Equal(t, ended{0, "Dropped dead letter " + id + ".\n", ""}, r.try("deadletters", "drop", id))
		got = r.try("deadletters", "drop", id)
		require.Equal(t, 1, got.code, "once")
		require.Contains(t, r.try("deadletters", "list", "--all").out, "dropped")
		require.Equal(t, ended{1, "", "conserje: dead letter 4711: there is none\n"}, r.try("deadletters", "show", "4711"))
	}
	require.NotContains(t, r.try("deadletters", "show", fmt.Sprint(list[0].ID)).out, "otro hotel", "redacted, unless it is asked for")
	require.Contains(t, r.try("deadletters", "show", "--full", fmt.Sprint(list[0].ID)).out, "otro hotel")
	look(list[0], "not possible: no property has phone_number_id 999")
	require.Len(t, r.letters(t), 4)
	r.stop()

	look(list[1], "the engine must run to take a webhook in anew")
	require.Len(t, r.letters(t), 3)
	require.Equal(t, 2, r.try("deadletters", "show", "first").code)
	r.killEngineLeavesItsToken(t)
}

// A message to a number that no property had is answered once one has it, and once only.
func TestStrayMessageIsReplayed(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine("WHATSAPP_PHONE_NUMBER_ID=1")
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557010", "Ana")
	g.typed(whatsapptest.Typed{Type: "text", Text: "Hola"})
	require.Eventually(t, func() bool { return len(r.letters(t)) == 1 }, 30*time.Second, 50*time.Millisecond)
	r.stop()

	r.startEngine()
	id := fmt.Sprint(r.letters(t)[0].ID)
	require.Equal(t, ended{0, "Put back dead letter " + id + ": the engine does it now.\n", ""}, r.try("deadletters", "replay", id))
	require.Contains(t, g.next(0).Text, "Posada del Cerro")
	require.Empty(t, r.letters(t))
	require.Equal(t, ended{1, "", "conserje: dead letter " + id + ": not possible: closed already\n"}, r.try("deadletters", "replay", id))
	r.settled(ctx)
	require.Len(t, g.heard(), 1)
}

// killEngineLeavesItsToken: an engine that was killed left its token, and
// commands open the store all the same.
func (r *run) killEngineLeavesItsToken(t *testing.T) {
	t.Helper()
	r.startEngine()
	r.killEngine()
	require.Len(t, r.letters(t), 3)
}

type handoff struct{ Guest, State, Cause string }

func (r *run) handoffs(t *testing.T) (list []handoff) {
	t.Helper()
	got := r.try("handoff", "list", "--json")
	require.Zero(t, got.code, got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	return list
}

// A guest asks for a person, who answers by command: through the running
// engine, and, with none running, at its next start.
func TestHandoffByCommand(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557003", "Ana")
	require.Equal(t, "Nobody waits for a person.\n", r.try("handoff", "list").out)

	g.say("Quiero hablar con una persona")
	list := r.handoffs(t)
	require.Len(t, list, 1)
	require.NotEmpty(t, list[0].Guest)
	require.Contains(t, r.try("handoff", "list").out, list[0].Guest)
	require.Equal(t, ended{0, "Reply kept: the engine does it now.\n", ""},
		r.try("handoff", "reply", list[0].Guest, "Hola,", "soy Marta de recepción"))
	g.until("soy Marta de recepción")
	require.Zero(t, r.try("handoff", "close", list[0].Guest).code)
	r.settled(ctx)
	require.Empty(t, r.handoffs(t))
	require.Equal(t, ended{1, "", "conserje: guest nobody: there is none\n"}, r.try("handoff", "reply", "nobody", "hola"))
	require.Equal(t, 2, r.try("handoff", "reply", list[0].Guest, "  ").code)

	g.say("Necesito hablar con una persona")
	r.settled(ctx)
	r.stop()
	require.Len(t, r.handoffs(t), 1, "read from the store")
	require.Equal(t, ended{0, "Reply kept: the engine does it at its next start.\n", ""},
		r.try("handoff", "reply", list[0].Guest, "Ya te llamo"))
	require.Equal(t, ended{1, "", "conserje: guest nobody: there is none\n"}, r.try("handoff", "close", "nobody"))
	r.startEngine()
	g.until("Ya te llamo")
	r.settled(ctx)
	require.Equal(t, 1, strings.Count(g.all(), "Ya te llamo"))
	r.stop()
	require.Equal(t, ended{0, "Hand-over closed: the engine does it at its next start.\n", ""}, r.try("handoff", "close", list[0].Guest))
	r.startEngine()
	r.settled(ctx)
	require.Empty(t, r.handoffs(t))
}

// all is what the guest heard, in one text.
func (g *guest) all() string {
	var b strings.Builder
	for _, m := range g.heard() {
		b.WriteString(m.Text + "\n")
	}
	return b.String()
}
