package actors

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	jsonv1 "github.com/go-json-experiment/json/v1" // reads as encoding/json does, in half the time

	"github.com/conserje/conserje/hotel"
)

// number carries bubbles to guests over one property's WhatsApp number.
type number struct {
	rt       *runtime
	property hotel.PropertyID
	pace     *pace
	breaker  *breaker
	outage   atomic.Bool  // the breaker has opened, and no send has worked since
	over     atomic.Int64 // when the last outage was over, in unix nanoseconds
	tried    atomic.Int64 // when a send was last tried, the same
}

func newNumber(rt *runtime, property hotel.PropertyID, p *pace) *number {
	n := &number{rt: rt, property: property, pace: p}
	n.breaker = newBreaker(&breaker{
		rt: rt, dest: "guest", property: property,
		probe:  func(ctx context.Context) error { return rt.messenger.Probe(ctx, property) },
		opened: func() { p.setShut(byBreaker, true); n.outage.Store(true) },
		closed: func() { p.setShut(byBreaker, false); rt.sweepNow() },
	}, graphAlive)
	return n
}

// graphAlive tells whether the API answered with something of its own.
func graphAlive(err error) bool {
	if err == nil {
		return true
	}
	switch hotel.KindOf(err) {
	case hotel.NotSent, hotel.Unavailable, hotel.InDoubt, hotel.Transient, hotel.Other:
		return false
	}
	return true
}

func (n *number) permit(lane hotel.Lane, now time.Time) (bool, time.Duration) {
	return n.pace.take(lane, now)
}

func (n *number) giveBack(lane hotel.Lane) { n.pace.giveBack(lane) }

func (n *number) leave(lane hotel.Lane) { n.pace.leave(lane) }

func (n *number) doubtWait() time.Duration { return n.rt.settings.InDoubtWait }

// callback is what travels with a message and comes back on its statuses.
func callback(row hotel.OutboxRow) string { return string(row.Key) + "#" + strconv.Itoa(row.Attempt) }

func (n *number) carry(ctx context.Context, row hotel.OutboxRow) outcome {
	var m hotel.Message
	if err := jsonv1.Unmarshal(row.Body, &m); err != nil {
		return dead("not readable: " + err.Error())
	}
	if cause := n.rt.quiet(n.property, row.Guest, m.To); cause != "" && !m.Staff {
		return n.takeBack(row, m, cause)
	}
	if m.Bubble.Template == nil && !m.WindowEnds.IsZero() && time.Now().After(m.WindowEnds) {
		return n.undeliverable(row, "session window over", "window")
	}
	n.tried.Store(time.Now().UnixNano())
	v, err := n.breaker.run(func() (any, error) { return n.rt.messenger.Send(ctx, m, callback(row)) })
	if err == nil {
		if n.outage.CompareAndSwap(true, false) {
			n.over.Store(time.Now().UnixNano())
		}
		if !m.Since.IsZero() {
			n.rt.metrics.OrchestratorLatency.Observe(time.Since(m.Since).Seconds())
		}
		o := proven(v.(string))
		o.settle.Status = hotel.DeliveryAccepted
		return o
	}
	return n.refusal(row, hotel.AsError(err))
}

// refusal says what becomes of a send that failed.
func (n *number) refusal(row hotel.OutboxRow, err *hotel.Error) outcome {
	switch err.Kind {
	case hotel.InDoubt, hotel.Other:
		return inDoubt()
	case hotel.Throttled:
		if err.Scope == hotel.ScopeNumber {
			n.pace.closeFor(max(err.RetryAfter, time.Second), time.Now())
		}
		return released(max(err.RetryAfter, time.Second))
	case hotel.Transient:
		if row.Attempt < 3 {
			return refusedOnce()
		}
		return n.undeliverable(row, "refused three times: "+err.Error(), err.Code)
	case hotel.Unauthorised:
		n.stop(err)
		return released(time.Second)
	case hotel.NotSent, hotel.Unavailable:
		return released(err.RetryAfter)
	}
	return n.undeliverable(row, err.Error(), err.Code)
}

// stop keeps everything of the number queued until its token works again, and tells a person.
func (n *number) stop(err error) {
	if !n.pace.setShut(byToken, true) {
		return
	}
	n.rt.log.Error("number stopped: WhatsApp refuses its token or configuration", "property", string(n.property), "err", err)
	n.rt.tellOperator(hotel.TroubleNumber, n.property, "WhatsApp refuses the number's token or configuration; its messages wait.")
	n.probeAgain()
}

func (n *number) probeAgain() {
	n.rt.afterFunc(n.rt.settings.BreakerOpenFor, func() { n.rt.spawn(n.probe) })
}

// probe opens a stopped number when the API takes its token again.
func (n *number) probe(ctx context.Context) {
	if !n.pace.isShut(byToken) {
		return
	}
	if n.breaker.isOpen() || n.rt.messenger.Probe(ctx, n.property) != nil {
		n.probeAgain()
		return
	}
	n.pace.setShut(byToken, false)
	n.rt.sweepNow()
}

func (n *number) undeliverable(row hotel.OutboxRow, reason, code string) outcome {
	o := dead(reason)
	if row.Kind == hotel.KindSay {
		o.settle.Result = resultRow(row, hotel.KindSendFailed, "failed", hotel.SendResult{Key: row.Key, Kind: row.Kind, Code: code})
	}
	return o
}

// resolve ends a doubt: a status that carries the callback proves the send;
// without one it is sent once more, until it is given up. Its repeat is not
// wasted on an outage: the breaker closes when the API answers, which may refuse
// to send still. Rows that were not sent yet try it; when none comes, one in doubt does.
func (n *number) resolve(_ context.Context, row hotel.OutboxRow, died bool) outcome {
	switch {
	case row.Status.Rank() > 0:
		return proven(row.Proof)
	case givenUp(row, died || n.failing(row.ClaimedAt)):
		o := n.undeliverable(row, inDoubtSo(row), "in_doubt")
		o.settle.InDoubt = true
		return o
	}
	if n.outage.Load() && !n.try(row.Attempt) {
		return outcome{doubt: true, later: time.Second, result: "in_doubt"}
	}
	if ok, wait := n.pace.take(row.Lane, time.Now()); !ok {
		return outcome{doubt: true, later: max(wait, time.Second), result: "in_doubt"}
	}
	return outcome{repeat: true}
}

// failing tells whether a send of then met an outage: its doubt says nothing about the row.
func (n *number) failing(then time.Time) bool {
	return n.outage.Load() || then.UnixNano() < n.over.Load()
}

// try lets one row in doubt try whether an outage is over, when nothing else does:
// one that has tried seldom before one that has often, lest a row be given up alone.
func (n *number) try(attempt int) bool {
	now, tried := time.Now(), n.tried.Load()
	return now.Sub(time.Unix(0, tried)) >= n.doubtWait()*time.Duration(attempt) && n.tried.CompareAndSwap(tried, now.UnixNano())
}

func (n *number) markRead(ctx context.Context, messageID string) {
	if n.pace.isShut(byBreaker | byToken) {
		return
	}
	c, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := n.rt.messenger.MarkRead(c, n.property, messageID); err != nil {
		n.rt.metrics.Sends.WithLabelValues("read_mark", hotel.KindOf(err).String()).Inc()
	}
}
