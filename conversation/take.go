package conversation

import (
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

// taking is one call of Take at work: the state on its way, and what was
// decided so far. It lives as long as the call.
type taking struct {
	*Dialogue
	s      State
	words  *phrasebook
	inputs []Input
	now    time.Time
	base   hotel.Key // of the keys of this turn's rows

	effects   []Effect
	rows      int // effects so far that become rows
	said      []hotel.TranscriptLine
	reply     reply
	oldest    time.Time // acceptance of the oldest message in this turn
	heardText string    // the guest's last words in this turn
	urgent    bool      // a complaint, or the like: the staff hears each one
	spoken    bool      // the guest said something that wants an answer
	since     time.Time // of the oldest message without an answer before this turn
	was       asking    // the question that was open before this turn
	plain     bool      // alerts tell no goal: the dialogue is not asked
	fresh     bool      // the reads in s.Waiting are asked by this turn
	sets      int       // sets of reads asked by this turn
	handoff   bool      // the handoff changed
	erasedBy  string    // on whose word the guest is erased in this turn
	closed    *hotel.HandoffRecord
	paused    hotel.AlertCause // why the engine keeps quiet; "" = it does not
	unsaid    bool             // something was not said for that reason
}

// maxSets is how many sets of reads may lead to one answer.
const maxSets = 3

func (d *Dialogue) take(s State, inputs []Input, now time.Time) Turn {
	if s.Erased {
		t := &taking{Dialogue: d, s: s.clone(), inputs: inputs, now: now, base: keyBase(s, inputs)}
		return t.takeErased()
	}
	if until := d.holds(s, inputs, now); !until.IsZero() {
		return Turn{State: s, Hold: until, property: d.facts.Property, facts: d.version}
	}
	t := &taking{Dialogue: d, s: s.clone(), inputs: inputs, now: now, base: keyBase(s, inputs)}
	if t.paused = pausedBy(inputs); t.paused != "" {
		t.s.Waiting = nil // no answer is awaited: the guest's next message asks anew
	}
	t.words = d.book(t.s.Lang)
	t.since, t.was = t.s.Since, t.asking()
	t.said = make([]hotel.TranscriptLine, 0, len(inputs)+1)
	t.effects = make([]Effect, 0, 2)
	if by := erasureIn(inputs); by != "" {
		return t.eraseFromOutside(by)
	}
	said := make([]GuestSaid, 0, len(inputs))
	for _, in := range inputs {
		switch in := in.(type) {
		case GuestSaid:
			said = append(said, in)
		case ReadAnswered, Due, Paused: // looked at elsewhere
		default:
			t.event(in)
		}
	}
	if len(said) > 0 {
		t.listen(said)
	}
	if t.erasedBy != "" {
		return t.turn()
	}
	if t.s.Waiting != nil && !t.spoken {
		t.reply.intro = t.s.Greeted.IsZero() // the first answer of all may come late
	}
	t.readOn()
	if t.s.Waiting != nil && !t.fresh && len(said) > 0 && len(t.reply.parts) == 0 && !t.hasSaid() && t.spoken {
		t.add("still_checking")
	}
	t.flush()
	t.patience()
	t.keepUnsaid(s)
	t.chase()
	return t.turn()
}

// event is one thing that happened beside messages, reads and time.
func (t *taking) event(in Input) {
	if taken, over := t.bundleTakes(in); taken {
		if over {
			t.bundleOver()
		}
		return
	}
	switch in := in.(type) {
	case Booked:
		t.booked(in)
	case BookingFailed:
		t.bookingFailed(in)
	case Withdrawn:
		t.withdrawn(in)
	case Cancelled:
		t.cancelled(in)
	case CancelFailed:
		t.cancelFailed(in)
	case Changed:
		t.changed(in)
	case ChangeFailed:
		t.changeFailed(in)
	case SendFailed:
		t.sendFailed(in)
	case MailFailed:
		t.mailFailed(in)
	case StaffSaid:
		t.staffSaid(in)
	case StaffClosed:
		t.staffClosed()
	case Buried:
		t.handOverWith(hotel.CauseUnread, "detail", t.staffWords().text("alert.buried"))
	}
}

// want asks a set of reads. The same set that is out already is waited for;
// another one is forgotten, so that its answer will be stale.
func (t *taking) want(purpose Purpose, reads ...Read) {
	if t.paused != "" {
		return // nobody could be told
	}
	w := &Waiting{Query: t.s.Query + 1, For: purpose}
	for _, r := range reads {
		w.Asks = append(w.Asks, saved(r))
	}
	if old := t.s.Waiting; old != nil && old.For == purpose && slices.EqualFunc(old.Asks, w.Asks, savedAsk.same) {
		return
	}
	t.s.Query++
	t.s.Waiting, t.fresh = w, true
	t.sets++
}

// readOn goes on with the answers that are there, and with those to what they lead to.
func (t *taking) readOn() {
	for t.s.Waiting != nil {
		answers, ok := t.answers(t.s.Waiting.Query)
		if !ok {
			return
		}
		w := *t.s.Waiting
		t.s.Waiting, t.fresh = nil, false
		if len(answers) == 0 || len(answers) != len(w.Asks) || t.sets > maxSets {
			t.systemDown()
			continue
		}
		t.resume(w, answers)
	}
}

func (t *taking) answers(query int64) ([]Answer, bool) {
	for _, in := range t.inputs {
		if a, ok := in.(ReadAnswered); ok && a.Query == query {
			return a.Answers, true
		}
	}
	return nil, false
}

// resume goes on where a set of reads was asked for.
func (t *taking) resume(w Waiting, answers []Answer) {
	if w.For == ToTell { // a question aside: nothing in hand hangs on it
		t.told(answers[0])
		return
	}
	for _, a := range answers {
		if failed, is := a.(ReadFailed); is {
			if !t.readRefused(w, failed.Code) {
				t.systemDown()
			}
			return
		}
	}
	switch w.For {
	case ToOffer:
		if a, ok := answers[0].(AvailabilityRead); ok {
			t.offered(w, a)
		}
	case ToMix:
		t.mixOffered(w, answers)
	case ToShow:
		t.shown(w, answers)
	case ToCancel:
		t.foundToCancel(answers)
	case ToChange:
		t.foundToChange(answers)
	case ToMove:
		t.moved(w, answers)
	}
}

// emit adds an effect and returns the key of its row.
func (t *taking) emit(e Effect) hotel.Key {
	t.effects = append(t.effects, e)
	switch e.(type) {
	case Withdraw, Remember, Count:
		return ""
	}
	t.rows++
	return rowKey(t.base, t.rows)
}

// turn wraps up.
func (t *taking) turn() Turn {
	out := Turn{State: t.s, Effects: t.effects, Said: t.said, Due: t.due(), Erase: t.erasedBy,
		property: t.facts.Property, facts: t.version, since: t.answersSince()}
	if t.fresh {
		out.Read = t.s.Outstanding()
	}
	if t.handoff {
		out.Handoff = t.record()
	} else if t.closed != nil {
		out.Handoff = t.closed
	}
	return out
}

// book returns the phrases of a language of this hotel; the default ones for one it does not speak.
func (d *Dialogue) book(lang string) *phrasebook {
	if b, ok := d.phrases[lang]; ok {
		return b
	}
	return d.phrases[d.facts.Locales[0]]
}

func (t *taking) today() hotel.Date { return hotel.DateOf(t.now.In(t.facts.zone())) }
