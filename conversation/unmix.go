package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// Of the room types that a party wants one is chosen alone, taken off, or swapped for another.

// leaveMix goes on with one room type only, which the guest has chosen out of
// several: with as many rooms of it as there were, and as the party needs.
func (t *taking) leaveMix(s *Slots, mix []MixPart) {
	if len(s.Mix) > 0 || s.RoomType == "" {
		return
	}
	s.Rooms = 1
	delete(s.From, nlu.Rooms)
	if i := slices.IndexFunc(mix, func(p MixPart) bool { return p.RoomType == s.RoomType }); i >= 0 {
		s.Rooms = mix[i].Rooms
	}
	if r, known := t.room(s.RoomType); known && r.MaxGuests > 0 {
		s.Rooms = min(max(s.Rooms, (s.Adults+s.Children+r.MaxGuests-1)/r.MaxGuests), max(s.Rooms, t.facts.MaxRooms))
	}
	s.from(nlu.Rooms, FromWords)
}

var onlyRoom = regexp.MustCompile(`\b(solo|solamente|nada mas|only|just) (la|el|una|un|the|one|a)\b`)

// dropPart takes one of several room types off: 'sacá la triple', 'without the single'.
// It returns what is left of what was said.
func (s *Slots) dropPart(text string, said nlu.Slots) nlu.Slots {
	i := slices.IndexFunc(s.Mix, func(p MixPart) bool { return p.RoomType == said.RoomType })
	if i < 0 || len(s.Mix) < 2 || s.From[nlu.RoomType] == Assumption || !without.MatchString(fold(text)) {
		return said
	}
	mix := slices.Delete(slices.Clone(s.Mix), i, i+1)
	if len(mix) == 1 {
		s.Mix, s.RoomType, s.Rooms = nil, mix[0].RoomType, mix[0].Rooms
		s.from(nlu.Rooms, FromWords)
	} else {
		s.takeMix(mix)
	}
	said.RoomType, said.RoomText, said.Rooms = "", "", 0
	return said
}

// swapRooms takes a room type for another one: 'cambiá la triple por la suite'. It
// returns what is left of what was said.
func (t *taking) swapRooms(s *Slots, text string, said nlu.Slots) nlu.Slots {
	m := swaps.FindStringSubmatch(fold(text))
	if m == nil {
		return said
	}
	from, to := t.roomIn(m[1]), t.roomIn(m[2])
	if from == "" || to == "" || from == to {
		return said
	}
	switch i := slices.IndexFunc(s.Mix, func(p MixPart) bool { return p.RoomType == from }); {
	case i >= 0 && !slices.ContainsFunc(s.Mix, func(p MixPart) bool { return p.RoomType == to }):
		mix := slices.Clone(s.Mix)
		mix[i].RoomType = to
		s.takeMix(mix)
		said.RoomType, said.Rooms = "", 0
	case i < 0 && s.RoomType == from:
		said.RoomType, said.Rooms = to, 0
	}
	return said
}

// roomIn is the room type that a few words name; "" = none.
func (t *taking) roomIn(folded string) hotel.RoomTypeID {
	words := strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" ,.;:+!?", r) })
	for _, r := range t.roomFacts() {
		if slices.ContainsFunc(r.allNames(), func(name string) bool { return indexWords(words, strings.Fields(fold(name))) >= 0 }) {
			return r.ID
		}
	}
	return ""
}

var swaps = regexp.MustCompile(`\b(?:cambi\w*|reemplaz\w*|swap|change|switch|replace) ((?:el|la|las|los|the|my|mi) [a-z0-9 ]+?) (?:por|for|to|with) ([a-z0-9 ]+)`)

var without = regexp.MustCompile(`\b(sac\w*|quit\w*|borr\w*|elimin\w*|sin|menos|no (?:quiero|queremos|necesito|necesitamos)|remove|drop|without|take off|skip|dont (?:want|need)|don't (?:want|need)) (?:mas )?(?:el|la|los|las|un|una|the|a)\b`)
