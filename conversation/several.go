package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// Who has several bookings may cancel them together: one read-back, one yes, and
// a result for each.

// cancelsSeveral takes 'las dos' and 'all of them', where there are so many. It
// returns false when a text says neither.
func (t *taking) cancelsSeveral(f *Frame, h *heard) bool {
	own := t.live()
	folded := fold(h.text)
	said := severalSaid.FindStringSubmatch(folded)
	switch {
	case len(own) < 2:
		return false
	case said == nil && !(h.cancel && everythingSaid.MatchString(folded)):
		return false
	case said != nil && (counts[said[1]] > 0 && counts[said[1]] != len(own) || said[2] != "" && len(own) != 2):
		return false // 'las dos' of three
	}
	f.Codes = nil
	for _, b := range own {
		f.Codes = append(f.Codes, b.Code)
	}
	f.Asked = ""
	t.wantToCancel(f.Codes)
	return true
}

// toCancel are the bookings that a cancellation is about.
func (f *Frame) toCancel() []hotel.BookingCode {
	if len(f.Codes) > 0 {
		return f.Codes
	}
	return []hotel.BookingCode{f.Slots.Code}
}

func (t *taking) wantToCancel(codes []hotel.BookingCode) {
	reads := make([]Read, len(codes))
	for i, code := range codes {
		reads[i] = ReadBooking{code}
	}
	t.want(ToCancel, reads...)
}

// foundSeveral takes the bookings that are to be cancelled together, as the hotel
// system holds them now, and asks for the yes to those that can be.
func (t *taking) foundSeveral(f *Frame, answers []Answer) {
	var left []hotel.Reservation
	for i, a := range answers {
		r, ok := a.(BookingRead)
		if !ok || !r.Stale.IsZero() || len(answers) != len(f.Codes) {
			t.systemDown()
			return
		}
		if r.Found {
			t.keep(Booking{Reservation: r.Reservation})
		}
		code := string(f.Codes[i])
		switch {
		case !r.Found:
			t.add("cancel.gone", "code", code)
		case r.Status == hotel.StatusCancelled:
			t.add("cancel.already", "code", code)
		case r.Status != hotel.StatusBooked || r.Stay.CheckIn.Before(t.today()):
			t.add("cancel.started", "code", code)
		default:
			left = append(left, r.Reservation)
		}
	}
	f.Codes = nil
	switch len(left) {
	case 0:
		t.leave(GoalCancel)
		return
	case 1:
		f.Slots.Code = left[0].Code
		t.askCancel(f, left[0])
		return
	}
	var lines []string
	for _, r := range left {
		f.Codes = append(f.Codes, r.Code)
		lines = append(lines, t.words.text("ask.cancel.one", "code", string(r.Code), "room", t.bookedRoom(r),
			"stay", t.words.stay(r.Stay, t.today())))
	}
	if policy := t.policy("cancellation"); policy != "" {
		lines = append(lines, policy)
	}
	t.s.Shown = "" // 'it' is none of them
	t.confirmCancel(f, "ask.cancel.many", "bookings", strings.Join(lines, "\n"))
}

// otherMeant is the one booking that shall be cancelled instead of what was read
// back: 'no, sólo la doble'; "" when none is named.
func (t *taking) otherMeant(codes []hotel.BookingCode, h *heard) hotel.BookingCode {
	named := h.picked
	if named == "" && slices.Contains(codes, h.code) {
		named = h.code
	}
	if rooms := t.ofRoom(h.room); named == "" && h.room != "" && len(rooms) == 1 {
		named = rooms[0]
	}
	if len(codes) == 1 && codes[0] == named {
		return ""
	}
	return named
}

// agreesToAll tells whether an answer is 'las dos' and nothing else, where several are read back.
func (f *Frame) agreesToAll(h *heard) bool {
	title := plainTitle(h.text)
	return len(f.Codes) > 1 && !h.no && title != "" && severalSaid.FindString(title) == title
}

// leaving is the wait for cancellations; nil for none.
func leaving(all []Leaving) *Leaving {
	if len(all) == 0 {
		return nil
	}
	first := all[0]
	first.More = slices.Clone(all[1:])
	return &first
}

// all are the cancellations that are out.
func (l *Leaving) all() []Leaving {
	if l == nil {
		return nil
	}
	first := *l
	first.More = nil
	return append([]Leaving{first}, l.More...)
}

// left ends the wait for a cancellation. It returns false when it is not waited for.
func (t *taking) left(code hotel.BookingCode) bool {
	before := t.s.Leaving.all()
	after := slices.DeleteFunc(slices.Clone(before), func(l Leaving) bool { return l.Code == code })
	t.s.Leaving = leaving(after)
	return len(after) < len(before)
}

// codeOf is the booking that a row cancels. A snapshot of an older engine has no keys, and one booking.
func (l *Leaving) codeOf(key hotel.Key) hotel.BookingCode {
	all := l.all()
	if i := slices.IndexFunc(all, func(l Leaving) bool { return l.Key == key }); i >= 0 {
		return all[i].Code
	}
	return l.Code
}

var severalSaid = regexp.MustCompile(`\b(?:(?:mis|las|los|my|the|all) (dos|tres|cuatro|cinco|two|three|four|five|[2-5])|(ambas|both)|todas|all)\b`)

// everythingSaid means all bookings where something is to be cancelled: 'eso es todo' cancels nothing.
var everythingSaid = regexp.MustCompile(`\b(todo|everything)\b`)
