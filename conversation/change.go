package conversation

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// A booking that is made is moved to other dates, or booked anew for other
// people. Whatever else is to be changed is left to a person.

// maxWhy is how much of what was said for a change is kept.
const maxWhy = 400

// hearChange takes what a text says for a change of a booking that is made. It
// returns false when the text is about something else.
func (t *taking) hearChange(h *heard, text string, u nlu.Understanding) bool {
	folded := fold(text)
	t.readAsChange(h, folded, u)
	f := t.top()
	changing := f != nil && f.Goal == GoalChange
	switch {
	case t.busy(), changing && h.another && f.Asked != AskEither:
		return false
	case changing && f.Asked == AskEither:
		t.hearEither(h, text, u)
		return true
	case changing:
		h.book = false // '¿hay lugar el 10?' is asked for the change
	case t.either(h, folded):
		f = t.open(GoalChange)
		f.Asked = AskEither
		f.keepWords(text)
		h.understood, h.book, h.change = true, false, false
		if bookingOfDay.MatchString(folded) {
			t.hearEither(h, text, u)
		}
		return true
	case t.changesMade(h, folded, u):
		f = t.open(GoalChange) // a booking that is made, and not the one in hand
		h.understood, h.book, h.picked = true, false, cmp.Or(h.picked, h.code)
	case t.beginsChange(h, text, u):
		f = t.open(GoalChange)
		h.modify, h.understood, h.book = true, true, false
	default:
		return false
	}
	if h.before() || f.Asked == AskWhich {
		return true
	}
	f.keepWords(text)
	if f.Old != nil { // else it is understood when the booking is known
		t.takeChange(h, f, text, u)
	}
	return true
}

// before tells whether something is wanted that goes before a change.
func (h *heard) before() bool { return h.human || h.trouble || h.cancel || h.status }

// readAsChange takes for a change what understanding alone takes for something else.
func (t *taking) readAsChange(h *heard, folded string, u nlu.Understanding) {
	own := len(t.live())
	if own > 0 && (h.status || !h.understood) &&
		(stayStretched.MatchString(folded) || stretches.MatchString(folded) && nightsMore(folded, u) != 0) {
		h.status, h.modify = false, true // 'acortar mi estadía' asks how nothing stands
	}
	if u.Slots.Reference != "" && t.top() == nil && wishes.MatchString(folded) && len(u.Dates) == 1 && t.endsNamed(folded, hotel.Date{}) != (ends{}) {
		h.status, h.modify, h.book = false, true, false // 'tengo la QWERTYUIO, ¿puedo salir el 14?'
		h.topics = slices.DeleteFunc(h.topics, ofEnds)
	}
	if own > 0 && !h.another && t.frame(GoalBook) == nil && len(u.Dates) == 1 && stretches.MatchString(folded) || t.movesOwn(h, folded) {
		h.modify, h.trouble = true, h.trouble && u.Intent != nlu.ServiceCheckOut
		h.topics = slices.DeleteFunc(h.topics, ofEnds)
	}
	if t.asksHour(h, folded, u) {
		topic := nlu.TopicCheckIn
		if exit.MatchString(folded) {
			topic = nlu.TopicCheckOut
		}
		h.topics, h.understood = append(h.topics, topic), true
	}
	if t.saysKnownEnd(h, folded) {
		h.status, h.understood = true, true // 'llegamos el 4', as it is: they see it
	}
	if own == 1 && h.another && stayUntil.MatchString(folded) && len(u.Dates) == 1 && !u.Dates[0].Range && t.frame(GoalBook) == nil && !bookAnother.MatchString(folded) {
		h.another, h.modify = false, true // 'queremos quedarnos hasta el 8'
	}
	if own == 1 && h.another && nightsMore(folded, u) < 0 {
		h.another = false // 'quiero quedarme una noche menos' books nothing
	}
}

// changesMade tells whether a text names a booking that is made, to change it,
// while one is being made that has no price yet.
func (t *taking) changesMade(h *heard, folded string, u nlu.Understanding) bool {
	if !h.modify || h.before() || !t.frame(GoalBook).unpriced() || len(t.live()) == 0 {
		return false
	}
	return ownBooking.MatchString(folded) || h.code != "" || !h.another && u.Slots.RoomType != "" && len(t.ofRoom(u.Slots.RoomType)) > 0
}

// beginsChange tells whether a text wants a booking changed, and none is being made.
func (t *taking) beginsChange(h *heard, text string, u nlu.Understanding) bool {
	f := t.top()
	if h.before() || t.frame(GoalBook) != nil || f != nil && f.Goal == GoalHandoff && f.Change {
		return false
	}
	if h.modify {
		return true
	}
	return f == nil && !h.another &&
		(t.addsToBooking(text, u) || len(t.live()) == 1 && otherwise.MatchString(fold(text)) && speaksOfStay(u, h, text))
}

// addsToBooking tells whether a text adds to the booking that is there: 'somos uno más', 'una noche más'.
func (t *taking) addsToBooking(text string, u nlu.Understanding) bool {
	folded := fold(text)
	return len(t.live()) > 0 && moreOrLess.MatchString(folded) &&
		(moreGuests.MatchString(folded) || moreChildren.MatchString(folded) || nightsMore(folded, u) != 0)
}

var (
	stayUntil   = regexp.MustCompile(`\b(qued\w+ hasta|stay (?:until|till))\b`)
	bookAnother = regexp.MustCompile(`\b(reserv\w*|otr[oa]s?|book\w*|another|desde|from|para)\b`)
)

// otherwise are the words that change what is there: with one booking they are about it.
var otherwise = regexp.MustCompile(`\b(ahora (somos|seremos|vamos)|al final (somos|seremos|vamos)|vamos a ser|me (confundi|equivoque)|my mistake|(made|was) a mistake|wrong dates?|(we'll|we will|were going to|we're going to|we are going to) be|(we are|were|it is|its) now|now (we are|were|it is|its)|en vez|en lugar|instead|move it|pasal[ao]|movel[ao]|cambial[ao])\b`)

// unpriced tells whether a booking that is being made has no price yet.
func (f *Frame) unpriced() bool { return f != nil && f.Offer == nil && f.ReadBack == nil }

func (f *Frame) keepWords(text string) {
	f.Why = clip(strings.TrimPrefix(f.Why+"\n"+text, "\n"), maxWhy)
}

// takeChange takes what shall be otherwise; what is not named stays.
func (t *taking) takeChange(h *heard, f *Frame, text string, u nlu.Understanding) {
	if len(u.NoDays) > 0 && f.Asked != AskAges {
		h.noDay, h.changed, h.understood = u.NoDays[0].Text, true, true
		return
	}
	before := f.Slots.clone()
	if !t.takeChangeOfStay(f, text, u) {
		f.Slots.takeStay(stayOf(u, f.Asked, text), f.Asked)
		f.Slots.takeParty(restOf(u, f.Asked, text), f.Asked, adds(text))
	}
	t.compare(h, f, before)
}

// modify opens the change of a booking: of the one in hand it is a correction.
func (t *taking) modify(h *heard) {
	if top := t.top(); top != nil && top.Goal == GoalChange {
		return
	}
	if f := t.frame(GoalBook); f != nil && h.picked == "" {
		t.open(GoalBook)
		h.change = h.change || !h.changed
		return
	}
	t.open(GoalChange)
}

// changeFrame takes the change of a booking one step further.
func (t *taking) changeFrame(f *Frame, h *heard) {
	if h.noDay != "" {
		t.add("refuse.no_day", "day", h.noDay)
		f.Asked = AskDates
		return
	}
	switch {
	case f.Asked == AskConfirm && f.Old != nil && t.hearChangeConfirm(f, h):
		return
	case f.Asked == AskProof && h.no:
		t.leaveProof(GoalChange, h)
		return
	case t.leavesWhich(f, h), t.leavesEither(f, h):
		return
	case f.Old != nil && h.picked != "" && h.picked != f.Old.Code:
		*f = Frame{Goal: GoalChange, Slots: Slots{Code: h.picked}}
	case f.Old != nil && h.no && !h.changed && f.Asked != AskAges:
		t.keepAsIs(f)
		return
	}
	if f.Old != nil {
		t.nextOfChange(f)
		return
	}
	if t.bookingMeant(f, h) {
		f.Asked = ""
		t.want(ToChange, ReadBooking{f.Slots.Code})
	}
}

// keepAsIs leaves a booking as it is.
func (t *taking) keepAsIs(f *Frame) {
	t.add("change.kept", "code", string(f.Slots.Code))
	t.leave(GoalChange)
}

// foundToChange takes the booking that is to be changed, and what was said for it meanwhile.
func (t *taking) foundToChange(answers []Answer) {
	f := t.frame(GoalChange)
	r, ok := answers[0].(BookingRead)
	if f == nil || !ok {
		return
	}
	if !r.Stale.IsZero() { // nothing is decided on what was so a while ago
		t.systemDown()
		return
	}
	if !t.proven(f, r) || !t.mayChange(r.Reservation) {
		return
	}
	f.load(r.Reservation)
	h := &heard{}
	for text := range strings.Lines(f.Why) {
		text = strings.TrimSpace(text)
		t.takeChange(h, f, text, t.reread(f, text))
	}
	if top := t.top(); top.Goal == GoalChange {
		t.changeFrame(top, &heard{noDay: h.noDay})
	}
}

// load takes a booking as what is to be changed: what shall be begins with what is.
func (f *Frame) load(r hotel.Reservation) {
	r.RoomType.Description = ""
	f.Old = &r
	s := &f.Slots
	s.CheckIn, s.CheckOut, s.Nights = r.Stay.CheckIn, r.Stay.CheckOut, 0
	s.Adults, s.Children, s.Ages, s.Rooms, s.RoomType = r.Adults, r.Children, agesOf(r), 0, r.RoomType.ID
	f.Spoken, f.PartySpoken = true, true
}

// agesOf are the children's ages of a booking; nil when not all are known.
func agesOf(r hotel.Reservation) []int {
	var out []int
	for _, row := range r.Rows {
		out = append(out, row.Ages...)
	}
	if len(out) != r.Children {
		return nil
	}
	return out
}

// mayChange tells whether a booking can be changed here; it says so when it cannot.
func (t *taking) mayChange(r hotel.Reservation) bool {
	t.s.Shown = r.Code
	if f := t.frame(GoalCancel); f != nil && (f.Slots.Code == r.Code || f.Slots.Code == "") {
		t.close(GoalCancel) // who changes a booking wants it
	}
	switch {
	case r.Status == hotel.StatusCancelled:
		t.add("cancel.already", "code", string(r.Code))
		t.leave(GoalChange)
	case r.Status != hotel.StatusBooked || r.Stay.CheckIn.Before(t.today()):
		t.changeByStaff("change.late", r.Code)
	case r.Mixed(): // has no one price, and no one room type that could be free
		t.changeByStaff("change.staff", r.Code)
	default:
		return true
	}
	return false
}

// changeByStaff offers to leave a change to a person, who hears which booking and what was said.
func (t *taking) changeByStaff(key string, code hotel.BookingCode) {
	why := ""
	if f := t.frame(GoalChange); f != nil {
		why = strings.ReplaceAll(f.Why, "\n", " / ")
	}
	t.close(GoalChange)
	t.offerPerson(key, "code", string(code))
	top := t.top()
	top.Slots.Code, top.Change, top.Why = code, true, cmp.Or(clip(why, 200), top.Why)
}

// otherPeople tells whether others shall come than were booked.
func (f *Frame) otherPeople() bool {
	s, old := f.Slots, *f.Old
	ages := agesOf(old)
	return s.Adults != old.Adults || s.Children != old.Children || len(ages) > 0 && len(s.Ages) > 0 && !slices.Equal(s.Ages, ages)
}

// nextOfChange asks for what is missing of a change, or what it would cost.
func (t *taking) nextOfChange(f *Frame) {
	s, old := &f.Slots, *f.Old
	if s.CheckIn.IsZero() {
		f.Asked = AskDates
		t.add("ask.dates")
		return
	}
	if s.CheckOut.IsZero() && f.Asked == AskNights {
		t.add("ask.nights")
		return
	}
	if s.CheckOut.IsZero() {
		s.CheckOut = s.CheckIn.AddDays(old.Stay.Nights())
	}
	moves, people := s.Stay() != old.Stay, f.otherPeople()
	rooms := max(old.Rooms, 1)
	parties, split := split(*s, rooms)
	switch {
	case s.RoomType != old.RoomType.ID || s.Rooms != 0 && s.Rooms != rooms || moves && people:
		t.changeByStaff("change.staff", old.Code)
	case !moves && !people:
		t.askModify(f)
	case moves && t.refuseStay(f):
	case people && s.Children > 0 && len(s.Ages) == 0 && s.From[nlu.Ages] != Assumption:
		t.askStay(f, AskAges)
	case people && (!split || !t.takes(old.RoomType, parties)):
		t.add("offer.small", "room", t.roomsNamed(rooms, t.roomName(old.RoomType)), "party", t.words.party(s.Adults, s.Children, s.Ages))
		t.changeByStaff("change.staff", old.Code)
	default:
		f.Asked = ""
		t.want(ToMove, ReadBooking{old.Code}, ReadAvailability{Fresh: true, AvailabilityQuery: hotel.AvailabilityQuery{
			Property: t.facts.Property, Stay: s.Stay(), Rooms: rooms, RoomType: old.RoomType.ID}})
	}
}

// askModify asks what shall be otherwise, as near as the guest has said it.
func (t *taking) askModify(f *Frame) {
	said := fold(f.Why)
	if f.Asked != "" {
		said = said[strings.LastIndexByte(said, '\n')+1:]
	}
	names := func(words string) bool {
		return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return strings.Contains(said, w) })
	}
	old := *f.Old
	pairs := []string{"code", string(old.Code), "room", t.bookedRoom(old),
		"stay", t.words.stay(old.Stay, t.today()), "party", t.words.party(old.Adults, old.Children, agesOf(old))}
	open, end := f.Asked, endWanted(said)
	switch {
	case end != "" && hourSaid.MatchString(said):
		t.changeByStaff("change.staff", old.Code)
	case end != "":
		f.Asked = end
		t.add("ask.modify."+string(end), pairs...)
	case names("fecha date dia days noche night adelant posterg reprogram reschedul postpone mover move"):
		f.Asked = AskDates
		t.add("ask.modify.dates", pairs...)
	case names("persona huesped guest people gente adult nino nene child kid"):
		f.Asked = AskGuests
		t.add("ask.modify.guests", pairs...)
	case names("nombre name apellido mail correo habitacion cuarto room cama bed vista view piso floor telefono phone"):
		t.changeByStaff("change.staff", old.Code)
	case open == AskDates || open == AskGuests || open.forEnd():
		t.add("ask." + string(open))
	default:
		f.Asked = AskChange
		t.add("ask.modify", pairs...)
	}
}
