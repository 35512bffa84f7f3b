package conversation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// heard is what the messages of a turn say, together.
type heard struct {
	text string // the last one with words

	greeting, thanks, bye, help  bool
	yes, no, abort, human        bool
	stray                        bool  // a button of a question that is no longer open
	yesTo                        int64 // number of the read-back that a tap agreed to; 0 = in words
	book, cancel, status, modify bool
	another                      bool // wants to book, in so many words
	change                       bool // wants to change something of the booking, without saying what yet
	trouble, outOfScope          bool // something that a person must look at
	topics                       []string
	room                         hotel.RoomTypeID // named
	unreadable                   hotel.InboundKind
	choice                       int               // number of a row of the list, from 1
	inHand                       bool              // means the booking that is being made
	picked                       hotel.BookingCode // tapped in a list of bookings
	code                         hotel.BookingCode // said
	sorry                        bool              // the trouble is the hotel's
	at                           time.Time         // arrival of the first message
	spoke                        bool              // a message names days, guests or rooms, also those that are known
	price, dear                  bool              // asks what it costs; finds it dear, or asks for something cheaper
	robot, stop                  bool              // asks whether this is a person; wants no more messages
	erase                        bool              // wants to be forgotten
	onTop                        Goal              // what was in hand when it was said: a yes in words is to that
	noMail, badMail              bool              // has no mail address; wrote one that is none
	aside                        bool              // one of these was answered
	doubt                        bool              // one message at least limits a yes, asks something, or is not understood
	noDay                        string            // a day that no calendar has
	changed                      bool              // a slot got a new value
	understood                   bool
}

// hear takes one message.
func (t *taking) hear(h *heard, m GuestSaid) {
	if m.Kind == hotel.InTap && t.tapped(h, m.TapID) {
		h.text = m.Text
		h.understood = true
		return
	}
	if m.Kind != hotel.InText && m.Kind != hotel.InTap {
		h.unreadable = m.Kind
	}
	text := strings.TrimSpace(m.Text)
	if text == "" {
		return
	}
	h.text, t.heardText = text, text
	top := t.top()
	if h.onTop = ""; top != nil {
		h.onTop = top.Goal
	}
	if t.typedTap(h, text) {
		h.understood = true
		return
	}
	if top != nil && top.Asked.forMail() {
		text = spelledMail(text)
	}
	ctx := t.context(t.near())
	ctx.Prev, ctx.Expect = t.question(top), expects(top, text)
	u := nlu.Understand(text, ctx)
	if t.facts.speaks(u.Lang) && !(top != nil && top.Asked.forData()) { // a name is in no language
		t.s.Lang = u.Lang
	}
	if wantsErasure(fold(text), u) {
		h.erase, h.understood = true, true
		h.yes = h.yes || slices.ContainsFunc(u.Intents, func(s nlu.ScoredIntent) bool { return s.Name == nlu.Confirm && s.Score >= alsoHolds })
		return
	}
	if t.movesEnd(text, u) { // asks for no hours, and for no new stay
		u.Intent, u.Topic, u.Intents, u.Sure = nlu.ModifyReservation, "", nil, true
	}
	t.intents(h, u)
	t.hearAside(h, text, u)
	t.dropTopics(h, text, u)
	h.room = cmp.Or(u.Slots.RoomType, h.room)
	if u.Slots.Reference != "" {
		h.code, h.understood = hotel.BookingCode(u.Slots.Reference), true
		h.book = h.book && speaksOfStay(u, h, text) // 'quiero ver la reserva QWERTYUIO' makes none
	}
	if t.hearAnswer(h, top, text, u) {
		return
	}
	if !t.hearChange(h, text, u) {
		t.hearBooking(h, text, u)
	}
	if top := t.top(); top != nil && !h.changed {
		t.hearChoice(h, top, text, u)
	}
}

// context is what understanding depends on, whatever was asked.
func (t *taking) context(near hotel.Date) nlu.Context {
	return nlu.Context{Ref: t.now, Zone: t.facts.Zone, Country: t.facts.Country, Lang: t.facts.expects(t.s.Lang), RoomTypes: t.namesOfRooms(), Near: near}
}

// dropTopics forgets the questions that a text only seems to ask.
func (t *taking) dropTopics(h *heard, text string, u nlu.Understanding) {
	if u.Slots.Email != "" || h.noMail { // an address that is given, or that there is none, asks for none
		h.topics = slices.DeleteFunc(h.topics, func(topic string) bool {
			return topic == nlu.TopicContact || h.noMail && topic == nlu.TopicLocation // 'no e-mail address'
		})
	}
	if h.modify && endWanted(fold(text)) != "" && !hourSaid.MatchString(fold(text)) && !strings.ContainsAny(text, "?¿") {
		h.topics = slices.DeleteFunc(h.topics, ofEnds)
	}
}

// ofEnds tells whether a question is about the hours of arriving and leaving.
func ofEnds(topic string) bool {
	return topic == nlu.TopicCheckIn || topic == nlu.TopicCheckOut || topic == nlu.TopicEarlyCheckIn || topic == nlu.TopicLateCheckOut
}

// hearAnswer takes what answers an open question and is about nothing else: for a
// person, or for the proof of a booking. It returns false when it is none of these.
func (t *taking) hearAnswer(h *heard, top *Frame, text string, u nlu.Understanding) bool {
	if top != nil && top.Asked == AskPerson && !h.no && (h.yes || namesPerson(text)) {
		h.human, h.understood = true, true
		return true // 'avisale a una persona' counts nobody
	}
	if !h.modify && asksForPerson(top, text, u) && !moreGuests.MatchString(fold(text)) {
		h.human, h.understood = true, true
		return true
	}
	if top != nil && top.Goal == GoalChange && top.Asked == AskProof && !hasCode(text) && len(u.Dates) > 0 {
		top.keepWords(text) // what shall be, and no proof
		h.changed, h.understood = true, true
		return true
	}
	if top != nil && top.Asked == AskProof {
		t.hearProof(h, top, text)
		return true
	}
	return false
}

// asksForPerson tells whether 'quiero una persona' is a request for one, not
// a party of one: it is, unless the party was asked for or more of a stay is said.
func asksForPerson(top *Frame, text string, u nlu.Understanding) bool {
	s := u.Slots
	if s.Guests != 1 || !s.CheckIn.IsZero() || s.Nights > 0 || s.RoomType != "" || !strings.Contains(fold(text), "una persona") {
		return false
	}
	asked := Question("")
	if top != nil {
		asked = top.Asked
	}
	return asked != AskStay && asked != AskMore && asked != AskGuests && asked != AskAdults && asked != AskChange && !strings.Contains(fold(text), "para")
}

// thinks tells whether the guest wants time: that is no misunderstanding.
func thinks(text string) bool {
	folded := fold(text)
	return slices.ContainsFunc([]string{"pensar", "lo pienso", "te aviso", "un momento", "un minuto", "un segundo", "ahora vuelvo", "let me think", "think about it",
		"get back to you", "one moment", "a moment", "one minute", "hold on"}, func(w string) bool { return strings.Contains(folded, w) })
}

// namesPerson tells whether the answer to 'shall I tell a person?' names one.
func namesPerson(text string) bool {
	folded := fold(text)
	return slices.ContainsFunc([]string{"persona", "alguien", "recepcion", "person", "someone", "human", "reception"},
		func(w string) bool { return strings.Contains(folded, w) })
}

// intents gathers what is wanted.
func (t *taking) intents(h *heard, u nlu.Understanding) {
	if !u.Sure {
		return
	}
	t.intent(h, u.Intent, u.Topic)
	for _, s := range u.Intents {
		if s.Score >= alsoHolds && s.Name != u.Intent {
			t.intent(h, s.Name, "")
		}
	}
}

// alsoHolds is the score from which a second intent counts.
const alsoHolds = 0.5

func (t *taking) intent(h *heard, name nlu.Intent, topic string) {
	known := true
	switch name {
	case nlu.Greeting:
		h.greeting = true
	case nlu.Goodbye:
		h.bye = true
	case nlu.Thanks:
		h.thanks = true
	case nlu.Help:
		h.help = true
	case nlu.Confirm:
		h.yes = true
	case nlu.Deny:
		h.no = true
	case nlu.Abort:
		h.abort = true
	case nlu.MakeReservation:
		h.book, h.another = true, true
	case nlu.CheckAvailability:
		h.book = true
	case nlu.RoomPrice:
		h.book, h.price = true, true
	case nlu.ModifyReservation:
		h.modify = true
	case nlu.CancelReservation:
		h.cancel = true
	case nlu.ReservationStatus:
		h.status = true
	case nlu.HumanHandoff:
		h.human = true
	case nlu.Complaint, nlu.Refund, nlu.LostItem:
		h.trouble, h.sorry = true, true
	case nlu.ServiceRoomService, nlu.ServiceHousekeeping,
		nlu.ServiceCheckOut, nlu.ServiceSpecialRequest:
		h.trouble = true
	case nlu.Inform, nlu.OutOfScope:
		known = false
		h.outOfScope = h.outOfScope || name == nlu.OutOfScope
	default:
		h.topics = append(h.topics, topicOf(name, topic))
	}
	if known {
		h.understood = true
	}
}

// topicOf is the key of the hotel's knowledge that a question's intent asks for.
func topicOf(name nlu.Intent, topic string) string {
	if topic != "" {
		return topic
	}
	if _, faq, found := strings.Cut(string(name), "faq."); found {
		return faq
	}
	return string(name)
}

// question is the open question as the guest read it, without what was filled in; "" when none is open.
func (t *taking) question(f *Frame) string {
	if f == nil {
		return ""
	}
	key := "ask." + string(f.Asked)
	if f.Asked == AskAges {
		key += ".many"
	}
	if _, has := t.words.texts[key]; !has {
		return ""
	}
	return t.words.text(key)
}

// expects names the slot that the open question asks for; "" when it asks for several.
func expects(f *Frame, text string) nlu.Slot {
	if f == nil {
		return ""
	}
	switch f.Asked {
	case AskIn:
		return nlu.CheckIn
	case AskOut:
		return nlu.CheckOut
	case AskDates:
		if folded := fold(text); strings.Contains(folded, "somos") || strings.Contains(folded, "we are") {
			return "" // 'somos 4' is no day
		}
		return nlu.CheckIn
	case AskNights, AskMore, AskUntil, AskSooner:
		return nlu.Nights
	case AskGuests, AskAdults:
		return nlu.Guests
	case AskRooms:
		if f.Slots.Children > 0 && len(f.Slots.Ages) == 0 && strings.ContainsAny(text, "0123456789") {
			return nlu.Ages
		}
	case AskAges:
		return nlu.Ages
	case AskRoom:
		return nlu.RoomType
	case AskName, AskWho, AskSurname:
		return nlu.Name
	case AskEmail:
		return nlu.Email
	case AskPhone:
		return nlu.Phone
	case AskProof:
		return nlu.Reference
	case AskPerson:
		if f.Goal == GoalBook && f.Slots.Adults == 0 && f.missing() != "" {
			return nlu.Guests // 'no, 2': a smaller party
		}
		return nlu.ExpectYesNo
	case AskConfirm, AskProfile, AskErase:
		return nlu.ExpectYesNo
	}
	return ""
}
