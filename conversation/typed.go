package conversation

import (
	"slices"
	"strings"
	"unicode"

	"github.com/conserje/conserje/hotel"
)

// Not every WhatsApp shows buttons, and some guests rather write: the title of
// a button or a row of the open question, typed, is a tap on it.

// asking is which question is open, for comparison.
type asking struct {
	goal  Goal
	asked Question
	n     int64 // of the read-back
}

func (t *taking) asking() asking {
	top := t.top()
	if top == nil {
		return asking{}
	}
	out := asking{goal: top.Goal, asked: top.Asked}
	if top.ReadBack != nil {
		out.n = top.ReadBack.N
	}
	return out
}

// keepButtons remembers the buttons below what was just said. Words without any
// leave those before them open, as long as the question is the same.
func (t *taking) keepButtons(r reply) {
	if t.paused != "" || !t.now.Before(t.s.Window) { // nobody has seen them
		return
	}
	if r.buttons != nil || r.list != nil || t.asking() != t.was {
		t.s.Buttons = r.buttons
	}
}

// typedTap takes the title of a button or a row as a tap on it. It returns false when a text is none.
func (t *taking) typedTap(h *heard, text string) bool {
	title := plainTitle(text)
	if title == "" {
		return false
	}
	id := t.titled(title)
	if strings.HasPrefix(id, tapYes) { // agrees like any yes in words: to what was read back before it was written, and alone
		h.yes = true
		return true
	}
	return id != "" && t.tapped(h, id)
}

// titled is the id of the button or row of the open question with that plain title; "" when none has it.
func (t *taking) titled(title string) string {
	if i := slices.IndexFunc(t.s.Buttons, func(b hotel.Button) bool { return plainTitle(b.Title) == title }); i >= 0 {
		return t.s.Buttons[i].ID
	}
	var l *hotel.List
	switch top := t.top(); {
	case top == nil:
	case top.Asked == AskRoom && top.Offer != nil:
		l = t.offerList(top)
	case top.Asked == AskWhich:
		l = t.bookingList()
	case top.Asked == AskEither && t.frame(GoalBook) != nil:
		l = t.eitherList()
	}
	if l == nil {
		return ""
	}
	if plainTitle(l.Button) == title {
		return tapList
	}
	if i := slices.IndexFunc(l.Rows, func(r hotel.Row) bool { return plainTitle(r.Title) == title }); i >= 0 {
		return l.Rows[i].ID
	}
	return ""
}

// plainTitle is a title's words: in small letters, without accents, punctuation and emoji.
func plainTitle(text string) string {
	if len(text) > 4*maxRow || strings.ContainsAny(text, "?¿") { // a question chooses nothing
		return ""
	}
	return strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// titleOf tells whether a text is the title of one of these buttons, in any of the hotel's languages.
func (t *taking) titleOf(text string, buttons ...string) bool {
	title := plainTitle(text)
	for _, words := range t.phrases {
		if slices.ContainsFunc(buttons, func(b string) bool { return title != "" && title == plainTitle(words.text("button."+b)) }) {
			return true
		}
	}
	return false
}
