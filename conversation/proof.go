package conversation

import (
	"slices"
	"strings"
	"unicode"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// A booking is shown or cancelled only for the guest whose conversation made
// it, or who gives its code and the surname it stands under.

// maxTries is how many wrong proofs lead to a person.
const maxTries = 3

// maxProofWords is how many words a text has that is code and surname, and little else.
const maxProofWords = 5

// codeLength is how many letters a booking code has.
const codeLength = 9

// live returns the bookings of this conversation that are still to come, newest last.
func (t *taking) live() []Booking {
	var out []Booking
	for _, b := range t.s.Bookings {
		if b.Ours && b.Status == hotel.StatusBooked && !b.Stay.CheckOut.Before(t.today()) {
			out = append(out, b)
		}
	}
	return out
}

// own returns the bookings that a guest means by 'mine': those to come, or else the last one made.
func (t *taking) own() []Booking {
	if live := t.live(); len(live) > 0 {
		return live
	}
	for _, b := range slices.Backward(t.s.Bookings) {
		if b.Ours {
			return []Booking{b}
		}
	}
	return nil
}

// booking returns a booking that this guest may see.
func (t *taking) booking(code hotel.BookingCode) (Booking, bool) {
	i := slices.IndexFunc(t.s.Bookings, func(b Booking) bool { return b.Code == code })
	if i < 0 {
		return Booking{}, false
	}
	return t.s.Bookings[i], true
}

// hearProof takes a booking code and a surname out of a text.
func (t *taking) hearProof(h *heard, f *Frame, text string) {
	if hasNoCode.MatchString(fold(text)) && !hasCode(text) {
		h.no, h.understood, h.trouble = true, true, false
		return
	}
	before := f.Slots
	code, name := proofIn(strings.Fields(text), f.Slots.Code != "")
	if h.human || h.abort || len(h.topics) > 0 {
		name = ""
	}
	if code != "" {
		f.Slots.Code = code
	}
	if name != "" {
		f.Slots.Last = name
	}
	if f.Slots.Code != before.Code || f.Slots.Last != before.Last {
		h.changed, h.understood = true, true
	}
}

// proofIn tells code and surname apart, which may both have nine letters
// (Rodriguez): a word that stands alone is the surname when the code is known
// or when it is written as names are.
func proofIn(words []string, haveCode bool) (hotel.BookingCode, string) {
	code := codeIn(words)
	if code == "" {
		return "", surnameIn(words)
	}
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.EqualFold(letters(w), string(code)) })
	name := surnameIn(rest)
	if name != "" || hasCode(strings.Join(words, " ")) && !haveCode {
		return code, name
	}
	alone := surnameIn(words)
	if haveCode || alone == capitalised(strings.ToLower(alone)) {
		return "", alone
	}
	return code, ""
}

// codeIn finds the word that is most likely a booking code: nine letters,
// rather in capitals, and not the last word when another fits.
func codeIn(words []string) hotel.BookingCode {
	found := ""
	for _, w := range words {
		w = letters(w)
		if len(w) != codeLength || !isASCII(w) {
			continue
		}
		if w == strings.ToUpper(w) {
			return hotel.BookingCode(w)
		}
		if found == "" && !nlu.Knows(w) {
			found = w
		}
	}
	return hotel.BookingCode(strings.ToUpper(found))
}

// hasCode tells whether a text names a booking code in capitals.
func hasCode(text string) bool {
	for w := range strings.FieldsSeq(text) {
		if w = letters(w); len(w) == codeLength && isASCII(w) && w == strings.ToUpper(w) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

func letters(w string) string {
	return strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
}

// surnameIn is what is left of an answer when the words around a name are taken off.
func surnameIn(words []string) string {
	var out []string
	for _, w := range words {
		w = letters(w)
		switch fold(w) {
		case "", "apellido", "codigo", "es", "el", "mi", "reserva", "y", "a", "nombre", "code", "surname", "last", "name", "is", "the", "and",
			"my", "booking", "reservation", "under", "esta", "de", "con", "hola", "it", "its", "number", "numero", "gracias", "thanks", "si", "yes", "no", "se":
			continue
		}
		out = append(out, w)
	}
	if len(out) == 0 || len(out) > 4 {
		return ""
	}
	return strings.Join(out, " ")
}

// surnameSaid is the surname that a text names as such: 'apellido Gómez'.
func surnameSaid(text string) string {
	words := strings.Fields(text)
	i := slices.IndexFunc(words, func(w string) bool { w = fold(letters(w)); return w == "apellido" || w == "surname" })
	if i < 0 {
		return ""
	}
	var out []string
	for _, w := range words[i+1:] {
		name := letters(w)
		if len(out) == 0 && isVerb(name) {
			continue
		}
		if len(out) == 3 || !isName(name) || isVerb(name) {
			break
		}
		if name != "" {
			out = append(out, name)
		}
		if name != w {
			break // a comma ends it
		}
	}
	return strings.Join(out, " ")
}

// surnameAfter is the name that is written right after a booking code: 'QWERTYUIO, Fernández'.
func surnameAfter(text string, code hotel.BookingCode) string {
	words := strings.Fields(text)
	i := slices.IndexFunc(words, func(w string) bool { return code != "" && letters(w) == string(code) })
	if i < 0 {
		return ""
	}
	rest := words[i+1:]
	for _, lead := range underName {
		if n := len(lead); len(rest) > n && slices.EqualFunc(rest[:n], lead, func(w, l string) bool { return fold(w) == l }) {
			rest = rest[n:]
			break
		}
	}
	var out []string
	for _, w := range rest {
		name := letters(w)
		if len(out) == 3 || !isName(name) || name == strings.ToLower(name) && !isParticle(name) {
			break
		}
		if out = append(out, name); name != w {
			break // a comma ends it
		}
	}
	return strings.Join(out, " ")
}

// underName are the words between a code and the name.
var underName = [][]string{{"a", "nombre", "de"}, {"al", "nombre", "de"}, {"a", "nombre"}, {"in", "the", "name", "of"}, {"under", "the", "name", "of"}, {"under", "the", "name"}, {"under"}}

func isVerb(w string) bool { w = fold(w); return w == "es" || w == "is" || w == "y" || w == "and" }

// askProof asks for what is missing of code and surname. It returns false when nothing is.
func (t *taking) askProof(f *Frame) bool {
	s := f.Slots
	if _, may := t.booking(s.Code); s.Code != "" && (may || s.Last != "" && t.s.Tries < maxTries) {
		return false
	}
	if t.locked(f) {
		return true
	}
	key := "ask.proof"
	if s.Code != "" {
		key = "ask.proof.surname"
	} else if s.Last != "" {
		key = "ask.proof.code"
	}
	f.Asked = AskProof
	t.add(key)
	return true
}

// locked leaves who was wrong too often to a person, and looks nothing up for
// them before the person has closed the matter. It returns true when it did.
func (t *taking) locked(f *Frame) bool {
	if t.s.Tries < maxTries {
		return false
	}
	if _, may := t.booking(f.Slots.Code); may {
		return false
	}
	t.close(f.Goal)
	t.handOver(hotel.CauseStuck, t.heardText)
	return true
}

// proven takes the answer to a read by code: the booking, when this guest may
// see it. Else it says so, in the same words whether code or surname was
// wrong, and counts the try.
func (t *taking) proven(f *Frame, r BookingRead) bool {
	_, may := t.booking(f.Slots.Code)
	if r.Found && (may || sameSurname(f.Slots.Last, r.Contact.LastName)) {
		t.keep(Booking{Reservation: r.Reservation})
		t.s.Tries = 0
		return true
	}
	if may { // ours, and the hotel system has it no more
		code := f.Slots.Code
		t.close(f.Goal)
		t.offerPerson("status.gone", "code", string(code))
		return false
	}
	t.s.Tries++
	f.Slots.Code, f.Slots.Last = "", ""
	if t.locked(f) {
		return false
	}
	f.Asked = AskProof
	t.add("proof.wrong")
	return false
}
