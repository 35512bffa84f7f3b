package conversation

import (
	"cmp"
	"regexp"

	"github.com/conserje/conserje/hotel"
)

// cancelFrame cancels a booking after a clear yes.
func (t *taking) cancelFrame(f *Frame, h *heard) {
	switch f.Asked {
	case AskConfirm:
		t.hearCancelConfirm(f, h)
		return
	case AskProof:
		if h.no {
			t.leaveProof(GoalCancel, h)
			return
		}
	case AskWhich:
		if t.leavesWhich(f, h) {
			return
		}
	}
	if h.cancel && f.Slots.Code == "" && h.picked == "" && h.code == "" && t.cancelsSeveral(f, h) {
		return
	}
	if t.bookingMeant(f, h) {
		f.Asked = ""
		t.want(ToCancel, ReadBooking{f.Slots.Code})
	}
}

// bookingMeant tells whether it is known which booking a goal is about, and that
// this guest may see it; it asks when it is not.
func (t *taking) bookingMeant(f *Frame, h *heard) bool {
	if f.Slots.Code == "" {
		f.Slots.Code = t.codeMeant(f, h)
		if h.picked == "" { // a row's title names nobody
			f.Slots.Last = cmp.Or(f.Slots.Last, surnameSaid(h.text), surnameAfter(h.text, f.Slots.Code))
		}
	}
	if f.Slots.Code == "" && (f.Asked == AskWhich || t.namesOther(f, h) || f.Asked != AskProof && f.Slots.Last == "" && len(t.live()) > 1) {
		t.askWhich(f)
		return false
	}
	return !t.askProof(f)
}

// codeMeant is the booking that is meant: tapped, typed, chosen by number, or the only one.
func (t *taking) codeMeant(f *Frame, h *heard) hotel.BookingCode {
	own := t.live()
	if h.picked != "" {
		return h.picked
	}
	if code := t.codeSaid(h); code != "" {
		return code
	}
	if f.Asked == AskWhich && h.choice > 0 && h.choice <= len(own) {
		return own[h.choice-1].Code
	}
	if h.room != "" {
		if codes := t.ofRoom(h.room); len(codes) == 1 {
			return codes[0]
		}
	}
	if t.namesOther(f, h) {
		return ""
	}
	if f.Asked == AskProof || f.Asked == AskWhich {
		return ""
	}
	return t.shownLast()
}

// ofRoom are the bookings of a room type that a guest may mean by it.
func (t *taking) ofRoom(id hotel.RoomTypeID) []hotel.BookingCode {
	var out []hotel.BookingCode
	for _, b := range t.s.Bookings {
		live := b.Ours && !b.Stay.CheckOut.Before(t.today()) || b.Code == t.s.Shown
		if live && b.Status == hotel.StatusBooked && b.RoomType.ID == id {
			out = append(out, b.Code)
		}
	}
	return out
}

// namesOther tells whether a room is named that is not the one of a single
// booking, or just any of several bookings. The room of a change may be the one that is wanted, not the one that is booked.
func (t *taking) namesOther(f *Frame, h *heard) bool {
	if h.room == "" {
		return len(t.live()) > 1 && h.picked == "" && anyBooking.MatchString(fold(h.text))
	}
	if len(t.live()) == 0 {
		return false
	}
	n := len(t.ofRoom(h.room))
	return n > 1 || n == 0 && f.Goal == GoalCancel
}

// leavesWhich takes a no to 'which of your bookings?', and 'all of them': they are
// cancelled together, but changed one at a time. It returns false when there is more to do.
func (t *taking) leavesWhich(f *Frame, h *heard) bool {
	if f.Asked != AskWhich || h.picked != "" || h.choice > 0 || h.room != "" {
		return false
	}
	if f.Goal == GoalCancel && t.cancelsSeveral(f, h) {
		return true
	}
	if f.Goal != GoalCancel && severalSaid.MatchString(fold(h.text)) {
		t.add("ask.which.one")
		t.askWhich(f)
		return true
	}
	if h.no {
		t.leave(f.Goal)
	}
	return h.no
}

var anyBooking = regexp.MustCompile(`\b(una (de mis )?reservas?|(a|one of my) (booking|reservation)s?)\b`)

// openCancel opens the cancelling of a booking, with what was given already to prove one.
func (t *taking) openCancel() {
	if change := t.frame(GoalChange); change != nil && change.Slots.Code == "" {
		t.close(GoalChange) // which one was not settled
	}
	status := t.frame(GoalStatus)
	f := t.open(GoalCancel)
	if status != nil && f.Slots.Code == "" {
		f = t.frame(GoalCancel)
		status = t.frame(GoalStatus)
		f.Slots.Code, f.Slots.Last = status.Slots.Code, status.Slots.Last
		t.close(GoalStatus)
	}
}

// shownLast is the booking that 'it' means: the one shown last, or the only one; "" when it is not clear.
func (t *taking) shownLast() hotel.BookingCode {
	if b, ok := t.booking(t.s.Shown); ok && b.Status == hotel.StatusBooked {
		return b.Code
	}
	if own := t.live(); len(own) == 1 {
		return own[0].Code
	}
	return ""
}

func (t *taking) askWhich(f *Frame) {
	f.Asked = AskWhich
	t.add("ask.which")
	t.list(t.bookingList())
}

// bookingList lists the bookings to choose from.
func (t *taking) bookingList() *hotel.List {
	l := &hotel.List{Button: t.words.text("button.bookings"), Title: t.words.text("list.bookings")}
	for _, b := range t.live() {
		l.Rows = append(l.Rows, hotel.Row{
			ID: tapBooking + string(b.Code), Title: clip(string(b.Code)+" "+t.roomName(b.RoomType), maxRow),
			Description: clip(t.words.text("ask.which.row", "in", t.words.day(b.Stay.CheckIn, t.today()), "nights", t.words.count("night", b.Stay.Nights())), maxRowText),
		})
	}
	return l
}

// foundToCancel takes the booking that is to be cancelled, as the hotel system holds it now.
func (t *taking) foundToCancel(answers []Answer) {
	f := t.frame(GoalCancel)
	if f != nil && len(f.Codes) > 0 {
		t.foundSeveral(f, answers)
		return
	}
	r, ok := answers[0].(BookingRead)
	if ok && !r.Stale.IsZero() { // shown perhaps, but nothing is decided on it
		t.systemDown()
		return
	}
	if f == nil || !ok || !t.proven(f, r) {
		return
	}
	code := string(r.Code)
	t.s.Shown = r.Code
	switch {
	case r.Status == hotel.StatusCancelled:
		t.add("cancel.already", "code", code)
		t.leave(GoalCancel)
	case r.Status != hotel.StatusBooked || r.Stay.CheckIn.Before(t.today()):
		t.close(GoalCancel)
		t.offerPerson("cancel.late", "code", code)
	default:
		t.askCancel(f, r.Reservation)
	}
}

// askCancel says what is cancelled, and on which terms, and asks for the yes.
func (t *taking) askCancel(f *Frame, r hotel.Reservation) {
	pairs := []string{"code", string(r.Code), "room", t.bookedRoom(r), "stay", t.words.stay(r.Stay, t.today())}
	key := "ask.cancel"
	if policy := t.policy("cancellation"); policy != "" {
		key, pairs = "ask.cancel.policy", append(pairs, "policy", policy)
	}
	t.confirmCancel(f, key, pairs...)
}

// confirmCancel asks for the yes.
func (t *taking) confirmCancel(f *Frame, key string, pairs ...string) {
	t.s.Counter++
	t.readsBack(f, &ReadBack{N: t.s.Counter, At: t.now})
	f.Asked = AskConfirm
	t.add(key, pairs...)
	if len(f.Codes) > 0 {
		t.buttons(t.words.button(tapYes+itoa(f.ReadBack.N), "cancel_all"), t.words.button(tapKeep, "cancel_none"))
		return
	}
	t.buttons(t.words.button(tapYes+itoa(f.ReadBack.N), "cancel_yes"), t.words.button(tapKeep, "cancel_no"))
}

func (t *taking) hearCancelConfirm(f *Frame, h *heard) {
	rb := f.ReadBack
	codes := f.toCancel()
	current := rb != nil && t.now.Sub(rb.At) <= agreeFor
	// 'sí, cancelala' is a yes and names the goal again.
	inWords := h.yesTo == 0 && (h.clear() || h.yes && h.cancel && !h.no && !h.doubt && h.picked == "" || f.agreesToAll(h) || h.cancel && !h.doubt && h.picked == "" && cancelsIt.MatchString(fold(h.text)))
	agreed := inWords || rb != nil && h.yesTo == rb.N
	if other := t.otherMeant(codes, h); other != "" {
		f.Slots.Code, f.Codes, f.Asked, f.ReadBack = other, nil, "", nil
		t.wantToCancel([]hotel.BookingCode{other})
		return
	}
	switch {
	case agreed && current:
		t.cancel(codes)
	case h.no && len(codes) > 1:
		t.add("cancel.kept.many")
		t.leave(GoalCancel)
	case h.no:
		t.add("cancel.kept", "code", string(codes[0]))
		t.leave(GoalCancel)
	default: // a question in between, or a yes that is too old: look again, and ask again
		f.Asked = ""
		t.wantToCancel(codes)
	}
}

// cancelsIt says the goal again, and nothing else: 'cancelá' to 'shall I cancel it?'.
var cancelsIt = regexp.MustCompile(`^[ ,.!]*((si|sip|dale|ok|yes|yeah|please|quiero|i want to)[ ,]+)*(cancel(a|ala|alo|ar|arla|arlo|ame|amela|e|ela|en|enla)?|cancel (it|the booking))([ ,]+(por favor|porfa|please|ya|now|gracias))*[ .!]*$`)

// cancel sends the cancellations. The guest hears the result of each, which comes in a moment.
func (t *taking) cancel(codes []hotel.BookingCode) {
	t.close(GoalCancel)
	var out []Leaving
	for _, code := range codes {
		b, ok := t.booking(code)
		if !ok { // never: only proven bookings get here
			continue
		}
		key := t.emit(Cancel{hotel.CancelRequest{Property: t.facts.Property, Reference: b.Reference, Order: b.Order, Code: code}})
		out = append(out, Leaving{Code: code, At: t.now, Key: key})
	}
	t.s.Leaving = leaving(out)
	t.s.Since = t.oldest
}
