// Package nlu understands what a guest wrote: language, intents, dates,
// numbers, money, contacts, slots. It is pure and deterministic, and knows
// nothing of the dialogue but what Context says.
package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// Context is what understanding depends on beside the text.
type Context struct {
	Ref       time.Time      // now
	Zone      *time.Location // the hotel's; nil = UTC
	Country   string         // ISO 3166 alpha-2 of the hotel, "AR"
	Lang      string         // language of the conversation so far, "es"; a prior, not a rule
	Prev      string         // the last question asked, as text; may be empty
	Expect    Slot           // the slot it asked for; "" = none. ExpectYesNo after a read-back
	RoomTypes []RoomName     // of this hotel
	Near      hotel.Date     // the day spoken of so far: 'el 26' is the one nearest to it; zero = the coming one
}

// RoomName names a room type as guests may.
type RoomName struct {
	ID    hotel.RoomTypeID
	Names []string // "Doble superior", "superior", "matrimonial"

	words [][]string // of each name, folded; see NewRoomName
}

// NewRoomName prepares the names of a room type once, for all messages.
func NewRoomName(id hotel.RoomTypeID, names ...string) RoomName {
	r := RoomName{ID: id, Names: names, words: make([][]string, len(names))}
	for i, name := range names {
		r.words[i] = foldedWords(name)
	}
	return r
}

// Intent is what a guest wants: exactly one label of a closed set (labels.go).
type Intent string

// Slot names a value that a goal needs.
type Slot string

// The slots.
const (
	CheckIn     Slot = "check_in"
	CheckOut    Slot = "check_out"
	Nights      Slot = "nights"
	Guests      Slot = "guests"
	Adults      Slot = "adults"
	Children    Slot = "children"
	Ages        Slot = "ages"
	Rooms       Slot = "rooms"
	RoomType    Slot = "room_type"
	Beds        Slot = "beds"
	Name        Slot = "name"
	Email       Slot = "email"
	Phone       Slot = "phone"
	Reference   Slot = "reference"
	ArrivalTime Slot = "arrival_time"

	// ExpectYesNo is an expectation only: a yes or a no was asked for.
	ExpectYesNo Slot = "yes_no"
)

// Understanding is what a text says. Offsets are in Unicode code points.
type Understanding struct {
	Lang    string         // "es", "en", "pt", or "und"
	Intent  Intent         // never empty
	Sure    bool           // false where the dialogue should ask back
	Topic   string         // the finer name: a key of the hotel's knowledge, or a goal ("book"); may be empty
	Intents []ScoredIntent // best first; several may hold
	Dates   []DateMention
	NoDays  []Span // days that no calendar has: '30 de febrero'
	Numbers []NumberMention
	Money   []MoneyMention
	Emails  []string // as written
	Phones  []string // as written
	Slots   Slots
}

// ScoredIntent is one intent with its score, 0 to 1.
type ScoredIntent struct {
	Name  Intent
	Score float64
}

// Span is where a mention stands.
type Span struct {
	Text string
	At   int // offset
}

// DateRange is the days from Start to before End: a single day's End is the
// next day; of 'del 4 al 6' it is the 6th (check-out).
type DateRange struct {
	Start hotel.Date
	End   hotel.Date
}

// DateMention is one mention of a day or a range, its first reading, and the others in Alt.
type DateMention struct {
	Span
	DateRange
	Grain string // "day", "week", "month", "weekend"
	Score float64
	Alt   []DateRange
	// Range is true when both ends were said ('del 4 al 6'), so that End is a check-out.
	Range bool
}

// NumberMention is a number, in digits or words.
type NumberMention struct {
	Span
	Value float64
}

// MoneyMention is an amount; Currency is empty when it was not said.
type MoneyMention struct {
	Span
	Value    float64
	Currency string
}

// Slots are the values said. What was not said is zero: Nights, Guests, Adults
// and Rooms are 0, Children is -1 when children were not spoken of.
type Slots struct {
	CheckIn     hotel.Date
	CheckOut    hotel.Date
	Nights      int
	Guests      int // everyone, when adults and children were not told apart
	Adults      int
	Children    int // -1 = not said; 0 = said that there are none
	Ages        []int
	Rooms       int
	RoomType    hotel.RoomTypeID // of Context.RoomTypes
	RoomText    string           // the room word as written, also when it is no type of this hotel
	Beds        string           // "double", "twin", "single"
	Name        string           // as written
	Email       string
	Phone       string
	Reference   string // a booking code: nine letters, upper case
	ArrivalTime string // "HH:MM"
}
