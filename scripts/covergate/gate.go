package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// block is one run of statements.
type block struct {
	file       string
	statements int
	covered    bool
}

// share is statements and how many of them ran.
type share struct{ all, covered int }

func (s share) percent() float64 {
	if s.all == 0 {
		return 0
	}
	return 100 * float64(s.covered) / float64(s.all)
}

// gate says a line for each room, and whether every gate holds.
func gate(profile string, skip func(string) bool, roomLeast, allLeast float64) (lines []string, ok bool) {
	byRoom, byPackage := map[string]share{}, map[string]share{}
	var total share
	for _, b := range merge(profile) {
		if skip(b.file) {
			continue
		}
		room, _, _ := strings.Cut(b.file, "/")
		pkg := b.file[:strings.LastIndex(b.file, "/")]
		byRoom[room], byPackage[pkg], total = byRoom[room].plus(b), byPackage[pkg].plus(b), total.plus(b)
	}
	ok = true
	for _, room := range rooms {
		s := byRoom[room]
		verdict := "ok"
		if s.percent() < roomLeast {
			ok, verdict = false, fmt.Sprintf("BELOW %.0f %%", roomLeast)
		}
		lines = append(lines, fmt.Sprintf("coverage %-14s %5.1f %%  %s", room, s.percent(), verdict))
		if verdict != "ok" {
			lines = append(lines, weakest(byPackage, room)...)
		}
	}
	verdict := "ok"
	if total.percent() < allLeast {
		ok, verdict = false, fmt.Sprintf("BELOW %.0f %%", allLeast)
		lines = append(lines, weakest(byPackage, "")...)
	}
	return append(lines, fmt.Sprintf("coverage %-14s %5.1f %%  %s", "everything", total.percent(), verdict)), ok
}

func (s share) plus(b block) share {
	s.all += b.statements
	if b.covered {
		s.covered += b.statements
	}
	return s
}

// weakest lists a room's packages, those with most uncovered statements first.
func weakest(packages map[string]share, room string) []string {
	var names []string
	for name := range packages {
		if room == "" || name == room || strings.HasPrefix(name, room+"/") {
			names = append(names, name)
		}
	}
	missing := func(n string) int { return packages[n].all - packages[n].covered }
	slices.SortFunc(names, func(a, b string) int { return missing(b) - missing(a) })
	var out []string
	for _, n := range names[:min(len(names), 8)] {
		out = append(out, fmt.Sprintf("         %-40s %5.1f %% (%d statements not run)", n, packages[n].percent(), missing(n)))
	}
	return out
}

// merge unites what several binaries say of one block: covered by any is covered.
func merge(profile string) map[string]block {
	out := map[string]block{}
	for line := range strings.SplitSeq(profile, "\n") {
		place, rest, ok := strings.Cut(strings.TrimPrefix(line, module), " ")
		file, _, colon := strings.Cut(place, ":")
		fields := strings.Fields(rest)
		if !ok || !colon || len(fields) != 2 || !strings.Contains(file, "/") {
			continue // the mode line, or a file at the module's root
		}
		n, err := strconv.Atoi(fields[0])
		if err != nil {
			continue
		}
		out[place] = block{file: file, statements: n, covered: out[place].covered || fields[1] != "0"}
	}
	return out
}
