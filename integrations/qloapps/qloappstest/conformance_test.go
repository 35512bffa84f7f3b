package qloappstest_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

const host = "127.0.0.1:8090"

func key(n string) string { return strings.Repeat("FAKEKEY", 4) + n }

// session is recordings that follow each other on one fresh server.
type session struct {
	from, to string // first and last id; what uncovered names is left out
	hotel    func(*qloappstest.Property)
	config   func(*qloappstest.Config)
	switches qloappstest.Switches
	before   func(*testing.T, *qloappstest.Server) // what was not recorded
}

var strict = qloappstest.Switches{Strict: true}

var sessions = []session{
	{from: "001", to: "124", switches: strict},
	{from: "125", to: "137", switches: qloappstest.Switches{Strict: true, TaxExcluded: true}},
	{from: "138", to: "150", switches: strict},
	{from: "151", to: "207", switches: strict},
	{from: "208", to: "241", switches: strict},
	{from: "301", to: "301", switches: strict, before: raced},
	{from: "302", to: "325", switches: strict},
	{from: "326", to: "350", switches: strict},
	{from: "351", to: "352", switches: strict, hotel: func(p *qloappstest.Property) { p.RoomTypes[0].MinNights = 3 }},
	{from: "353", to: "355", switches: strict, hotel: func(p *qloappstest.Property) {
		p.RoomTypes[0].Rooms[0].Inactive = true
		p.RoomTypes[0].Rooms[1].ClosedFrom, p.RoomTypes[0].Rooms[1].ClosedTo = "2027-06-10", "2027-06-12"
	}},
	{from: "356", to: "358", switches: strict},
	{from: "359", to: "360", switches: strict, hotel: func(p *qloappstest.Property) { p.RoomTypes[0].Inactive = true }},
	{from: "361", to: "362", switches: strict, hotel: func(p *qloappstest.Property) { p.Inactive = true }},
	{from: "363", to: "364", switches: strict, hotel: func(p *qloappstest.Property) { p.Currencies = []qloappstest.Currency{{ISO: "EUR", Rate: 0.9}} }},
	{from: "365", to: "365", switches: qloappstest.Switches{Strict: true, Disabled: true}},
	{from: "366", to: "366", switches: strict},
	{from: "367", to: "373", switches: qloappstest.Switches{TaxExcluded: true}},
	{from: "374", to: "381", switches: strict, hotel: french},
	{from: "391", to: "393", switches: strict},
	{from: "394", to: "407", switches: strict, hotel: func(p *qloappstest.Property) { p.OtherHotels = []int{2} }},
	{from: "408", to: "425", switches: strict},
	{from: "426", to: "426", switches: strict, before: gaveUp},
	{from: "431", to: "444", switches: strict},
	{from: "445", to: "455", switches: qloappstest.Switches{Old: true}, hotel: func(p *qloappstest.Property) { p.Zip = "81413" },
		config: older},
}

// french makes the shop speak two languages, with the texts that the recorded one had.
func french(p *qloappstest.Property) {
	p.Languages = []qloappstest.Language{{ISO: "en", Name: "English (English)"}, {ISO: "fr", Name: "Français (French)"}}
	p.Texts = map[string]qloappstest.Text{"fr": {Name: "FR " + p.Name}}
	for i := range p.RoomTypes {
		p.RoomTypes[i].Texts = map[string]qloappstest.Text{"fr": {Name: "FR " + p.RoomTypes[i].Name}}
	}
}

// older is the shop of the 1.6.1 recordings: its key had what a 1.7.0 knows, but for one resource.
func older(c *qloappstest.Config) {
	c.Host = "127.0.0.1:8094"
	all := map[string][]string{}
	for _, name := range strings.Fields(`addresses advance_payments booking_extra_demands bookings cart_bookings cart_rules carts categories
		configurations contacts countries currencies customer_messages customer_threads customers demand_advance_options extra_demands feature_prices
		groups guests hotel_ari hotel_features hotel_refund_rules hotel_room_types hotel_rooms hotels images languages order_details order_histories
		order_invoices order_payments order_slip order_states orders room_bookings room_type_feature_values room_type_features room_types search
		services shops specific_prices states stock_availables tax_rule_groups tax_rules taxes translated_configurations zones`) {
		all[name] = []string{"GET", "POST", "PUT", "DELETE", "HEAD"}
	}
	c.Keys = []qloappstest.Key{{Key: c.Key, Allow: all}}
	c.Key = strings.Repeat("0", 32)
}

// raced is how a race for the last room leaves the nights: with none.
func raced(t *testing.T, s *qloappstest.Server) {
	t.Helper()
	_, err := s.Fill(1, hotel.NewDate(2026, 12, 10), hotel.NewDate(2026, 12, 12), 0)
	require.NoError(t, err)
}

// gaveUp books as a client that did not wait for its answer.
func gaveUp(t *testing.T, s *qloappstest.Server) {
	t.Helper()
	r := httptest.NewRequest("POST", "/api/bookings?output_format=JSON", strings.NewReader(create("client-gave-up", "2026-12-10", "2026-12-12")))
	r.Host = host
	r.SetBasicAuth(key("0001"), "")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
}

// server starts the session's; now is its clock.
func (s session) server(t *testing.T, now *time.Time) *qloappstest.Server {
	t.Helper()
	read := []string{"GET"}
	config := qloappstest.Config{Property: qloappstest.PrimeHotel(), Key: key("0001"), Host: host,
		Keys: []qloappstest.Key{
			{Key: key("0002"), Allow: map[string][]string{"bookings": read, "hotel_ari": {"POST"}}},
			{Key: key("0003"), Inactive: true},
			{Key: key("0004")},
			{Key: key("0005"), NoShop: true},
		},
		Now: func() time.Time { return *now }}
	if s.hotel != nil {
		s.hotel(&config.Property)
	}
	if s.config != nil {
		s.config(&config)
	}
	sim, err := qloappstest.New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	sim.Set(s.switches)
	if s.before != nil {
		s.before(t, sim)
	}
	return sim
}

func TestAnswersAsTheRealServerDid(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(recordingsDir(t), "*.http"))
	require.NoError(t, err)
	slices.Sort(paths)
	id := func(path string) string { return filepath.Base(path)[:3] }

	var covered []string
	left := map[string][]string{} // by reason
	for _, s := range sessions {
		var mine []string
		for _, path := range paths {
			if id(path) < s.from || id(path) > s.to || uncovered[id(path)] != "" {
				continue
			}
			mine = append(mine, path)
			covered = append(covered, id(path))
		}
		t.Run(s.from+"-"+s.to, func(t *testing.T) {
			t.Parallel()
			s.replay(t, mine)
		})
	}
	for _, path := range paths {
		if slices.Contains(covered, id(path)) {
			continue
		}
		why := uncovered[id(path)]
		require.NotEmpty(t, why, "%s is neither covered nor named", filepath.Base(path))
		left[why] = append(left[why], id(path))
	}
	require.Len(t, uncovered, len(paths)-len(covered), "a recording is named that is not there")
	require.GreaterOrEqual(t, len(covered), 200)
	t.Logf("SUMMARY: QloApps stand-in: %d of the %d recordings of a real server are covered: %s", len(covered), len(paths), strings.Join(covered, " "))
	for _, why := range slices.Sorted(maps.Keys(left)) {
		t.Logf("SUMMARY: QloApps stand-in: not covered, %s: %s", why, strings.Join(left[why], " "))
	}
}

func (s session) replay(t *testing.T, paths []string) {
	t.Helper()
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	sim := s.server(t, &now)
	for _, path := range paths {
		r := load(t, path)
		var err error
		now, err = http.ParseTime(r.response.Header.Get("Date"))
		require.NoError(t, err)
		w := httptest.NewRecorder()
		sim.Handler().ServeHTTP(w, r.request)
		t.Run(r.name, func(t *testing.T) { compare(t, r, w) })
	}
}

// otherData are compared by shape only: names of keys and elements, and kinds of
// JSON values (of a list's first element). The recorded shop's texts, or its
// tables, are other ones than the stand-in's.
var otherData = map[string]bool{"014": true, "016": true, "035": true, "039": true, "040": true, "042": true, "045": true, "051": true, "058": true, "059": true,
	"060": true, "408": true}

// uncovered are the recordings that the stand-in does not answer as the real one did.
var uncovered = reasons(map[string]string{
	"057":         "colours and mail templates of order states, as nothing reads them",
	"054 055 440": "countries and states, as nothing reads them",
	"065 335":     "addresses are not kept, no booking needs them",
	"072 073 074 075 076 077 078 079 080 081 082 083 084 085 391": "field lists for who writes a client, as nothing reads them",
	"334 337 338 355 392": "a write that a booking client has no use for (the stand-in says 501)",
})

// reasons spreads one reason over the ids that share it.
func reasons(shared map[string]string) map[string]string {
	all := map[string]string{}
	for ids, why := range shared {
		for _, id := range strings.Fields(ids) {
			all[id] = why
		}
	}
	return all
}
