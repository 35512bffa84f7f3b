package conversation

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// 'Quiero cambiar mi reserva' may mean one that is made or the one that is being
// made. Where there are both, the guest is asked.

// made are the bookings that a guest who has one may mean: those to come, and the one shown last.
func (t *taking) made() []Booking {
	out := t.live()
	if b, ok := t.booking(t.s.Shown); ok && b.Status == hotel.StatusBooked && !slices.ContainsFunc(out, func(o Booking) bool { return o.Code == b.Code }) {
		out = append(out, b)
	}
	return out
}

// either tells whether a wish to change a booking may mean the one in hand, which
// is priced already, as well as one that is made.
func (t *taking) either(h *heard, folded string) bool {
	f := t.frame(GoalBook)
	return h.modify && !h.before() && f != nil && !f.unpriced() && h.code == "" && h.picked == "" && len(t.made()) > 0 &&
		aBooking.MatchString(folded) && !inHand.MatchString(folded)
}

// askEither asks whether the booking in hand or one that is made is meant.
func (t *taking) askEither(f *Frame) {
	f.Asked = AskEither
	book := t.frame(GoalBook)
	lines := []string{t.words.text("ask.either.open", "what", t.inHandNamed(book))}
	for _, b := range t.made() {
		lines = append(lines, t.words.text("ask.either.made", "code", string(b.Code), "room", t.bookedRoom(b.Reservation),
			"stay", t.words.stay(b.Stay, t.today())))
	}
	t.add("ask.either", "bookings", strings.Join(lines, "\n"))
	choices := t.choicesOfEither()
	if len(choices) <= maxButtons {
		t.buttons(choices...)
		return
	}
	t.list(t.eitherList())
}

// inHandNamed is the booking that is being made, as far as it is known.
func (t *taking) inHandNamed(f *Frame) string {
	stay := t.words.stay(f.Slots.Stay(), t.today())
	if f.Offer == nil {
		return stay
	}
	if f.Offer.mixed() {
		return t.roomsOf(f, hotel.Offer{}) + ", " + stay
	}
	if offer, ok := f.chosen(); ok {
		return t.roomsOf(f, offer) + ", " + stay
	}
	return stay
}

// choicesOfEither are the one in hand, and those that are made with their dates.
func (t *taking) choicesOfEither() []hotel.Button {
	out := []hotel.Button{t.words.button(tapInHand, "in_hand")}
	for _, b := range t.made() {
		out = append(out, hotel.Button{ID: tapBooking + string(b.Code), Title: t.words.codeAndDays(b.Code, b.Stay)})
	}
	return out
}

// eitherList lists them where they are too many for buttons.
func (t *taking) eitherList() *hotel.List {
	l := t.bookingList()
	l.Rows = l.Rows[:0]
	for _, c := range t.choicesOfEither() {
		l.Rows = append(l.Rows, hotel.Row{ID: c.ID, Title: c.Title})
	}
	return l
}

// codeAndDays is a booking's code with its days, as long as a button may be: "ABCDEFGHI 4–6 dic".
func (b *phrasebook) codeAndDays(code hotel.BookingCode, s hotel.Stay) string {
	in, out := itoa(int64(s.CheckIn.Day)), itoa(int64(s.CheckOut.Day))
	month := func(d hotel.Date) string { return " " + string([]rune(b.month(d.Month))[:3]) }
	days := in + "–" + out + month(s.CheckOut)
	if s.CheckIn.Month != s.CheckOut.Month {
		days = in + month(s.CheckIn) + "–" + out + month(s.CheckOut)
	}
	if utf8.RuneCountInString(string(code)+" "+days) > maxButton {
		days = in + month(s.CheckIn)
	}
	return clip(string(code)+" "+days, maxButton)
}

// hearEither takes in words which of them is meant: 'la nueva', 'la del 4', 'la triple', 'la segunda'.
func (t *taking) hearEither(h *heard, text string, u nlu.Understanding) {
	folded := fold(text)
	made, f := t.made(), t.frame(GoalBook)
	if f == nil {
		return
	}
	var meant []hotel.BookingCode // "" is the one in hand
	if in := u.Slots.CheckIn; !in.IsZero() {
		if f.Slots.CheckIn == in {
			meant = append(meant, "")
		}
		for _, b := range made {
			if b.Stay.CheckIn == in {
				meant = append(meant, b.Code)
			}
		}
	}
	if id := u.Slots.RoomType; id != "" && len(meant) != 1 {
		meant = nil
		if f.Slots.RoomType == id {
			meant = append(meant, "")
		}
		for _, b := range made {
			if b.RoomType.ID == id {
				meant = append(meant, b.Code)
			}
		}
	}
	place := 0
	if u.Slots.CheckIn.IsZero() {
		place = placeSaid(folded, u)
	}
	switch {
	case len(meant) == 1 && meant[0] == "", inHand.MatchString(folded), place == 1:
		h.inHand = true
	case len(meant) == 1:
		h.picked = meant[0]
	case place > 1 && place <= len(made)+1:
		h.picked = made[place-2].Code
	case len(made) == 1 && isMade.MatchString(folded):
		h.picked = made[0].Code
	default:
		return
	}
	h.understood, h.trouble, h.book, h.status = true, false, false, false
}

// leavesEither takes the answer to 'which one?', the first time asks it. It returns
// false when a booking that is made is meant.
func (t *taking) leavesEither(f *Frame, h *heard) bool {
	switch {
	case f.Asked != AskEither:
		return false
	case h.picked != "" || h.code != "" || t.frame(GoalBook) == nil:
		f.Asked = ""
		return false
	case h.inHand:
		t.changeInHand(f.Why)
	case h.no:
		t.leave(GoalChange)
	default:
		t.askEither(f)
	}
	return true
}

// changeInHand takes what was said for a change as one of the booking in hand.
func (t *taking) changeInHand(why string) {
	t.close(GoalChange)
	f := t.open(GoalBook)
	h := &heard{}
	for text := range strings.Lines(why) {
		h.text = strings.TrimSpace(text)
		t.hearBooking(h, h.text, t.reread(f, h.text))
	}
	h.change = !h.changed
	t.bookFrame(t.top(), h)
}

// reread understands again what was said for a change before it was known of which booking.
func (t *taking) reread(f *Frame, text string) nlu.Understanding {
	return nlu.Understand(text, t.context(f.near()))
}

var (
	aBooking = regexp.MustCompile(`\b(reservas?|reservacion(es)?|bookings?|reservations?)\b`)
	inHand   = regexp.MustCompile(`\b(nueva|new|haciendo|en curso|in progress|esta reserva|this booking|this reservation|la de ahora|making)\b`)
	// bookingOfDay names the booking that is meant by its day of arrival.
	bookingOfDay = regexp.MustCompile(`\b(reserva|booking|reservation) (del|from|of|on) (the |el )?[0-9]`)
	isMade       = regexp.MustCompile(`\b(hecha|confirmada|anterior|vieja|otra|ya tengo|la que tengo|made|confirmed|existing|old|other|previous|earlier)\b`)
)
