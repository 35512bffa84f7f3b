package contract_test

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/contract"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

func clock() time.Time { return time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC) }

func today() hotel.Date { return hotel.DateOf(clock()) }

// steps are all that a whole run tries; those of writing are skipped by a run that only reads.
const readingSteps = 5

func try(t *testing.T, p qloappstest.Property, sw qloappstest.Switches, changes ...func(*contract.Options)) (contract.Report, *qloappstest.Server) {
	t.Helper()
	sim, err := qloappstest.New(qloappstest.Config{Property: p, Create: qloappstest.Delay{Min: 10 * time.Millisecond, Max: 30 * time.Millisecond}, Now: clock})
	require.NoError(t, err)
	url, err := sim.Start("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	sim.Set(sw)
	o := contract.Options{Config: qloapps.Config{Property: "posada", BaseURL: url, Key: qloappstest.DemoKey, HotelID: p.ID, Zone: time.UTC,
		Currency: p.Currency, Now: clock}}
	for _, change := range changes {
		change(&o)
	}
	report, err := contract.Run(t.Context(), o, func(s contract.Step) { t.Logf("%s: %s: %s", s.Outcome, s.Name, s.Detail) })
	require.NoError(t, err)
	return report, sim
}

func TestStandInKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, sw := range map[string]qloappstest.Switches{
		"lenient":                       {},
		"strict":                        {Strict: true},
		"lenient, prices without tax":   {TaxExcluded: true},
		"strict, prices without tax":    {Strict: true, TaxExcluded: true},
		"1.6.1":                         {Old: true},
		"losers of a race answered 200": {Strict: true, OddRace: true},
	} {
		for hotelName, p := range map[string]qloappstest.Property{"demo": qloappstest.DemoHotel(today()), "prime": qloappstest.PrimeHotel(), "world": qloappstest.WorldHotel()} {
			t.Run(name+"/"+hotelName, func(t *testing.T) {
				t.Parallel()
				report, _ := try(t, p, sw)
				require.Empty(t, report.Failures())
				for _, s := range report {
					if s.Name == "second currency" && hotelName != "world" { // the others take one
						require.Equal(t, contract.Skipped, s.Outcome, s.Detail)
						continue
					}
					require.Equal(t, contract.Passed, s.Outcome, "%s: %s", s.Name, s.Detail)
				}
			})
		}
	}
}

func TestReadOnlyBooksNothing(t *testing.T) {
	t.Parallel()
	report, sim := try(t, qloappstest.DemoHotel(today()), qloappstest.Switches{}, func(o *contract.Options) { o.ReadOnly = true })
	require.Empty(t, report.Failures())
	for i, s := range report {
		require.Equal(t, i < readingSteps, s.Outcome == contract.Passed, s.Name)
	}
	require.Zero(t, sim.Requests("POST bookings"))
}

// A hotel system that breaks a promise is found out, and nothing stays booked.
func TestBrokenPromisesAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sw   qloappstest.Switches
		step string
	}{
		"away":                     {qloappstest.Switches{Error: 502}, "connect"},
		"bookings never answered":  {qloappstest.Switches{Odd200: true, Only: []string{"POST bookings"}}, "book"},
		"a cancel is not answered": {qloappstest.Switches{CutAfter: true, Only: []string{"POST order_histories"}, NextN: 1}, "two rooms and a child cost what was quoted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, _ := try(t, qloappstest.DemoHotel(today()), c.sw)
			failures := report.Failures()
			require.NotEmpty(t, failures)
			require.Equal(t, c.step, failures[0].Name)
			last := report[len(report)-1]
			require.Equal(t, "clean up", last.Name)
		})
	}
}

// TestLive tries a real server: make test-live QLOAPPS_URL=... QLOAPPS_KEY=...
func TestLive(t *testing.T) {
	url := os.Getenv("QLOAPPS_URL")
	if url == "" {
		t.Skip("no QLOAPPS_URL: run by `make test-live`, against a QloApps of yours")
	}
	id, err := strconv.Atoi(cmp.Or(os.Getenv("QLOAPPS_HOTEL_ID"), "1"))
	require.NoError(t, err, "QLOAPPS_HOTEL_ID")
	zone, err := time.LoadLocation(cmp.Or(os.Getenv("QLOAPPS_ZONE"), "UTC"))
	require.NoError(t, err, "QLOAPPS_ZONE")
	report, err := contract.Run(t.Context(), contract.Options{Config: qloapps.Config{Property: "live", BaseURL: url,
		Key: qloapps.Secret(os.Getenv("QLOAPPS_KEY")), HotelID: id, Zone: zone, Currency: os.Getenv("QLOAPPS_CURRENCY")}},
		func(s contract.Step) { fmt.Printf("%-8s %s: %s\n", s.Outcome, s.Name, s.Detail) })
	require.NoError(t, err)
	require.Empty(t, report.Failures())
}
