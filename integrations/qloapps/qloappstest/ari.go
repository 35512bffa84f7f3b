package qloappstest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// search is what an availability request asks.
type search struct {
	hotel       string
	from, to    string
	roomType    string
	rooms       int // multiplies the price
	booked      bool
	unavailable bool
	available   bool
	partial     bool
	flags       bool // any of the four was given
	daily       bool
}

// availability is POST /api/hotel_ari.
func (s *Server) availability(c *call) answer {
	if c.Method != http.MethodPost {
		return c.refuse(http.StatusMethodNotAllowed, problem{23, "Method " + c.Method + " is not valid"})
	}
	q, refused := readSearch(c)
	if refused != nil {
		return *refused
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if q.daily {
		return s.daily(c, q)
	}
	return c.respond(http.StatusOK, object{{"hotel_ari", s.ari(q)}}, s.ariXML(q))
}

func invalid(c *call, format string, args ...any) (search, *answer) {
	a := c.refuse(http.StatusBadRequest, problem{85, "Validation error: " + fmt.Sprintf(format, args...)})
	return search{}, &a
}

func readSearch(c *call) (search, *answer) {
	body := strings.TrimPrefix(strings.TrimSpace(string(c.body)), "xml=")
	if body == "" {
		return invalid(c, "ARI search parameters are missing.")
	}
	t, err := parseXML([]byte(body))
	if err != nil {
		ps := []problem{{85, "Validation error: Invalid ARI search parameters found."}}
		if c.sw.Strict {
			w := warning("simplexml_load_string(): Entity: line 1: parser error : Start tag expected, '<' not found", "WebserviceSpecificManagementHotelAri.php", 486)
			ps = []problem{w, w, w, ps[0]}
		}
		a := c.refuse(http.StatusBadRequest, ps...)
		return search{}, &a
	}
	for _, name := range []string{"id_hotel", "date_from", "date_to"} {
		if t.at(name).text() == "" {
			a := c.refuse(http.StatusBadRequest, problem{41, fmt.Sprintf("parameter %q required", name)})
			return search{}, &a
		}
	}
	q := search{hotel: t.at("id_hotel").text(), from: t.at("date_from").text(), to: t.at("date_to").text(),
		roomType: t.at("id_room_type").text(), daily: t.at("date_wise_breakdown").int() == 1, rooms: 1}
	for _, name := range []string{"date_from", "date_to"} {
		if _, err := time.Parse(time.DateOnly, t.at(name).text()); err != nil {
			return invalid(c, "\"The %s field is invalid.\"", name)
		}
	}
	if q.to <= q.from {
		return invalid(c, "\"Date to\" must be after \"date from\"")
	}
	occupancies := t.at("associations", "room_occupancies").list()
	for i, o := range occupancies {
		if o.at("adults").int() < 1 {
			return invalid(c, "Invalid value for number of adults for Room-%d occupancy(value must be greater than 0).", i+1)
		}
	}
	q.rooms = max(len(occupancies), 1)
	q.flags = t.has("get_available_rooms") || t.has("get_booked_rooms") || t.has("get_partial_available_rooms") || t.has("get_unavailable_rooms")
	q.available = !q.flags || t.at("get_available_rooms").int() == 1
	q.booked = t.at("get_booked_rooms").int() == 1
	q.unavailable = t.at("get_unavailable_rooms").int() == 1
	q.partial = t.at("get_partial_available_rooms").int() == 1
	return q, nil
}

// found is one room type as a search sees it.
type found struct {
	RoomType
	free, taken, closed []Room
	pieces              []piece
	base, total         float64
}

// piece is a part of the stay with the rooms that are free in it.
type piece struct {
	from, to string
	rooms    []Room
}

// pieces cuts the stay where moving between rooms could cover it all; none when
// a room is free for the whole stay, or on some night no room is.
func (s *Server) pieces(f found, q search) []piece {
	if len(f.free) > 0 || len(f.taken) == 0 {
		return nil
	}
	var all []piece
	first, _ := time.Parse(time.DateOnly, q.from) // checked before
	for i := range nights(q.from, q.to) {
		p := piece{from: first.AddDate(0, 0, i).Format(time.DateOnly), to: first.AddDate(0, 0, i+1).Format(time.DateOnly)}
		for _, r := range f.taken {
			if s.store.free(r.ID, p.from, p.to) {
				p.rooms = append(p.rooms, r)
			}
		}
		if len(p.rooms) == 0 {
			return nil
		}
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].rooms, p.rooms) {
			all[last].to = p.to
			continue
		}
		all = append(all, p)
	}
	return all
}

func nights(from, to string) int {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// look finds the types that the search is for. Unknown hotels and types find nothing.
func (s *Server) look(q search) []found {
	p := s.config.Property
	if q.hotel != strconv.Itoa(p.ID) || p.Inactive {
		return nil
	}
	n := nights(q.from, q.to)
	var all []found
	for _, rt := range p.RoomTypes {
		if rt.Inactive || q.roomType != "" && q.roomType != strconv.Itoa(rt.ID) {
			continue
		}
		f := found{RoomType: rt, base: rt.Price + p.withRoom(n)}
		f.total = f.base * float64(n) * float64(q.rooms)
		for _, r := range rt.Rooms {
			switch {
			case r.closed(q.from, q.to):
				f.closed = append(f.closed, r)
			case !s.store.free(r.ID, q.from, q.to):
				f.taken = append(f.taken, r)
			case rt.sells(n):
				f.free = append(f.free, r)
			}
		}
		if q.partial {
			f.pieces = s.pieces(f, q)
		}
		all = append(all, f)
	}
	return all
}

func (s *Server) ari(q search) object {
	p := s.config.Property
	o := object{{"id_hotel", q.hotel}, {"date_from", q.from}, {"date_to", q.to}, {"currency", p.Currency}}
	all := s.look(q)
	if len(all) == 0 {
		return o
	}
	var rooms, free, taken, closed, parts int
	types := list{}
	for _, f := range all {
		rooms, free, taken, closed = rooms+len(f.Rooms), free+len(f.free), taken+len(f.taken), closed+len(f.closed)
		for _, p := range f.pieces {
			parts += len(p.rooms)
		}
		types.vals = append(types.vals, object{{"id_room_type", f.ID}, {"base_price", f.base}, {"base_price_with_tax", p.withTax(f.base)},
			{"total_price", f.total}, {"total_price_with_tax", p.withTax(f.total)}, {"name", f.Name}, {"rooms", s.ariRooms(q, f)}})
	}
	o = append(o, field{"total_rooms", rooms})
	if q.available {
		o = append(o, field{"total_available_rooms", free})
	}
	if q.unavailable {
		o = append(o, field{"total_unavailable_rooms", closed})
	}
	if q.partial {
		o = append(o, field{"total_partial_available_rooms", parts})
	}
	if q.booked {
		o = append(o, field{"total_booked_rooms", taken})
	}
	return append(o, field{"room_types", types})
}

// keyed is an object with the rooms' ids as keys, or [] when there is none.
func keyed(rooms []Room, show func(Room) object) any {
	if len(rooms) == 0 {
		return list{}
	}
	var o object
	for _, r := range rooms {
		o = append(o, field{strconv.Itoa(r.ID), show(r)})
	}
	return o
}

func (s *Server) ariRooms(q search, f found) object {
	var o object
	hotel := s.config.Property.ID
	if q.unavailable {
		o = append(o, field{"unavailable", keyed(f.closed, func(r Room) object {
			return object{{"id_product", f.ID}, {"id_room", r.ID}, {"id_hotel", hotel}, {"room_num", r.Number},
				{"detail", list{vals: []any{object{{"id_status", r.status()}, {"room_comment", ""}, {"date_from", orNull(r.ClosedFrom)}, {"date_to", orNull(r.ClosedTo)}}}}}}
		})})
	}
	if q.booked {
		o = append(o, field{"booked", keyed(f.taken, func(r Room) object {
			return object{{"id_product", f.ID}, {"id_room", r.ID}, {"id_hotel", hotel}, {"room_num", r.Number}, {"detail", s.takenBy(r.ID, q)}}
		})})
	}
	if q.available {
		o = append(o, field{"available", keyed(f.free, func(r Room) object {
			return object{{"id_room", r.ID}, {"id_product", f.ID}, {"id_hotel", hotel}, {"room_num", r.Number}, {"room_comment", ""},
				{"max_adult", f.MaxAdults}, {"max_children", f.MaxChildren}, {"max_occupancy", f.MaxGuests}}
		})})
	}
	if q.partial {
		o = append(o, field{"partially_available", s.partly(f)})
	}
	return o
}

func orNull(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// partly is keyed by the instant at which each piece begins.
func (s *Server) partly(f found) any {
	if len(f.pieces) == 0 {
		return list{}
	}
	var o object
	for _, p := range f.pieces {
		begin, _ := time.Parse(time.DateOnly, p.from) // ours
		o = append(o, field{strconv.FormatInt(begin.Unix(), 10), object{{"date_from", p.from}, {"date_to", p.to},
			{"rooms", keyed(p.rooms, func(r Room) object {
				return object{{"id_product", f.ID}, {"id_room", r.ID}, {"id_hotel", s.config.Property.ID}, {"room_num", r.Number},
					{"max_adult", f.MaxAdults}, {"max_children", f.MaxChildren}, {"max_occupancy", f.MaxGuests}}
			})}}})
	}
	return o
}

func (s *Server) takenBy(room int, q search) list {
	l := list{}
	for _, id := range s.store.byRoom[room] {
		if r := s.store.row(id); !r.Refunded && r.From < q.to && q.from < r.To {
			l.vals = append(l.vals, object{{"id_htl_booking", r.ID}, {"date_from", r.From + " 00:00:00"}, {"date_to", r.To + " 00:00:00"},
				{"id_customer", r.Customer}, {"booking_type", 1}, {"booking_status", r.Status}, {"comment", ""}})
		}
	}
	return l
}

// night is the search for one night of a stay alone; only what is available is told of it.
func (q search) night(first time.Time, i int) search {
	q.from, q.to = first.AddDate(0, 0, i).Format(time.DateOnly), first.AddDate(0, 0, i+1).Format(time.DateOnly)
	q.available, q.booked, q.unavailable, q.partial = true, false, false, false
	return q
}

// daily answers one element a night, with less in it.
func (s *Server) daily(c *call, q search) answer {
	p := s.config.Property
	days := list{}
	first, _ := time.Parse(time.DateOnly, q.from) // checked before
	for i := range nights(q.from, q.to) {
		day := q.night(first, i)
		types, rooms, free := list{}, 0, 0
		for _, f := range s.look(day) {
			rooms, free = rooms+len(f.Rooms), free+len(f.free)
			types.vals = append(types.vals, object{{"id_room_type", f.ID}, {"base_price", f.base}, {"base_price_with_tax", p.withTax(f.base)},
				{"total_price", f.total}, {"total_price_with_tax", p.withTax(f.total)}, {"name", f.Name},
				{"rooms", object{{"available", keyed(f.free, func(r Room) object { return object{{"id_room", r.ID}, {"room_num", r.Number}} })}}}})
		}
		days.vals = append(days.vals, object{{"id_hotel", q.hotel}, {"date_from", day.from}, {"date_to", day.to}, {"currency", p.Currency},
			{"total_rooms", rooms}, {"room_types", types}, {"total_available_rooms", free}})
	}
	return c.respond(http.StatusOK, object{{"hotel_aris", days}}, s.daysXML(q))
}
