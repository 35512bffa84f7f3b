package qloappstest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// DemoHotel is the hotel of the demo: "Posada del Cerro" in Bariloche, with a
// returning guest, some bookings, and no room from Friday to Sunday of the
// weekend about three weeks ahead of today.
func DemoHotel(today hotel.Date) Property {
	zone, err := time.LoadLocation("America/Argentina/Buenos_Aires")
	if err != nil {
		zone = time.FixedZone("America/Argentina/Buenos_Aires", -3*60*60) // no zone data on this machine
	}
	p := Property{
		ID: 1, Name: "Posada del Cerro", ShopName: "Posada del Cerro", City: "San Carlos de Bariloche", State: "Río Negro", Country: "Argentina",
		CountryCode: "AR", Zip: "8400", Phone: "+54 294 400 0000", Email: "reservas@posada.example", Address: "Av. de los Pioneros 4200",
		Languages: []Language{{ISO: "es", Name: "Español (Spanish)"}},
		Currency:  "ARS", TaxPercent: 21, CheckIn: "14:00", CheckOut: "10:00", Zone: zone,
		RoomTypes: demoRoomTypes(),
		Services: []Service{
			{ID: 21, Name: "Limpieza y blancos", Description: "Ropa blanca y limpieza diaria.", Price: 2000, PerNight: true, AutoAdd: true, WithRoom: true},
			{ID: 22, Name: "Desayuno en la habitación", Description: "Servido en la habitación.", Price: 9000, PerNight: true},
			{ID: 23, Name: "Traslado al aeropuerto", Description: "Ida, hasta cuatro personas.", Price: 24000},
		},
	}
	p.Bookings = demoBookings(p, today)
	return p
}

func demoRoomTypes() []RoomType {
	types := []RoomType{
		{ID: 1, Name: "Simple", Description: "Una cama, escritorio y baño privado; da al jardín.", Price: 68000,
			Adults: 1, MaxAdults: 1, MaxGuests: 1},
		{ID: 2, Name: "Doble", Description: "Cama matrimonial o dos camas; da al jardín.", Price: 92000,
			Adults: 2, MaxAdults: 2, MaxChildren: 1, MaxGuests: 3},
		{ID: 3, Name: "Doble superior con vista al lago", Description: "Cama king, balcón y vista al Nahuel Huapi.", Price: 118000,
			Adults: 2, MaxAdults: 2, MaxChildren: 1, MaxGuests: 3},
		{ID: 4, Name: "Triple familiar", Description: "Matrimonial y dos camas simples, en dos ambientes.", Price: 134000,
			Adults: 3, MaxAdults: 3, MaxChildren: 2, MaxGuests: 4},
		{ID: 5, Name: "Suite", Description: "Sala, hidromasaje y terraza con vista al lago.", Price: 190000,
			Adults: 2, MaxAdults: 3, MaxChildren: 2, MaxGuests: 4},
	}
	counts := []int{4, 6, 5, 3, 2}
	room := 0
	for i := range types {
		types[i].MinNights = 1
		for k := range counts[i] {
			room++
			number := string(rune('1'+i/2)) + string(rune('0'+i%2)) + string(rune('1'+k))
			types[i].Rooms = append(types[i].Rooms, Room{ID: room, Number: number, Floor: string(rune('1' + i/2))})
		}
	}
	return types
}

// demoBookings fills a weekend and puts some guests into the weeks around it.
func demoBookings(p Property, today hotel.Date) []Seed {
	lucia := Guest{"Lucía", "Fernández", "lucia.fernandez@example.com", "5491155550101"}
	others := []Guest{
		{"Martín", "Gómez", "martin.gomez@example.com", "5491155550102"},
		{"Ana", "Ibáñez", "ana.ibanez@example.com", "5493415550103"},
		{"Emily", "Carter", "emily.carter@example.com", "15555550104"},
		{"João", "Pereira", "joao.pereira@example.com", "5511955550105"},
		{"Sofía", "Núñez", "sofia.nunez@example.com", "5492945550106"},
	}
	seeds := []Seed{
		{RoomType: 2, CheckIn: today.AddDays(9), CheckOut: today.AddDays(12), Rooms: 1, Adults: 2, Guest: lucia, Reference: "LUCIAFERN", Source: "web"},
		{RoomType: 1, CheckIn: today.AddDays(-1), CheckOut: today.AddDays(2), Rooms: 1, Adults: 1, Guest: others[0]},
		{RoomType: 3, CheckIn: today, CheckOut: today.AddDays(4), Rooms: 1, Adults: 2, Guest: others[1]},
		{RoomType: 5, CheckIn: today.AddDays(1), CheckOut: today.AddDays(3), Rooms: 1, Adults: 2, Guest: others[2], Source: "web"},
		{RoomType: 4, CheckIn: today.AddDays(5), CheckOut: today.AddDays(10), Rooms: 1, Adults: 2, Children: 2, Ages: []int{4, 9}, Guest: others[3], Source: "web"},
		{RoomType: 2, CheckIn: today.AddDays(2), CheckOut: today.AddDays(5), Rooms: 2, Adults: 2, Guest: others[4]},
	}
	friday := SoldOutWeekend(today)
	for i, rt := range p.RoomTypes {
		seeds = append(seeds, Seed{RoomType: rt.ID, CheckIn: friday, CheckOut: friday.AddDays(2), Rooms: len(rt.Rooms), Adults: rt.Adults,
			Guest: others[i%len(others)], Source: "Congreso de la Cordillera"})
	}
	return seeds
}

// SoldOutWeekend is the Friday of the demo's weekend without a free room; the
// rooms are free again on Sunday.
func SoldOutWeekend(today hotel.Date) hotel.Date {
	d := today.AddDays(19)
	for d.Weekday() != time.Friday {
		d = d.AddDays(1)
	}
	return d
}
