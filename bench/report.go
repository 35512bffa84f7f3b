package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// report is what a run found.
type report struct {
	Machine machine   `json:"machine"`
	Began   time.Time `json:"began"`
	Seed    uint64    `json:"seed"`
	Ladder  []step    `json:"ladder,omitempty"`
	Ratio   float64   `json:"real_to_durable,omitempty"`
	Phases  []result  `json:"phases,omitempty"`
	Outage  *outage   `json:"outage,omitempty"`
	Micro   []string  `json:"micro,omitempty"`
	Load    string    `json:"load_average_after"`
	OK      bool      `json:"ok"`
}

// machine is where a run was made: figures without it say nothing.
type machine struct {
	Go     string        `json:"go"`
	CPUs   int           `json:"cpus"`
	System string        `json:"system"`
	Commit string        `json:"commit"`
	Load   string        `json:"load_average_before"`
	Sync   time.Duration `json:"fdatasync"` // median of 64
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d CPUs, %s, commit %s, load average %s, fdatasync %v", m.Go, m.CPUs, m.System, m.Commit, m.Load, m.Sync.Round(time.Microsecond))
}

func fingerprint(ctx context.Context, dir string) machine {
	m := machine{Go: runtime.Version(), CPUs: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Commit: "unknown", Load: loadAverage()}
	if out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		m.Commit = strings.TrimSpace(string(out))
	}
	m.Sync, _ = syncTime(dir) // zero says that it could not be measured
	return m
}

// syncTime is how long the disk takes to make 4 KB durable: the floor under every acknowledgement.
func syncTime(dir string) (_ time.Duration, err error) {
	f, err := os.CreateTemp(dir, "sync-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, 4096)
	took := make([]time.Duration, 64)
	for i := range took {
		begin := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took[i] = time.Since(begin)
	}
	return median(took), nil
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// ratio says how much of the plain durable step the real way in reaches.
func (r *report) ratio(b *bench) {
	var plain float64
	for i, s := range r.Ladder {
		if rungs[i].serve == serveDurable {
			plain = s.Acks
		}
		if rungs[i].serve == serveEngine && plain > 0 {
			r.Ratio = s.Acks / plain
			b.say("  real way in / plain durable insert: %.2f (goal 0.7); turns meanwhile %.0f/s, rows left %d\n", r.Ratio, s.Turns, s.Left)
		}
		if s.Verdict != nil {
			r.OK = r.OK && s.Verdict.OK() && s.Errors == 0
			b.say("  oracle, %s: %s\n", s.Name, s.Verdict)
		}
	}
}

func (r result) print(b *bench) {
	how := fmt.Sprintf("closed loop, %d waiting", r.Waiting)
	if r.Rate > 0 {
		how = fmt.Sprintf("open loop, %d webhooks/s", r.Rate)
	}
	b.say("\n%s: %s, %.0f s, statuses %s\n", r.Name, how, r.Seconds, r.Receipts)
	b.say("  acks %.0f/s  replies %.0f/s  bookings %.0f/s  status acks %.0f/s  errors %d  unanswered %d  odd answers %d  late starts %d  rows left %d\n",
		r.Acks, r.Replies, r.Bookings, r.StatusAcks, r.Errors, r.Unanswered, r.Odd, r.Late, r.Left)
	for _, l := range []struct {
		name string
		q    quantiles
	}{{"ack", r.Ack}, {"webhook to reply", r.Reply}, {"yes to confirmation", r.Booking}} {
		if l.q.Count > 0 {
			b.say("  %-20s p50 %7.1f  p95 %7.1f  p99 %7.1f  max %7.1f ms  (%d)\n", l.name, l.q.P50, l.q.P95, l.q.P99, l.q.Max, l.q.Count)
		}
	}
	b.say("  engine CPU %.3f s per 1,000 turns (%.0f turns per CPU second); generator's share of the CPU %.0f %%; %.1f requests a commit; heap %.0f MB\n",
		r.EngineCPU, r.PerCPU, 100*r.Generator, r.Batch, r.HeapMB)
	if r.OddExample != "" {
		b.say("  odd: %.300s\n", r.OddExample)
	}
	b.say("  oracle: %s\n", r.Verdict)
}

// write writes the report's files.
func (r *report) write(b *bench) error {
	var errs []error
	if b.text != "" {
		errs = append(errs, save(b.text, []byte(b.textOut.String())))
	}
	if b.json != "" {
		body, err := json.MarshalIndent(r, "", "  ")
		errs = append(errs, err, save(b.json, append(body, '\n')))
	}
	return errors.Join(errs...)
}

func save(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o600)
}
