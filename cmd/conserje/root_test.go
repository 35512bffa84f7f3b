package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// conserje runs one command line and returns its exit code and what it printed.
func conserje(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(in), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		args []string
		code int
		errs string
	}{
		"help":            {nil, exitOK, ""},
		"version":         {[]string{"version"}, exitOK, ""},
		"completion":      {[]string{"completion", "bash"}, exitOK, ""},
		"unknown command": {[]string{"sevre"}, exitUsage, `"sevre" is no command of conserje; did you mean serve`},
		"unknown below":   {[]string{"config", "pirnt"}, exitUsage, `"pirnt" is no command of conserje config`},
		"unknown flag":    {[]string{"version", "--yaml"}, exitUsage, "unknown flag: --yaml (see conserje version --help)"},
		"argument":        {[]string{"version", "now"}, exitUsage, "unknown command"},
		"bad --set":       {[]string{"config", "print", "--set", "PORT"}, exitUsage, "--set PORT: write it as NAME=value"},
		"bad settings":    {[]string{"config", "print", "--set", "pms_type=opera", "--set", "LOG_LEVEL=loud"}, exitConfig, "PMS_TYPE: is not known"},
		"nothing to read": {[]string{"understand"}, exitUsage, "give a text, or -jsonl"},
		"bad line":        {[]string{"understand", "-jsonl"}, exitFailed, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := conserje(t, "no json\n", tt.args...)
			require.Equal(t, tt.code, code, errs)
			require.Contains(t, errs, tt.errs)
		})
	}
}

func TestHelpNamesEveryCommandWithExamples(t *testing.T) {
	t.Parallel()

	_, out, _ := conserje(t, "")
	for _, want := range []string{"Examples:", "conserje demo", "Exit codes:", "NO_COLOR", "--set", "\n  config ", "\n  understand ", "\n  version "} {
		require.Contains(t, out, want)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()

	_, out, _ := conserje(t, "", "version")
	require.Regexp(t, `^conserje \S+ \(go1\.\d+\S*, \w+/\w+\)\n$`, out)
	_, out, _ = conserje(t, "", "version", "--json")
	var v map[string]string
	require.NoError(t, json.Unmarshal([]byte(out), &v))
	require.NotEmpty(t, v["commit"])

	stamp := func(settings ...debug.BuildSetting) func() (*debug.BuildInfo, bool) {
		return func() (*debug.BuildInfo, bool) { return &debug.BuildInfo{Settings: settings}, true }
	}
	require.Equal(t, "abc", buildCommit("abc", nil))
	require.Equal(t, "0123456789ab-dirty", buildCommit("", stamp(
		debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef"}, debug.BuildSetting{Key: "vcs.modified", Value: "true"})))
	require.Equal(t, "unknown", buildCommit("", stamp()))
	for module, want := range map[string]string{"v1.2.3": "v1.2.3", "(devel)": "unknown"} {
		require.Equal(t, want, buildCommit("", func() (*debug.BuildInfo, bool) {
			return &debug.BuildInfo{Main: debug.Module{Version: module}}, true
		}))
	}
	require.Equal(t, "pms", checkName("sol", 1))
	require.Equal(t, "pms:sol", checkName("sol", 2))
	require.Equal(t, "unknown", buildCommit("", func() (*debug.BuildInfo, bool) { return nil, false }))
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()

	const secret = "canary-77aa"
	dir := t.TempDir()
	envFile, file := filepath.Join(dir, "env"), filepath.Join(dir, "c.yaml")
	require.NoError(t, os.WriteFile(envFile, []byte("WHATSAPP_APP_SECRET="+secret+"\n"), 0o600))
	require.NoError(t, os.WriteFile(file, []byte("hotel_name: Posada\n"), 0o600))
	args := []string{"config", "print", "--env-file", envFile, "--config", file, "--set", "pair_burst=9"}

	code, out, errs := conserje(t, "", append(args, "--changed")...)
	require.Equal(t, exitOK, code, errs)
	require.Regexp(t, `WHATSAPP_APP_SECRET +\[redacted\] +\.env\n`, out)
	require.Regexp(t, `PAIR_BURST +9 +flag\n`, out)
	require.Regexp(t, `HOTEL_NAME +Posada +yaml\n`, out)
	require.NotContains(t, out, "PAIR_INTERVAL")
	require.Contains(t, out, "WARNING ")

	code, out, _ = conserje(t, "", append(args, "--json")...)
	require.Equal(t, exitOK, code)
	require.NotContains(t, out, secret)
	var p printout
	require.NoError(t, json.Unmarshal([]byte(out), &p))
	require.Equal(t, "Posada", p.Hotels[0].Name)

	code, out, errs = conserje(t, "", append(args, "--set", "PMS_TYPE=opera")...)
	require.Equal(t, exitConfig, code)
	require.Contains(t, out, "opera", "a bad setting is printed all the same")
	require.NotContains(t, out+errs, secret)
}

func TestUnderstand(t *testing.T) {
	t.Parallel()

	line := `{"id":"7","text":"Hola, una doble del 4 al 6 de marzo","ref":"2026-11-24"}` + "\n"
	for _, flag := range []string{"-jsonl", "--jsonl"} {
		code, out, errs := conserje(t, line, "understand", flag)
		require.Equal(t, exitOK, code, errs)
		var answer struct {
			ID    string            `json:"id"`
			Slots map[string]any    `json:"slots"`
			Dates []json.RawMessage `json:"dates"`
		}
		require.NoError(t, json.Unmarshal([]byte(out), &answer))
		require.Equal(t, "7", answer.ID)
		require.Equal(t, "2027-03-04", answer.Slots["check_in"])
		require.Equal(t, "2027-03-06", answer.Slots["check_out"])
	}
	code, out, errs := conserje(t, "", "understand", "hola", "buen", "día")
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, out, `"intent": "greeting"`)
}
