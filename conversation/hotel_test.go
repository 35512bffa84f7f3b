package conversation_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// testFacts is the small hotel of the tests.
func testFacts(t testing.TB) conversation.Facts {
	t.Helper()
	zone, err := time.LoadLocation("America/Argentina/Mendoza")
	require.NoError(t, err)
	room := func(id hotel.RoomTypeID, name, description string, guests int, names ...string) conversation.RoomFact {
		return conversation.RoomFact{RoomType: hotel.RoomType{ID: id, Name: name, Description: description,
			MaxAdults: guests, MaxChildren: guests - 1, MaxGuests: guests}, Names: names}
	}
	text := func(es, en string) map[string]string { return map[string]string{"es": es, "en": en} }
	return conversation.Facts{
		Property: "parque", Name: "Posada del Parque", Address: "Boulogne Sur Mer 1450, Mendoza", Phone: "+54 261 555-0199",
		Zone: zone, Country: "AR", Currency: "ARS", Locales: []string{"es", "en"}, TaxIncluded: true,
		MaxRooms: 3, MaxNights: 21,
		Knowledge: map[string]map[string]string{
			"check_in":  text("El check-in es desde las 14:00.", "Check-in is from 2 pm."),
			"check_out": text("El check-out es hasta las 10:00.", "Check-out is until 10 am."),
			"wifi":      text("Sí, hay wifi sin cargo en todo el hotel.", "Yes, there is free wifi all over the hotel."),
			"parking":   text("Tenemos cochera cubierta sin cargo para huéspedes.", "We have free covered parking for guests."),
			"breakfast": text("El desayuno está incluido y se sirve de 7:00 a 10:30.", "Breakfast is included, from 7 to 10:30 am."),
			"pets":      text("Sí, aceptamos perros de hasta 10 kg, sin cargo.", "Yes, dogs of up to 10 kg are welcome, free of charge."),
			"location":  text("Estamos en Boulogne Sur Mer 1450, frente al parque.", "We are at Boulogne Sur Mer 1450, facing the park."),
		},
		Policies: map[string]map[string]string{
			"cancellation": text("Podés cancelar sin cargo hasta 48 horas antes.", "You can cancel free of charge up to 48 hours ahead."),
		},
		RoomTypes: []conversation.RoomFact{
			room("1", "Single", "una cama, vista al patio", 1, "simple", "individual"),
			room("2", "Doble clásica", "cama matrimonial, vista al patio", 2, "doble", "matrimonial", "double"),
			room("3", "Triple", "una cama matrimonial y una simple", 3, "triple"),
			room("4", "Suite familiar", "dos ambientes, cuatro camas", 4, "suite", "familiar", "family suite"),
		},
		StaffPhones: []string{"5492615550900"}, ReceptionURL: "http://localhost:8003/reception",
	}
}

func strangersBooking() hotel.Reservation {
	return hotel.Reservation{Property: "parque", Order: "77", Code: "QWERTYUIO", RoomType: hotel.RoomType{ID: "2", Name: "Doble clásica"},
		Stay:  hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 11), CheckOut: hotel.NewDate(2026, 12, 13)},
		Rooms: 1, Adults: 2, Total: hotel.Money{Minor: 17000000, Currency: "ARS"}, Status: hotel.StatusBooked,
		Contact: hotel.Contact{FirstName: "Julia", LastName: "Fernández Ríos", Email: "julia@correo.test"}}
}

// answer is what the hotel says to a set of reads.
func (p *play) answer(set *conversation.ReadSet) []conversation.Answer {
	var out []conversation.Answer
	for _, r := range set.Reads {
		if p.hotel == "down" {
			out = append(out, conversation.ReadFailed{Kind: hotel.Unavailable})
			continue
		}
		var stale time.Time
		if p.hotel == "stale" {
			stale = p.now.Add(-12*time.Minute - 30*time.Second)
		}
		switch r := r.(type) {
		case conversation.ReadAvailability:
			code, refuses := strings.CutPrefix(p.hotel, "refuses ")
			switch {
			case refuses:
				out = append(out, conversation.ReadFailed{Kind: hotel.Invalid, Code: code})
			case r.Fresh && !stale.IsZero():
				out = append(out, conversation.ReadFailed{Kind: hotel.Unavailable})
			default:
				out = append(out, conversation.AvailabilityRead{Availability: p.availability(r.AvailabilityQuery), Stale: stale})
			}
		case conversation.ReadBooking:
			b, found := p.bookings[r.Code]
			out = append(out, conversation.BookingRead{Found: found, Reservation: b, Stale: stale})
		case conversation.ReadRooms:
			var types []hotel.RoomType
			for _, r := range p.rooms {
				types = append(types, r.RoomType)
			}
			out = append(out, conversation.RoomsRead{RoomTypes: types, Stale: stale})
		default:
			out = append(out, conversation.ReadFailed{Kind: hotel.Invalid})
		}
	}
	return out
}

var nightly = map[hotel.RoomTypeID]int64{"1": 52000, "2": 85000, "3": 110000, "4": 148500}

func (p *play) availability(q hotel.AvailabilityQuery) hotel.Availability {
	a := hotel.Availability{Query: q, At: p.now}
	for _, r := range p.rooms {
		if q.RoomType != "" && q.RoomType != r.ID {
			continue
		}
		night := hotel.Money{Minor: nightly[r.ID] * p.price, Currency: "ARS"}
		total := night.Times(q.Rooms * q.Stay.Nights())
		for _, x := range p.extras {
			total.Minor += x.Total.Minor
		}
		a.Offers = append(a.Offers, hotel.Offer{RoomType: r.RoomType, Free: p.free[r.ID], Nightly: night, Total: total, Extras: p.extras})
	}
	return a
}

// reserve makes the booking that was asked for.
func (p *play) reserve() hotel.Reservation {
	require.NotNil(p.t, p.pending)
	p.codes++
	r := hotel.Reservation{Reference: p.pending.Reference, Property: p.pending.Property, Order: "1" + string(rune('0'+p.codes)),
		Code: hotel.BookingCode("ABCDEFGH" + string(rune('H'+p.codes))), RoomType: p.pending.RoomType, Stay: p.pending.Stay, Rooms: p.pending.Rooms(),
		Total: p.pending.Quote, Contact: p.pending.Contact, Status: hotel.StatusBooked, Extras: p.pending.Extras}
	if first, last, found := strings.Cut(p.record, " "); found {
		r.Contact.FirstName, r.Contact.LastName = first, last
	}
	occupy(&r, p.pending.Parties)
	p.bookings[r.Code] = r
	return r
}

func occupy(r *hotel.Reservation, parties []hotel.Party) {
	r.Rooms, r.Adults, r.Children, r.Rows = len(parties), 0, 0, nil
	for i, party := range parties {
		r.Adults += party.Adults
		r.Children += party.Children
		r.Rows = append(r.Rows, hotel.RoomRow{ID: int64(i + 1), Room: int64(i + 1), Adults: party.Adults, Children: party.Children, Ages: party.Ages})
	}
}

// reserveChange makes the change that was asked for.
func (p *play) reserveChange(oldStands bool) hotel.ChangeResult {
	require.NotNil(p.t, p.change)
	out := hotel.ChangeResult{Reference: p.change.Reference, Booking: p.change.Booking.Code, Outcome: hotel.OutcomeChanged, OldStands: oldStands}
	r := p.bookings[p.change.Booking.Code]
	if p.change.Moves() {
		r.Stay, r.Total = p.change.Stay, p.change.Quote
	} else {
		anew := p.change.Anew()
		if !oldStands {
			r.Status = hotel.StatusCancelled
			p.bookings[r.Code] = r
		}
		p.pending = &anew
		r = p.reserve()
	}
	p.bookings[r.Code] = r
	out.Reservation = r
	return out
}

// pesos reads a sum; what is none is no sum.
func pesos(sum string) hotel.Money {
	n, err := strconv.ParseInt(sum, 10, 64)
	if err != nil {
		return hotel.Money{}
	}
	return hotel.Money{Minor: n * 100, Currency: "ARS"}
}

// pairPart is one of several requests that are out together.
type pairPart struct {
	key     hotel.Key
	request hotel.BookingRequest
}

// rememberPart keeps a request that is one of several.
func (p *play) rememberPart(r hotel.BookingRequest, key hotel.Key) {
	switch {
	case strings.HasSuffix(string(r.Reference), "-1"):
		p.pair = []pairPart{{key, r}}
	case strings.Contains(strings.TrimPrefix(string(r.Reference), "WA-"), "-"):
		p.pair = append(p.pair, pairPart{key, r})
	}
}

// pairResult is what became of one of several requests: "booked", "withdrawn", "died", or an outcome and what it is about.
func (p *play) pairResult(part pairPart, what string) conversation.Input {
	ref := part.request.Reference
	switch what {
	case "booked":
		p.pending = &part.request
		return p.row1(hotel.KindBooked, hotel.BookingResult{Reference: ref, Outcome: hotel.OutcomeConfirmed, Reservation: p.reserve()})
	case "withdrawn":
		return p.row1(hotel.KindWithdrawn, hotel.SendResult{Key: part.key, Kind: hotel.KindBook, Reference: ref})
	case "died":
		return p.row1(hotel.KindSendFailed, hotel.SendResult{Key: part.key, Kind: hotel.KindBook, Reference: ref})
	}
	outcome, about, _ := strings.Cut(what, " ")
	return p.row1(hotel.KindBookingFailed, hotel.BookingResult{Reference: ref, Outcome: hotel.BookingOutcome(outcome), NewTotal: pesos(about), Code: about})
}
