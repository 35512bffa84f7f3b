package conversation

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// HandOver is a turn of a parked guest, one whose turns made the engine fail:
// it takes what happened to people, and asks the dialogue nothing. The guest's
// words stand in the transcript, a person is called, and hears of results; the
// guest hears one fixed sentence for each hand-over, and what the staff write.
// Goals and slots stay as they are for the day a person gives the guest back by
// Unparked, which is the last input of its turn. It reads no words and asks
// nothing: what broke the dialogue must not break this.
func (d *Dialogue) HandOver(s State, inputs []Input, now time.Time) Turn {
	t := &taking{Dialogue: d, s: s.clone(), inputs: inputs, now: now, base: keyBase(s, inputs), plain: true}
	t.words = d.book(t.s.Lang)
	if s.Erased {
		return t.takeErased()
	}
	if by := erasureIn(inputs); by != "" { // a parked guest is erased like any other
		t.paused = pausedBy(inputs)
		return t.eraseFromOutside(by)
	}
	call, spoke, unpark := len(inputs) == 0, false, false
	for _, in := range inputs {
		switch in := in.(type) {
		case GuestSaid:
			t.envelope(in)
			t.heardText = in.Text
			call, spoke = true, true
		case StaffSaid:
			t.staffSaid(in)
		case StaffClosed:
			t.staffClosed()
		case Unparked:
			t.unparked()
			unpark = true
		case Due:
			call = call || t.s.Handoff == nil
		case Paused:
			t.paused = in.Cause
		case ReadAnswered: // nobody waits for it any more
		default:
			t.toStaff(in)
			call = true
		}
	}
	t.s.Since, t.s.Patience = time.Time{}, 0
	if call && !unpark {
		t.callPerson(spoke)
	}
	if !unpark {
		t.chase()
	}
	out := Turn{State: t.s, Effects: t.effects, Said: t.said, Unpark: unpark, Due: t.chaseDue(),
		property: t.facts.Property, facts: t.version, since: t.oldest}
	if floor := now.Add(soonest); !out.Due.IsZero() && out.Due.Before(floor) {
		out.Due = floor
	}
	out.Handoff = t.closed
	if t.s.Handoff != nil {
		out.Handoff = t.record()
	}
	return out
}

// callPerson opens the hand-over, and says so: to the staff, and to the guest as
// soon as it speaks and the bot may; then to the staff once more, with its words.
func (t *taking) callPerson(spoke bool) {
	h := t.s.Handoff
	fresh := h == nil
	if fresh {
		h = &Handoff{State: hotel.HandoffOpen, Cause: hotel.CauseParked, Opened: t.now}
		t.s.Handoff = h
	}
	if h.Wait.IsZero() && (spoke || fresh) {
		h.Wait, h.Level = t.now, 0
	}
	if h.Parked {
		return
	}
	h.Parked = spoke && t.paused == ""
	if !h.Parked && !fresh {
		return
	}
	text := t.heardText
	if text == "" {
		text = "…"
	}
	t.alert(hotel.CauseParked, false, "text", clip(text, 300))
	if h.Parked {
		t.add("parked")
		t.flush()
	}
}

// unparked gives the guest back to the dialogue; a hand-over that only parking opened is over.
func (t *taking) unparked() {
	t.said = append(t.said, hotel.TranscriptLine{At: t.now, Who: "note", Text: "unparked"})
	h := t.s.Handoff
	if h == nil {
		return
	}
	if h.Parked = false; h.Cause == hotel.CauseParked {
		t.endHandoff()
	}
}

// toStaff leaves a result to a person, and keeps of it what is so whoever tells it.
func (t *taking) toStaff(in Input) {
	words := t.staffWords()
	if taken, over := t.bundleTakes(in); taken {
		if over {
			t.bundleToStaff()
		}
		return
	}
	switch in := in.(type) {
	case Booked:
		t.keepBooked(in)
		t.tellStaff(hotel.CauseBooking, words.text("alert.made", "code", string(in.Reservation.Code)))
	case BookingFailed:
		t.emit(Count{in.Outcome})
		if p := t.s.Pending; p != nil && p.Request.Reference == in.Reference {
			t.s.Pending = nil
			t.open(GoalBook).unprice()
		}
		t.tellStaff(hotel.CauseBooking, words.text("alert.failed", "reference", string(in.Reference)))
	case Withdrawn:
		t.withdrawnToStaff(in)
	case Changed:
		t.changedToStaff(in)
	case ChangeFailed:
		t.changeFailedToStaff(in)
	case Cancelled:
		t.keepCancelled(in.Code)
		t.tellStaff(hotel.CauseBooking, words.text("alert.cancelled", "code", string(in.Code)))
	case CancelFailed:
		t.left(in.Code)
		t.tellStaff(hotel.CauseBooking, words.text("alert.cancel", "code", string(in.Code)))
	case SendFailed:
		if failure := t.failure(in); failure != nil {
			t.toStaff(failure)
			return
		}
		t.unreachable("alert.send")
	case MailFailed:
		t.tellStaff(hotel.CauseUndelivery, words.text("alert.mail", "code", string(in.Reference)))
	case Buried:
		t.tellStaff(hotel.CauseUnread, words.text("alert.buried"))
	}
}

func (t *taking) withdrawnToStaff(in Withdrawn) {
	if p := t.s.Pending; p != nil && p.Key == in.SendResult.Key {
		t.s.Pending = nil
		t.emit(Count{hotel.OutcomeWithdrawn})
		t.close(GoalBook)
	}
	if c := t.s.Changing; c != nil && c.Key == in.SendResult.Key {
		t.s.Changing = nil
		t.close(GoalChange)
	}
	t.tellStaff(hotel.CauseBooking, t.staffWords().text("alert.withdrawn"))
}

func (t *taking) changedToStaff(in Changed) {
	asked, _, _ := t.takeChanging(in.Reference)
	r, before, news := t.keepChanged(in, asked)
	t.close(GoalChange)
	if news {
		t.mailChange(in, r, before)
	}
	t.tellStaff(hotel.CauseBooking, t.staffWords().text("alert.changed", "code", string(in.Booking), "now", string(r.Code)))
	if in.OldStands {
		t.oldStands(in)
	}
}

func (t *taking) changeFailedToStaff(in ChangeFailed) {
	t.takeChanging(in.Reference)
	t.close(GoalChange)
	key := "alert.change"
	switch in.Outcome {
	case hotel.OutcomeDisplaced:
		t.keepDisplaced(in)
		key = "alert.displaced"
	case hotel.OutcomeUnclear:
		key = "alert.change_unclear"
	}
	t.tellStaff(hotel.CauseBooking, t.staffWords().text(key, "code", string(in.Booking)))
}

func (t *taking) tellStaff(cause hotel.AlertCause, detail string) {
	t.said = append(t.said, hotel.TranscriptLine{At: t.now, Who: "note", Text: detail})
	t.alert(cause, false, "detail", detail)
}

// bundleToStaff leaves what became of several bookings to a person: all, or none.
func (t *taking) bundleToStaff() {
	words, bundle := t.staffWords(), t.endBundle()
	if bundle.Undo {
		if f := t.frame(GoalBook); f != nil {
			f.unprice()
		}
		t.tellStaff(hotel.CauseBooking, words.text("alert.failed", "reference", string(bundle.why().Request.Reference)))
	}
	for _, p := range bundle.Parts {
		switch {
		case p.Stuck:
			t.tellStaff(hotel.CauseBooking, words.text("alert.bundle_stuck", "codes", string(p.Made.Code)))
		case p.Outcome == hotel.OutcomeUnclear:
			t.tellStaff(hotel.CauseBooking, words.text("alert.unclear", "reference", string(p.Request.Reference)))
		case !bundle.Undo:
			t.tellStaff(hotel.CauseBooking, words.text("alert.made", "code", string(p.Made.Code)))
		}
	}
}
