package conversation

import (
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
)

const (
	windowLength = 24 * time.Hour
	oldestClock  = 8 * 24 * time.Hour // Meta redelivers for 7 days: an older timestamp is no real clock
	forgetGap    = 3 * 24 * time.Hour // after so long what was in hand is begun anew
	introduceGap = 24 * time.Hour     // after so long a silence the assistant introduces itself again
)

// listen takes the guest's messages of this turn, which are answered together.
func (t *taking) listen(said []GuestSaid) {
	for _, m := range said {
		t.note(m)
	}
	last := said[len(said)-1]
	if slices.Contains(t.facts.StaffPhones, last.From.Phone) {
		if t.paused != "" {
			return
		}
		t.add("staff_phone", "hotel", t.facts.Name, "url", t.facts.ReceptionURL)
		return
	}
	if reaction := func(m GuestSaid) bool { return m.Kind == hotel.InReaction }; slices.ContainsFunc(said, reaction) {
		said = slices.DeleteFunc(slices.Clone(said), reaction)
	}
	if len(said) == 0 || t.personAnswers() {
		return
	}
	t.spoken = true
	t.reply.intro = t.s.Greeted.IsZero()
	h := &heard{at: t.oldest}
	for _, m := range said {
		before := h.understood
		h.understood = false
		t.hear(h, m)
		h.doubt = h.doubt || !h.understood || t.doubtful(m.Text)
		h.understood = h.understood || before
	}
	t.words = t.book(t.s.Lang)
	t.respond(h)
}

// note keeps what a message tells beside its content: who, when, from where.
func (t *taking) note(m GuestSaid) {
	if t.now.Sub(t.s.Heard) > introduceGap {
		t.s.Greeted = time.Time{}
	}
	if t.now.Sub(t.s.Heard) > forgetGap && !t.busy() {
		t.s.Frames, t.s.Waiting, t.s.Stuck, t.s.Buttons = nil, nil, 0, nil
	}
	t.envelope(m)
}

// envelope keeps who wrote and when, and writes the words down, unread.
func (t *taking) envelope(m GuestSaid) {
	if t.oldest.IsZero() || m.At.Before(t.oldest) {
		t.oldest = m.At
	}
	if !m.From.IsZero() {
		t.s.To = m.From
	}
	if m.Profile != "" {
		t.s.Profile = m.Profile
	}
	if ends := clock(m.Inbound).Add(windowLength); ends.After(t.s.Window) {
		t.s.Window = ends
	}
	t.s.Heard, t.s.Mute = t.now, false
	t.said = append(t.said, hotel.TranscriptLine{At: m.At, Who: "guest", Text: transcript(m)})
}

// clock is when the guest sent a message: by the message's own timestamp, or by
// its arrival where that is no real clock.
func clock(m hotel.Inbound) time.Time {
	if m.SentAt.IsZero() || m.SentAt.After(m.At) || m.At.Sub(m.SentAt) > oldestClock {
		return m.At
	}
	return m.SentAt
}

func transcript(m GuestSaid) string {
	if m.Text == "" {
		return "(" + string(m.Kind) + ")"
	}
	return m.Text
}
