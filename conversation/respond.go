package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// respond decides what the guest hears for what they said.
func (t *taking) respond(h *heard) {
	if thinks(h.text) && (t.lost(h) || h.hesitates()) {
		t.add("no_hurry")
		return
	}
	if t.lost(h) {
		t.s.Stuck++
		t.repeatOrHandOver(h)
		return
	}
	if t.answerErase(h) {
		t.s.Stuck = 0
		return
	}
	if h.erase {
		t.s.Stuck = 0
		t.askErase()
		return
	}
	before := t.position()
	if t.answerPerson(h) {
		t.s.Stuck = 0
		return
	}
	t.answerQuestions(h)
	t.answerAsides(h)
	if t.decide(h) || t.fresh || h.progress() || t.position() != before {
		t.s.Stuck = 0
		return
	}
	// Understood, but of no use to the open question ('sí' to 'which dates?').
	t.s.Stuck++
	if t.s.Stuck >= maxStuck {
		t.reply = reply{intro: t.reply.intro}
		t.handOver(hotel.CauseStuck, h.text)
	}
}

// maxStuck is how many turns without progress lead to a person.
const maxStuck = 2

// lost tells whether nothing in the messages is of use.
func (t *taking) lost(h *heard) bool {
	return !h.understood && !h.changed && !h.spoke && h.unreadable == "" && h.choice == 0
}

// hesitates tells whether a message has a yes, a no or a greeting in it at most: 'bueno, dejame pensarlo'.
func (h *heard) hesitates() bool {
	return !h.changed && h.yesTo == 0 && h.choice == 0 && len(h.topics) == 0 && !h.human && !h.trouble && !h.abort && !h.book && !h.cancel && !h.status &&
		!h.modify && !h.stop && h.unreadable == ""
}

// progress tells whether the messages bring the conversation on by themselves.
func (h *heard) progress() bool {
	return h.changed || len(h.topics) > 0 || h.human || h.trouble || h.abort || h.unreadable != "" ||
		h.greeting || h.thanks || h.bye || h.help || h.stray || h.yesTo != 0 || h.aside
}

// position is where the conversation stands, for comparison.
type position struct {
	frames         int
	goal           Goal
	asked          Question
	counter, query int64
	effects        int
}

func (t *taking) position() position {
	p := position{frames: len(t.s.Frames), counter: t.s.Counter, query: t.s.Query, effects: len(t.effects)}
	if top := t.top(); top != nil {
		p.goal, p.asked = top.Goal, top.Asked
	}
	return p
}

// repeatOrHandOver asks again once, and then leaves the guest to a person.
func (t *taking) repeatOrHandOver(h *heard) {
	if t.s.Stuck >= maxStuck {
		t.handOver(hotel.CauseStuck, h.text)
		return
	}
	top := t.top()
	switch {
	case t.busy():
		t.sayBusy()
	case top == nil || top.Goal == GoalHandoff:
		key := "unknown"
		if h.outOfScope {
			key = "out_of_scope"
		}
		t.add(key)
		t.buttonsOfWelcome()
	case top.Asked == "" || top.Asked == AskPerson: // nothing is open but the hotel system's answer: look again
		t.goOn()
	default:
		key := "again"
		switch {
		case h.badMail:
			key = "again.mail"
		case top.Asked.forName() && oddInName(h.text):
			key = "again.name"
		}
		t.add(key)
		t.goOn()
	}
}

// decide takes what is wanted, most urgent first. It returns true when that is progress for certain.
func (t *taking) decide(h *heard) bool {
	if h.unreadable != "" {
		t.sayUnreadable(h.unreadable)
	}
	if h.human || h.trouble {
		if h.sorry && !h.human {
			t.add("handoff.sorry")
		}
		t.urgent = h.trouble
		t.handOver(hotel.CauseAsked, h.text)
	}
	if top := t.top(); top != nil && top.Goal == GoalCancel && h.abort {
		h.abort, h.no = false, !h.yes // 'sí, dejala sin efecto' and 'no, dejalo' answer the question
	}
	if h.cancel && h.abort && !t.busy() && t.frame(GoalBook) == nil && t.frame(GoalCancel) == nil && t.frame(GoalChange) == nil {
		h.abort = false // nothing is in hand: what is booked is meant
	}
	if h.cancel && !t.busy() && len(t.live()) > 0 && (h.room != "" || h.code != "" || hasCode(h.text) || ownBooking.MatchString(fold(h.text))) {
		h.abort = false // a booking is named
	}
	if h.no && !h.yes && len(h.topics) == 0 && !strings.ContainsAny(h.text, "?¿") && (t.s.Pending != nil || t.s.Bundle != nil || t.s.Changing != nil) {
		h.abort = true // 'no' right after the yes
	}
	if h.stop {
		t.stop()
		return true
	}
	if h.abort && !h.yes || h.cancel && t.abandons(h) {
		t.abort()
		return true
	}
	if t.busy() {
		t.sayBusy()
		return true
	}
	if t.frame(GoalBook) != nil && h.parts() {
		t.add("bye.kept")
		return true
	}
	t.openGoals(h)
	if t.top() == nil {
		t.smallTalk(h)
		return false
	}
	t.advance(h)
	return false
}

// abandons tells whether 'cancel' means what is being booked right now: there is nothing else to cancel.
func (t *taking) abandons(h *heard) bool {
	top := t.top()
	return top != nil && top.Goal == GoalBook && h.picked == "" && len(t.live()) == 0 && !hasCode(h.text)
}

// openGoals opens the frames of what is wanted.
func (t *taking) openGoals(h *heard) {
	switch {
	case h.cancel:
		t.openCancel()
	case h.status:
		t.open(GoalStatus)
	case h.modify && !h.trouble: // a person hears of it already
		t.modify(h)
	case h.book:
		t.open(GoalBook)
	case h.code != "" && t.top() == nil: // a code, and most likely the surname with it
		f := t.open(GoalStatus)
		if words := strings.Fields(h.text); len(words) <= maxProofWords {
			f.Slots.Code, f.Slots.Last = proofIn(words, false)
		}
	case h.changed && t.frame(GoalBook) != nil && t.top().Goal != GoalBook && t.top().Goal != GoalChange && t.top().Asked != AskProof:
		t.open(GoalBook)
	}
}

// abort leaves what is in hand.
func (t *taking) abort() {
	t.s.Waiting, t.fresh = nil, false
	switch {
	case t.s.Pending != nil:
		t.withdraw()
	case t.s.Bundle != nil:
		t.withdrawBundle()
	case t.s.Changing != nil:
		t.withdrawChange()
	case t.top() == nil:
		if len(t.reply.parts) == 0 {
			t.add("nothing_to_stop")
		}
	case t.top().Goal == GoalBook:
		t.close(GoalBook)
		t.add("aborted")
	case t.top().Goal == GoalChange && t.top().Old != nil:
		t.keepAsIs(t.top())
	default: // a digression is left, the booking below goes on
		t.s.Frames = t.s.Frames[:len(t.s.Frames)-1]
		t.goBack()
	}
}

// smallTalk answers what needs no goal.
func (t *taking) smallTalk(h *heard) {
	switch {
	case len(t.reply.parts) > 0 || t.fresh: // answered already, or in a moment
	case h.yesTo != 0 && len(t.s.Bookings) == 0:
		t.add("old_tap.none")
		t.buttons(t.words.button(tapBook, "book"))
	case h.yesTo != 0:
		last := t.s.Bookings[len(t.s.Bookings)-1]
		if t.titleOf(h.text, "change_yes", "cancel_yes", "cancel_all") { // that button made no booking
			if b, known := t.booking(t.s.Shown); known {
				last = b
			}
			t.add("old_tap.change", "code", string(last.Code), "status", t.words.text("status."+string(knownStatus(last.Status))),
				"stay", t.words.stay(last.Stay, t.today()))
			return
		}
		t.add("already_booked", "code", string(last.Code))
	case h.thanks:
		t.add("thanks")
	case h.bye:
		t.add("bye")
	case h.help:
		t.add("help")
		t.buttonsOfWelcome()
	case h.greeting && !t.reply.intro:
		t.add("hello_again")
		t.buttonsOfWelcome()
	default:
		t.add("welcome")
		t.buttonsOfWelcome()
	}
}

func (t *taking) buttonsOfWelcome() {
	t.buttons(t.words.button(tapBook, "book"), t.words.button(tapStatus, "status"), t.words.button(tapPerson, "person"))
}

func (t *taking) sayUnreadable(kind hotel.InboundKind) {
	key := "other"
	switch kind {
	case hotel.InAudio, hotel.InVoice:
		key = "voice"
	case hotel.InImage, hotel.InVideo, hotel.InSticker:
		key = "image"
	case hotel.InLocation:
		key = "location"
	}
	t.add("unreadable." + key)
	t.buttons(t.words.button(tapPerson, "person"))
}

// busy tells whether a request is out: nothing new is begun before its result.
func (t *taking) busy() bool {
	return t.s.out()
}

// sayBusy tells how it stands with what is out, where nothing was said yet.
func (t *taking) sayBusy() {
	switch {
	case len(t.reply.parts) > 0:
	case t.s.Bundle != nil && t.s.Bundle.Wanted:
		t.add("withdrawing")
	case t.s.Bundle != nil:
		t.add("pending")
	case t.s.Pending != nil && t.s.Pending.Withdrawing:
		t.add("withdrawing")
	case t.s.Pending != nil:
		t.add("pending")
	case t.s.Changing != nil && t.s.Changing.Withdrawing:
		t.add("withdrawing")
	case t.s.Changing != nil:
		t.add("change_pending", "code", string(t.s.Changing.Request.Booking.Code))
	case t.s.Leaving != nil && len(t.s.Leaving.More) > 0:
		var codes []string
		for _, l := range t.s.Leaving.all() {
			codes = append(codes, string(l.Code))
		}
		t.add("cancel_pending.many", "codes", t.words.list(codes))
	case t.s.Leaving != nil:
		t.add("cancel_pending", "code", string(t.s.Leaving.Code))
	}
}

// clear tells whether a yes in words stands alone: nothing in any message limits it or asks something.
func (h *heard) clear() bool {
	return h.yes && !h.doubt && h.yesTo == 0 && !h.no && !h.changed && h.unreadable == "" && len(h.topics) == 0 &&
		!h.human && !h.abort && !h.change && !h.modify && !h.cancel
}

// doubtful tells whether a text limits what it agrees to, or asks. Where a change
// was read back, 'yes, change it' limits nothing.
func (t *taking) doubtful(text string) bool {
	if strings.ContainsAny(text, "?¿") {
		return true
	}
	if top := t.top(); top != nil && top.Goal == GoalChange {
		text = changeIt.ReplaceAllString(fold(text), "")
	}
	for word := range strings.FieldsFuncSeq(fold(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if slices.Contains(doubts, word) {
			return true
		}
	}
	return false
}

// ownBooking names a booking that is made.
var ownBooking = regexp.MustCompile(`\b(mis? reservas?|(my|our) (bookings?|reservations?))\b`)

var changeIt = regexp.MustCompile(`\b(please )?change it\b|\b(la |lo )?pod(es|e)s? cambiar\b`)

// doubts are the words that make a yes unclear.
var doubts = []string{"no", "not", "pero", "but", "espera", "esperame", "wait", "antes", "before", "mejor", "rather", "instead",
	"creo", "quizas", "capaz", "maybe", "perhaps", "depende", "if", "cambiar", "change", "todavia", "yet"}
