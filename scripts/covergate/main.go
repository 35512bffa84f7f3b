// Command covergate reads a coverage profile, merges what several test binaries
// say of one statement, and fails when a room is below its share.
//
//	go run ./scripts/covergate [-room 85] [-all 80] coverage.out
//
// Every statement of the module counts, test packages, commands and these
// scripts too. Nothing is left out but files that say "Code generated ... DO
// NOT EDIT." (there is none today).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const module = "github.com/conserje/conserje/"

// rooms are the folders that are held to the higher share.
var rooms = []string{"hotel", "conversation", "actors", "transport", "integrations", "persistence", "config"}

func main() {
	room := flag.Float64("room", 85, "percent that each room must reach")
	all := flag.Float64("all", 80, "percent that everything together must reach")
	root := flag.String("root", ".", "folder of the module")
	flag.Parse()
	data, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "covergate:", err)
		os.Exit(1)
	}
	lines, ok := gate(string(data), skipper(*root), *room, *all)
	fmt.Println(strings.Join(lines, "\n"))
	if !ok {
		os.Exit(1)
	}
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// skipper tells which files do not count.
func skipper(root string) func(file string) bool {
	known := map[string]bool{}
	return func(file string) bool {
		skip, seen := known[file]
		if !seen {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
			skip = err == nil && generated.Match(data)
			known[file] = skip
		}
		return skip
	}
}
