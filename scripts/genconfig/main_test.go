package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/config"
)

// TestGeneratedFilesAreCurrent fails when the struct changed and `make generate` was not run.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()

	require.NoError(t, run(filepath.Join("..", ".."), true))
}

// TestExampleIsValid: with every line taken in but the stores that do not exist yet, it loads.
func TestExampleIsValid(t *testing.T) {
	t.Parallel()

	var lines []string
	for line := range strings.SplitSeq(example(config.Fields()), "\n") {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "# "), "="); ok && name != "HOTEL_CONFIG" && name == strings.ToUpper(name) {
			lines = append(lines, strings.TrimPrefix(line, "# "))
		}
	}
	values, err := godotenv.Unmarshal(strings.Join(lines, "\n"))
	require.NoError(t, err)
	require.Len(t, values, len(config.Fields())-1)
	values["GMAIL_CLIENT_SECRET"], values["GMAIL_REFRESH_TOKEN"] = "s", "r" // secrets have no example
	_, err = config.Load(config.Options{Flags: values})
	require.NoError(t, err)
}

func TestRun(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	require.Error(t, run(root, false), "no README.md")
	readme := filepath.Join(root, "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("# x\n"), 0o600))
	require.ErrorContains(t, run(root, false), "no marks")

	require.NoError(t, os.WriteFile(readme, []byte("# x\n"+begin+"stale text"+end+"\nrest\n"), 0o600))
	require.ErrorContains(t, run(root, true), "not current")
	require.NoError(t, run(root, false))
	require.NoError(t, run(root, true), "written twice is the same")
	page, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Contains(t, string(page), "| `WHATSAPP_APP_SECRET` | *secret* |")
	require.Contains(t, string(page), "\nrest\n")
	require.NotContains(t, string(page), "stale text")
}
