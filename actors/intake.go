package actors

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// intake takes decoded webhooks in: it commits their rows and nudges who they are for.
type intake struct {
	rt       *runtime
	waiting  atomic.Int64 // unconsumed rows at the last sample
	accepted atomic.Int64 // own accepts since

	mu      sync.Mutex
	orphans []orphan
}

// orphan is a status that matched no row: it may be ahead of its send's settlement.
type orphan struct {
	row  hotel.ReceiptRow
	seen time.Time
	next time.Time // not tried before: each time it waits twice as long
}

const (
	orphanAge = 5 * time.Minute
	orphanMax = 10_000
)

// Accept commits a webhook's messages, statuses and dead letters, and nudges
// who they are for. Nil means committed; hotel.Unavailable that nothing is
// known to be: the webhook is answered 503 and comes again.
func (e *Engine) Accept(ctx context.Context, msgs []hotel.Inbound, receipts []hotel.Receipt, dead []hotel.DeadLetter) error {
	if e.rt.draining() {
		return &hotel.Error{Op: "actors.Accept", Kind: hotel.Unavailable, Code: "draining"}
	}
	a := hotel.Accept{Dead: dead}
	for _, m := range msgs {
		body, err := json.Marshal(m)
		if err != nil {
			return &hotel.Error{Op: "actors.Accept", Kind: hotel.Invalid, Err: err}
		}
		a.Arrivals = append(a.Arrivals, hotel.Arrival{Key: hotel.Key(keys.New()), Property: m.Property, MessageID: m.MessageID,
			Aliases: m.From.Aliases(), Kind: hotel.KindSaid, Body: body, At: m.At})
	}
	for _, r := range receipts {
		a.Receipts = append(a.Receipts, receiptRow(r))
	}
	return e.rt.intake.accept(ctx, a)
}

// receiptRow names the inbox row that a failed status writes.
func receiptRow(r hotel.Receipt) hotel.ReceiptRow {
	row := hotel.ReceiptRow{Receipt: r}
	if r.Status != hotel.DeliveryFailed || r.Key == "" {
		return row
	}
	body, err := json.Marshal(hotel.SendResult{Key: r.Key, Kind: hotel.KindSay, Code: r.Code})
	if err != nil {
		panic(err) // our own type
	}
	row.OnFailed = hotel.InboxRow{Key: r.Key + "/failed", Kind: hotel.KindSendFailed, Body: body, At: r.At}
	return row
}

func (i *intake) accept(ctx context.Context, a hotel.Accept) error {
	if len(a.Arrivals) > 0 {
		i.rt.turnstile.arrive()
		defer i.rt.turnstile.depart()
	}
	a.Owner = i.rt.owner
	done, err := i.rt.store.Accept(ctx, a)
	if err != nil {
		return err
	}
	i.accepted.Add(int64(len(a.Arrivals)))
	for n, arrival := range done.Arrivals {
		if arrival.Duplicate {
			i.rt.metrics.Accepted.WithLabelValues("duplicate").Inc()
		}
		if !arrival.Consumed {
			i.rt.root.Send(i.rt.guests, &HandleInput{Row: arrival.Row, Property: a.Arrivals[n].Property, New: arrival.NewGuest})
		}
	}
	for n, receipt := range done.Receipts {
		i.receipt(a.Receipts[n], receipt)
	}
	return nil
}

// receipt follows up on a status: evidence for a send in doubt, a failure for the dialogue.
func (i *intake) receipt(row hotel.ReceiptRow, done hotel.AppliedReceipt) {
	if !done.Matched {
		i.keep(row)
		return
	}
	if done.Failed.Key != "" {
		i.rt.nudgeGuest(done.Failed, done.Row.Property)
	}
	if p := i.rt.properties[done.Row.Property]; p != nil && done.Row.State == hotel.Sending {
		i.rt.root.Send(i.rt.senderOf(p, done.Row.Lane), &evidence{row: done.Row})
	}
}

func (i *intake) keep(row hotel.ReceiptRow) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.orphans) < orphanMax {
		now := time.Now()
		i.orphans = append(i.orphans, orphan{row: row, seen: now, next: now.Add(time.Second)})
	}
}

// again applies statuses once more that matched no row so far; after 5 min they are dropped and counted.
func (i *intake) again(ctx context.Context) {
	tried := i.ripe(time.Now())
	if len(tried) == 0 {
		return
	}
	a := hotel.Accept{Owner: i.rt.owner}
	for _, o := range tried {
		a.Receipts = append(a.Receipts, o.row)
	}
	done, err := i.rt.store.Accept(ctx, a)
	for n, o := range tried {
		if err == nil && done.Receipts[n].Matched {
			i.receipt(o.row, done.Receipts[n])
			continue
		}
		o.next = o.next.Add(o.next.Sub(o.seen))
		i.mu.Lock()
		i.orphans = append(i.orphans, o)
		i.mu.Unlock()
	}
}

// ripe takes the orphans out that are to be tried now, and drops the old ones.
func (i *intake) ripe(now time.Time) []orphan {
	i.mu.Lock()
	defer i.mu.Unlock()
	var ripe, rest []orphan
	for _, o := range i.orphans {
		switch {
		case now.Sub(o.seen) > orphanAge:
			i.rt.metrics.Accepted.WithLabelValues("orphan").Inc()
		case now.Before(o.next):
			rest = append(rest, o)
		default:
			ripe = append(ripe, o)
		}
	}
	i.orphans = rest
	return ripe
}

// Full tells whether the inbox is over its high-water mark: as sampled each
// second, plus what was accepted since.
func (e *Engine) Full() bool {
	high := int64(e.rt.settings.HighWater)
	return high > 0 && e.rt.intake.waiting.Load()+e.rt.intake.accepted.Load() > high
}

// Say takes a word of the staff for a guest in, as an inbox row like all else
// that changes a guest from outside. hotel.NotFound: no such guest.
func (e *Engine) Say(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return e.staffWord(ctx, guest, hotel.KindStaffSaid, w)
}

// Close ends a guest's handoff. hotel.NotFound: no such guest.
func (e *Engine) Close(ctx context.Context, guest hotel.GuestID, w hotel.StaffWord) error {
	return e.staffWord(ctx, guest, hotel.KindStaffClosed, w)
}

func (e *Engine) staffWord(ctx context.Context, guest hotel.GuestID, kind hotel.RowKind, w hotel.StaffWord) error {
	return e.rt.intake.accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{w.Arrival(hotel.Key(keys.New()), guest, kind, time.Now())}})
}

// Nudge looks after a guest, or a lane of it, whose rows were changed from outside.
func (e *Engine) Nudge(guest hotel.GuestID, _ hotel.Lane) {
	if guest != "" {
		e.rt.root.Send(e.rt.guests, &Wake{Guest: guest})
	}
	e.rt.sweepNow()
}
