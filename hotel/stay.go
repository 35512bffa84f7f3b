package hotel

import (
	"slices"
	"time"
)

// Stay is the nights from check-in to check-out.
type Stay struct {
	CheckIn  Date `json:"check_in"`
	CheckOut Date `json:"check_out"`
}

// Nights of the stay.
func (s Stay) Nights() int { return s.CheckOut.DaysSince(s.CheckIn) }

// IsZero tells whether no day is set.
func (s Stay) IsZero() bool { return s.CheckIn.IsZero() && s.CheckOut.IsZero() }

// Party is who sleeps in one room.
type Party struct {
	Adults   int   `json:"adults"`
	Children int   `json:"children,omitempty"`
	Ages     []int `json:"ages,omitempty"` // of the children; an infant is 0; may be unknown (empty)
}

// Guests counts everyone.
func (p Party) Guests() int { return p.Adults + p.Children }

// RoomType is a kind of room that a hotel sells.
type RoomType struct {
	ID          RoomTypeID `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	MaxAdults   int        `json:"max_adults,omitempty"`   // 0 = unknown
	MaxChildren int        `json:"max_children,omitempty"` // meaningful when MaxGuests > 0
	MaxGuests   int        `json:"max_guests,omitempty"`   // 0 = unknown
	MinNights   int        `json:"min_nights,omitempty"`   // 0 = none
	MaxNights   int        `json:"max_nights,omitempty"`   // 0 = none
}

// RoomDetails is a room type as the hotel system describes it, in each of its languages.
type RoomDetails struct {
	RoomType
	Names        map[string]string `json:"names,omitempty"`        // by language ("es"); Name is the default language's
	Descriptions map[string]string `json:"descriptions,omitempty"` // by language
}

// Fits tells whether a party may sleep in one such room. Unknown limits fit all.
func (rt RoomType) Fits(p Party) bool {
	if rt.MaxGuests == 0 {
		return true
	}
	return p.Adults <= rt.MaxAdults && p.Children <= rt.MaxChildren && p.Guests() <= rt.MaxGuests
}

// AvailabilityQuery asks what is free.
type AvailabilityQuery struct {
	Property PropertyID `json:"property"`
	Stay     Stay       `json:"stay"`
	Rooms    int        `json:"rooms"`               // at least 1
	RoomType RoomTypeID `json:"room_type,omitempty"` // empty = all types
}

// Extra is a service that is booked with the rooms and not part of their price.
type Extra struct {
	Name  string `json:"name"`
	Total Money  `json:"total"` // of all rooms, for the whole stay, tax included
}

// Offer is one room type, as it is free and priced for a stay.
type Offer struct {
	RoomType RoomType `json:"room_type"`
	Free     int      `json:"free"`             // rooms of this type free for the whole stay
	Nightly  Money    `json:"nightly"`          // per room and night, tax included
	Total    Money    `json:"total"`            // all rooms, all nights, tax included; what the booking will cost
	Tax      Money    `json:"tax"`              // the part of Total that is tax
	Extras   []Extra  `json:"extras,omitempty"` // in Total: what the hotel adds to every booking
}

// Availability answers an AvailabilityQuery. Offers list every type of the
// hotel, sold-out ones with Free 0; none at all means that the hotel sells
// nothing for that stay.
type Availability struct {
	Query  AvailabilityQuery `json:"query"`
	Offers []Offer           `json:"offers"`
	At     time.Time         `json:"at"` // when the hotel system answered
}

// Contact is who a booking stands under.
type Contact struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
}

// BookingRequest asks the hotel system for a booking. It is the body of an
// outbox row of kind KindBook; Reference makes it idempotent.
type BookingRequest struct {
	Reference Reference  `json:"reference"`
	Property  PropertyID `json:"property"`
	RoomType  RoomType   `json:"room_type"`
	Stay      Stay       `json:"stay"`
	Parties   []Party    `json:"parties"` // one for each room
	Contact   Contact    `json:"contact"` // without e-mail for who has none and the hotel allows it
	Quote     Money      `json:"quote"`   // the total that was read back and agreed, tax included
	Extras    []Extra    `json:"extras,omitempty"`
	Remark    string     `json:"remark,omitempty"`
	Lang      string     `json:"lang"`
	Guest     GuestID    `json:"guest,omitempty"` // whose booking it is: stands for an e-mail that is not there
	Agreed    time.Time  `json:"agreed,omitzero"` // when the guest said yes; zero = never expires
}

// AgreedFor is how long a yes to a booking or a change holds: what has not left for
// the hotel system by then does not leave any more.
const AgreedFor = 10 * time.Minute

// Rooms counts the rooms asked for.
func (r BookingRequest) Rooms() int { return len(r.Parties) }

// ReservationStatus is the state of a reservation.
type ReservationStatus string

// The states.
const (
	StatusBooked     ReservationStatus = "booked"
	StatusCheckedIn  ReservationStatus = "checked_in"
	StatusCheckedOut ReservationStatus = "checked_out"
	StatusCancelled  ReservationStatus = "cancelled"
)

// Reservation is a booking as the hotel system holds it.
type Reservation struct {
	Reference Reference         `json:"reference,omitempty"` // empty when not made by us
	Property  PropertyID        `json:"property"`
	Order     string            `json:"order"` // the hotel system's order id
	Code      BookingCode       `json:"code"`
	RoomType  RoomType          `json:"room_type"`
	Stay      Stay              `json:"stay"`
	Rooms     int               `json:"rooms"`
	Adults    int               `json:"adults"`
	Children  int               `json:"children,omitempty"`
	Total     Money             `json:"total"` // tax included
	Tax       Money             `json:"tax"`
	Paid      Money             `json:"paid,omitzero"`    // money that the hotel has received
	Extras    []Extra           `json:"extras,omitempty"` // in Total
	Contact   Contact           `json:"contact"`          // without e-mail for who has none
	Status    ReservationStatus `json:"status"`
	// Rows are the hotel system's room rows (room_bookings ids) with their rooms, for the overlap check.
	Rows []RoomRow `json:"rows,omitempty"`
}

// RoomRow is one room of a reservation in the hotel system.
type RoomRow struct {
	ID       int64 `json:"id"`
	Room     int64 `json:"room"`
	Adults   int   `json:"adults,omitempty"`
	Children int   `json:"children,omitempty"`
	Ages     []int `json:"ages,omitempty"` // of the children, as far as the hotel system knows them
	// RoomType is set when it is another one than the reservation's, and Stay when
	// it has other nights: a front desk puts such rooms into one order.
	RoomType RoomTypeID `json:"room_type,omitempty"`
	Stay     Stay       `json:"stay,omitzero"`
}

// Mixed tells whether a reservation has rooms of several types, or for several
// stays. Its RoomType is then the first room's, and its Stay goes over all of them.
func (r Reservation) Mixed() bool {
	return slices.ContainsFunc(r.Rows, func(row RoomRow) bool { return row.RoomType != "" || !row.Stay.IsZero() })
}

// ChangeRequest asks the hotel system to change a booking: to move its dates, or,
// when Parties are set, to book it anew for other people and cancel it. It is the
// body of an outbox row of kind KindChange.
type ChangeRequest struct {
	Reference Reference   `json:"reference"` // of this change: what is booked anew stands under it
	Property  PropertyID  `json:"property"`
	Booking   Reservation `json:"booking"`           // as it was when the change was read back
	Stay      Stay        `json:"stay"`              // wanted
	Parties   []Party     `json:"parties,omitempty"` // wanted, one for each room; empty = who was booked
	Quote     Money       `json:"quote"`             // the total that was read back and agreed, tax included
	Extras    []Extra     `json:"extras,omitempty"`
	Remark    string      `json:"remark,omitempty"`
	Lang      string      `json:"lang"`
	Guest     GuestID     `json:"guest,omitempty"`
	Agreed    time.Time   `json:"agreed,omitzero"` // when the guest said yes
	// Back takes a move of ours back: what the hotel allowed once is not checked
	// again against its limits of today.
	Back bool `json:"-"`
}

// Moves tells whether the booking is moved in place, under its code.
func (r ChangeRequest) Moves() bool { return len(r.Parties) == 0 }

// Anew is the booking that stands for a changed one when it is not moved in place.
func (r ChangeRequest) Anew() BookingRequest {
	return BookingRequest{Reference: r.Reference, Property: r.Property, RoomType: r.Booking.RoomType, Stay: r.Stay, Parties: r.Parties,
		Contact: r.Booking.Contact, Quote: r.Quote, Extras: r.Extras, Remark: r.Remark, Lang: r.Lang, Guest: r.Guest, Agreed: r.Agreed}
}

// OrderChange is an order of the hotel system that somebody made or touched.
type OrderChange struct {
	Order     string
	Code      BookingCode
	Reference Reference // empty when not made by us
	Over      bool      // cancelled or refunded
	Updated   string    // when, by the hotel system's own clock and in its own form; empty = not told
}

// CancelRequest asks the hotel system to cancel. It is the body of an outbox
// row of kind KindCancel.
type CancelRequest struct {
	Property  PropertyID  `json:"property"`
	Reference Reference   `json:"reference,omitempty"`
	Order     string      `json:"order"`
	Code      BookingCode `json:"code"`
}

// Profile is what the hotel system knows of a person by e-mail.
type Profile struct {
	Contact  Contact `json:"contact"`
	Bookings int     `json:"bookings"`
}
