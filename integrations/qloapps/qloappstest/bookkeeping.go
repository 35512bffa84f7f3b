package qloappstest

import "strings"

// What QloApps keeps beside a booking, to be read only. The carts are those of
// bookings: one that a refused create leaves behind in the real one is not kept,
// nor is the guest of the visit told apart from the customer.

func (s *Server) carts() []object {
	return numbered(s.store.orders, func(o order) object {
		currency, _, _ := s.config.Property.currency(o.Currency)
		rooms := list{item: "cart_booking"}
		for _, r := range s.store.rowsOf(o.ID) {
			rooms.vals = append(rooms.vals, object{{"id_hotel", s.config.Property.ID}, {"id_product", r.RoomType}, {"date_from", r.From + " 00:00:00"}, {"date_to", r.To + " 00:00:00"}})
		}
		return object{{"id", o.ID}, {"id_currency", currency}, {"id_customer", o.Customer}, {"id_guest", o.Customer}, {"id_lang", o.language()},
			{"id_address_delivery", 0}, {"id_address_invoice", 0}, {"secure_key", secret}, {"is_advance_payment", 0}, {"date_add", o.Added}, {"date_upd", o.Added},
			{"associations", object{{"cart_bookings", rooms}}}}
	})
}

func (s *Server) cartBookings() []object {
	return numbered(s.store.rows, func(r row) object {
		currency := 1
		if o := s.store.order(r.Order); o != nil {
			currency, _, _ = s.config.Property.currency(o.Currency)
		}
		return object{{"id", r.ID}, {"id_hotel", s.config.Property.ID}, {"id_product", r.RoomType}, {"id_room", r.Room}, {"id_cart", r.Order},
			{"id_guest", r.Customer}, {"id_order", r.Order}, {"id_customer", r.Customer}, {"id_currency", currency}, {"quantity", nights(r.From, r.To)},
			{"booking_type", 1}, {"comment", ""}, {"is_refunded", flag(r.Refunded)}, {"is_back_order", flag(r.BackOrder)}, {"date_from", r.From + " 00:00:00"},
			{"date_to", r.To + " 00:00:00"}, {"adults", r.Adults}, {"children", r.Children}, {"child_ages", agesText(r)}, {"extra_demands", "[]"},
			{"date_add", r.Added}, {"date_upd", r.Added}}
	})
}

// orderDetails are the rooms of orders; the services have none here.
func (s *Server) orderDetails() []object {
	zero := decimal(0)
	return numbered(s.store.rows, func(r row) object {
		name, n := "", nights(r.From, r.To)
		if rt := s.config.Property.roomType(r.RoomType); rt != nil {
			name = rt.Name
		}
		net, gross := r.Price/float64(n), (r.Price+r.Tax)/float64(n)
		o := object{{"id", r.ID}, {"id_order", r.Order}, {"product_id", r.RoomType}, {"product_attribute_id", 0}, {"product_quantity_reinjected", 0},
			{"group_reduction", "0.00"}, {"discount_quantity_applied", 0}, {"download_hash", ""}, {"download_deadline", "0000-00-00 00:00:00"},
			{"id_order_invoice", 0}, {"id_warehouse", 0}, {"id_shop", 1}, {"product_name", name}, {"product_quantity", n}, {"product_quantity_in_stock", n},
			{"product_quantity_return", 0}, {"product_quantity_refunded", 0}, {"product_price", decimal(net)}, {"reduction_percent", "0.00"}}
		for _, none := range strings.Fields("reduction_amount reduction_amount_tax_incl reduction_amount_tax_excl product_quantity_discount") {
			o = append(o, field{none, zero})
		}
		o = append(o, object{{"is_booking_product", 1}, {"selling_preference_type", 0}, {"product_auto_add", 0}, {"product_price_addition_type", 0},
			{"product_allow_multiple_quantity", 0}, {"product_price_calculation_method", 0}, {"product_ean13", ""}, {"product_upc", ""}, {"product_reference", ""},
			{"product_supplier_reference", ""}, {"product_weight", zero}, {"tax_computation_method", 1}, {"id_tax_rules_group", 1}, {"ecotax", zero},
			{"ecotax_tax_rate", "0.000"}, {"download_nb", 0}, {"unit_price_tax_incl", decimal(gross)}, {"unit_price_tax_excl", decimal(net)},
			{"total_price_tax_incl", decimal(r.Price + r.Tax)}, {"total_price_tax_excl", decimal(r.Price)}}...)
		for _, none := range strings.Fields("total_shipping_price_tax_excl total_shipping_price_tax_incl purchase_supplier_price") {
			o = append(o, field{none, zero})
		}
		return append(o, field{"original_product_price", decimal(net)}, field{"original_wholesale_price", zero},
			field{"associations", object{{"taxes", ids("tax", "taxes", 1, func(int) int { return 1 })}}})
	})
}
