package conversation

import (
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// hearProfile takes the answer to 'shall it stand under that name?'.
func (s *Slots) hearProfile(h *heard, profile string) {
	switch {
	case s.First != "":
	case h.clear():
		s.First, s.Last = splitName(plainName(profile))
		s.from(nlu.Name, FromProfile)
	case h.no:
		s.from(nlu.Name, FromWords) // will be: the profile's is not offered again
	}
}

// askContact asks for who the booking stands under, and reads back when all is known.
func (t *taking) askContact(f *Frame, offer hotel.Offer) {
	s := &f.Slots
	if s.Phone == "" && t.s.To.Phone != "" {
		s.Phone = "+" + t.s.To.Phone
		s.from(nlu.Phone, FromChannel)
	}
	q := f.missingContact(t.s.Profile)
	if q == "" {
		t.readBack(f, offer)
		return
	}
	if f.Asked == "" || f.Asked == AskRoom || f.Note != "" {
		t.sayNote(f)
		f.Spoken, f.PartySpoken = true, true
		t.sayChosen(f, offer)
	}
	f.Asked = q
	switch q {
	case AskProfile:
		t.add("ask.profile", "name", plainName(t.s.Profile))
		t.buttons(t.words.button(tapProfile, "profile"), t.words.button(tapOtherName, "other_name"))
	default:
		t.add("ask."+string(q), "name", s.First)
	}
}

// sayChosen says which room for what price.
func (t *taking) sayChosen(f *Frame, offer hotel.Offer) {
	s := f.Slots
	t.add("chosen", "room", t.roomsNamed(f.Offer.Rooms, t.roomName(offer.RoomType)), "total", t.words.money(offer.Total), "tax", t.tax(),
		"stay", t.words.stay(s.Stay(), t.today()), "party", t.words.party(s.Adults, s.Children, s.Ages))
}

// roomsNamed is a room type's name, with the number of rooms when there are several.
func (t *taking) roomsNamed(n int, name string) string {
	if n == 1 {
		return name
	}
	return strconv.Itoa(n) + " × " + name
}

func (f *Frame) missingContact(profile string) Question {
	s := f.Slots
	switch {
	case s.First == "" && s.From[nlu.Name] == "" && plausibleName(profile):
		return AskProfile
	case s.First == "" && s.Email == "":
		return AskWho
	case s.First == "":
		return AskName
	case s.Last == "":
		return AskSurname
	case s.Email == "":
		return AskEmail
	case s.Phone == "":
		return AskPhone
	}
	return ""
}

// readBack says everything back and waits for a clear yes. What was read back
// already and not changed is only asked for again.
func (t *taking) readBack(f *Frame, offer hotel.Offer) {
	s := f.Slots
	parties, _ := split(s, f.Offer.Rooms)
	agreed := hotel.BookingRequest{
		Property: t.facts.Property, RoomType: offer.RoomType, Stay: s.Stay(), Parties: parties, Quote: offer.Total, Lang: t.words.lang,
		Contact: hotel.Contact{FirstName: s.First, LastName: s.Last, Email: s.Email, Phone: s.Phone},
	}
	if rb := f.ReadBack; rb != nil && f.Asked == AskConfirm && f.Note == "" {
		t.add("ask.confirm")
		t.buttonsOfReadBack(rb.N)
		return
	}
	t.sayNote(f)
	if meant := mistypedDomain(s.Email); meant != "" {
		t.add("mail.hint", "email", s.Email, "domain", meant)
	}
	t.s.Counter++
	f.ReadBack = &ReadBack{N: t.s.Counter, At: t.now, Agreed: agreed}
	f.Asked, f.Spoken, f.PartySpoken = AskConfirm, true, true
	pairs := []string{
		"in", t.words.day(s.CheckIn, t.today()), "out", t.words.day(s.CheckOut, t.today()),
		"nights", t.words.count("night", s.Stay().Nights()), "room", t.roomsNamed(f.Offer.Rooms, t.roomName(offer.RoomType)),
		"party", t.words.party(s.Adults, s.Children, s.Ages), "name", s.First + " " + s.Last, "email", s.Email,
		"total", t.words.money(offer.Total), "tax", t.tax(),
	}
	key := "readback"
	if policy := t.facts.inLang(t.facts.Policies["cancellation"], t.words.lang); policy != "" {
		key, pairs = "readback.policy", append(pairs, "policy", strings.ReplaceAll(policy, "\n", " "))
	}
	t.add(key, pairs...)
	t.buttonsOfReadBack(f.ReadBack.N)
}

func (t *taking) buttonsOfReadBack(n int64) {
	t.buttons(t.words.button(tapYes+itoa(n), "yes"), t.words.button(tapChange+itoa(n), "change"), t.words.button(tapStop, "stop"))
}

// hearConfirm takes the answer to the read-back. It returns false when there is more to do.
func (t *taking) hearConfirm(f *Frame, h *heard) bool {
	switch {
	case h.changed:
		return false
	case h.yesTo != 0 || h.clear() && !f.ReadBack.after(h.at):
		t.agree(f, h)
		return true
	case h.no || h.change:
		f.Asked = AskChange
		t.add("ask.change")
		t.buttons(t.words.button(tapStop, "stop"))
		return true
	}
	return false
}

// after tells whether it was read back only after an instant: a 'sí' that was
// under way then is no yes to it.
func (rb *ReadBack) after(at time.Time) bool { return rb != nil && rb.At.After(at) }

// agree takes a clear yes: it books when the yes is to what was read back last,
// and lately; else price and room are looked at afresh.
func (t *taking) agree(f *Frame, h *heard) {
	rb := f.ReadBack
	if rb != nil && (h.yesTo == 0 || h.yesTo == rb.N) && t.now.Sub(rb.At) <= agreeFor {
		t.request(f, rb)
		return
	}
	f.Note = "note.stale"
	if rb != nil && h.yesTo != 0 && h.yesTo != rb.N {
		f.Note = "note.old_tap"
	}
	f.unprice()
	t.nextOfBooking(f)
}

// request sends the booking request. The guest hears its result, which comes in a moment.
func (t *taking) request(f *Frame, rb *ReadBack) {
	r := rb.Agreed
	r.Reference = hotel.ReferenceOf(t.base)
	key := t.emit(Book{r})
	f.Asked, f.ReadBack = "", nil
	t.s.Pending = &Pending{Key: key, Request: r, At: t.now}
	t.s.Since = t.oldest
}
