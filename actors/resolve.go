package actors

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// lookEvery is how often a booking or change in doubt is looked up.
const lookEvery = 2 * time.Second

// resolve ends a doubt by what the hotel system holds: until what was asked for
// is found, or nothing of it can come any more. Then it is asked for once more,
// until it is for a person.
func (w *writes) resolve(ctx context.Context, row hotel.OutboxRow, died bool) outcome {
	if row.Kind == hotel.KindCancel {
		return outcome{repeat: true} // it looks first, and a repeat is harmless
	}
	d, err := decode(row)
	if err != nil {
		return dead("not readable: " + err.Error())
	}
	var o outcome
	if d.moves() {
		o = w.resolveMove(ctx, d, died)
	} else {
		o = w.resolveCreate(ctx, d, died)
	}
	if o.doubt {
		if o.later == 0 {
			o.later = lookEvery
		}
		if o.moveTo == row.Lane {
			o.moveTo = ""
		}
		return o
	}
	w.doubts.leave(row.Key)
	return o
}

func (w *writes) resolveCreate(ctx context.Context, d order, died bool) outcome {
	orders, err := w.orders(ctx, d.booking.Reference)
	switch {
	case roomless(err) && w.over(d.row):
		return w.unclear(d)
	case err != nil:
		return w.doubtful(d)
	case len(orders) == 0:
		if why := noteOf(d.row).Why; why != nil {
			return w.failed(d, *why) // the cancel that was in doubt has worked
		}
		return w.nothingYet(d, died)
	}
	o := w.secure(ctx, d, orders)
	if o.doubt && !d.asked(orders[0]) && w.over(d.row) {
		return w.unclear(d) // part of it stands, or something else
	}
	return o
}

func (w *writes) resolveMove(ctx context.Context, d order, died bool) outcome {
	r, err := w.standing(ctx, d.change.Booking.Code)
	o, done := w.moved(ctx, d, r, err)
	switch {
	case !done:
		return w.nothingYet(d, died)
	case o.doubt && err == nil && stageOf(d.change, r) == stageBetween && w.over(d.row):
		return w.unclear(d)
	case roomless(err) && w.over(d.row):
		return w.unclear(d)
	}
	return o
}

// codeRoomless is the Code of an order that holds no rooms: one on its way, or
// one that QloApps left half made. The latter stays so until a person ends it.
const codeRoomless = livePrefix + "order_without_rooms"

func roomless(err error) bool { return hotel.AsError(err).Code == codeRoomless }

// nothingYet goes on when nothing of a request is there.
func (w *writes) nothingYet(d order, died bool) outcome {
	switch {
	case !w.over(d.row):
		return w.doubtful(d)
	case !givenUp(d.row, died):
		return w.onceMore(d)
	case w.doubts.of(d.row).whole:
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused})
	}
	return w.unclear(d)
}

// over tells whether nothing of a request can come any more: the hotel system has
// answered to it, or it left long enough ago. When it left is not known of one
// that is another engine's, or of another life: by CreateLeaves of its claim.
func (w *writes) over(row hotel.OutboxRow) bool {
	settles := w.rt.settings.CreateSettles
	k := w.doubts.of(row)
	switch {
	case k.whole:
		return true
	case !k.left.IsZero():
		return time.Since(k.left) >= settles
	}
	return w.rt.age(row.ClaimedAt) >= settles+w.rt.settings.CreateLeaves
}

// onceMore puts a request that made nothing back into its room type's lane: what
// takes rooms leaves one at a time, repeats too.
func (w *writes) onceMore(d order) outcome {
	w.queue.enter(hotel.OutboxRow{Key: d.row.Key, Lane: hotel.BookingLane(w.property, d.booking.RoomType.ID)})
	o := refusedOnce()
	o.refused, o.result = false, "repeated"
	o.settle.NotBefore = time.Now()
	o.settle.MoveTo = hotel.BookingLane(w.property, d.booking.RoomType.ID)
	return o
}

// unclear leaves a request to people.
func (w *writes) unclear(d order) outcome {
	o := w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeUnclear})
	o.settle.State, o.settle.Proof, o.settle.Reason, o.settle.InDoubt, o.result = hotel.Dead, "", inDoubtSo(d.row), true, "dead"
	return o
}
