package actors

import (
	"context"
	"encoding/json"
	"time"

	"github.com/conserje/conserje/hotel"
)

// writes carries bookings, changes and cancels into one property's hotel system.
// What takes a room of a type shares a lane, so that guests of ours never race
// each other; against everybody else there is the overlap check after each.
//
//	look up (a repeat) -> free at the agreed price? -> create -> twins? -> all rooms? -> overlap? -> total? -> booked
//	                                                     \-> in doubt: look up by reference until it is clear
//
// creates.go books, moves.go changes dates in place, cancels.go cancels,
// resolve.go ends doubts, rivals.go cancels what must not stand.
type writes struct {
	rt       *runtime
	property hotel.PropertyID
	up       *upstream
	cache    *readCache
	doubts   *ledger
	queue    *queue
	snags    snags
}

func (w *writes) permit(_ hotel.Lane, _ time.Time) (bool, time.Duration) {
	return !w.up.shut(), 0
}

func (w *writes) giveBack(hotel.Lane) {}

func (w *writes) leave(hotel.Lane) {}

// doubtWait is short: a look-up by reference is cheap, and says more than waiting.
func (w *writes) doubtWait() time.Duration { return time.Second }

// order is one row's request, read. Of a change that is made anew, booking is
// what is booked; of a move it is what is looked at: the stay wanted, at the total agreed.
type order struct {
	row     hotel.OutboxRow
	booking hotel.BookingRequest
	change  *hotel.ChangeRequest // nil: a booking
	rooms   int
}

// moves tells whether a booking is moved in place.
func (d order) moves() bool { return d.change != nil && d.change.Moves() }

// decode reads a row that books or changes.
func decode(row hotel.OutboxRow) (order, error) {
	d := order{row: row}
	if row.Kind == hotel.KindChange {
		d.change = &hotel.ChangeRequest{}
		if err := json.Unmarshal(row.Body, d.change); err != nil {
			return d, err
		}
		d.booking = d.change.Anew()
		if d.rooms = d.booking.Rooms(); d.moves() {
			d.rooms = d.change.Booking.Rooms
		}
		return d, nil
	}
	err := json.Unmarshal(row.Body, &d.booking)
	d.rooms = d.booking.Rooms()
	return d, err
}

func (w *writes) carry(ctx context.Context, row hotel.OutboxRow) outcome {
	switch row.Kind {
	case hotel.KindBook, hotel.KindChange:
		w.queue.enter(row)
		d, err := decode(row)
		if err != nil {
			return dead("not readable: " + err.Error())
		}
		w.enter(d, false)
		o := w.book(ctx, d)
		if !o.doubt {
			w.doubts.leave(row.Key)
		}
		if o.settle.State != hotel.Pending {
			w.queue.leave(row)
			w.snags.forget(row.Key)
		}
		return o
	case hotel.KindCancel:
		var req hotel.CancelRequest
		if err := json.Unmarshal(row.Body, &req); err != nil {
			return dead("not readable: " + err.Error())
		}
		return w.cancel(ctx, row, req)
	}
	return dead("unknown kind " + string(row.Kind))
}

func (w *writes) book(ctx context.Context, d order) outcome {
	switch {
	case d.change != nil && d.change.Booking.Mixed(): // its price and its free rooms are not those of one type
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: "mixed_rooms"})
	case d.moves():
		return w.move(ctx, d)
	}
	return w.create(ctx, d)
}

// again tells whether a request may have been made before: it is looked up first.
func again(row hotel.OutboxRow) bool { return row.Attempt > 1 || row.Key.Replayed() }

// mayStand tells whether what the row wants may stand already: a request left
// before, or the store is a backup's, older than what was done. A turn that is
// taken again from rows of the backup names the same reference.
func (w *writes) mayStand(row hotel.OutboxRow) bool {
	restored := w.rt.settings.Restored
	return again(row) || !restored.IsZero() && time.Since(restored) < lookUpAfterRestore
}

// lookUpAfterRestore is how long after a restore every create is looked up
// first: conversations of the backup are over by then. A look-up takes 12 ms.
const lookUpAfterRestore = 30 * 24 * time.Hour

// mayLeave is the fence of a request that takes a room. A claim that is old has
// no request behind it that could still leave: so a look-up knows when nothing
// more can come. And a guest's yes does not hold for ever.
func (w *writes) mayLeave(d order) error {
	const op = "actors.mayLeave"
	if w.expired(d) {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Code: codeExpired}
	}
	if w.rt.age(d.row.ClaimedAt) > w.rt.settings.CreateLeaves {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Code: codeOld}
	}
	return nil
}

func (w *writes) expired(d order) bool {
	agreed := d.booking.Agreed
	return !agreed.IsZero() && time.Since(agreed) > hotel.AgreedFor
}

// send makes the one request of a row that takes a room, and keeps when it left.
func (w *writes) send(ctx context.Context, d order, operation string, f func(context.Context) (hotel.Reservation, error)) (hotel.Reservation, error) {
	return ask(ctx, w.up, operation, func(ctx context.Context) (hotel.Reservation, error) {
		if err := w.mayLeave(d); err != nil {
			return hotel.Reservation{}, err
		}
		w.enter(d, false)
		w.leaves(d)
		return f(hotel.WithFence(ctx, func() error { // the client may read something first
			if err := w.mayLeave(d); err != nil {
				return err
			}
			w.leaves(d)
			return nil
		}))
	})
}

// enter notes a request; in doubt its rooms count as taken until its outcome is known.
func (w *writes) enter(d order, doubt bool) {
	w.doubts.enter(d.row.Key, inQuestion{doubt: doubt, roomType: d.booking.RoomType.ID, stay: d.booking.Stay, rooms: d.rooms, known: known{attempt: d.row.Attempt}})
}

func (w *writes) leaves(d order) {
	w.doubts.learn(d.row.Key, func(k *known) { k.left, k.whole = time.Now(), false })
}

// doubtful frees the room type's lane: the row waits in its reference's.
func (w *writes) doubtful(d order) outcome {
	w.enter(d, true)
	o := inDoubt()
	o.moveTo = hotel.ReferenceLane(d.booking.Reference)
	return o
}

// held leaves a row in doubt whose rooms the hotel system counts by itself. That
// the note could not be kept costs others a room that seems taken, for a while.
func (w *writes) held(ctx context.Context, d order) outcome {
	o := w.doubtful(d)
	w.doubts.learn(d.row.Key, func(k *known) { k.booked = true })
	if n := noteOf(d.row); !n.Booked {
		n.Booked = true
		_ = w.annotate(ctx, &d, n)
	}
	return o
}

// doubted enters a row that was taken up, before it is looked at.
func (w *writes) doubted(row hotel.OutboxRow) {
	if row.Kind != hotel.KindBook && row.Kind != hotel.KindChange {
		return
	}
	if d, err := decode(row); err == nil {
		w.enter(d, true)
	}
}

// offered asks afresh whether the rooms are free at the total that was agreed;
// else why says how the request ends. The rooms of the booking that a move is of
// count as taken on its old nights, as the hotel system counts them.
func (w *writes) offered(ctx context.Context, d order) (why *hotel.BookingResult, err error) {
	q := hotel.AvailabilityQuery{Property: w.property, Stay: d.booking.Stay, Rooms: d.rooms, RoomType: d.booking.RoomType.ID}
	found, err := ask(ctx, w.up, opAvailability, func(ctx context.Context) (hotel.Availability, error) { return w.rt.pms.Availability(ctx, q) })
	if hotel.KindOf(err) == hotel.Invalid {
		return &hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: hotel.AsError(err).Code}, nil
	}
	if err != nil {
		return nil, err
	}
	taken, err := w.taken(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, offer := range found.Offers {
		if offer.RoomType.ID != q.RoomType || offer.Free-taken < d.rooms {
			continue
		}
		if dearer(offer.Total, d.booking.Quote) {
			return &hotel.BookingResult{Outcome: hotel.OutcomePriceChanged, NewTotal: offer.Total}, nil
		}
		return nil, nil
	}
	return &hotel.BookingResult{Outcome: hotel.OutcomeSoldOut}, nil
}

// dearer tells whether a total is not covered by what the guest agreed to, to the cent.
func dearer(total, agreed hotel.Money) bool {
	return total.Minor > agreed.Minor || total.Currency != agreed.Currency
}

// refusal is how a request ends that the hotel system did not take; false when
// nobody knows whether it did.
func (w *writes) refusal(d order, err error) (outcome, bool) {
	e := hotel.AsError(err)
	switch e.Kind {
	case hotel.SoldOut:
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeSoldOut}), true
	case hotel.Invalid:
		return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeRefused, Code: e.Code}), true
	case hotel.NotSent, hotel.Unavailable, hotel.Throttled, hotel.Unauthorised: // for a refused key upstream stops, and tells a person
		if e.Code == codeExpired {
			return w.failed(d, hotel.BookingResult{Outcome: hotel.OutcomeExpired}), true
		}
		return w.putBack(d, err), true
	}
	if whole(err) {
		w.doubts.learn(d.row.Key, func(k *known) { k.whole = true })
	}
	w.rt.log.Warn("request in doubt", "property", string(w.property), "row_kind", string(d.row.Kind), "key", string(d.row.Key), "err", err)
	return outcome{}, false
}

// failed settles a request that made nothing, or nothing that stands.
func (w *writes) failed(d order, why hotel.BookingResult) outcome {
	if why.Outcome != hotel.OutcomeRefused && why.Outcome != hotel.OutcomeExpired {
		w.cache.changed() // what was offered is not so any more
	}
	why.Reference = d.booking.Reference
	o := proven(nothing(why.Outcome))
	o.result = string(why.Outcome)
	if d.change == nil {
		o.settle.Result = resultRow(d.row, hotel.KindBookingFailed, string(why.Outcome), why)
		return o
	}
	o.settle.Result = resultRow(d.row, hotel.KindChangeFailed, string(why.Outcome), hotel.ChangeResult{Reference: why.Reference,
		Booking: d.change.Booking.Code, Outcome: why.Outcome, NewTotal: why.NewTotal, Code: why.Code, Reservation: why.Reservation})
	return o
}

// nothing is the proof of a row for which no order may stand: whoever finds one,
// and whatever is proven later, knows that the guest was told so.
func nothing(why hotel.BookingOutcome) string { return noOrder + string(why) }

const noOrder = "none:"

// resultRow is the inbox row that tells the dialogue what became of a row.
func resultRow(row hotel.OutboxRow, kind hotel.RowKind, name string, body any) hotel.InboxRow {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own types
	}
	return hotel.InboxRow{Key: row.Key + "/" + hotel.Key(name), Guest: row.Guest, Kind: kind, Body: b, At: time.Now()}
}
