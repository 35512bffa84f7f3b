package alert

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/metrics"
)

// Way carries a trouble to a person.
type Way interface {
	// Tell fails with hotel.Invalid when nobody is there to be told on this way;
	// any other failure is one of the moment. A repeat tells twice.
	Tell(ctx context.Context, t hotel.Trouble) error
}

// Config is what an Operator needs.
type Config struct {
	Ways    map[string]Way // by name; all are tried
	Every   time.Duration  // one alert of a cause and property in this time; 0 = 1 h
	Retry   time.Duration  // after nobody could be told, doubled each time up to Every; 0 = 1 min
	Log     *slog.Logger
	Metrics *metrics.Metrics
}

// Operator joins the ways to whoever runs the engine. It is safe for concurrent use.
type Operator struct {
	Config
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	windows map[about]*window
}

// about is what is told once an hour.
type about struct {
	cause    hotel.TroubleCause
	property hotel.PropertyID
}

// window is the time after an alert in which the same is only counted.
type window struct {
	until    time.Time
	last     hotel.Trouble // Repeated counts what is not told yet
	wait     time.Duration // until the next try, after nobody could be told
	inFlight chan struct{} // closed when the telling has ended; nil while none is out
	err      error         // how the last telling ended
	timer    *time.Timer
}

// New makes an Operator; Close ends it.
func New(c Config) *Operator {
	if c.Every == 0 {
		c.Every = time.Hour
	}
	if c.Retry == 0 {
		c.Retry = time.Minute
	}
	o := &Operator{Config: c, windows: map[about]*window{}}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

var (
	errNobody = &hotel.Error{Op: "alert.Tell", Kind: hotel.Invalid, Code: "no_operator",
		Err: errors.New("nobody is named: set OPERATOR_EMAILS or ALERT_WEBHOOK_URL")}
	errClosed = &hotel.Error{Op: "alert.Tell", Kind: hotel.NotSent, Err: errors.New("the engine ends")}
)

// Tell logs and counts a trouble, and tells it by every way, unless the same
// was told within the hour: then it is counted and told when that ends. It
// waits for the telling; nil means that somebody was told, or is told soon.
// Invalid: no way reaches anybody. Else nobody could be told now: the Operator
// goes on trying, and a repeat is no second alert.
func (o *Operator) Tell(ctx context.Context, t hotel.Trouble) error {
	if t.At.IsZero() {
		t.At = time.Now()
	}
	w, ended, err := o.take(t)
	if ended == nil {
		return err
	}
	select {
	case <-ended:
		o.mu.Lock()
		defer o.mu.Unlock()
		return w.err
	case <-ctx.Done():
		return &hotel.Error{Op: "alert.Tell", Kind: hotel.NotSent, Err: ctx.Err()}
	}
}

// Notice is Tell without waiting.
func (o *Operator) Notice(t hotel.Trouble) {
	if t.At.IsZero() {
		t.At = time.Now()
	}
	_, _, _ = o.take(t)
}

// take decides what becomes of a trouble: told now, joined to a telling that is out, or counted.
func (o *Operator) take(t hotel.Trouble) (w *window, ended chan struct{}, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	log := o.Log.With("cause", string(t.Cause), "property", string(t.Property), "summary", t.Summary, "fix", t.Cause.Fix())
	if o.closed {
		log.Error("operator needed: not told, the engine ends")
		return nil, nil, errClosed
	}
	key := about{t.Cause, t.Property}
	w = o.windows[key]
	if w == nil {
		w = &window{}
		o.windows[key] = w
	}
	t.Repeated = w.last.Repeated
	w.last = t
	switch {
	case w.inFlight != nil:
		w.last.Repeated++
		o.count(t, "suppressed")
		log.Warn("operator needed again", "repeated", w.last.Repeated)
		return w, w.inFlight, nil
	case time.Now().Before(w.until):
		w.last.Repeated++
		o.count(t, "suppressed")
		log.Warn("operator needed again", "repeated", w.last.Repeated)
		return w, nil, nil
	}
	log.Error("operator needed")
	o.begin(key, w)
	return w, w.inFlight, nil
}

// begin starts a telling of the window's last trouble. The lock is held.
func (o *Operator) begin(key about, w *window) {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.inFlight = make(chan struct{})
	t := w.last
	w.last.Repeated = 0
	o.work.Go(func() { o.end(key, w, t, o.everyWay(t)) })
}

// end opens the window behind a telling.
func (o *Operator) end(key about, w *window, t hotel.Trouble, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.err = err
	close(w.inFlight)
	w.inFlight = nil
	wait, result := o.Every, "told"
	if err != nil {
		result = "unheard"
		o.Log.Error("operator could not be told", "cause", string(t.Cause), "property", string(t.Property), "err", err)
	}
	o.count(t, result)
	switch {
	case err == nil:
		w.until, w.wait = time.Now().Add(wait), 0
	case hotel.KindOf(err) == hotel.Invalid: // nobody to tell: no retry changes that
		w.until, w.last.Repeated = time.Now().Add(wait), 0
	default:
		w.wait = min(max(2*w.wait, o.Retry), o.Every)
		wait = w.wait
		w.last.Repeated += t.Repeated
	}
	if o.closed {
		return
	}
	w.timer = time.AfterFunc(wait, func() { o.again(key, w) })
}

// again tells what was counted, or could not be told, once the wait is over;
// with neither the window is forgotten.
func (o *Operator) again(key about, w *window) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed || w.inFlight != nil || time.Now().Before(w.until):
	case w.last.Repeated > 0 || w.wait > 0:
		o.begin(key, w)
	default:
		delete(o.windows, key)
	}
}

// everyWay tries all ways at once; one that works is enough.
func (o *Operator) everyWay(t hotel.Trouble) error {
	ended := make(chan error, len(o.Ways))
	for name, way := range o.Ways {
		go func() {
			err := tell(o.ctx, way, t)
			if err != nil && hotel.KindOf(err) != hotel.Invalid {
				o.Log.Error("operator not reached by one way", "way", name, "cause", string(t.Cause), "err", err)
			}
			ended <- err
		}()
	}
	result := error(errNobody)
	told := false
	for range o.Ways {
		switch err := <-ended; {
		case err == nil:
			told = true
		case hotel.KindOf(err) != hotel.Invalid:
			result = err
		}
	}
	if told {
		return nil
	}
	return result
}

// tell turns a panic of a way into its failure: alerts must never end the engine.
func tell(ctx context.Context, way Way, t hotel.Trouble) (err error) {
	defer func() {
		if recover() != nil {
			err = &hotel.Error{Op: "alert.Tell", Kind: hotel.Other, Err: errors.New("the way panicked")}
		}
	}()
	return way.Tell(ctx, t)
}

func (o *Operator) count(t hotel.Trouble, result string) {
	o.Metrics.OperatorAlerts.WithLabelValues(string(t.Cause), result).Inc()
}

// Close cuts what is being told, and waits for it.
func (o *Operator) Close() {
	o.mu.Lock()
	o.closed = true
	for _, w := range o.windows {
		if w.timer != nil {
			w.timer.Stop()
		}
	}
	o.mu.Unlock()
	o.cancel()
	o.work.Wait()
}
