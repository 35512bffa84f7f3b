package qloappstest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// seen is what a client saw of one call.
type seen struct {
	status int // 0 = no answer
	kind   string
	body   string
	psws   bool // one of the web service's own headers
}

// caller calls a stand-in over the network, each time on a connection of its own.
func caller(t *testing.T, s *qloappstest.Server) func(method, target, body string) seen {
	t.Helper()
	return callerWithin(t, s, 100*time.Millisecond)
}

func callerWithin(t *testing.T, s *qloappstest.Server, limit time.Duration) func(method, target, body string) seen {
	t.Helper()
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: limit}
	return func(method, target, body string) seen {
		t.Helper()
		r, err := http.NewRequest(method, url+"/api/"+target, strings.NewReader(body))
		require.NoError(t, err)
		r.SetBasicAuth(qloappstest.DemoKey, "")
		resp, err := client.Do(r)
		if err != nil {
			return seen{}
		}
		defer func() { require.NoError(t, resp.Body.Close()) }()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return seen{resp.StatusCode, resp.Header.Get("Content-Type"), string(b), len(resp.Header["Psws-Version"]) > 0}
	}
}

func TestEachKindOfFault(t *testing.T) {
	t.Parallel()
	const page = "text/html; charset=utf-8"
	for kind, want := range map[string]struct {
		status int
		kind   string
		psws   bool
		stored int
	}{
		qloappstest.FaultCutBefore: {},
		qloappstest.FaultHang:      {},
		qloappstest.FaultHangAfter: {stored: 1},
		qloappstest.FaultLate:      {stored: 1},
		qloappstest.FaultCutAfter:  {stored: 1},
		qloappstest.FaultProxy502:  {status: 502, kind: "text/html"},
		qloappstest.FaultProxy504:  {status: 504, kind: "text/html", stored: 1},
		qloappstest.FaultSlow:      {status: 200, kind: "application/json", psws: true, stored: 1},
		qloappstest.FaultWarning:   {status: 500, kind: "application/json", psws: true, stored: 1},
		qloappstest.FaultFatal:     {status: 200, kind: page},
		qloappstest.FaultStatus:    {status: 200, kind: page},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
			call := caller(t, s)
			s.Set(qloappstest.Switches{Strict: true, Faults: qloappstest.Faults{Percent: 100, Kinds: []string{kind}, HoldMS: 20_000, SlowMS: 5}})
			got := call("POST", "bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
			require.Equal(t, want.status, got.status, got.body)
			require.Equal(t, want.kind, got.kind)
			require.Equal(t, want.psws, got.psws)
			require.Eventually(t, func() bool { return len(s.State().Bookings) == want.stored && s.Played()[kind] == 1 }, 5*time.Second, time.Millisecond)
			require.Len(t, s.Played(), 1)
		})
	}
	require.Len(t, qloappstest.FaultKinds, 11, "each of them is above")
}

func TestAHangIsBounded(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	call := caller(t, s)
	s.Set(qloappstest.Switches{Strict: true, Faults: qloappstest.Faults{Percent: 100, Kinds: []string{qloappstest.FaultHang}, HoldMS: 1}})
	require.Equal(t, seen{}, call("GET", "orders", ""))
	require.Equal(t, map[string]int{"hang": 1}, s.Played(), "the server cut it: the client would have waited longer")
}

// run plays calls of two kinds, in an order, and tells what became of each kind's.
func run(t *testing.T, seed uint64, order string) map[string]string {
	t.Helper()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	call := callerWithin(t, s, 10*time.Second) // nothing hangs; a slow machine's answer is no fault
	s.Set(qloappstest.Switches{Strict: true, Faults: qloappstest.Faults{Percent: 30, Seed: seed,
		Kinds: []string{qloappstest.FaultCutBefore, qloappstest.FaultProxy502, qloappstest.FaultCutAfter, qloappstest.FaultProxy504}}})
	fate := map[string]string{}
	total := 0
	for _, which := range order {
		resource := map[rune]string{'o': "orders", 'h': "hotels"}[which]
		status := call("GET", resource, "").status
		fate[resource] += fmt.Sprintf("%03d ", status)
		if status != 200 {
			total++
		}
	}
	require.Eventually(t, func() bool { // the last one is counted once its connection is cut
		played := 0
		for _, n := range s.Played() {
			played += n
		}
		return played == total
	}, 5*time.Second, time.Millisecond, "what was played is what was seen")
	require.InDelta(t, 30, 100*total/len(order), 12)
	return fate
}

func TestFaultsAreReproducible(t *testing.T) {
	t.Parallel()
	apart := run(t, 7, strings.Repeat("o", 60)+strings.Repeat("h", 60))
	require.Equal(t, apart, run(t, 7, strings.Repeat("oh", 60)), "calls of other kinds between them change nothing")
	require.NotEqual(t, apart, run(t, 8, strings.Repeat("oh", 60)))
	require.NotEqual(t, apart["orders"], apart["hotels"])
}

func TestFaultsThatDoNotFitACall(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	odd := qloappstest.Faults{Percent: 100, Kinds: []string{qloappstest.FaultWarning, qloappstest.FaultFatal, qloappstest.FaultStatus}}
	s.Set(qloappstest.Switches{Strict: true, Faults: odd})
	code, _ := ask(t, s, "GET", "/api/orders?output_format=JSON", "")
	require.Equal(t, 200, code, "a read has none of them")
	code, body := ask(t, s, "POST", "/api/bookings?output_format=JSON", strings.Replace(create("WA-1", "2026-12-10", "2026-12-12"), "USD", "XXX", 1))
	require.Equal(t, 400, code, body)
	require.Empty(t, s.Played(), "a refusal hides nothing")

	odd.Kinds = []string{qloappstest.FaultWarning}
	s.Set(qloappstest.Switches{Faults: odd})
	code, body = ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
	require.Equal(t, 200, code, "a lenient PHP has no warnings: %s", body)

	s.Set(qloappstest.Switches{Strict: true, Error: 503, NextN: 1, Faults: odd})
	code, _ = ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-2", "2026-12-10", "2026-12-12"))
	require.Equal(t, 503, code, "a fault that is switched on comes first")
	code, _ = ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-2", "2026-12-10", "2026-12-12"))
	require.Equal(t, 500, code, "then the random ones go on")
}

func TestStatesAndChangesHaveOddAnswersToo(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	code, _ := ask(t, s, "POST", "/api/bookings?output_format=JSON", create("WA-1", "2026-12-10", "2026-12-12"))
	require.Equal(t, 200, code)
	s.Set(qloappstest.Switches{Strict: true, Faults: qloappstest.Faults{Percent: 100, Kinds: []string{qloappstest.FaultStatus}}})
	before := s.State().Bookings
	code, body := ask(t, s, "POST", "/api/order_histories?output_format=JSON", `<q><order_history><id_order>1</id_order><id_order_state>4</id_order_state></order_history></q>`)
	require.Equal(t, 200, code)
	require.Equal(t, "Invalid new order status", body)
	move := strings.Replace(create("WA-1", "2026-12-20", "2026-12-22"), `{"booking":{`, `{"booking":{"id":1,`, 1)
	code, body = ask(t, s, "PUT", "/api/bookings?output_format=JSON", move)
	require.Equal(t, 200, code)
	require.Equal(t, "Invalid new order status", body)
	require.Equal(t, before, s.State().Bookings, "nothing was done")
	require.Equal(t, map[string]int{"status": 2}, s.Played())

	s.Set(qloappstest.Switches{Strict: true, Faults: qloappstest.Faults{Percent: 100, Kinds: []string{qloappstest.FaultWarning}}})
	require.Empty(t, s.Played(), "other faults are counted anew")
	code, body = ask(t, s, "PUT", "/api/bookings?output_format=JSON", move)
	require.Equal(t, 500, code)
	require.Contains(t, body, "[PHP Warning #2]")
	require.Equal(t, "2026-12-20", s.State().Bookings[0].CheckIn, "it has moved all the same")
}

func TestFaultsByTheControlEndpoint(t *testing.T) {
	t.Parallel()
	s := standIn(t, qloappstest.Config{Property: qloappstest.Hotel(2)})
	url, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	post := func(body string) int {
		resp, err := client.Post(url+"/sim/switches", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	for _, bad := range []string{`{"faults":{"percent":101}}`, `{"faults":{"kinds":["gremlins"]}}`, `{"faults":{"hold_ms":-1}}`} {
		require.Equal(t, http.StatusBadRequest, post(bad), bad)
	}
	require.Equal(t, http.StatusOK, post(`{"faults":{"percent":100,"seed":7,"kinds":["proxy_502"]}}`))
	require.True(t, s.Switches().Strict, "the other switches stay")
	code, _ := ask(t, s, "GET", "/api/orders", "")
	require.Equal(t, 502, code)
	resp, err := client.Get(url + "/sim/faults")
	require.NoError(t, err)
	var played map[string]int
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&played))
	require.NoError(t, resp.Body.Close())
	require.Equal(t, map[string]int{"proxy_502": 1}, played)
	require.NoError(t, s.Reset())
	require.Empty(t, s.Played())
}
