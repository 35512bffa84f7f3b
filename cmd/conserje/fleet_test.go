package main_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/livetest"
	"github.com/conserje/conserje/internal/pgtest"
)

const (
	fleetConversations = 80
	fleetBookings      = 20
)

// Two engines on one PostgreSQL, with webhooks (messages and statuses) spread
// over both at random, each killed and started again in turn: every guest hears
// what they hear from one engine alone on its own store, and nothing is booked
// or mailed twice.
func TestTwoEnginesOnOnePostgreSQLEachKilledInTurn(t *testing.T) {
	t.Parallel()

	binary := build(t)
	alone := newRun(t, binary)
	alone.startEngine()
	calm := crowd(t, alone, nil)

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	server, err := pgtest.New(pgtest.Fast()...)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	r := newFleet(t, binary, server.DSN(server.Database(t, "")), seed)
	for _, e := range r.engines {
		e.Start()
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	heard := crowd(t, r.run, func(done <-chan struct{}) {
		for i := range 4 {
			select {
			case <-time.After(time.Duration(500+rnd.IntN(1500)) * time.Millisecond): // the random instant itself
			case <-done:
			}
			r.engines[i%2].Kill()
			if i == 0 { // dead for longer than its lease: the other one looks after what is left
				other := r.engines[1]
				require.Eventually(t, func() bool { return strings.Contains(other.Log(), "engine taken over") }, 30*time.Second, 20*time.Millisecond)
			}
			r.engines[i%2].Start()
		}
	})
	for phone, want := range calm {
		assert.Equal(t, want, heard[phone], "guest %s", phone)
	}
}

// crowd lets every guest talk at once while trouble happens, checks what is left
// outside, and returns what each heard.
func crowd(t *testing.T, r *run, trouble func(done <-chan struct{})) map[string][]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	phones := r.listen(ctx)
	var talking sync.WaitGroup
	for i := range fleetConversations {
		talking.Go(func() {
			phones.talk(ctx, t, fmt.Sprintf("54911%08d", i), script(i, fleetBookings, time.Now()))
		})
	}
	done := make(chan struct{})
	go func() { talking.Wait(); close(done) }()
	if trouble != nil {
		trouble(done)
	}
	<-done
	require.NoError(t, ctx.Err(), "conversations did not end in time")
	r.settled(ctx)
	r.check(t, fleetBookings)
	return phones.Transcripts()
}

// fleet is two engines behind one address that spreads what comes.
type fleet struct {
	*run
	engines [2]*livetest.Engine
}

func newFleet(t *testing.T, binary, dsn string, seed uint64) *fleet {
	t.Helper()
	hotel, err := filepath.Abs("../../config/demo/posada-del-cerro.yaml")
	require.NoError(t, err)
	f := &fleet{}
	var targets []*url.URL
	for i := range f.engines {
		addr := livetest.FreeAddr(t)
		f.engines[i] = &livetest.Engine{T: t, Binary: binary, Dir: t.TempDir(), Hotel: hotel, Secret: "fleet", Webhook: addr, Admin: livetest.FreeAddr(t)}
		targets = append(targets, &url.URL{Scheme: "http", Host: addr})
	}
	spread := httptest.NewServer(spreader(targets, seed))
	t.Cleanup(spread.Close)
	webhook := strings.TrimPrefix(spread.URL, "http://")
	f.run = &run{t: t, binary: binary, secret: "fleet", dir: f.engines[0].Dir, webhook: webhook, admin: f.engines[0].Admin,
		standins: livetest.StartStandins(t, binary, webhook, "fleet")}
	f.env = f.standins.Env
	f.env["POSTGRES_URL"], f.env["ENGINE_LEASE"] = dsn, "3s"
	for _, e := range f.engines {
		e.Env = f.env
	}
	f.Engine = f.engines[0]
	return f
}

// spreader sends each request to one of the engines at random. One that is away
// answers 502, and the phone network tries again, as Meta does.
func spreader(targets []*url.URL, seed uint64) http.Handler {
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 2))
	return &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0), // an engine that is away is what this is for
		Rewrite: func(r *httputil.ProxyRequest) {
			mu.Lock()
			target := targets[rnd.IntN(len(targets))]
			mu.Unlock()
			r.SetURL(target)
		},
	}
}
