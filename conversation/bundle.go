package conversation

import (
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Bundle is several booking requests that are out together, one for each room
// type: confirmed together, or none of them stands.
type Bundle struct {
	Parts  []Part    `json:"p"`
	At     time.Time `json:"at"`
	Undo   bool      `json:"u,omitempty"` // none shall stand: one is not to be had, or the guest wants them back
	Wanted bool      `json:"w,omitempty"` // back, by the guest
}

// Part is one of them.
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

// requestBundle sends all booking requests. The guest hears once all have ended.
func (t *taking) requestBundle(f *Frame, rb *ReadBack) {
	p := &Bundle{At: t.now}
	for i, r := range rb.requests() {
		r.Reference, r.Guest, r.Agreed = t.reference()+hotel.Reference("-"+itoa(int64(i+1))), t.s.Guest, t.now
		p.Parts = append(p.Parts, Part{Key: t.emit(Book{r}), Request: r})
	}
	f.Asked, f.ReadBack = "", nil
	t.s.Bundle = p
	t.s.Since = t.oldest
}

// bundleTakes takes what happened to one of the bookings. It returns false when it
// happened to something else, and over when all have ended.
func (t *taking) bundleTakes(in Input) (taken, over bool) {
	if t.s.Bundle == nil {
		return false, false
	}
	for i := range t.s.Bundle.Parts {
		if t.partTakes(&t.s.Bundle.Parts[i], in) {
			return true, t.settleBundle()
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

// settleBundle takes all back when one is not to be had. It returns true when all have ended.
func (t *taking) settleBundle() bool {
	b := t.s.Bundle
	missing := func(p Part) bool { return p.Made == nil }
	lost := func(p Part) bool { return p.Outcome != "" && p.Made == nil }
	if !b.Undo && !slices.ContainsFunc(b.Parts, missing) {
		return true
	}
	if b.Undo = b.Undo || slices.ContainsFunc(b.Parts, lost); !b.Undo {
		return false
	}
	over := true
	for i := range b.Parts {
		p := &b.Parts[i]
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

// endBundle ends the wait for several bookings, and keeps what stands.
func (t *taking) endBundle() Bundle {
	b := *t.s.Bundle
	t.s.Bundle = nil
	for _, p := range b.Parts {
		if p.Made != nil && !p.Gone {
			t.keep(Booking{Reservation: *p.Made, Ours: true})
		}
	}
	if !b.Undo {
		t.close(GoalBook)
		for _, p := range b.Parts {
			t.mail(hotel.MailConfirmation, *p.Made)
		}
	}
	return b
}

// bundleOver tells the guest, once, that all bookings are made or that none stands.
func (t *taking) bundleOver() {
	b := t.endBundle()
	if !b.Undo {
		t.bundleBooked(b)
		return
	}
	if codes := b.stuck(); len(codes) > 0 {
		t.close(GoalBook)
		t.add("bundle.stuck", "codes", t.words.list(codes), "n", t.words.number(len(b.Parts)))
		t.handOverWith(hotel.CauseBooking, "detail", t.staffWords().text("alert.bundle_stuck", "codes", t.staffWords().list(codes)))
		return
	}
	why := b.why()
	if b.Wanted && why.Outcome != hotel.OutcomeUnclear {
		t.close(GoalBook)
		t.add("bundle.withdrawn", "n", t.words.number(len(b.Parts)))
		t.goOn()
		return
	}
	t.notMade(failure{why.Outcome, why.Request, why.Total, why.Code, len(b.Parts)})
}

// stuck are the codes of those that were made, shall not stand, and could not be cancelled.
func (b Bundle) stuck() []string {
	var codes []string
	for _, p := range b.Parts {
		if p.Stuck {
			codes = append(codes, string(p.Made.Code))
		}
	}
	return codes
}

// why is the part for which none stands: one that nobody is sure of before one that is not to be had.
func (b Bundle) why() Part {
	out := b.Parts[0]
	for _, part := range b.Parts {
		switch {
		case part.Outcome == hotel.OutcomeUnclear:
			return part
		case out.Made != nil || out.Outcome == hotel.OutcomeWithdrawn:
			out = part
		}
	}
	return out
}

// bundleBooked tells the guest that all are made.
func (t *taking) bundleBooked(b Bundle) {
	var named []string
	var quote hotel.Money
	whole := *b.Parts[0].Made
	whole.Total, whole.Extras = hotel.Money{}, nil
	for _, p := range b.Parts {
		r := *p.Made
		named = append(named, t.words.text("bundle.one", "code", string(r.Code), "room", t.bookedRoom(r),
			"total", t.words.money(r.Total)))
		whole.Total, whole.Extras = plus(whole.Total, r.Total), together(whole.Extras, r.Extras)
		quote = plus(quote, p.Request.Quote)
	}
	key := "bundle.booked"
	if whole.Contact.Email == "" {
		key = "bundle.booked.no_mail"
	}
	t.add(key, "name", whole.Contact.FirstName, "n", t.words.number(len(b.Parts)), "codes", t.words.list(named), "stay", t.words.stay(whole.Stay, t.today()),
		"total", t.words.money(whole.Total), "email", whole.Contact.Email)
	t.sayTotal(whole, quote)
	t.reply.purpose, t.reply.params = PurposeBooked, []string{string(whole.Code)}
	t.s.Shown = ""
	t.sayPayment()
}

// withdrawBundle takes all back, as far as they have not left, and cancels the rest.
func (t *taking) withdrawBundle() {
	t.s.Bundle.Undo, t.s.Bundle.Wanted = true, true
	t.settleBundle()
	t.add("withdrawing")
}
