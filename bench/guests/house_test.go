package guests_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
)

const property hotel.PropertyID = "posada"

// store is what the bench asks of a store beside the engine.
type store interface {
	actors.Store
	Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error)
	Close() error
}

// many is an engine's house with very many guests.
type many struct {
	t       *testing.T
	store   store
	reopen  func() // what is kept, by a new store
	rest    func() // lets the database do after the filling what it does in the course of days
	state   []byte // a snapshot as the dialogue writes it
	phone   *phone
	engine  string // the last one's name
	metrics *metrics.Metrics

	mu   sync.Mutex
	took []time.Duration // by each activation
}

func open(t *testing.T) *many {
	m := &many{t: t, phone: &phone{}, rest: func() {}}
	switch *kind {
	case "postgres":
		server, err := pgtest.New()
		require.NoError(t, err)
		t.Cleanup(server.Close)
		name := server.Database(t, "")
		dsn := server.DSN(name)
		m.rest = func() {
			for _, work := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
				require.NoError(t, server.SQL(name, work))
			}
		}
		m.reopen = func() {
			s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
			require.NoError(t, err)
			m.store = s
		}
	case "sqlite":
		dir := t.TempDir()
		m.reopen = func() {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
			require.NoError(t, err)
			m.store = s
		}
	default:
		t.Fatalf("-store %s: write postgres or sqlite", *kind)
	}
	m.reopen()
	t.Cleanup(func() { _ = m.store.Close() })
	m.state = m.snapshot()
	return m
}

// snapshot is the state that one question leaves behind, taken from an engine.
func (m *many) snapshot() []byte {
	e := m.start()
	require.NoError(m.t, e.Accept(m.t.Context(), []hotel.Inbound{inbound(-1)}, nil, nil))
	require.Eventually(m.t, func() bool { return m.phone.sent.Load() == 1 }, time.Minute, time.Millisecond)
	m.stop(e)
	row, err := m.store.Row(m.t.Context(), m.phone.row())
	require.NoError(m.t, err)
	g, err := m.store.Guest(m.t.Context(), row.Guest)
	require.NoError(m.t, err)
	require.NotEmpty(m.t, g.State)
	return g.State
}

func (m *many) start() *actors.Engine {
	m.metrics = metrics.New()
	c := actors.Config{Store: timed{m.store, m}, Messenger: m.phone, PMS: noPMS{}, Mailer: noMail{}, Owner: keys.New(), Metrics: m.metrics,
		Properties: []actors.Property{{ID: property, MessagesPerSecond: 1e6, Dialogue: conversation.New(conversation.Facts{
			Property: property, Name: "Posada del Cerro", Country: "AR", Currency: "ARS", Locales: []string{"es", "en"}, Zone: time.UTC,
			Knowledge: map[string]map[string]string{"wifi": {"es": "Sí, hay wifi gratis."}},
		})}},
		Settings: actors.Settings{PassivateAfter: 5 * time.Second},
	}
	if fleet, ok := m.store.(actors.Fleet); ok {
		c.Fleet, c.Predecessor = fleet, m.engine
	} else {
		c.Owner = "embedded"
	}
	m.engine = c.Owner
	e, err := actors.Start(c)
	require.NoError(m.t, err)
	return e
}

func (m *many) stop(e *actors.Engine) { require.NoError(m.t, e.Drain(m.t.Context())) }

// timed measures activations.
type timed struct {
	actors.Store
	m *many
}

func (s timed) Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error) {
	begin := time.Now()
	a, err := s.Store.Activate(ctx, id, limit)
	d := time.Since(begin)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.took = append(s.m.took, d)
	return a, err
}

func (m *many) quantile(q float64) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(m.took)
	return m.took[min(int(q*float64(len(m.took))), len(m.took)-1)].Round(10 * time.Microsecond)
}

func inbound(i int) hotel.Inbound {
	phone := fmt.Sprintf("54911%09d", i+1)
	return hotel.Inbound{Property: property, MessageID: "wamid." + keys.New(), From: hotel.Address{Phone: phone}, Kind: hotel.InText, Text: "¿Hay wifi?", At: time.Now()}
}

func body(t *testing.T, m hotel.Inbound) []byte {
	b, err := json.Marshal(m)
	require.NoError(t, err)
	return b
}

// phone takes every bubble at once.
type phone struct {
	sent atomic.Int64
	mu   sync.Mutex
	last string
}

func (p *phone) Send(_ context.Context, _ hotel.Message, callback string) (string, error) {
	p.mu.Lock()
	p.last = callback
	p.mu.Unlock()
	return fmt.Sprint("wamid.", p.sent.Add(1)), nil
}

// row is the key of the last bubble.
func (p *phone) row() hotel.Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, _, _ := strings.Cut(p.last, "#")
	return hotel.Key(key)
}

func (p *phone) MarkRead(context.Context, hotel.PropertyID, string) error { return nil }
func (p *phone) Probe(context.Context, hotel.PropertyID) error            { return nil }

// noPMS and noMail are what a question of the knowledge never needs: a call would panic.
type (
	noPMS  struct{ actors.PMS }
	noMail struct{ actors.Mailer }
)
