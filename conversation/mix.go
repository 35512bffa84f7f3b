package conversation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// A booking names one room type. A party that wants several ('una doble y una
// triple'), or that no single type has rooms enough for, gets a booking for each: all or none.

// MixPart is one of the room types of a party, with its number of rooms.
type MixPart struct {
	RoomType hotel.RoomTypeID `json:"rt"`
	Rooms    int              `json:"r"`
}

// MixOffer is a part as it is free and priced for its own number of rooms.
type MixOffer struct {
	Parties []hotel.Party `json:"p"` // one for each room
	hotel.Offer
}

// maxMix is how many room types a party may have.
const maxMix = 4

// mixIn finds several room types with their numbers in a text that says so many
// rooms (0 = does not say): 'una doble y dos triples'. Where a room was asked for, 'la doble y la triple' will do.
func (t *taking) mixIn(text string, rooms int, asked Question) []MixPart {
	folded := fold(text)
	joined := strings.Contains(folded, " y ") || strings.Contains(folded, " and ") || strings.Contains(folded, "+")
	if strings.ContainsAny(text, "?¿") || !joined && rooms < 2 {
		return nil
	}
	words := strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" \t\n,.;:+!", r) })
	var out, loose []MixPart
	for _, r := range t.roomFacts() {
		for _, name := range r.allNames() {
			at := indexWords(words, strings.Fields(fold(name)))
			if at < 1 {
				continue
			}
			n := counted(words[at-1], asked == AskRoom)
			if n == 0 && counted(words[at-1], true) > 0 {
				loose = append(loose, MixPart{r.ID, 1})
			}
			if n > 0 && !slices.ContainsFunc(out, func(p MixPart) bool { return p.RoomType == r.ID }) {
				out = append(out, MixPart{r.ID, n})
			}
		}
	}
	if len(out) >= 2 && joined { // 'una doble, una triple y la suite'
		for _, part := range loose {
			if !slices.ContainsFunc(out, func(p MixPart) bool { return p.RoomType == part.RoomType }) {
				out = append(out, part)
			}
		}
	}
	if len(out) < 2 || len(out) > maxMix {
		return nil
	}
	for _, part := range out {
		rooms -= part.Rooms
	}
	if !joined && rooms != 0 {
		return nil // '2 habitaciones, una doble, una single' says that these are all of them
	}
	return out
}

// indexWords is where a name stands in a text, in the singular or the plural; -1 = nowhere.
func indexWords(words, name []string) int {
	for i := range words {
		if len(name) > 0 && i+len(name) <= len(words) && slices.EqualFunc(words[i:i+len(name)], name, func(w, n string) bool {
			return w == n || w == n+"s" || w == n+"es"
		}) {
			return i
		}
	}
	return -1
}

// counted is the number that a word before a room type names; 0 = it is none.
func counted(word string, article bool) int {
	switch word {
	case "una", "un", "1", "a", "one":
		return 1
	case "dos", "2", "two":
		return 2
	case "tres", "3", "three":
		return 3
	case "cuatro", "4", "four":
		return 4
	case "la", "the":
		if article {
			return 1
		}
	}
	return 0
}

// takeMix takes several room types that a text names.
func (s *Slots) takeMix(mix []MixPart) {
	if len(mix) == 0 {
		return
	}
	s.Mix, s.RoomType, s.Rooms = mix, "", 0
	for _, part := range mix {
		s.Rooms += part.Rooms
	}
	s.from(nlu.RoomType, FromWords)
	s.from(nlu.Rooms, FromWords)
}

// combine finds the cheapest two room types that hold a party which no single one has rooms for.
func (t *taking) combine(s Slots, least int, offers []hotel.Offer) []MixPart {
	var best []MixPart
	var price int64
	for n := least; n <= t.facts.MaxRooms && best == nil; n++ {
		for i, x := range offers {
			for _, y := range offers[i+1:] {
				for a := 1; a < n; a++ {
					sum := x.Nightly.Minor*int64(a) + y.Nightly.Minor*int64(n-a)
					if !sold(x, a, s) || !sold(y, n-a, s) || best != nil && sum >= price {
						continue
					}
					if _, ok := spread(s, mixed(x.RoomType, a, y.RoomType, n-a)); ok {
						best, price = []MixPart{{x.RoomType.ID, a}, {y.RoomType.ID, n - a}}, sum
					}
				}
			}
		}
		if s.Rooms > 0 {
			break // so many were asked for
		}
	}
	return best
}

// sold tells whether so many rooms of an offer can be had for a stay.
func sold(o hotel.Offer, n int, s Slots) bool {
	return o.Free >= n && o.Total.Minor > 0 && lasts(o.RoomType, s.Stay().Nights())
}

func mixed(x hotel.RoomType, a int, y hotel.RoomType, b int) []hotel.RoomType {
	return append(slices.Repeat([]hotel.RoomType{x}, a), slices.Repeat([]hotel.RoomType{y}, b)...)
}

// spread puts a party into rooms of several types, an adult in each.
func spread(s Slots, types []hotel.RoomType) ([]hotel.Party, bool) {
	out := make([]hotel.Party, len(types))
	place := func(add hotel.Party) bool { // into the room with most room left
		best, left := -1, 0
		for i, rt := range types {
			p := hotel.Party{Adults: out[i].Adults + add.Adults, Children: out[i].Children + add.Children}
			space := rt.MaxGuests - out[i].Guests()
			if rt.MaxGuests == 0 {
				space = s.Adults + s.Children
			}
			if out[i].Adults == 0 && add.Adults > 0 {
				space += s.Adults + s.Children // first of all one in each
			}
			if rt.Fits(p) && (best < 0 || space > left) {
				best, left = i, space
			}
		}
		if best < 0 {
			return false
		}
		out[best].Adults, out[best].Children = out[best].Adults+add.Adults, out[best].Children+add.Children
		out[best].Ages = append(out[best].Ages, add.Ages...)
		return true
	}
	for range s.Adults {
		if !place(hotel.Party{Adults: 1}) {
			return nil, false
		}
	}
	for i := range s.Children {
		child := hotel.Party{Children: 1}
		if i < len(s.Ages) {
			child.Ages = []int{s.Ages[i]}
		}
		if !place(child) {
			return nil, false
		}
	}
	return out, !slices.ContainsFunc(out, func(p hotel.Party) bool { return p.Adults == 0 })
}

// refuseMix says that the room types do not hold a party; they are then chosen anew.
func (t *taking) refuseMix(f *Frame) bool {
	s := &f.Slots
	var types []hotel.RoomType
	for _, part := range s.Mix {
		r, known := t.room(part.RoomType)
		if !known {
			return false
		}
		types = append(types, slices.Repeat([]hotel.RoomType{r.RoomType}, part.Rooms)...)
	}
	if _, ok := spread(*s, types); ok {
		return false
	}
	t.add("mix.small", "rooms", t.mixNamed(s.Mix), "party", t.words.party(s.Adults, s.Children, s.Ages))
	s.Mix, s.Rooms = nil, 0
	delete(s.From, nlu.Rooms)
	return t.refuseParty(f)
}

// wantMix asks for each part by itself, so that each price is exact.
func (t *taking) wantMix(f *Frame) {
	f.Asked = ""
	var reads []Read
	for _, part := range f.Slots.Mix {
		reads = append(reads, ReadAvailability{Fresh: f.Fresh, AvailabilityQuery: hotel.AvailabilityQuery{
			Property: t.facts.Property, Stay: f.Slots.Stay(), Rooms: part.Rooms, RoomType: part.RoomType}})
	}
	t.want(ToMix, reads...)
}

// mixOffered takes what the parts cost, and goes on with the booking.
func (t *taking) mixOffered(w Waiting, answers []Answer) {
	f := t.frame(GoalBook)
	if f == nil || len(f.Slots.Mix) == 0 || len(answers) != len(f.Slots.Mix) {
		t.goOn()
		return
	}
	t.s.Counter++
	offer := &Offered{N: t.s.Counter, At: t.now}
	var types []hotel.RoomType
	for i, answer := range answers {
		a, ok := answer.(AvailabilityRead)
		ask, part := w.Asks[i].Availability, f.Slots.Mix[i]
		if !ok || ask == nil || ask.Stay != f.Slots.Stay() || ask.RoomType != part.RoomType || ask.Rooms != part.Rooms {
			t.goOn() // the guest has moved on
			return
		}
		if !a.Stale.IsZero() {
			t.systemDown()
			return
		}
		at := slices.IndexFunc(a.Offers, func(o hotel.Offer) bool { return o.RoomType.ID == part.RoomType })
		if at < 0 || !sold(a.Offers[at], part.Rooms, f.Slots) {
			t.mixGone(f)
			return
		}
		o := f.Floor.raise(f.Slots.Stay(), part.Rooms, a.Offers[at])
		o.RoomType.Description = ""
		offer.Mix = append(offer.Mix, MixOffer{Offer: o})
		types = append(types, slices.Repeat([]hotel.RoomType{o.RoomType}, part.Rooms)...)
		offer.Rooms += part.Rooms
	}
	parties, ok := spread(f.Slots, types)
	if !ok {
		t.mixGone(f)
		return
	}
	for i, part := range f.Slots.Mix {
		offer.Mix[i].Parties, parties = parties[:part.Rooms], parties[part.Rooms:]
	}
	f.Offer, f.Fresh = offer, false
	if top := t.top(); top.Goal == GoalBook {
		t.nextOfBooking(top)
	}
}

// mixGone goes on without a combination that is not to be had: with what else there is.
func (t *taking) mixGone(f *Frame) {
	top := t.top().Goal == GoalBook
	assumed := f.Slots.From[nlu.RoomType] == Assumption
	if top && !assumed {
		t.add("mix.gone", "rooms", t.mixNamed(f.Slots.Mix))
	}
	f.Slots.Mix, f.Offer = nil, nil
	if assumed { // there was nothing else
		f.Note = ""
		f.Offer = &Offered{N: t.s.Counter, At: t.now, Rooms: t.rooms(&f.Slots)}
	}
	if top {
		t.nextOfBooking(f)
	}
}

// mixNamed is "Doble clásica y 2 × Triple".
func (t *taking) mixNamed(mix []MixPart) string {
	named := make([]string, len(mix))
	for i, part := range mix {
		named[i] = t.roomsNamed(part.Rooms, t.roomName(hotel.RoomType{ID: part.RoomType}))
	}
	return t.words.list(named)
}

// roomsOf names what was chosen of an offer.
func (t *taking) roomsOf(f *Frame, offer hotel.Offer) string {
	if !f.Offer.mixed() {
		return t.roomsNamed(f.Offer.Rooms, t.roomName(offer.RoomType))
	}
	var named []string
	for _, part := range f.Offer.Mix {
		named = append(named, t.roomsNamed(len(part.Parties), t.roomName(part.RoomType)))
	}
	return t.words.list(named)
}

// mixed tells whether several room types are offered together.
func (o *Offered) mixed() bool { return o != nil && len(o.Mix) > 1 }

// whole is all parts as one offer, for what is said of them.
func (o *Offered) whole() hotel.Offer {
	var out hotel.Offer
	for _, part := range o.Mix {
		out.Total, out.Extras = plus(out.Total, part.Total), together(out.Extras, part.Extras)
	}
	return out
}

// together are the extras of two bookings, those of one name as one.
func together(a, b []hotel.Extra) []hotel.Extra {
	out := slices.Clone(a)
	for _, x := range b {
		if i := slices.IndexFunc(out, func(o hotel.Extra) bool { return o.Name == x.Name }); i >= 0 {
			out[i].Total = plus(out[i].Total, x.Total)
			continue
		}
		out = append(out, x)
	}
	return out
}

// requests are those that stand for one request of all parts.
func (o *Offered) requests(r hotel.BookingRequest) []hotel.BookingRequest {
	var out []hotel.BookingRequest
	for _, part := range o.Mix {
		r.RoomType, r.Parties, r.Quote, r.Extras = part.RoomType, part.Parties, part.Total, part.Extras
		out = append(out, r)
	}
	return out
}

func plus(a, b hotel.Money) hotel.Money {
	return hotel.Money{Minor: a.Minor + b.Minor, Currency: cmp.Or(a.Currency, b.Currency)}
}
