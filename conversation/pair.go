package conversation

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// Pair is two booking requests that are out together: confirmed together, or
// neither of them stands.
type Pair struct {
	Parts  [mixParts]Part `json:"p"`
	At     time.Time      `json:"at"`
	Undo   bool           `json:"u,omitempty"` // neither shall stand: one is not to be had, or the guest wants them back
	Wanted bool           `json:"w,omitempty"` // back, by the guest
}

// Part is one of the two.
type Part struct {
	Key     hotel.Key            `json:"k"` // of its outbox row
	Request hotel.BookingRequest `json:"r"`
	Outcome hotel.BookingOutcome `json:"o,omitempty"` // empty = it is out
	Made    *hotel.Reservation   `json:"m,omitempty"` // when confirmed
	Total   hotel.Money          `json:"t,omitzero"`  // that the hotel system asked for when the price changed
	Code    string               `json:"c,omitempty"` // the outside's code of a refusal
	Asked   bool                 `json:"a,omitempty"` // to be taken back before it leaves
	Cancel  hotel.Key            `json:"x,omitempty"` // of the row that cancels it
	Gone    bool                 `json:"g,omitempty"` // it is cancelled
	Stuck   bool                 `json:"s,omitempty"` // it could not be
}

// over tells whether nothing of a part that shall not stand is to be waited for.
func (p Part) over() bool { return p.Outcome != "" && (p.Made == nil || p.Gone || p.Stuck) }

// requestPair sends both booking requests. The guest hears once both have ended.
func (t *taking) requestPair(f *Frame, rb *ReadBack) {
	p := &Pair{At: t.now}
	for i, r := range []hotel.BookingRequest{rb.Agreed, *rb.Second} {
		r.Reference, r.Guest, r.Agreed = t.reference()+hotel.Reference("-"+itoa(int64(i+1))), t.s.Guest, t.now
		p.Parts[i] = Part{Key: t.emit(Book{r}), Request: r}
	}
	f.Asked, f.ReadBack = "", nil
	t.s.Pair = p
	t.s.Since = t.oldest
}

// pairTakes takes what happened to one of two bookings. It returns false when it
// happened to something else, and over when both have ended.
func (t *taking) pairTakes(in Input) (taken, over bool) {
	if t.s.Pair == nil {
		return false, false
	}
	for i := range t.s.Pair.Parts {
		if t.partTakes(&t.s.Pair.Parts[i], in) {
			return true, t.settlePair()
		}
	}
	return false, false
}

func (t *taking) partTakes(p *Part, in Input) bool {
	switch in := in.(type) {
	case Booked:
		if in.Reference != p.Request.Reference || p.Made != nil {
			return in.Reference == p.Request.Reference
		}
		r := in.Reservation
		if r.Reference == "" {
			r.Reference = in.Reference
		}
		r.RoomType.Description = ""
		r.Contact = calledAs(r.Contact, p.Request.Contact)
		p.Outcome, p.Made = hotel.OutcomeConfirmed, &r
		t.emit(Remember{r})
	case BookingFailed:
		if in.Reference != p.Request.Reference {
			return false
		}
		if p.Outcome != "" {
			return true
		}
		p.Outcome, p.Total, p.Code = in.Outcome, in.NewTotal, in.Code
	case Withdrawn:
		if in.SendResult.Key != p.Key || p.Outcome != "" {
			return false
		}
		p.Outcome = hotel.OutcomeWithdrawn
	case Cancelled:
		if p.Made == nil || in.Code != p.Made.Code {
			return false
		}
		gone := *p.Made
		gone.Status = hotel.StatusCancelled
		p.Gone = true
		t.emit(Remember{gone})
		return true
	case CancelFailed:
		if p.Made == nil || p.Cancel == "" || in.Code != p.Made.Code {
			return false
		}
		p.Stuck = true
		return true
	default:
		return false
	}
	t.emit(Count{p.Outcome})
	return true
}

// settlePair takes both back when one is not to be had. It returns true when both have ended.
func (t *taking) settlePair() bool {
	pair := t.s.Pair
	a, b := pair.Parts[0], pair.Parts[1]
	if a.Made != nil && b.Made != nil && !pair.Undo {
		return true
	}
	pair.Undo = pair.Undo || a.Outcome != "" && a.Made == nil || b.Outcome != "" && b.Made == nil
	if !pair.Undo {
		return false
	}
	over := true
	for i := range pair.Parts {
		p := &pair.Parts[i]
		switch {
		case p.Outcome == "" && !p.Asked:
			p.Asked = true
			t.emit(Withdraw{p.Key})
		case p.Made != nil && p.Cancel == "" && !p.Gone:
			p.Cancel = t.emit(Cancel{hotel.CancelRequest{Property: t.facts.Property, Reference: p.Made.Reference, Order: p.Made.Order, Code: p.Made.Code}})
		}
		over = over && p.over()
	}
	return over
}

// endPair ends the wait for two bookings, and keeps what stands.
func (t *taking) endPair() Pair {
	pair := *t.s.Pair
	t.s.Pair = nil
	for _, p := range pair.Parts {
		if p.Made != nil && !p.Gone {
			t.keep(Booking{Reservation: *p.Made, Ours: true})
		}
	}
	if !pair.Undo {
		t.close(GoalBook)
		for _, p := range pair.Parts {
			t.mail(hotel.MailConfirmation, *p.Made)
		}
	}
	return pair
}

// pairOver tells the guest, once, that both bookings are made or that neither stands.
func (t *taking) pairOver() {
	pair := t.endPair()
	if !pair.Undo {
		t.pairBooked(pair)
		return
	}
	why := pair.why()
	for _, p := range pair.Parts {
		if p.Stuck {
			t.close(GoalBook)
			t.add("pair.stuck", "code", string(p.Made.Code))
			t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.pair_stuck", "code", string(p.Made.Code)))
			return
		}
	}
	if pair.Wanted && why.Outcome != hotel.OutcomeUnclear {
		t.close(GoalBook)
		t.add("pair.withdrawn")
		t.goOn()
		return
	}
	t.notMade(failure{why.Outcome, why.Request, why.Total, why.Code, true})
}

// why is the part for which neither stands: one that nobody is sure of before one that is not to be had.
func (p Pair) why() Part {
	out := p.Parts[0]
	for _, part := range p.Parts {
		switch {
		case part.Outcome == hotel.OutcomeUnclear:
			return part
		case out.Made != nil || out.Outcome == hotel.OutcomeWithdrawn:
			out = part
		}
	}
	return out
}

func (t *taking) pairBooked(pair Pair) {
	a, b := *pair.Parts[0].Made, *pair.Parts[1].Made
	named := func(r hotel.Reservation) string {
		return t.words.text("pair.one", "code", string(r.Code), "room", t.roomsNamed(max(r.Rooms, 1), t.roomName(r.RoomType)), "total", t.words.money(r.Total))
	}
	both := a
	both.Total, both.Extras = plus(a.Total, b.Total), together(a.Extras, b.Extras)
	key := "pair.booked"
	if a.Contact.Email == "" {
		key = "pair.booked.no_mail"
	}
	t.add(key, "name", a.Contact.FirstName, "first", named(a), "second", named(b), "stay", t.words.stay(a.Stay, t.today()),
		"total", t.words.money(both.Total), "email", a.Contact.Email)
	t.sayTotal(both, plus(pair.Parts[0].Request.Quote, pair.Parts[1].Request.Quote))
	t.reply.purpose, t.reply.params = PurposeBooked, []string{string(a.Code)}
	t.s.Shown = ""
	if payment := t.facts.inLang(t.facts.Policies["payment"], t.words.lang); payment != "" {
		t.addText(payment)
	}
}

// withdrawPair takes both back, as far as they have not left, and cancels the rest.
func (t *taking) withdrawPair() {
	t.s.Pair.Undo, t.s.Pair.Wanted = true, true
	t.settlePair()
	t.add("withdrawing")
}
