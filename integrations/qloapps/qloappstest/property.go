package qloappstest

import (
	"fmt"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Property is the hotel that a stand-in holds: what never changes while it runs.
type Property struct {
	ID          int
	Name        string
	ShopName    string
	City        string
	State       string
	Country     string
	CountryCode string
	Zip         string
	Phone       string
	Email       string
	Address     string
	Currency    string          // ISO code, the shop's default
	Currencies  []Currency      // further active ones
	Languages   []Language      // active ones, the shop's default first; empty = English alone
	Texts       map[string]Text // the hotel's own texts in further languages, by ISO code
	TaxPercent  float64         // of rooms and services
	CheckIn     string          // "14:00"
	CheckOut    string
	Zone        *time.Location
	RoomTypes   []RoomType
	Services    []Service
	OtherHotels []int    // ids of the shop's further hotels, of which nothing else is known here
	Inactive    bool     // switched off in the back office: nothing is found, nothing booked
	MaxCheckout int      // days ahead that a stay may end; 0 = 1000. Shown, not enforced, as in the real one
	MinBooking  int      // days ahead that a stay must begin. Shown, not enforced
	OrderUntil  string   // 1.6.1: last day that may be booked, YYYY-MM-DD; "" = no such day
	Features    []string // what the hotel has: "Business Center"
	Customers   []Guest  // registered before any booking
	Bookings    []Seed   // made when the stand-in starts with an empty log, and at a reset
}

// Currency is an active currency apart from the shop's default.
type Currency struct {
	ISO  string
	Rate float64 // how much of it one of the default is worth
}

// Language is an active language of the shop.
type Language struct {
	ISO  string // "en"
	Name string // "English (English)"
}

// Text is what a guest reads, in one language.
type Text struct{ Name, Description string }

// RoomType is a kind of room with its rooms.
type RoomType struct {
	ID          int
	Name        string
	Description string
	Texts       map[string]Text // in further languages, by ISO code; the default's where one is missing
	Price       float64         // per night, without tax
	Adults      int             // base occupancy
	Children    int
	MaxAdults   int
	MaxChildren int
	MaxGuests   int
	MinNights   int
	MaxNights   int // 0 = no limit
	Inactive    bool
	Rooms       []Room
}

// Room is one physical room.
type Room struct {
	ID       int
	Number   string
	Floor    string
	Inactive bool
	// Closed from a day to another (not included), YYYY-MM-DD: temporarily inactive.
	ClosedFrom, ClosedTo string
}

// closed tells whether the room cannot be sold on some night of a stay.
func (r Room) closed(from, to string) bool {
	return r.Inactive || r.ClosedFrom != "" && r.ClosedFrom < to && from < r.ClosedTo
}

// status is hotel_rooms.id_status.
func (r Room) status() int {
	switch {
	case r.Inactive:
		return 2
	case r.ClosedFrom != "":
		return 3
	default:
		return 1
	}
}

// Service is something sold with a room.
type Service struct {
	ID          int
	Name        string
	Description string
	Texts       map[string]Text // in further languages, by ISO code
	Price       float64         // without tax
	PerNight    bool
	AutoAdd     bool // added to each booking made in the shop; by the API only when named
	WithRoom    bool // its price is in the availability's price
	Multiple    bool // quantity above 1 is kept
}

// taxGroup is the tax rule group of its product. What is added to each room and
// priced with it has none: it takes the room's.
func (s Service) taxGroup() int { return 1 - flag(s.AutoAdd && s.WithRoom) }

// Seed is a booking that stands from the start.
type Seed struct {
	RoomType  int
	CheckIn   hotel.Date
	CheckOut  hotel.Date
	Rooms     int
	Adults    int
	Children  int
	Ages      []int
	Guest     Guest
	Source    string // "" = the front desk
	Reference string // booking code; "" = any
}

// Guest is who a booking stands under.
type Guest struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
}

func (p Property) roomType(id int) *RoomType {
	for i := range p.RoomTypes {
		if p.RoomTypes[i].ID == id {
			return &p.RoomTypes[i]
		}
	}
	return nil
}

func (p Property) service(id int) *Service {
	for i := range p.Services {
		if p.Services[i].ID == id {
			return &p.Services[i]
		}
	}
	return nil
}

func (p Property) room(id int) (Room, *RoomType) {
	for i := range p.RoomTypes {
		for _, r := range p.RoomTypes[i].Rooms {
			if r.ID == id {
				return r, &p.RoomTypes[i]
			}
		}
	}
	return Room{}, nil
}

// withRoom is the price per night of the services that the availability adds to a stay's price.
func (p Property) withRoom(nights int) float64 {
	var sum float64
	for _, s := range p.Services {
		switch {
		case !s.AutoAdd || !s.WithRoom:
		case s.PerNight:
			sum += s.Price
		default:
			sum += s.Price / float64(max(nights, 1))
		}
	}
	return sum
}

// sells tells whether a type may be booked for that many nights.
func (rt RoomType) sells(nights int) bool {
	return nights >= max(rt.MinNights, 1) && (rt.MaxNights == 0 || nights <= rt.MaxNights)
}

func (p Property) withTax(amount float64) float64 { return cents(amount + amount*p.TaxPercent/100) }

// Hotel is a plain hotel for tests and the bench: one room type for each
// argument, with that many rooms, 100, 200... USD a night, tax 10 %, up to
// 2 adults and 2 children in a room, and one service priced with the room.
func Hotel(rooms ...int) Property {
	p := Property{
		ID: 1, Name: "Plain Hotel", ShopName: "Plain", City: "Testville", Country: "United States", CountryCode: "US",
		Currency: "USD", TaxPercent: 10, CheckIn: "14:00", CheckOut: "11:00", Zone: time.UTC,
		Services: []Service{{ID: 101, Name: "Cleaning", Price: 10, PerNight: true, AutoAdd: true, WithRoom: true}},
	}
	room := 0
	for i, n := range rooms {
		rt := RoomType{ID: i + 1, Name: fmt.Sprintf("Type %d", i+1), Price: float64(100 * (i + 1)),
			Adults: 2, MaxAdults: 2, MaxChildren: 2, MaxGuests: 4, MinNights: 1}
		for k := range n {
			room++
			rt.Rooms = append(rt.Rooms, Room{ID: room, Number: fmt.Sprintf("%d%02d", i+1, k+1), Floor: "First"})
		}
		p.RoomTypes = append(p.RoomTypes, rt)
	}
	return p
}

// WorldHotel is PrimeHotel with what a shop may have besides: a second currency
// and a second language, stays of at least two and at most seven nights in one
// room type, and limits on how early and how late a stay may be booked.
func WorldHotel() Property {
	p := PrimeHotel()
	p.Currencies = []Currency{{ISO: "EUR", Rate: 0.9}}
	p.Languages = []Language{english, {ISO: "es", Name: "Español (Spanish)"}}
	p.Texts = map[string]Text{"es": {Name: "El Hotel Prime"}}
	for i, name := range []string{"Habitaciones generales", "Habitaciones de lujo", "Habitaciones ejecutivas", "Suites"} {
		p.RoomTypes[i].Description = "Two beds, bath and desk."
		p.RoomTypes[i].Texts = map[string]Text{"es": {Name: name, Description: "Dos camas, baño y escritorio."}}
	}
	p.Services[4].Texts = map[string]Text{"es": {Name: "Desayuno"}}
	p.RoomTypes[1].MinNights, p.RoomTypes[1].MaxNights = 2, 7
	p.MinBooking, p.MaxCheckout, p.OrderUntil = 1, 730, "2028-11-22"
	return p
}

// PrimeHotel has the catalogue of QloApps' own US demo data: what a fresh
// installation answers with.
func PrimeHotel() Property {
	p := Property{
		ID: 1, Name: "The Hotel Prime", ShopName: "DemoHotel", City: "Demo City", State: "Alabama", Country: "United States",
		CountryCode: "US", Zip: "43456", Phone: "0987654321", Email: "hotelprime@htl.com", Address: "Monticello Dr, Montgomery, 10010",
		Currency: "USD", TaxPercent: 4, CheckIn: "12:00", CheckOut: "11:00", Zone: time.UTC,
		Services: []Service{
			{ID: 5, Name: "Room Maintenance Fees", Price: 250, PerNight: true, AutoAdd: true, WithRoom: true},
			{ID: 6, Name: "Internet Handling Charges", Price: 250, AutoAdd: true},
			{ID: 7, Name: "Airport Shuttle", Price: 50},
			{ID: 8, Name: "Cab on Demand", Price: 200},
			{ID: 9, Name: "Breakfast", Price: 350, PerNight: true},
			{ID: 10, Name: "Dinner", Price: 450, PerNight: true},
		},
		Features: []string{"Business Services", "Business Center", "Wi-Fi", "Restaurant", "Bar", "Room Service", "Laundry", "Parking",
			"Doctor on Call", "Travel Desk", "Gym", "Pool", "Garden"},
		Customers: []Guest{{"John", "Doe", "pub@qloapps.com", "1234567890"}},
	}
	for i, t := range []struct{ name, letters string }{{"General Rooms", "GR"}, {"Delux Rooms", "DR"}, {"Executive Rooms", "ER"}, {"Luxury Rooms", "LR"}} {
		rt := RoomType{ID: i + 1, Name: t.name, Price: float64(1000 + 500*i), Adults: 2, Children: 2,
			MaxAdults: 2, MaxChildren: 2, MaxGuests: 4, MinNights: 1}
		for k := range 5 {
			rt.Rooms = append(rt.Rooms, Room{ID: 5*i + k + 1, Number: fmt.Sprintf("%s-10%d", t.letters, k+1), Floor: "First"})
		}
		p.RoomTypes = append(p.RoomTypes, rt)
	}
	return p
}
