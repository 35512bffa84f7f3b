package architecture_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(data)
}

// TestDependenciesAreExplained: each direct dependency has its line, and no line is left of one that is gone.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()

	var direct, explained []string
	for line := range strings.SplitSeq(read(t, "go.mod"), "\n") {
		fields := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(fields) == 2 && strings.Contains(fields[0], ".") && strings.HasPrefix(fields[1], "v") {
			direct = append(direct, fields[0])
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+) \|`).FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		explained = append(explained, row[1])
	}
	require.NotEmpty(t, direct)
	require.ElementsMatch(t, direct, explained)

	imported := imports(t)
	for _, module := range direct {
		require.True(t, slices.ContainsFunc(imported, func(path string) bool {
			return path == module || strings.HasPrefix(path, module+"/")
		}), "no Go file imports %s", module)
	}
}

// imports are the paths that the module's Go files import, tests too.
func imports(t *testing.T) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == ".git" || name == "bin" || name == "data" || name == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			paths = append(paths, strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	}))
	return paths
}

var link = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)

// TestLinksLead: every relative link of a Markdown file leads to a file of the repository.
func TestLinksLead(t *testing.T) {
	t.Parallel()

	found := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == ".git" || name == "bin" || name == "data") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			found++
			_, err := os.Stat(filepath.Join(filepath.Dir(path), m[1]))
			require.NoError(t, err, "%s links to %s", path, m[1])
		}
		return nil
	}))
	require.Positive(t, found)
}

// TestRoomsAreDrawn: every top-level folder with Go code stands in the table of the rooms.
func TestRoomsAreDrawn(t *testing.T) {
	t.Parallel()

	rooms := regexp.MustCompile("(?m)^. `[a-z]+/").FindAllString(read(t, "docs/architecture.md"), -1)
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "bin" || e.Name() == "data" || e.Name() == "docs" {
			continue
		}
		require.Regexp(t, "(?m)^. `"+regexp.QuoteMeta(e.Name())+"/", strings.Join(rooms, "\n"), "docs/architecture.md does not draw this room")
	}
}
