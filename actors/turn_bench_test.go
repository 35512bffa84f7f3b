package actors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/memory"
)

// counting is WhatsApp that takes everything and keeps nothing.
type counting struct{ all sync.WaitGroup }

func (c *counting) Send(context.Context, hotel.Message, string) (string, error) {
	c.all.Done()
	return "", nil
}
func (c *counting) MarkRead(context.Context, hotel.PropertyID, string) error { return nil }
func (c *counting) Probe(context.Context, hotel.PropertyID) error            { return nil }

// BenchmarkTurn is one whole turn on the memory store: accepted, taken,
// committed, sent by a messenger that does nothing. Its guests are many and
// active; a question of the knowledge in, one bubble out.
func BenchmarkTurn(b *testing.B) {
	for _, guests := range []int{1, 1000} {
		b.Run(fmt.Sprintf("guests=%d", guests), func(b *testing.B) {
			phone := &counting{}
			e, err := actors.Start(actors.Config{Store: memory.New(), Messenger: phone, PMS: newPMS(), Mailer: &mail{}, Owner: "bench",
				Properties: []actors.Property{{ID: "posada", Dialogue: conversation.New(facts())}},
				Settings: actors.Settings{MessagesPerSecond: 1e9, PairBurst: 1 << 30, PairInterval: time.Nanosecond,
					SweepEvery: time.Hour}})
			require.NoError(b, err)
			at := func(i int) []hotel.Inbound {
				return []hotel.Inbound{inbound(fmt.Sprintf("54911660%05d", i%guests), "", "¿Hay wifi?")}
			}
			for i := range guests {
				phone.all.Add(1)
				require.NoError(b, e.Accept(b.Context(), at(i), nil, nil))
			}
			phone.all.Wait()
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				phone.all.Add(1)
				if err := e.Accept(b.Context(), at(n), nil, nil); err != nil {
					b.Fatal(err)
				}
				if n++; n%guests == 0 {
					phone.all.Wait() // so that no two messages of a guest become one turn
				}
			}
			phone.all.Wait()
			b.StopTimer()
			require.NoError(b, e.Drain(context.Background()))
		})
	}
}
