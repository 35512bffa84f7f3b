package conversation

import (
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// While the engine is paused for a guest, or does not answer their number, a
// turn is like one while a person answers: what was said is kept, staff are
// told, and the conversation stands where it stood. What the engine would have
// said is a note for the staff, and the guest is not taken to have heard it.

// whoStaff marks what a person says; it is the one thing that leaves in a pause.
const whoStaff = "staff"

// pausedBy finds why the engine must keep quiet; "" = it need not.
func pausedBy(inputs []Input) hotel.AlertCause {
	for _, in := range inputs {
		if p, ok := in.(Paused); ok {
			return p.Cause
		}
	}
	return ""
}

// giveToStaff leaves the guest to the staff, who hear of it once until they write.
func (t *taking) giveToStaff(cause hotel.AlertCause) {
	t.handoff, t.s.Stuck = true, 0
	for i := range t.s.Frames { // a 'sí' that a person reads is no yes to what was read back before
		t.s.Frames[i].ReadBack = nil
	}
	h := t.s.Handoff
	switch {
	case h == nil:
		t.s.Handoff = &Handoff{State: hotel.HandoffOpen, Cause: cause, Opened: t.now, Wait: t.now}
	case !h.Wait.IsZero(): // they know
		return
	default:
		h.Wait, h.Level = t.now, 0
		if t.now.Sub(h.Staff) < t.facts.HandoffResume { // they are talking; chase reminds them
			return
		}
	}
	t.alert(cause, false, "text", clip(t.lastWords(), 300))
}

// lastWords are the guest's in this turn; without any, what the guest was not told.
func (t *taking) lastWords() string {
	for _, who := range []string{"guest", "note"} {
		for _, line := range slices.Backward(t.said) {
			if line.Who == who {
				return line.Text
			}
		}
	}
	return "…"
}

// noteUnsaid tells the staff what the guest was not told.
func (t *taking) noteUnsaid(cause hotel.AlertCause, text string) {
	t.remark("unsaid."+string(cause), "text", strings.TrimSpace(text))
}

// remark leaves a note in the transcript, in the hotel's language.
func (t *taking) remark(key string, pairs ...string) {
	t.said = append(t.said, hotel.TranscriptLine{At: t.now, Who: "note", Text: t.staffWords().text(key, pairs...)})
}

// keepUnsaid ends a turn in a pause: mails wait, staff hear of what was not
// said, and a question that the guest never read is not open.
func (t *taking) keepUnsaid(before State) {
	if t.paused == "" {
		return
	}
	for _, e := range t.effects {
		if m, ok := e.(SendMail); ok {
			t.remark("unsaid.mail", "email", m.Reservation.Contact.Email, "code", string(m.Reservation.Code))
		}
	}
	for _, f := range t.s.Frames {
		if f.Note != "" && !slices.ContainsFunc(before.Frames, func(was Frame) bool { return was.Note == f.Note }) {
			t.unsaid = true // it is said with the next offer
			t.noteUnsaid(t.paused, t.words.text(f.Note))
		}
	}
	if !t.unsaid {
		return
	}
	t.unask(func(f Frame) bool {
		return slices.ContainsFunc(before.Frames, func(was Frame) bool { return was.Goal == f.Goal && was.Asked == f.Asked })
	})
	t.giveToStaff(t.paused)
}

// takenBack keeps for the staff a bubble that a pause took back before it left.
// The guest has not read what it asked.
func (t *taking) takenBack(in Withdrawn) {
	cause := hotel.AlertCause(in.Code)
	t.noteUnsaid(cause, in.Text)
	t.unask(func(Frame) bool { return false })
	t.giveToStaff(cause)
}

// unask forgets the questions and offers that the guest has not read: they are put again.
func (t *taking) unask(read func(Frame) bool) {
	t.s.Frames = slices.DeleteFunc(t.s.Frames, func(f Frame) bool { return f.Goal == GoalHandoff && !read(f) })
	for i := range t.s.Frames {
		if f := &t.s.Frames[i]; !read(*f) {
			f.Asked, f.ReadBack, f.Spoken, f.PartySpoken = "", nil, false, false
		}
	}
}
