package whatsapp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/whatsapp"
)

// sign is written apart from whatsapptest.Sign, so that the two check each other.
func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestVerify(t *testing.T) {
	t.Parallel()

	const secret, body = "app secret", `{"text":"ma\u00f1ana \/ ok"}`
	good := sign(secret, body)
	for name, c := range map[string]struct {
		header, body string
		want         bool
	}{
		"good":               {good, body, true},
		"upper-case digits":  {"sha256=" + strings.ToUpper(good[7:]), body, true},
		"other body":         {good, body + " ", false},
		"re-serialised body": {good, `{"text":"mañana / ok"}`, false},
		"other secret":       {sign("verify token", body), body, false},
		"no header":          {"", body, false},
		"no prefix":          {good[7:], body, false},
		"sha1":               {"sha1=" + good[7:], body, false},
		"short":              {good[:70], body, false},
		"long":               {good + "00", body, false},
		"not hexadecimal":    {"sha256=" + strings.Repeat("zz", 32), body, false},
		"empty body":         {sign(secret, ""), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			require.Equal(t, c.want, whatsapp.NewVerifier(secret).Verify(c.header, []byte(c.body)))
		})
	}
}

func TestVerifyWithoutSecretTrustsNobody(t *testing.T) {
	t.Parallel()

	require.False(t, whatsapp.NewVerifier("").Verify(sign("", "{}"), []byte("{}")))
}

func TestVerifyAgain(t *testing.T) {
	t.Parallel()

	v := whatsapp.NewVerifier("s")
	for range 3 { // a pooled hash must start afresh, after a failure too
		require.True(t, v.Verify(sign("s", "one"), []byte("one")))
		require.False(t, v.Verify(sign("s", "one"), []byte("two")))
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("sha256="+strings.Repeat("00", 32), []byte("{}"))
	f.Add("sha256=", []byte(nil))
	v := whatsapp.NewVerifier("s")
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		want := strings.HasPrefix(header, "sha256=") && strings.ToLower(header) == sign("s", string(body))
		require.Equal(t, want, v.Verify(header, body))
	})
}

func BenchmarkVerify(b *testing.B) {
	body := strings.Repeat("x", 700)
	header, raw := sign("secret", body), []byte(body)
	v := whatsapp.NewVerifier("secret")
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if !v.Verify(header, raw) {
			b.Fatal("refused")
		}
	}
}
