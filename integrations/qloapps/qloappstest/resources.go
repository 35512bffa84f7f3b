package qloappstest

import (
	"strconv"
	"strings"
)

// resource is one that takes the list parameters: how it names things, and its objects.
type resource struct {
	many, one string // keys of the answer, which are not always the path
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
	"hotels":           {"hotels", "hotel", fixed((*Server).hotels)},
	"room_types":       {"room_types", "room_type", fixed((*Server).roomTypes)},
	"hotel_room_types": {"hotel_room_types", "hotel_room_type", fixed((*Server).hotelRoomTypes)},
	"hotel_rooms":      {"rooms", "room", fixed((*Server).hotelRooms)},
	"services":         {"services", "service", fixed((*Server).services)},
	"hotel_features":   {"hotel_features", "hotel_feature", fixed((*Server).hotelFeatures)},
	"advance_payments": {"advance_payments", "advance_payment", fixed((*Server).advancePayments)},
	"currencies":       {"currencies", "currency", fixed((*Server).currencies)},
	"languages":        {"languages", "language", fixed((*Server).languages)},
	"taxes":            {"taxes", "tax", fixed((*Server).taxes)},
	"tax_rules":        {"tax_rules", "tax_rule", fixed((*Server).taxRules)},
	"tax_rule_groups":  {"tax_rule_groups", "tax_rule_group", fixed((*Server).taxRuleGroups)},
	"order_states":     {"order_states", "order_state", fixed((*Server).orderStates)},
	"configurations":   {"configurations", "configuration", fixed((*Server).configurations)},
	"orders":           {"orders", "order", (*Server).orders},
	"room_bookings":    {"bookings", "booking", (*Server).roomBookings},
	"order_histories":  {"order_histories", "order_history", fixed((*Server).orderHistories)},
	"carts":            {"carts", "cart", fixed((*Server).carts)},
	"cart_bookings":    {"cart_bookings", "booking", fixed((*Server).cartBookings)},
	"order_details":    {"order_details", "order_detail", fixed((*Server).orderDetails)},
	"customers":        {"customers", "customer", (*Server).customers},
}

// secret stands where the real one shows hashes.
var secret = strings.Repeat("0", 32)

const opened = "2026-01-02 09:00:00" // when the catalogue was made

// bare are resources of which a fresh shop has none.
var bare = strings.Fields("booking_extra_demands demand_advance_options extra_demands feature_prices hotel_refund_rules extra_services qlo")

// notFilterable are fields that are shown but are no columns.
var notFilterable = map[string][]string{
	"hotels":     {"id_default_image"},
	"room_types": {"id_hotel", "adults", "children", "id_default_image", "position_in_category", "type"},
}

func ids(item, api string, n int, id func(int) int) list {
	l := list{item: item, api: api}
	for i := range n {
		l.vals = append(l.vals, object{{"id", id(i)}})
	}
	return l
}

func (s *Server) customers(exact map[string]string) []object {
	wanted := without(s.store.customers, func(c customer) bool {
		return misses(exact, "email", c.Email) || misses(exact, "phone", c.Phone) || misses(exact, "id", strconv.Itoa(c.ID))
	})
	return numbered(wanted, func(c customer) object {
		if c.ID <= len(s.config.Property.Customers) {
			return registered(c)
		}
		return object{{"id", c.ID}, {"id_default_group", 3}, {"id_lang", 1}, {"newsletter_date_add", "0000-00-00 00:00:00"},
			{"ip_registration_newsletter", nil}, {"last_passwd_gen", c.Added}, {"secure_key", secret}, {"deleted", 0}, {"passwd", secret},
			{"lastname", c.LastName}, {"firstname", c.FirstName}, {"email", c.Email}, {"id_gender", 0}, {"birthday", "0000-00-00"}, {"newsletter", 0},
			{"optin", 0}, {"website", nil}, {"company", nil}, {"siret", nil}, {"ape", nil}, {"phone", c.Phone}, {"outstanding_allow_amount", decimal(0)},
			{"show_public_prices", 0}, {"id_risk", 0}, {"max_payment_days", 0}, {"active", 1}, {"note", nil}, {"is_guest", 0}, {"id_shop", 1},
			{"id_shop_group", 1}, {"date_add", c.Added}, {"date_upd", c.Added},
			{"associations", object{{"groups", ids("group", "groups", 1, func(int) int { return 3 })}}}}
	})
}

// registered is a customer who made an account in the shop: their empty fields are
// texts, where those of one made by a booking are null.
func registered(c customer) object {
	return object{{"id", c.ID}, {"id_default_group", 3}, {"id_lang", 1}, {"newsletter_date_add", c.Added}, {"ip_registration_newsletter", ""},
		{"last_passwd_gen", c.Added}, {"secure_key", secret}, {"deleted", 0}, {"passwd", secret}, {"lastname", c.LastName}, {"firstname", c.FirstName},
		{"email", c.Email}, {"id_gender", 1}, {"birthday", "1996-11-23"}, {"newsletter", 1}, {"optin", 1}, {"website", ""}, {"company", ""}, {"siret", ""},
		{"ape", ""}, {"phone", c.Phone}, {"outstanding_allow_amount", decimal(0)}, {"show_public_prices", 0}, {"id_risk", 0}, {"max_payment_days", 0},
		{"active", 1}, {"note", ""}, {"is_guest", 0}, {"id_shop", 1}, {"id_shop_group", 1}, {"date_add", c.Added}, {"date_upd", c.Added},
		{"associations", object{{"groups", ids("group", "groups", 1, func(int) int { return 3 })}}}}
}

func (s *Server) orders(exact map[string]string) []object {
	wanted := without(s.store.orders, func(o order) bool {
		return misses(exact, "source", o.Source) || misses(exact, "reference", o.Reference) ||
			misses(exact, "id", strconv.Itoa(o.ID)) || misses(exact, "id_customer", strconv.Itoa(o.Customer))
	})
	return numbered(wanted, func(o order) object {
		mine := s.store.rowsOf(o.ID)
		net, tax := s.totals(mine)
		currency, _, _ := s.config.Property.currency(o.Currency)
		rooms := ids("booking", "room_bookings", len(mine), func(i int) int { return mine[i].ID })
		return object{{"id", o.ID}, {"id_address_delivery", 0}, {"id_address_invoice", 0}, {"id_address_tax", 2}, {"id_cart", o.ID}, {"id_currency", currency},
			{"id_lang", o.language()}, {"id_customer", o.Customer}, {"current_state", o.State}, {"module", "wsorder"}, {"invoice_number", 0},
			{"invoice_date", "0000-00-00 00:00:00"}, {"valid", 0}, {"date_add", o.Added}, {"date_upd", o.Updated}, {"transaction_id", nil},
			{"secure_key", secret}, {"payment", o.Payment}, {"payment_type", o.PaymentType}, {"total_discounts", decimal(0)},
			{"total_discounts_tax_incl", decimal(0)}, {"total_discounts_tax_excl", decimal(0)}, {"total_paid", decimal(net + tax)},
			{"total_paid_tax_incl", decimal(net + tax)}, {"total_paid_tax_excl", decimal(net)}, {"total_paid_real", decimal(o.Paid)},
			{"total_products", decimal(net)}, {"total_products_wt", decimal(net + tax)}, {"conversion_rate", decimal(o.rate())}, {"source", o.Source},
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
			{"adults", r.Adults}, {"children", r.Children}, {"child_ages", agesText(r)}, {"date_add", r.Added}, {"date_upd", r.Added},
			{"associations", object{{"booking_extra_demands", empty("extra_demand", "booking_extra_demands")}}}}
	})
}

// agesText is a string that holds JSON, as the column does: numbers, or texts
// where the request had texts.
func agesText(r row) string {
	ages := make([]string, len(r.Ages))
	for i, age := range r.Ages {
		ages[i] = strconv.Itoa(age)
		if r.AgesText {
			ages[i] = strconv.Quote(ages[i])
		}
	}
	return "[" + strings.Join(ages, ",") + "]"
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
