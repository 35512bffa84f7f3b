package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

const canary = "canary-5f1d"

// plant puts the canary into every Secret reachable from v, and demands that
// each is exported: fmt goes around the methods of what is not.
func plant(t *testing.T, v reflect.Value, path string) int {
	t.Helper()
	if v.Type() == reflect.TypeFor[config.Secret]() {
		require.True(t, v.CanSet(), "%s is not exported", path)
		v.SetString(canary)
		return 1
	}
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n += plant(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += plant(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			require.NotEqual(t, reflect.TypeFor[config.Secret](), v.MapIndex(k).Type(), path)
		}
	}
	return n
}

// TestSecretsNeverShow walks the whole configuration and prints it in every way.
func TestSecretsNeverShow(t *testing.T) {
	t.Parallel()

	c, err := load(t, "WHATSAPP_APP_SECRET="+canary)
	require.NoError(t, err)
	require.GreaterOrEqual(t, plant(t, reflect.ValueOf(c).Elem(), "Config"), 15)

	var out bytes.Buffer
	for _, value := range []any{c, *c, &c.Settings, c.Properties, c.WhatsApp, c.WhatsApp.AppSecret, c.Entries(), &c.WhatsApp.AppSecret} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		out.Write(encoded)
		encoded, err = yaml.Marshal(value)
		require.NoError(t, err)
		out.Write(encoded)
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", value)
	}
	encoded, err := xml.Marshal(c.WhatsApp)
	require.NoError(t, err)
	out.Write(encoded)

	require.NotContains(t, out.String(), canary)
	require.NotContains(t, out.String(), fmt.Sprintf("%x", canary))
	require.Contains(t, out.String(), "[redacted]")
	require.Equal(t, canary, c.WhatsApp.AppSecret.Reveal())
}

func TestNoSecretShowsAsNothing(t *testing.T) {
	t.Parallel()

	var none config.Secret
	require.True(t, none.IsZero())
	require.Empty(t, none.String())
	require.Equal(t, `""`, fmt.Sprintf("%#v", none))
	require.Equal(t, `"[redacted]"`, fmt.Sprintf("%q", config.Secret("x")))
}

func TestEntries(t *testing.T) {
	t.Parallel()

	c, err := load(t, "WHATSAPP_APP_SECRET="+canary, "STAFF_EMAILS=a@example.com, b@example.com", "PASSIVATE_AFTER=90m")
	require.NoError(t, err)
	byName := map[string]config.Entry{}
	for _, e := range c.Entries() {
		byName[e.Name] = e
	}
	require.Len(t, byName, len(config.Fields()))
	require.Equal(t, config.Entry{Name: "WHATSAPP_APP_SECRET", Value: "[redacted]", Source: "environment"}, byName["WHATSAPP_APP_SECRET"])
	require.Equal(t, "a@example.com,b@example.com", byName["STAFF_EMAILS"].Value)
	require.Equal(t, "1h30m", byName["PASSIVATE_AFTER"].Value)
	require.Equal(t, config.Entry{Name: "RETENTION_SEEN", Value: "10d", Source: "default"}, byName["RETENTION_SEEN"])
	encoded, err := json.Marshal(c.Staff.Emails)
	require.NoError(t, err)
	require.JSONEq(t, `["a@example.com","b@example.com"]`, string(encoded))
}

// TestEveryFieldIsDocumented keeps the generated table whole.
func TestEveryFieldIsDocumented(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}
	for _, f := range config.Fields() {
		require.Regexp(t, `^[A-Z][A-Z0-9_]+$`, f.Name)
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Group, f.Name)
		require.False(t, seen[f.Name], "%s is there twice", f.Name)
		require.False(t, f.Secret && f.Default != "", "%s: a secret has no default", f.Name)
		seen[f.Name] = true
	}
}
