package conversation

import (
	"slices"

	"github.com/conserje/conserje/hotel"
)

// keptBookings is how many bookings a state remembers; older ones are proven by code and surname.
const keptBookings = 5

// maxFailed is how many failed requests of one booking lead to a person.
const maxFailed = 3

// booked tells the guest that the booking is made.
func (t *taking) booked(in Booked) {
	r := in.Reservation
	withdrawing := false
	if p := t.s.Pending; p != nil && p.Request.Reference == in.Reference {
		withdrawing = p.Withdrawing
		t.s.Pending = nil
		t.close(GoalBook)
	}
	if t.owns(r.Code) { // told already
		return
	}
	if r.Reference == "" {
		r.Reference = in.Reference
	}
	t.emit(Remember{r})
	t.emit(Count{hotel.OutcomeConfirmed})
	t.keep(Booking{Reservation: r, Ours: true})
	t.s.Shown = ""
	t.emit(SendMail{hotel.Mail{Kind: hotel.MailConfirmation, Lang: t.mailLang(), Reservation: r}})
	pairs := []string{"name", r.Contact.FirstName, "code", string(r.Code), "room", t.roomsNamed(max(r.Rooms, 1), t.roomName(r.RoomType)),
		"stay", t.words.stay(r.Stay, t.today()), "total", t.words.money(r.Total), "email", r.Contact.Email}
	if withdrawing {
		f := t.open(GoalCancel)
		f.Slots.Code = r.Code
		t.confirmCancel(f, "booked.late", pairs...)
		return
	}
	t.add("booked", pairs...)
	t.reply.purpose, t.reply.params = PurposeBooked, []string{string(r.Code)}
	if payment := t.facts.inLang(t.facts.Policies["payment"], t.words.lang); payment != "" {
		t.addText(payment)
	}
}

// owns tells whether a booking was made by this conversation, as far as is remembered.
func (t *taking) owns(code hotel.BookingCode) bool {
	return slices.ContainsFunc(t.s.Bookings, func(b Booking) bool { return b.Ours && b.Code == code })
}

// keep remembers a booking, or how it stands now.
func (t *taking) keep(b Booking) {
	b.Rows, b.RoomType.Description = nil, ""
	for i, old := range t.s.Bookings {
		if old.Code == b.Code {
			b.Ours = b.Ours || old.Ours
			if b.Reference == "" {
				b.Reference = old.Reference
			}
			t.s.Bookings[i] = b
			return
		}
	}
	t.s.Bookings = append(t.s.Bookings, b)
	if extra := len(t.s.Bookings) - keptBookings; extra > 0 {
		t.s.Bookings = t.s.Bookings[extra:]
	}
}

// bookingFailed tells the guest why there is no booking, and goes on: with
// what is left, or with a person.
func (t *taking) bookingFailed(in BookingFailed) {
	t.emit(Count{in.Outcome})
	p := t.s.Pending
	if p == nil || p.Request.Reference != in.Reference {
		return // told already
	}
	t.s.Pending = nil
	if p.Withdrawing {
		t.close(GoalBook)
		t.add("withdrawn")
		return
	}
	f := t.open(GoalBook)
	f.unprice()
	f.Failed++
	outcome := in.Outcome
	if f.Failed >= maxFailed && outcome != hotel.OutcomeUnclear {
		outcome = hotel.OutcomeRefused // what keeps failing needs a person
	}
	switch outcome {
	case hotel.OutcomeSoldOut, hotel.OutcomeLostRace:
		f.Slots.RoomType = ""
		f.Note = "note." + string(outcome)
		t.nextOfBooking(f)
	case hotel.OutcomePriceChanged:
		f.Note = "note.price_changed"
		t.nextOfBooking(f)
	case hotel.OutcomeUnclear:
		t.add("unclear")
		t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.unclear", "reference", string(in.Reference)))
		t.close(GoalBook)
	default:
		t.add("refused")
		t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.refused", "reference", string(in.Reference)))
		t.close(GoalBook)
	}
}

// withdraw takes a booking request back that may not have left yet.
func (t *taking) withdraw() {
	if !t.s.Pending.Withdrawing {
		t.s.Pending.Withdrawing = true
		t.emit(Withdraw{t.s.Pending.Key})
	}
	t.add("withdrawing")
}

// withdrawn tells that a request was taken back in time.
func (t *taking) withdrawn(in Withdrawn) {
	if in.Kind == hotel.KindSay {
		t.takenBack(in)
		return
	}
	p := t.s.Pending
	if p == nil || p.Key != in.SendResult.Key {
		return
	}
	t.s.Pending = nil
	t.close(GoalBook)
	t.emit(Count{hotel.OutcomeWithdrawn})
	t.add("withdrawn")
	t.goOn()
}

// cancelled tells that a booking is cancelled.
func (t *taking) cancelled(in Cancelled) {
	if t.s.Leaving != nil && t.s.Leaving.Code == in.Code {
		t.s.Leaving = nil
	}
	b, ok := t.booking(in.Code)
	if !ok || b.Status == hotel.StatusCancelled {
		return
	}
	b.Status = hotel.StatusCancelled
	t.keep(b)
	if b.Ours {
		t.emit(Remember{b.Reservation})
	}
	if b.Contact.Email != "" {
		t.emit(SendMail{hotel.Mail{Kind: hotel.MailCancellation, Lang: t.mailLang(), Reservation: b.Reservation}})
	}
	t.add("cancelled", "code", string(in.Code))
	t.goOn()
}

// cancelFailed leaves a booking that could not be cancelled to a person.
func (t *taking) cancelFailed(in CancelFailed) {
	if t.s.Leaving == nil || t.s.Leaving.Code != in.Code {
		return
	}
	t.s.Leaving = nil
	t.add("cancel_failed", "code", string(in.Code))
	t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.cancel", "code", string(in.Code)))
}

// sendFailed tells the staff that a bubble did not arrive. A row of another
// kind that died unread tells so, too, and stands for that kind's own failure.
func (t *taking) sendFailed(in SendFailed) {
	switch p, l := t.s.Pending, t.s.Leaving; in.Kind {
	case hotel.KindBook:
		if p != nil && p.Key == in.SendResult.Key {
			t.bookingFailed(BookingFailed{in.Key, hotel.BookingResult{Reference: p.Request.Reference, Outcome: hotel.OutcomeUnclear}})
			return
		}
	case hotel.KindCancel:
		if l != nil {
			t.cancelFailed(CancelFailed{in.Key, hotel.CancelResult{Code: l.Code}})
			return
		}
	case hotel.KindMail:
		t.mailFailed(MailFailed(in))
		return
	}
	t.unreachable("alert.send")
}

// mailFailed tells the guest, who has the code already, and the staff.
func (t *taking) mailFailed(in MailFailed) {
	for _, b := range slices.Backward(t.s.Bookings) {
		if b.Reference != "" && b.Reference != in.Reference {
			continue
		}
		t.alert(hotel.CauseUndelivery, false, "detail", t.staffWords().text("alert.mail", "code", string(b.Code)))
		if b.Status == hotel.StatusBooked {
			t.add("mail_failed", "email", b.Contact.Email, "code", string(b.Code))
		}
		return
	}
	// Of a booking that is not remembered any more, or none that the row names.
	t.alert(hotel.CauseUndelivery, false, "detail", t.staffWords().text("alert.mail", "code", string(in.Reference)))
}

// mailLang is the language of mails: "es-AR", "en".
func (t *taking) mailLang() string {
	if t.words.lang == "es" && t.facts.Country != "" {
		return "es-" + t.facts.Country
	}
	return t.words.lang
}
