package alert_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/alert"
	"github.com/conserje/conserje/internal/metrics"
)

// way keeps what it carried, and fails as told.
type way struct {
	mu   sync.Mutex
	told []hotel.Trouble
	err  error
	wait chan struct{} // a telling waits for it
	boom bool
}

func (w *way) Tell(ctx context.Context, t hotel.Trouble) error {
	w.mu.Lock()
	wait, boom := w.wait, w.boom
	w.mu.Unlock()
	if boom {
		panic("way")
	}
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.told = append(w.told, t)
	return nil
}

func (w *way) set(f func(*way)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w)
}

func (w *way) heard() []hotel.Trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]hotel.Trouble(nil), w.told...)
}

type office struct {
	*alert.Operator
	mail, chat *way
	log        *bytes.Buffer
	metrics    *metrics.Metrics
}

// inOffice runs f in a bubble, with an operator who has mail and chat.
func inOffice(t *testing.T, f func(t *testing.T, o *office)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{mail: &way{}, chat: &way{}, log: &bytes.Buffer{}, metrics: metrics.New()}
		o.Operator = alert.New(alert.Config{Ways: map[string]alert.Way{"mail": o.mail, "chat": o.chat},
			Log: slog.New(slog.NewTextHandler(o.log, nil)), Metrics: o.metrics})
		defer o.Close()
		f(t, o)
	})
}

func (o *office) count(cause hotel.TroubleCause, result string) int {
	return int(testutil.ToFloat64(o.metrics.OperatorAlerts.WithLabelValues(string(cause), result)))
}

func after(d time.Duration) { time.Sleep(d); synctest.Wait() }

var disk = hotel.Trouble{Cause: hotel.TroubleDisk, Summary: "Disk."}

func TestEachAlertTriesEveryWay(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		require.NoError(t, o.Tell(t.Context(), disk))
		require.Len(t, o.mail.heard(), 1)
		require.Len(t, o.chat.heard(), 1)
		require.Equal(t, time.Now(), o.chat.heard()[0].At)

		o.mail.err = &hotel.Error{Kind: hotel.Unauthorised}
		require.NoError(t, o.Tell(t.Context(), hotel.Trouble{Cause: hotel.TroubleMailClosed}), "one way is enough")
		require.Len(t, o.chat.heard(), 2)
		require.Contains(t, o.log.String(), "operator not reached by one way")

		o.chat.boom = true
		o.mail.err = nil
		require.NoError(t, o.Tell(t.Context(), hotel.Trouble{Cause: hotel.TroubleUnclean}), "nor does a panic matter")
		require.Equal(t, 1, o.count(hotel.TroubleUnclean, "told"))
	})
}

func TestTheSameIsToldOnceAnHour(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		for range 5 {
			require.NoError(t, o.Tell(t.Context(), disk))
			after(time.Minute)
		}
		require.NoError(t, o.Tell(t.Context(), hotel.Trouble{Cause: hotel.TroubleDisk, Property: "faro"}))
		require.NoError(t, o.Tell(t.Context(), hotel.Trouble{Cause: hotel.TroubleStoreAway}))
		require.Len(t, o.chat.heard(), 3, "another property and another cause have hours of their own")
		require.Equal(t, 4, o.count(hotel.TroubleDisk, "suppressed"))

		after(54 * time.Minute)
		require.Len(t, o.chat.heard(), 3)
		after(2 * time.Minute)
		require.Len(t, o.chat.heard(), 4, "what was counted is told when the hour ends")
		require.Equal(t, 4, o.chat.heard()[3].Repeated)
		after(3 * time.Hour)
		require.Len(t, o.chat.heard(), 4, "and then there is silence")
		require.NoError(t, o.Tell(t.Context(), disk))
		require.Zero(t, o.chat.heard()[4].Repeated)
	})
}

func TestWhatNobodyHeardIsTriedAgain(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		gone := &hotel.Error{Op: "test", Kind: hotel.NotSent}
		o.mail.err, o.chat.err = gone, gone
		require.Equal(t, hotel.NotSent, hotel.KindOf(o.Tell(t.Context(), disk)))
		require.Equal(t, 1, o.count(hotel.TroubleDisk, "unheard"))
		after(50 * time.Minute)
		tries := o.count(hotel.TroubleDisk, "unheard")
		require.True(t, tries >= 4 && tries <= 7, "ever more seldom: %d", tries)
		o.chat.set(func(w *way) { w.err = nil })
		after(time.Hour)
		require.Len(t, o.chat.heard(), 1)
		after(3 * time.Hour)
		require.Len(t, o.chat.heard(), 1)
		require.Empty(t, o.mail.heard())
	})
}

// A row whose alert failed comes again while the operator's own retry waits: one alert, not two.
func TestARepeatOfWhatFailedIsNoSecondAlert(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		gone := &hotel.Error{Op: "test", Kind: hotel.NotSent}
		o.mail.err, o.chat.err = gone, gone
		require.Error(t, o.Tell(t.Context(), disk))
		o.chat.set(func(w *way) { w.err = nil })
		after(5 * time.Second)
		require.NoError(t, o.Tell(t.Context(), disk))
		after(5 * time.Hour)
		require.Len(t, o.chat.heard(), 1)
	})
}

func TestTellingsAtOnceAreOne(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		gate := make(chan struct{})
		o.mail.wait, o.chat.wait = gate, gate
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { assert.NoError(t, o.Tell(t.Context(), disk)) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Equal(t, hotel.NotSent, hotel.KindOf(o.Tell(ctx, disk)), "who does not wait does not know")
		close(gate)
		all.Wait()
		require.Len(t, o.chat.heard(), 1)
	})
}

func TestWithNobodyNamedTheLogAndTheMetricStand(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.mail.err, o.chat.err = &hotel.Error{Kind: hotel.Invalid}, &hotel.Error{Kind: hotel.Invalid}
		require.Equal(t, hotel.Invalid, hotel.KindOf(o.Tell(t.Context(), disk)))
		require.Contains(t, o.log.String(), `level=ERROR msg="operator needed" cause=disk_low property="" summary=Disk. fix="Free or add`)
		require.Contains(t, o.log.String(), "OPERATOR_EMAILS or ALERT_WEBHOOK_URL")
		require.NoError(t, o.Tell(t.Context(), disk))
		after(5 * time.Hour)
		require.Equal(t, 2, o.count(hotel.TroubleDisk, "unheard"), "once an hour, while it is seen")
	})
}

func TestCloseCutsWhatHangs(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.mail.wait = make(chan struct{})
		o.chat.err = &hotel.Error{Op: "test", Kind: hotel.NotSent}
		go func() { _ = o.Tell(t.Context(), disk) }()
		synctest.Wait()
		o.Close()
		require.Equal(t, hotel.NotSent, hotel.KindOf(o.Tell(t.Context(), disk)))
	})
}

func TestEveryCauseTellsWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []hotel.TroubleCause{hotel.TroubleNumber, hotel.TroubleGraphAway, hotel.TroublePMSRefused, hotel.TroublePMSAway,
		hotel.TroubleMailClosed, hotel.TroubleStoreAway, hotel.TroubleInboxStuck, hotel.TroubleOutboxStuck, hotel.TroubleDeadLetters,
		hotel.TroubleParked, hotel.TroubleUnclean, hotel.TroubleDisk, hotel.TroubleNewer, hotel.TroubleUnanswered} {
		require.NotEqual(t, hotel.TroubleCause("").Fix(), c.Fix(), c)
	}
}
