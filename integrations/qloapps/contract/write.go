package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
)

func (r *run) bookOne(ctx context.Context) (string, error) {
	offer, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	_, r.mark, err = r.Changes(ctx, "")
	if err != nil {
		return "", err
	}
	made, doubt, err := r.book(ctx, r.request(r.roomed, r.stay, offer.Total, hotel.Party{Adults: 1}))
	if err != nil {
		return "", err
	}
	r.first = made
	if made.Code == "" || made.Order == "" || len(made.Rows) != 1 {
		return "", fmt.Errorf("the booking has code %q, order %q and %d rooms", made.Code, made.Order, len(made.Rows))
	}
	if err := same("one room", offer.Total, made.Total); err != nil {
		return "", err
	}
	if lost, err := r.Overbooked(ctx, made); err != nil || lost {
		return "", errors.Join(err, fmt.Errorf("alone, and overbooked: %t", lost))
	}
	after, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	if after.Free != offer.Free-1 {
		return "", fmt.Errorf("%d were free before the booking, %d are after it", offer.Free, after.Free)
	}
	return fmt.Sprintf("order %s, code %s, %s%s", made.Order, made.Code, made.Total, doubted(doubt)), nil
}

func doubted(code string) string {
	if code == "" {
		return ""
	}
	return "; answered by " + code + " and found by its reference"
}

func (r *run) readBack(ctx context.Context) (string, error) {
	byCode, err := r.ByCode(ctx, r.first.Code)
	if err != nil {
		return "", err
	}
	found, err := r.ByReference(ctx, "", r.first.Reference)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d orders stand under the reference", len(found))
	}
	for how, got := range map[string]hotel.Reservation{"by code": byCode, "by reference": found[0]} {
		switch {
		case got.Order != r.first.Order || got.Reference != r.first.Reference || got.Status != hotel.StatusBooked:
			return "", fmt.Errorf("%s: order %s, reference %s, %s", how, got.Order, got.Reference, got.Status)
		case got.Stay != r.stay || got.Adults != 1 || got.Children != 0 || got.Rooms != 1 || got.RoomType.ID != r.roomed.ID:
			return "", fmt.Errorf("%s: %d rooms of type %s, %d adults and %d children from %s to %s", how, got.Rooms, got.RoomType.ID, got.Adults, got.Children, got.Stay.CheckIn, got.Stay.CheckOut)
		}
		if err := same(how, r.first.Total, got.Total); err != nil {
			return "", err
		}
	}
	return "by code and by reference: rooms, days, people, total", nil
}

// bookFamily books two rooms, one with a child where the type takes one.
func (r *run) bookFamily(ctx context.Context) (string, error) {
	parties := []hotel.Party{{Adults: 1}, {Adults: 1}}
	for _, t := range r.types {
		if t.MaxChildren == 0 || t.MaxGuests < 2 {
			continue
		}
		if offer, err := r.quote(ctx, t.ID, r.stay, 2); err == nil && offer.Free >= 2 {
			parties[1] = hotel.Party{Adults: 1, Children: 1, Ages: []int{5}}
			return r.bookAs(ctx, t.RoomType, parties)
		}
	}
	if offer, err := r.quote(ctx, r.roomed.ID, r.stay, 2); err != nil || offer.Free < 2 {
		return "", skip("no two rooms are free any more")
	}
	return r.bookAs(ctx, r.roomed, parties)
}

func (r *run) bookAs(ctx context.Context, rt hotel.RoomType, parties []hotel.Party) (string, error) {
	offer, err := r.quote(ctx, rt.ID, r.stay, len(parties))
	if err != nil {
		return "", err
	}
	made, doubt, err := r.book(ctx, r.request(rt, r.stay, offer.Total, parties...))
	if err != nil {
		return "", err
	}
	read, err := r.ByCode(ctx, made.Code)
	if err != nil {
		return "", err
	}
	if err := errors.Join(same("two rooms as booked", offer.Total, made.Total), same("two rooms as read", offer.Total, read.Total)); err != nil {
		return "", err
	}
	children := parties[1].Children
	if read.Rooms != 2 || read.Adults != 2 || read.Children != children {
		return "", fmt.Errorf("2 rooms for 2 adults and %d children are read as %d for %d and %d", children, read.Rooms, read.Adults, read.Children)
	}
	// What comes after may need the rooms.
	if err := r.Cancel(ctx, hotel.CancelRequest{Property: r.options.Config.Property, Reference: made.Reference, Order: made.Order, Code: made.Code}); err != nil {
		return "", err
	}
	return fmt.Sprintf("2 rooms, 2 adults, %d children, %d services beside the room: %s%s", children, len(offer.Extras), made.Total, doubted(doubt)), nil
}

// sharedMailbox books twice under one e-mail with two names.
func (r *run) sharedMailbox(ctx context.Context) (string, error) {
	offer, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	if offer.Free < 1 {
		return "", skip("no room is free any more")
	}
	req := r.request(r.roomed, r.stay, offer.Total, hotel.Party{Adults: 1})
	req.Contact.FirstName, req.Contact.LastName = "Otra", "Persona"
	made, doubt, err := r.book(ctx, req)
	if err != nil {
		return "", err
	}
	for _, code := range []hotel.BookingCode{r.first.Code, made.Code} {
		read, err := r.ByCode(ctx, code)
		if err != nil {
			return "", err
		}
		if read.Contact.LastName != "Prueba" {
			return "", errors.New("the second booking renamed the customer of the first")
		}
	}
	return "the customer's name stays, the guest's stands in the remark" + doubted(doubt), nil
}

// change moves the first booking to other days.
func (r *run) change(ctx context.Context) (string, error) {
	for days := 3; days < 60; days += 3 {
		to := hotel.Stay{CheckIn: r.stay.CheckIn.AddDays(days), CheckOut: r.stay.CheckOut.AddDays(days + 1)}
		offer, err := r.quote(ctx, r.roomed.ID, to, 1)
		if err != nil || offer.Free < 1 {
			continue
		}
		return r.move(ctx, to, offer)
	}
	return "", skip("no other days are free")
}

func (r *run) move(ctx context.Context, to hotel.Stay, offer hotel.Offer) (string, error) {
	before, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	moved, err := r.Change(ctx, hotel.ChangeRequest{Reference: r.first.Reference + "-C", Property: r.options.Config.Property, Booking: r.first, Stay: to, Quote: offer.Total})
	doubt := ""
	if hotel.KindOf(err) == hotel.InDoubt {
		doubt = hotel.AsError(err).Code
		moved, err = r.ByCode(ctx, r.first.Code)
	}
	if err != nil {
		return "", err
	}
	if moved.Stay != to || moved.Code != r.first.Code || len(moved.Rows) != 1 || moved.Adults != 1 {
		return "", fmt.Errorf("moved to %s it is read as from %s to %s, %d rooms, %d adults", to.CheckIn, moved.Stay.CheckIn, moved.Stay.CheckOut, len(moved.Rows), moved.Adults)
	}
	if err := same("moved", offer.Total, moved.Total); err != nil {
		return "", err
	}
	if lost, err := r.Overbooked(ctx, moved); err != nil || lost {
		return "", errors.Join(err, fmt.Errorf("alone, and overbooked: %t", lost))
	}
	after, err := r.quote(ctx, r.roomed.ID, r.stay, 1)
	if err != nil {
		return "", err
	}
	if after.Free != before.Free+1 {
		return "", fmt.Errorf("%d were free before the move away, %d are after it", before.Free, after.Free)
	}
	r.first = moved
	return fmt.Sprintf("to %s, three nights, %s%s", to.CheckIn, moved.Total, doubted(doubt)), nil
}

// poll looks whether the orders of this run are among what has changed.
func (r *run) poll(ctx context.Context) (string, error) {
	changed, mark, err := r.Changes(ctx, r.mark)
	if err != nil {
		return "", err
	}
	seen := 0
	for _, o := range changed {
		if o.Reference == r.first.Reference && o.Code == r.first.Code && !o.Over {
			seen++
		}
	}
	if seen == 0 || mark == "" {
		return "", fmt.Errorf("the booking is not among the %d orders that changed", len(changed))
	}
	return fmt.Sprintf("%d orders since the run began", len(changed)), nil
}

func (r *run) cancel(ctx context.Context) (string, error) {
	stay := r.first.Stay
	before, err := r.quote(ctx, r.roomed.ID, stay, 1)
	if err != nil {
		return "", err
	}
	for range 2 { // a repeat is harmless
		if err := r.Cancel(ctx, hotel.CancelRequest{Property: r.options.Config.Property, Order: r.first.Order, Code: r.first.Code}); err != nil {
			return "", err
		}
	}
	read, err := r.ByCode(ctx, r.first.Code)
	if err != nil {
		return "", err
	}
	after, err := r.quote(ctx, r.roomed.ID, stay, 1)
	if err != nil {
		return "", err
	}
	if read.Status != hotel.StatusCancelled || after.Free != before.Free+1 {
		return "", fmt.Errorf("the booking is %s; %d were free before, %d after", read.Status, before.Free, after.Free)
	}
	return "twice, and its room is free again", nil
}

// stillComing is how long after a run was ended a booking may appear that was under way.
const stillComing = 3 * time.Second

// cleanUp cancels whatever stands under this run's references.
func (r *run) cleanUp(ctx context.Context) (string, error) {
	cancelled, err := r.giveBack(ctx)
	if r.ended {
		select {
		case <-time.After(stillComing):
		case <-ctx.Done():
		}
		var late int
		late, err = r.giveBack(ctx)
		cancelled += late
	}
	return fmt.Sprintf("%d bookings cancelled; they stay in QloApps as cancelled, and so does the customer", cancelled), err
}

func (r *run) giveBack(ctx context.Context) (cancelled int, err error) {
	var wrong []error
	for _, ref := range r.made {
		found, err := r.ByReference(ctx, "", ref)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s may stand: %w", ref, err))
			continue
		}
		for _, f := range found {
			if err := r.Cancel(ctx, hotel.CancelRequest{Property: r.options.Config.Property, Reference: ref, Order: f.Order, Code: f.Code}); err != nil {
				wrong = append(wrong, fmt.Errorf("order %s stands: %w", f.Order, err))
				continue
			}
			cancelled++
		}
		if left, err := r.ByReference(ctx, "", ref); err != nil || len(left) > 0 {
			wrong = append(wrong, fmt.Errorf("%s: %d orders stand after their cancellation", ref, len(left)))
		}
	}
	return cancelled, errors.Join(wrong...)
}

// secondCurrency books in another active currency of the shop.
func (r *run) secondCurrency(ctx context.Context) (string, error) {
	other, err := r.otherCurrency()
	if err != nil {
		return "", err
	}
	config := r.options.Config
	config.Currency = other
	c, err := qloapps.New(config)
	if err != nil {
		return "", err
	}
	defer c.Close()
	sub := *r
	sub.Client = c
	detail, err := sub.bookAs(ctx, r.roomed, []hotel.Party{{Adults: 1}, {Adults: 1}})
	r.made = sub.made
	return detail, err
}
