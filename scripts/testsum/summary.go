package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	slowPackage = 10.0 // seconds
	slowShown   = 10
)

// summary is what has been seen so far.
type summary struct {
	out            io.Writer
	passed, failed int
	skipped        []string
	said           []string // lines that a passed test wants seen: "SUMMARY: ..."
	packages       map[string]*pkg
	order          []*pkg
	builds         map[string]*strings.Builder // output of builds, by import path
}

// pkg is one package's tests.
type pkg struct {
	name           string
	passed, failed int
	elapsed        float64
	output         map[string]*strings.Builder // by test; "" = the package's own
	running        []string                    // tests that have not ended: where a panic or time-out struck
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, packages: map[string]*pkg{}, builds: map[string]*strings.Builder{}}
}

func (s *summary) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...) // the terminal
}

func (s *summary) of(name string) *pkg {
	p := s.packages[name]
	if p == nil {
		p = &pkg{name: name, output: map[string]*strings.Builder{}}
		s.packages[name] = p
		s.order = append(s.order, p)
	}
	return p
}

func buffer(m map[string]*strings.Builder, key string) *strings.Builder {
	if m[key] == nil {
		m[key] = &strings.Builder{}
	}
	return m[key]
}

// take records one event.
func (s *summary) take(e event) {
	if e.Action == "build-output" {
		buffer(s.builds, e.ImportPath).WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := s.of(e.Package)
	switch e.Action {
	case "output":
		buffer(p.output, e.Test).WriteString(e.Output)
	case "run":
		p.running = append(p.running, e.Test)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(p, e)
		} else {
			s.endTest(p, e)
		}
	}
}

func (s *summary) endTest(p *pkg, e event) {
	p.running = slices.DeleteFunc(p.running, func(t string) bool { return t == e.Test })
	switch e.Action {
	case "pass":
		p.passed++
		s.passed++
		s.said = append(s.said, said(text(p.output[e.Test]))...)
		delete(p.output, e.Test)
	case "skip":
		s.skipped = append(s.skipped, strings.TrimSpace(p.name+" "+e.Test+" "+reason(text(p.output[e.Test]))))
		delete(p.output, e.Test)
	case "fail":
		p.failed++
		s.failed++
		s.printf("--- FAIL %s %s (%.2fs)\n%s", p.name, e.Test, e.Elapsed, text(p.output[e.Test]))
	}
}

// endPackage ends a package. One that fails without a failed test did not
// build, panicked, timed out or leaked: that counts as a failure of its own.
func (s *summary) endPackage(p *pkg, e event) {
	p.elapsed = e.Elapsed
	switch {
	case e.Action == "fail" && p.failed == 0:
		s.failed++
		s.printf("--- FAIL %s (%.1fs)\n%s", p.name, e.Elapsed, text(s.builds[e.FailedBuild]))
		for _, test := range p.running {
			s.printf("%s", text(p.output[test]))
		}
		s.printf("%s", text(p.output[""]))
	case e.Action == "fail":
		s.printf("FAIL %s: %d passed, %d failed (%.1fs)\n", p.name, p.passed, p.failed, e.Elapsed)
	case p.passed > 0:
		s.printf("ok   %s: %d passed (%.1fs)\n", p.name, p.passed, e.Elapsed)
	}
	clear(p.output)
}

func text(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	return b.String()
}

const wanted = "SUMMARY: "

// said are the lines of a test's output that are wanted in the summary.
func said(output string) []string {
	var lines []string
	for line := range strings.Lines(output) {
		if _, words, ok := strings.Cut(line, wanted); ok {
			lines = append(lines, strings.TrimSpace(words))
		}
	}
	return lines
}

// reason is what a test that skips itself says: "    file_test.go:12: why".
func reason(output string) string {
	for line := range strings.Lines(output) {
		if place, why, ok := strings.Cut(line, ": "); ok && strings.Contains(place, "_test.go:") {
			return "(" + strings.TrimSpace(why) + ")"
		}
	}
	return ""
}

// finish says what is slow and what was skipped; nothing run at all is a failure.
func (s *summary) finish() {
	for _, p := range s.order {
		if len(p.output) > 0 && p.elapsed == 0 && len(p.running) > 0 {
			s.failed++
			s.printf("--- FAIL %s: ended without a result\n", p.name)
		}
	}
	if s.passed+s.failed == 0 {
		s.failed++
		s.printf("--- FAIL no test ran\n")
	}
	slow := slices.DeleteFunc(slices.Clone(s.order), func(p *pkg) bool { return p.elapsed < slowPackage })
	slices.SortFunc(slow, func(a, b *pkg) int { return cmp.Compare(b.elapsed, a.elapsed) })
	for _, p := range slow[:min(len(slow), slowShown)] {
		s.printf("slow %s: %.1fs\n", p.name, p.elapsed)
	}
	for _, line := range s.said {
		s.printf("%s\n", line)
	}
	for _, t := range s.skipped {
		s.printf("SKIPPED %s\n", t)
	}
}
