package qloappstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// State is the hotel as /sim/state shows it.
type State struct {
	Hotel     string          `json:"hotel"`
	City      string          `json:"city"`
	Currency  string          `json:"currency"`
	Today     hotel.Date      `json:"today"`
	RoomTypes []StateRoomType `json:"room_types"`
	Bookings  []StateBooking  `json:"bookings"`
	Switches  Switches        `json:"switches"`
}

// StateRoomType is a room type with its rooms.
type StateRoomType struct {
	ID        int         `json:"id"`
	Name      string      `json:"name"`
	Price     float64     `json:"price"` // per night, with tax and the services priced with the room
	MaxGuests int         `json:"max_guests"`
	Rooms     []StateRoom `json:"rooms"`
}

// StateRoom is one physical room.
type StateRoom struct {
	ID     int    `json:"id"`
	Number string `json:"number"`
}

// StateBooking is an order with its rooms.
type StateBooking struct {
	Order    int           `json:"order"`
	Code     string        `json:"code"`
	Source   string        `json:"source"`
	Status   string        `json:"status"` // "booked" or "cancelled"
	State    int           `json:"order_state"`
	Guest    Guest         `json:"guest"`
	CheckIn  string        `json:"check_in"`
	CheckOut string        `json:"check_out"`
	Total    float64       `json:"total"` // with tax
	Tax      float64       `json:"tax"`
	Booked   string        `json:"booked_at"`
	Rooms    []StateBooked `json:"rooms"`
}

// StateBooked is one room of a booking.
type StateBooked struct {
	Row      int    `json:"row"`
	Room     int    `json:"room"`
	Number   string `json:"number"`
	RoomType int    `json:"room_type"`
	CheckIn  string `json:"check_in"`
	CheckOut string `json:"check_out"`
	Adults   int    `json:"adults"`
	Children int    `json:"children"`
	Active   bool   `json:"active"` // it holds the room
}

// State returns the hotel as it stands.
func (s *Server) State() State {
	p := s.config.Property
	st := State{Hotel: p.Name, City: p.City, Currency: p.Currency, Today: hotel.DateOf(s.now()), Switches: s.Switches(), Bookings: []StateBooking{}}
	for _, rt := range p.RoomTypes {
		shown := StateRoomType{ID: rt.ID, Name: rt.Name, Price: p.withTax(rt.Price + p.withRoom(1)), MaxGuests: rt.MaxGuests}
		for _, r := range rt.Rooms {
			shown.Rooms = append(shown.Rooms, StateRoom{r.ID, r.Number})
		}
		st.RoomTypes = append(st.RoomTypes, shown)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for _, o := range s.store.orders {
		st.Bookings = append(st.Bookings, s.stateBooking(o, s.store.rowsOf(o.ID)))
	}
	return st
}

func (s *Server) stateBooking(o order, rows []row) StateBooking {
	net, tax := s.totals(rows)
	b := StateBooking{Order: o.ID, Code: o.Reference, Source: o.Source, State: o.State, Status: "cancelled", Total: cents(net + tax), Tax: tax, Booked: o.Added}
	if g := s.store.customer(o.Customer); g != nil {
		b.Guest = Guest{g.FirstName, g.LastName, g.Email, g.Phone}
	}
	for i, r := range rows {
		room, _ := s.config.Property.room(r.Room)
		if !r.Refunded {
			b.Status = "booked"
		}
		if i == 0 || r.From < b.CheckIn {
			b.CheckIn = r.From
		}
		b.CheckOut = max(b.CheckOut, r.To)
		b.Rooms = append(b.Rooms, StateBooked{r.ID, r.Room, room.Number, r.RoomType, r.From, r.To, r.Adults, r.Children, !r.Refunded})
	}
	return b
}

// Fill books rooms of a type as a walk-in would, until leave are free for the
// whole stay. It returns how many it booked.
func (s *Server) Fill(roomType int, in, out hotel.Date, leave int) (int, error) {
	rt := s.config.Property.roomType(roomType)
	if rt == nil || !in.Before(out) || leave < 0 {
		return 0, fmt.Errorf("qloappstest: no such room type, or no such stay")
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	free := 0
	for _, r := range rt.Rooms {
		if !r.Inactive && s.store.free(r.ID, in.String(), out.String()) {
			free++
		}
	}
	booked := max(free-leave, 0)
	for range booked {
		err := s.place(Seed{RoomType: roomType, CheckIn: in, CheckOut: out, Rooms: 1, Adults: 2, Guest: walkIn})
		if err != nil {
			return 0, err
		}
	}
	return booked, nil
}

var walkIn = Guest{"Walk", "In", "front.desk@example.com", "+540000000"}

// place makes a booking at the desk. The caller holds the lock.
func (s *Server) place(b Seed) error {
	rt := s.config.Property.roomType(b.RoomType)
	if rt == nil {
		return fmt.Errorf("qloappstest: no room type %d", b.RoomType)
	}
	w := &wish{currency: s.config.Property.Currency, rate: 1, status: 1, source: b.Source, method: "Pay at hotel", kind: 2,
		guest: customer{FirstName: b.Guest.FirstName, LastName: b.Guest.LastName, Email: b.Guest.Email, Phone: b.Guest.Phone}}
	if w.source == "" {
		w.source = "front desk"
	}
	var auto []service
	for _, sv := range s.config.Property.Services {
		if sv.AutoAdd && sv.WithRoom {
			price := sv.Price
			if sv.PerNight {
				price *= float64(b.CheckOut.DaysSince(b.CheckIn))
			}
			auto = append(auto, service{ID: sv.ID, Quantity: 1, Price: price})
		}
	}
	for range max(b.Rooms, 1) {
		w.rooms = append(w.rooms, wishRoom{roomType: rt, from: b.CheckIn.String(), to: b.CheckOut.String(), adults: max(b.Adults, 1),
			children: b.Children, ages: b.Ages, price: -1, tax: -1, services: auto})
	}
	rooms, free := s.choose(w.rooms)
	if !free {
		return fmt.Errorf("qloappstest: no room of type %d left from %s to %s", b.RoomType, b.CheckIn, b.CheckOut)
	}
	s.store.nextOrder++
	c := s.booked(s.store.nextOrder, w, rooms)
	if b.Reference != "" {
		c.Orders[0].Reference = b.Reference
	}
	return s.store.commit(c)
}

func (s *Server) seed() error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if err := s.store.commit(change{Reset: true}); err != nil {
		return err
	}
	for i, g := range s.config.Property.Customers {
		c := customer{ID: i + 1, FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Added: s.stamp()}
		if err := s.store.commit(change{Customers: []customer{c}}); err != nil {
			return err
		}
	}
	for _, b := range s.config.Property.Bookings {
		if err := s.place(b); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets every booking, makes the seed's again and switches all faults off.
func (s *Server) Reset() error {
	s.Set(s.start())
	s.tally.clear()
	s.events.clear()
	return s.seed()
}

// Event is a request that the stand-in has had: no content, no names.
type Event struct {
	At       time.Time `json:"at"`
	Method   string    `json:"method"`
	Resource string    `json:"resource"`
	Fault    string    `json:"fault,omitempty"`
}

// eventLog keeps the last ones and counts all.
type eventLog struct {
	mu    sync.Mutex
	last  []Event
	count map[string]int
}

const eventsKept = 200

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == eventsKept {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, e)
	if l.count == nil {
		l.count = map[string]int{}
	}
	l.count[e.Method+" "+e.Resource]++
}

func (l *eventLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.count = nil, nil
}

// Requests tells how many requests of a kind ("POST bookings") came since the last reset.
func (s *Server) Requests(kind string) int {
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	return s.events.count[kind]
}

func (s *Server) simRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/state", func(w http.ResponseWriter, _ *http.Request) { show(w, s.State()) })
	mux.HandleFunc("GET /sim/switches", func(w http.ResponseWriter, _ *http.Request) { show(w, s.Switches()) })
	mux.HandleFunc("POST /sim/switches", s.simSwitches)
	mux.HandleFunc("GET /sim/faults", func(w http.ResponseWriter, _ *http.Request) { show(w, s.Played()) })
	mux.HandleFunc("POST /sim/fill", s.simFill)
	mux.HandleFunc("POST /sim/reset", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Reset(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		show(w, s.State())
	})
	mux.HandleFunc("GET /sim/events", func(w http.ResponseWriter, _ *http.Request) {
		s.events.mu.Lock()
		last := slices.Clone(s.events.last)
		s.events.mu.Unlock()
		show(w, last)
	})
}

// simSwitches changes the switches that the body names; the others stay.
func (s *Server) simSwitches(w http.ResponseWriter, r *http.Request) {
	sw := s.Switches()
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&sw); err != nil {
		http.Error(w, "the body is no JSON object of switches", http.StatusBadRequest)
		return
	}
	if sw.Error != 0 && (sw.Error < 400 || sw.Error > 599) || sw.SlowMS < 0 || sw.NextN < 0 {
		http.Error(w, "error is a status from 400 to 599, slow_ms and next_n are not negative", http.StatusBadRequest)
		return
	}
	if err := sw.Faults.check(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.Set(sw)
	show(w, sw)
}

func (s *Server) simFill(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		RoomType int        `json:"room_type"`
		CheckIn  hotel.Date `json:"check_in"`
		CheckOut hotel.Date `json:"check_out"`
		Leave    int        `json:"leave"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&ask); err != nil {
		http.Error(w, "the body is {room_type, check_in, check_out, leave}", http.StatusBadRequest)
		return
	}
	n, err := s.Fill(ask.RoomType, ask.CheckIn, ask.CheckOut, ask.Leave)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	show(w, map[string]int{"booked": n})
}

func show(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the reader may be gone
}
