package actors_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/hotel"
)

// logBuffer is a log that goroutines may write to while a test reads it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A whole life of an engine at debug level: a booking, a read that is out while
// it drains (its answer meets nobody), failing sends, a panic. Nothing of the guest is in the log.
func TestLogHoldsNothingOfTheGuest(t *testing.T) {
	t.Parallel()

	var log logBuffer
	h := open(t, func(c *actors.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Properties = append(c.Properties, actors.Property{ID: "broken"})
		c.Witness = &witness{t: t, careful: true, named: map[hotel.GuestID]int{}}
	}, poison)
	h.journey(t, ana)
	h.yes(ana)
	h.phone.awaitText(t, ana, "XKBKNABAA")
	broken := inbound("5491150000009", "wamid.secret", "palabras de Zulema")
	broken.Property = "broken"
	require.NoError(t, h.Accept(t.Context(), []hotel.Inbound{broken}, nil, nil))
	require.Eventually(t, func() bool {
		letters, err := h.store.DeadLetters(t.Context(), hotel.LetterQuery{Limit: 10})
		return err == nil && len(letters) == 1
	}, 10*time.Second, time.Millisecond)
	h.say("5491150000008", "wamid.poison", "veneno de Zulema") // is parked, and people have it
	h.phone.awaitText(t, "5491150000008", "una persona del hotel")

	h.pms.mu.Lock() // the hotel system hangs
	h.say(ana, "wamid.hang", "¿tienen lugar del 20 al 22 de diciembre de 2027 para 2 adultos? soy Zulema")
	require.Eventually(t, func() bool {
		return len(h.phone.callsTo(ana)) > 0 && gauge(t, h.metrics.Turns.WithLabelValues("waiting")) >= 1
	}, 10*time.Second, time.Millisecond)
	drained := make(chan error, 1)
	go func() { drained <- h.Drain(t.Context()) }()
	require.Eventually(t, h.Draining, 10*time.Second, time.Millisecond)
	h.pms.mu.Unlock()
	require.NoError(t, <-drained)

	text := log.String()
	require.Contains(t, text, "actor failed", "the log was on")
	for _, secret := range []string{ana, "Ana", "Pérez", "ana@example.com", "Zulema", "wamid", "5491150000009", "5491150000008", "veneno"} {
		require.NotContains(t, text, secret)
	}
}
