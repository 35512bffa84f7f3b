package whatsapp_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/whatsapp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var arrival = time.Date(2026, 11, 24, 6, 0, 7, 0, time.UTC)

// TestDecodeGolden decodes each body of testdata/webhook: one for each kind of
// message, status and field, and one for each way in which they come askew.
func TestDecodeGolden(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob("testdata/webhook/*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), 60)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()

			body, err := os.ReadFile(file)
			require.NoError(t, err)
			got, err := whatsapp.Decode(body, arrival)
			require.NoError(t, err)
			text, err := json.MarshalIndent(got, "", "  ")
			require.NoError(t, err)
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, append(text, '\n'), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.JSONEq(t, string(want), string(text))
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()

	for name, body := range map[string]string{
		"nothing":         "",
		"no JSON":         "hello",
		"cut":             `{"entry":[{"changes":[`,
		"two values":      `{"entry":[]}{"entry":[]}`,
		"array":           `[{"entry":[]}]`,
		"string":          `"entry"`,
		"null":            `null`,
		"no entry":        `{"object":"whatsapp_business_account"}`,
		"entry no array":  `{"entry":{"changes":[]}}`,
		"entry null":      `{"entry":null}`,
		"deep":            strings.Repeat("[", 20_000),
		"deep in a value": `{"entry":[{"changes":[{"value":` + strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000) + `}]}]}`,
	} {
		_, err := whatsapp.Decode([]byte(body), arrival)
		require.Equal(t, hotel.Invalid, hotel.KindOf(err), name)
	}
}

func TestDecodeKeepsNothingOfTheBody(t *testing.T) {
	t.Parallel()

	for _, file := range []string{"text", "button-reply", "status-failed", "long-field", "escapes"} {
		body, err := os.ReadFile("testdata/webhook/" + file + ".json")
		require.NoError(t, err)
		want, err := whatsapp.Decode(bytes.Clone(body), arrival)
		require.NoError(t, err)
		got, err := whatsapp.Decode(body, arrival)
		require.NoError(t, err)
		clear(body) // the server gives the next request the same room
		require.Equal(t, want, got, file)
	}
}

// TestDecodeAgreesWithTheStandardLibrary takes texts through both, escapes included.
func TestDecodeAgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()

	for _, text := range []string{"plain", "ñandú", "😀 / \\ \" \n \u2028 <b>&", strings.Repeat("largo ñ ", 300), "\\\\\\", `\u00e4`, "�"} {
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		got, err := whatsapp.Decode([]byte(`{"entry":[{"changes":[{"value":{"messages":[{"from":"1","text":{"body":`+string(quoted)+`}}]}}]}]}`), arrival)
		require.NoError(t, err)
		require.Equal(t, text, got.Messages[0].Text)
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/webhook/*.json")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := whatsapp.Decode(body, arrival)
		if err != nil {
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
			return
		}
		for _, m := range w.Messages {
			require.False(t, m.From.IsZero())
			require.NotEmpty(t, m.Kind)
			require.Equal(t, strings.ToValidUTF8(m.Text, ""), m.Text)
		}
		for _, r := range w.Receipts {
			require.Positive(t, r.Status.Rank())
			require.Equal(t, r.Key == "", r.Attempt == 0)
		}
	})
}
