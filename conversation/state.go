package conversation

import (
	"maps"
	"slices"
	"time"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// State is what the dialogue remembers of a guest between two turns. It is a
// value: Take never changes the one it is given.
type State struct {
	// Guest and Version are the stored guest's id and version, given by the
	// caller; keys are made of them. They are not encoded.
	Guest   hotel.GuestID
	Version int64

	memory
}

// memory is the encoded part of a State. Names on the wire are short because
// it is written at every turn; they stay readable for ever.
type memory struct {
	Lang     string            `json:"l,omitempty"`
	To       hotel.Address     `json:"to,omitzero"`    // of the last message
	Profile  string            `json:"pn,omitempty"`   // WhatsApp profile name: offered, never used unasked
	Heard    time.Time         `json:"h,omitzero"`     // last message of the guest, by our clock
	Window   time.Time         `json:"w,omitzero"`     // the session window's end
	Greeted  time.Time         `json:"g,omitzero"`     // last introduction
	Frames   []Frame           `json:"f,omitempty"`    // the stack of goals; the last is on top
	Counter  int64             `json:"n,omitempty"`    // of offers and read-backs: taps carry it
	Query    int64             `json:"q,omitempty"`    // last query id
	Waiting  *Waiting          `json:"wait,omitempty"` // reads that are out
	Pending  *Pending          `json:"pend,omitempty"` // a booking request that is out
	Bundle   *Bundle           `json:"pair,omitempty"` // several booking requests that are out together
	Leaving  *Leaving          `json:"lv,omitempty"`   // a cancellation that is out
	Changing *Changing         `json:"chg,omitempty"`  // a change of a booking that is out
	Since    time.Time         `json:"s,omitzero"`     // oldest message without an answer
	Patience int               `json:"p,omitempty"`    // 1: the guest heard 'checking', 2: a person was told
	Stuck    int               `json:"st,omitempty"`   // consecutive turns without progress
	Tries    int               `json:"tr,omitempty"`   // wrong proofs of a booking
	Handoff  *Handoff          `json:"ho,omitempty"`
	Bookings []Booking         `json:"b,omitempty"`  // made by this conversation, or proven in it; newest last
	Shown    hotel.BookingCode `json:"sh,omitempty"` // the one booking that was shown last: 'cancelala' means it
	Buttons  []hotel.Button    `json:"bt,omitempty"` // of the open question, as shown: who types a title taps it
	Rooms    []hotel.RoomType  `json:"rm,omitempty"` // of a hotel whose facts name none, as read
	Mute     bool              `json:"m,omitempty"`  // staff know that bubbles do not reach the guest
	Erased   bool              `json:"x,omitempty"`  // the guest is erased: nobody is there to hear
}

// Goal is what a frame is about.
type Goal string

// The goals.
const (
	GoalBook    Goal = "book"
	GoalCancel  Goal = "cancel"
	GoalChange  Goal = "change" // of a booking that is made
	GoalStatus  Goal = "status"
	GoalHandoff Goal = "handoff" // a person is offered
	GoalErase   Goal = "erase"   // of all that is kept of the guest
)

// Frame is one goal of the guest: what was said for it and what is open.
type Frame struct {
	Goal        Goal       `json:"g"`
	Slots       Slots      `json:"s,omitzero"`
	Asked       Question   `json:"a,omitempty"`  // the open question
	Spoken      bool       `json:"sp,omitempty"` // the stay's days were said back since they were read
	Offer       *Offered   `json:"o,omitempty"`
	Fresh       bool       `json:"fr,omitempty"` // the next offer passes the cache by
	Failed      int        `json:"fl,omitempty"` // booking requests that did not succeed
	Why         string     `json:"w,omitempty"`  // what the guest had said when a person was offered
	Note        string     `json:"nt,omitempty"` // key of a phrase to be said with the next offer or read-back
	PartySpoken bool       `json:"ps,omitempty"` // the party was said back since it was read
	Change      bool       `json:"ch,omitempty"` // of a booking that is made: a person shall do it
	Near        hotel.Date `json:"nr,omitzero"`  // the arrival spoken of before: 'del 26 al 28' are the days near it
	ReadBack    *ReadBack  `json:"rb,omitempty"`
	Floor       *Floor     `json:"flr,omitempty"` // the hotel system asked for that much
	// Codes are the bookings that are to be cancelled together, where there are several.
	Codes []hotel.BookingCode `json:"cs,omitempty"`
	// Old is the booking that is to be changed, as it was read last; nil = not yet. Slots are then what shall be.
	Old *hotel.Reservation `json:"old,omitempty"`
}

// Question is what was asked last for a frame, and is still open.
type Question string

// The questions.
const (
	AskDates   Question = "dates"
	AskStay    Question = "stay" // dates and guests
	AskNights  Question = "nights"
	AskMore    Question = "nights_guests"
	AskGuests  Question = "guests"
	AskAdults  Question = "adults"
	AskAges    Question = "ages"
	AskRoom    Question = "room"
	AskName    Question = "name"
	AskProfile Question = "profile" // may the booking stand under the profile's name
	AskSurname Question = "surname"
	AskEmail   Question = "email"
	AskWho     Question = "who" // name and e-mail
	AskPhone   Question = "phone"
	AskConfirm Question = "confirm"
	AskChange  Question = "change" // what is to be changed
	AskEither  Question = "either" // the booking in hand, or one that is made
	AskIn      Question = "in"     // the day of arrival, of a stay that is known
	AskOut     Question = "out"    // the day of leaving
	AskUntil   Question = "until"  // until when a longer stay goes, or by how many nights it grows
	AskSooner  Question = "sooner" // the same of a shorter one
	AskProof   Question = "proof"  // booking code and surname
	AskWhich   Question = "which"  // of several bookings
	AskPerson  Question = "person" // shall a person be told
	AskRooms   Question = "rooms"  // one room more
	AskErase   Question = "erase"  // whether to delete all that is kept of the guest
)

// Source is where a slot's value came from.
type Source string

// The sources.
const (
	FromWords   Source = "said"
	FromTap     Source = "tap"
	FromProfile Source = "profile" // offered from the WhatsApp profile and agreed
	FromChannel Source = "channel" // WhatsApp's own phone number
	Assumption  Source = "assumed" // by us, said back before it counts
)

// Slots are the values of a frame. Zero is unknown.
type Slots struct {
	CheckIn  hotel.Date          `json:"in,omitzero"`
	CheckOut hotel.Date          `json:"out,omitzero"`
	Nights   int                 `json:"n,omitempty"` // said without a day to count from
	Adults   int                 `json:"a,omitempty"`
	Children int                 `json:"c,omitempty"`
	Ages     []int               `json:"ag,omitempty"`
	Rooms    int                 `json:"r,omitempty"`
	RoomType hotel.RoomTypeID    `json:"rt,omitempty"`
	Mix      []MixPart           `json:"mx,omitempty"` // two room types instead of one; replaced, never changed
	First    string              `json:"fn,omitempty"`
	Last     string              `json:"ln,omitempty"`
	Email    string              `json:"em,omitempty"`
	NoMail   bool                `json:"nm,omitempty"` // has none, and may book without
	Phone    string              `json:"ph,omitempty"`
	Code     hotel.BookingCode   `json:"co,omitempty"`
	From     map[nlu.Slot]Source `json:"fr,omitempty"` // where each came from
}

// Stay of the slots; either day may be missing.
func (s Slots) Stay() hotel.Stay { return hotel.Stay{CheckIn: s.CheckIn, CheckOut: s.CheckOut} }

// out tells whether an order to the hotel system is out.
func (s State) out() bool {
	return s.Pending != nil || s.Bundle != nil || s.Leaving != nil || s.Changing != nil
}

// Offered is what was shown last, priced.
type Offered struct {
	N      int64         `json:"n"`
	At     time.Time     `json:"at"`
	Rooms  int           `json:"r"`
	Offers []hotel.Offer `json:"o"`
	// Limited are the types that this stay is too short or too long for.
	Limited []hotel.RoomType `json:"lim,omitempty"`
	Mix     []MixOffer       `json:"mx,omitempty"` // the parts of a party that gets several room types
	Stale   time.Time        `json:"stl,omitzero"` // when the hotel system said so, which is away now: nothing is booked on it
}

// Floor is what the hotel system asked for when it would not book for less: the
// next read-back says as much, also when an availability says less.
type Floor struct {
	Stay     hotel.Stay       `json:"s"`
	RoomType hotel.RoomTypeID `json:"rt"`
	Rooms    int              `json:"r"`
	Total    hotel.Money      `json:"t"`
}

// ReadBack is what was read back last: a yes counts for these values only.
type ReadBack struct {
	N      int64                `json:"n"`
	At     time.Time            `json:"at"`
	Agreed hotel.BookingRequest `json:"req"` // without its reference
	// Second and More are the other bookings of a party that gets several room types: all or none.
	Second *hotel.BookingRequest  `json:"req2,omitempty"`
	More   []hotel.BookingRequest `json:"req3,omitempty"`
	// Change is what was read back of a booking that is to be changed, without its reference.
	Change *hotel.ChangeRequest `json:"chg,omitempty"`
}

// requests are all bookings that were read back.
func (rb *ReadBack) requests() []hotel.BookingRequest {
	out := []hotel.BookingRequest{rb.Agreed}
	if rb.Second != nil {
		out = append(out, *rb.Second)
	}
	return append(out, rb.More...)
}

// Waiting is a set of reads that is out.
type Waiting struct {
	Query int64      `json:"q"`
	For   Purpose    `json:"f"`
	Asks  []savedAsk `json:"r"`
}

// Purpose is what a set of reads is for.
type Purpose string

// The purposes.
const (
	ToOffer  Purpose = "offer"  // show what is free
	ToShow   Purpose = "show"   // a booking's status
	ToCancel Purpose = "cancel" // a booking that is to be cancelled
	ToChange Purpose = "change" // a booking that is to be changed
	ToMix    Purpose = "mix"    // show what two room types cost together
	ToMove   Purpose = "move"   // that booking again, and what is free for the change
	ToTell   Purpose = "tell"   // which rooms there are
)

// Pending is a booking request that is out.
type Pending struct {
	Key         hotel.Key            `json:"k"` // of its outbox row
	Request     hotel.BookingRequest `json:"r"`
	At          time.Time            `json:"at"`
	Withdrawing bool                 `json:"w,omitempty"` // the guest wants it back
}

// Leaving is a cancellation that is out; More are those that went with it.
type Leaving struct {
	Code hotel.BookingCode `json:"c"`
	At   time.Time         `json:"at"`
	Key  hotel.Key         `json:"k,omitempty"` // of its outbox row
	More []Leaving         `json:"m,omitempty"`
}

// Changing is a change of a booking that is out.
type Changing struct {
	Key         hotel.Key           `json:"k"` // of its outbox row
	Request     hotel.ChangeRequest `json:"r"`
	At          time.Time           `json:"at"`
	Withdrawing bool                `json:"w,omitempty"` // the guest wants it back
}

// Handoff is a person at work, or asked for.
type Handoff struct {
	State  hotel.HandoffState `json:"s"`
	Cause  hotel.AlertCause   `json:"c"`
	Opened time.Time          `json:"o"`
	Staff  time.Time          `json:"st,omitzero"`  // last word of the staff
	Wait   time.Time          `json:"w,omitzero"`   // since when the guest waits for a word of the staff; zero = not
	Level  int                `json:"l,omitempty"`  // 1: second alert sent, 2: operator told
	Parked bool               `json:"pk,omitempty"` // the staff and the guest know that only people answer
}

// Booking is a reservation that this guest may see and cancel.
type Booking struct {
	hotel.Reservation
	Ours bool `json:"ours,omitempty"` // made by this conversation
}

// Outstanding returns the reads that a waiting state still wants; nil = none.
// After an activation they are asked again.
func (s State) Outstanding() *ReadSet {
	if s.Waiting == nil {
		return nil
	}
	set := &ReadSet{Query: s.Waiting.Query}
	for _, ask := range s.Waiting.Asks {
		set.Reads = append(set.Reads, ask.read())
	}
	return set
}

// clone returns a state that shares nothing changeable with s.
func (s State) clone() State {
	s.Frames = slices.Clone(s.Frames)
	for i := range s.Frames {
		s.Frames[i].Slots.From = maps.Clone(s.Frames[i].Slots.From)
	}
	s.Bookings = slices.Clone(s.Bookings)
	if s.Bundle = copied(s.Bundle); s.Bundle != nil {
		s.Bundle.Parts = slices.Clone(s.Bundle.Parts)
	}
	s.Pending, s.Leaving, s.Changing, s.Handoff = copied(s.Pending), copied(s.Leaving), copied(s.Changing), copied(s.Handoff)
	return s
}

// copied returns a pointer to a copy. Offered, ReadBack and Waiting need none: they are replaced, never changed.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
