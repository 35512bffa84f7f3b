package actors

import (
	"context"

	"github.com/conserje/conserje/hotel"
)

// cancelTries is how often a cancel is asked for before a person must look: with
// the backoff about five minutes.
const cancelTries = 10

// cancel cancels a booking. Whether an earlier request did so, its state tells.
func (w *writes) cancel(ctx context.Context, row hotel.OutboxRow, req hotel.CancelRequest) outcome {
	result := hotel.CancelResult{Reference: req.Reference, Code: req.Code}
	if again(row) && w.isCancelled(ctx, req) {
		return w.cancelled(row, req, result)
	}
	_, err := w.up.call(ctx, opCancel, func(ctx context.Context) (any, error) { return nil, w.rt.pms.Cancel(ctx, req) })
	w.cache.changed(req.Code)
	if err == nil {
		return w.cancelled(row, req, result)
	}
	kind := hotel.KindOf(err)
	switch {
	case kind == hotel.Invalid, kind == hotel.NotFound:
		result.Reason = hotel.AsError(err).Code
		o := dead("cancel refused: " + err.Error())
		o.settle.Result = resultRow(row, hotel.KindCancelFailed, "failed", result)
		return o
	case kind == hotel.InDoubt, kind == hotel.Transient, answered(err):
		if row.Attempt < cancelTries {
			return refusedOnce() // a repeat is harmless
		}
		result.Reason = "unclear"
		if kind == hotel.Unauthorised {
			result.Reason = hotel.AsError(err).Code
		}
		o := dead("cancel not done after many tries: " + err.Error())
		o.settle.Result = resultRow(row, hotel.KindCancelFailed, "failed", result)
		return o
	}
	return released(hotel.AsError(err).RetryAfter)
}

func (w *writes) cancelled(row hotel.OutboxRow, req hotel.CancelRequest, result hotel.CancelResult) outcome {
	o := proven(req.Order)
	o.settle.Result = resultRow(row, hotel.KindCancelled, "cancelled", result)
	return o
}

func (w *writes) isCancelled(ctx context.Context, req hotel.CancelRequest) bool {
	if req.Code == "" {
		return false
	}
	r, err := w.standing(ctx, req.Code)
	return err == nil && r.Order == req.Order && r.Status == hotel.StatusCancelled
}

// standing reads a booking as it stands, past the cache.
func (w *writes) standing(ctx context.Context, code hotel.BookingCode) (hotel.Reservation, error) {
	return ask(ctx, w.up, opBooking, func(ctx context.Context) (hotel.Reservation, error) {
		return w.rt.pms.ByCode(ctx, w.property, code)
	})
}

// cancelOrder cancels an order that is to stand no longer.
func (w *writes) cancelOrder(ctx context.Context, r hotel.Reservation) error {
	_, err := w.up.call(ctx, opCancel, func(ctx context.Context) (any, error) {
		return nil, w.rt.pms.Cancel(ctx, hotel.CancelRequest{Property: w.property, Reference: r.Reference, Order: r.Order, Code: r.Code})
	})
	w.cache.changed(r.Code)
	return err
}

// cancelTwin cancels a live order whose reference has another one, or none that may stand.
func (w *writes) cancelTwin(ctx context.Context, twin hotel.Reservation) error {
	w.rt.log.Warn("order that must not stand is cancelled", "property", string(w.property), "order", twin.Order)
	err := w.cancelOrder(ctx, twin)
	if err == nil {
		w.rt.metrics.PMSRivals.WithLabelValues(string(w.property)).Inc()
	}
	return err
}
