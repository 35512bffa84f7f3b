package actors

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/conserje/conserje/hotel"
)

// note is what the owner of a booking or change keeps on its row, because
// neither the row's request nor the hotel system tells it: whoever goes on with
// the row, another engine or this one's next life, has to know.
type note struct {
	Attempt int `json:"attempt"` // whose it is: it says nothing of another one
	// Booked: the hotel system holds it, and counts its rooms itself.
	Booked bool `json:"booked,omitempty"`
	// Undoes are the orders that are being cancelled or moved back, noted before
	// the request leaves: it may run there long after its answer was lost, so none
	// of them is ever confirmed any more.
	Undoes []string `json:"undoes,omitempty"`
	// Why is what their guest hears then; nil when nothing of the row is undone but twins.
	Why *hotel.BookingResult `json:"why,omitempty"`
}

// noteOf is the note of a row's present attempt. One that cannot be read says nothing.
func noteOf(row hotel.OutboxRow) note {
	var n note
	if row.Note == "" || json.Unmarshal([]byte(row.Note), &n) != nil || n.Attempt != row.Attempt {
		return note{}
	}
	return n
}

// undone is why an order may not be confirmed any more, what guests hear of it; nil: it may.
func (n note) undone(order string) *hotel.BookingResult {
	if !slices.Contains(n.Undoes, order) {
		return nil
	}
	if n.Why == nil { // a twin, and by now the only one
		return &hotel.BookingResult{Outcome: hotel.OutcomeLostRace}
	}
	return n.Why
}

// undoing notes that an order is about to be undone.
func (w *writes) undoing(ctx context.Context, d *order, r hotel.Reservation, why *hotel.BookingResult) error {
	n := noteOf(d.row)
	if slices.Contains(n.Undoes, r.Order) {
		return nil
	}
	n.Undoes = append(n.Undoes, r.Order)
	if why != nil {
		n.Why = why
	}
	return w.annotate(ctx, d, n)
}

// annotate keeps a note on a row of ours. Conflict: it is not ours any more.
func (w *writes) annotate(ctx context.Context, d *order, n note) error {
	n.Attempt = d.row.Attempt
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // our own types
	}
	text := string(b)
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := w.rt.store.Annotate(c, hotel.Annotation{Key: d.row.Key, Attempt: d.row.Attempt, Owner: w.rt.owner, Note: text}); err != nil {
		w.rt.log.Warn("note not kept", "property", string(w.property), "key", string(d.row.Key), "err", err)
		return err
	}
	d.row.Note = text
	return nil
}

// taken counts the rooms of a type that doubts of any engine may hold on a night
// of the stay, and that the hotel system does not count itself; d's own not. The
// store tells: a doubt frees its room type's lane in the commit by which it is
// found there, whoever's it is, and whether its engine lives or not.
func (w *writes) taken(ctx context.Context, d order) (rooms int, err error) {
	rows, err := w.rt.store.InDoubt(ctx, w.property)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.Key == d.row.Key || noteOf(row).Booked || w.doubts.harmless(row) {
			continue
		}
		other, err := decode(row)
		if err == nil && other.booking.RoomType.ID == d.booking.RoomType.ID && overlap(other.booking.Stay, d.booking.Stay) {
			rooms += other.rooms
		}
	}
	return rooms, nil
}
