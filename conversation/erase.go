package conversation

import (
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// Erasing a guest: asked for in the guest's own words and agreed to, or asked
// for from outside. The guest hears one goodbye; after it the state is blank,
// and what still happens to the old guest is taken in silence.

// wantsErasure tells whether a text asks to forget what is kept of the guest.
func wantsErasure(folded string, u nlu.Understanding) bool {
	says := func(phrases []string) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(folded, p) })
	}
	if says(keepsData) {
		return false
	}
	return u.Topic == nlu.TopicDeleteData || says(erases) || says(erasing) && says(ownData)
}

var (
	// erases say it alone, erasing does with ownData.
	erases = []string{"olvidame", "olvidenme", "olvidate de mi", "olvidense de mi", "borrame de", "borrenme", "eliminame", "eliminenme", "derecho al olvido",
		"derecho de supresion", "derecho a la supresion", "forget me", "forget about me", "forget everything about me", "delete me", "erase me",
		"right to be forgotten", "right to erasure"}
	erasing = []string{"borra", "borren", "borres", "borre ", "elimin", "suprim", "de baja", "destru", "quita", "quiten", "saca", "saquen", "olvid",
		"delete", "erase", "remove", "wipe", "destroy", "forget"}
	ownData = []string{"mis datos", "mi informacion", "mi info", "mis mensajes", "mi historial", "esta conversacion", "nuestra conversacion", "mi conversacion",
		"este chat", "mi chat", "todo lo que sabes de mi", "todo lo que saben de mi", "mis registros", "datos personales", "my data", "my personal", "my information",
		"my info", "my details", "my messages", "my history", "my records", "this conversation", "our conversation", "my conversation", "this chat",
		"our chat", "my chat", "everything you know about me", "everything you have on me"}
	keepsData = []string{"no borr", "no elimin", "no olvid", "no suprim", "no quit", "no hace falta borrar", "don't delete", "dont delete", "do not delete",
		"don't erase", "dont erase", "do not erase", "don't remove", "dont remove", "do not remove", "don't forget", "dont forget", "do not forget"}
)

// askErase says what is deleted and what stays, and asks for the yes.
func (t *taking) askErase() {
	t.open(GoalErase).Asked = AskErase
	t.add("ask.erase")
	t.buttons(t.words.button(tapErase, "erase"), t.words.button(tapNoErase, "no_erase"))
}

// answerErase takes the answer to it. It returns true when that is all there is
// to say: after a no, what was in hand goes on. Whoever speaks of something else
// has dropped the question.
func (t *taking) answerErase(h *heard) bool {
	if top := t.top(); top == nil || top.Asked != AskErase {
		t.close(GoalErase)
		return false
	}
	switch {
	case h.clear() || h.erase && h.yes && !h.no && !h.doubt:
		t.erase(hotel.ByGuest)
		return true
	case h.erase: // said again, and no clear yes: asked again
		return false
	case !h.stop && (h.no || h.abort):
		t.close(GoalErase)
		t.add("erase.kept")
		t.goOn()
		return true
	}
	t.close(GoalErase)
	return false
}

// erase makes this the guest's last turn: nothing of it is kept or leaves but
// the goodbye, and what the hotel must hear to keep its own books.
func (t *taking) erase(by string) {
	t.erasedBy = by
	t.effects, t.said, t.reply, t.rows = nil, nil, reply{}, 0
	t.handoff, t.closed, t.unsaid = false, nil, false
	bundle := t.s.Bundle
	t.s.erased()
	if bundle != nil { // nobody will take the others back when one fails
		to := t.s.To
		t.s.To = hotel.Address{} // the hotel's system has the name; nothing of ours is kept
		var references []string
		for _, p := range bundle.Parts {
			references = append(references, string(p.Request.Reference))
		}
		t.alert(hotel.CauseBooking, false, "detail", t.staffWords().text("alert.bundle", "references", t.staffWords().list(references)))
		t.s.To = to
	}
	for _, in := range t.inputs {
		t.unheard(in)
	}
	if !t.s.To.IsZero() && t.now.Before(t.s.Window) && t.paused == "" {
		t.emit(Say{Bubble: hotel.Bubble{Text: t.words.text("erased")}})
	}
}

// eraseFromOutside is the last turn of a guest whom somebody else erases. It
// reads no words, but where those said now came from.
func (t *taking) eraseFromOutside(by string) Turn {
	for _, in := range t.inputs {
		if m, ok := in.(GuestSaid); ok {
			t.envelope(m)
		}
	}
	t.erase(by)
	return t.turn()
}

// erasureIn is on whose word the inputs erase the guest; "" when they do not.
func erasureIn(inputs []Input) string {
	for _, in := range inputs {
		if e, ok := in.(EraseAsked); ok {
			return e.By
		}
	}
	return ""
}

// takeErased takes what still happens to a guest who is erased already.
func (t *taking) takeErased() Turn {
	for _, in := range t.inputs {
		t.unheard(in)
	}
	return t.turn()
}

// unheard takes a thing of which no guest will hear. A booking that nobody is
// sure of, a change that left two or none, and a cancellation that failed, are told to a person: without the
// guest's name, which the hotel's system has.
func (t *taking) unheard(in Input) {
	words := t.staffWords()
	switch in := in.(type) {
	case Booked:
		t.emit(Count{hotel.OutcomeConfirmed})
	case BookingFailed:
		t.emit(Count{in.Outcome})
		if in.Outcome == hotel.OutcomeUnclear {
			t.alert(hotel.CauseBooking, false, "detail", words.text("alert.unclear", "reference", string(in.Reference)))
		}
	case CancelFailed:
		t.alert(hotel.CauseBooking, false, "detail", words.text("alert.cancel", "code", string(in.Code)))
	case Changed:
		t.emit(Count{hotel.OutcomeChanged})
		if in.OldStands {
			t.oldStands(in)
		}
	case ChangeFailed:
		switch in.Outcome {
		case hotel.OutcomeDisplaced:
			t.emit(Count{hotel.OutcomeDisplaced})
			t.alert(hotel.CauseBooking, false, "detail", words.text("alert.displaced", "code", string(in.Booking)))
		case hotel.OutcomeUnclear:
			t.alert(hotel.CauseBooking, false, "detail", words.text("alert.change_unclear", "code", string(in.Booking)))
		}
	}
}

// erased forgets all but where the goodbye goes, which is not encoded.
func (s *State) erased() {
	s.memory = memory{Erased: true, Lang: s.Lang, To: s.To, Window: s.Window}
}
