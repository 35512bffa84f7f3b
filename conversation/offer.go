package conversation

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
)

// wantOffer asks what is free for the stay.
func (t *taking) wantOffer(f *Frame) {
	f.Asked = ""
	t.want(ToOffer, ReadAvailability{
		AvailabilityQuery: hotel.AvailabilityQuery{Property: t.facts.Property, Stay: f.Slots.Stay(), Rooms: t.rooms(&f.Slots)},
		Fresh:             f.Fresh,
	})
}

// offered takes what is free, and goes on with the booking.
func (t *taking) offered(w Waiting, a hotel.Availability) {
	f := t.frame(GoalBook)
	if ask := w.Asks[0].Availability; f == nil || ask == nil || f.Slots.Stay() != ask.Stay {
		t.goOn() // the guest has moved on
		return
	}
	rooms := t.rooms(&f.Slots)
	parties, _ := split(f.Slots, rooms)
	t.s.Counter++
	f.Offer = &Offered{N: t.s.Counter, At: t.now, Rooms: rooms}
	f.Fresh = false
	t.learn(a.Offers)
	for _, o := range a.Offers {
		if o.Free >= rooms && fits(o.RoomType, parties) && o.Total.Minor > 0 {
			o.RoomType.Description = ""
			f.Offer.Offers = append(f.Offer.Offers, o)
		}
	}
	slices.SortStableFunc(f.Offer.Offers, func(a, b hotel.Offer) int { return cmp.Compare(a.Total.Minor, b.Total.Minor) })
	f.Offer.Offers = f.Offer.Offers[:min(len(f.Offer.Offers), maxRows)]
	if t.top().Goal == GoalBook {
		t.nextOfBooking(t.top())
	}
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
	f.Asked, f.Spoken, f.PartySpoken = AskDates, true, true
	s := f.Slots
	t.add("offer.none", "stay", t.words.stay(s.Stay(), t.today()), "party", t.words.party(s.Adults, s.Children, s.Ages))
	t.buttons(t.words.button(tapDates, "dates"), t.words.button(tapPerson, "person"))
}

// showOffers shows what is free, as a list to tap; one may answer with a number or a name, too.
func (t *taking) showOffers(f *Frame) {
	t.sayNote(f)
	s := f.Slots
	if s.RoomType != "" {
		key := "offer.gone"
		if parties, _ := split(s, f.Offer.Rooms); !t.roomFits(s.RoomType, parties) {
			key = "offer.small"
		}
		t.add(key, "room", t.roomName(hotel.RoomType{ID: s.RoomType}), "party", t.words.party(s.Adults, s.Children, s.Ages))
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

func (t *taking) roomFits(id hotel.RoomTypeID, parties []hotel.Party) bool {
	r, known := t.room(id)
	return !known || fits(r.RoomType, parties)
}
