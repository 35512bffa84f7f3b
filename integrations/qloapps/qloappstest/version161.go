package qloappstest

import "slices"

// What QloApps 1.6.1 has and 1.7.0 has no more.
var oldResources = []string{"extra_services", "qlo"}

// Fields that came with 1.7.0.
var newFields = map[string][]string{
	"hotels":        {"use_global_max_checkout_offset", "max_checkout_offset", "use_global_min_booking_offset", "min_booking_offset", "fax"},
	"room_bookings": {"planned_check_out"},
}

// grantable are the resources of a version that a key may be given.
func (sw Switches) grantable() []string {
	if !sw.Old {
		return grantable
	}
	return slices.Sorted(slices.Values(append(slices.Clone(grantable), oldResources...)))
}

func (sw Switches) resources() []string {
	if !sw.Old {
		return allResources
	}
	return append(slices.Clone(allResources), oldResources...)
}

// asOf gives a resource's object the fields of the version.
func (s *Server) asOf(sw Switches, resource string, o object) object {
	if !sw.Old {
		return o
	}
	gone := newFields[resource]
	var old object
	for _, f := range o {
		if !slices.Contains(gone, f.key) {
			old = append(old, f)
		}
		if resource == "hotels" && f.key == "id_default_image" {
			until := s.config.Property.OrderUntil
			if until == "" {
				until = "0000-00-00"
			}
			old = append(old, field{"max_order_date", until}, field{"preparation_time", "0000-00-00"})
		}
	}
	return old
}
