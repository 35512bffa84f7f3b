package qloappstest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// update is PUT /api/bookings: a replace. Equal entries keep their rooms, rooms
// that are not listed go, entries that differ move.
func (s *Server) update(c *call) answer {
	t, isXML, ok := content(c)
	if !ok {
		return html(http.StatusInternalServerError, "")
	}
	id := t.at("id").int()
	if id == 0 {
		return *c.notFound(nil, "id is required with PUT requests.")
	}
	s.store.mu.Lock()
	known := s.store.order(id) != nil
	s.store.mu.Unlock()
	if !known {
		return *c.notFound(nil, "Booking not found.")
	}
	if len(t.at("associations", "room_types").list()) == 0 {
		return *c.notFound(nil, "Rooms not found in the request.")
	}
	w, refused := s.wish(c, t, isXML)
	if refused != nil {
		return *refused
	}
	if died := c.dies(); died != nil {
		return *died
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	guest := s.known(w.guest)
	if guest == nil {
		return *c.notFound(w, "Customer not found.")
	}
	moved, free := s.moved(id, w, guest.ID)
	if !free {
		return *c.notFound(w, strings.TrimSuffix(noRoom, "."))
	}
	if err := s.store.commit(moved); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	return s.createdAnswer(c, w, id)
}

// moved is what a PUT writes. The caller holds the lock.
func (s *Server) moved(id int, w *wish, guest int) (change, bool) {
	now := s.stamp()
	o := *s.store.order(id)
	left := s.store.rowsOf(id)
	var kept []row
	var fresh []wishRoom
	for _, wr := range w.rooms {
		i := slices.IndexFunc(left, func(r row) bool { return r.RoomType == wr.roomType.ID && r.From == wr.from && r.To == wr.to })
		if i < 0 {
			fresh = append(fresh, wr)
			continue
		}
		r := left[i]
		r.Services = wr.services // services that are not listed are gone
		kept = append(kept, r)
		left = slices.Delete(left, i, i+1)
	}
	// A move looks for its room while the old rows still stand: its own nights count against it.
	var gone []int
	for _, r := range left {
		gone = append(gone, r.ID)
	}
	if len(fresh) > 0 {
		rooms, free := s.choose(fresh)
		if !free {
			return change{}, false
		}
		for i, wr := range fresh {
			kept = append(kept, s.newRow(w, wr, rooms[i], id, guest, s.store.nextRow+1+i, now))
		}
	}
	if w.remark != "" {
		o.Remarks = append(slices.Clone(o.Remarks), w.remark)
	}
	if w.paid > 0 {
		o.Paid = s.received(w, kept)
	}
	c := change{Gone: gone}
	if state := s.state(w, kept); w.says() && state != o.State {
		o.State = state
		c.Histories = []history{s.newHistory(id, state, now)}
	}
	mark(kept, o.State)
	o.Updated = now
	c.Orders, c.Rows = []order{o}, kept
	return c, true
}

// addHistory is POST /api/order_histories: it sets an order's state, and with 4
// or 5 frees its rooms.
func (s *Server) addHistory(c *call) answer {
	t, err := parseXML(c.body)
	if err != nil {
		return *c.badXML()
	}
	id, state := t.at("id_order").int(), t.at("id_order_state").int()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	o := s.store.order(id)
	if o == nil || state < 1 || state > len(stateNames) {
		return html(http.StatusOK, invalidStatus)
	}
	if died := c.dies(); died != nil {
		return *died
	}
	now := s.stamp()
	changed := *o
	changed.State, changed.Updated = state, now
	rows := s.store.rowsOf(id)
	mark(rows, state)
	h := s.newHistory(id, state, now)
	if err := s.store.commit(change{Orders: []order{changed}, Rows: rows, Histories: []history{h}}); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	shown := object{{"id", text(h.ID)}, {"id_employee", ""}, {"id_order_state", state}, {"id_order", text(id)}, {"date_add", now}}
	return s.single(c, http.StatusCreated, resources["order_histories"], shown, 0)
}

// badXML is what all but bookings say to a JSON body.
func (c *call) badXML() *answer {
	w := warning("SimpleXMLElement::__construct(): Entity: line 1: parser error : Start tag expected, '<' not found", "WebserviceRequest.php", 1389)
	a := c.refuse(http.StatusInternalServerError, w, w, w, problem{127, fmt.Sprintf("XML error : String could not be parsed as XML\nXML length : %d\nOriginal XML : %s", len(c.body), c.body)})
	return &a
}

// addCustomer is POST /api/customers. Two customers may have one e-mail.
func (s *Server) addCustomer(c *call) answer {
	t, err := parseXML(c.body)
	if err != nil {
		return *c.badXML()
	}
	refuse := func(code int, message string) answer {
		return c.refuse(http.StatusBadRequest, problem{code, message})
	}
	for _, name := range []string{"passwd", "lastname", "firstname", "email"} {
		if t.at(name).text() == "" {
			return refuse(41, `parameter "`+name+`" required`)
		}
	}
	switch {
	case t.at("phone").text() == "":
		return refuse(85, `Validation error: "Phone is required field."`)
	case !strings.Contains(t.at("email").text(), "@"):
		return refuse(85, `Validation error: "Invalid email address."`)
	case !phoneOK(t.at("phone").text()):
		return refuse(85, `Validation error: "Invalid phone."`)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	guest := customer{ID: 1, FirstName: t.at("firstname").text(), LastName: t.at("lastname").text(), Email: t.at("email").text(), Phone: t.at("phone").text(), Added: s.stamp()}
	if n := len(s.store.customers); n > 0 {
		guest.ID = s.store.customers[n-1].ID + 1
	}
	if err := s.store.commit(change{Customers: []customer{guest}}); err != nil {
		return html(http.StatusInternalServerError, "")
	}
	return s.single(c, http.StatusCreated, resources["customers"], freshCustomer(guest), 0)
}

// freshCustomer is what a POST answers: ids as text, null for what was not set.
func freshCustomer(g customer) object {
	return object{{"id", text(g.ID)}, {"id_default_group", ""}, {"id_lang", 1}, {"newsletter_date_add", nil}, {"ip_registration_newsletter", nil},
		{"last_passwd_gen", g.Added}, {"secure_key", secret}, {"deleted", nil}, {"passwd", secret}, {"lastname", g.LastName}, {"firstname", g.FirstName},
		{"email", g.Email}, {"id_gender", ""}, {"birthday", nil}, {"newsletter", nil}, {"optin", nil}, {"website", nil}, {"company", nil}, {"siret", nil},
		{"ape", nil}, {"phone", g.Phone}, {"outstanding_allow_amount", nil}, {"show_public_prices", nil}, {"id_risk", ""}, {"max_payment_days", nil},
		{"active", nil}, {"note", nil}, {"is_guest", nil}, {"id_shop", 1}, {"id_shop_group", 1}, {"date_add", g.Added}, {"date_upd", g.Added}}
}
