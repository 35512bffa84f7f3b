package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHangingCheckIsUnavailable(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		started := time.Now()

		h := runChecks(map[string]Check{
			"store": func(context.Context) error { return nil },
			"pms":   func(context.Context) error { <-release; return nil }, // deaf to its context
			"mail":  func(ctx context.Context) error { return errors.New("no kind") },
		})

		require.Equal(t, Health{Status: "unready", Checks: map[string]string{"store": "ok", "pms": "unavailable", "mail": "other"}}, h)
		require.Equal(t, checkPatience, time.Since(started)) // bubble time
		close(release)
	})
}
