package actors

import (
	"context"
	"encoding/json"
	"time"

	"github.com/conserje/conserje/hotel"
)

// writes carries creates and cancels into one property's hotel system. Creates
// of one room type share a lane, so that guests of ours never race each other;
// against everybody else there is the overlap check after each create.
//
//	look up (a repeat) -> free at the agreed price? -> create -> twins? -> overlap? -> booked
//	                                                     \-> in doubt: look up by reference until it is clear
type writes struct {
	rt       *runtime
	property hotel.PropertyID
	up       *upstream
	cache    *readCache
}

func (w *writes) permit(_ hotel.Lane, _ time.Time) (bool, time.Duration) {
	return !w.up.shut(), 0
}

func (w *writes) giveBack(hotel.Lane) {}

func (w *writes) leave(hotel.Lane) {}

// doubtWait is short: a look-up by reference is cheap, and says more than waiting.
func (w *writes) doubtWait() time.Duration { return time.Second }

func (w *writes) carry(ctx context.Context, row hotel.OutboxRow) outcome {
	switch row.Kind {
	case hotel.KindBook:
		var req hotel.BookingRequest
		if err := json.Unmarshal(row.Body, &req); err != nil {
			return dead("not readable: " + err.Error())
		}
		return w.book(ctx, row, req)
	case hotel.KindCancel:
		var req hotel.CancelRequest
		if err := json.Unmarshal(row.Body, &req); err != nil {
			return dead("not readable: " + err.Error())
		}
		return w.cancel(ctx, row, req)
	}
	return dead("unknown kind " + string(row.Kind))
}

func (w *writes) book(ctx context.Context, row hotel.OutboxRow, req hotel.BookingRequest) outcome {
	if w.mayStand(row) {
		if o, done := w.lookUp(ctx, row, req); done {
			return o
		}
	}
	if o, ok := w.stillOffered(ctx, row, req); !ok {
		return o
	}
	v, err := w.up.call(ctx, func(ctx context.Context) (any, error) { return w.rt.pms.Create(ctx, req) })
	if err == nil {
		return w.secure(ctx, row, req, v.(hotel.Reservation))
	}
	switch hotel.KindOf(err) {
	case hotel.SoldOut:
		w.cache.changed("")
		return w.failed(row, req, hotel.BookingResult{Outcome: hotel.OutcomeSoldOut})
	case hotel.Invalid:
		return w.failed(row, req, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: hotel.AsError(err).Code})
	case hotel.NotSent, hotel.Unavailable, hotel.Throttled:
		return released(hotel.AsError(err).RetryAfter)
	case hotel.Unauthorised:
		return released(0) // upstream stops, and tells a person
	}
	w.rt.log.Warn("create in doubt", "property", string(w.property), "key", string(row.Key), "err", err)
	if o, done := w.lookUp(ctx, row, req); done {
		return o
	}
	return w.doubtful(req)
}

// again tells whether a create may have been made before: it is looked up first.
func again(row hotel.OutboxRow) bool { return row.Attempt > 1 || row.Key.Replayed() }

// mayStand tells whether a booking of this row's reference may stand already: a
// request left before, or the store is a backup's, older than what was done. A
// turn that is taken again from rows of the backup names the same reference.
func (w *writes) mayStand(row hotel.OutboxRow) bool {
	restored := w.rt.settings.Restored
	return again(row) || !restored.IsZero() && time.Since(restored) < lookUpAfterRestore
}

// lookUpAfterRestore is how long after a restore every create is looked up
// first: conversations of the backup are over by then. A look-up takes 12 ms.
const lookUpAfterRestore = 30 * 24 * time.Hour

// doubtful frees the room type's lane: the row waits in its reference's.
func (w *writes) doubtful(req hotel.BookingRequest) outcome {
	o := inDoubt()
	o.moveTo = hotel.ReferenceLane(req.Reference)
	return o
}

// stillOffered asks afresh whether the room is free at the price that was agreed.
func (w *writes) stillOffered(ctx context.Context, row hotel.OutboxRow, req hotel.BookingRequest) (outcome, bool) {
	q := hotel.AvailabilityQuery{Property: w.property, Stay: req.Stay, Rooms: req.Rooms(), RoomType: req.RoomType.ID}
	v, err := w.up.call(ctx, func(ctx context.Context) (any, error) { return w.rt.pms.Availability(ctx, q) })
	if err != nil {
		return released(hotel.AsError(err).RetryAfter), false
	}
	for _, offer := range v.(hotel.Availability).Offers {
		if offer.RoomType.ID != req.RoomType.ID || offer.Free < req.Rooms() {
			continue
		}
		if offer.Total.Minor > req.Quote.Minor || offer.Total.Currency != req.Quote.Currency {
			w.cache.changed("")
			return w.failed(row, req, hotel.BookingResult{Outcome: hotel.OutcomePriceChanged, NewTotal: offer.Total}), false
		}
		return outcome{}, true
	}
	w.cache.changed("")
	return w.failed(row, req, hotel.BookingResult{Outcome: hotel.OutcomeSoldOut}), false
}

// lookUp finds what a create of this reference has made. done is false when it made nothing, so far.
func (w *writes) lookUp(ctx context.Context, row hotel.OutboxRow, req hotel.BookingRequest) (outcome, bool) {
	orders, err := w.orders(ctx, req.Reference)
	if err != nil {
		return w.doubtful(req), true
	}
	if len(orders) == 0 {
		return outcome{}, false
	}
	return w.secure(ctx, row, req, orders[0]), true
}

func (w *writes) orders(ctx context.Context, ref hotel.Reference) ([]hotel.Reservation, error) {
	v, err := w.up.call(ctx, func(ctx context.Context) (any, error) {
		return w.rt.pms.ByReference(ctx, w.property, ref)
	})
	if err != nil {
		return nil, err
	}
	return v.([]hotel.Reservation), nil
}

// secure makes sure that a booking stands alone and holds its room before it is confirmed.
func (w *writes) secure(ctx context.Context, row hotel.OutboxRow, req hotel.BookingRequest, r hotel.Reservation) outcome {
	w.cache.changed(r.Code)
	if w.mayStand(row) {
		if err := w.cancelTwins(ctx, req.Reference, r.Order); err != nil {
			return w.doubtful(req)
		}
	}
	v, err := w.up.call(ctx, func(ctx context.Context) (any, error) { return w.rt.pms.Overbooked(ctx, r) })
	if err != nil {
		return w.doubtful(req) // it is booked; the check comes with the next look-up
	}
	if v.(bool) {
		return w.undo(ctx, row, req, r, hotel.BookingResult{Outcome: hotel.OutcomeLostRace})
	}
	if r.Total.Minor > req.Quote.Minor+int64(roundingPerRoom*req.Rooms()) {
		return w.undo(ctx, row, req, r, hotel.BookingResult{Outcome: hotel.OutcomePriceChanged, NewTotal: r.Total})
	}
	r.Reference, r.Property = req.Reference, w.property
	o := proven(r.Order)
	o.settle.Result = w.result(row, hotel.KindBooked, "booked", hotel.BookingResult{
		Reference: req.Reference, Outcome: hotel.OutcomeConfirmed, Reservation: r})
	return o
}

// roundingPerRoom is how many minor units a booking's total may differ from its
// quote for each room: a real server may round tax line by line.
const roundingPerRoom = 2

// cancelTwins cancels every other live order of a reference: it makes one booking.
func (w *writes) cancelTwins(ctx context.Context, ref hotel.Reference, keep string) error {
	orders, err := w.orders(ctx, ref)
	if err != nil {
		return err
	}
	for _, twin := range orders {
		if twin.Order == keep {
			continue
		}
		w.rt.log.Warn("second order of one reference cancelled", "property", string(w.property), "order", twin.Order)
		if err := w.cancelOrder(ctx, twin); err != nil {
			return err
		}
	}
	return nil
}

// late is asked when a booking is proven whose row was settled before: another
// engine had taken it over and booked itself. The one that the row holds stands.
func (w *writes) late(ctx context.Context, row hotel.OutboxRow) {
	var req hotel.BookingRequest
	if row.Kind != hotel.KindBook || json.Unmarshal(row.Body, &req) != nil {
		return
	}
	for tries := range lateTries {
		now, err := w.rt.store.Row(ctx, row.Key)
		if err == nil && now.Proof == "" {
			return // it stands for no booking: a person has been told
		}
		if err == nil && w.cancelTwins(ctx, req.Reference, now.Proof) == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff(tries)): // the lease of an engine that was paused is renewed first
		}
	}
	w.rt.log.Error("second order of one reference may stand", "property", string(w.property), "key", string(row.Key))
	w.rt.tellOperator(hotel.TroubleTwice, w.property, "A booking may stand twice in the hotel system: look for two orders with one reference.")
}

// lateTries is how often a late booking is looked after: some minutes.
const lateTries = 10

// undo cancels a booking that must not stand, and then says why.
func (w *writes) undo(ctx context.Context, row hotel.OutboxRow, req hotel.BookingRequest, r hotel.Reservation, why hotel.BookingResult) outcome {
	if err := w.cancelOrder(ctx, r); err != nil {
		return w.doubtful(req)
	}
	return w.failed(row, req, why)
}

func (w *writes) cancelOrder(ctx context.Context, r hotel.Reservation) error {
	_, err := w.up.call(ctx, func(ctx context.Context) (any, error) {
		return nil, w.rt.pms.Cancel(ctx, hotel.CancelRequest{Property: w.property, Reference: r.Reference, Order: r.Order, Code: r.Code})
	})
	w.cache.changed(r.Code)
	return err
}

// resolve looks a create in doubt up: until it is found, or nothing of it can
// come any more. Then it is made once more, until it is for a person.
func (w *writes) resolve(ctx context.Context, row hotel.OutboxRow, died bool) outcome {
	if row.Kind == hotel.KindCancel {
		return outcome{repeat: true} // a repeat is harmless
	}
	var req hotel.BookingRequest
	if err := json.Unmarshal(row.Body, &req); err != nil {
		return dead("not readable: " + err.Error())
	}
	if o, done := w.lookUp(ctx, row, req); done {
		if o.doubt {
			o.later = 2 * time.Second
			o.moveTo = moveUnlessThere(row.Lane, o.moveTo)
		}
		return o
	}
	if w.rt.age(row.ClaimedAt) < w.rt.settings.CreateSettles {
		return outcome{doubt: true, later: 2 * time.Second, result: "in_doubt",
			moveTo: moveUnlessThere(row.Lane, hotel.ReferenceLane(req.Reference))}
	}
	if !givenUp(row, died) {
		return outcome{repeat: true}
	}
	o := w.failed(row, req, hotel.BookingResult{Outcome: hotel.OutcomeUnclear})
	o.settle.State, o.settle.Reason, o.settle.InDoubt, o.result = hotel.Dead, inDoubtSo(row), true, "dead"
	return o
}

func moveUnlessThere(at, to hotel.Lane) hotel.Lane {
	if at == to {
		return ""
	}
	return to
}

func (w *writes) cancel(ctx context.Context, row hotel.OutboxRow, req hotel.CancelRequest) outcome {
	_, err := w.up.call(ctx, func(ctx context.Context) (any, error) { return nil, w.rt.pms.Cancel(ctx, req) })
	result := hotel.CancelResult{Reference: req.Reference, Code: req.Code}
	if err == nil {
		w.cache.changed(req.Code)
		o := proven(req.Order)
		o.settle.Result = w.result(row, hotel.KindCancelled, "cancelled", result)
		return o
	}
	switch hotel.KindOf(err) {
	case hotel.Invalid, hotel.NotFound:
		result.Reason = hotel.AsError(err).Code
		o := dead("cancel refused: " + err.Error())
		o.settle.Result = w.result(row, hotel.KindCancelFailed, "failed", result)
		return o
	case hotel.InDoubt, hotel.Transient:
		if row.Attempt < cancelTries {
			return refusedOnce() // a repeat is harmless
		}
		result.Reason = "unclear"
		o := dead("cancel not answered after many tries: " + err.Error())
		o.settle.Result = w.result(row, hotel.KindCancelFailed, "failed", result)
		return o
	}
	return released(hotel.AsError(err).RetryAfter)
}

// cancelTries is how often a cancel is asked for before a person must look: with
// the backoff about five minutes.
const cancelTries = 10

// failed settles a create that made nothing, or nothing that stands.
func (w *writes) failed(row hotel.OutboxRow, req hotel.BookingRequest, why hotel.BookingResult) outcome {
	why.Reference = req.Reference
	o := proven("")
	o.result = string(why.Outcome)
	o.settle.Result = w.result(row, hotel.KindBookingFailed, string(why.Outcome), why)
	return o
}

func (w *writes) result(row hotel.OutboxRow, kind hotel.RowKind, name string, body any) hotel.InboxRow {
	return resultRow(row, kind, name, body)
}

// resultRow is the inbox row that tells the dialogue what became of a row.
func resultRow(row hotel.OutboxRow, kind hotel.RowKind, name string, body any) hotel.InboxRow {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own types
	}
	return hotel.InboxRow{Key: row.Key + "/" + hotel.Key(name), Guest: row.Guest, Kind: kind, Body: b, At: time.Now()}
}
