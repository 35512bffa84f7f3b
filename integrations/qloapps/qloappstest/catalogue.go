package qloappstest

import (
	"regexp"
	"strconv"
	"strings"
)

func (s *Server) hotels() []object {
	p := s.config.Property
	types := ids("room_types", "room_types", len(p.RoomTypes), func(i int) int { return p.RoomTypes[i].ID })
	features := empty("hotel_feature", "hotel_features")
	for i := range p.Features {
		features.vals = append(features.vals, object{{"id", strconv.Itoa(i + 1)}}) // text, here alone
	}
	until := p.MaxCheckout
	if until == 0 {
		until = 1000
	}
	return []object{{
		{"id", p.ID}, {"phone", p.Phone}, {"address", p.Address}, {"id_country", 21}, {"id_state", 1}, {"city", p.City},
		{"zipcode", p.Zip}, {"id_default_image", false}, {"use_global_max_checkout_offset", 1}, {"max_checkout_offset", strconv.Itoa(until)},
		{"use_global_min_booking_offset", 1}, {"min_booking_offset", strconv.Itoa(p.MinBooking)}, {"id_category", category}, {"email", p.Email}, {"rating", 3},
		{"check_in", p.CheckIn}, {"check_out", p.CheckOut}, {"active", flag(!p.Inactive)}, {"latitude", "0.00000000"}, {"longitude", "0.00000000"},
		{"map_formated_address", ""}, {"map_input_text", ""}, {"active_refund", 0}, {"fax", ""}, {"date_add", opened}, {"date_upd", opened},
		{"policies", p.alike("<p>" + p.Name + "</p>")}, {"hotel_name", p.say(p.Name, p.Texts, name)},
		{"description", p.alike("<p>" + p.Name + "</p>")}, {"short_description", p.say(p.Name, p.Texts, name)},
		{"associations", object{{"room_types", types}, {"images", empty("image", "images")},
			{"hotel_features", features},
			{"hotel_refund_rules", empty("hotel_refund_rule", "hotel_refund_rules")}}},
	}}
}

// product is the part that room types and services share, as the shop's products.
type product struct {
	id       int
	name     spoken
	text     spoken
	price    float64
	active   bool
	taxGroup int
	service  *Service // nil = a room type
}

// fields are those of the shop's table of products. A service has a few more.
func (p product) fields() object {
	only := func(of bool, fields ...field) []field {
		if !of {
			return nil
		}
		return fields
	}
	isService, method, auto, addition, many := p.service != nil, 0, false, 0, false
	if isService {
		method, auto, addition, many = 1+flag(p.service.PerNight), p.service.AutoAdd, 2-flag(p.service.WithRoom), p.service.Multiple
	}
	o := object{{"id_manufacturer", 0}, {"id_supplier", 0}, {"id_category_default", category}, {"new", nil}, {"cache_default_attribute", 0},
		{"id_default_image", p.id}, {"id_tax_rules_group", p.taxGroup}, {"position_in_category", 0}}
	o = append(o, only(isService, field{"quantity", 0})...)
	o = append(o, object{{"type", "virtual"}, {"id_shop_default", 1}, {"reference", ""}, {"supplier_reference", ""}, {"location", ""},
		{"width", decimal(0)}, {"height", decimal(0)}, {"depth", decimal(0)}, {"weight", decimal(0)}, {"quantity_discount", 0}, {"ean13", ""},
		{"upc", ""}, {"cache_is_pack", 0}, {"cache_has_attachments", 0}, {"is_virtual", 1}}...)
	o = append(o, only(isService, field{"selling_preference_type", 1})...)
	return append(o, object{{"on_sale", 0}, {"online_only", 0}, {"ecotax", decimal(0)}, {"minimal_quantity", 1}, {"allow_multiple_quantity", flag(many)},
		{"max_quantity", 0}, {"price_calculation_method", method}, {"price", decimal(p.price)}, {"wholesale_price", decimal(0)}, {"unity", ""},
		{"unit_price_ratio", decimal(0)}, {"additional_shipping_cost", "0.00"}, {"customizable", 0}, {"text_fields", 0}, {"uploadable_files", 0},
		{"active", flag(p.active)}, {"redirect_type", ""}, {"id_product_redirected", 0}, {"available_for_order", 1}, {"available_date", "0000-00-00"},
		{"condition", "new"}, {"auto_add_to_cart", flag(auto)}, {"price_addition_type", addition}, {"show_at_front", flag(!isService)},
		{"show_price", 1}, {"indexed", 1}, {"visibility", "both"}, {"advanced_stock_management", 0}, {"date_add", opened}, {"date_upd", opened},
		{"pack_stock_type", 3}, {"meta_description", p.none()}, {"meta_keywords", p.none()}, {"meta_title", p.none()}, {"link_rewrite", slugs(p.name)},
		{"name", p.name}, {"description", p.text}, {"description_short", p.text}, {"available_now", p.none()}, {"available_later", p.none()}}...)
}

// none is a translated field with nothing in it.
func (p product) none() spoken { return make(spoken, len(p.name)) }

// slugs are names as the shop's addresses have them.
func slugs(names spoken) spoken {
	out := make(spoken, len(names))
	for i, n := range names {
		out[i] = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(n), "-"), "-")
	}
	return out
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func empty(item, api string) list { return list{item: item, api: api} }

func single(item, api string, id int) list { return ids(item, api, 1, func(int) int { return id }) }

const category = 8 // that everything is in

func (s *Server) roomTypes() []object {
	p := s.config.Property
	return numbered(p.RoomTypes, func(rt RoomType) object {
		services := list{item: "service", api: "services"}
		for _, sv := range p.Services {
			services.vals = append(services.vals, object{{"id", sv.ID}, {"price", nil}, {"id_tax_rules_group", nil}})
		}
		o := object{{"id", rt.ID}, {"id_hotel", p.ID}, {"adults", rt.Adults}, {"children", rt.Children}}
		o = append(o, product{id: rt.ID, name: p.say(rt.Name, rt.Texts, name), text: p.say(rt.Description, rt.Texts, description),
			price: rt.Price, active: !rt.Inactive, taxGroup: 1}.fields()...)
		advance := list{item: "advance_payment", api: "advance_payments", vals: []any{object{{"id", rt.ID}, {"payment_type", 0}, {"tax_include", 0},
			{"value", decimal(0)}, {"active", 0}, {"calculate_from", 0}}}}
		return append(o, field{"associations", object{{"advance_payments", advance}, {"categories", single("category", "categories", category)},
			{"images", single("image", "images", rt.ID)}, {"room_type_features", single("room_type_feature", "room_type_features", 1)}, {"tags", empty("tag", "tags")},
			{"hotel_rooms", ids("hotel_room", "hotel_rooms", len(rt.Rooms), func(i int) int { return rt.Rooms[i].ID })},
			{"feature_prices", empty("feature_price", "feature_prices")}, {"extra_demands", empty("extra_demand", "extra_demands")}, {"services", services}}})
	})
}

func (s *Server) hotelFeatures() []object {
	p := s.config.Property
	all := make([]object, len(p.Features))
	for i, text := range p.Features {
		all[i] = object{{"id", i + 1}, {"parent_feature_id", 0}, {"position", i + 1}, {"active", 1}, {"date_add", opened}, {"date_upd", opened}, {"name", p.alike(text)}}
	}
	return all
}

func (s *Server) advancePayments() []object {
	return numbered(s.config.Property.RoomTypes, func(rt RoomType) object {
		return object{{"id", rt.ID}, {"id_product", rt.ID}, {"payment_type", 0}, {"value", decimal(0)}, {"id_currency", 0}, {"tax_include", 0},
			{"calculate_from", 0}, {"active", 0}, {"date_add", opened}, {"date_upd", opened}}
	})
}

func (s *Server) hotelRoomTypes() []object {
	p := s.config.Property
	return numbered(p.RoomTypes, func(rt RoomType) object {
		return object{{"id", rt.ID}, {"id_product", rt.ID}, {"id_hotel", p.ID}, {"adults", rt.Adults}, {"children", rt.Children},
			{"max_adults", rt.MaxAdults}, {"max_children", rt.MaxChildren}, {"max_guests", rt.MaxGuests},
			{"min_los", rt.MinNights}, {"max_los", rt.MaxNights}, {"date_add", opened}, {"date_upd", opened},
			{"associations", object{{"hotel_rooms", ids("hotel_room", "hotel_rooms", len(rt.Rooms), func(i int) int { return rt.Rooms[i].ID })}}}}
	})
}

func (s *Server) hotelRooms() []object {
	var all []object
	for _, rt := range s.config.Property.RoomTypes {
		for _, r := range rt.Rooms {
			all = append(all, object{{"id", r.ID}, {"id_product", rt.ID}, {"id_hotel", s.config.Property.ID}, {"room_num", r.Number},
				{"id_status", r.status()}, {"floor", r.Floor}, {"comment", ""}, {"date_add", opened}, {"date_upd", opened}})
		}
	}
	return all
}

func (s *Server) services() []object {
	p := s.config.Property
	return numbered(p.Services, func(sv Service) object {
		o := append(object{{"id", sv.ID}}, product{id: sv.ID, name: p.say(sv.Name, sv.Texts, name), text: p.say(sv.Description, sv.Texts, description),
			price: sv.Price, active: true, taxGroup: sv.taxGroup(), service: &sv}.fields()...)
		return append(o, field{"associations", object{{"categories", single("category", "categories", category)}, {"images", single("image", "images", sv.ID)}}})
	})
}
