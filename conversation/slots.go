package conversation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// hearBooking takes what a text says for a booking. A date, a number of guests
// or a room word opens one, unless the text is about a booking that exists.
func (t *taking) hearBooking(h *heard, text string, u nlu.Understanding) {
	h.spoke = h.spoke || speaksOfStay(u, h, text)
	if h.abort && speaksOfStay(u, h, text) {
		h.abort = false // 'para mañana' stops nothing
	}
	if h.human && u.Slots.CheckIn.IsZero() && u.Slots.CheckOut.IsZero() {
		return // 'hablar con una persona' counts nobody
	}
	if t.namesMade(h, text, u) {
		return
	}
	f := t.frame(GoalBook)
	if top := t.top(); top != nil && top.Goal == GoalHandoff && top.Change && !h.book {
		return // it is about the booking that a person shall change
	}
	if f == nil {
		existing := h.cancel || h.status || h.modify || h.human || h.trouble || u.Slots.Reference != ""
		if !h.book && (existing || !speaksOfStay(u, h, text)) {
			return
		}
		if existing && t.top() != nil || !h.book && len(h.topics) > 0 && len(t.live()) > 0 && u.Slots.Guests+u.Slots.Adults+u.Slots.Nights == 0 {
			return // '¿hay desayuno el 5?' of who has a booking
		}
		f = t.open(GoalBook)
		h.book = true
	}
	if t.s.Pending != nil || t.s.Bundle != nil {
		return
	}
	before := f.Slots.clone()
	chosen := before.Mix
	if before.From[nlu.RoomType] == Assumption { // found by us, for what was said of the rooms
		chosen = nil
	}
	if len(u.NoDays) > 0 && f.Asked != AskAges {
		h.noDay, h.changed, h.understood = u.NoDays[0].Text, true, true
		u.Slots.CheckIn, u.Slots.CheckOut, u.Slots.Nights = hotel.Date{}, hotel.Date{}, 0
		f.forgetStay()
		f.Offer, f.ReadBack = nil, nil
	}
	if !t.takeChangeOfStay(f, text, u) {
		f.Slots.takeStay(stayOf(u, f.Asked, text), f.Asked)
		f.Slots.takeParty(f.Slots.dropPart(text, t.swapRooms(&f.Slots, text, restOf(u, f.Asked, text))), f.Asked, adds(text))
		f.Slots.takeMix(t.mixIn(text, u.Slots.Rooms, f.Asked))
		if u.Slots.RoomType != "" && u.Slots.Rooms == 0 && (len(chosen) > 1 || before.Rooms > 1 && onlyRoom.MatchString(fold(text))) && f.Slots.RoomType == u.Slots.RoomType {
			t.leaveMix(&f.Slots, chosen)
		}
	}
	f.takeWho(h, before, text, u)
	if (f.Asked == AskChange || f.Asked == AskConfirm) && !h.noMail {
		f.forget(text, before)
	}
	t.compare(h, f, before)
}

// takeWho takes the names, the mail address and the phone number that a text gives for a booking.
func (f *Frame) takeWho(h *heard, before Slots, text string, u nlu.Understanding) {
	if f.Slots.sameStay(before) && !speaksOfStay(u, h, text) || strings.Contains(text, "@") || introduces(text) {
		f.Slots.takeName(cmp.Or(untitled(u.Slots.Name), nameBeforeMail(unadorned(text))), f.Asked)
	}
	f.Slots.takeContact(u.Slots)
	if f.Asked.forName() && f.Slots.sameStay(before) && before.sameContact(f.Slots) && (!h.understood || h.no && correctsName(text)) && !speaksOfStay(u, h, text) {
		f.Slots.takeAnswerAsName(text, f.Asked)
	}
	named := f.Slots.First == "" && !h.understood // said ahead of the question, or in one breath with the choice
	if name := renamed(text); name != "" && (f.Asked == AskChange || f.Asked == AskConfirm && h.no || named) && f.Slots.sameStay(before) &&
		before.sameContact(f.Slots) && !speaksOfStay(u, h, text) {
		f.Slots.takeName(name, f.Asked)
	}
	if last := surnameSaid(text); last != "" && f.Slots.First != "" && before.sameContact(f.Slots) { // 'no, el apellido es Gómez'
		f.Slots.Last = last
	}
}

// namesMade tells whether a room, or 'las dos', names what is made: a cancellation, or the open question, is about it.
func (t *taking) namesMade(h *heard, text string, u nlu.Understanding) bool {
	if h.another {
		return false
	}
	id := u.Slots.RoomType
	several := severalSaid.MatchString(fold(text))
	switch {
	case h.cancel && len(t.live()) > 0:
		return true
	case t.asks(AskWhich):
		return id != "" || several
	case t.asks(AskConfirm) && t.top().Goal == GoalCancel && (several || id != "" && len(t.ofRoom(id)) > 0):
		h.understood = true
		return true
	}
	return false
}

// speaksOfStay tells whether a text names a day, guests or rooms.
func speaksOfStay(u nlu.Understanding, h *heard, text string) bool {
	s := u.Slots
	if !s.CheckIn.IsZero() || !s.CheckOut.IsZero() || s.Nights > 0 || s.Guests > 0 || s.Adults > 0 || s.Children > 0 ||
		s.Rooms > 0 || s.RoomType != "" || len(u.Dates)+len(u.NoDays) > 0 {
		return true
	}
	return (s.RoomText != "" || !h.understood && namesStay(text)) && len(h.topics) == 0
}

// compare notes what changed: a new stay or party undoes the offer, anything new the read-back.
func (t *taking) compare(h *heard, f *Frame, before Slots) {
	s := f.Slots
	stay := s.Stay() != before.Stay() || s.Nights != before.Nights
	party := s.Adults != before.Adults || s.Children != before.Children || !slices.Equal(s.Ages, before.Ages) || s.Rooms != before.Rooms || !slices.Equal(s.Mix, before.Mix)
	room, contact := s.RoomType != before.RoomType, !before.sameContact(s)
	if stay {
		f.Spoken = false
	}
	if stay || party {
		f.Offer = nil
		if s.From[nlu.RoomType] == Assumption { // of a combination that was found for what was said before
			f.Slots.Mix = nil
		}
	}
	if party {
		f.PartySpoken = false
	}
	if room && f.Asked.forContact() {
		f.Asked = "" // what was chosen instead, and its price, are said
	}
	if stay || party || room || contact {
		f.ReadBack, h.changed, h.understood = nil, true, true
	}
}

// takeStay takes days and nights.
func (s *Slots) takeStay(said nlu.Slots, asked Question) {
	in, out := said.CheckIn, said.CheckOut
	nights := s.Nights
	if !s.CheckIn.IsZero() && !s.CheckOut.IsZero() {
		nights = s.Stay().Nights()
	}
	if said.Nights > 0 {
		nights = said.Nights
	}
	// 'el 6' as the answer to how long is the day of leaving.
	if !in.IsZero() && out.IsZero() && said.Nights == 0 && !s.CheckIn.IsZero() && s.CheckOut.IsZero() &&
		(asked == AskNights || asked == AskMore) && in.After(s.CheckIn) {
		in, out = hotel.Date{}, in
	}
	switch {
	case !in.IsZero() && !out.IsZero():
		s.CheckIn, s.CheckOut, s.Nights = in, out, 0
	case !in.IsZero():
		s.CheckIn, s.CheckOut = in, hotel.Date{}
	case !out.IsZero():
		s.CheckOut = out
		nights = 0
	case said.Nights > 0:
		s.CheckOut = hotel.Date{}
	default:
		return
	}
	s.from(nlu.CheckIn, FromWords)
	if s.CheckOut.IsZero() && nights > 0 {
		s.Nights = nights
		if !s.CheckIn.IsZero() && nights <= maxNightsRead {
			s.CheckOut, s.Nights = s.CheckIn.AddDays(nights), 0
		}
	}
}

// maxNightsRead keeps a slip of the finger from leaving the calendar.
const maxNightsRead = 3650

// stayOf is the stay that a text names. A single mention of days that are past
// is no slot of understanding; it is taken all the same, to be refused with the
// reason: where days were asked for, and else when the message is about them, for
// who gives a child's birthday or tells of a stay long ago names past days, too.
func stayOf(u nlu.Understanding, asked Question, text string) nlu.Slots {
	said := u.Slots
	if asked == AskMore && twoBare(text, u) {
		said.Nights = int(u.Numbers[0].Value)
	}
	if !said.CheckIn.IsZero() || !said.CheckOut.IsZero() || len(u.Dates) != 1 || len(u.NoDays) > 0 || asked == AskAges {
		return said
	}
	if open := asked == AskDates || asked == AskStay || asked == ""; !open && !corrects(text) && (!mostly(text, u.Dates[0].Text) || tellsBirth(text)) {
		return said
	}
	if d := u.Dates[0]; d.Grain == "day" {
		said.CheckIn = d.Start
		if d.Range {
			said.CheckOut = d.End
		}
	}
	return said
}

// corrects tells whether a text says that something is to be otherwise.
func corrects(text string) bool {
	folded := fold(text)
	return slices.ContainsFunc([]string{"mejor", "cambi", "prefier", "perdon", "en vez", "en lugar", "better", "rather", "instead", "change", "sorry", "actually"},
		func(w string) bool { return strings.Contains(folded, w) })
}

// tellsBirth tells whether a text gives a birthday.
func tellsBirth(text string) bool {
	folded := fold(text)
	return slices.ContainsFunc([]string{"naci", "cumple", "born", "birth"}, func(w string) bool { return strings.Contains(folded, w) })
}

// mostly tells whether a text is a mention and at most two words more.
func mostly(text, mention string) bool {
	return len(strings.Fields(text))-len(strings.Fields(mention)) <= 2
}

// restOf is the party that a text names. Where nights and guests were asked
// for, a second bare number counts the guests: '2 noches, 3'.
func restOf(u nlu.Understanding, asked Question, text string) nlu.Slots {
	said := u.Slots
	counted := said.Nights > 0 && len(u.Numbers) == 2 || twoBare(text, u)
	if asked == AskMore && counted && said.Guests == 0 && said.Adults == 0 {
		said.Guests = int(u.Numbers[1].Value)
	}
	return said
}

// twoBare tells whether a text is two numbers and nothing else, as the answer
// to 'how many nights, and how many people?': '2 y 3'.
func twoBare(text string, u nlu.Understanding) bool {
	if len(u.Numbers) != 2 || u.Numbers[0].Value < 1 || u.Numbers[1].Value < 1 || u.Slots.Nights > 0 {
		return false
	}
	rest := strings.NewReplacer(u.Numbers[0].Text, "", u.Numbers[1].Text, "", " and ", "", " y ", "").Replace(text)
	return strings.Trim(rest, " ,.;/") == ""
}

// adds tells whether children come on top of a number of guests: 'somos 2 y un bebé'.
func adds(text string) bool {
	folded := fold(text)
	return slices.ContainsFunc([]string{" y ", " and ", " mas ", " plus "}, func(w string) bool { return strings.Contains(folded, w) })
}

// takeParty takes guests, rooms and the room type.
func (s *Slots) takeParty(said nlu.Slots, asked Question, onTop bool) {
	people := said.Guests > 0 || said.Adults > 0 || said.Children >= 0 || len(said.Ages) > 0
	switch {
	case said.Adults > 0:
		s.Adults = said.Adults
		if said.Children < 0 && len(said.Ages) == 0 && s.From[nlu.Adults] != FromWords {
			s.Children, s.Ages = max(said.Guests-said.Adults, 0), nil
		}
	case said.Guests > 0 && asked == AskAdults:
		s.Adults = said.Guests
	case said.Guests > 0 && said.Children < 0 && len(said.Ages) == 0 && s.Children > 0 && said.Guests >= s.Adults+s.Children:
		s.Adults = said.Guests - s.Children // 'somos tres' of two adults and a child are the same three
	case said.Guests > 0:
		s.Adults = said.Guests
		if !onTop {
			s.Adults -= max(said.Children, len(said.Ages), 0)
		}
		if said.Children < 0 && len(said.Ages) == 0 {
			s.Children, s.Ages = 0, nil
		}
	}
	if said.Children >= 0 && said.Children != s.Children {
		s.Children, s.Ages = said.Children, nil
	}
	if len(said.Ages) > 0 {
		s.Ages = slices.Clone(said.Ages)
		s.Children = max(s.Children, len(s.Ages))
	}
	if people {
		s.from(nlu.Guests, FromWords)
		if said.Adults > 0 {
			s.from(nlu.Adults, FromWords)
		}
		if s.From[nlu.Rooms] != FromWords {
			s.Rooms = 0
		}
	}
	if said.Rooms > 0 || said.RoomType != "" {
		s.Mix = nil
	}
	if said.Rooms > 0 {
		s.Rooms = said.Rooms
		s.from(nlu.Rooms, FromWords)
	}
	if said.RoomType != "" {
		s.RoomType = said.RoomType
		s.from(nlu.RoomType, FromWords)
	}
}

// forget drops what the guest wants to say anew, when they named it and gave nothing.
func (f *Frame) forget(text string, before Slots) {
	s := &f.Slots
	folded := fold(text)
	named := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(folded, w) })
	}
	unchanged := s.sameStay(before) && s.sameContact(before)
	switch {
	case !unchanged:
	case named("fecha", "date", "dias", "days"):
		f.forgetStay()
	case named("nombre", "name", "apellido"):
		s.First, s.Last = "", ""
		s.from(nlu.Name, FromWords)
	case named("mail", "correo"):
		s.Email = ""
	case named("persona", "huesped", "guest", "people", "adult"):
		s.Adults, s.Children, s.Ages = 0, 0, nil
	case named("habitacion", "room", "cuarto"):
		s.RoomType = ""
	}
}

func (s Slots) clone() Slots {
	s.Ages = slices.Clone(s.Ages)
	return s
}

func (s Slots) sameStay(o Slots) bool {
	return s.Stay() == o.Stay() && s.Nights == o.Nights && s.Adults == o.Adults && s.Children == o.Children &&
		slices.Equal(s.Ages, o.Ages) && s.Rooms == o.Rooms && s.RoomType == o.RoomType && slices.Equal(s.Mix, o.Mix)
}

func (s Slots) sameContact(o Slots) bool {
	return s.First == o.First && s.Last == o.Last && s.Email == o.Email && s.Phone == o.Phone
}
