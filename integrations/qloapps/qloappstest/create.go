package qloappstest

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

const noRoom = "Requested room(s) not available."

// create is POST /api/bookings: check, wait, insert. Nothing is locked in
// between, as in the real server: what was free at the check is taken, whoever
// else took it meanwhile.
func (s *Server) create(c *call) answer {
	t, isXML, ok := content(c)
	if !ok {
		return html(http.StatusInternalServerError, "")
	}
	if t.has("id") {
		return *c.notFound(nil, "id is forbidden when adding a new resource")
	}
	w, refused := s.wish(c, t, isXML)
	if refused != nil {
		return *refused
	}
	if died := c.dies(); died != nil {
		return *died
	}
	if !strings.Contains(w.guest.Email, "@") {
		return html(http.StatusOK, fatalError)
	}
	s.store.mu.Lock()
	rooms, free := s.choose(w.rooms)
	known := s.known(w.guest)
	id := s.store.nextOrder + 1
	if free {
		s.store.nextOrder = id
	}
	s.store.mu.Unlock()
	if !free {
		return *c.notFound(w, noRoom)
	}
	if known == nil && (!nameOK(w.guest.FirstName) || !nameOK(w.guest.LastName) || !phoneOK(w.guest.Phone)) {
		return html(http.StatusInternalServerError, "")
	}
	s.wait(max(s.delay(), s.pace(c.sw, createCost(w))))

	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if c.sw.OddRace && s.taken(w, rooms) {
		return html(http.StatusOK, invalidStatus)
	}
	if err := s.store.commit(s.booked(id, w, rooms)); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	return s.createdAnswer(c, w, id)
}

// taken tells whether somebody took one of the rooms since they were chosen.
func (s *Server) taken(w *wish, rooms []int) bool {
	for i, room := range rooms {
		if !s.store.free(room, w.rooms[i].from, w.rooms[i].to) {
			return true
		}
	}
	return false
}

func (s *Server) createdAnswer(c *call, w *wish, id int) answer {
	if w.fatal {
		a := html(http.StatusInternalServerError, "")
		a.stored = true
		return a
	}
	warnings := w.warnings
	if c.sw.TaxExcluded {
		warnings = append(warnings, useTax()...)
	}
	a := s.booking(c, id)
	if c.sw.Strict && len(warnings) > 0 {
		a = c.refuse(http.StatusInternalServerError, warnings...)
	}
	a.stored = true
	return a
}

func (s *Server) delay() time.Duration {
	d := s.config.Create
	if d.Max <= d.Min {
		return d.Min
	}
	return d.Min + time.Duration(rand.Int64N(int64(d.Max-d.Min)))
}

// choose picks a free room for each wish, the lowest id first. The caller holds the lock.
func (s *Server) choose(wishes []wishRoom) ([]int, bool) {
	if len(wishes) == 0 {
		return nil, false
	}
	var chosen []int
	for i, w := range wishes {
		if s.config.Property.Inactive || w.roomType.Inactive || !w.roomType.sells(nights(w.from, w.to)) {
			return nil, false
		}
		room := 0
		for _, r := range w.roomType.Rooms {
			if r.closed(w.from, w.to) || w.room != 0 && w.room != r.ID || !s.store.free(r.ID, w.from, w.to) || clash(wishes, chosen, i, r.ID) {
				continue
			}
			room = r.ID
			break
		}
		if room == 0 {
			return nil, false
		}
		chosen = append(chosen, room)
	}
	return chosen, true
}

// clash tells whether an earlier wish of the same request got the room for one of the nights.
func clash(wishes []wishRoom, chosen []int, i, room int) bool {
	for k := range i {
		if chosen[k] == room && wishes[k].from < wishes[i].to && wishes[i].from < wishes[k].to {
			return true
		}
	}
	return false
}

// known finds the customer of a request: by id, else by e-mail.
func (s *Server) known(guest customer) *customer {
	if guest.ID != 0 {
		return s.store.customer(guest.ID)
	}
	i := slices.IndexFunc(s.store.customers, func(c customer) bool { return strings.EqualFold(c.Email, guest.Email) })
	if i < 0 {
		return nil
	}
	return &s.store.customers[i]
}

// booked is everything that a new booking writes. The caller holds the lock.
func (s *Server) booked(id int, w *wish, rooms []int) change {
	now := s.stamp()
	guest := customer{ID: 1, Added: now, FirstName: w.guest.FirstName, LastName: w.guest.LastName, Email: w.guest.Email, Phone: w.guest.Phone}
	if n := len(s.store.customers); n > 0 {
		guest.ID = s.store.customers[n-1].ID + 1
	}
	if known := s.known(w.guest); known != nil {
		guest = *known
		// A match gets its name and phone overwritten; bad values are skipped.
		if nameOK(w.guest.FirstName) && nameOK(w.guest.LastName) {
			guest.FirstName, guest.LastName = w.guest.FirstName, w.guest.LastName
		}
		if phoneOK(w.guest.Phone) {
			guest.Phone = w.guest.Phone
		}
	}
	o := order{ID: id, Customer: guest.ID, Currency: strings.ToUpper(w.currency), Rate: w.rate, Language: w.language, Source: w.source, Reference: reference(),
		Payment: w.method, PaymentType: w.kind, Added: now, Updated: now}
	if w.remark != "" {
		o.Remarks = []string{w.remark}
	}
	var rows []row
	for i, wr := range w.rooms {
		rows = append(rows, s.newRow(w, wr, rooms[i], id, guest.ID, s.store.nextRow+1+i, now))
	}
	s.raise(rows, w.total)
	o.State, o.Paid = s.state(w, rows), s.received(w, rows)
	mark(rows, o.State)
	return change{Customers: []customer{guest}, Orders: []order{o}, Rows: rows, Histories: []history{s.newHistory(id, o.State, now)}}
}

func (s *Server) newHistory(id, state int, now string) history {
	return history{ID: len(s.store.histories) + 1, Order: id, State: state, Added: now}
}

// newRow prices a room in the booking's currency.
func (s *Server) newRow(of *wish, w wishRoom, room, order, guest, id int, now string) row {
	n := float64(nights(w.from, w.to))
	r := row{ID: id, Order: order, Room: room, RoomType: w.roomType.ID, Customer: guest, From: w.from, To: w.to, Adults: w.adults, Children: w.children,
		Ages: w.ages, AgesText: w.agesText, Price: cents(w.roomType.Price * n * of.rate), Services: w.services, Status: 1, Added: now, BackOrder: !s.store.free(room, w.from, w.to)}
	if w.price >= 0 {
		r.Price = w.price
	}
	r.Tax = s.tax(r.Price)
	if w.tax >= 0 {
		r.Tax = w.tax
	}
	return r
}

// raise lifts the first room's price when the request has a higher total than
// was computed; a lower one is ignored.
func (s *Server) raise(rows []row, total float64) {
	net, tax := s.totals(rows)
	if len(rows) == 0 || total <= net+tax {
		return
	}
	extra := cents((total - net - tax) / (1 + s.config.Property.TaxPercent/100))
	rows[0].Price = cents(rows[0].Price + extra)
	rows[0].Tax = s.tax(rows[0].Price)
}

// state is the order state that a request's statuses come to.
func (s *Server) state(w *wish, rows []row) int {
	net, tax := s.totals(rows)
	switch {
	case w.status == 3:
		return 4
	case w.status == 4:
		return 5
	case w.status == 2, w.payment == 1, w.paid > 0 && w.paid >= net+tax, w.paid > 0 && w.paid == w.total && !w.old:
		return 2
	case w.paid > 0, w.payment == 2:
		return 8
	default:
		return 1
	}
}

// says tells whether a request has anything that an order's state follows from;
// a PUT without leaves the state as it is.
func (w *wish) says() bool { return w.status != 0 || w.payment != 0 || w.paid > 0 }

// received is the money that an order has got. What equals the request's own
// total counts as all of it, however much the server computed.
func (s *Server) received(w *wish, rows []row) float64 {
	net, tax := s.totals(rows)
	if w.paid > 0 && w.paid == w.total && w.paid < net+tax && !w.old {
		return cents(net + tax)
	}
	return w.paid
}

// mark puts on the rows what an order state means for them; no state takes it off again.
func mark(rows []row, state int) {
	for i := range rows {
		rows[i].Cancelled = rows[i].Cancelled || state == 4
		rows[i].Refunded = rows[i].Refunded || state == 4 || state == 5
	}
}

// cutSource is the source as it is stored: the Host by default, and silently cut.
func cutSource(source, host string) string {
	if source == "" {
		return host
	}
	if r := []rune(source); len(r) > 255 {
		return string(r[:255])
	}
	return source
}

// reference is nine letters, as PrestaShop makes them.
func reference() string {
	b := make([]byte, 9)
	for i := range b {
		b[i] = byte('A' + rand.IntN(26))
	}
	return string(b)
}
