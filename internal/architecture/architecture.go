// Package architecture checks the table of rooms in docs/architecture.md against
// the code, transitively, as the go command sees it. It is used by its test only;
// golangci-lint's depguard says the same in the editor, for direct imports.
package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// Module is the path that every room's begins with.
const Module = "github.com/conserje/conserje"

// Package is what the rules look at, in `go list -json`'s words.
type Package struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	Deps         []string // transitive
	TestImports  []string
	XTestImports []string
}

// List asks the go command for every package of the module in dir, and for what they depend on.
func List(dir string) ([]Package, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,TestImports,XTestImports", "./...") //nolint:noctx // ends by itself
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	var pkgs []Package
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// Check returns a line for each violation, each with the chain of imports that leads to it.
func Check(pkgs []Package) []string {
	g := graph{}
	for _, p := range pkgs {
		g[p.ImportPath] = p
	}
	var out []string
	for _, p := range pkgs {
		if room(p.ImportPath) == "" {
			continue // not ours
		}
		for _, dep := range p.Deps {
			why := forbidden(p.ImportPath, dep, g[dep].Standard)
			if why == "" {
				continue
			}
			chain := g.chain(p.ImportPath, dep)
			if before := chain[len(chain)-2]; room(dep) == "" && room(before) == "" && forbidden(p.ImportPath, before, false) != "" {
				continue // the library's first package is said; not what it brings along
			}
			out = append(out, fmt.Sprintf("%s: %s", shorten(chain), why))
		}
		out = append(out, checkDirect(p)...)
		out = append(out, checkTests(p)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type graph map[string]Package

// chain is the shortest way from one package to another.
func (g graph) chain(from, to string) []string {
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			var out []string
			for ; at != ""; at = came[at] {
				out = append(out, at)
			}
			slices.Reverse(out)
			return out
		}
		for _, next := range g[at].Imports {
			if _, seen := came[next]; !seen {
				came[next] = at
				queue = append(queue, next)
			}
		}
	}
	return []string{from, to}
}

func shorten(chain []string) string {
	for i := range chain {
		chain[i] = short(chain[i])
	}
	return strings.Join(chain, " -> ")
}

func short(path string) string { return strings.TrimPrefix(path, Module+"/") }
