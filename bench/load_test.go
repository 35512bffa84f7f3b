package main

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
	"github.com/conserje/conserje/integrations/whatsapp"
)

// TestMain lets the test binary be the engine, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "engine" {
		if err := serveChild(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

func smallBench(t *testing.T) *bench {
	t.Helper()
	b, err := parse([]string{"-dir", t.TempDir(), "-properties", "2", "-guests", "20", "-connections", "8", "-rung", "100ms", "-burst", "200ms"})
	require.NoError(t, err)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, null.Close()) })
	b.out = null
	return b
}

// The engine as a process, a load, a drain, the oracle: small, but whole.
func TestEveryPhaseIsJudgedGood(t *testing.T) {
	t.Parallel()

	for _, p := range []phase{
		{Name: "knowledge open", Mix: mixKnowledge, Rate: 100, Lasts: 3 * time.Second, Receipts: allReceipts},
		{Name: "booking closed", Mix: mixBooking, Waiting: 8, Lasts: 3 * time.Second, Receipts: noReceipts, Create: qloappstest.Delay{}},
	} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()

			b := smallBench(t)
			r, err := b.run(t.Context(), p)
			require.NoError(t, err)
			require.True(t, r.Verdict.OK(), "%s", r.Verdict)
			require.Zero(t, r.Errors)
			require.Zero(t, r.Unanswered)
			require.Zero(t, r.Odd, r.OddExample)
			require.Positive(t, r.Replies)
			require.Positive(t, r.EngineCPU)
			r.print(b)
			require.Contains(t, b.textOut.String(), "all promises held")
		})
	}
}

// While hotel systems are dead they are left alone, and who asks other things is answered.
func TestOutage(t *testing.T) {
	t.Parallel()

	b := smallBench(t)
	b.rounds, b.segment, b.rate, b.guests = 1, 3*time.Second, 80, 100
	o, err := b.outage(t.Context())
	require.NoError(t, err)
	require.Zero(t, o.Errors)
	require.Positive(t, o.Calls[0])
	require.Less(t, o.Calls[1], o.Calls[0], "once the breakers are open nobody asks")
	require.Positive(t, o.Other.Alive.Count)
	require.Positive(t, o.Other.Dead.Count)
	require.Positive(t, o.Rooms.Dead.Count)
	require.Contains(t, b.textOut.String(), "ack dead / alive")
}

func TestLadder(t *testing.T) {
	t.Parallel()

	b := smallBench(t)
	steps, err := b.ladder(t.Context())
	require.NoError(t, err)
	require.Len(t, steps, len(rungs))
	for _, s := range steps {
		require.Positive(t, s.Acks, s.Name)
		require.Zero(t, s.Errors, s.Name)
	}
	rep := report{Ladder: steps, OK: true}
	rep.ratio(b)
	require.True(t, rep.OK)
	require.Positive(t, rep.Ratio)
	b.json, b.text = b.dir+"/out/report.json", b.dir+"/out/report.txt"
	require.NoError(t, rep.write(b))
	require.FileExists(t, b.json)
	require.FileExists(t, b.text)
}

func TestOpenLoopCountsFromTheIntendedStart(t *testing.T) {
	t.Parallel()

	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	slow := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) { time.Sleep(50 * time.Millisecond); ctx.SetBodyString("OK") }}
	go func() { _ = slow.Serve(ln) }()
	w, err := newWorld(mixKnowledge, 1, qloappstest.Delay{}, 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, w.close()) }()
	w.addr = ln.Addr().String()
	w.tally.on.Store(true)
	// One connection carries 20 a second of the 100 that are meant: the queue must show.
	w.openLoop(t.Context(), 100, 1, time.Now().Add(300*time.Millisecond))
	require.NoError(t, slow.ShutdownWithContext(t.Context()))
	q := w.tally.ack.quantiles()
	require.Greater(t, q.Max, 500.0)
	require.Positive(t, w.tally.late.Load())
}

func TestWireSignsAndReads(t *testing.T) {
	t.Parallel()

	verify := whatsapp.NewVerifier(secret)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		if !verify.Verify(string(ctx.Request.Header.Peek("X-Hub-Signature-256")), ctx.PostBody()) {
			ctx.SetStatusCode(fasthttp.StatusUnauthorized)
		}
		ctx.SetBodyString(strings.Repeat("x", 5000))
	}}
	go func() { _ = srv.Serve(ln) }()
	c := newWire(ln.Addr().String())
	for range 3 {
		status, err := c.post([]byte(`{"a":"ñ"}`))
		require.NoError(t, err)
		require.Equal(t, 200, status)
	}
	c.close()
	require.NoError(t, srv.ShutdownWithContext(t.Context()))
	_, err = c.post(nil)
	require.Error(t, err)
}

func TestChildRefusesNonsense(t *testing.T) {
	t.Parallel()

	require.Error(t, serveChild(strings.NewReader(""), io.Discard))
	require.Error(t, serveChild(strings.NewReader("{\n"), io.Discard))
}

func TestFlags(t *testing.T) {
	t.Parallel()

	_, err := parse([]string{"-statuses", "some"})
	require.Error(t, err)
	b, err := parse([]string{"-mix", "booking", "-real-create=false"})
	require.NoError(t, err)
	require.True(t, b.wants("booking-open"))
	require.False(t, b.wants("ladder"))
	require.Zero(t, b.create)
	ok, err := runAll(context.Background(), []string{"-only", "none", "-dir", t.TempDir()})
	require.NoError(t, err)
	require.True(t, ok)
}
