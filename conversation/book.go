package conversation

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// agreeFor is how long a price that was shown holds: a later yes leads to a new read-back.
const agreeFor = 30 * time.Minute

// bookFrame takes a booking one step further.
func (t *taking) bookFrame(f *Frame, h *heard) {
	if h.noDay != "" {
		t.add("refuse.no_day", "day", h.noDay)
		f.Asked = AskDates
		return
	}
	if h.yesTo != 0 && f.Asked != AskConfirm { // a yes to what was read back before
		f.unprice()
		f.Note = "note.old_tap"
	}
	if h.noMail && t.saidNoMail(f, h) {
		return
	}
	switch f.Asked {
	case AskStay, AskDates, AskMore, AskNights, AskGuests, AskAdults, AskRoom:
		if h.no && !h.changed && loneNo.MatchString(fold(h.text)) {
			t.leave(GoalBook)
			return
		}
	}
	if end := endWanted(fold(h.text)); h.change && end != "" && !h.changed && f.missing() == "" { // 'quedarme más', and not how long
		f.Asked, f.ReadBack = end, nil
		t.add("ask." + string(end))
		return
	}
	if t.hearBookAnswer(f, h) {
		return
	}
	if h.change && f.ReadBack != nil && !h.changed {
		f.Asked = AskChange
		t.add("ask.change")
		return
	}
	if h.choice > 0 && f.Offer != nil && h.choice <= len(f.Offer.Offers) {
		f.Slots.RoomType, f.Slots.Mix = f.Offer.Offers[h.choice-1].RoomType.ID, nil
		f.Slots.from(nlu.RoomType, FromWords)
		h.changed = true
	}
	t.nextOfBooking(f)
}

// hearBookAnswer takes the answer to the open question of a booking, where it is
// more than a slot. It returns false when there is more to do.
func (t *taking) hearBookAnswer(f *Frame, h *heard) bool {
	switch f.Asked {
	case AskConfirm:
		return t.hearConfirm(f, h)
	case AskProfile:
		f.Slots.hearProfile(h, t.s.Profile)
	case AskRooms:
		switch {
		case h.no && !h.changed:
			f.Asked = AskChange
			t.add("ask.change")
			return true
		case h.clear():
			f.Slots.Rooms++
			f.Slots.from(nlu.Rooms, FromWords)
			f.Offer = nil
		}
	case AskDates:
		if h.clear() && f.Offer != nil { // 'shall we try other dates?'
			f.forgetStay()
			f.Offer = nil
		}
	}
	return false
}

// loneNo is a no that says nothing else: who gives it books nothing.
var loneNo = regexp.MustCompile(`^[ ,.!]*(no|nop|nope|nah|ninguna|ninguno|none)([ ,.!]+(no|gracias|thanks|thank you|dejalo|mejor no|por ahora|ninguna|ninguno|none|nada))*[ ,.!]*$`)

// nextOfBooking asks for the first thing that is missing, or shows or reads back.
func (t *taking) nextOfBooking(f *Frame) {
	if t.refuse(f) {
		return
	}
	if q := f.missing(); q != "" {
		t.askStay(f, q)
		return
	}
	if f.Offer == nil || t.now.Sub(f.Offer.At) > agreeFor {
		t.wantOffer(f)
		return
	}
	if f.Offer.mixed() {
		t.askContact(f, f.Offer.whole())
		return
	}
	if len(f.Offer.Offers) == 0 {
		t.sayNone(f)
		return
	}
	offer, ok := f.chosen()
	if !ok {
		t.showOffers(f)
		return
	}
	if !f.Offer.Stale.IsZero() { // shown, but nothing is booked on it
		f.unprice()
		t.wantOffer(f)
		return
	}
	t.askContact(f, offer)
}

// missing names the question for what a stay lacks; "" when it is whole.
func (f *Frame) missing() Question {
	s := f.Slots
	people := s.Adults > 0 || s.Children > 0
	switch {
	case s.CheckIn.IsZero() && !people:
		return AskStay
	case s.CheckIn.IsZero():
		return AskDates
	case s.CheckOut.IsZero() && !people:
		return AskMore
	case s.CheckOut.IsZero():
		return AskNights
	case !people:
		return AskGuests
	case s.Adults == 0:
		return AskAdults
	case s.Children > 0 && len(s.Ages) == 0 && s.From[nlu.Ages] != Assumption:
		return AskAges
	}
	return ""
}

// askStay asks for what the stay lacks, saying back first what was read.
func (t *taking) askStay(f *Frame, q Question) {
	t.sayRead(f)
	key := "ask." + string(q)
	if q == AskAges {
		key += ".many"
		if f.Slots.Children == 1 {
			key = "ask.ages.one"
		}
		f.Slots.from(nlu.Ages, Assumption) // asked once: who does not say them is not asked again
	}
	f.Asked = q
	t.add(key)
}

// sayRead says back, once, the days and guests that were read.
func (t *taking) sayRead(f *Frame) {
	s := f.Slots
	if !f.Spoken && !s.CheckIn.IsZero() {
		f.Spoken = true
		if s.CheckOut.IsZero() {
			t.add("noted.from", "day", t.words.day(s.CheckIn, t.today()))
		} else {
			t.add("noted.stay", "stay", t.words.stay(s.Stay(), t.today()))
		}
	}
	if !f.PartySpoken && s.Adults > 0 {
		f.PartySpoken = true
		t.add("noted.party", "party", t.words.party(s.Adults, s.Children, s.Ages))
	}
}

// refuse says, kindly and with the reason, what cannot be, and forgets it.
func (t *taking) refuse(f *Frame) bool { return t.refuseStay(f) || t.refuseParty(f) }

func (t *taking) refuseStay(f *Frame) bool {
	s := &f.Slots
	today := t.today()
	dates := func(key string, pairs ...string) bool {
		t.add(key, pairs...)
		f.Asked, f.Spoken = AskDates, true
		s.CheckIn, s.CheckOut, s.Nights = hotel.Date{}, hotel.Date{}, 0
		return true
	}
	day := func(d hotel.Date) string { return t.words.day(d, today) }
	stay := s.Stay()
	switch {
	case !s.CheckIn.IsZero() && s.CheckIn.Before(today):
		return dates("refuse.past", "day", day(s.CheckIn))
	case !s.CheckIn.IsZero() && s.CheckIn.DaysSince(today) > t.facts.MaxAhead:
		return dates("refuse.far", "day", day(s.CheckIn))
	case !s.CheckIn.IsZero() && !s.CheckOut.IsZero() && stay.Nights() <= 0:
		return dates("refuse.inverted", "in", day(s.CheckIn), "out", day(s.CheckOut))
	case !s.CheckIn.IsZero() && !s.CheckOut.IsZero() && stay.Nights() > t.facts.MaxNights,
		s.Nights > t.facts.MaxNights:
		nights := max(s.Nights, 0)
		if !s.CheckIn.IsZero() && !s.CheckOut.IsZero() {
			nights = stay.Nights()
		}
		t.add("refuse.long", "max", t.words.count("night", t.facts.MaxNights), "stay", t.words.count("night", nights))
		s.CheckOut, s.Nights = hotel.Date{}, 0
		f.Asked = AskNights
		return true
	}
	return false
}

func (t *taking) refuseParty(f *Frame) bool {
	s := &f.Slots
	person := func(key string, pairs ...string) bool {
		t.add(key, pairs...)
		f.Asked = AskPerson
		s.Adults, s.Children, s.Ages, s.Rooms = 0, 0, nil, 0
		delete(s.From, nlu.Rooms)
		t.buttons(t.words.button(tapPerson, "person"))
		return true
	}
	if s.Rooms > t.facts.MaxRooms {
		return person("refuse.rooms", "max", t.words.count("room", t.facts.MaxRooms))
	}
	if s.Adults+s.Children == 0 || s.Adults == 0 {
		return false
	}
	if len(s.Mix) > 0 {
		return t.refuseMix(f)
	}
	needed := t.roomsFor(s)
	if needed == 0 {
		return person("refuse.group", "party", t.words.party(s.Adults, s.Children, s.Ages), "max", t.words.count("room", t.facts.MaxRooms))
	}
	if s.Rooms > 0 && s.Rooms < needed {
		t.add("refuse.crowded", "party", t.words.party(s.Adults, s.Children, s.Ages), "rooms", t.words.count("room", s.Rooms))
		f.Asked = AskRooms
		return true
	}
	return false
}

// roomsFor is how few rooms the party fits in: 0 when this hotel cannot take it in one booking.
func (t *taking) roomsFor(s *Slots) int {
	types := t.roomFacts()
	for n := 1; n <= t.facts.MaxRooms; n++ {
		parties, ok := split(*s, n)
		if !ok {
			break
		}
		if len(types) == 0 && s.Adults+s.Children <= 4*n {
			return n
		}
		for _, rt := range types {
			if fits(rt.RoomType, parties) {
				return n
			}
		}
	}
	return 0
}

// rooms is how many rooms are searched: those asked for, or as few as hold the party.
func (t *taking) rooms(s *Slots) int {
	if s.Rooms > 0 {
		return s.Rooms
	}
	return max(t.roomsFor(s), 1)
}

// split spreads the party over n rooms, evenly, with an adult in each.
func split(s Slots, n int) ([]hotel.Party, bool) {
	if n < 1 || s.Adults < n {
		return nil, false
	}
	out := make([]hotel.Party, n)
	for i := range out {
		out[i].Adults = s.Adults / n
		if i < s.Adults%n {
			out[i].Adults++
		}
	}
	for i := range s.Children {
		p := &out[n-1-i%n]
		p.Children++
		if i < len(s.Ages) {
			p.Ages = append(p.Ages, s.Ages[i])
		}
	}
	return out, true
}

func fits(rt hotel.RoomType, parties []hotel.Party) bool {
	return !slices.ContainsFunc(parties, func(p hotel.Party) bool { return !rt.Fits(p) })
}

// chosen returns the offer of the room type that was chosen.
func (f *Frame) chosen() (hotel.Offer, bool) {
	for _, o := range f.Offer.Offers {
		if o.RoomType.ID == f.Slots.RoomType {
			return o, true
		}
	}
	return hotel.Offer{}, false
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
