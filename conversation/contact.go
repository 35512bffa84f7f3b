package conversation

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/conserje/conserje/conversation/nlu"
)

// takeContact takes e-mail and phone.
func (s *Slots) takeContact(said nlu.Slots) {
	if strings.Contains(said.Email, "@") {
		s.Email, s.NoMail = strings.ToLower(strings.TrimSpace(said.Email)), false
		s.from(nlu.Email, FromWords)
	}
	if said.Phone != "" && s.From[nlu.Phone] != FromChannel {
		s.Phone = said.Phone
		s.from(nlu.Phone, FromWords)
	}
}

// noMail drops the mail address: there is none, or none shall be mailed.
func (s *Slots) noMail() {
	s.Email, s.NoMail = "", true
	s.from(nlu.Email, FromWords)
}

// takeName takes a full name, or the half of it that is missing.
func (s *Slots) takeName(name string, asked Question) {
	if slices.ContainsFunc(strings.Fields(name), func(w string) bool { return !isName(strings.Trim(w, ",.")) }) {
		return
	}
	name = untitled(name)
	first, last := splitName(name)
	switch {
	case first == "":
		return
	case last != "" && asked == AskSurname && s.surnamesOnly(name):
		s.Last = surname(name)
	case last != "":
		s.First, s.Last = first, last
	case s.First != "" && s.Last == "":
		s.Last = first
	default:
		s.First, s.Last = first, ""
	}
	s.from(nlu.Name, FromWords)
}

// introduces tells whether a text says that a name comes.
func introduces(text string) bool {
	folded := fold(text)
	return strings.Contains(folded, "nombre") || strings.Contains(folded, "name") || strings.Contains(folded, "llamo") || strings.HasPrefix(folded, "soy ")
}

// untitled takes the titles before a name off.
func untitled(name string) string {
	words := strings.Fields(name)
	for len(words) > 0 && slices.Contains(titles, strings.Trim(fold(words[0]), ".")) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

var titles = []string{"ing", "lic", "arq", "dr", "dra", "sr", "sra", "srta", "cp", "don", "dona", "mr", "mrs", "ms", "miss", "dear"}

// surnamesOnly tells whether several words, said where the surname was asked
// for, are surnames and no full name: neither the first name that is known nor
// another common one comes first.
func (s *Slots) surnamesOnly(name string) bool {
	word := fold(strings.Fields(name)[0])
	return s.First != "" && !secondNames[word] && !slices.Contains(strings.Fields(fold(s.First)), word)
}

// surname writes surnames as names are written.
func surname(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = capitalised(w)
	}
	return strings.Join(words, " ")
}

// forName tells whether a name was asked for.
func (q Question) forName() bool {
	return q == AskName || q == AskWho || q == AskSurname || q == AskProfile
}

// forMail tells whether a mail address was asked for.
func (q Question) forMail() bool { return q == AskEmail || q == AskWho }

// forContact tells whether what was asked for belongs to who the booking stands under.
func (q Question) forContact() bool {
	return q.forName() || q.forMail() || q == AskPhone
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
	if len(words) == 0 || len(words) > 5 && (len(words) > 9 || !written(words)) {
		return ""
	}
	return strings.Join(words, " ")
}

// written tells whether words are written as a full name's are, each with a capital or a particle.
func written(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !isParticle(w) && w == strings.ToLower(w) })
}

// unadorned takes quotes, brackets and tags off a name: 'John "Jack" Public', 'Juan <b>Pérez</b>'.
func unadorned(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"“”«»()[]`, r) {
			return ' '
		}
		return r
	}, tag.ReplaceAllString(name, " "))
}

// oddInName tells whether a text has digits or signs that no name has.
func oddInName(text string) bool {
	return !strings.ContainsAny(text, "@?¿") && strings.ContainsFunc(unadorned(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsSpace(r) && !strings.ContainsRune("'’-.,;:/|!¡", r)
	})
}

var tag = regexp.MustCompile(`</?\w*>`)

func isName(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-' {
			return false
		}
	}
	switch fold(word) {
	case "si", "no", "ok", "dale", "yes", "que", "como", "cuando", "donde", "what", "how", "when", "please", "favor", "hola", "hello", "quiero", "want", "depende", "ni", "idea", "se",
		"otro", "otra", "other", "another", "ninguno", "ninguna", "nada", "none", "nothing", "mi", "el", "my", "the", "gracias", "thanks",
		"actually", "sorry", "perdon", "uy", "orale", "sale", "va", "joya", "che", "ahi", "aca":
		return false
	}
	return true
}

// takeAnswerAsName takes an answer to 'under what name?' that understanding made
// nothing of. 'no, perdón, Juana' corrects the first name.
func (s *Slots) takeAnswerAsName(text string, asked Question) {
	text = unadorned(text)
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;/|", r) })
	corrects := false
	for len(words) > 1 && slices.Contains(corrections, fold(letters(words[0]))) {
		words, corrects = words[1:], true
	}
	for i, w := range words {
		if lower := w == strings.ToLower(w) || i == 0; lower && slices.Contains(notNames, fold(letters(w))) {
			return
		}
	}
	name := plainName(strings.Join(words, " "))
	if corrects && asked == AskSurname && name != "" && !strings.Contains(name, " ") {
		s.First, s.Last = "", ""
	}
	s.takeName(name, asked)
}

// correctsName tells whether a text takes back a name and gives another: 'no, perdón, Juana'.
func correctsName(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	for len(words) > 1 && slices.Contains(corrections, fold(letters(words[0]))) {
		words = words[1:]
	}
	return len(words) > 0 && len(words) <= 4 && words[0] != strings.ToLower(words[0]) && !slices.Contains(corrections, fold(letters(words[0])))
}

// renamed is the full name that a text gives and nothing else, written as names are: 'no, María del Pilar Ortiz'.
func renamed(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	for len(words) > 1 && slices.Contains(corrections, fold(letters(words[0]))) {
		words = words[1:]
	}
	if len(words) < 2 || len(words) > 6 {
		return ""
	}
	for i, w := range words {
		if !isName(w) || w == strings.ToLower(w) && (i == 0 || !isParticle(w)) || i == 0 && nlu.Knows(w) {
			return ""
		}
	}
	return strings.Join(words, " ")
}

// corrections open a correction; notNames are words of sentences, which no name begins with or has in small letters.
var (
	corrections = []string{"no", "perdon", "digo", "mejor", "sorry", "disculpa", "disculpe", "actually", "rather"}
	notNames    = strings.Fields(`es esta este esto eso esa ese son somos soy estoy voy va vamos tengo tenes tienes puedo puede para por pero con sin una un uno ya te me lo muy
		mucho mas caro cara listo bueno perfecto genial claro jaja jajaja hay dame decime dime espera esperame luego despues ahora despues cual quien tambien
		entonces todavia porque cuanto alguna algun algo is it this that we you are not too very expensive i im am for with later let sure fine good great
		cool nice can could do does will wait hold on and there`)
)

// spelledMail writes a mail address as one where a guest spelled it or slipped:
// 'ana arroba correo punto com', 'ana @ correo.com', 'ana@correo,com'. Any other text stays as it is.
func spelledMail(text string) string {
	out := text
	if lower := strings.ToLower(text); strings.Contains(lower, " dot ") {
		out = strings.Replace(lower, " at ", "@", 1)
		out = strings.TrimSpace(mailWords.Replace(" " + out + " "))
	}
	if spelled := mailWords.Replace(" " + strings.ToLower(out) + " "); strings.Contains(spelled, "@") && !strings.Contains(out, "@") {
		out = strings.TrimSpace(spelled)
	}
	if !strings.Contains(out, "@") {
		return text
	}
	out = strings.ReplaceAll(strings.ReplaceAll(out, " @", "@"), "@ ", "@")
	at := strings.IndexByte(out, '@')
	head, domain := out[:at], out[at:]
	for _, tld := range []string{"com", "net", "org", "es", "ar"} {
		domain = strings.Replace(domain, ","+tld, "."+tld, 1)
		domain = strings.Replace(domain, " ."+tld, "."+tld, 1)
	}
	return head + domain
}

var mailWords = strings.NewReplacer(" arroba ", "@", "(arroba)", "@", "[at]", "@", "(at)", "@", " punto ", ".", " dot ", ".", " guion bajo ", "_", " underscore ", "_")

// mistypedDomain is the well-known domain that an address most likely meant; "" when nothing is odd.
func mistypedDomain(mail string) string {
	_, domain, _ := strings.Cut(mail, "@")
	for right, wrong := range mistyped {
		if slices.Contains(wrong, domain) {
			return right
		}
	}
	return ""
}

var mistyped = map[string][]string{
	"gmail.com":   {"gmial.com", "gmai.com", "gmal.com", "gamil.com", "gmil.com", "gmail.con", "gmail.co", "gmaill.com", "gmail.cm", "gnail.com", "gmail.comm"},
	"hotmail.com": {"hotmial.com", "hotmai.com", "hotmal.com", "hotamil.com", "hotmail.con", "hotmail.co", "hotmil.com", "hormail.com", "hotmaill.com"},
	"yahoo.com":   {"yaho.com", "yahooo.com", "yahoo.con", "yhoo.com"},
	"outlook.com": {"outlok.com", "outlook.con", "outloo.com", "outlook.co"},
	"icloud.com":  {"iclud.com", "icloud.con", "iclou.com"},
}
