package architecture_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/internal/architecture"
)

// TestRooms holds this repository to the table in docs/architecture.md.
func TestRooms(t *testing.T) {
	t.Parallel()

	pkgs, err := architecture.List("../..")
	require.NoError(t, err)
	ours := map[string]bool{}
	for _, p := range pkgs {
		if rest, ok := strings.CutPrefix(p.ImportPath, architecture.Module+"/"); ok {
			room, _, _ := strings.Cut(rest, "/")
			ours[room] = true
		}
	}
	for _, room := range []string{"hotel", "conversation", "actors", "transport", "integrations", "persistence", "config"} {
		require.True(t, ours[room], "no package of room %s was looked at", room)
	}
	require.Empty(t, strings.Join(architecture.Check(pkgs), "\n"))
}

// TestSeededViolations proves that the check fails where it must: the module
// in testdata breaks every rule once.
func TestSeededViolations(t *testing.T) {
	t.Parallel()

	pkgs, err := architecture.List("testdata/seeded")
	require.NoError(t, err)
	require.Equal(t, []string{
		"actors (test) -> transport: a room's tests use other rooms' test packages only",
		"conversation -> golang.org/x/other: conversation imports hotel and golang.org/x/text only",
		"conversation -> math/rand: this room is pure: no I/O, no clock, no randomness, no log",
		"hotel -> golang.org/x/other: hotel imports the standard library only",
		"integrations/whatsapp -> persistence/memory: room integrations may not import persistence",
		"transport -> internal/metrics -> github.com/asynkron/protoactor-go/actor: github.com/asynkron/protoactor-go belongs to [actors]",
		"transport -> internal/metrics -> integrations/whatsapp -> persistence/memory: room transport may not import persistence",
		"transport -> internal/metrics -> integrations/whatsapp: room transport may not import integrations",
		"transport -> transport/transporttest: a test package is reached from what ships",
	}, ours(architecture.Check(pkgs)))
}

// ours drops what internal/metrics itself is blamed for in the fixture: the chains through it are the point.
func ours(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.HasPrefix(l, "internal/metrics ->") && !strings.HasPrefix(l, "conversation -> hotel") {
			out = append(out, l)
		}
	}
	return out
}

func TestListSaysWhatIsWrong(t *testing.T) {
	t.Parallel()

	_, err := architecture.List(t.TempDir())
	require.ErrorContains(t, err, "go list:")
}
