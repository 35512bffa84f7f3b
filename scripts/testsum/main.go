// Command testsum reads `go test -json` and tells people what they need: a line
// for each package, the whole output of what failed, what is slow, what was
// skipped, and the counts. It exits with 1 on any failure, and when nothing ran.
//
// With -counts FILE it writes "<passed> <failed>" there, for a caller that adds
// its own checks; else its last line is "N passed, N failed".
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	counts := flag.String("counts", "", "write the counts to this file instead of printing the last line")
	flag.Parse()
	s := newSummary(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		s.failed++
	}
	s.finish()
	if *counts == "" {
		fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	} else if err := os.WriteFile(*counts, fmt.Appendf(nil, "%d %d\n", s.passed, s.failed), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if s.failed > 0 {
		os.Exit(1)
	}
}

// event is one line of `go test -json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output, instead of Package
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// read takes every line; what is no JSON is passed on, for it may be the go command's own complaint.
func (s *summary) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				s.take(e)
			} else {
				s.printf("%s", line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
