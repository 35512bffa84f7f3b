package main_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp/whatsapptest"
)

// A pause by command: the guest writes and nothing leaves, the staff's reply
// does, a restart changes nothing, and after the end the bot answers.
func TestPauseByCommand(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine()
	ctx := within(t, 2*time.Minute)
	ps := r.listen(ctx)
	g := r.guest(ctx, ps, "5491155557020", "Ana")
	say := func(text string) { g.typed(whatsapptest.Typed{Type: "text", Text: text}) }
	require.Equal(t, ended{0, "Nothing is paused.\n", ""}, r.try("pause", "list"))
	say("¿Hay wifi?")
	g.next(0)
	r.settled(ctx)
	before := len(g.heard())

	require.Equal(t, ended{0, "Paused the whole engine: the engine does it now.\n", ""}, r.try("pause"))
	require.Contains(t, r.try("pause", "list").out, "the whole engine")
	require.Equal(t, 2, r.try("pause", "--property", "a", "--guest", "b").code)
	require.Contains(t, r.try("pause", "--property", "nowhere").err, "hotel nowhere: there is none")
	require.Contains(t, r.try("pause", "--guest", "nobody").err, "guest nobody: there is none")

	say("¿y estacionamiento?")
	require.Eventually(t, func() bool { return len(r.handoffs(t)) == 1 }, 30*time.Second, 50*time.Millisecond)
	h := r.handoffs(t)[0]
	require.Equal(t, "paused", h.Cause)
	r.settled(ctx)
	require.Len(t, g.heard(), before, "nothing leaves")

	require.Zero(t, r.try("handoff", "reply", h.Guest, "Sí, soy Marta: hay lugar").code)
	require.Contains(t, g.next(before).Text, "soy Marta")

	r.stop()
	require.Contains(t, r.try("pause", "--guest", h.Guest).out, "the engine does it at its next start")
	require.Contains(t, r.try("pause", "--property", "nowhere").err, "hotel nowhere: there is none")
	r.startEngine()
	say("¿hola?")
	r.settled(ctx)
	require.Len(t, g.heard(), before+1, "a pause lasts over a restart")

	got := r.try("resume")
	require.Equal(t, ended{0, "Resumed the whole engine: the engine does it now.\nStill paused: 1 (conserje pause list).\n", ""}, got)
	require.Contains(t, r.try("pause", "list", "--json").out, `"guest":"`+h.Guest+`"`)
	require.Zero(t, r.try("resume", "--guest", h.Guest).code)
	say("¿Hay wifi?")
	require.Contains(t, g.next(before+1).Text, "wifi")
}

func TestReplyToListedNumbersOnly(t *testing.T) {
	t.Parallel()

	r := newRun(t, build(t))
	r.startEngine("REPLY_TO=listed", "REPLY_TO_NUMBERS=+541155557031")
	ctx := within(t, time.Minute)
	ps := r.listen(ctx)
	listed, other := r.guest(ctx, ps, "5491155557031", "Ana"), r.guest(ctx, ps, "5491155557032", "Beto")
	other.typed(whatsapptest.Typed{Type: "text", Text: "Hola"})
	listed.typed(whatsapptest.Typed{Type: "text", Text: "¿Hay wifi?"})
	listed.next(0)
	require.Eventually(t, func() bool { return len(r.handoffs(t)) == 1 }, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, "unlisted", r.handoffs(t)[0].Cause)
	r.settled(ctx)
	require.Empty(t, other.heard())
	require.Contains(t, r.log(), "reply_to=listed numbers=1")
	require.NotContains(t, r.log(), "1155557031")
}
