package conversation

import (
	"slices"

	"github.com/conserje/conserje/hotel"
)

// takeChanging ends the wait for a change. It returns what was asked for, zero
// when that is not waited for, and whether the guest wanted it back.
func (t *taking) takeChanging(ref hotel.Reference) (r hotel.ChangeRequest, waited, withdrawing bool) {
	c := t.s.Changing
	if c == nil || c.Request.Reference != ref {
		return hotel.ChangeRequest{}, false, false
	}
	t.s.Changing = nil
	return c.Request, true, c.Withdrawing
}

// changed tells the guest that the booking is changed.
func (t *taking) changed(in Changed) {
	asked, waited, withdrawing := t.takeChanging(in.Reference)
	if waited {
		t.close(GoalChange)
	}
	r, before, news := t.keepChanged(in, asked)
	if !news && !waited { // told already
		return
	}
	key := "changed"
	switch {
	case withdrawing:
		key = "changed.late"
	case r.Code != in.Booking && in.OldStands:
		key = "changed.old_stands"
	case r.Code != in.Booking:
		key = "changed.anew"
	}
	t.add(key, "name", r.Contact.FirstName, "code", string(r.Code), "was", string(in.Booking), "room", t.bookedRoom(r),
		"stay", t.words.stay(r.Stay, t.today()), "party", t.words.party(r.Adults, r.Children, agesOf(r)), "total", t.words.money(r.Total))
	quote := asked.Quote
	if !waited {
		quote = r.Total
	}
	t.sayTotal(r, quote)
	if r.Contact.Email != "" {
		t.add("changed.mail", "email", r.Contact.Email)
	}
	t.reply.purpose, t.reply.params = PurposeBooked, []string{string(r.Code)}
	t.mailChange(in, r, before)
	if in.OldStands {
		t.oldStands(in)
	}
	t.goOn()
}

// keepChanged replaces a booking by what it is now. It returns it, as it was
// before, and whether that is news.
func (t *taking) keepChanged(in Changed, asked hotel.ChangeRequest) (r, before hotel.Reservation, news bool) {
	r = in.Reservation
	old, known := t.booking(in.Booking)
	before = asked.Booking
	if known && old.Ours {
		r.Contact = calledAs(r.Contact, old.Contact)
	}
	if known && before.Code == "" {
		before = old.Reservation
	}
	if r.Reference == "" {
		r.Reference = before.Reference
		if r.Code != in.Booking {
			r.Reference = in.Reference
		}
	}
	now, have := t.booking(r.Code)
	if have && now.Stay == r.Stay && now.Adults == r.Adults && now.Children == r.Children && now.Total == r.Total {
		return r, before, false
	}
	anew := r.Code != in.Booking
	if anew {
		t.s.Bookings = slices.DeleteFunc(t.s.Bookings, func(b Booking) bool { return b.Code == in.Booking })
		if known && old.Ours && !in.OldStands && old.Reference != "" {
			gone := old.Reservation
			gone.Status = hotel.StatusCancelled
			t.emit(Remember{gone})
		}
	}
	t.keep(Booking{Reservation: r, Ours: anew || known && old.Ours})
	t.s.Shown = r.Code
	if r.Reference != "" && (anew || known && old.Ours) {
		t.emit(Remember{r})
	}
	t.emit(Count{hotel.OutcomeChanged})
	return r, before, true
}

// mailChange mails what a booking is now, and what it was.
func (t *taking) mailChange(in Changed, r, before hotel.Reservation) {
	if r.Contact.Email == "" {
		return
	}
	if in.OldStands { // its code counts until somebody has cancelled it
		before.Code = r.Code
	}
	before.Rows, before.Contact = nil, hotel.Contact{}
	before.RoomType.Name, r.RoomType.Name = t.roomName(before.RoomType), t.roomName(r.RoomType)
	t.emit(SendMail{hotel.Mail{Kind: hotel.MailChange, Lang: t.mailLang(), Reservation: r, Before: before}})
}

// oldStands leaves to a person what could not be cancelled after a booking was made anew.
func (t *taking) oldStands(in Changed) {
	t.alert(hotel.CauseBooking, false, "detail", t.staffWords().text("alert.old_stands", "code", string(in.Booking), "now", string(in.Reservation.Code)))
}

// changeFailed tells the guest how the booking stands, and goes on: with other
// dates, with another price, or with a person.
func (t *taking) changeFailed(in ChangeFailed) {
	asked, waited, withdrawing := t.takeChanging(in.Reference)
	if in.Outcome == hotel.OutcomeDisplaced { // whoever was told what: a person must look
		t.displaced(in)
		return
	}
	if !waited {
		return // told already
	}
	code := string(asked.Booking.Code)
	if withdrawing && in.Outcome != hotel.OutcomeUnclear {
		t.close(GoalChange)
		t.add("change.withdrawn", "code", code)
		t.goOn()
		return
	}
	f := t.open(GoalChange)
	f.Slots.Code, f.ReadBack = asked.Booking.Code, nil
	if f.Old == nil {
		f.load(asked.Booking)
	}
	f.Failed++
	if tries := f.Failed; gaveUp(tries, in.Outcome) {
		t.close(GoalChange)
		t.add("change.gave_up", t.words.tried(tries, in.Outcome, "code", code)...)
		t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.change_gave_up", t.staffWords().tried(tries, in.Outcome, "code", code)...))
		return
	}
	switch in.Outcome {
	case hotel.OutcomeSoldOut, hotel.OutcomeLostRace:
		t.add("change."+string(in.Outcome), "code", code)
		if !asked.Moves() {
			t.changeByStaff("change.no_room", asked.Booking.Code)
			return
		}
		t.askOtherDates(f)
		t.add("ask.modify.other")
	case hotel.OutcomePriceChanged:
		f.Note = "note.change_price"
		f.Floor = floorOf(asked.Stay, asked.Booking.RoomType, max(asked.Booking.Rooms, 1), in.NewTotal)
		t.nextOfChange(f)
	case hotel.OutcomeExpired:
		f.Note = "note.change_expired"
		t.nextOfChange(f)
	case hotel.OutcomeUnclear:
		t.changeToStaff("change.unclear", "alert.change_unclear", code)
	default:
		t.changeToStaff("change.refused", "alert.change", code)
	}
}

// changeToStaff leaves a change that cannot be, or that nobody is sure of, to a person.
func (t *taking) changeToStaff(key, detail, code string) {
	t.close(GoalChange)
	t.add(key, "code", code)
	t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text(detail, "code", code))
}

// displaced tells the guest honestly that the booking has lost its room, and a person at once.
func (t *taking) displaced(in ChangeFailed) {
	t.close(GoalChange)
	t.keepDisplaced(in)
	t.add("change.displaced", "code", string(in.Booking))
	t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.displaced", "code", string(in.Booking)))
}

func (t *taking) keepDisplaced(in ChangeFailed) {
	t.emit(Count{hotel.OutcomeDisplaced})
	if old, known := t.booking(in.Booking); known && in.Reservation.Code == in.Booking {
		t.keep(Booking{Reservation: in.Reservation, Ours: old.Ours})
	}
}

// withdrawChange takes a change back that may not have left yet.
func (t *taking) withdrawChange() {
	if !t.s.Changing.Withdrawing {
		t.s.Changing.Withdrawing = true
		t.emit(Withdraw{t.s.Changing.Key})
	}
	t.add("withdrawing")
}

// changeWithdrawn tells that a change was taken back in time. It returns false when none was.
func (t *taking) changeWithdrawn(key hotel.Key) bool {
	c := t.s.Changing
	if c == nil || c.Key != key {
		return false
	}
	t.s.Changing = nil
	t.close(GoalChange)
	t.add("change.withdrawn", "code", string(c.Request.Booking.Code))
	t.goOn()
	return true
}
