package conversation

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/conserje/conserje/hotel"
)

// reply gathers what the guest hears in one turn: few, full bubbles.
type reply struct {
	parts   []string
	buttons []hotel.Button
	list    *hotel.List
	intro   bool     // a greeting goes in front
	purpose string   // of the template that stands in past the session window; "" = PurposeReply
	params  []string // of that template
}

// Limits of WhatsApp, in runes but for those of buttons and rows below one bubble.
const (
	maxText    = 4096 // of a text, and of a list's body
	maxBody    = 1024 // of a body with buttons; also kept for lists, which are read at a glance
	maxButton  = 20
	maxButtons = 3 // below one bubble
	maxRow     = 24
	maxRowText = 72
	maxRows    = 10
)

// add adds a paragraph.
func (t *taking) add(key string, pairs ...string) { t.addText(t.words.text(key, pairs...)) }

func (t *taking) addText(text string) { t.reply.parts = append(t.reply.parts, text) }

// buttons puts buttons below the bubble; the last call wins, as the last question does.
func (t *taking) buttons(b ...hotel.Button) { t.reply.buttons, t.reply.list = b, nil }

func (t *taking) list(l *hotel.List) { t.reply.list, t.reply.buttons = l, nil }

// flush says what was gathered, the greeting in front.
func (t *taking) flush() {
	r := t.reply
	t.reply = reply{}
	if len(r.parts) == 0 {
		return
	}
	if r.intro {
		t.s.Greeted = t.now
		r.parts = append([]string{t.words.text("intro", "hotel", t.facts.Name)}, r.parts...)
	}
	t.speak(r, strings.Join(r.parts, "\n\n"))
	t.keepButtons(r)
}

// speak cuts the text of a reply into bubbles.
func (t *taking) speak(r reply, text string) {
	say := func(b hotel.Bubble) { t.say(cmp.Or(r.purpose, PurposeReply), b, "bot", r.params...) }
	if r.buttons == nil && r.list == nil {
		for len(text) > 0 {
			var head string
			head, text = splitText(text, maxText)
			say(hotel.Bubble{Text: head})
		}
		return
	}
	// What does not fit above the buttons goes ahead as a text of its own.
	if last := len(r.parts) - 1; utf8.RuneCountInString(text) > maxBody && last > 0 {
		head, _ := splitText(strings.Join(r.parts[:last], "\n\n"), maxText)
		say(hotel.Bubble{Text: head})
		text = r.parts[last]
	}
	say(hotel.Bubble{Text: clip(text, maxBody), Buttons: r.buttons, List: r.list})
}

// splitText cuts at most n runes off, at a line's end where it can.
func splitText(text string, n int) (head, rest string) {
	if len(text) <= n {
		return text, ""
	}
	runes := []rune(text)
	if len(runes) <= n {
		return text, ""
	}
	head = string(runes[:n])
	if cut := strings.LastIndexByte(head, '\n'); cut > 0 {
		head = head[:cut]
	}
	return head, strings.TrimLeft(text[len(head):], "\n")
}

// say sends a bubble: inside the session window as it is, past it as the
// template for the purpose; without one a person is told.
func (t *taking) say(purpose string, b hotel.Bubble, who string, params ...string) {
	staff := who == whoStaff
	if t.paused != "" && !staff {
		t.unsaid = true
		t.noteUnsaid(t.paused, transcribed(b))
		return
	}
	t.said = append(t.said, hotel.TranscriptLine{At: t.now, Who: who, Text: transcribed(b)})
	if t.now.Before(t.s.Window) {
		t.emit(Say{Bubble: b, Staff: staff})
		return
	}
	if tpl, ok := t.facts.Templates[purpose]; ok {
		if !t.hasSaid() {
			tpl.Params = params
			t.emit(Say{Bubble: hotel.Bubble{Template: &tpl}, Staff: staff})
		}
		return
	}
	t.unreachable("alert.window")
}

// hasSaid tells whether this turn has a bubble: one template is enough.
func (t *taking) hasSaid() bool {
	for _, e := range t.effects {
		if _, ok := e.(Say); ok {
			return true
		}
	}
	return false
}

// unreachable tells the staff, once until the guest writes again, that the guest does not hear us.
func (t *taking) unreachable(detail string, pairs ...string) {
	if t.s.Mute {
		return
	}
	t.s.Mute = true
	t.alert(hotel.CauseUndelivery, false, "detail", t.staffWords().text(detail, pairs...))
}

// transcribed is a bubble as people read it in the transcript.
func transcribed(b hotel.Bubble) string {
	if len(b.Buttons) == 0 && b.List == nil {
		return b.Text
	}
	var out strings.Builder
	out.Grow(2 * len(b.Text))
	out.WriteString(b.Text)
	for _, button := range b.Buttons {
		out.WriteString("\n[")
		out.WriteString(button.Title)
		out.WriteString("]")
	}
	if b.List != nil {
		for _, row := range b.List.Rows {
			out.WriteString("\n· " + row.Title + ": " + row.Description)
		}
	}
	return out.String()
}

// answersSince is when the oldest message was accepted that this turn answers.
func (t *taking) answersSince() time.Time {
	if t.oldest.IsZero() {
		return t.since
	}
	if t.s.Since.IsZero() { // nothing waits any more: what waited before is answered with it
		return earlier(t.since, t.oldest)
	}
	return t.oldest
}
