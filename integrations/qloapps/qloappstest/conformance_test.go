package qloappstest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// recording is an exchange with a real QloApps 1.7.0 that holds its US demo data.
type recording struct {
	name     string
	request  *http.Request
	response *http.Response
	body     []byte
}

// recordingsDir finds the recordings; they are not part of the repository.
func recordingsDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("QLOAPPS_RECORDINGS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "qloapps", "recordings")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Logf("!!! NOT COMPARED WITH THE REAL SERVER: no recordings at QLOAPPS_RECORDINGS (%v) !!!", err)
		return ""
	}
	return dir
}

func load(t *testing.T, dir, id string) recording {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, id+"-*.http"))
	require.NoError(t, err)
	require.Len(t, names, 1, "recording %s", id)
	raw, err := os.ReadFile(names[0])
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(raw), "### REQUEST\n")
	require.True(t, ok)
	ask, got, ok := strings.Cut(rest, "### RESPONSE\n")
	require.True(t, ok)
	r := recording{name: strings.TrimSuffix(filepath.Base(names[0]), ".http")}

	head, body, _ := strings.Cut(ask, "\n\n")
	body = strings.TrimSuffix(body, "\n")
	r.request, err = http.ReadRequest(bufio.NewReader(strings.NewReader(fmt.Sprintf("%s\nContent-Length: %d\n\n%s", head, len(body), body))))
	require.NoError(t, err, r.name)

	head, body, _ = strings.Cut(got, "\n\n")
	r.body = []byte(strings.TrimSpace(body))
	head = regexp.MustCompile(`(?i)\n(content-length|transfer-encoding):[^\n]*`).ReplaceAllString(head, "")
	r.response, err = http.ReadResponse(bufio.NewReader(strings.NewReader(head+"\n\n")), nil)
	require.NoError(t, err, r.name)
	require.NoError(t, r.response.Body.Close())
	return r
}

const host = "127.0.0.1:8090"

func key(n string) string { return strings.Repeat("FAKEKEY", 4) + n }

func recorded(t *testing.T) *qloappstest.Server {
	t.Helper()
	read := []string{"GET"}
	s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.PrimeHotel(), Key: key("0001"), Host: host,
		Keys: []qloappstest.Key{
			{Key: key("0002"), Allow: map[string][]string{"bookings": read, "hotel_ari": {"POST"}}},
			{Key: key("0003"), Inactive: true},
			{Key: key("0004")},
			{Key: key("0005"), NoShop: true},
		},
		Now: func() time.Time { return time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC) }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// groups are recordings that follow each other on one fresh server.
var groups = []string{
	"001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "012", "013", "015", "018", "443",
	"020", "021", "022", "023", "024", "025", "026", "027", "028", "029", "030", "031", "032",
	"033", "034", "036", "037", "038", "039", "041", "043", "044", "045", "046", "053", "056", "061", "068", "069", "071",
	"086", "087", "088", "089", "090", "091", "092", "093", "094",
	"095", "096", "097", "098", "099", "100", "101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "111", "112", "113", "114",
	"115", "116", "117", "118", "119", "120", "121", "122", "123", "124",
	"151 152 153 154 155 156 157 158 159",
	"161", "162", "163", "164", "165", "166", "167", "168", "169", "170", "171", "172", "173", "174", "175", "176", "177", "178", "179", "180",
	"181", "182", "183", "184", "185", "186", "187", "188", "189", "190", "191", "193", "194", "195", "196", "197", "198", "199", "200",
	"202", "203", "204", "205", "206", "207", "209", "210",
	"138", "140", "366", "328", "329", "330", "331", "332", "304", "305", "306", "313", "314", "317", "319", "320", "321",
	"409 411 412 413 414", "420 425", "151 152 223 224 225 226", "151 152 223 401", "227 228", "236", "238", "239", "240",
	"433 434 435 436 437 438", "356 357", "318", "315", "316", "395", "396", "397 398", "431", "432",
}

func TestAnswersAsTheRealServerDid(t *testing.T) {
	t.Parallel()
	dir := recordingsDir(t)
	if dir == "" {
		return
	}
	compared := 0
	for _, group := range groups {
		ids := strings.Fields(group)
		compared += len(ids)
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			s := recorded(t)
			for _, id := range ids {
				r := load(t, dir, id)
				w := httptest.NewRecorder()
				s.Handler().ServeHTTP(w, r.request)
				compare(t, r, w)
			}
		})
	}
	require.GreaterOrEqual(t, compared, 40)
}

func compare(t *testing.T, r recording, w *httptest.ResponseRecorder) {
	t.Helper()
	body := bytes.TrimSpace(w.Body.Bytes())
	require.Equal(t, r.response.StatusCode, w.Code, "%s: status; want %s\ngot %s", r.name, r.body, body)
	kind, _, _ := mime.ParseMediaType(r.response.Header.Get("Content-Type"))
	got, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	require.Equal(t, kind, got, "%s: Content-Type", r.name)
	for _, name := range []string{"PSWS-Version", "Access-Time"} {
		if r.response.StatusCode != http.StatusUnauthorized {
			require.Equal(t, len(r.response.Header[http.CanonicalHeaderKey(name)]) > 0, len(w.Header()[name]) > 0, "%s: %s", r.name, name)
		}
	}
	switch kind {
	case "application/json":
		var a, b any
		require.NoError(t, json.Unmarshal(r.body, &a), r.name)
		require.NoError(t, json.Unmarshal(body, &b), "%s: %s", r.name, body)
		if d := differ("", a, b, narrow(r)); d != "" {
			t.Errorf("%s: %s\nwant %.1500s\ngot  %.1500s", r.name, d, r.body, body)
		}
	case "text/xml":
		require.Equal(t, skeleton(r.body), skeleton(body), "%s", r.name)
	default:
		require.Equal(t, string(r.body), string(body), r.name)
	}
}

// narrow tells that the stand-in shows fewer fields of this resource: products
// have dozens that nobody needs.
func narrow(r recording) bool {
	path := r.request.URL.Path
	for _, wide := range []string{"room_types", "services", "currencies"} {
		if strings.Contains(path, wide) {
			return true
		}
	}
	return false
}

// loose values differ from run to run, or are other text in the stand-in.
var loose = regexp.MustCompile(`/(id_customer|booking_date|date_add|date_upd|reference|secure_key|id_cart|id_category|policies|description|short_description|` +
	`description_short|iso_code_num|name_currency|max_checkout_offset|id_default_image|id_category_default|rating|id|id_htl_booking|id_hotel_booking|id_room|name_iso)$`)

// differ compares two JSON values: same keys (a narrow answer may lack some),
// same kinds, and same values but for the loose ones.
func differ(at string, a, b any, narrow bool) string {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok {
			return at + ": an object became something else"
		}
		if strings.HasSuffix(at, "/errors/*") {
			return differProblem(at, a, other)
		}
		return differKeys(at, a, other, narrow)
	case []any:
		other, ok := b.([]any)
		if !ok {
			return at + ": a list became something else"
		}
		return differLists(at, a, other, narrow)
	case nil:
		return ""
	default:
		if b == nil || fmt.Sprintf("%T", a) != fmt.Sprintf("%T", b) {
			return fmt.Sprintf("%s: %T became %T", at, a, b)
		}
		if a != b && !loose.MatchString(at) {
			return fmt.Sprintf("%s: %v became %v", at, a, b)
		}
		return ""
	}
}

func differKeys(at string, a, b map[string]any, narrow bool) string {
	for k := range b {
		if _, ok := a[k]; !ok {
			return at + "/" + k + ": is not in the real answer"
		}
	}
	for k, v := range a {
		other, ok := b[k]
		if !ok && narrow {
			continue
		}
		if !ok {
			return at + "/" + k + ": is missing"
		}
		if d := differ(at+"/"+k, v, other, narrow); d != "" {
			return d
		}
	}
	return ""
}

func differLists(at string, a, b []any, narrow bool) string {
	switch {
	case strings.HasSuffix(at, "/errors"):
		a, b = problems(a), problems(b)
	case strings.HasSuffix(at, "/services"):
		byID := func(x, y any) int {
			return int(x.(map[string]any)["id_service"].(float64) - y.(map[string]any)["id_service"].(float64))
		}
		if len(a) > 0 && a[0].(map[string]any)["id_service"] != nil {
			slices.SortFunc(a, byID)
			slices.SortFunc(b, byID)
		}
	case strings.HasSuffix(at, "hotel_features"), strings.HasSuffix(at, "images"), strings.HasSuffix(at, "advance_payments"), strings.HasSuffix(at, "categories"):
		return ""
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%s: %d elements became %d", at, len(a), len(b))
	}
	for i := range a {
		if d := differ(at+"/*", a[i], b[i], narrow); d != "" {
			return d
		}
	}
	return ""
}

// problems keeps one of each run of PHP warnings: how many there are depends on the PHP.
func problems(all []any) []any {
	return slices.CompactFunc(all, func(x, y any) bool {
		return x.(map[string]any)["code"] == float64(3) && y.(map[string]any)["code"] == float64(3)
	})
}

func differProblem(at string, a, b map[string]any) string {
	if a["code"] != b["code"] {
		return fmt.Sprintf("%s: code %v became %v", at, a["code"], b["code"])
	}
	cut := func(m map[string]any) string {
		message := m["message"].(string)
		if m["code"] == float64(3) {
			return message[:len("[PHP Warning #2]")]
		}
		for _, mark := range []string{" Did you mean", " However, these", "\n"} {
			message, _, _ = strings.Cut(message, mark)
		}
		return message
	}
	if cut(a) != cut(b) {
		return fmt.Sprintf("%s: %q became %q", at, cut(a), cut(b))
	}
	return ""
}

var (
	attributes = regexp.MustCompile(` (xlink:href|xmlns:xlink|id)="[^"]*"`)
	stamps     = regexp.MustCompile(`2026-11-2\d \d\d:\d\d:\d\d`)
	customerID = regexp.MustCompile(`<id_customer><!\[CDATA\[\d+\]\]>`)
	orderID    = regexp.MustCompile(`<(id|id_room|id_hotel_booking)><!\[CDATA\[\d+\]\]>`)
)

// skeleton is an XML answer without links, ids and times.
func skeleton(b []byte) string {
	s := attributes.ReplaceAllString(string(b), "")
	s = customerID.ReplaceAllString(stamps.ReplaceAllString(s, "T"), "")
	s = orderID.ReplaceAllString(s, "")
	return strings.Join(strings.Fields(strings.ReplaceAll(s, ">", "> ")), " ")
}
