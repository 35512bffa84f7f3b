package main

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// latency is a histogram that many goroutines record into.
type latency struct {
	mu sync.Mutex
	h  *hdrhistogram.Histogram
}

// newLatency records from 1 us to 2 min, to three digits.
func newLatency() *latency {
	return &latency{h: hdrhistogram.New(1, (2 * time.Minute).Microseconds(), 3)}
}

func (l *latency) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.h.RecordValue(min(max(d.Microseconds(), 1), (2 * time.Minute).Microseconds()))
}

// take returns what was recorded since the last take.
func (l *latency) take() *hdrhistogram.Histogram {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := hdrhistogram.Import(l.h.Export())
	l.h.Reset()
	return taken
}

// merge adds what another one recorded.
func (l *latency) merge(h *hdrhistogram.Histogram) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.h.Merge(h)
}

// quantiles are what is printed of a latency, in milliseconds.
type quantiles struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

func (l *latency) quantiles() quantiles {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := func(q float64) float64 { return float64(l.h.ValueAtQuantile(q)) / 1000 }
	return quantiles{Count: l.h.TotalCount(), P50: at(50), P95: at(95), P99: at(99), Max: float64(l.h.Max()) / 1000}
}
