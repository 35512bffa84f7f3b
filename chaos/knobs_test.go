package chaos_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// long tells that the long forms are wanted.
func long() bool { return os.Getenv("CHAOS") == "long" }

// times is how often a fault happens.
func times(t *testing.T, short, full int) int {
	t.Helper()
	if s := os.Getenv("CHAOS_TIMES"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err, "CHAOS_TIMES")
		return n
	}
	if long() {
		return full
	}
	return short
}

// span is how long a fault lasts.
func span(short, full time.Duration) time.Duration {
	if long() {
		return full
	}
	return short
}

// dice is a test's randomness, safe for many goroutines.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

// seeded makes a test's randomness and prints its seed.
func seeded(t *testing.T) *dice {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("CHAOS_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err, "CHAOS_SEED")
		seed = n
	}
	t.Logf("seed %d (CHAOS_SEED=%d repeats it)", seed, seed)
	return &dice{r: rand.New(rand.NewPCG(seed, 4))}
}

// between draws a duration.
func (d *dice) between(low, high time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return low + time.Duration(d.r.Int64N(int64(high-low)))
}

// n draws a number below n.
func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// instant waits for the random instant of a fault.
func (d *dice) instant(ctx context.Context, t *testing.T, low, high time.Duration) {
	t.Helper()
	select {
	case <-time.After(d.between(low, high)):
	case <-ctx.Done():
		require.NoError(t, ctx.Err(), "the campaign takes too long")
	}
}

// within bounds a test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
