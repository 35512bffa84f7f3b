package conversation

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// maxShown is how many bookings are shown at once.
const maxShown = 3

// statusFrame shows how a booking stands: the guest's own, or one that they prove.
func (t *taking) statusFrame(f *Frame, h *heard) {
	if f.Asked == AskProof && h.no {
		t.leaveProof(GoalStatus, h)
		return
	}
	own := t.own()
	if f.Slots.Code == "" {
		f.Slots.Code = t.codeSaid(h)
		f.Slots.Last = cmp.Or(f.Slots.Last, surnameSaid(h.text), surnameAfter(h.text, f.Slots.Code))
	}
	if f.Slots.Code == "" && len(own) > 0 && f.Asked != AskProof {
		var reads []Read
		for _, b := range own[max(len(own)-maxShown, 0):] {
			reads = append(reads, ReadBooking{b.Code})
		}
		f.Asked = ""
		t.want(ToShow, reads...)
		return
	}
	if t.askProof(f) {
		return
	}
	f.Asked = ""
	t.want(ToShow, ReadBooking{f.Slots.Code})
}

// codeSaid is the booking code in what was said, "" when there is none.
func (t *taking) codeSaid(h *heard) hotel.BookingCode {
	if h.code != "" {
		return h.code
	}
	if !hasCode(h.text) {
		return ""
	}
	return codeIn(strings.Fields(h.text))
}

// leaveProof leaves a goal that wants a proof: who has no code is offered a person.
func (t *taking) leaveProof(g Goal, h *heard) {
	if folded := fold(h.text); hasNoCode.MatchString(folded) || strings.Contains(folded, "codigo") || strings.Contains(folded, "code") {
		if g == GoalChange {
			t.changeByStaff("proof.none", "")
			return
		}
		t.close(g)
		t.offerPerson("proof.none")
		return
	}
	t.leave(g)
}

// hasNoCode tells whether a text says that code or surname is not at hand.
var hasNoCode = regexp.MustCompile(`no (lo |la |los )?tengo|no (lo )?se\b|no recuerdo|(dont|don't|do not) (have|know|remember)|perdi (el|mi)`)

// leave drops a digression and goes on below.
func (t *taking) leave(g Goal) {
	t.close(g)
	t.goBack()
}

// goBack goes on with what is below a digression that was left. A person's offer
// and an empty stack say nothing by themselves.
func (t *taking) goBack() {
	if top := t.top(); (top == nil || top.Goal == GoalHandoff) && len(t.reply.parts) == 0 {
		t.add("handoff.declined")
	}
	t.goOn()
}

// shown shows what was read.
func (t *taking) shown(w Waiting, answers []Answer) {
	f := t.frame(GoalStatus)
	if f == nil {
		return
	}
	if f.Slots.Code == "" { // the guest's own
		t.showOwn(w, answers)
		return
	}
	r, ok := answers[0].(BookingRead)
	if !ok || !t.proven(f, r) {
		return
	}
	t.close(GoalStatus)
	t.sayStale(r.Stale)
	t.showBooking(r.Reservation)
	t.goOn()
}

func (t *taking) showOwn(w Waiting, answers []Answer) {
	t.close(GoalStatus)
	stale := time.Time{}
	for i, a := range answers {
		r, ok := a.(BookingRead)
		if !ok || !r.Found {
			if ask := w.Asks[i].Booking; ask != nil {
				t.offerPerson("status.gone", "code", string(ask.Code))
			}
			continue
		}
		t.keep(Booking{Reservation: r.Reservation})
		if stale.IsZero() { // said once
			stale = r.Stale
			t.sayStale(stale)
		}
		t.showBooking(r.Reservation)
	}
	if len(answers) > 1 {
		t.s.Shown = "" // which one 'it' means is asked
		if len(t.live()) > 1 {
			t.buttonsOfBooking("")
		}
	}
	t.goOn()
}

func (t *taking) showBooking(r hotel.Reservation) {
	t.s.Shown = r.Code
	if b, known := t.booking(r.Code); known {
		r.Contact = b.Contact // under the name that this guest knows
	}
	t.add("status", "code", string(r.Code), "status", t.words.text("status."+string(knownStatus(r.Status))),
		"room", t.bookedRoom(r), "stay", t.words.stay(r.Stay, t.today()),
		"party", t.words.party(r.Adults, r.Children, nil), "total", t.words.money(r.Total), "name", r.Contact.FirstName+" "+r.Contact.LastName)
	if r.Status == hotel.StatusBooked {
		t.buttonsOfBooking(r.Code)
	}
}

// buttonsOfBooking are what may be done with a booking; "" = with one of several, which is then asked.
func (t *taking) buttonsOfBooking(code hotel.BookingCode) {
	t.buttons(t.words.button(tapModify+string(code), "modify"), t.words.button(tapCancel+string(code), "cancel"), t.words.button(tapPerson, "person"))
}

func knownStatus(s hotel.ReservationStatus) hotel.ReservationStatus {
	switch s {
	case hotel.StatusCheckedIn, hotel.StatusCheckedOut, hotel.StatusCancelled:
		return s
	}
	return hotel.StatusBooked
}
