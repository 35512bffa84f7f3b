package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// hearChoice takes the row of a list that a text means: '2', 'la segunda', 'la
// más barata' (they are sorted by price), 'la de 3', 'la del lago'. Once one is
// chosen, only what can be no name chooses another.
func (t *taking) hearChoice(h *heard, f *Frame, text string, u nlu.Understanding) {
	folded := fold(text)
	switch {
	case f.Asked == AskWhich:
		several := severalSaid.MatchString(folded)
		h.understood = h.understood || several || u.Slots.RoomType != ""
		if !several && u.Slots.RoomType == "" {
			h.choice = placeSaid(folded, u)
		}
	case f.Asked == AskRoom && f.Offer != nil:
		h.choice = t.roomMeant(f, folded, u)
		if h.choice == 0 && len(f.Offer.Offers) == 1 && !strings.ContainsAny(text, "?¿") && (h.yes && !h.no && len(strings.Fields(folded)) < 4 || thatOne.MatchString(folded)) {
			h.choice = 1 // there is only this one
		}
	case f.Goal == GoalBook && f.Offer != nil && f.Asked.forContact() && f.Asked != AskPhone:
		t.chooseAgain(h, f, folded, u)
	}
	if h.choice > 0 {
		h.understood, h.trouble, h.dear = true, false, false
	}
}

var thatOne = regexp.MustCompile(`^[ ,.!]*((si|ok|dale|bueno|yes)[ ,]+)?(quiero |i want |ill take |i'll take )?(es[ae]|est[ae]|esa misma|that one|this one|that|it)[ .!]*$`)

// chooseAgain takes another choice while the name or the mail address is asked for.
func (t *taking) chooseAgain(h *heard, f *Frame, folded string, u nlu.Understanding) {
	if f.Asked == AskProfile && h.no { // 'otro' is another name
		return
	}
	if otherRoom.MatchString(folded) && len(f.Offer.Offers) > 1 {
		others := slices.DeleteFunc(slices.Clone(f.Offer.Offers), func(o hotel.Offer) bool { return o.RoomType.ID == f.Slots.RoomType })
		f.Slots.RoomType, f.Asked = "", ""
		if len(others) == 1 {
			f.Slots.RoomType = others[0].RoomType.ID
		}
		h.changed, h.understood, h.no = true, true, false
		return
	}
	if bareChoice.MatchString(folded) {
		h.choice = t.roomMeant(f, folded, u)
	}
	if h.choice > 0 {
		f.Asked = "" // what is chosen now is said
	}
}

// roomMeant is the row of the offer, from 1; 0 = none is meant.
func (t *taking) roomMeant(f *Frame, folded string, u nlu.Understanding) int {
	offers := f.Offer.Offers
	if forSo := sizeSaid.FindString(folded); forSo != "" && len(u.Numbers) == 1 {
		n := int(u.Numbers[0].Value)
		if i := slices.IndexFunc(offers, func(o hotel.Offer) bool { return o.RoomType.MaxGuests == n }); i >= 0 {
			return i + 1
		}
	}
	if strings.ContainsRune(folded, '?') {
		return 0 // '¿cuál es la más barata?' chooses nothing yet
	}
	switch {
	case wantsCheapest(folded):
		return 1
	case wantsBest(folded):
		return len(offers)
	}
	if n := placeSaid(folded, u); n > 0 {
		return n
	}
	return t.describedRoom(f, folded)
}

// describedRoom is the one offered room whose description has a word of the text: 'la del lago'.
func (t *taking) describedRoom(f *Frame, folded string) int {
	words := strings.Fields(folded)
	if len(words) > maxDescribing {
		return 0
	}
	found := 0
	for _, w := range words {
		if w = letters(w); len(w) < 4 {
			continue
		}
		hits, at := 0, 0
		for i, o := range f.Offer.Offers {
			r, _ := t.room(o.RoomType.ID)
			if strings.Contains(fold(r.Name+" "+r.Description+" "+t.roomName(o.RoomType)+" "+t.roomText(r)), w) {
				hits, at = hits+1, i+1
			}
		}
		switch {
		case hits != 1:
		case found != 0 && found != at:
			return 0
		default:
			found = at
		}
	}
	return found
}

// maxDescribing is how many words a text has that describes a row, and says nothing else.
const maxDescribing = 6

// placeSaid is the number or ordinal of a row; 0 = none.
func placeSaid(folded string, u nlu.Understanding) int {
	for i, names := range ordinals {
		if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(folded, name) }) {
			return i + 1
		}
	}
	if len(u.Numbers) == 1 {
		return int(u.Numbers[0].Value)
	}
	return 0
}

// ordinals name the rows of a list.
var ordinals = [][]string{
	{"primera", "primero", "first"},
	{"segunda", "segundo", "second"},
	{"tercera", "tercero", "third"},
	{"cuarta", "fourth"},
}

var (
	cheapest   = regexp.MustCompile(`\b(la|lo|el|the) (mas )?(barat|economic|cheap)|cheapest`)
	best       = regexp.MustCompile(`\b(la|the) (mejor|mas cara|mas grande|best|biggest|largest|most expensive)`)
	sizeSaid   = regexp.MustCompile(`\b(la|the one) (de|para|for) `)
	otherRoom  = regexp.MustCompile(`\b(la otra|otra habitacion|otro cuarto|otra pieza|esa no|another room|the other one|not that one)\b`)
	bareChoice = regexp.MustCompile(`^(ok |mejor |no,? |bueno,? )*((la|lo|el|the) [a-z ]+|[0-9])[.! ]*$`)
)

func wantsCheapest(folded string) bool {
	return cheapest.MatchString(folded) && !strings.ContainsRune(folded, '?')
}

func wantsBest(folded string) bool { return best.MatchString(folded) }
