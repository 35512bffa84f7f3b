package qloappstest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// wish is a booking as a request asks for it.
type wish struct {
	id       int
	xml      bool
	currency string
	rate     float64 // of the currency
	language int
	old      bool // 1.6.1
	status   int  // 1 new, 2 completed, 3 cancelled, 4 refunded; 0 = not said
	payment  int  // 1 completed, 2 partial, 3 awaiting
	source   string
	remark   string
	guest    customer
	method   string
	kind     int
	paid     float64
	total    float64 // with tax, as the request has it; 0 = not said
	rooms    []wishRoom
	warnings []problem
	fatal    bool // PHP dies after the order is stored
}

type wishRoom struct {
	roomType *RoomType
	from, to string
	room     int // a chosen room; 0 = any
	adults   int
	children int
	ages     []int
	agesText bool    // sent as text
	price    float64 // of the stay; negative = the type's
	tax      float64 // of the stay; negative = the hotel's rate
	services []service
}

const bookingsFile = "WebserviceSpecificManagementBookings.php"

// What PrestaShop does not take in names and phone numbers, and drops from remarks.
var (
	tags     = regexp.MustCompile(`<[^>]*>`)
	badName  = regexp.MustCompile(`[0-9!<>,;?=+()@#"°{}_$%:]`)
	usZip    = regexp.MustCompile(`^[0-9]{5}$`)
	badPhone = regexp.MustCompile(`[^0-9+\-. ()]`)
)

// content reads a bookings body: a JSON object with the key booking, else XML.
func content(c *call) (t tree, isXML, ok bool) {
	if t, err := parseJSON(c.body); err == nil && t.has("booking") {
		return t.at("booking"), false, true
	}
	t, err := parseXML(c.body)
	return t, true, err == nil && t.v != ""
}

func (c *call) notFound(w *wish, message string) *answer {
	var ps []problem
	if w != nil && c.sw.Strict {
		ps = append(ps, w.warnings...)
	}
	a := c.refuse(http.StatusBadRequest, append(ps, problem{404, message})...)
	return &a
}

// wish reads what both POST and PUT have, in the order the server looks at it.
func (s *Server) wish(c *call, t tree, isXML bool) (*wish, *answer) {
	p := s.config.Property
	w := &wish{id: t.at("id").int(), xml: isXML, currency: t.at("currency").text(), source: cutSource(t.at("source").text(), c.Host), remark: plain(t.at("remark").text()),
		status: t.at("booking_status").int(), payment: t.at("payment_status").int(), language: t.at("id_language").int(), old: c.sw.Old}
	if slices.Contains(p.OtherHotels, t.at("id_property").int()) {
		return nil, c.notFound(nil, noRoom) // the room type is not that hotel's
	}
	if t.at("id_property").int() != p.ID {
		return nil, c.notFound(nil, "Please provide a valid id_property.")
	}
	var active bool
	if _, w.rate, active = p.currency(w.currency); !active {
		return nil, c.notFound(nil, "Please provide valid currency.")
	}
	if t.has("booking_status") && (w.status < 1 || w.status > 4) {
		return nil, c.notFound(nil, "Invalid booking status.")
	}
	if t.has("payment_status") && (w.payment < 1 || w.payment > 3) {
		return nil, c.notFound(nil, "Invalid payment status.")
	}
	a := t.at("associations")
	pay := a.at("payment_detail")
	kinds := []string{"", "online", "pay at hotel", "remote"}
	w.method, w.kind = pay.at("payment_method").text(), max(slices.Index(kinds, pay.at("payment_type").text()), 0)
	if w.kind == 0 && pay.at("payment_type").text() != "" {
		return nil, c.notFound(nil, "Invalid payment type.")
	}
	w.paid, _ = a.at("price_details", "total_paid").float()
	w.total, _ = a.at("price_details", "total_price_with_tax").float()
	if bad := s.wishRooms(c, w, a); bad != nil {
		return nil, bad
	}
	if bad := s.wishGuest(c, w, a); bad != nil {
		return nil, bad
	}
	return w, nil
}

func (s *Server) wishRooms(c *call, w *wish, a tree) *answer {
	types := a.at("room_types").list()
	if !a.has("room_types") {
		w.warnings = append(w.warnings, warning(`Undefined array key "room_types"`, bookingsFile, 688))
	}
	for _, t := range types {
		from, okFrom := day(t.at("checkin_date").text())
		to, okTo := day(t.at("checkout_date").text())
		rooms := t.at("rooms").list()
		for _, r := range rooms {
			w.taxKeys(r)
		}
		rt := s.config.Property.roomType(t.at("id_room_type").int())
		switch {
		case rt == nil:
			return c.notFound(w, "Invalid room type in the request")
		case !okFrom:
			return c.notFound(w, "Invalid check in date in the request")
		case !okTo:
			return c.notFound(w, "Invalid check out date in the request")
		case to < from:
			return c.notFound(w, "Invalid check in and check out dates in the request")
		case !t.has("number_of_rooms"):
			return c.notFound(w, "number of rooms is missing")
		}
		count := t.at("number_of_rooms").int()
		if len(rooms) > 0 && count != len(rooms) {
			return c.notFound(w, "Room count does not matches with the number of rooms")
		}
		if len(rooms) == 0 {
			for range max(count, 1) {
				w.rooms = append(w.rooms, wishRoom{roomType: rt, from: from, to: to, adults: rt.Adults, children: rt.Children, price: -1, tax: -1})
			}
		}
		for _, r := range rooms {
			room, ok := s.wishRoom(w, r, rt, from, to)
			if !ok {
				return c.notFound(w, "Invalid request for service.")
			}
			w.rooms = append(w.rooms, room)
		}
	}
	return nil
}

// taxKeys raises what PHP raises for a room without the right tax key.
func (w *wish) taxKeys(r tree) {
	switch {
	case r.has("total_tax"):
		if w.xml && r.at("total_tax").text() == "" {
			w.fatal = true
		}
	case r.has("id_tax_rules_group"):
		w.warnings = append(w.warnings, warning("Undefined array key 1", bookingsFile, 1139),
			warning("Trying to access array offset on value of type null", bookingsFile, 1139))
	default:
		w.warnings = append(w.warnings, warning(`Undefined array key "total_tax"`, bookingsFile, 510))
	}
}

func (s *Server) wishRoom(w *wish, r tree, rt *RoomType, from, to string) (wishRoom, bool) {
	room := wishRoom{roomType: rt, from: from, to: to, room: r.at("id_room").int(), adults: rt.Adults, children: rt.Children, price: -1, tax: -1}
	key := "adults"
	if w.old {
		key = "adult"
	}
	if r.has(key) {
		room.adults, room.children = r.at(key).int(), 0
	}
	// Children without ages are forgotten.
	for _, age := range r.at("child_ages").list() {
		room.ages = append(room.ages, age.int())
		_, room.agesText = age.v.(string)
	}
	if len(room.ages) > 0 {
		room.children = r.at("child").int()
	}
	n := float64(nights(from, to))
	if price, ok := r.at("unit_price_without_tax").float(); ok {
		room.price = price * n
		if w.old {
			room.price = price // 1.6.1 takes it for the whole stay
		}
	}
	if tax, ok := r.at("total_tax").float(); ok {
		room.tax = tax
	}
	for _, t := range r.at("services").list() {
		known := s.config.Property.service(t.at("id_service").int())
		if known == nil {
			return room, false
		}
		sv := service{ID: known.ID, Quantity: 1, Price: cents(known.Price * w.rate)}
		if known.PerNight {
			sv.Price = cents(known.Price * n * w.rate)
		}
		if known.Multiple {
			sv.Quantity = max(t.at("quantity").int(), 1)
		}
		room.services = append(room.services, sv)
	}
	return room, true
}

func (s *Server) wishGuest(c *call, w *wish, a tree) *answer {
	if !a.has("customer_detail") {
		return c.notFound(w, "Customer details not found.")
	}
	t := a.at("customer_detail")
	w.guest = customer{FirstName: t.at("firstname").text(), LastName: t.at("lastname").text(), Email: t.at("email").text(), Phone: t.at("phone").text()}
	if w.id != 0 {
		return nil // a PUT only looks the customer up, by e-mail
	}
	for _, need := range []struct{ value, name string }{{w.guest.FirstName, "first name"}, {w.guest.LastName, "last name"}, {w.guest.Email, "email"}, {w.guest.Phone, "phone number"}} {
		if strings.TrimSpace(need.value) == "" {
			return c.notFound(w, "Please provide a valid "+need.name+".")
		}
	}
	if t.has("id_customer") {
		s.store.mu.Lock()
		known := s.store.customer(t.at("id_customer").int())
		s.store.mu.Unlock()
		if known == nil {
			return c.notFound(w, "Please provide a valid id_customer.")
		}
		w.guest.ID = known.ID
	}
	if t.has("address") || t.has("city") || t.has("zip") || t.has("country_code") || t.has("state_code") {
		switch {
		case t.at("address").text() == "":
			return c.notFound(w, "Address is required.")
		case t.at("city").text() == "":
			return c.notFound(w, "City is required.")
		case len(t.at("country_code").text()) != 2 || t.at("country_code").text() == "XX":
			return c.notFound(w, "Invalid country code.")
		case t.at("country_code").text() == "US" && !usZip.MatchString(t.at("zip").text()):
			return c.notFound(w, "The Zip/Postal code you have entered is invalid. It must follow this format: 00000")
		}
	}
	return nil
}

// day reads a date; a time behind it is dropped.
func day(v string) (string, bool) {
	v, _, _ = strings.Cut(v, " ")
	_, err := time.Parse(time.DateOnly, v)
	return v, err == nil
}

// plain is a remark as it is stored: no tags, and a question mark for each byte
// of what needs more than three.
func plain(v string) string {
	var b strings.Builder
	for _, r := range tags.ReplaceAllString(v, "") {
		if r > 0xffff {
			b.WriteString("????")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func nameOK(v string) bool { return utf8.RuneCountInString(v) <= 32 && !badName.MatchString(v) }

func phoneOK(v string) bool { return len(v) <= 32 && !badPhone.MatchString(v) }
