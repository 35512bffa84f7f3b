package conversation

import (
	"strings"

	"github.com/conserje/conserje/hotel"
)

// staffWords are the phrases of the hotel's own language.
func (t *taking) staffWords() *phrasebook { return t.book(t.facts.Locales[0]) }

// alert tells the staff, or the operator, in the hotel's language, with what they need to help at once.
func (t *taking) alert(cause hotel.AlertCause, operator bool, pairs ...string) {
	words := t.staffWords()
	who := t.guestName()
	if t.s.To.Phone != "" {
		who = strings.TrimSpace(who + " +" + t.s.To.Phone)
	}
	if who == "" {
		who = words.text("alert.someone")
	}
	pairs = append(pairs, "who", who, "goal", t.goalForStaff(words))
	if h := t.s.Handoff; h != nil {
		pairs = append(pairs, "time", h.Wait.In(t.facts.zone()).Format("15:04"))
	}
	t.emit(AlertStaff{hotel.Alert{Property: t.facts.Property, Guest: t.s.Guest, Cause: cause, Lang: words.lang, Operator: operator,
		Summary: words.text("alert."+string(cause), pairs...)}})
}

func (t *taking) goalForStaff(words *phrasebook) string {
	if t.plain {
		return ""
	}
	f := t.frame(GoalBook)
	if f == nil {
		if live := t.live(); len(live) > 0 {
			last := live[len(live)-1]
			return words.text("alert.goal.booked", "code", string(last.Code), "stay", words.stay(last.Stay, t.today()))
		}
		return words.text("alert.goal.none")
	}
	details := ""
	switch s := f.Slots; {
	case !s.CheckIn.IsZero() && !s.CheckOut.IsZero():
		details = " " + words.stay(s.Stay(), t.today())
	case !s.CheckIn.IsZero():
		details = " " + words.day(s.CheckIn, t.today())
	}
	if s := f.Slots; s.Adults > 0 {
		details += ", " + words.party(s.Adults, s.Children, s.Ages)
	}
	return words.text("alert.goal.book", "details", details)
}
