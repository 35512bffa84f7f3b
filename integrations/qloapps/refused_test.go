package qloapps_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// canned is one answer to everything.
type canned struct {
	status  int
	headers map[string]string
	body    string
}

func (a canned) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range a.headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

var (
	aliveJSON = map[string]string{"Access-Time": "1795457272", "PSWS-Version": "1.6.1.23", "Content-Type": "application/json"}
	aliveXML  = map[string]string{"Access-Time": "1795457272", "PSWS-Version": "1.6.1.23", "Content-Type": "text/xml;charset=utf-8"}
	cookie    = map[string]string{"Set-Cookie": "QloApps-daf1=def5; path=/; HttpOnly", "Content-Type": "text/html; charset=utf-8"}
	proxy     = map[string]string{"Server": "nginx", "Content-Type": "text/html"}
)

func refusing(t *testing.T, a canned) *qloapps.Client {
	t.Helper()
	return client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) { c.HTTPClient = &http.Client{Transport: direct{a}} })
}

func TestEachUngrantedCaseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	said := func(code int, message string) string {
		return `{"errors":[{"code":` + strconv.Itoa(code) + `,"message":"` + message + `"}]}`
	}
	for name, tt := range map[string]struct {
		answer canned
		code   string
		text   string
		row    bool // everything else of the property goes on
	}{
		"NoCredentials": {canned{401, cookie, "401 Unauthorized"}, "qloapps_401", "no key reached QloApps", false},
		"ProxyToken":    {canned{401, proxy, "no"}, "http_401", "or a proxy drops the Authorization header, or refuses", false},
		"EmptyKey":      {canned{401, aliveJSON, said(17, "Authentication key is empty")}, "qloapps_401/17", "key is empty", false},
		"KeyFormInXML": {canned{401, aliveXML, `<?xml version="1.0"?><qloapps><errors><error><code><![CDATA[18]]></code>` +
			`<message><![CDATA[Invalid authentication key format]]></message></error></errors></qloapps>`}, "qloapps_401/18", "copy all its 32 characters", false},
		"UnknownKey": {canned{401, aliveJSON, `{"errors":[{"code":20,"message":"Authentification key is not active"},{"code":21,"message":"No permission for this authentication key"}]}`},
			"qloapps_401/20", "does not know this web service key, or it is switched off", false},
		"MayNothing": {canned{401, aliveJSON, said(21, "No permission for this authentication key")}, "qloapps_401/21", "may do nothing: tick its permissions", false},
		"Resource": {canned{401, aliveJSON, said(26, "Resource of type x is not allowed")}, "qloapps_401/26",
			`may not use "order_histories": tick Add (POST)`, true},
		"Method": {canned{405, aliveJSON, said(25, "Method POST is not allowed")}, "qloapps_405/25", `may not POST "order_histories": tick Add (POST)`, true},
		"NoShop": {canned{403, aliveJSON, said(132, "No permission for this key on this shop")}, "qloapps_403/132", "belongs to no shop", false},
		"Disabled": {canned{503, aliveJSON, said(22, "The QloApps webservice is disabled. Please activate it in the QloApps Back Office")},
			"qloapps_503/22", "web service is switched off", false},
		"Redirect":     {canned{302, map[string]string{"Location": "https://shop.example/"}, ""}, "http_302", "not the shop's domain", false},
		"NoResource":   {canned{400, aliveJSON, said(27, "Resource of type x does not exists.")}, "qloapps_400/27", `has no resource "order_histories"`, true},
		"OtherMethod":  {canned{405, aliveJSON, said(101, "no")}, "qloapps_405/101", "refused with code 101", true},
		"NoWebService": {canned{404, proxy, "<h1>Not found</h1>"}, "http_404", "no web service at the base URL", false},
		"Firewall":     {canned{403, proxy, "<h1>Forbidden</h1>"}, "http_403", "refused without a reason", true},
		"HostForbids":  {canned{405, proxy, "<h1>Not allowed</h1>"}, "http_405", "refused without a reason", true},
		"OddForbidden": {canned{403, aliveJSON, said(101, "no")}, "qloapps_403/101", "refused with code 101", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := refusing(t, tt.answer).Cancel(t.Context(), hotel.CancelRequest{Order: "1"})
			requireKind(t, err, hotel.Unauthorised, tt.code)
			require.ErrorContains(t, err, tt.text)
			scope := hotel.ScopeNumber
			if tt.row {
				scope = hotel.ScopeRow
			}
			require.Equal(t, scope, hotel.AsError(err).Scope)
			require.Equal(t, strings.HasPrefix(tt.code, "qloapps_"), qloapps.Alive(err))
		})
	}
}

// After an answer that QloApps gave to its end nothing of the request runs any
// more; after anything else the booking may still be on its way.
func TestDoubtsTellWhetherTheRequestIsOver(t *testing.T) {
	t.Parallel()
	warnings := `{"errors":[{"code":3,"message":"[PHP Warning #2] Undefined array key 1 (\/srv\/x.php, line 1139)"}]}`
	for name, tt := range map[string]struct {
		answer canned
		code   string
	}{
		"Warnings":        {canned{500, aliveJSON, warnings}, "qloapps_500"},
		"EmptyBody":       {canned{200, aliveJSON, ""}, "qloapps_odd_200"},
		"NoHistory":       {canned{200, aliveJSON, `{}`}, "qloapps_odd_200"},
		"TextFromQloApps": {canned{200, cookie, "Fatal error"}, "qloapps_odd_200"},
		"TextFromProxy":   {canned{200, proxy, "<h1>Welcome</h1>"}, "odd_200"},
		"Fatal":           {canned{500, cookie, ""}, "http_500"},
		"BadGateway":      {canned{502, proxy, ""}, "http_502"},
		"GatewayTimeout":  {canned{504, proxy, ""}, "http_504"},
		"RequestTimeout":  {canned{408, proxy, ""}, "http_408"},
		"TooLong":         {canned{200, aliveJSON, strings.Repeat(" ", 8<<20+1)}, "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := refusing(t, tt.answer).Cancel(t.Context(), hotel.CancelRequest{Order: "1"})
			requireKind(t, err, hotel.InDoubt, tt.code)
			require.Equal(t, strings.HasPrefix(tt.code, "qloapps_"), qloapps.Alive(err))
			require.NotContains(t, err.Error(), "/srv/", "a warning's paths stay out of the logs")
		})
	}
}

func TestAnswersHaveALimit(t *testing.T) {
	t.Parallel()
	err := refusing(t, canned{200, aliveJSON, strings.Repeat(" ", 8<<20+1)}).Probe(t.Context())
	requireKind(t, err, hotel.Transient, "qloapps_too_long")
}

// Each request is made with the key alone: no cookie of an answer comes back,
// no redirect is followed, and it says who asks.
func TestRequestsCarryNoCookiesAndFollowNothing(t *testing.T) {
	t.Parallel()
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Cookie") != "" || r.Header.Get("User-Agent") != "conserje/1.2.3" || r.URL.Query().Get("output_format") != "JSON" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if key, password, ok := r.BasicAuth(); !ok || key != qloappstest.DemoKey || password != "" || r.URL.Query().Has("ws_key") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Set-Cookie", "QloApps-x=y; path=/")
		w.Header().Set("Access-Time", "1")
		if asked == 3 {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"hotels":[{"id":1}]}`)
	}))
	t.Cleanup(srv.Close)
	c := client(t, srv.URL, qloappstest.Hotel(1), func(c *qloapps.Config) { c.Version = "1.2.3" })
	require.NoError(t, c.Probe(t.Context()))
	require.NoError(t, c.Probe(t.Context()))
	requireKind(t, c.Probe(t.Context()), hotel.Unauthorised, "qloapps_302")
	require.Equal(t, 3, asked)
}

// deadlines notes how long each request may take.
type deadlines map[string]time.Duration

func (d deadlines) RoundTrip(r *http.Request) (*http.Response, error) {
	until, _ := r.Context().Deadline()
	d[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/")] = time.Until(until).Round(time.Second)
	return nil, io.ErrUnexpectedEOF
}

func TestTimeLimitsByOperation(t *testing.T) {
	t.Parallel()
	known := scripted{"GET hotels": hotelJSON, "GET hotel_room_types": limitsJSON, "GET room_types": typesJSON, "GET services": servicesJSON,
		"GET languages": languagesJSON, "GET configurations": settingsJSON, "GET customers": "[]"}
	for name, tt := range map[string]struct {
		set                  time.Duration
		read, ari, book, end time.Duration
	}{
		"Usual": {0, 5 * time.Second, 10 * time.Second, 30 * time.Second, 30 * time.Second},
		"Long":  {20 * time.Second, 5 * time.Second, 20 * time.Second, 30 * time.Second, 30 * time.Second},
		"Set":   {2 * time.Second, 2 * time.Second, 2 * time.Second, 30 * time.Second, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := deadlines{}
			switching := &http.Client{Transport: direct{known}}
			c := client(t, "http://hotel.example", qloappstest.Hotel(1), func(c *qloapps.Config) {
				c.Timeout, c.HTTPClient = tt.set, &http.Client{Transport: either{switching, seen}}
			})
			_, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1})
			require.Error(t, err)
			_, err = c.Create(t.Context(), request("WA-1", 1, stay(1, 1)))
			require.Error(t, err)
			_, err = c.ByReference(t.Context(), "WA-1")
			require.Error(t, err)
			require.Error(t, c.Cancel(t.Context(), hotel.CancelRequest{Order: "1"}))
			require.Equal(t, tt.ari, seen["POST hotel_ari"])
			require.Equal(t, tt.book, seen["POST bookings"])
			require.Equal(t, tt.read, seen["GET orders"])
			require.Equal(t, tt.end, seen["POST order_histories"])
		})
	}
}

// either answers the catalogue, and notes the rest.
type either struct {
	catalogue *http.Client
	rest      deadlines
}

func (e either) RoundTrip(r *http.Request) (*http.Response, error) {
	switch strings.TrimPrefix(r.URL.Path, "/api/") {
	case "hotels", "hotel_room_types", "room_types", "services", "languages", "configurations", "customers":
		return e.catalogue.Transport.RoundTrip(r)
	}
	return e.rest.RoundTrip(r)
}
