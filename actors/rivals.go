package actors

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// late is asked when a row had ended elsewhere before we could end it: another
// engine had taken it over. What the row says stands, and nothing else of its reference.
func (w *writes) late(ctx context.Context, row hotel.OutboxRow) {
	if row.Kind != hotel.KindBook && row.Kind != hotel.KindChange {
		return
	}
	d, err := decode(row)
	if err != nil {
		return
	}
	for tries := range lateTries {
		now, err := w.rt.store.Row(ctx, row.Key)
		if err == nil {
			if done := w.straighten(ctx, d, now); done {
				return
			}
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

// straighten makes the hotel system hold what a row says that has ended.
func (w *writes) straighten(ctx context.Context, d order, row hotel.OutboxRow) (done bool) {
	keep, ended := mayKeep(row)
	if !ended {
		return true // it is in somebody's hands, or a person's
	}
	if !d.moves() {
		return w.cancelAllBut(ctx, d.booking.Reference, keep) == nil
	}
	if keep != "" {
		return true // moved, as the guest heard
	}
	r, err := w.standing(ctx, d.change.Booking.Code)
	if err != nil {
		return hotel.KindOf(err) == hotel.NotFound
	}
	if stageOf(d.change, r) != stageMoved {
		return true
	}
	switch told, out, err := w.heardSince(ctx, d, r); {
	case err != nil || out:
		return false // another change of it is on its way: how it stands afterwards counts
	case told:
		return true
	}
	back, err := w.restore(ctx, d, r)
	w.cache.changed(r.Code)
	if err != nil {
		return false
	}
	if lost, err := w.overbooked(ctx, back); lost || err != nil {
		w.rt.log.Error("late move was put back, and its rooms are not sure", "property", string(w.property), "key", string(row.Key), "lost", lost, "err", err)
		w.rt.tellOperator(hotel.TroubleTwice, w.property, "A booking was put back to its dates late, and may share a room with another one: look at order "+back.Order+".")
	}
	return true
}

// heardSince asks the guest's conversation for a later change of the booking that
// a late move is of: told when the guest knows it to stand as r does, out when a
// change of it is not over.
func (w *writes) heardSince(ctx context.Context, d order, r hotel.Reservation) (told, out bool, err error) {
	a, err := w.rt.store.Activate(ctx, d.row.Guest, heardRows)
	if hotel.KindOf(err) == hotel.NotFound {
		return false, false, nil // erased
	}
	if err != nil {
		return false, false, err
	}
	s, err := conversation.DecodeState(a.Guest.ID, a.Guest.Version, a.Guest.State)
	if err != nil {
		return false, false, err
	}
	for _, b := range s.Bookings {
		told = told || b.Code == r.Code && b.Stay == r.Stay
	}
	if c := s.Changing; c != nil && c.Request.Reference != d.change.Reference && c.Request.Booking.Code == r.Code {
		out = true
	}
	for _, row := range a.Pending {
		var heard hotel.ChangeResult
		if row.Kind != hotel.KindChanged || json.Unmarshal(row.Body, &heard) != nil {
			continue
		}
		if heard.Reference != d.change.Reference && heard.Reservation.Code == r.Code {
			told, out = heard.Reservation.Stay == r.Stay, false // it ends what was out
		}
	}
	return told, out, nil
}

// heardRows is how many rows that the conversation has not read yet are looked at.
const heardRows = 100

// mayKeep tells which order a row's reference may have: the one that the guest
// heard of, or none. It is not known while the row is out, or when a person looks after it.
func mayKeep(row hotel.OutboxRow) (order string, known bool) {
	switch row.State {
	case hotel.Withdrawn:
		return "", true
	case hotel.Settled:
		if strings.HasPrefix(row.Proof, noOrder) {
			return "", true
		}
		return row.Proof, true
	}
	return "", false
}

// cancelAllBut cancels every live order of a reference but one; "" = every one.
func (w *writes) cancelAllBut(ctx context.Context, ref hotel.Reference, keep string) error {
	orders, err := w.orders(ctx, ref)
	if err != nil {
		return err
	}
	for _, twin := range orders {
		if twin.Order == keep {
			continue
		}
		if err := w.cancelTwin(ctx, twin); err != nil {
			return err
		}
	}
	return nil
}

// rival looks at a live order that somebody made or touched, whether it may
// stand. What is not ours, or not known any more, does. The row is read before
// the orders: one that is still out may make its order yet.
func (w *writes) rival(ctx context.Context, ref hotel.Reference) error {
	row, found, err := w.requestOf(ctx, ref)
	if err != nil || !found {
		return err
	}
	keep, ended := mayKeep(row)
	if !ended {
		return nil
	}
	return w.cancelAllBut(ctx, ref, keep)
}

// rowsOfATurn is how many rows a turn has at most, among which a request is looked for.
const rowsOfATurn = 12

// requestOf finds the row that booked under a reference, in its last life. The
// reference names the turn.
func (w *writes) requestOf(ctx context.Context, ref hotel.Reference) (hotel.OutboxRow, bool, error) {
	base, ours := ref.Base()
	if !ours {
		return hotel.OutboxRow{}, false, nil
	}
	for n := 1; n <= rowsOfATurn; n++ {
		row, err := w.rt.store.Row(ctx, base+hotel.Key("/"+strconv.Itoa(n)))
		switch {
		case hotel.KindOf(err) == hotel.NotFound:
			continue // trimmed, or the turn had fewer
		case err != nil:
			return hotel.OutboxRow{}, false, err
		}
		if row.Property == w.property && referenceOf(row) == ref {
			return w.lastLife(ctx, row)
		}
	}
	return hotel.OutboxRow{}, false, nil
}

// lastLife follows a dead row's replays.
func (w *writes) lastLife(ctx context.Context, row hotel.OutboxRow) (hotel.OutboxRow, bool, error) {
	for {
		next, err := w.rt.store.Row(ctx, row.Key.Next())
		if hotel.KindOf(err) == hotel.NotFound {
			return row, true, nil
		}
		if err != nil {
			return row, false, err
		}
		row = next
	}
}

// referenceOf is the reference under which a row books; "" for what books nothing.
func referenceOf(row hotel.OutboxRow) hotel.Reference {
	if row.Kind != hotel.KindBook && row.Kind != hotel.KindChange {
		return ""
	}
	var body struct {
		Reference hotel.Reference `json:"reference"`
	}
	if json.Unmarshal(row.Body, &body) != nil {
		return ""
	}
	return body.Reference
}
