package conversation

import (
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	sayChecking = 20 * time.Second
	tellStaff   = 60 * time.Second
	// soonest is how far ahead of now the state may ask to be woken.
	soonest = time.Second
)

// patience keeps a guest from waiting in silence: past 20 s they hear one
// bubble, past 60 s a person hears of them. It counts from the oldest message
// that has no answer yet.
func (t *taking) patience() {
	if t.s.Waiting == nil && !t.s.out() {
		t.s.Since, t.s.Patience = time.Time{}, 0
		return
	}
	if t.s.Since.IsZero() {
		t.s.Since = t.oldest
	}
	if t.s.Since.IsZero() {
		t.s.Since = t.now
	}
	if t.justAsked() {
		return // it may be answered in a moment
	}
	waited := t.now.Sub(t.s.Since)
	if waited >= sayChecking && t.s.Patience < 1 {
		t.s.Patience = 1
		if !t.hasSaid() && t.paused == "" {
			t.reply.intro = t.s.Greeted.IsZero()
			t.add("checking")
			t.flush()
		}
	}
	if waited >= tellStaff && t.s.Patience < 2 {
		t.s.Patience = 2
		t.alert(hotel.CauseOutage, false)
	}
}

// justAsked tells whether what is out was asked by this very turn.
func (t *taking) justAsked() bool {
	s := t.s
	return t.fresh || s.Bundle != nil && s.Bundle.At.Equal(t.now) || s.Pending != nil && s.Pending.At.Equal(t.now) || s.Leaving != nil && s.Leaving.At.Equal(t.now) ||
		s.Changing != nil && s.Changing.At.Equal(t.now)
}

// due is when the state wants waking next; zero = never.
func (t *taking) due() time.Time {
	due := t.chaseDue()
	if t.s.Waiting != nil || t.s.out() {
		switch t.s.Patience {
		case 0:
			due = earlier(due, t.s.Since.Add(sayChecking))
		case 1:
			due = earlier(due, t.s.Since.Add(tellStaff))
		}
	}
	if due.IsZero() {
		return due
	}
	if floor := t.now.Add(soonest); due.Before(floor) {
		return floor
	}
	return due
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// systemDown says honestly that the hotel system does not answer, and offers a person.
func (t *taking) systemDown() {
	if f := t.frame(GoalBook); f != nil {
		if f.Note != "" { // why the booking failed is said all the same
			t.sayNote(f)
		}
		f.unprice()
	}
	why := ""
	if f := t.frame(GoalChange); f != nil {
		if f.Note != "" {
			t.sayNote(f)
		}
		why = clip(strings.ReplaceAll(f.Why, "\n", " / "), 200)
	}
	t.close(GoalStatus)
	t.close(GoalCancel)
	t.close(GoalChange)
	if top := t.top(); top != nil {
		top.Asked = AskPerson
	} else {
		f := t.open(GoalHandoff)
		f.Asked, f.Why = AskPerson, why
	}
	t.add("down")
	if t.frame(GoalBook) != nil {
		t.buttons(t.words.button(tapRetry, "retry"), t.words.button(tapPerson, "person"))
		return
	}
	t.buttons(t.words.button(tapPerson, "person"))
}
