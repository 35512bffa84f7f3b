package conversation

import (
	"cmp"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	secondAlert   = 15 * time.Minute
	operatorAlert = 60 * time.Minute
)

// handOver tells the staff, once, and the guest when a person will be there.
// The engine goes on serving until a person has written.
func (t *taking) handOver(cause hotel.AlertCause, text string) {
	if cause == hotel.CauseStuck {
		t.add("handoff.stuck")
	}
	if text == "" {
		text = "…"
	}
	t.handOverWith(cause, "text", clip(text, 300))
}

func (t *taking) handOverWith(cause hotel.AlertCause, pairs ...string) {
	t.close(GoalHandoff)
	t.close(GoalErase)
	for i := range t.s.Frames {
		if t.s.Frames[i].Asked == AskPerson {
			t.s.Frames[i].Asked = ""
		}
	}
	t.s.Stuck = 0
	t.handoff = true
	if h := t.s.Handoff; h != nil && h.Wait.IsZero() { // a person has written before: they are asked again
		h.Wait, h.Level = t.now, 0
	} else if h != nil {
		if cause == hotel.CauseBooking || t.urgent { // they hear of it even when somebody is on their way
			t.alert(cause, false, pairs...)
		}
		t.add("handoff.already")
		return
	} else {
		t.s.Handoff = &Handoff{State: hotel.HandoffOpen, Cause: cause, Opened: t.now, Wait: t.now}
	}
	t.alert(cause, false, pairs...)
	if t.facts.onDuty(t.now) {
		t.add("handoff.now")
		return
	}
	t.add("handoff.later", "when", t.words.when(t.facts.nextOpen(t.now), t.now.In(t.facts.zone())))
}

// offerPerson says something that only a person can take further, and asks whether to tell one.
func (t *taking) offerPerson(key string, pairs ...string) {
	f := t.open(GoalHandoff)
	f.Asked, f.Why = AskPerson, clip(t.heardText, 200)
	t.add(key, pairs...)
	t.buttons(t.words.button(tapPerson, "person"))
}

// answerPerson takes the answer to 'shall I tell a person?'. It returns true
// when that is all there is to say. Whoever goes on with something else has
// dropped the question.
func (t *taking) answerPerson(h *heard) bool {
	top := t.top()
	if top == nil || top.Asked != AskPerson {
		return false
	}
	if top.Change {
		changes := h.spoke && !h.book && !h.no
		if h.human || h.clear() || changes {
			t.changeByPerson(top, h, changes)
			return true
		}
	}
	switch {
	case h.human || h.clear():
		t.handOver(hotel.CauseAsked, cmp.Or(top.Why, h.text))
		return true
	case h.no && !h.changed && top.Goal == GoalBook && top.missing() == "": // the hotel system is down
		t.add("handoff.declined")
		return true
	case h.no && top.Goal != GoalBook:
		t.leave(GoalHandoff)
		return true
	}
	top.Asked = ""
	t.close(GoalHandoff)
	return false
}

// changeByPerson leaves the change of a booking to a person, with the booking and all that was said.
func (t *taking) changeByPerson(f *Frame, h *heard, said bool) {
	text := f.Why
	if said && h.text != text {
		text = strings.TrimPrefix(text+" / "+h.text, " / ")
	}
	if code := f.Slots.Code; code != "" {
		text = string(code) + ": " + text
	}
	t.urgent = true
	t.handOver(hotel.CauseAsked, text)
}

// personAnswers tells whether a person is talking with the guest, so that the
// engine keeps quiet: during a pause; and inside reception's hours, until the
// staff's last word is old enough. Outside of them it serves all the time.
func (t *taking) personAnswers() bool {
	if t.paused != "" {
		t.giveToStaff(t.paused)
		return true
	}
	h := t.s.Handoff
	if h == nil {
		return false
	}
	t.handoff = true
	if h.State != hotel.HandoffAnswered {
		return false
	}
	if t.now.Sub(h.Staff) >= t.facts.HandoffResume || h.Cause.Quiet() { // that cause is no more
		t.endHandoff()
		return false
	}
	if !t.facts.onDuty(t.now) {
		return false
	}
	if h.Wait.IsZero() {
		h.Wait = t.now
	}
	return true
}

// staffSaid carries a word of the staff to the guest.
func (t *taking) staffSaid(in StaffSaid) {
	if strings.TrimSpace(in.Text) == "" {
		return
	}
	if t.s.Handoff == nil {
		t.s.Handoff = &Handoff{Cause: cmp.Or(t.paused, hotel.CauseAsked), Opened: t.now}
	}
	h := t.s.Handoff
	h.State, h.Staff, h.Wait, h.Level = hotel.HandoffAnswered, t.now, time.Time{}, 0
	t.handoff = true
	// A 'sí' to a person is no yes to what was asked or read back before.
	t.close(GoalErase)
	for i := range t.s.Frames {
		t.s.Frames[i].ReadBack = nil
	}
	for text := in.Text; text != ""; {
		var head string
		head, text = splitText(text, maxText)
		t.say(PurposeReply, hotel.Bubble{Text: head}, whoStaff)
	}
}

// staffClosed ends the handoff: the engine answers the guest's next message.
func (t *taking) staffClosed() {
	if t.s.Handoff != nil {
		t.endHandoff()
		t.said = append(t.said, hotel.TranscriptLine{At: t.now, Who: "note", Text: "closed"})
	}
}

func (t *taking) endHandoff() {
	t.s.Handoff.State, t.s.Tries = hotel.HandoffClosed, 0
	t.closed = t.record()
	t.s.Handoff, t.handoff = nil, false
}

// record is the handoff as the page lists it.
func (t *taking) record() *hotel.HandoffRecord {
	h := t.s.Handoff
	r := &hotel.HandoffRecord{Guest: t.s.Guest, Property: t.facts.Property, State: h.State, Cause: h.Cause,
		Name: t.guestName(), Address: t.s.To.Phone, Opened: h.Opened, Staff: h.Staff, Heard: t.s.Heard}
	if r.Address == "" {
		r.Address = t.s.To.BSUID
	}
	return r
}

// guestName is who the guest is, as far as known: for people.
func (t *taking) guestName() string {
	if f := t.frame(GoalBook); f != nil && f.Slots.First != "" {
		return strings.TrimSpace(f.Slots.First + " " + f.Slots.Last)
	}
	for _, b := range t.s.Bookings {
		if b.Ours {
			return b.Contact.FirstName + " " + b.Contact.LastName
		}
	}
	return t.s.Profile
}

// chase reminds the staff of a guest who waits: after 15 min they hear again,
// after 60 the operator; the request stays open. Time counts while reception is there.
func (t *taking) chase() {
	h := t.s.Handoff
	if h == nil || h.Wait.IsZero() {
		return
	}
	since := t.facts.dutyFrom(h.Wait)
	if h.Level < 1 && t.now.Sub(since) >= secondAlert {
		h.Level = 1
		t.alert(hotel.CauseUnanswered, false)
	}
	if h.Level < 2 && t.now.Sub(since) >= operatorAlert {
		h.Level = 2
		t.alert(hotel.CauseUnanswered, true)
	}
}

// chaseDue is when chase has to look again; zero = never.
func (t *taking) chaseDue() time.Time {
	h := t.s.Handoff
	if h == nil || h.Wait.IsZero() || h.Level > 1 {
		return time.Time{}
	}
	since := t.facts.dutyFrom(h.Wait)
	if h.Level == 0 {
		return since.Add(secondAlert)
	}
	return since.Add(operatorAlert)
}
