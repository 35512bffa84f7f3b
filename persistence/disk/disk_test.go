package disk_test

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/disk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFreeAsksTheFolder(t *testing.T) {
	t.Parallel()
	free, err := disk.Free(t.TempDir())
	require.NoError(t, err)
	require.Positive(t, free)
	_, err = disk.Free(filepath.Join(t.TempDir(), "none"))
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
}

func TestLittleRoomIsSeenAndForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var free atomic.Int64
		free.Store(1000)
		var log bytes.Buffer
		var lows, looks int
		w := disk.Start(disk.Config{Min: 500, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Free: func() (uint64, error) {
				if n := free.Load(); n >= 0 {
					return uint64(n), nil
				}
				return 0, errors.New("gone")
			},
			Each: func(uint64) { looks++ },
			Low:  func(got, least uint64) { lows++; require.Equal(t, []uint64{499, 500}, []uint64{got, least}) },
		})
		defer w.Close()
		pass := func() { time.Sleep(4 * time.Second); synctest.Wait() }
		require.False(t, w.Full())
		require.NoError(t, w.Check(t.Context()))

		free.Store(499)
		pass()
		pass()
		require.True(t, w.Full())
		require.Equal(t, hotel.Unavailable, hotel.KindOf(w.Check(t.Context())))
		require.Equal(t, 1, lows, "once each time it becomes low")
		require.Equal(t, uint64(499), w.Left())

		free.Store(-1)
		pass()
		pass()
		require.True(t, w.Full(), "a folder that cannot be asked changes nothing")
		require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("cannot be read")))

		free.Store(500)
		pass()
		require.False(t, w.Full(), "it mends itself")
		require.NoError(t, w.Check(t.Context()))
		require.Contains(t, log.String(), "enough disk space again")
		require.Greater(t, looks, 3)
	})
}
