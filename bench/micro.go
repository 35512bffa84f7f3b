package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// micros are the packages' own benchmarks of the hot path.
var micros = []struct{ pkg, bench, time string }{
	{"./integrations/whatsapp", "Decode|Verify", "0.3s"},
	{"./transport", "Webhook", "0.3s"},
	{"./conversation", "Take", "0.3s"},
	{"./persistence/sqlite", "Accept|Commit|Settle|Turn", "0.4s"},
	{"./actors", "IdleGuest", "1x"},
}

// micro runs them one package after the other and returns their lines.
func (b *bench) micro(ctx context.Context) (lines []string, err error) {
	var broken []error
	b.say("\nMicro-benchmarks (go test -bench)\n")
	for _, m := range micros {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", m.bench, "-benchtime", m.time, "-benchmem", m.pkg)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return lines, err
		}
		if err := cmd.Start(); err != nil {
			return lines, err
		}
		for s := bufio.NewScanner(out); s.Scan(); {
			if strings.HasPrefix(s.Text(), "Benchmark") {
				lines = append(lines, s.Text())
				b.say("  %s\n", s.Text())
			}
		}
		if err := cmd.Wait(); err != nil { // the others are still worth measuring
			broken = append(broken, fmt.Errorf("%s: %w", m.pkg, err))
			b.say("  %s: %v\n", m.pkg, err)
		}
	}
	return lines, errors.Join(broken...)
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}
