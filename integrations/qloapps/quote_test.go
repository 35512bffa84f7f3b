package qloapps_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// What is quoted is what is booked, read and moved, to the cent: with services
// priced with the room and beside it, two rooms, children and a second currency.
func TestQuoteIsBookingToTheCent(t *testing.T) {
	t.Parallel()
	for _, version := range []qloappstest.Switches{{Strict: true}, {}, {Old: true}} {
		for currency, rate := range map[string]float64{"USD": 1, "EUR": 0.9, "BRL": 5.43, "CLP": 947.5} {
			for _, services := range [][]int{nil, {6}, {6, 9}} {
				t.Run(fmt.Sprintf("%s/%v/%+v", currency, services, version.Old), func(t *testing.T) {
					t.Parallel()
					p := qloappstest.PrimeHotel()
					if currency != p.Currency {
						p.Currencies = []qloappstest.Currency{{ISO: currency, Rate: rate}}
					}
					b := setup(t, p, func(c *qloapps.Config) { c.Currency, c.Services = currency, services })
					b.sim.Set(version)
					a, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(10, 3), Rooms: 2, RoomType: "2"})
					require.NoError(t, err)
					offer := a.Offers[0]
					require.Equal(t, currency, offer.Total.Currency)
					require.Len(t, offer.Extras, len(services))

					made, err := b.Create(t.Context(), request("WA-1", 2, stay(10, 3), hotel.Party{Adults: 2, Children: 1, Ages: []int{4}}, hotel.Party{Adults: 1}))
					require.NoError(t, err)
					require.Equal(t, offer.Total, made.Total)
					require.Equal(t, offer.Tax, made.Tax)
					require.Equal(t, offer.Extras, made.Extras)
					require.Equal(t, hotel.Money{Currency: currency}, made.Paid)
					read, err := b.ByCode(t.Context(), made.Code)
					require.NoError(t, err)
					require.Equal(t, made, read)

					a, err = b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(20, 2), Rooms: 2, RoomType: "2"})
					require.NoError(t, err)
					moved, err := b.Change(t.Context(), hotel.ChangeRequest{Booking: made, Stay: stay(20, 2)})
					require.NoError(t, err)
					require.Equal(t, a.Offers[0].Total, moved.Total)
					require.Equal(t, a.Offers[0].Extras, moved.Extras)
				})
			}
		}
	}
}

// Prices that leave fractions of a cent: each line of a booking is rounded by itself.
func TestQuoteOfOddPricesIsBookingToTheCent(t *testing.T) {
	t.Parallel()
	for _, price := range []float64{123.45, 99.99, 0.07, 33.333333, 87.21} {
		for _, tax := range []float64{0, 4, 8.25, 10.5, 21} {
			t.Run(fmt.Sprintf("%v at %v", price, tax), func(t *testing.T) {
				t.Parallel()
				p := qloappstest.PrimeHotel()
				p.TaxPercent, p.RoomTypes[0].Price = tax, price
				p.Services[0].Price, p.Services[4].Price = 3.33, 7.77
				b := setup(t, p, func(c *qloapps.Config) { c.Services = []int{9} })
				for rooms := 1; rooms <= 3; rooms++ {
					at := stay(10*rooms, 3)
					a, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: at, Rooms: rooms, RoomType: "1"})
					require.NoError(t, err)
					r := request(fmt.Sprintf("WA-%d", rooms), 1, at)
					r.Parties = make([]hotel.Party, rooms)
					for i := range r.Parties {
						r.Parties[i] = hotel.Party{Adults: 1}
					}
					made, err := b.Create(t.Context(), r)
					require.NoError(t, err)
					require.Equal(t, a.Offers[0].Total.String(), made.Total.String(), "%d rooms", rooms)
					require.Equal(t, a.Offers[0].Extras, made.Extras)
				}
			})
		}
	}
}

// A sum that rounding does not explain is taken as QloApps says it.
func TestPriceThatNoLinesExplain(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(allLinks), "POST hotel_ari": `{"hotel_ari":{"currency":"USD","room_types":[` +
		`{"id_room_type":1,"base_price":100,"base_price_with_tax":"104","total_price":0,"total_price_with_tax":"520.10","rooms":{"available":[]}}]}}`})
	a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(1, 1), Rooms: 1})
	require.NoError(t, err)
	require.Equal(t, usd(52010), a.Offers[0].Total)
	require.Equal(t, usd(52010), a.Offers[0].Tax)
}

// Where nobody can read a booking, its order's own currency is still told.
func TestSecondCurrencyWithoutTheBooking(t *testing.T) {
	t.Parallel()
	p := qloappstest.PrimeHotel()
	p.Currencies = []qloappstest.Currency{{ISO: "EUR", Rate: 0.9}}
	b := setup(t, p, func(c *qloapps.Config) { c.Currency = "EUR" })
	made, err := b.Create(t.Context(), request("WA-1", 1, stay(10, 2)))
	require.NoError(t, err)
	require.Equal(t, "EUR 2340.00", made.Total.String())
	b.sim.Set(qloappstest.Switches{Strict: true, TaxExcluded: true})
	for _, other := range []string{"EUR", "USD", ""} {
		c := client(t, b.url, p, func(c *qloapps.Config) { c.Currency = other })
		read, err := c.ByCode(t.Context(), made.Code)
		require.NoError(t, err)
		require.Equal(t, made.Total, read.Total)
		require.Equal(t, made.Tax, read.Tax)
	}
}

// The room type's own language texts and limits, as a shop of two languages has them.
func TestRoomTypesOfAShopWithTwoLanguages(t *testing.T) {
	t.Parallel()
	p := qloappstest.Hotel(1)
	p.Languages = []qloappstest.Language{{ISO: "es", Name: "Español"}, {ISO: "en", Name: "English"}}
	p.RoomTypes[0].Name, p.RoomTypes[0].Description = "Doble", "Con vista"
	p.RoomTypes[0].Texts = map[string]qloappstest.Text{"en": {Name: "Double", Description: "With a view"}}
	p.RoomTypes[0].MinNights, p.RoomTypes[0].MaxNights = 2, 7
	types, err := setup(t, p).RoomTypes(t.Context())
	require.NoError(t, err)
	require.Equal(t, []hotel.RoomDetails{{RoomType: hotel.RoomType{ID: "1", Name: "Doble", Description: "Con vista", MaxAdults: 2, MaxChildren: 2, MaxGuests: 4, MinNights: 2, MaxNights: 7},
		Names: map[string]string{"es": "Doble", "en": "Double"}, Descriptions: map[string]string{"es": "Con vista", "en": "With a view"}}}, types)
}

// The version is told by the fields of the hotel, and 1.6.1 names days by date.
func TestOldVersionsWindow(t *testing.T) {
	t.Parallel()
	p := qloappstest.Hotel(1)
	p.OrderUntil = today.AddDays(10).String()
	b := setup(t, p)
	b.sim.Set(qloappstest.Switches{Old: true})
	_, err := b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(8, 2), Rooms: 1})
	require.NoError(t, err)
	_, err = b.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(8, 3), Rooms: 1})
	requireKind(t, err, hotel.Invalid, "bad_too_far")
	_, err = b.Create(t.Context(), request("WA-1", 1, stay(8, 3)))
	requireKind(t, err, hotel.Invalid, "bad_too_far")
}
