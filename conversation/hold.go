package conversation

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// People write 'Hola', 'quiero reservar', 'para mañana' in three bubbles. A
// message that is plainly not all is not answered at once: what comes within
// Facts.Quiet is answered with it.

const (
	maxUnfinished = 40 // bytes of a message that may be a beginning; longer ones say what they want
	maxHolds      = 4  // a burst is waited for this many times Quiet at most
)

// holds tells until when more is waited for; zero = the turn is taken now. It
// depends on nothing but its arguments: the messages carry when they came.
func (d *Dialogue) holds(s State, inputs []Input, now time.Time) time.Time {
	if d.facts.Quiet <= 0 || len(inputs) == 0 || !s.listens() {
		return time.Time{}
	}
	var first, last time.Time
	for _, in := range inputs {
		m, ok := in.(GuestSaid)
		if !ok || m.Kind != hotel.InText || slices.Contains(d.facts.StaffPhones, m.From.Phone) {
			return time.Time{}
		}
		if first.IsZero() || m.At.Before(first) {
			first = m.At
		}
		if m.At.After(last) {
			last = m.At
		}
	}
	until := earlier(last.Add(d.facts.Quiet), first.Add(maxHolds*d.facts.Quiet))
	if !until.After(now) || last.After(now.Add(d.facts.Quiet)) { // or a clock that went back: nobody waits for it
		return time.Time{}
	}
	for _, in := range inputs {
		if m, _ := in.(GuestSaid); !d.unfinished(m.Text, s.Lang, now) {
			return time.Time{}
		}
	}
	return until
}

// listens tells whether nothing of ours is open: no question, no read, no request, no person at work.
func (s State) listens() bool {
	if s.Waiting != nil || s.out() || s.Handoff != nil {
		return false
	}
	return len(s.Frames) == 0 || s.Frames[len(s.Frames)-1].Asked == ""
}

// unfinished tells whether a text is a bare greeting, or the wish to book and nothing of what.
func (d *Dialogue) unfinished(text, lang string, now time.Time) bool {
	if len(text) > maxUnfinished || strings.ContainsAny(text, "?¿@") || utf8.RuneCountInString(text) < 2 {
		return false
	}
	u := nlu.Understand(text, nlu.Context{Ref: now, Zone: d.facts.Zone, Country: d.facts.Country, Lang: lang, RoomTypes: d.roomNames})
	switch u.Intent {
	case nlu.Greeting, nlu.MakeReservation, nlu.CheckAvailability:
	default:
		return false
	}
	s := u.Slots
	return u.Sure && len(u.Dates)+len(u.NoDays)+len(u.Numbers) == 0 && s.Guests+s.Adults+s.Rooms+s.Nights == 0 && s.Children < 0 &&
		s.RoomType == "" && s.RoomText == "" && s.Reference == "" && s.Name == ""
}
