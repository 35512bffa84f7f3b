// Package disk watches how much room is left where things are kept: with
// little of it the engine takes no new messages, so that what it has taken can
// still be answered and written down. Meta repeats what was refused.
package disk

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/hotel"
)

// Free tells how many bytes this user may still write below a folder.
func Free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, &hotel.Error{Op: "disk.Free", Kind: hotel.Unavailable, Err: err}
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // their types differ by system
}

// Config is what a Watch needs.
type Config struct {
	Free  func() (uint64, error)   // bytes left
	Min   uint64                   // below it there is too little; 0 = never
	Every time.Duration            // 0 = 3 s
	Each  func(free uint64)        // hears of every look; may be nil
	Low   func(free, least uint64) // hears when it becomes too little; must not block; may be nil
	Log   *slog.Logger
}

// Watch looks from time to time, off the way of a message.
type Watch struct {
	Config
	free   atomic.Uint64
	low    atomic.Bool
	blind  atomic.Bool // the last look failed: said once
	cancel context.CancelFunc
	gone   chan struct{}
}

// Start looks once, and then on until Close.
func Start(c Config) *Watch {
	if c.Every == 0 {
		c.Every = 3 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watch{Config: c, cancel: cancel, gone: make(chan struct{})}
	w.look()
	go w.serve(ctx)
	return w
}

func (w *Watch) serve(ctx context.Context) {
	defer close(w.gone)
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.look()
		case <-ctx.Done():
			return
		}
	}
}

// look asks once. A folder that cannot be asked changes nothing: the store's
// own errors tell of it.
func (w *Watch) look() {
	free, err := w.Free()
	if err != nil {
		if !w.blind.Swap(true) {
			w.Log.Error("free disk space cannot be read", "err", err)
		}
		return
	}
	w.blind.Store(false)
	w.free.Store(free)
	if w.Each != nil {
		w.Each(free)
	}
	low := free < w.Min
	switch was := w.low.Swap(low); {
	case low && !was:
		w.Log.Error("little disk space: no new messages are taken", "free_bytes", free, "min_bytes", w.Min)
		if w.Config.Low != nil {
			w.Config.Low(free, w.Min)
		}
	case was && !low:
		w.Log.Info("enough disk space again: messages are taken", "free_bytes", free)
	}
}

// Full tells whether there is too little room to take anything new. It reads memory.
func (w *Watch) Full() bool { return w.low.Load() }

// Left is what was free at the last look.
func (w *Watch) Left() uint64 { return w.free.Load() }

// Check is the readiness check: Unavailable while there is too little.
func (w *Watch) Check(context.Context) error {
	if w.Full() {
		return &hotel.Error{Op: "disk.Check", Kind: hotel.Unavailable, Code: "disk", Err: errLow}
	}
	return nil
}

var errLow = errors.New("less is free than DISK_MIN_FREE")

// Close ends the watch.
func (w *Watch) Close() {
	w.cancel()
	<-w.gone
}
