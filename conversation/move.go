package conversation

import (
	"slices"

	"github.com/conserje/conserje/hotel"
)

// moved takes what is free for a change, and the booking as it is now, and reads the change back.
func (t *taking) moved(w Waiting, answers []Answer) {
	f := t.top()
	if f == nil || f.Goal != GoalChange || f.Old == nil || len(answers) != 2 {
		return // looked at again when the guest comes back to it
	}
	r, isBooking := answers[0].(BookingRead)
	a, isFree := answers[1].(AvailabilityRead)
	if !isBooking || !isFree || !r.Stale.IsZero() || !a.Stale.IsZero() {
		t.systemDown()
		return
	}
	if !t.proven(f, r) || !t.mayChange(r.Reservation) {
		return
	}
	f = t.top()
	r.RoomType.Description = ""
	f.Old = &r.Reservation
	moves, people := f.Slots.Stay() != r.Stay, f.otherPeople()
	if ask := w.Asks[1].Availability; f.Slots.Stay() != ask.Stay || r.RoomType.ID != ask.RoomType || moves == people {
		t.nextOfChange(f) // the guest, or the booking, has moved on
		return
	}
	rooms := max(r.Rooms, 1)
	i := slices.IndexFunc(a.Offers, func(o hotel.Offer) bool { return o.RoomType.ID == r.RoomType.ID })
	if i < 0 || a.Offers[i].Total.Minor <= 0 {
		t.sayNoMove(f, people)
		return
	}
	offer := f.Floor.raise(f.Slots.Stay(), rooms, a.Offers[i])
	switch nights := f.Slots.Stay().Nights(); {
	case !lasts(offer.RoomType, nights):
		t.sayLimit([]hotel.RoomType{offer.RoomType}, nights)
		f.Slots.CheckOut, f.Asked = hotel.Date{}, AskNights
	case offer.Free < rooms && !people && overlap(f.Slots.Stay(), r.Stay):
		// The hotel system counts a booking's own nights against it: where its own
		// room may be the only one left, people must look.
		t.changeByStaff("change.own_room", r.Code)
	case offer.Free < rooms:
		t.sayNoMove(f, people)
	default:
		t.readBackChange(f, offer, people)
	}
}

// overlap tells whether two stays share a night.
func overlap(a, b hotel.Stay) bool {
	return a.CheckIn.Before(b.CheckOut) && b.CheckIn.Before(a.CheckOut)
}

// sayNoMove says that a change cannot be, and that the booking stands.
func (t *taking) sayNoMove(f *Frame, people bool) {
	t.sayNote(f)
	old := *f.Old
	if people {
		t.changeByStaff("change.no_room", old.Code)
		return
	}
	t.add("change.none", "stay", t.words.stay(f.Slots.Stay(), t.today()), "room", t.bookedRoom(old),
		"code", string(old.Code))
	t.askOtherDates(f)
}

// askOtherDates begins a change of dates anew.
func (t *taking) askOtherDates(f *Frame) {
	f.load(*f.Old)
	f.Asked = AskDates
	t.buttons(t.words.button(tapKeep, "change_no"), t.words.button(tapPerson, "person"))
}

// readBackChange says what is and what shall be, and waits for a clear yes.
func (t *taking) readBackChange(f *Frame, offer hotel.Offer, people bool) {
	s, old := f.Slots, *f.Old
	rooms := max(old.Rooms, 1)
	wanted := &hotel.ChangeRequest{Property: t.facts.Property, Booking: old, Stay: s.Stay(), Quote: offer.Total, Extras: offer.Extras, Lang: t.words.lang}
	if people {
		wanted.Parties, _ = split(s, rooms)
	}
	t.sayNote(f)
	t.s.Counter++
	t.readsBack(f, &ReadBack{N: t.s.Counter, At: t.now, Change: wanted})
	f.Asked = AskConfirm
	more := t.small(offer.Extras, true)
	if people {
		more += "\n" + t.words.text("readback.more", "text", t.words.text("change.anew"))
	}
	t.add("readback.change", "code", string(old.Code), "room", t.roomsNamed(rooms, t.roomName(old.RoomType)),
		"was", t.words.stay(old.Stay, t.today()), "before", t.words.party(old.Adults, old.Children, agesOf(old)), "old", t.words.money(old.Total),
		"stay", t.words.stay(s.Stay(), t.today()), "party", t.words.party(s.Adults, s.Children, s.Ages),
		"total", t.words.money(offer.Total), "tax", t.tax(), "difference", t.difference(old.Total, offer.Total), "more", more)
	t.buttonsOfChange(f.ReadBack.N)
}

// difference says how much more or less a booking costs after a change.
func (t *taking) difference(before, after hotel.Money) string {
	d := hotel.Money{Minor: after.Minor - before.Minor, Currency: after.Currency}
	switch {
	case before.Currency != after.Currency:
		return t.words.text("difference.other")
	case d.Minor > 0:
		return t.words.text("difference.more", "total", t.words.money(d))
	case d.Minor < 0:
		d.Minor = -d.Minor
		return t.words.text("difference.less", "total", t.words.money(d))
	}
	return t.words.text("difference.none")
}

func (t *taking) buttonsOfChange(n int64) {
	t.buttons(t.words.button(tapYes+itoa(n), "change_yes"), t.words.button(tapChange+itoa(n), "change"), t.words.button(tapKeep, "change_no"))
}

// hearChangeConfirm takes the answer to the read-back of a change. It returns false when there is more to do.
func (t *taking) hearChangeConfirm(f *Frame, h *heard) bool {
	rb := f.ReadBack
	// 'sí, cambiala' is a yes and names the goal again.
	inWords := h.yesTo == 0 && h.onTop == GoalChange && !rb.after(h.at) && (h.clear() || h.yes && h.modify && !h.no && !h.doubt && !h.changed)
	agreed := inWords || rb != nil && h.yesTo == rb.N
	switch {
	case h.changed || h.picked != "":
		return false
	case agreed && rb != nil && rb.Change != nil && t.now.Sub(rb.At) <= agreeFor:
		t.requestChange(f, rb)
	case h.no:
		t.keepAsIs(f)
	case h.change:
		f.ReadBack = nil
		f.load(*f.Old)
		f.Asked = AskChange
		t.add("ask.modify.again")
	case agreed || h.yesTo != 0: // too old, or to something else: looked at afresh
		f.Note = "note.stale"
		if h.yesTo != 0 && !agreed {
			f.Note = "note.old_tap"
		}
		f.ReadBack = nil
		return false
	case rb != nil && t.now.Sub(rb.At) <= agreeFor:
		t.add("ask.confirm.change")
		t.buttonsOfChange(rb.N)
	default:
		return false
	}
	return true
}

// requestChange sends the change. The guest hears its result, which comes in a moment.
func (t *taking) requestChange(f *Frame, rb *ReadBack) {
	r := *rb.Change
	r.Reference, r.Guest, r.Agreed = t.reference(), t.s.Guest, t.now
	key := t.emit(Change{r})
	f.Asked, f.ReadBack = "", nil
	t.s.Changing = &Changing{Key: key, Request: r, At: t.now}
	t.s.Since = t.oldest
}
