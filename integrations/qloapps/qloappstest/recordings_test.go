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

	"github.com/stretchr/testify/require"
)

// recording is an exchange with a real QloApps that holds its US demo data.
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
		dir = filepath.Join(root(t), "..", "shared", "qloapps", "recordings")
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*.http")); err != nil || len(names) == 0 {
		fmt.Fprintf(os.Stderr, "NOT COMPARED WITH THE REAL SERVER: %s: no recordings in %s; set QLOAPPS_RECORDINGS\n", t.Name(), dir)
		t.Skip("NOT COMPARED WITH THE REAL SERVER: no recordings; set QLOAPPS_RECORDINGS to their folder")
	}
	return dir
}

// root is the repository's: the folder with go.mod above this package.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, filepath.Dir(dir), dir, "no go.mod above the package")
		dir = filepath.Dir(dir)
	}
}

func load(t *testing.T, path string) recording {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(raw), "### REQUEST\n")
	require.True(t, ok)
	ask, got, ok := strings.Cut(rest, "### RESPONSE\n")
	require.True(t, ok)
	r := recording{name: strings.TrimSuffix(filepath.Base(path), ".http")}

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
	shape := otherData[r.name[:3]]
	switch kind {
	case "application/json":
		var a, b any
		require.NoError(t, json.Unmarshal(r.body, &a), r.name)
		require.NoError(t, json.Unmarshal(body, &b), "%s: %s", r.name, body)
		if d := differ("", a, b, shape); d != "" {
			t.Errorf("%s: %s\nwant %.1500s\ngot  %.1500s", r.name, d, r.body, body)
		}
	case "text/xml":
		require.Equal(t, skeleton(r.body, shape), skeleton(body, shape), "%s", r.name)
	default:
		require.Equal(t, string(r.body), string(body), r.name)
	}
}

// loose values differ from run to run, or are other text in the stand-in.
var loose = regexp.MustCompile(`/(id_customer|booking_date|date_add|date_upd|reference|secure_key|id_cart|id_category|policies|description|short_description|` +
	`description_short|newsletter_date_add|id|id_order_detail|id_htl_booking|id_hotel_booking|passwd|last_passwd_gen)$`)

// differ compares two JSON values: same keys, same kinds and, but for the loose
// ones or where only the shape counts, same values.
func differ(at string, a, b any, shape bool) string {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok {
			return at + ": an object became something else"
		}
		if strings.HasSuffix(at, "/errors/*") {
			return differProblem(at, a, other)
		}
		return differKeys(at, a, other, shape)
	case []any:
		other, ok := b.([]any)
		if !ok {
			return at + ": a list became something else"
		}
		return differLists(at, a, other, shape)
	case nil:
		return ""
	default:
		if b == nil || fmt.Sprintf("%T", a) != fmt.Sprintf("%T", b) {
			return fmt.Sprintf("%s: %T became %T", at, a, b)
		}
		if a != b && !shape && !loose.MatchString(at) {
			return fmt.Sprintf("%s: %v became %v", at, a, b)
		}
		return ""
	}
}

func differKeys(at string, a, b map[string]any, shape bool) string {
	for k := range b {
		if _, ok := a[k]; !ok {
			return at + "/" + k + ": is not in the real answer"
		}
	}
	for k, v := range a {
		other, ok := b[k]
		if !ok {
			return at + "/" + k + ": is missing"
		}
		if d := differ(at+"/"+k, v, other, shape); d != "" {
			return d
		}
	}
	return ""
}

func differLists(at string, a, b []any, shape bool) string {
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
	}
	if shape && len(a) > 0 && len(b) > 0 {
		a, b = a[:1], b[:1]
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%s: %d elements became %d", at, len(a), len(b))
	}
	for i := range a {
		if d := differ(at+"/*", a[i], b[i], shape); d != "" {
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
	texts      = regexp.MustCompile(`(?s)<!\[CDATA\[.*?\]\]>`)
	elements   = regexp.MustCompile(`</?\w+`)
	guess      = regexp.MustCompile(`Did you mean: "\w+"\?`)
	orderID    = regexp.MustCompile(`<(id|id_order_detail|id_hotel_booking)><!\[CDATA\[\d+\]\]>`)
)

// skeleton is an XML answer without links, ids and times; with shape only its
// elements, one of each run of equal ones.
func skeleton(b []byte, shape bool) string {
	s := attributes.ReplaceAllString(string(b), "")
	if shape {
		return strings.Join(compact(elements.FindAllString(texts.ReplaceAllString(s, ""), -1)), " ")
	}
	s = customerID.ReplaceAllString(stamps.ReplaceAllString(s, "T"), "")
	s = guess.ReplaceAllString(orderID.ReplaceAllString(s, ""), "")
	return strings.Join(strings.Fields(strings.ReplaceAll(s, ">", "> ")), " ")
}

// compact keeps one of each run of equal elements, the associations' included.
func compact(tags []string) []string {
	var kept []string
	for _, tag := range tags {
		kept = append(kept, tag)
		// <x> <id> </id> </x> once more: a further element of the same list.
		if n := len(kept); n >= 8 && slices.Equal(kept[n-4:], kept[n-8:n-4]) {
			kept = kept[:n-4]
		}
	}
	return kept
}
