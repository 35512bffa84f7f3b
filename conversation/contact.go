package conversation

import (
	"slices"
	"strings"
	"unicode"

	"github.com/conserje/conserje/conversation/nlu"
)

// takeContact takes e-mail and phone.
func (s *Slots) takeContact(said nlu.Slots) {
	if strings.Contains(said.Email, "@") {
		s.Email = strings.ToLower(strings.TrimSpace(said.Email))
		s.from(nlu.Email, FromWords)
	}
	if said.Phone != "" && s.From[nlu.Phone] != FromChannel {
		s.Phone = said.Phone
		s.from(nlu.Phone, FromWords)
	}
}

// takeName takes a full name, or the half of it that is missing.
func (s *Slots) takeName(name string) {
	if slices.ContainsFunc(strings.Fields(name), func(w string) bool { return !isName(strings.Trim(w, ",.")) }) {
		return
	}
	first, last := splitName(name)
	switch {
	case first == "":
		return
	case last != "":
		s.First, s.Last = first, last
	case s.First != "" && s.Last == "":
		s.Last = first
	default:
		s.First, s.Last = first, ""
	}
	s.from(nlu.Name, FromWords)
}

// forName tells whether a name was asked for.
func (q Question) forName() bool {
	return q == AskName || q == AskWho || q == AskSurname || q == AskProfile
}

// forData tells whether what was asked for is written the same in every language.
func (q Question) forData() bool {
	return q.forName() && q != AskProfile || q == AskEmail || q == AskPhone || q == AskProof
}

// plainName returns text when it looks like a name and nothing else, without a mail address in it.
func plainName(text string) string {
	var words []string
	for word := range strings.FieldsSeq(text) {
		if strings.Contains(word, "@") {
			continue
		}
		word = strings.Trim(word, ",.;:!-")
		if word == "" {
			continue
		}
		if !isName(word) {
			return ""
		}
		words = append(words, word)
	}
	if len(words) == 0 || len(words) > 5 {
		return ""
	}
	return strings.Join(words, " ")
}

func isName(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-' {
			return false
		}
	}
	switch fold(word) {
	case "si", "no", "ok", "dale", "yes", "que", "como", "cuando", "donde", "what", "how", "when", "please", "favor", "hola", "hello", "quiero", "want", "depende", "ni", "idea", "se",
		"otro", "otra", "other", "another", "ninguno", "ninguna", "nada", "none", "nothing", "mi", "el", "my", "the", "gracias", "thanks":
		return false
	}
	return true
}
