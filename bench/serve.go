package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/internal/gcpace"
)

// service is what the child serves until it is told to drain.
type service interface {
	serve(ln net.Listener) error
	drain(ctx context.Context) error
	describe(ctx context.Context, u *usage) error
}

// serveChild is the whole child: it reads a spec, says its address, then obeys
// "usage" and "drain". When its parent is gone it ends.
func serveChild(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	var s spec
	if !lines.Scan() {
		return errors.New("no spec")
	}
	if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	gcpace.Set()
	stop, err := profile(s.CPUProfile)
	if err != nil {
		return err
	}
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	ctx := context.Background()
	svc, err := newService(ctx, s, log)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- svc.serve(ln) }()
	fmt.Fprintln(out, ln.Addr().String())
	for lines.Scan() {
		if lines.Text() == "drain" {
			break
		}
		if err := json.NewEncoder(out).Encode(describe(ctx, svc)); err != nil {
			return err
		}
	}
	c, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return errors.Join(svc.drain(c), <-served)
}

func newService(ctx context.Context, s spec, log *slog.Logger) (service, error) {
	switch s.Serve {
	case serveEngine:
		return newEngine(ctx, s, log)
	case serveAccept:
		return newWayIn(ctx, s, log)
	default:
		return newRung(s)
	}
}

func describe(ctx context.Context, svc service) usage {
	u := usage{CPU: cpuTime()}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.Heap = m.HeapAlloc
	if err := svc.describe(ctx, &u); err != nil {
		u.Error = err.Error()
	}
	return u
}

// cpuTime is the processor time of this process.
func cpuTime() time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// profile writes a CPU profile to path until stop; "" = none.
func profile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}
