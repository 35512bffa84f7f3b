package qloappstest

import (
	"fmt"
	"strings"
	"time"
)

func (s *Server) ariXML(q search) string {
	var x strings.Builder
	x.WriteString(xmlHead)
	s.writeARI(&x, q)
	x.WriteString("</qloapps>\n")
	return x.String()
}

// daysXML has one element a night.
func (s *Server) daysXML(q search) string {
	var x strings.Builder
	x.WriteString(xmlHead + "<hotel_aris>\n")
	first, _ := time.Parse(time.DateOnly, q.from) // checked before
	for i := range nights(q.from, q.to) {
		s.writeARI(&x, q.night(first, i))
	}
	x.WriteString("</hotel_aris>\n</qloapps>\n")
	return x.String()
}

func put(x *strings.Builder, name string, v any) {
	x.WriteString("<" + name + ">" + cdata(v) + "</" + name + ">\n")
}

func (s *Server) writeARI(x *strings.Builder, q search) {
	p := s.config.Property
	x.WriteString("<hotel_ari>\n")
	put(x, "id_hotel", q.hotel)
	put(x, "date_from", q.from)
	put(x, "date_to", q.to)
	put(x, "currency", p.Currency)
	if all := s.look(q); len(all) > 0 {
		for _, f := range s.ari(q) {
			if strings.HasPrefix(f.key, "total_") {
				put(x, f.key, f.val)
			}
		}
		x.WriteString("<room_types>\n")
		for _, f := range all {
			s.writeFound(x, q, f)
		}
		x.WriteString("</room_types>\n")
	}
	x.WriteString("</hotel_ari>\n")
}

func (s *Server) writeFound(x *strings.Builder, q search, f found) {
	p := s.config.Property
	fmt.Fprintf(x, "<room_type id=\"%d\" xlink:href=\"%s\">\n", f.ID, s.link("room_types", f.ID))
	put(x, "id_room_type", f.ID)
	put(x, "base_price", f.base)
	put(x, "base_price_with_tax", p.withTax(f.base))
	put(x, "total_price", f.total)
	put(x, "total_price_with_tax", p.withTax(f.total))
	x.WriteString("<name><language id=\"1\">" + cdata(f.Name) + "</language></name>\n<rooms>\n")
	for _, part := range []struct {
		name  string
		asked bool
		rooms []Room
	}{{"unavailable", q.unavailable, f.closed}, {"booked", q.booked, f.taken}, {"available", q.available, f.free}} {
		if part.asked {
			x.WriteString("<" + part.name + ">\n")
			writeRooms(x, part.rooms)
			x.WriteString("</" + part.name + ">\n")
		}
	}
	if q.partial {
		x.WriteString("<partial_available>\n")
		for _, piece := range f.pieces {
			fmt.Fprintf(x, "<rooms date_from=\"%s\" date_to=\"%s\">\n", piece.from, piece.to)
			writeRooms(x, piece.rooms)
			x.WriteString("</rooms>\n")
		}
		x.WriteString("</partial_available>\n")
	}
	x.WriteString("</rooms>\n</room_type>\n")
}

func writeRooms(x *strings.Builder, rooms []Room) {
	for _, r := range rooms {
		fmt.Fprintf(x, "<room id=\"%d\">\n", r.ID)
		put(x, "id_room", r.ID)
		put(x, "room_number", r.Number)
		x.WriteString("</room>\n")
	}
}
