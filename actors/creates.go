package actors

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// create books, and makes sure that the booking stands alone and holds its rooms.
func (w *writes) create(ctx context.Context, d order) outcome {
	if w.mayStand(d.row) {
		if o, done := w.lookUp(ctx, d); done {
			return o
		}
	}
	lost, refused := 0, again(d.row) // refused once already: the next clear no is the last
	for first := true; ; first = false {
		if o, ok := w.ready(ctx, d); !ok {
			return o
		}
		made, err := w.send(ctx, d, opCreate, func(ctx context.Context) (hotel.Reservation, error) { return w.rt.pms.Create(ctx, d.booking) })
		if err == nil {
			o := w.created(ctx, d, made, first)
			if o.result != string(hotel.OutcomeLostRace) || !w.raceAgain(ctx, lost) {
				return o
			}
			if w.annotate(ctx, &d, note{}) != nil { // what it undid is over; else the next one would be taken for it
				return o
			}
			lost++
			refused = again(d.row)
			continue
		}
		if lost > 0 && hotel.KindOf(err) == hotel.SoldOut && w.raceAgain(ctx, lost) {
			lost++ // others were quicker again: what is free now tells whether to go on
			continue
		}
		if o, ok := w.refusal(d, err); ok {
			return o
		}
		if o, done := w.lookUp(ctx, d); done {
			return o
		}
		if !whole(err) {
			return w.doubtful(d) // it may be running there still
		}
		if refused {
			return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: hotel.AsError(err).Code})
		}
		refused = true
	}
}

// lostRaces is how often a booking that lost its room is made again before the guest hears of it.
const lostRaces = 4

// raceAgain waits a moment, of another length for each, before a booking that lost
// its room is made again: the hotel system gives those who come at the same instant
// one room, though others of its type are free.
func (w *writes) raceAgain(ctx context.Context, lost int) bool {
	if lost >= lostRaces {
		return false
	}
	t := time.NewTimer(rand.N(time.Duration(1+lost) * 200 * time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// whole tells whether an error is a complete answer of the hotel system's own:
// what it was asked for is over, and what it made is there to be found.
func whole(err error) bool { return strings.HasPrefix(hotel.AsError(err).Code, livePrefix) }

// ready tells whether a request may leave now, for what the guest agreed to.
func (w *writes) ready(ctx context.Context, d order) (outcome, bool) {
	if w.expired(d) {
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeExpired}), false
	}
	why, err := w.offered(ctx, d)
	if err != nil {
		return w.putBack(d, err), false
	}
	if why != nil {
		return w.failed(d, *why), false
	}
	return outcome{}, true
}

// created goes on with a booking that was just made. A request that was not the
// first of its reference may have found another one on its way.
func (w *writes) created(ctx context.Context, d order, made hotel.Reservation, first bool) outcome {
	if first && !w.mayStand(d.row) {
		return w.secure(ctx, d, []hotel.Reservation{made})
	}
	orders, err := w.orders(ctx, d.booking.Reference)
	switch {
	case err != nil:
		return w.doubtful(d)
	case len(orders) == 0: // cancelled already: what a look-up says next counts
		return w.doubtful(d)
	}
	return w.secure(ctx, d, orders)
}

// lookUp finds what requests of this reference have made. done is false when it is nothing, so far.
func (w *writes) lookUp(ctx context.Context, d order) (outcome, bool) {
	orders, err := w.orders(ctx, d.booking.Reference)
	if err != nil {
		return w.doubtful(d), true
	}
	if len(orders) == 0 {
		return outcome{}, false
	}
	return w.secure(ctx, d, orders), true
}

// orders reads the live orders of a reference, lowest first.
func (w *writes) orders(ctx context.Context, ref hotel.Reference) ([]hotel.Reservation, error) {
	return ask(ctx, w.up, opReference, func(ctx context.Context) ([]hotel.Reservation, error) {
		return w.rt.pms.ByReference(ctx, w.property, ref)
	})
}

// secure makes sure that a booking stands alone, whole and as agreed, and holds
// its rooms, before it is confirmed. Of several orders the lowest stays.
func (w *writes) secure(ctx context.Context, d order, orders []hotel.Reservation) outcome {
	r := orders[0]
	w.cache.changed(r.Code)
	for _, twin := range orders[1:] {
		if w.undoing(ctx, &d, twin, nil) != nil {
			return w.held(ctx, d)
		}
		if err := w.cancelTwin(ctx, twin); err != nil {
			return w.heldUnless(ctx, d, err)
		}
	}
	if why := noteOf(d.row).undone(r.Order); why != nil {
		return w.undo(ctx, d, r, *why) // the cancel that was cut may run yet: it is never confirmed any more
	}
	if !d.asked(r) {
		return w.doubtful(d) // some of its rooms may be on their way
	}
	lost, err := w.overbooked(ctx, r)
	switch {
	case err != nil:
		return w.held(ctx, d) // it is booked; the check comes with the next look-up
	case lost:
		return w.undo(ctx, d, r, hotel.BookingResult{Outcome: hotel.OutcomeLostRace})
	case dearer(r.Total, d.booking.Quote):
		return w.undo(ctx, d, r, hotel.BookingResult{Outcome: hotel.OutcomePriceChanged, NewTotal: r.Total})
	}
	r.Reference, r.Property = d.booking.Reference, w.property
	if d.change != nil {
		return w.replace(ctx, d, r)
	}
	o := proven(r.Order)
	o.settle.Result = resultRow(d.row, hotel.KindBooked, "booked", hotel.BookingResult{
		Reference: r.Reference, Outcome: hotel.OutcomeConfirmed, Reservation: r})
	return o
}

// asked tells whether a booking is what was asked for: all its rooms, of the type
// and on the nights agreed.
func (d order) asked(r hotel.Reservation) bool {
	return r.Rooms == d.rooms && r.Stay == d.booking.Stay && r.RoomType.ID == d.booking.RoomType.ID && !r.Mixed()
}

func (w *writes) overbooked(ctx context.Context, r hotel.Reservation) (bool, error) {
	return ask(ctx, w.up, opOverbooked, func(ctx context.Context) (bool, error) { return w.rt.pms.Overbooked(ctx, r) })
}

// undo cancels a booking that must not stand, and then says why.
func (w *writes) undo(ctx context.Context, d order, r hotel.Reservation, why hotel.BookingResult) outcome {
	if w.undoing(ctx, &d, r, &why) != nil {
		return w.held(ctx, d)
	}
	if err := w.cancelOrder(ctx, r); err != nil && hotel.KindOf(err) != hotel.NotFound {
		return w.heldUnless(ctx, d, err)
	}
	return w.failed(d, why)
}

// heldUnless holds a booking that something is still to be cancelled for, until
// the hotel system has refused that so often that it is for a person. That nobody
// answers is no refusal.
func (w *writes) heldUnless(ctx context.Context, d order, err error) outcome {
	if !final(err) && !answered(err) {
		return w.held(ctx, d)
	}
	later, more := w.tryAgain(ctx, d)
	if !more {
		w.rt.log.Error("order that must not stand could not be cancelled", "property", string(w.property), "key", string(d.row.Key), "err", err)
		return w.unclear(d)
	}
	return later
}

// replace cancels the booking that a new one stands for. The new one is secured:
// what becomes of the old one, after some tries, is for a person.
func (w *writes) replace(ctx context.Context, d order, r hotel.Reservation) outcome {
	result := hotel.ChangeResult{Reference: r.Reference, Booking: d.change.Booking.Code, Outcome: hotel.OutcomeChanged, Reservation: r}
	err := w.cancelOrder(ctx, d.change.Booking)
	if err != nil {
		if later, more := w.tryAgain(ctx, d); more && !final(err) {
			return later
		}
		w.rt.log.Error("booking that was made anew could not be cancelled", "property", string(w.property), "key", string(d.row.Key), "err", err)
		result.OldStands = true
	}
	return w.changedTo(d, result)
}

func (w *writes) changedTo(d order, result hotel.ChangeResult) outcome {
	o := proven(result.Reservation.Order)
	o.result = string(result.Outcome)
	o.settle.Result = resultRow(d.row, hotel.KindChanged, "changed", result)
	return o
}

// final tells whether the hotel system has refused, and will again.
func final(err error) bool {
	switch hotel.KindOf(err) {
	case hotel.Invalid, hotel.NotFound, hotel.SoldOut, hotel.Conflict:
		return true
	}
	return false
}

// tryAgain leaves a row in doubt, for what is still to be done about it: more and
// more seldom, and not for ever.
func (w *writes) tryAgain(ctx context.Context, d order) (later outcome, more bool) {
	o := w.held(ctx, d)
	k := w.doubts.learn(d.row.Key, func(k *known) { k.tries++ })
	o.later = backoff(k.tries - 1)
	return o, k.tries < cancelTries && w.rt.age(d.row.ClaimedAt) < cancelsFor
}

// cancelsFor is how long after its claim a change tries to clean up behind itself.
const cancelsFor = 10 * time.Minute
