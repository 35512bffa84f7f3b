package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

// deployed are the pages and files that an operator follows.
var deployed = []string{"../../docs/first-day.md", "../../deploy/systemd/conserje.service", "../../deploy/caddy/Caddyfile"}

// What an operator is told to type exists: each command with its flags, and each setting.
func TestTheFirstDayNamesWhatExists(t *testing.T) {
	t.Parallel()

	settings := []string{"AF_INET", "AF_INET6", "AF_UNIX"} // systemd's own
	for _, f := range config.Fields() {
		settings = append(settings, f.Name)
		if f.Secret {
			settings = append(settings, f.Name+"_FILE")
		}
	}
	setting := regexp.MustCompile(`\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b`)
	command := regexp.MustCompile("(?m)(?:^|`|-- |/usr/local/bin/)conserje ((?:[a-z]+(?: |\\b))+)((?: ?--[a-z-]+)*)")
	commands := map[string]bool{}
	for _, file := range deployed {
		page, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range setting.FindAllString(string(page), -1) {
			if name != "NAME_FILE" {
				require.Contains(t, settings, name, file)
			}
		}
		for _, m := range command.FindAllStringSubmatch(string(page), -1) {
			commands[strings.TrimSpace(strings.TrimSpace(m[1])+" "+strings.TrimSpace(m[2]))] = true
		}
	}
	for _, sure := range []string{"serve", "status --set", "deadletters list", "handoff list", "config print --changed", "version"} {
		require.True(t, slices.ContainsFunc(keysOf(commands), func(c string) bool { return strings.HasPrefix(c, sure) }), "%q is found: %v", sure, commands)
	}
	for c := range commands {
		words := strings.Fields(c)
		help := try(t, build(t), "", nil, append(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.HasPrefix(w, "-") }), "--help")...)
		require.Zero(t, help.code, "conserje %s: %s", c, help.err)
		for _, w := range words {
			if strings.HasPrefix(w, "-") {
				require.Contains(t, help.out, w, "conserje %s", c)
			}
		}
	}
}

func keysOf(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// A stop must be allowed longer than the engine drains.
func TestTheUnitLetsTheEngineDrain(t *testing.T) {
	t.Parallel()

	unit, err := os.ReadFile(deployed[1])
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindSubmatch(unit)
	require.NotNil(t, m)
	require.Equal(t, "40", string(m[1]))
	require.Less(t, config.Defaults().HTTP.DrainTimeout.Seconds()+3, 40.0)
	for _, line := range []string{"KillSignal=SIGTERM", "Restart=on-failure", "RestartPreventExitStatus=3", "NoNewPrivileges=yes",
		"ProtectSystem=strict", "ReadWritePaths=/var/lib/conserje", "StateDirectoryMode=0700", "UMask=0077"} {
		require.Contains(t, string(unit), "\n"+line+"\n")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("NOT TRIED: systemd-analyze is not here, the unit is not verified")
		return
	}
	out, _ := exec.CommandContext(t.Context(), analyze, "verify", deployed[1]).CombinedOutput()
	for line := range strings.Lines(string(out)) { // the binary is not installed here; other units' faults are not ours
		if strings.Contains(line, "conserje.service") {
			require.Contains(t, line, "is not executable", "%s", out)
		}
	}
}
