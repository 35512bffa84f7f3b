package conversation

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// wantOffer asks what is free for the stay.
func (t *taking) wantOffer(f *Frame) {
	if len(f.Slots.Mix) > 0 {
		t.wantMix(f)
		return
	}
	f.Asked = ""
	t.want(ToOffer, ReadAvailability{
		AvailabilityQuery: hotel.AvailabilityQuery{Property: t.facts.Property, Stay: f.Slots.Stay(), Rooms: t.rooms(&f.Slots)},
		Fresh:             f.Fresh,
	})
}

// offered takes what is free, and goes on with the booking.
func (t *taking) offered(w Waiting, a AvailabilityRead) {
	f := t.frame(GoalBook)
	if ask := w.Asks[0].Availability; f == nil || ask == nil || f.Slots.Stay() != ask.Stay {
		t.goOn() // the guest has moved on
		return
	}
	if !a.Stale.IsZero() {
		if w.Asks[0].Availability.Fresh {
			t.systemDown()
			return
		}
		f.Slots.RoomType = "" // it is chosen from what is shown, and then asked for afresh
	}
	rooms := t.rooms(&f.Slots)
	parties, _ := split(f.Slots, rooms)
	t.s.Counter++
	f.Offer = &Offered{N: t.s.Counter, At: t.now, Rooms: rooms, Stale: a.Stale}
	f.Fresh = false
	t.learn(a.Offers)
	for _, o := range a.Offers {
		o.RoomType.Description = ""
		switch {
		case !t.takes(o.RoomType, parties):
		case !lasts(o.RoomType, f.Slots.Stay().Nights()):
			f.Offer.Limited = append(f.Offer.Limited, o.RoomType)
		case o.Free >= rooms && o.Total.Minor > 0:
			f.Offer.Offers = append(f.Offer.Offers, f.Floor.raise(f.Slots.Stay(), rooms, o))
		}
	}
	if rooms > 1 && len(f.Offer.Offers)+len(f.Offer.Limited) == 0 && a.Stale.IsZero() {
		if mix := t.combine(f.Slots, rooms, t.narrowed(a.Offers)); mix != nil {
			f.Slots.Mix, f.Slots.RoomType = mix, ""
			f.Slots.from(nlu.RoomType, Assumption)
			f.Offer, f.Fresh, f.Note = nil, w.Asks[0].Availability.Fresh, cmp.Or(f.Note, "note.mix")
			t.wantMix(f)
			return
		}
	}
	slices.SortStableFunc(f.Offer.Offers, func(a, b hotel.Offer) int { return cmp.Compare(a.Total.Minor, b.Total.Minor) })
	f.Offer.Offers = f.Offer.Offers[:min(len(f.Offer.Offers), maxRows)]
	if t.top().Goal == GoalBook {
		t.nextOfBooking(t.top())
	}
}

// lasts tells whether a room type is sold for so many nights.
func lasts(rt hotel.RoomType, nights int) bool {
	return nights >= rt.MinNights && (rt.MaxNights == 0 || nights <= rt.MaxNights)
}

// raise is the offer for no less than the hotel system asked for.
func (l *Floor) raise(stay hotel.Stay, rooms int, o hotel.Offer) hotel.Offer {
	if l != nil && l.Stay == stay && l.Rooms == rooms && l.RoomType == o.RoomType.ID && l.Total.Currency == o.Total.Currency {
		o.Total.Minor = max(o.Total.Minor, l.Total.Minor)
	}
	return o
}

// sayNote says what is to be said with the next offer or read-back.
func (t *taking) sayNote(f *Frame) {
	if _, known := t.words.texts[f.Note]; known {
		t.add(f.Note)
		f.Note = ""
	}
}

// sayNone says that nothing is free.
func (t *taking) sayNone(f *Frame) {
	t.sayNote(f)
	t.sayStale(f.Offer.Stale)
	f.Asked, f.Spoken, f.PartySpoken = AskDates, true, true
	if t.sayLimit(f.Offer.Limited, f.Slots.Stay().Nights()) {
		f.Asked = AskNights
		t.buttons(t.words.button(tapDates, "dates"), t.words.button(tapPerson, "person"))
		return
	}
	s := f.Slots
	t.add("offer.none", "stay", t.words.stay(s.Stay(), t.today()), "party", t.words.party(s.Adults, s.Children, s.Ages))
	t.buttons(t.words.button(tapDates, "dates"), t.words.button(tapPerson, "person"))
}

// showOffers shows what is free, as a list to tap; one may answer with a number or a name, too.
func (t *taking) showOffers(f *Frame) {
	t.sayNote(f)
	t.sayStale(f.Offer.Stale)
	s := f.Slots
	if s.RoomType != "" {
		key := "offer.gone"
		limits := f.limits(s.RoomType)
		if limits.MinNights > s.Stay().Nights() {
			key = "offer.min_nights"
		} else if limits.MaxNights > 0 {
			key = "offer.max_nights"
		}
		if key == "offer.gone" && f.Offer.Rooms > 1 { // one may be
			key = "offer.gone.rooms"
		}
		if parties, _ := split(s, f.Offer.Rooms); !t.roomFits(s.RoomType, parties) {
			key = "offer.small"
		}
		t.add(key, "rooms", t.words.count("room", f.Offer.Rooms), "room", t.roomName(hotel.RoomType{ID: s.RoomType}), "party", t.words.party(s.Adults, s.Children, s.Ages),
			"min", t.words.count("night", limits.MinNights), "max", t.words.count("night", limits.MaxNights))
		f.Slots.RoomType = ""
	}
	repeated := f.Asked == AskRoom && f.Spoken
	f.Asked, f.Spoken, f.PartySpoken = AskRoom, true, true
	if repeated {
		t.add("ask.room")
	} else {
		key, rooms := "offer", t.words.count("room", f.Offer.Rooms)
		if f.Offer.Rooms > 1 {
			key = "offer.rooms"
		}
		t.add(key, "stay", t.words.stay(s.Stay(), t.today()), "party", t.words.party(s.Adults, s.Children, s.Ages),
			"rooms", rooms, "tax", t.tax())
	}
	t.list(t.offerList(f))
}

// limits is the room type that the stay is too short or too long for; zero when it is none.
func (f *Frame) limits(id hotel.RoomTypeID) hotel.RoomType {
	if i := slices.IndexFunc(f.Offer.Limited, func(rt hotel.RoomType) bool { return rt.ID == id }); i >= 0 {
		return f.Offer.Limited[i]
	}
	return hotel.RoomType{}
}

// sayLimit says how long a stay must be, or may be, where nothing is left because of it.
func (t *taking) sayLimit(limited []hotel.RoomType, nights int) bool {
	least, most := 0, 0
	for _, rt := range limited {
		if nights >= rt.MinNights {
			most = max(most, rt.MaxNights)
		} else if least == 0 || rt.MinNights < least {
			least = rt.MinNights
		}
	}
	switch {
	case least > 0:
		t.add("offer.min", "min", t.words.count("night", least))
	case most > 0:
		t.add("offer.max", "max", t.words.count("night", most))
	}
	return least+most > 0
}

// sayStale says how old what follows is, when the hotel system is away.
func (t *taking) sayStale(since time.Time) {
	if !since.IsZero() {
		t.add("stale", "ago", t.ago(since))
	}
}

func (t *taking) ago(at time.Time) string {
	return t.words.count("minute", max(int(t.now.Sub(at)/time.Minute), 1))
}

func (t *taking) offerList(f *Frame) *hotel.List {
	l := &hotel.List{Button: t.words.text("button.rooms"), Title: t.words.text("list.rooms")}
	for _, o := range f.Offer.Offers {
		key := "offer.row"
		switch {
		case f.Offer.Rooms > 1:
			key = "offer.row.each"
		case o.Free == 1:
			key = "offer.row.last"
		}
		total, nightly := t.words.money(o.Total), t.words.money(o.Nightly)
		l.Rows = append(l.Rows, hotel.Row{
			ID:          roomTap(f.Offer.N, o.RoomType.ID, f.Slots, f.Offer.Rooms),
			Title:       clip(t.roomName(o.RoomType), maxRow),
			Description: clip(t.words.text(key, "total", total, "nightly", nightly), maxRowText),
		})
	}
	// Titles must be told apart by someone who types them.
	seen := map[string]int{}
	for i, row := range l.Rows {
		if seen[row.Title]++; seen[row.Title] > 1 {
			l.Rows[i].Title = clip(row.Title, maxRow-3) + " " + strconv.Itoa(seen[row.Title])
		}
	}
	return l
}

func (t *taking) tax() string {
	if t.facts.TaxIncluded {
		return t.words.text("tax.included")
	}
	return t.words.text("tax.extra")
}

// takes tells whether a room type takes the parties: for the hotel system, and for the hotel's own facts.
func (t *taking) takes(rt hotel.RoomType, parties []hotel.Party) bool {
	return fits(rt, parties) && t.roomFits(rt.ID, parties)
}

// narrowed are offers whose rooms hold no more than the hotel's own facts say.
func (t *taking) narrowed(offers []hotel.Offer) []hotel.Offer {
	out := slices.Clone(offers)
	for i := range out {
		rt := &out[i].RoomType
		switch r, known := t.room(rt.ID); {
		case !known || r.MaxGuests == 0: // no limit is known
		case rt.MaxGuests == 0:
			rt.MaxGuests, rt.MaxAdults, rt.MaxChildren = r.MaxGuests, r.MaxAdults, r.MaxChildren
		default:
			rt.MaxGuests, rt.MaxAdults, rt.MaxChildren = min(rt.MaxGuests, r.MaxGuests), min(rt.MaxAdults, r.MaxAdults), min(rt.MaxChildren, r.MaxChildren)
		}
	}
	return out
}

func (t *taking) roomFits(id hotel.RoomTypeID, parties []hotel.Party) bool {
	r, known := t.room(id)
	return !known || fits(r.RoomType, parties)
}
