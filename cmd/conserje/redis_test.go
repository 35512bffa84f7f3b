package main_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
	"github.com/conserje/conserje/internal/redistest"
	"github.com/conserje/conserje/persistence/memory"
	"github.com/conserje/conserje/persistence/redis"
)

// Redis is away at the start, comes, is wiped, hangs, dies and comes back while
// guests ask for rooms and book: each is answered, and all of it is counted.
func TestRedisFailsInEveryWay(t *testing.T) {
	t.Parallel()

	server := redistest.New(t, redistest.TLS())
	server.Kill()
	r := newRun(t, build(t))
	r.startEngine("REDIS_URL="+server.URL(), "REDIS_CA_FILE="+server.CAFile(), "CHECK_REDIS_IN_READINESS=false")
	ctx := within(t, 2*time.Minute)
	ps := r.listen(ctx)
	guests := 0
	ask := func(days int) {
		t.Helper()
		guests++
		g := r.guest(ctx, ps, fmt.Sprintf("549115557%04d", guests), "Ana")
		heard := g.say("¿tienen lugar " + dates(time.Now(), days) + " para 2 adultos?")
		for n := 1; !strings.Contains(heard.Text, "ARS") && heard.List == nil; n++ { // a greeting may come first
			heard = g.next(n)
		}
	}
	ask(200)
	r.metric(t, `conserje_redis_fallbacks_total\{operation="get"\} ([1-9]\d*)`)
	require.Equal(t, 1, strings.Count(r.log(), "redis is away"), "said once")

	require.NoError(t, server.Start())
	r.metric(t, `conserje_breaker_state\{destination="redis",property=""\} 0`)
	// A busy machine may be late with the first answers.
	for days := 300; !counts(t, r, `conserje_redis_operations_total{operation="set",result="ok"}`); days += 3 {
		ask(days)
	}

	server.Flush(t)
	ask(220)

	server.Pause()
	g := r.guest(ctx, ps, "5491155578888", "Luis")
	g.say("quiero una habitación doble " + dates(time.Now(), 160) + " para 2 adultos")
	g.say("doble")
	g.say("Luis Pérez, luis@example.com")
	g.say("sí")
	r.metric(t, `reservations_created_total\{property="[^"]+"\} 1`)
	ask(230)
	server.Resume()
	r.metric(t, `conserje_redis_operations_total\{operation="invalidate",result="ok"\} ([1-9]\d*)`)

	server.Kill()
	ask(240)
	require.NoError(t, server.Start())
	r.metric(t, `conserje_breaker_state\{destination="redis",property=""\} 0`)
	ask(250)
	r.settled(ctx)
	r.metric(t, `conserje_backlog\{what="dead_letters"\} 0`)
}

// counts tells whether the engine has counted something under that name.
func counts(t *testing.T, r *run, name string) bool {
	t.Helper()
	body, err := fetch(t.Context(), "http://"+r.webhook+"/metrics")
	require.NoError(t, err)
	return strings.Contains(string(body), "\n"+name+" ")
}

func TestReadinessAsksRedisWhenItIsTold(t *testing.T) {
	t.Parallel()

	server := redistest.New(t, redistest.Password("pw"))
	r := newRun(t, build(t))
	r.startEngine("REDIS_URL="+server.URL(), "CHECK_REDIS_IN_READINESS=true")
	health := get[struct{ Checks map[string]string }](t, "http://"+r.webhook+"/health/ready")
	require.Equal(t, "ok", health.Checks["redis"])
	server.Kill()
	require.Eventually(t, func() bool {
		health := get[struct{ Checks map[string]string }](t, "http://"+r.webhook+"/health/ready")
		return health.Checks["redis"] == "unavailable" && !r.Ready()
	}, 30*time.Second, 50*time.Millisecond)
	require.NoError(t, server.Start())
	require.Eventually(t, r.Ready, 30*time.Second, 50*time.Millisecond)
}

// graph is a WhatsApp that notes when each message came.
type graph struct {
	actors.Messenger
	mu   sync.Mutex
	sent []time.Time
}

func (g *graph) Send(_ context.Context, _ hotel.Message, callback string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, time.Now())
	return "wamid." + callback, nil
}

func (g *graph) MarkRead(context.Context, hotel.PropertyID, string) error { return nil }

func (g *graph) times() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.sent)
}

type noHotel struct{ actors.PMS }

type noMailer struct{ actors.Mailer }

// Two engines answer guests over one number: together they keep its pace; when
// Redis has died each keeps it by itself, and everybody is answered.
func TestTwoEnginesShareANumbersPace(t *testing.T) {
	t.Parallel()

	const rate, guests = 40, 150
	server := redistest.New(t)
	api := &graph{}
	engine := func() (*actors.Engine, *metrics.Metrics) {
		m := metrics.New()
		client, err := redis.Open(redis.Config{URL: server.URL(), Patience: time.Second, Metrics: m, Log: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, client.Close()) })
		e, err := actors.Start(actors.Config{
			Store: memory.New(), Messenger: api, PMS: noHotel{}, Mailer: noMailer{}, Owner: "test", Pace: client, Shared: client, Metrics: m,
			Properties: []actors.Property{{ID: "posada", Dialogue: conversation.New(conversation.Facts{
				Property: "posada", Name: "Posada", Country: "AR", Currency: "ARS", Locales: []string{"es"}, Zone: time.UTC})}},
			Settings: actors.Settings{MessagesPerSecond: rate},
		})
		require.NoError(t, err)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			_ = e.Drain(ctx)
		})
		return e, m
	}
	a, countA := engine()
	b, countB := engine()
	greet := func(from int) {
		for i := range guests {
			for n, e := range []*actors.Engine{a, b} {
				phone := fmt.Sprintf("54911%d%07d", n, from+i)
				require.NoError(t, e.Accept(t.Context(), []hotel.Inbound{{Property: "posada", MessageID: "wamid." + phone,
					From: hotel.Address{Phone: phone}, Kind: hotel.InText, Text: "Hola", At: time.Now()}}, nil, nil))
			}
		}
	}
	greet(0)
	require.Eventually(t, func() bool { return len(api.times()) >= 2*guests }, time.Minute, 10*time.Millisecond)
	sent := api.times()
	took := sent[len(sent)-1].Sub(sent[0])
	// A second's worth may go at once, and half a second is for permits in hand
	// and a late machine. Two engines apart from each other need half of it.
	least := time.Duration(float64(2*guests-rate)/rate*float64(time.Second)) - time.Second/2
	require.Greater(t, took, least, "%d messages at %d a second", len(sent), rate)
	require.Less(t, took, 30*time.Second, "and the pace is used")
	for _, m := range []*metrics.Metrics{countA, countB} {
		require.Positive(t, testutil.ToFloat64(m.RedisOperations.WithLabelValues("take", "granted")))
	}

	server.Kill()
	greet(guests)
	require.Eventually(t, func() bool { return len(api.times()) >= 4*guests }, time.Minute, 10*time.Millisecond)
	require.Positive(t, testutil.ToFloat64(countA.RedisFallbacks.WithLabelValues("take"))+testutil.ToFloat64(countB.RedisFallbacks.WithLabelValues("take")))
}
