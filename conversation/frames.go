package conversation

import (
	"slices"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// top returns the frame on top of the stack, nil when it is empty. A pointer
// holds until the next frame is pushed.
func (t *taking) top() *Frame {
	if len(t.s.Frames) == 0 {
		return nil
	}
	return &t.s.Frames[len(t.s.Frames)-1]
}

// frame returns the frame of a goal, nil when there is none.
func (t *taking) frame(g Goal) *Frame {
	for i := range t.s.Frames {
		if t.s.Frames[i].Goal == g {
			return &t.s.Frames[i]
		}
	}
	return nil
}

// open puts the frame of a goal on top, a new one when there is none. The
// order of the others stays.
func (t *taking) open(g Goal) *Frame {
	f := Frame{Goal: g}
	if i := slices.IndexFunc(t.s.Frames, func(f Frame) bool { return f.Goal == g }); i >= 0 {
		f = t.s.Frames[i]
		t.s.Frames = slices.Delete(t.s.Frames, i, i+1)
	}
	t.s.Frames = append(t.s.Frames, f)
	return t.top()
}

// close takes the frame of a goal off the stack.
func (t *taking) close(g Goal) {
	t.s.Frames = slices.DeleteFunc(t.s.Frames, func(f Frame) bool { return f.Goal == g })
}

// goOn comes back to the goal below with its open question, when there is one.
func (t *taking) goOn() {
	if t.top() != nil {
		t.advance(&heard{})
	}
}

// advance takes the goal on top one step further.
func (t *taking) advance(h *heard) {
	switch f := t.top(); f.Goal {
	case GoalBook:
		t.bookFrame(f, h)
	case GoalCancel:
		t.cancelFrame(f, h)
	case GoalChange:
		t.changeFrame(f, h)
	case GoalStatus:
		t.statusFrame(f, h)
	case GoalErase:
		t.askErase()
	case GoalHandoff: // its question is open: nothing to do but wait for the answer
	default: // a goal of a newer engine
		t.close(f.Goal)
		t.goOn()
		t.smallTalk(h)
	}
}

// forgetStay forgets the days, but not the season that was spoken of.
func (f *Frame) forgetStay() {
	if !f.Slots.CheckIn.IsZero() {
		f.Near = f.Slots.CheckIn
	}
	f.Slots.CheckIn, f.Slots.CheckOut, f.Slots.Nights = hotel.Date{}, hotel.Date{}, 0
}

// readsBack makes the read-back of a frame the one that a yes counts for: what was
// read back before it, for another goal, is read back anew.
func (t *taking) readsBack(f *Frame, rb *ReadBack) {
	for i := range t.s.Frames {
		t.s.Frames[i].ReadBack = nil
	}
	f.ReadBack = rb
}

// near is the arrival that is spoken of in the goal in hand.
func (t *taking) near() hotel.Date {
	if top := t.top(); top != nil && top.Goal == GoalChange {
		return top.near()
	}
	return t.frame(GoalBook).near()
}

// near is the arrival that is spoken of, zero when there is none.
func (f *Frame) near() hotel.Date {
	if f == nil {
		return hotel.Date{}
	}
	if !f.Slots.CheckIn.IsZero() {
		return f.Slots.CheckIn
	}
	return f.Near
}

// unprice forgets what was shown and read back: it must be asked afresh.
func (f *Frame) unprice() { f.Offer, f.ReadBack, f.Fresh = nil, nil, true }

// from notes where a slot's value came from.
func (s *Slots) from(slot nlu.Slot, source Source) {
	if s.From == nil {
		s.From = map[nlu.Slot]Source{}
	}
	s.From[slot] = source
}
