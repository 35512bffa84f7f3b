package qloappstest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// resource is one that takes the list parameters: how it names things, and its objects.
type resource struct {
	many, one  string // keys of the answer, which are not always the path
	translated []string
	// objects returns them all, or fewer: those that miss an exact value may be
	// left out, so that a lookup does not print the whole table. The caller
	// holds the store's lock.
	objects func(s *Server, exact map[string]string) []object
}

func fixed(f func(*Server) []object) func(*Server, map[string]string) []object {
	return func(s *Server, _ map[string]string) []object { return f(s) }
}

// misses tells whether an exact filter is there and asks for something else.
func misses(exact map[string]string, name, value string) bool {
	want, asked := exact[name]
	return asked && !strings.EqualFold(want, value)
}

// without copies those that miss does not tell of.
func without[T any](all []T, miss func(T) bool) []T {
	var kept []T
	for _, v := range all {
		if !miss(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func numbered[T any](all []T, show func(T) object) []object {
	out := make([]object, len(all))
	for i, v := range all {
		out[i] = show(v)
	}
	return out
}

// resources are the ordinary ones that hold something. The others are empty.
var resources = map[string]resource{
	"hotels":           {"hotels", "hotel", []string{"policies", "hotel_name", "description", "short_description"}, fixed((*Server).hotels)},
	"room_types":       {"room_types", "room_type", []string{"name", "description", "description_short"}, fixed((*Server).roomTypes)},
	"hotel_room_types": {"hotel_room_types", "hotel_room_type", nil, fixed((*Server).hotelRoomTypes)},
	"hotel_rooms":      {"rooms", "room", nil, fixed((*Server).hotelRooms)},
	"services":         {"services", "service", []string{"name", "description", "description_short"}, fixed((*Server).services)},
	"currencies":       {"currencies", "currency", nil, fixed((*Server).currencies)},
	"languages":        {"languages", "language", nil, fixed((*Server).languages)},
	"order_states":     {"order_states", "order_state", []string{"name"}, fixed((*Server).orderStates)},
	"configurations":   {"configurations", "configuration", nil, fixed((*Server).configurations)},
	"orders":           {"orders", "order", nil, (*Server).orders},
	"room_bookings":    {"bookings", "booking", nil, (*Server).roomBookings},
	"order_histories":  {"order_histories", "order_history", nil, fixed((*Server).orderHistories)},
	"customers":        {"customers", "customer", nil, (*Server).customers},
}

const opened = "2026-01-02 09:00:00" // when the catalogue was made

func ids(item, api string, n int, id func(int) int) list {
	l := list{item: item, api: api}
	for i := range n {
		l.vals = append(l.vals, object{{"id", id(i)}})
	}
	return l
}

func (s *Server) hotels() []object {
	p := s.config.Property
	types := ids("room_types", "room_types", len(p.RoomTypes), func(i int) int { return p.RoomTypes[i].ID })
	return []object{{
		{"id", p.ID}, {"phone", p.Phone}, {"address", p.Address}, {"id_country", 21}, {"id_state", 1}, {"city", p.City},
		{"zipcode", p.Zip}, {"id_default_image", false}, {"use_global_max_checkout_offset", 1}, {"max_checkout_offset", "1000"},
		{"use_global_min_booking_offset", 1}, {"min_booking_offset", "0"}, {"id_category", 8}, {"email", p.Email}, {"rating", 3},
		{"check_in", p.CheckIn}, {"check_out", p.CheckOut}, {"active", 1}, {"latitude", "0.00000000"}, {"longitude", "0.00000000"},
		{"map_formated_address", ""}, {"map_input_text", ""}, {"active_refund", 0}, {"fax", ""}, {"date_add", opened}, {"date_upd", opened},
		{"policies", "<p>" + p.Name + "</p>"}, {"hotel_name", p.Name}, {"description", "<p>" + p.Name + "</p>"}, {"short_description", p.Name},
		{"associations", object{{"room_types", types}, {"hotel_features", list{item: "hotel_feature", api: "hotel_features"}}}},
	}}
}

// product is the part that room types and services share, as the shop's products.
func (s *Server) product(price float64, active bool, taxGroup int) object {
	return object{
		{"id_category_default", 8}, {"new", nil}, {"id_default_image", 1}, {"id_tax_rules_group", taxGroup}, {"type", "virtual"},
		{"id_shop_default", 1}, {"reference", ""}, {"quantity_discount", 0}, {"is_virtual", 1}, {"on_sale", 0}, {"price", decimal(price)},
		{"active", flag(active)}, {"available_for_order", 1}, {"available_date", "0000-00-00"}, {"condition", "new"},
		{"show_price", 1}, {"visibility", "both"}, {"date_add", opened}, {"date_upd", opened},
	}
}

func (s *Server) roomTypes() []object {
	p := s.config.Property
	return numbered(p.RoomTypes, func(rt RoomType) object {
		services := list{item: "service", api: "services"}
		for _, sv := range p.Services {
			services.vals = append(services.vals, object{{"id", sv.ID}, {"price", nil}, {"id_tax_rules_group", nil}})
		}
		o := object{{"id", rt.ID}, {"id_hotel", p.ID}, {"adults", rt.Adults}, {"children", rt.Children}}
		o = append(o, s.product(rt.Price, !rt.Inactive, 1)...)
		return append(o, object{
			{"allow_multiple_quantity", 0}, {"price_calculation_method", 0}, {"auto_add_to_cart", 0}, {"price_addition_type", 0},
			{"name", rt.Name}, {"description", rt.Description}, {"description_short", rt.Description},
			{"associations", object{{"advance_payments", list{item: "advance_payment", api: "advance_payments"}},
				{"hotel_rooms", ids("hotel_room", "hotel_rooms", len(rt.Rooms), func(i int) int { return rt.Rooms[i].ID })},
				{"services", services}}},
		}...)
	})
}

func (s *Server) hotelRoomTypes() []object {
	p := s.config.Property
	return numbered(p.RoomTypes, func(rt RoomType) object {
		return object{{"id", rt.ID}, {"id_product", rt.ID}, {"id_hotel", p.ID}, {"adults", rt.Adults}, {"children", rt.Children},
			{"max_adults", rt.MaxAdults}, {"max_children", rt.MaxChildren}, {"max_guests", rt.MaxGuests},
			{"min_los", rt.MinNights}, {"max_los", 0}, {"date_add", opened}, {"date_upd", opened},
			{"associations", object{{"hotel_rooms", ids("hotel_room", "hotel_rooms", len(rt.Rooms), func(i int) int { return rt.Rooms[i].ID })}}}}
	})
}

func (s *Server) hotelRooms() []object {
	var all []object
	for _, rt := range s.config.Property.RoomTypes {
		for _, r := range rt.Rooms {
			status := 1
			if r.Inactive {
				status = 2
			}
			all = append(all, object{{"id", r.ID}, {"id_product", rt.ID}, {"id_hotel", s.config.Property.ID}, {"room_num", r.Number},
				{"id_status", status}, {"floor", r.Floor}, {"comment", ""}, {"date_add", opened}, {"date_upd", opened}})
		}
	}
	return all
}

func (s *Server) services() []object {
	return numbered(s.config.Property.Services, func(sv Service) object {
		o := append(object{{"id", sv.ID}}, s.product(sv.Price, true, 0)...)
		return append(o, object{
			{"allow_multiple_quantity", flag(sv.Multiple)}, {"max_quantity", 0}, {"price_calculation_method", 1 + flag(sv.PerNight)},
			{"auto_add_to_cart", flag(sv.AutoAdd)}, {"price_addition_type", 2 - flag(sv.WithRoom)},
			{"name", sv.Name}, {"description", sv.Description}, {"description_short", sv.Description},
			{"associations", object{{"categories", list{item: "category", api: "categories"}}, {"images", list{item: "image", api: "images"}}}},
		}...)
	})
}

func (s *Server) currencies() []object {
	iso := s.config.Property.Currency
	return []object{{{"id", 1}, {"name", currencyName(iso)}, {"iso_code", iso}, {"iso_code_num", ""}, {"blank", 0}, {"sign", "$"}, {"format", 1},
		{"decimals", 1}, {"conversion_rate", "1.000000"}, {"deleted", 0}, {"active", 1}}}
}

func currencyName(iso string) string {
	switch iso {
	case "USD":
		return "Dollar"
	case "ARS":
		return "Peso"
	}
	return iso
}

func (s *Server) languages() []object {
	return []object{{{"id", 1}, {"name", "English (English)"}, {"iso_code", "en"}, {"language_code", "en"}, {"active", 1}, {"is_rtl", 0},
		{"date_format_lite", "Y-m-d"}, {"date_format_full", "Y-m-d H:i:s"}}}
}

var stateNames = []string{"Awaiting payment", "Complete payment received", "Processing in progress", "Canceled", "Refunded",
	"Payment error", "Overbooking (Paid)", "Partial payment received", "Awaiting remote payment", "Remote payment accepted",
	"Overbooking (Not paid)", "Overbooking (Partial payment)"}

func (s *Server) orderStates() []object {
	all := make([]object, len(stateNames))
	for i, name := range stateNames {
		id := i + 1
		all[i] = object{{"id", id}, {"invoice", flag(id == 2 || id == 3 || id == 5 || id == 7 || id == 8 || id == 10)},
			{"logable", flag(id == 2 || id == 8 || id == 10)}, {"paid", flag(id == 2 || id == 7)}, {"deleted", 0}, {"name", name}}
	}
	return all
}

func (s *Server) configurations() []object {
	p := s.config.Property
	settings := [][2]string{{"PS_COUNTRY_DEFAULT", "21"}, {"PS_CURRENCY_DEFAULT", "1"}, {"PS_LANG_DEFAULT", "1"}, {"PS_ONE_PHONE_AT_LEAST", "1"},
		{"PS_OS_AWAITING_PAYMENT", "1"}, {"PS_OS_CANCELED", "4"}, {"PS_OS_ERROR", "6"}, {"PS_OS_PARTIAL_PAYMENT_ACCEPTED", "8"},
		{"PS_OS_PAYMENT_ACCEPTED", "2"}, {"PS_OS_REFUND", "5"}, {"PS_TAX", "1"}, {"PS_TIMEZONE", p.Zone.String()}}
	all := make([]object, len(settings))
	for i, kv := range settings {
		all[i] = object{{"id", i + 1}, {"value", kv[1]}, {"name", kv[0]}, {"id_shop_group", ""}, {"id_shop", ""}, {"date_add", opened}, {"date_upd", opened}}
	}
	return all
}

func (s *Server) customers(exact map[string]string) []object {
	wanted := without(s.store.customers, func(c customer) bool {
		return misses(exact, "email", c.Email) || misses(exact, "id", strconv.Itoa(c.ID))
	})
	return numbered(wanted, func(c customer) object {
		return object{{"id", c.ID}, {"id_default_group", 3}, {"id_lang", 1}, {"last_passwd_gen", c.Added}, {"secure_key", strings.Repeat("0", 32)}, {"deleted", 0},
			{"passwd", strings.Repeat("0", 32)}, {"lastname", c.LastName}, {"firstname", c.FirstName}, {"email", c.Email}, {"id_gender", 0},
			{"birthday", "0000-00-00"}, {"newsletter", 0}, {"optin", 0}, {"phone", c.Phone}, {"active", 1}, {"note", nil}, {"is_guest", 0},
			{"id_shop", 1}, {"id_shop_group", 1}, {"date_add", c.Added}, {"date_upd", c.Added}}
	})
}

func (s *Server) orders(exact map[string]string) []object {
	wanted := without(s.store.orders, func(o order) bool {
		return misses(exact, "source", o.Source) || misses(exact, "reference", o.Reference) ||
			misses(exact, "id", strconv.Itoa(o.ID)) || misses(exact, "id_customer", strconv.Itoa(o.Customer))
	})
	return numbered(wanted, func(o order) object {
		mine := s.store.rowsOf(o.ID)
		net, tax := s.totals(mine)
		rooms := ids("booking", "room_bookings", len(mine), func(i int) int { return mine[i].ID })
		return object{{"id", o.ID}, {"id_address_delivery", 0}, {"id_address_invoice", 0}, {"id_address_tax", 2}, {"id_cart", o.ID}, {"id_currency", 1},
			{"id_lang", 1}, {"id_customer", o.Customer}, {"current_state", o.State}, {"module", "wsorder"}, {"invoice_number", 0},
			{"invoice_date", "0000-00-00 00:00:00"}, {"valid", 0}, {"date_add", o.Added}, {"date_upd", o.Updated}, {"transaction_id", nil},
			{"secure_key", strings.Repeat("0", 32)}, {"payment", o.Payment}, {"payment_type", o.PaymentType}, {"total_discounts", decimal(0)},
			{"total_discounts_tax_incl", decimal(0)}, {"total_discounts_tax_excl", decimal(0)}, {"total_paid", decimal(net + tax)},
			{"total_paid_tax_incl", decimal(net + tax)}, {"total_paid_tax_excl", decimal(net)}, {"total_paid_real", decimal(o.Paid)},
			{"total_products", decimal(net)}, {"total_products_wt", decimal(net + tax)}, {"conversion_rate", "1.000000"}, {"source", o.Source},
			{"reference", o.Reference}, {"is_advance_payment", 0}, {"advance_paid_amount", decimal(net + tax)}, {"with_occupancy", 0},
			{"associations", object{{"bookings", rooms}}}}
	})
}

func (s *Server) roomBookings(exact map[string]string) []object {
	p := s.config.Property
	some := s.store.rows
	if id, err := strconv.Atoi(exact["id_order"]); err == nil {
		some = s.store.rowsOf(id)
	}
	wanted := without(some, func(r row) bool {
		return misses(exact, "id_order", strconv.Itoa(r.Order)) || misses(exact, "id_room", strconv.Itoa(r.Room)) ||
			misses(exact, "is_refunded", strconv.Itoa(flag(r.Refunded)))
	})
	return numbered(wanted, func(r row) object {
		room, rt := p.room(r.Room)
		name := ""
		if rt != nil {
			name = rt.Name
		}
		return object{{"id", r.ID}, {"id_product", r.RoomType}, {"id_hotel", p.ID}, {"id_order", r.Order}, {"id_order_detail", r.ID}, {"id_cart", r.Order},
			{"id_room", r.Room}, {"id_customer", r.Customer}, {"booking_type", 1}, {"id_status", r.Status}, {"comment", ""},
			{"check_in", "0000-00-00 00:00:00"}, {"check_out", "0000-00-00 00:00:00"}, {"date_from", r.From + " 00:00:00"}, {"date_to", r.To + " 00:00:00"},
			{"total_price_tax_excl", decimal(r.Price)}, {"total_price_tax_incl", decimal(r.Price + r.Tax)}, {"total_paid_amount", decimal(r.Price + r.Tax)},
			{"is_refunded", flag(r.Refunded)}, {"is_cancelled", flag(r.Cancelled)}, {"is_back_order", flag(r.BackOrder)}, {"room_num", room.Number},
			{"room_type_name", name}, {"hotel_name", p.Name}, {"city", p.City}, {"state", p.State}, {"country", p.Country}, {"zipcode", p.Zip},
			{"phone", p.Phone}, {"email", p.Email}, {"check_in_time", p.CheckIn}, {"check_out_time", p.CheckOut}, {"planned_check_out", r.To + " " + p.CheckOut + ":00"},
			{"adults", r.Adults}, {"children", r.Children}, {"child_ages", agesText(r.Ages)}, {"date_add", r.Added}, {"date_upd", r.Added}}
	})
}

// agesText is a string that holds JSON, as the column does.
func agesText(ages []int) string {
	if len(ages) == 0 {
		return "[]"
	}
	b, err := json.Marshal(ages)
	if err != nil {
		return "[]"
	}
	return string(b)
}

func (s *Server) orderHistories() []object {
	return numbered(s.store.histories, func(h history) object {
		return object{{"id", h.ID}, {"id_employee", 0}, {"id_order_state", h.State}, {"id_order", h.Order}, {"date_add", h.Added}}
	})
}

// find returns the object with the id.
func find(all []object, id string) (object, bool) {
	for _, o := range all {
		if n, ok := o.get("id").(int); ok && strconv.Itoa(n) == id {
			return o, true
		}
	}
	return nil, false
}
