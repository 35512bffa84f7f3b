package conversation

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// The hotel's room types come from its facts. Where those name none they are
// read from the hotel system when a guest asks, and kept with the guest.

// allNames are the names by which guests may call a room type.
func (r RoomFact) allNames() []string {
	names := append([]string{r.Name}, r.Names...)
	for _, lang := range slices.Sorted(maps.Keys(r.Spoken)) {
		names = append(names, r.Spoken[lang])
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// roomFacts are the room types that are known.
func (t *taking) roomFacts() []RoomFact {
	if len(t.facts.RoomTypes) > 0 {
		return t.facts.RoomTypes
	}
	var out []RoomFact
	for _, r := range t.s.Rooms {
		out = append(out, RoomFact{RoomType: r})
	}
	return out
}

// namesOfRooms are their names, for understanding.
func (t *taking) namesOfRooms() []nlu.RoomName {
	if len(t.roomNames) > 0 || len(t.s.Rooms) == 0 {
		return t.roomNames
	}
	var out []nlu.RoomName
	for _, r := range t.s.Rooms {
		out = append(out, nlu.NewRoomName(r.ID, r.Name))
	}
	return out
}

// room returns what is known of a room type.
func (t *taking) room(id hotel.RoomTypeID) (RoomFact, bool) {
	types := t.roomFacts()
	i := slices.IndexFunc(types, func(r RoomFact) bool { return r.ID == id })
	if i < 0 {
		return RoomFact{}, false
	}
	return types[i], true
}

// roomName is a room type's name in the guest's language.
func (t *taking) roomName(rt hotel.RoomType) string {
	r, _ := t.room(rt.ID)
	return cmp.Or(t.facts.inLang(r.Spoken, t.words.lang), rt.Name, r.Name, string(rt.ID))
}

// bookedRoom is the room type of a booking, with the number of rooms when there
// are several; of rooms of several types, or for several stays, each kind with what is its own.
func (t *taking) bookedRoom(r hotel.Reservation) string {
	if !r.Mixed() {
		return t.roomsNamed(max(r.Rooms, 1), t.roomName(r.RoomType))
	}
	type kind struct {
		id   hotel.RoomTypeID
		stay hotel.Stay
	}
	var kinds []kind
	rooms := map[kind]int{}
	stays := slices.ContainsFunc(r.Rows, func(row hotel.RoomRow) bool { return !row.Stay.IsZero() && row.Stay != r.Stay })
	for _, row := range r.Rows {
		k := kind{id: cmp.Or(row.RoomType, r.RoomType.ID)}
		if stays {
			k.stay = cmp.Or(row.Stay, r.Stay)
		}
		if rooms[k] == 0 {
			kinds = append(kinds, k)
		}
		rooms[k]++
	}
	named := make([]string, len(kinds))
	for i, k := range kinds {
		named[i] = t.kindNamed(r, k.id, rooms[k])
		if stays {
			named[i] += " " + t.words.stay(k.stay, t.today())
		}
	}
	return t.words.list(named)
}

// kindNamed names so many rooms of a type of a booking; a type that nothing tells the name of is rooms.
func (t *taking) kindNamed(r hotel.Reservation, id hotel.RoomTypeID, rooms int) string {
	rt := hotel.RoomType{ID: id}
	if id == r.RoomType.ID {
		rt = r.RoomType
	}
	if _, known := t.room(id); !known && rt.Name == "" {
		return t.words.count("room", rooms)
	}
	return t.roomsNamed(rooms, t.roomName(rt))
}

// roomText describes a room type in the guest's language.
func (t *taking) roomText(r RoomFact) string {
	return cmp.Or(t.facts.inLang(r.Described, t.words.lang), r.Description)
}

// listRooms lists the room types with what is known of them.
func (t *taking) listRooms() string {
	var out string
	for _, r := range t.roomFacts() {
		if out != "" {
			out += "\n"
		}
		out += "• " + t.roomName(r.RoomType)
		if text := t.roomText(r); text != "" {
			out += ": " + text
		}
	}
	return out
}

// sentence ends a description as one.
func sentence(text string) string { return strings.TrimRight(text, ". ") + "." }

// aboutRooms tells whether a question is about the rooms themselves.
func aboutRooms(topic string) bool {
	return topic == nlu.TopicRooms || topic == string(nlu.RoomInfo) || topic == nlu.TopicAmenities
}

// learn keeps the room types of an offer where none are known.
func (t *taking) learn(offers []hotel.Offer) {
	if len(t.roomFacts()) > 0 {
		return
	}
	for _, o := range offers {
		t.s.Rooms = append(t.s.Rooms, o.RoomType)
	}
}

// told answers which rooms there are, or what the one that was asked for is like.
func (t *taking) told(answer Answer) {
	read, ok := answer.(RoomsRead)
	ahead := func(text string) { t.reply.parts = append([]string{text}, t.reply.parts...) } // of what was asked meanwhile
	if !ok || len(read.RoomTypes) == 0 {
		ahead(t.words.text("unknown_topic.busy"))
		return
	}
	t.s.Rooms = slices.Clone(read.RoomTypes)
	text := t.listRooms()
	said := nlu.Understand(t.heardText, nlu.Context{Ref: t.now, Lang: t.s.Lang, RoomTypes: t.namesOfRooms()})
	if r, known := t.room(said.Slots.RoomType); known && r.Description != "" {
		text = r.Name + ": " + sentence(r.Description)
	}
	ahead(text)
	if !read.Stale.IsZero() {
		ahead(t.words.text("stale", "ago", t.ago(read.Stale)))
	}
}
