package qloappstest

import (
	"net/http"
	"strconv"
	"strings"
)

// bookings answers /api/bookings, which ignores the list parameters.
func (s *Server) bookings(c *call) answer {
	switch c.Method {
	case http.MethodPost:
		return s.create(c)
	case http.MethodPut:
		return s.update(c)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if c.id == "" {
		return s.bookingList(c)
	}
	id, err := strconv.Atoi(c.id)
	if err != nil || s.store.order(id) == nil {
		return missing()
	}
	if c.sw.TaxExcluded && c.sw.Strict {
		return c.refuse(http.StatusInternalServerError, useTax()...)
	}
	return s.booking(c, id)
}

func useTax() []problem {
	const file = "WebserviceSpecificManagementBookings.php"
	return []problem{warning("Undefined variable $useTax", file, 3641), warning("Undefined variable $useTax", file, 3672)}
}

func (s *Server) bookingList(c *call) answer {
	l := list{}
	var x strings.Builder
	x.WriteString(xmlHead + "<bookings>\n")
	for _, o := range s.store.orders {
		l.vals = append(l.vals, object{{"id", o.ID}})
		x.WriteString(`<booking id="` + strconv.Itoa(o.ID) + `" xlink:href="` + s.link("bookings", o.ID) + "\"/>\n")
	}
	x.WriteString("</bookings>\n</qloapps>\n")
	if len(l.vals) == 0 {
		return c.respond(http.StatusOK, l, x.String())
	}
	return c.respond(http.StatusOK, object{{"bookings", l}}, x.String())
}

// booking answers one booking: no status, no reference, no ages of children in it.
func (s *Server) booking(c *call, id int) answer {
	o := s.bookingObject(id)
	if c.json {
		return c.respond(http.StatusOK, object{{"booking", o}}, "")
	}
	var x strings.Builder
	x.WriteString(xmlHead)
	bookingXML(&x, "booking", o)
	x.WriteString("</qloapps>\n")
	return c.respond(http.StatusOK, nil, x.String())
}

// bookingXML is denser than the other resources', and has 0 for an empty list.
func bookingXML(x *strings.Builder, name string, v any) {
	x.WriteString("<" + name + ">")
	switch v := v.(type) {
	case object:
		for _, f := range v {
			bookingXML(x, f.key, f.val)
		}
	case list:
		if len(v.vals) == 0 {
			x.WriteString(cdata(0))
		}
		for _, e := range v.vals {
			bookingXML(x, strings.TrimSuffix(name, "s"), e)
		}
	default:
		x.WriteString(cdata(v))
	}
	x.WriteString("</" + name + ">\n")
}

// stayKey is what a booking groups its rooms by.
type stayKey struct {
	roomType int
	from, to string
}

func (s *Server) bookingObject(id int) object {
	o := s.store.order(id)
	guest := s.store.customer(o.Customer)
	rows := s.store.rowsOf(id)
	net, tax := s.totals(rows)
	remarks := list{}
	for _, r := range o.Remarks {
		remarks.vals = append(remarks.vals, r)
	}
	return object{{"id", id}, {"id_property", s.config.Property.ID}, {"currency", o.Currency}, {"source", o.Source}, {"booking_date", o.Added}, {"id_language", o.language()},
		{"associations", object{
			{"customer_detail", object{{"id_customer", guest.ID}, {"firstname", guest.FirstName}, {"lastname", guest.LastName}, {"email", guest.Email}, {"phone", guest.Phone}}},
			{"price_details", object{{"total_paid", o.Paid}, {"total_price_without_tax", net}, {"total_tax", tax}}},
			{"cart_rules", list{}}, {"remarks", remarks}, {"room_types", s.bookedTypes(rows, o.language())}}}}
}

func (s *Server) bookedTypes(rows []row, language int) list {
	var keys []stayKey
	groups := map[stayKey][]row{}
	for _, r := range rows {
		k := stayKey{r.RoomType, r.From, r.To}
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], r)
	}
	types := list{}
	for _, k := range keys {
		var tax float64
		rooms := list{}
		for _, r := range groups[k] {
			tax += r.Tax
			rooms.vals = append(rooms.vals, s.bookedRoom(r, language))
		}
		title := ""
		if rt := s.config.Property.roomType(k.roomType); rt != nil {
			title = s.config.Property.say(rt.Name, rt.Texts, name).in(language)
		}
		types.vals = append(types.vals, object{{"id_room_type", k.roomType}, {"checkin_date", k.from + " 00:00:00"}, {"checkout_date", k.to + " 00:00:00"},
			{"total_tax", cents(tax)}, {"number_of_rooms", len(groups[k])}, {"name", title}, {"rooms", rooms}})
	}
	return types
}

func (s *Server) bookedRoom(r row, language int) object {
	o := object{{"id_room", r.Room}, {"id_hotel_booking", r.ID}, {"adults", r.Adults}, {"child", r.Children},
		{"unit_price_without_tax", r.Price}, {"total_tax", r.Tax}}
	if len(r.Services) == 0 {
		return o
	}
	services := list{}
	for _, sv := range r.Services {
		known := s.config.Property.service(sv.ID)
		total := sv.Price * float64(sv.Quantity)
		services.vals = append(services.vals, object{{"id_service", sv.ID}, {"name", s.config.Property.say(known.Name, known.Texts, name).in(language)}, {"quantity", sv.Quantity},
			{"unit_price_without_tax", sv.Price}, {"total_price_without_tax", total}, {"total_tax", s.tax(total)},
			{"per_night", flag(known.PerNight)}, {"price_mode", 1 + flag(known.PerNight)}})
	}
	return append(o, field{"services", services})
}

func (s *Server) tax(net float64) float64 { return cents(net * s.config.Property.TaxPercent / 100) }

// totals are the order's sums, without tax and the tax: rooms and services.
func (s *Server) totals(rows []row) (net, tax float64) {
	for _, r := range rows {
		net, tax = net+r.Price, tax+r.Tax
		for _, sv := range r.Services {
			total := sv.Price * float64(sv.Quantity)
			net, tax = net+total, tax+s.tax(total)
		}
	}
	return cents(net), cents(tax)
}
