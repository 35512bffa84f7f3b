package qloappstest

import (
	"net/http"
	"strconv"
)

// changeRoomBooking is PUT /api/room_bookings/N with the whole object: it checks
// guests in (id_status 2) and out (3). Nothing else of it is taken.
func (s *Server) changeRoomBooking(c *call) answer {
	t, err := parseXML(c.body)
	if err != nil {
		return *c.badXML()
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	id, err := strconv.Atoi(c.id)
	if err != nil || s.store.row(id) == nil {
		return missing()
	}
	changed := *s.store.row(id)
	changed.Status = t.at("id_status").int()
	if err := s.store.commit(change{Rows: []row{changed}}); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	res := resources["room_bookings"]
	o, _ := find(res.objects(s, map[string]string{"id": c.id, "id_order": strconv.Itoa(changed.Order)}), c.id)
	return s.single(c, http.StatusOK, res, s.asOf(c.sw, "room_bookings", o), 0)
}

// remove is DELETE of an order, which leaves its rooms taken, or of a row of
// room_bookings, which frees the room and leaves its order without it. Neither
// is a way to cancel.
func (s *Server) remove(c *call) answer {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	id, err := strconv.Atoi(c.id)
	var gone change
	switch {
	case err != nil:
		return missing()
	case c.resource == "orders" && s.store.order(id) != nil:
		gone.Dropped = []int{id}
	case c.resource == "room_bookings" && s.store.row(id) != nil:
		gone.Gone = []int{id}
	default:
		return missing()
	}
	if err := s.store.commit(gone); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	return answer{status: http.StatusOK}
}
