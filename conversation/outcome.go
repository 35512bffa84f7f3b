package conversation

import (
	"slices"

	"github.com/conserje/conserje/hotel"
)

// keptBookings is how many bookings a state remembers; older ones are proven by code and surname.
const keptBookings = 5

// booked tells the guest that the booking is made.
func (t *taking) booked(in Booked) {
	withdrawing, quote := false, in.Reservation.Total
	if p := t.s.Pending; p != nil && p.Request.Reference == in.Reference {
		withdrawing, quote = p.Withdrawing, p.Request.Quote
	}
	r, news := t.keepBooked(in)
	if !news { // told already
		return
	}
	t.s.Shown = ""
	pairs := []string{"name", r.Contact.FirstName, "code", string(r.Code), "room", t.bookedRoom(r),
		"stay", t.words.stay(r.Stay, t.today()), "total", t.words.money(r.Total), "email", r.Contact.Email}
	if withdrawing {
		f := t.open(GoalCancel)
		f.Slots.Code, f.Codes = r.Code, nil
		t.confirmCancel(f, "booked.late", pairs...)
		return
	}
	key := "booked"
	if r.Contact.Email == "" {
		key = "booked.no_mail"
	}
	t.add(key, pairs...)
	t.sayTotal(r, quote)
	t.reply.purpose, t.reply.params = PurposeBooked, []string{string(r.Code)}
	t.sayPayment()
}

// keepBooked keeps a booking that is made, and mails it: a yes must not book it
// twice. It returns it, and whether that is news.
func (t *taking) keepBooked(in Booked) (hotel.Reservation, bool) {
	r := in.Reservation
	if r.Reference == "" {
		r.Reference = in.Reference
	}
	if p := t.s.Pending; p != nil && p.Request.Reference == in.Reference {
		r.Contact = calledAs(r.Contact, p.Request.Contact)
		t.s.Pending = nil
		t.close(GoalBook)
	}
	if t.owns(r.Code) {
		return r, false
	}
	t.emit(Remember{r})
	t.emit(Count{hotel.OutcomeConfirmed})
	t.keep(Booking{Reservation: r, Ours: true})
	t.mail(hotel.MailConfirmation, r)
	return r, true
}

// calledAs is a booking's contact under the name that the guest gave: the
// customer record of an e-mail address may be somebody else's, whose name is not told.
func calledAs(record, given hotel.Contact) hotel.Contact {
	if given.FirstName+given.LastName != "" {
		record.FirstName, record.LastName = given.FirstName, given.LastName
	}
	return record
}

// sayTotal says what a booking includes, and that it costs less than was read back.
func (t *taking) sayTotal(r hotel.Reservation, quote hotel.Money) {
	if len(r.Extras) > 0 {
		t.add("booked.extras", "extras", t.words.extras(r.Extras))
	}
	if r.Total.Currency == quote.Currency && r.Total.Minor < quote.Minor {
		t.add("booked.less", "total", t.words.money(r.Total), "quote", t.words.money(quote))
	}
}

// policy is the hotel's own text of that name, "" when it has none.
func (t *taking) policy(name string) string {
	return t.facts.inLang(t.facts.Policies[name], t.words.lang)
}

// sayPayment says how a booking that is made is paid.
func (t *taking) sayPayment() {
	if payment := t.policy("payment"); payment != "" {
		t.addText(payment)
	}
}

// mail mails the guest about a reservation, when they have an address.
func (t *taking) mail(kind hotel.MailKind, r hotel.Reservation) {
	if r.Contact.Email != "" {
		r.RoomType.Name = t.roomName(r.RoomType) // as it is called here, in the mail's language
		t.emit(SendMail{hotel.Mail{Kind: kind, Lang: t.mailLang(), Reservation: r}})
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
			if old.Ours {
				b.Contact = calledAs(b.Contact, old.Contact)
			}
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
	t.notMade(failure{in.Outcome, p.Request, in.NewTotal, in.Code, 0})
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
	if t.changeWithdrawn(in.SendResult.Key) {
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
	b, news := t.keepCancelled(in.Code)
	if !news {
		return
	}
	if f := t.frame(GoalChange); f != nil && f.Slots.Code == in.Code {
		t.close(GoalChange)
	}
	t.mail(hotel.MailCancellation, b.Reservation)
	key := "cancelled"
	if b.Contact.Email == "" {
		key = "cancelled.no_mail"
	}
	t.add(key, "code", string(in.Code))
	if t.s.Leaving == nil { // else another one is still to come
		t.goOn()
	}
}

// keepCancelled ends the wait for a cancellation and keeps the booking as
// cancelled. It returns it, and whether that is news.
func (t *taking) keepCancelled(code hotel.BookingCode) (Booking, bool) {
	t.left(code)
	b, ok := t.booking(code)
	if !ok || b.Status == hotel.StatusCancelled {
		return b, false
	}
	b.Status = hotel.StatusCancelled
	t.keep(b)
	if b.Ours {
		t.emit(Remember{b.Reservation})
	}
	return b, true
}

// cancelFailed leaves a booking that could not be cancelled to a person.
func (t *taking) cancelFailed(in CancelFailed) {
	if !t.left(in.Code) {
		return
	}
	t.add("cancel_failed", "code", string(in.Code))
	t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.cancel", "code", string(in.Code)))
}

// sendFailed tells the staff that a bubble did not arrive. A row of another
// kind that died unread tells so, too, and stands for that kind's own failure.
func (t *taking) sendFailed(in SendFailed) {
	if failure := t.failure(in); failure != nil {
		t.event(failure)
		return
	}
	t.unreachable("alert.send")
}

// failure is what the death of a row stands for; nil for a bubble's, and for what nobody waits for.
func (t *taking) failure(in SendFailed) Input {
	if t.s.Bundle != nil {
		for _, part := range t.s.Bundle.Parts {
			switch in.SendResult.Key {
			case part.Key:
				return BookingFailed{in.Key, hotel.BookingResult{Reference: part.Request.Reference, Outcome: hotel.OutcomeUnclear}}
			case part.Cancel:
				if part.Made != nil && part.Cancel != "" {
					return CancelFailed{in.Key, hotel.CancelResult{Code: part.Made.Code}}
				}
			}
		}
	}
	switch p, l, c := t.s.Pending, t.s.Leaving, t.s.Changing; {
	case in.Kind == hotel.KindBook && p != nil && p.Key == in.SendResult.Key:
		return BookingFailed{in.Key, hotel.BookingResult{Reference: p.Request.Reference, Outcome: hotel.OutcomeUnclear}}
	case in.Kind == hotel.KindCancel && l != nil:
		return CancelFailed{in.Key, hotel.CancelResult{Code: l.codeOf(in.SendResult.Key)}}
	case in.Kind == hotel.KindChange && c != nil && c.Key == in.SendResult.Key:
		return ChangeFailed{in.Key, hotel.ChangeResult{Reference: c.Request.Reference, Booking: c.Request.Booking.Code, Outcome: hotel.OutcomeUnclear}}
	case in.Kind == hotel.KindMail:
		return MailFailed(in)
	}
	return nil
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
