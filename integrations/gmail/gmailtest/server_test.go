package gmailtest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/integrations/gmail/gmailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const good = "From: Hotel <hotel@hotel.test>\r\nTo: ana@example.com\r\nSubject: hola\r\n\r\nHola\r\n"

type client struct {
	t       *testing.T
	handler http.Handler
	access  string
}

func open(t *testing.T, cfg gmailtest.Config) (*gmailtest.Server, *client) {
	t.Helper()
	s, err := gmailtest.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c := &client{t: t, handler: s.Handler()}
	w := c.do("POST", "/token", url.Values{"client_id": {"i"}, "client_secret": {"s"}, "grant_type": {"refresh_token"},
		"refresh_token": {"r"}}.Encode(), "application/x-www-form-urlencoded")
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	require.Equal(t, 3599, answer.ExpiresIn)
	c.access = answer.AccessToken
	return s, c
}

func (c *client) do(method, path, body, contentType string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer "+c.access)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

func (c *client) send(raw string) *httptest.ResponseRecorder {
	body, err := json.Marshal(map[string]string{"raw": base64.URLEncoding.EncodeToString([]byte(raw))})
	require.NoError(c.t, err)
	return c.do("POST", "/gmail/v1/users/me/messages/send?alt=json", string(body), "application/json")
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	standard := base64.StdEncoding.EncodeToString([]byte(good + "\xfb\xff\xfe???>>>"))
	require.True(t, strings.ContainsAny(standard, "+/"))
	s, c := open(t, gmailtest.Config{})
	for name, body := range map[string]string{
		"no JSON":           "raw",
		"no raw":            "{}",
		"standard alphabet": `{"raw":"` + standard + `"}`,
		"line breaks":       `{"raw":"RnJvbTog\r\nYQ"}`,
	} {
		w := c.do("POST", "/gmail/v1/users/me/messages/send", body, "application/json")
		require.Equal(t, http.StatusBadRequest, w.Code, name)
	}
	for name, raw := range map[string]string{
		"no header":     "hola",
		"no From":       "To: ana@example.com\r\n\r\nx",
		"bad From":      "From: hotel\r\nTo: ana@example.com\r\n\r\nx",
		"two From":      "From: a@b.test, c@d.test\r\nTo: ana@example.com\r\n\r\nx",
		"bad To":        "From: a@b.test\r\nTo: ana@@example\r\n\r\nx",
		"To no domain":  "From: a@b.test\r\nTo: ana@example\r\n\r\nx",
		"no recipient":  "From: a@b.test\r\n\r\nx",
		"broken header": "From: a@b.test\r\nTo: c@d.test\r\nnonsense\r\n\r\nx",
	} {
		require.Equal(t, http.StatusBadRequest, c.send(raw).Code, name)
	}
	require.Empty(t, s.Mails())
	c.access = "wrong"
	require.Equal(t, http.StatusUnauthorized, c.send(good).Code)
}

func TestAnswersAsGmail(t *testing.T) {
	t.Parallel()
	s, c := open(t, gmailtest.Config{Account: "account@hotel.test"})
	w := c.send(good)
	require.Equal(t, http.StatusOK, w.Code)
	var answer struct {
		ID, ThreadID string
		LabelIDs     []string
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	require.NotEmpty(t, answer.ID)
	require.NotEmpty(t, answer.ThreadID)
	require.Equal(t, []string{"SENT"}, answer.LabelIDs)
	mail := s.Mails()[0]
	require.Equal(t, "account@hotel.test", mail.From, "an address that is none of the account's is replaced")
	require.Contains(t, string(mail.Raw), "From: account@hotel.test\r\n")
}

func TestTokenEndpointRefuses(t *testing.T) {
	t.Parallel()
	s, err := gmailtest.New(gmailtest.Config{ClientID: "i", ClientSecret: "s", RefreshToken: "r"})
	require.NoError(t, err)
	c := &client{t: t, handler: s.Handler()}
	for code, form := range map[string]url.Values{
		"unsupported_grant_type": {"grant_type": {"password"}},
		"invalid_client":         {"grant_type": {"refresh_token"}, "client_id": {"other"}},
		"invalid_grant":          {"grant_type": {"refresh_token"}, "client_id": {"i"}, "client_secret": {"s"}, "refresh_token": {"old"}},
	} {
		w := c.do("POST", "/token", form.Encode(), "application/x-www-form-urlencoded")
		require.Contains(t, w.Body.String(), `"`+code+`"`)
		require.GreaterOrEqual(t, w.Code, 400)
	}
}

func TestInboxPage(t *testing.T) {
	t.Parallel()
	_, c := open(t, gmailtest.Config{})
	c.send(good)
	c.send(strings.NewReplacer("ana@", "luis@", "hola", "=?utf-8?q?adi=C3=B3s?=", "\r\n\r\n", "\r\nX-Booking-Ref: R9\r\nX-Booking-Repeat: true\r\n\r\n").Replace(good))

	var list struct{ Mails []gmailtest.Listed }
	require.NoError(t, json.Unmarshal(c.do("GET", "/sim/mails", "", "").Body.Bytes(), &list))
	require.Len(t, list.Mails, 2)
	require.Equal(t, "adiós", list.Mails[0].Subject, "newest first")
	require.Equal(t, "R9", list.Mails[0].Ref)
	require.True(t, list.Mails[0].Repeat)
	require.NoError(t, json.Unmarshal(c.do("GET", "/sim/mails?to=ana@example.com&limit=1", "", "").Body.Bytes(), &list))
	require.Len(t, list.Mails, 1)
	require.Equal(t, []string{"ana@example.com"}, list.Mails[0].To)

	var one struct {
		Subject string
		gmailtest.Content
	}
	require.NoError(t, json.Unmarshal(c.do("GET", "/sim/mails/"+list.Mails[0].ID, "", "").Body.Bytes(), &one))
	require.Equal(t, "hola", one.Subject)
	require.Equal(t, "Hola\r\n", one.Text)
	require.Contains(t, one.Headers, [2]string{"To", "ana@example.com"})
	require.Contains(t, one.Raw, "Subject: hola\r\n")
	require.Equal(t, http.StatusNotFound, c.do("GET", "/sim/mails/none", "", "").Code)
}

func TestSwitchesPage(t *testing.T) {
	t.Parallel()
	s, c := open(t, gmailtest.Config{})
	require.Equal(t, http.StatusOK, c.do("POST", "/sim/switches", `{"send":"503","times":1}`, "application/json").Code)
	require.JSONEq(t, `{"token":"","send":"503","times":1}`, c.do("GET", "/sim/switches", "", "").Body.String())
	require.Equal(t, http.StatusServiceUnavailable, c.send(good).Code)
	require.Equal(t, http.StatusOK, c.send(good).Code, "the fault hits once")
	for _, bad := range []string{`{"send":"x"}`, `{"token":"x"}`, `{"other":1}`, `nonsense`} {
		require.Equal(t, http.StatusBadRequest, c.do("POST", "/sim/switches", bad, "application/json").Code, bad)
	}
	require.Equal(t, http.StatusNoContent, c.do("POST", "/sim/reset", "", "").Code)
	require.Empty(t, s.Mails())
}

func TestTheMailboxIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := gmailtest.Config{Dir: dir, UnitsPerMinute: 300}
	s, c := open(t, cfg)
	c.send(good)
	c.do("POST", "/sim/reset", "", "")
	c.send(good)
	c.send(good)
	want := s.Mails()
	require.NoError(t, s.Close())

	file := filepath.Join(dir, "mails.jsonl")
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(kept, `{"mail":{"id":"cut sho`...), 0o600))

	s, c = open(t, cfg)
	require.Len(t, s.Mails(), 2)
	require.Equal(t, want[1].ID, s.Mails()[1].ID)
	require.Equal(t, want[1].Raw, s.Mails()[1].Raw)
	require.Equal(t, http.StatusOK, c.send(good).Code)
	require.Equal(t, http.StatusTooManyRequests, c.send(good).Code, "what was sent before the restart counts")
	require.NoError(t, s.Close())

	require.NoError(t, os.WriteFile(file, []byte("nonsense\n"), 0o600))
	_, err = gmailtest.New(cfg)
	require.ErrorContains(t, err, "mailbox")
}

func TestOnlyTheNewestAreKept(t *testing.T) {
	t.Parallel()
	s, c := open(t, gmailtest.Config{Keep: 2, UnitsPerMinute: -1})
	for range 3 {
		require.Equal(t, http.StatusOK, c.send(good).Code)
	}
	require.Len(t, s.Mails(), 2)
}

func TestTheMinutePasses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	_, c := open(t, gmailtest.Config{UnitsPerMinute: 100, Now: func() time.Time { return now }})
	require.Equal(t, http.StatusOK, c.send(good).Code)
	w := c.send(good)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Contains(t, w.Body.String(), "Retry after 2026-11-23T12:01:00.000Z")
	require.Equal(t, "61", w.Header().Get("Retry-After"))
	now = now.Add(time.Minute)
	require.Equal(t, http.StatusOK, c.send(good).Code)
}

func TestStartAndClose(t *testing.T) {
	t.Parallel()
	s, err := gmailtest.New(gmailtest.Config{})
	require.NoError(t, err)
	base, err := s.Start("127.0.0.1:0")
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/sim/mails", nil)
	require.NoError(t, err)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(request)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.JSONEq(t, `{"mails":[]}`, string(body))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err = s.Start("nowhere:none")
	require.Error(t, err)
}

// Whatever is sent, the stand-in answers and what it stores can be read again.
func FuzzSend(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("From: a@b.test\nTo: c@d.test\n\nx"))
	f.Add([]byte("From: a@b.test\r\nTo: c@d.test\r\nBcc: e@f.test\r\n x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, c := open(t, gmailtest.Config{})
		w := c.send(string(raw))
		if w.Code != http.StatusOK {
			require.Equal(t, http.StatusBadRequest, w.Code)
			return
		}
		stored := s.Mails()[0]
		_, err := stored.Read()
		require.NoError(t, err)
		head, _, _ := bytes.Cut(bytes.ToLower(stored.Raw), []byte("\r\n\r\n"))
		require.False(t, bytes.Contains(head, []byte("\r\nbcc:")))
	})
}
