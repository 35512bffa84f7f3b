package qloapps_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func withTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestFaultsByKind(t *testing.T) {
	t.Parallel()
	type want struct {
		kind hotel.Kind
		code string
	}
	for name, tt := range map[string]struct {
		sw                   qloappstest.Switches
		create, cancel, read want
		alive                bool
	}{
		"Cut": {qloappstest.Switches{Strict: true, Down: true},
			want{hotel.InDoubt, "cut"}, want{hotel.InDoubt, "cut"}, want{hotel.Unavailable, "cut"}, false},
		"Hang": {qloappstest.Switches{Strict: true, Hang: true},
			want{hotel.InDoubt, "timeout"}, want{hotel.InDoubt, "timeout"}, want{hotel.Unavailable, "timeout"}, false},
		"Proxy500": {qloappstest.Switches{Strict: true, Error: 500},
			want{hotel.InDoubt, "http_500"}, want{hotel.InDoubt, "http_500"}, want{hotel.Unavailable, "http_500"}, false},
		"Proxy502": {qloappstest.Switches{Strict: true, Error: 502},
			want{hotel.InDoubt, "http_502"}, want{hotel.InDoubt, "http_502"}, want{hotel.Unavailable, "http_502"}, false},
		"ProxyThrottles": {qloappstest.Switches{Strict: true, Error: 429},
			want{hotel.Throttled, "http_429"}, want{hotel.Throttled, "http_429"}, want{hotel.Throttled, "http_429"}, false},
		"ProxyTimesOut": {qloappstest.Switches{Strict: true, Error: 408},
			want{hotel.InDoubt, "http_408"}, want{hotel.InDoubt, "http_408"}, want{hotel.Unavailable, "http_408"}, false},
		"Disabled": {qloappstest.Switches{Strict: true, Disabled: true},
			want{hotel.Unauthorised, "qloapps_503/22"}, want{hotel.Unauthorised, "qloapps_503/22"}, want{hotel.Unauthorised, "qloapps_503/22"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, qloappstest.Hotel(2), func(c *qloapps.Config) { c.Timeout = 300 * time.Millisecond })
			warm(t, b)
			writing := tt.sw
			writing.Only = []string{"POST bookings", "POST order_histories"}
			b.sim.Set(writing)
			ctx, cancel := withTimeout(t, time.Second)
			defer cancel()
			_, err := b.Create(ctx, request("WA-1", 1, stay(10, 2)))
			requireKind(t, err, tt.create.kind, tt.create.code)
			require.Equal(t, tt.alive, qloapps.Alive(err))
			soon, done := withTimeout(t, 500*time.Millisecond)
			defer done()
			requireKind(t, b.Cancel(soon, hotel.CancelRequest{Order: "1"}), tt.cancel.kind, tt.cancel.code)
			b.sim.Set(tt.sw)
			for _, read := range reads(t, b.Client) {
				requireKind(t, read(), tt.read.kind, tt.read.code)
			}
			_, err = b.Create(t.Context(), request("WA-2", 1, stay(10, 2)))
			before := tt.read.kind
			if before == hotel.Unavailable {
				before = hotel.NotSent
			}
			requireKind(t, err, before, tt.read.code)
		})
	}
}

// warm makes the client know the hotel's catalogue, so that a create's first request is the create.
func warm(t *testing.T, b bundle) {
	t.Helper()
	_, err := b.RoomTypes(t.Context())
	require.NoError(t, err)
}

func reads(t *testing.T, c *qloapps.Client) []func() error {
	t.Helper()
	ctx := t.Context()
	return []func() error{
		func() error { return c.Probe(ctx) },
		func() error { _, err := c.RoomTypes(ctx); return err },
		func() error { _, err := c.ByReference(ctx, "WA-1"); return err },
		func() error { _, err := c.ByCode(ctx, "ABCDEFGHI"); return err },
		func() error { _, err := c.Profile(ctx, "ada@example.com"); return err },
		func() error {
			_, err := c.Overbooked(ctx, hotel.Reservation{Stay: stay(1, 1), Rows: []hotel.RoomRow{{ID: 1, Room: 1}}})
			return err
		},
		func() error {
			_, err := c.Availability(ctx, hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1})
			return err
		},
	}
}

func TestBookedButFiveHundred(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(2))
	warm(t, b)
	b.sim.Set(qloappstest.Switches{Strict: true, BookedBut500: true})
	_, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	requireKind(t, err, hotel.InDoubt, "qloapps_500")
	require.True(t, qloapps.Alive(err), "a live QloApps answered: no reason to open a breaker")
	found, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestOddAnswerIsInDoubtAndNotBooked(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.Hotel(2))
	warm(t, b)
	b.sim.Set(qloappstest.Switches{Strict: true, Odd200: true, NextN: 1, Only: []string{"POST bookings"}})
	_, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.Equal(t, hotel.InDoubt, hotel.KindOf(err))
	require.Contains(t, hotel.AsError(err).Code, "odd_200")
	found, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Empty(t, found)
}

// Where customer groups see prices without tax, a strict server answers 500 to
// every create and every read of one booking: the order and the customer stand in.
func TestTaxExcludedGroups(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.PrimeHotel())
	warm(t, b)
	b.sim.Set(qloappstest.Switches{Strict: true, TaxExcluded: true})
	_, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	requireKind(t, err, hotel.InDoubt, "qloapps_500")
	found, err := b.ByReference(t.Context(), "WA-1")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, hotel.Money{Minor: 260000, Currency: "USD"}, found[0].Total)
	require.Equal(t, hotel.Money{Minor: 10000, Currency: "USD"}, found[0].Tax)
	require.Equal(t, "Zoë", found[0].Contact.FirstName)

	b.sim.Set(qloappstest.Switches{TaxExcluded: true}) // a lenient PHP says nothing
	made, err := b.Create(t.Context(), request("WA-2", 1, stay(10, 2)))
	require.NoError(t, err)
	require.Equal(t, found[0].Total, made.Total)
}

func TestOldVersionGetsItsKey(t *testing.T) {
	t.Parallel()
	b := setup(t, qloappstest.PrimeHotel())
	b.sim.Set(qloappstest.Switches{Strict: true, Old: true})
	made, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2), hotel.Party{Adults: 1}))
	require.NoError(t, err)
	require.Equal(t, 1, made.Adults)
}

func TestWrongHostIsConfiguration(t *testing.T) {
	t.Parallel()
	_, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(1), Host: "shop.example"})
	c := client(t, url, qloappstest.Hotel(1))
	err := c.Probe(t.Context())
	requireKind(t, err, hotel.Unauthorised, "http_302")
	require.ErrorContains(t, err, "the base URL's host is not the shop's domain")
	require.Equal(t, hotel.ScopeNumber, hotel.AsError(err).Scope)
}

func TestKeysThatMayNot(t *testing.T) {
	t.Parallel()
	few := strings.Repeat("F", 32)
	noShop := strings.Repeat("N", 32)
	_, url := serve(t, qloappstest.Config{Property: qloappstest.Hotel(1), Keys: []qloappstest.Key{
		{Key: few, Allow: map[string][]string{"orders": {"GET"}, "order_histories": {"GET"}}}, {Key: noShop, NoShop: true}}})
	with := func(key string) *qloapps.Client {
		return client(t, url, qloappstest.Hotel(1), func(c *qloapps.Config) { c.Key = qloapps.Secret(key) })
	}
	requireKind(t, with(few).Probe(t.Context()), hotel.Unauthorised, "qloapps_401/26")
	requireKind(t, with(few).Cancel(t.Context(), hotel.CancelRequest{Order: "1"}), hotel.Unauthorised, "qloapps_405/25")
	requireKind(t, with(noShop).Probe(t.Context()), hotel.Unauthorised, "qloapps_403/132")
	requireKind(t, with(strings.Repeat("U", 32)).Probe(t.Context()), hotel.Unauthorised, "qloapps_401/20")
}

func TestBearerTokenMovesTheKeyToTheQuery(t *testing.T) {
	t.Parallel()
	sim, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(1)})
	require.NoError(t, err)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer opensesame" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		sim.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	c := client(t, proxy.URL+"/api/", qloappstest.Hotel(1), func(c *qloapps.Config) { c.BearerToken = "opensesame" })
	require.NoError(t, c.Probe(t.Context()))

	proxy.Close()
	err = c.Probe(t.Context())
	require.NotContains(t, err.Error(), qloappstest.DemoKey, "the URL with the key is not in the error")
}

func TestGuestsDataStaysOutOfErrors(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Access-Time", "1")
		w.WriteHeader(http.StatusBadRequest)
		said, err := json.Marshal("Original XML : " + string(body))
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(w, `{"errors":[{"code":3,"message":"[PHP Warning #2] x"},{"code":"127","message":%s}]}`, said)
	}))
	t.Cleanup(srv.Close)
	c := client(t, srv.URL, qloappstest.Hotel(1))
	err := c.Cancel(t.Context(), hotel.CancelRequest{Order: "4711"})
	requireKind(t, err, hotel.Invalid, "qloapps_400/127")
	require.NotContains(t, err.Error(), "4711")
	require.EqualError(t, hotel.AsError(err).Err, "refused with code 127")
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	config := qloapps.Config{Key: "hush", BearerToken: "hush"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, config), "hush")
	}
	var line strings.Builder
	slog.New(slog.NewJSONHandler(&line, nil)).Info("x", "key", config.Key, "config", config.BearerToken)
	require.NotContains(t, line.String(), "hush")
}

func TestConfigurationIsCheckedWhole(t *testing.T) {
	t.Parallel()
	_, err := qloapps.New(qloapps.Config{BaseURL: "hotel.example", Key: "short"})
	require.ErrorContains(t, err, "must be http(s)://host")
	require.ErrorContains(t, err, "5 characters, not 32")
	require.ErrorContains(t, err, "hotel id")
	_, err = qloapps.New(qloapps.Config{BaseURL: "http://%zz"})
	require.ErrorContains(t, err, "cannot be read")
	_, err = qloapps.NewHotels(qloapps.Config{Property: "a"}, qloapps.Config{Property: "b"})
	require.Error(t, err)
}
