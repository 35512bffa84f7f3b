package actors

import (
	"context"

	"github.com/conserje/conserje/hotel"
)

// move changes a booking's dates in place. It takes rooms as racily as a create,
// and has no reference of its own: what became of it, the booking itself tells.
//
//	how does it stand (a repeat)? -> free at the agreed price? -> move -> overlap? -> total? -> changed
//	                                                               \-> lost, or dearer: move back -> overlap? -> lost_race, price_changed
//	                                                                                    \-> not possible: displaced, a person looks
func (w *writes) move(ctx context.Context, d order) outcome {
	if w.mayStand(d.row) {
		r, err := w.standing(ctx, d.change.Booking.Code)
		if o, done := w.moved(ctx, d, r, err); done {
			return o
		}
	}
	for first := true; ; first = false {
		if o, ok := w.ready(ctx, d); !ok {
			return o
		}
		r, err := w.send(ctx, d, opMove, func(ctx context.Context) (hotel.Reservation, error) { return w.rt.pms.Change(ctx, *d.change) })
		if err == nil && stageOf(d.change, r) == stageMoved {
			return w.secureMove(ctx, d, r)
		}
		if err == nil { // it has answered, and with something else
			return w.doubtful(d)
		}
		if hotel.KindOf(err) == hotel.NotFound || hotel.KindOf(err) == hotel.Conflict {
			return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: hotel.AsError(err).Code})
		}
		if o, ok := w.refusal(d, err); ok {
			return o
		}
		r, lookErr := w.standing(ctx, d.change.Booking.Code)
		if o, done := w.moved(ctx, d, r, lookErr); done {
			return o
		}
		if !whole(err) {
			return w.doubtful(d) // it may be running there still
		}
		if !first || again(d.row) {
			return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: hotel.AsError(err).Code})
		}
	}
}

// stage is how a booking stands between what it was and what it shall be.
type stage int

const (
	stageBefore  stage = iota // as it was
	stageMoved                // as wanted
	stageBetween              // neither: on its way, or somebody else has moved it
	stageGone                 // it does not stand any more
)

// stageOf compares a booking with what was and what was wanted: dates and rooms.
func stageOf(c *hotel.ChangeRequest, r hotel.Reservation) stage {
	switch {
	case r.Status == hotel.StatusCancelled:
		return stageGone
	case r.Stay == c.Stay && r.Rooms == c.Booking.Rooms:
		return stageMoved
	case r.Stay == c.Booking.Stay && r.Rooms == c.Booking.Rooms:
		return stageBefore
	}
	return stageBetween
}

// moved goes on by how the booking stands; done is false when nothing has happened to it, so far.
func (w *writes) moved(ctx context.Context, d order, r hotel.Reservation, err error) (outcome, bool) {
	switch {
	case hotel.KindOf(err) == hotel.NotFound:
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: "booking_gone"}), true
	case err != nil:
		return w.doubtful(d), true
	}
	switch stageOf(d.change, r) {
	case stageMoved:
		return w.secureMove(ctx, d, r), true
	case stageGone:
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: "booking_gone"}), true
	case stageBetween:
		return w.doubtful(d), true
	}
	if why := noteOf(d.row).undone(r.Order); why != nil {
		return w.movedBack(ctx, d, r, *why), true
	}
	return outcome{}, false
}

// secureMove makes sure that a moved booking holds its rooms, at the total agreed.
func (w *writes) secureMove(ctx context.Context, d order, r hotel.Reservation) outcome {
	w.cache.changed(r.Code)
	if why := noteOf(d.row).undone(r.Order); why != nil {
		return w.moveBack(ctx, d, r, *why) // the way back that was cut may run yet: it is never confirmed any more
	}
	lost, err := w.overbooked(ctx, r)
	switch {
	case err != nil:
		return w.held(ctx, d) // it is moved; the check comes with the next look
	case lost:
		return w.moveBack(ctx, d, r, hotel.BookingResult{Outcome: hotel.OutcomeLostRace})
	case dearer(r.Total, d.booking.Quote):
		return w.moveBack(ctx, d, r, hotel.BookingResult{Outcome: hotel.OutcomePriceChanged, NewTotal: r.Total})
	}
	return w.changedTo(d, hotel.ChangeResult{Reference: d.change.Reference, Booking: d.change.Booking.Code,
		Outcome: hotel.OutcomeChanged, Reservation: w.named(d, r)})
}

// named is a booking as the guest's conversation knows it.
func (w *writes) named(d order, r hotel.Reservation) hotel.Reservation {
	if r.Reference == "" {
		r.Reference = d.change.Booking.Reference
	}
	r.Property = w.property
	return r
}

// moveBack puts a booking back to where it was. Its old rooms may be taken by now.
func (w *writes) moveBack(ctx context.Context, d order, r hotel.Reservation, why hotel.BookingResult) outcome {
	if w.undoing(ctx, &d, r, &why) != nil {
		return w.held(ctx, d)
	}
	back, err := w.restore(ctx, d, r)
	w.cache.changed(r.Code)
	if err == nil {
		return w.movedBack(ctx, d, back, why)
	}
	if final(err) {
		// An earlier way back may have worked meanwhile: then its own rows are in the way.
		now, lookErr := w.standing(ctx, r.Code)
		if lookErr == nil && stageOf(d.change, now) == stageBefore {
			return w.movedBack(ctx, d, now, why)
		}
		if lookErr == nil || final(lookErr) {
			return w.displaced(d, r, why)
		}
	}
	later, more := w.tryAgain(ctx, d)
	if !more {
		return w.displaced(d, r, why)
	}
	return later // where it stands tells the rest
}

// restore asks for the booking's old dates.
func (w *writes) restore(ctx context.Context, d order, r hotel.Reservation) (hotel.Reservation, error) {
	was := d.change.Booking
	return ask(ctx, w.up, opMove, func(ctx context.Context) (hotel.Reservation, error) {
		return w.rt.pms.Change(ctx, hotel.ChangeRequest{Reference: d.change.Reference, Property: w.property, Booking: r, Stay: was.Stay,
			Quote: was.Total, Extras: was.Extras, Lang: d.change.Lang, Guest: d.change.Guest, Back: true})
	})
}

// movedBack makes sure that a booking which was put back holds its rooms again.
func (w *writes) movedBack(ctx context.Context, d order, r hotel.Reservation, why hotel.BookingResult) outcome {
	lost, err := w.overbooked(ctx, r)
	if err != nil {
		return w.held(ctx, d)
	}
	if lost || dearer(r.Total, d.change.Booking.Total) {
		return w.displaced(d, r, why)
	}
	return w.failed(d, why)
}

// displaced leaves to people a booking that holds neither its new rooms nor its old ones for sure.
func (w *writes) displaced(d order, r hotel.Reservation, why hotel.BookingResult) outcome {
	w.rt.log.Error("moved booking could not be put back", "property", string(w.property), "key", string(d.row.Key), "why", string(why.Outcome))
	return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeDisplaced, Reservation: w.named(d, r), NewTotal: why.NewTotal})
}
