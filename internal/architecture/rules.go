package architecture

import (
	"fmt"
	"slices"
	"strings"
)

// shared is what every room but hotel, conversation and config may import beside its row of the table.
var shared = []string{"internal/metrics", "internal/keys"}

// table is which of our packages a room may reach, by prefix of its path. A
// room that is not here (cmd, bench, demo, scripts, internal) may reach all.
var table = map[string][]string{
	"hotel":        {},
	"conversation": {"hotel"},
	"actors":       append([]string{"hotel", "conversation"}, shared...),
	"transport":    append([]string{"hotel"}, shared...),
	"integrations": append([]string{"hotel"}, shared...),
	"persistence":  append([]string{"hotel"}, shared...),
	"config":       {},
}

// owners is who may reach a library: rooms by name, besides cmd, bench, demo and test packages.
var owners = map[string][]string{
	"github.com/asynkron/protoactor-go": {"actors"},
	"github.com/valyala/fasthttp":       {"transport"},
	"modernc.org/sqlite":                {"persistence"},
	"github.com/pressly/goose":          {"persistence"},
	"google.golang.org/api":             {"integrations"},
	"github.com/wneessen/go-mail":       {"integrations"},
	"github.com/sony/gobreaker":         {"actors", "internal", "persistence"},
	"github.com/redis/go-redis":         {"persistence"},
	"github.com/go-redis/redis_rate":    {"persistence"},
	"github.com/maypok86/otter":         {"actors"},
	"github.com/caarlos0/env":           {"config", "scripts"},
	"github.com/spf13/cobra":            {},
	"github.com/chromedp/chromedp":      {},
}

// impure is what the pure rooms must not import themselves: the outside, the clock's and chance's doors, logs.
var impure = []string{"os", "os/exec", "net", "net/http", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand"}

// room is a package's first folder below the module; "" for what is not ours.
func room(path string) string {
	rest, ours := strings.CutPrefix(path, Module+"/")
	if !ours {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// wires tells whether a package may put rooms together.
func wires(path string) bool {
	return slices.Contains([]string{"cmd", "bench", "demo", "chaos"}, room(path))
}

// testPackage tells whether a package is a stand-in, a suite or a launcher for tests.
func testPackage(path string) bool {
	return room(path) != "" && slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool {
		return strings.HasSuffix(s, "test")
	})
}

func under(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// forbidden says why a package must not reach another, or "".
func forbidden(from, to string, standard bool) string {
	if standard {
		return ""
	}
	if room(to) == "" {
		return forbiddenLibrary(from, to)
	}
	if testPackage(to) && !testPackage(from) && !wires(from) {
		return "a test package is reached from what ships"
	}
	allowed, ruled := table[room(from)]
	if !ruled || room(from) == room(to) {
		return ""
	}
	if testPackage(from) && testPackage(to) {
		return ""
	}
	for _, prefix := range allowed {
		if under(to, Module+"/"+prefix) {
			return ""
		}
	}
	return fmt.Sprintf("room %s may not import %s", room(from), room(to))
}

func forbiddenLibrary(from, library string) string {
	switch {
	case room(from) == "hotel":
		return "hotel imports the standard library only"
	case room(from) == "conversation" && !testPackage(from) && !under(library, "golang.org/x/text"):
		return "conversation imports hotel and golang.org/x/text only"
	}
	if wires(from) || testPackage(from) {
		return ""
	}
	for name, rooms := range owners {
		if under(library, name) && !slices.Contains(rooms, room(from)) {
			return fmt.Sprintf("%s belongs to %v", name, rooms)
		}
	}
	return ""
}

// checkDirect holds the pure rooms to purity.
func checkDirect(p Package) []string {
	if r := room(p.ImportPath); r != "hotel" && r != "conversation" || testPackage(p.ImportPath) {
		return nil
	}
	var out []string
	for _, dep := range p.Imports {
		if slices.Contains(impure, dep) {
			out = append(out, fmt.Sprintf("%s -> %s: this room is pure: no I/O, no clock, no randomness, no log", short(p.ImportPath), dep))
		}
	}
	return out
}

// checkTests lets a room's tests reach test packages, and the fake store, of any room; nothing else.
func checkTests(p Package) []string {
	var out []string
	allowed, ruled := table[room(p.ImportPath)]
	if !ruled {
		return nil
	}
	allowed = slices.Concat(allowed, shared, []string{"persistence/memory", "hotel"})
	for _, dep := range slices.Concat(p.TestImports, p.XTestImports) {
		mine := room(dep) == "" || room(dep) == room(p.ImportPath) || testPackage(dep)
		if mine || slices.ContainsFunc(allowed, func(prefix string) bool { return under(dep, Module+"/"+prefix) }) {
			continue
		}
		out = append(out, fmt.Sprintf("%s (test) -> %s: a room's tests use other rooms' test packages only", short(p.ImportPath), short(dep)))
	}
	return out
}
