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
	t.add("chosen", "room", t.roomsOf(f, offer), "total", t.words.money(offer.Total), "tax", t.tax(),
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
	case s.First == "" && s.Email == "" && !s.NoMail:
		return AskWho
	case s.First == "":
		return AskName
	case s.Last == "":
		return AskSurname
	case s.Email == "" && !s.NoMail:
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
		Property: t.facts.Property, RoomType: offer.RoomType, Stay: s.Stay(), Parties: parties, Quote: offer.Total, Extras: offer.Extras, Lang: t.words.lang,
		Contact: hotel.Contact{FirstName: s.First, LastName: s.Last, Email: s.Email, Phone: s.Phone},
	}
	rb := &ReadBack{Agreed: agreed}
	more := t.small(offer.Extras, s.Email != "")
	if f.Offer.mixed() {
		all := f.Offer.requests(agreed)
		rb.Agreed, rb.Second, rb.More = all[0], &all[1], all[2:]
		more += "\n" + t.words.text("readback.more", "text", t.words.text("readback.bundle", "n", t.words.number(len(all))))
	}
	if f.ReadBack != nil && f.Asked == AskConfirm && f.Note == "" {
		t.add("ask.confirm")
		t.buttonsOfReadBack(f.ReadBack.N)
		return
	}
	t.sayNote(f)
	if meant := mistypedDomain(s.Email); meant != "" {
		t.add("mail.hint", "email", s.Email, "domain", meant)
	}
	t.s.Counter++
	rb.N, rb.At = t.s.Counter, t.now
	t.readsBack(f, rb)
	f.Asked, f.Spoken, f.PartySpoken = AskConfirm, true, true
	t.add("readback", "in", t.words.day(s.CheckIn, t.today()), "out", t.words.day(s.CheckOut, t.today()),
		"nights", t.words.count("night", s.Stay().Nights()), "room", t.roomsOf(f, offer),
		"party", t.words.party(s.Adults, s.Children, s.Ages), "name", s.First+" "+s.Last, "email", t.mailNamed(s.Email),
		"total", t.words.money(offer.Total), "tax", t.tax(), "more", more)
	t.buttonsOfReadBack(f.ReadBack.N)
}

// small is what is read back below the total: what it includes, that no mail comes, and when one may cancel.
func (t *taking) small(extras []hotel.Extra, mailed bool) string {
	var out strings.Builder
	line := func(text string) { out.WriteString("\n" + t.words.text("readback.more", "text", text)) }
	if len(extras) > 0 {
		line(t.words.text("extras", "extras", t.words.extras(extras)))
	}
	if !mailed {
		line(t.words.text("readback.no_mail"))
	}
	if policy := t.policy("cancellation"); policy != "" {
		line(strings.ReplaceAll(policy, "\n", " "))
	}
	return out.String()
}

// mailNamed is a mail address, or that there is none.
func (t *taking) mailNamed(email string) string {
	if email == "" {
		return t.words.text("mail.none")
	}
	return email
}

func (t *taking) buttonsOfReadBack(n int64) {
	t.buttons(t.words.button(tapYes+itoa(n), "yes"), t.words.button(tapChange+itoa(n), "change"), t.words.button(tapStop, "stop"))
}

// saidNoMail takes that the guest has no mail address: it is left out, where the
// hotel books without one, else it is said why it is needed. It returns false when there is more to do.
func (t *taking) saidNoMail(f *Frame, h *heard) bool {
	if t.facts.NoEmail {
		if !f.Slots.NoMail {
			f.Slots.noMail()
			f.ReadBack, h.changed = nil, true
			if f.missingContact(t.s.Profile) != "" { // else the read-back says it
				t.add("mail.dropped")
			}
		}
		h.no = false // 'no tengo' declines nothing else
		return false
	}
	switch {
	case f.Slots.Email != "" && !h.changed:
		t.add("mail.needed.kept", "email", f.Slots.Email)
		if f.ReadBack != nil && f.Asked == AskConfirm {
			t.buttonsOfReadBack(f.ReadBack.N)
			return true
		}
	case f.Slots.Email == "" && !h.changed && f.Asked.forMail():
		t.add("mail.needed")
	default:
		return false
	}
	t.buttons(t.words.button(tapPerson, "person"))
	return true
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
	if rb.Second != nil {
		t.requestBundle(f, rb)
		return
	}
	r := rb.Agreed
	r.Reference, r.Guest, r.Agreed = t.reference(), t.s.Guest, t.now
	key := t.emit(Book{r})
	f.Asked, f.ReadBack = "", nil
	t.s.Pending = &Pending{Key: key, Request: r, At: t.now}
	t.s.Since = t.oldest
}

// reference names what this turn asks the hotel system for.
func (t *taking) reference() hotel.Reference {
	return hotel.ReferenceOf(t.base)
}
