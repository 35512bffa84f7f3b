package qloapps_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/integrations/qloapps"
)

// ariJSON is a type free in two rooms, at 1250 without tax and 1300 with it, of
// which 250 are a service that is priced with the room.
func ariJSON(currency string, nights, rooms int) string {
	n := 1250 * nights * rooms
	return fmt.Sprintf(`{"hotel_ari":{"id_hotel":"1","currency":%q,"total_rooms":5,"room_types":[{"id_room_type":1,"base_price":1250,"base_price_with_tax":1300,`+
		`"total_price":%d,"total_price_with_tax":%d,"name":"Double","rooms":{"available":{"1":{"id_room":1},"2":{"id_room":2}}}}]}}`, currency, n, n*104/100)
}

func limitsOf(least, most int) string {
	return fmt.Sprintf(`{"hotel_room_types":[{"id":"1","id_product":"1","id_hotel":"1","max_adults":"2","max_children":2,"max_guests":"4","min_los":%d,"max_los":"%d"}]}`, least, most)
}

// The server takes a booking for any day over the API: its own limits are checked here.
func TestLimitsOfTheHotelAndOfTheRoomType(t *testing.T) {
	t.Parallel()
	hotelWith := func(fields string) string { return `{"hotels":[{"id":1,` + fields + `}]}` }
	none := hotelWith(`"max_checkout_offset":"0","min_booking_offset":""`)
	for name, tt := range map[string]struct {
		hotel, limits string
		stay          hotel.Stay
		code          string
	}{
		"Free":         {none, limitsOf(1, 0), stay(3000, 1), ""},
		"TooSoon":      {hotelWith(`"max_checkout_offset":"0","min_booking_offset":"2"`), limitsOf(1, 0), stay(1, 1), "bad_too_soon"},
		"SoonEnough":   {hotelWith(`"max_checkout_offset":"0","min_booking_offset":2`), limitsOf(1, 0), stay(2, 1), ""},
		"LastDay":      {hotelWith(`"max_checkout_offset":"30","min_booking_offset":"0"`), limitsOf(1, 0), stay(28, 2), ""},
		"TooFar":       {hotelWith(`"max_checkout_offset":"30","min_booking_offset":"0"`), limitsOf(1, 0), stay(28, 3), "bad_too_far"},
		"OldFree":      {hotelWith(`"max_order_date":"0000-00-00","preparation_time":"0000-00-00"`), limitsOf(1, 0), stay(3000, 1), ""},
		"OldTooFar":    {hotelWith(`"max_order_date":"2026-12-01 00:00:00","preparation_time":0`), limitsOf(1, 0), stay(6, 3), "bad_too_far"},
		"OldLastDay":   {hotelWith(`"max_order_date":"2026-12-01","preparation_time":0`), limitsOf(1, 0), stay(6, 2), ""},
		"OldTooSoon":   {hotelWith(`"max_order_date":"0000-00-00","preparation_time":"3"`), limitsOf(1, 0), stay(2, 1), "bad_too_soon"},
		"TooShort":     {none, limitsOf(3, 5), stay(1, 2), "bad_min_stay"},
		"ShortEnough":  {none, limitsOf(3, 5), stay(1, 3), ""},
		"LongEnough":   {none, limitsOf(3, 5), stay(1, 5), ""},
		"TooLong":      {none, limitsOf(3, 5), stay(1, 6), "bad_max_stay"},
		"MayBeAnyLong": {none, limitsOf(0, 0), stay(1, 90), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"GET hotels": tt.hotel, "GET hotel_room_types": tt.limits, "POST hotel_ari": ariJSON("USD", tt.stay.Nights(), 1)})
			one, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: tt.stay, Rooms: 1, RoomType: "1"})
			_, bookErr := c.Create(t.Context(), request("WA-1", 1, tt.stay))
			all, allErr := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: tt.stay, Rooms: 1})
			if tt.code == "" {
				require.NoError(t, err)
				require.Equal(t, 2, one.Offers[0].Free)
				require.NotEqual(t, hotel.Invalid, hotel.KindOf(bookErr))
				return
			}
			requireKind(t, err, hotel.Invalid, tt.code)
			requireKind(t, bookErr, hotel.Invalid, tt.code)
			if tt.code == "bad_min_stay" || tt.code == "bad_max_stay" {
				require.NoError(t, allErr, "other types may be let for that long")
				require.Zero(t, all.Offers[0].Free)
				return
			}
			requireKind(t, allErr, hotel.Invalid, tt.code)
		})
	}
}

// Midnight at the hotel, not at the server, ends a day.
func TestTodayIsTheHotelsDay(t *testing.T) {
	t.Parallel()
	at := func(hour int, zone string) error {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		c := scriptedClient(t, scripted{"POST hotel_ari": ariJSON("USD", 1, 1)}, func(c *qloapps.Config) {
			c.Zone, c.Now = loc, func() time.Time { return time.Date(2026, time.November, 24, hour, 0, 0, 0, time.UTC) }
		})
		_, err = c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(0, 1), Rooms: 1})
		return err
	}
	require.NoError(t, at(2, "America/Argentina/Buenos_Aires"), "it is still the 23rd there")
	requireKind(t, at(3, "America/Argentina/Buenos_Aires"), hotel.Invalid, "bad_stay")
	requireKind(t, at(2, "UTC"), hotel.Invalid, "bad_stay")
}

func TestTextsByLanguage(t *testing.T) {
	t.Parallel()
	two := `{"room_types":[{"id":1,"active":1,"name":[{"id":1,"value":"Doble"},{"id":2,"value":"Double"}],"description_short":[{"id":1,"value":""},{"id":2,"value":""}],` +
		`"description":[{"id":1,"value":"<p>Con vista<\/p>"},{"id":2,"value":""}]}]}`
	one := `{"room_types":[{"id":1,"active":1,"name":"Doble","description_short":"<b>Vista<\/b>"}]}`
	single := `{"languages":[{"id":7,"iso_code":"es","active":1}]}`
	refused := `401`
	for name, tt := range map[string]struct {
		types, languages, settings string
		want                       hotel.RoomDetails
	}{
		"Two": {two, languagesJSON, settingsJSON, hotel.RoomDetails{RoomType: hotel.RoomType{Name: "Double"},
			Names: map[string]string{"es": "Doble", "en": "Double"}, Descriptions: map[string]string{"es": "Con vista"}}},
		"TwoOtherDefault": {two, languagesJSON, `{"configurations":[{"name":"PS_LANG_DEFAULT","value":"1"}]}`, hotel.RoomDetails{
			RoomType: hotel.RoomType{Name: "Doble", Description: "Con vista"},
			Names:    map[string]string{"es": "Doble", "en": "Double"}, Descriptions: map[string]string{"es": "Con vista"}}},
		"One": {one, single, settingsJSON, hotel.RoomDetails{RoomType: hotel.RoomType{Name: "Doble", Description: "Vista"},
			Names: map[string]string{"es": "Doble"}, Descriptions: map[string]string{"es": "Vista"}}},
		"NotGranted":         {two, refused, settingsJSON, hotel.RoomDetails{RoomType: hotel.RoomType{Name: "Doble", Description: "Con vista"}}},
		"SettingsNotGranted": {one, languagesJSON, refused, hotel.RoomDetails{RoomType: hotel.RoomType{Name: "Doble", Description: "Vista"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"GET room_types": tt.types, "GET languages": tt.languages, "GET configurations": tt.settings})
			got, err := c.RoomTypes(t.Context())
			require.NoError(t, err)
			require.Len(t, got, 1)
			tt.want.ID, tt.want.MaxAdults, tt.want.MaxChildren, tt.want.MaxGuests = "1", 2, 2, 4
			require.Equal(t, tt.want, got[0])
		})
	}
}

const extraServices = `{"services":[
	{"id":5,"name":"Cleaning","active":1,"auto_add_to_cart":1,"price_addition_type":1,"price":"250.000000","price_calculation_method":2,"id_tax_rules_group":0},
	{"id":6,"name":"Internet","active":1,"auto_add_to_cart":1,"price_addition_type":2,"price":"250.000000","price_calculation_method":1,"id_tax_rules_group":1},
	{"id":9,"name":"Breakfast","active":1,"auto_add_to_cart":0,"price_addition_type":1,"price":"350.000000","price_calculation_method":2,"id_tax_rules_group":"1"},
	{"id":10,"name":"Dinner","active":0,"auto_add_to_cart":0,"price_addition_type":1,"price":"450.000000","price_calculation_method":2,"id_tax_rules_group":1},
	{"id":11,"name":"Sauna","active":1,"auto_add_to_cart":0,"price_addition_type":1,"price":"10.005000","price_calculation_method":1,"id_tax_rules_group":0},
	{"id":12,"name":"Boat","active":1,"auto_add_to_cart":0,"price_addition_type":1,"price":"1","price_calculation_method":1,"id_tax_rules_group":0}]}`

func extraTypes(links string) string {
	return `{"room_types":[{"id":1,"active":1,"name":"Double","associations":{"services":[` + links + `]}}]}`
}

const allLinks = `{"id":5,"price":null,"id_tax_rules_group":null},{"id":6,"price":null,"id_tax_rules_group":null},{"id":9,"price":null,"id_tax_rules_group":null},{"id":10},{"id":11,"price":null}`

const (
	alabama = `{"tax_rules":[{"id_tax_rules_group":1,"id_state":1,"id_country":21,"zipcode_from":"0","zipcode_to":"0","id_tax":1,"behavior":1},` +
		`{"id_tax_rules_group":1,"id_state":2,"id_country":21,"zipcode_from":"0","zipcode_to":"0","id_tax":2,"behavior":1}]}`
	rates = `{"taxes":[{"id":1,"rate":"4.000"},{"id":2,"rate":"9.000"}]}`
)

// As R152 was booked: two nights with 5, 6 and 9 come to 3450 and 138 of tax.
func TestListedServicesAreInTheQuote(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(allLinks), "GET tax_rules": alabama, "GET taxes": rates,
		"POST hotel_ari": ariJSON("USD", 2, 1)}, func(c *qloapps.Config) { c.Services = []int{6, 9} })
	a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(10, 2), Rooms: 1})
	require.NoError(t, err)
	o := a.Offers[0]
	require.Equal(t, "USD 3588.00", o.Total.String())
	require.Equal(t, "USD 138.00", o.Tax.String())
	require.Equal(t, "USD 1300.00", o.Nightly.String(), "of the room alone")
	require.Equal(t, []hotel.Extra{{Name: "Internet", Total: usd(26000)}, {Name: "Breakfast", Total: usd(72800)}}, o.Extras)

	c = scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(allLinks), "POST hotel_ari": ariJSON("USD", 2, 2)})
	a, err = c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(10, 2), Rooms: 2})
	require.NoError(t, err)
	require.Equal(t, "USD 5200.00", a.Offers[0].Total.String())
	require.Empty(t, a.Offers[0].Extras, "what is not listed is never booked")
}

func usd(minor int64) hotel.Money { return hotel.Money{Minor: minor, Currency: "USD"} }

func TestTaxOfAListedService(t *testing.T) {
	t.Parallel()
	rule := func(fields string) string { return `{"tax_rules":[` + fields + `]}` }
	at := func(country, state int, from, to string, tax, behavior int) string {
		return fmt.Sprintf(`{"id_tax_rules_group":1,"id_country":%d,"id_state":%d,"zipcode_from":%q,"zipcode_to":%q,"id_tax":%d,"behavior":%d}`, country, state, from, to, tax, behavior)
	}
	for name, tt := range map[string]struct {
		links, rules, settings string
		tax                    int64
	}{
		"Plain":        {allLinks, rule(at(21, 1, "0", "0", 1, 0)), settingsJSON, 2800},
		"WholeCountry": {allLinks, rule(at(21, 0, "0", "0", 1, 0)), settingsJSON, 2800},
		"Elsewhere":    {allLinks, rule(at(22, 0, "0", "0", 1, 0)), settingsJSON, 0},
		"Postcode":     {allLinks, rule(at(21, 1, "43000", "43999", 2, 0) + "," + at(21, 1, "0", "0", 1, 0)), settingsJSON, 6300},
		"OtherCode":    {allLinks, rule(at(21, 1, "50000", "0", 2, 0) + "," + at(21, 1, "0", "0", 1, 0)), settingsJSON, 2800},
		"Added":        {allLinks, rule(at(21, 1, "0", "0", 2, 1) + "," + at(21, 0, "0", "0", 1, 1)), settingsJSON, 9100},
		"OnTop":        {allLinks, rule(at(21, 1, "0", "0", 2, 2) + "," + at(21, 0, "0", "0", 1, 2)), settingsJSON, 9352},
		"OnlyFirst":    {allLinks, rule(at(21, 1, "0", "0", 2, 0) + "," + at(21, 0, "0", "0", 1, 1)), settingsJSON, 6300},
		"NoTaxes":      {allLinks, alabama, `{"configurations":[{"name":"PS_TAX","value":"0"}]}`, 0},
		"NoGroupHere":  {`{"id":9,"price":null,"id_tax_rules_group":0}`, alabama, settingsJSON, 0},
		"NoSuchTax":    {allLinks, rule(at(21, 1, "0", "0", 77, 0)), settingsJSON, 0},
		"NoRule":       {allLinks, `[]`, settingsJSON, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(tt.links), "GET tax_rules": tt.rules, "GET taxes": rates,
				"GET configurations": tt.settings, "POST hotel_ari": ariJSON("USD", 2, 1)}, func(c *qloapps.Config) { c.Services = []int{9} })
			a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(10, 2), Rooms: 1})
			require.NoError(t, err)
			require.Equal(t, usd(70000+tt.tax), a.Offers[0].Extras[0].Total)
			require.Equal(t, usd(10000+tt.tax), a.Offers[0].Tax)
		})
	}
}

func TestPriceOfAServiceInThisRoomType(t *testing.T) {
	t.Parallel()
	c := scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(`{"id":11,"price":"7.500000","id_tax_rules_group":1}`),
		"GET tax_rules": alabama, "GET taxes": rates, "POST hotel_ari": ariJSON("USD", 2, 2)}, func(c *qloapps.Config) { c.Services = []int{11} })
	a, err := c.Availability(t.Context(), hotel.AvailabilityQuery{Stay: stay(10, 2), Rooms: 2})
	require.NoError(t, err)
	require.Equal(t, []hotel.Extra{{Name: "Sauna", Total: usd(1560)}}, a.Offers[0].Extras, "once a room, 7.50 and 4 %")
}

func TestListedServicesAreChecked(t *testing.T) {
	t.Parallel()
	for id, why := range map[int]string{5: "priced with the room", 10: "switched off", 12: "none of this hotel's room types", 99: "not there"} {
		c := scriptedClient(t, scripted{"GET services": extraServices, "GET room_types": extraTypes(allLinks)}, func(c *qloapps.Config) { c.Services = []int{id, 6} })
		_, err := c.RoomTypes(t.Context())
		requireKind(t, err, hotel.Unauthorised, "qloapps_services")
		require.ErrorContains(t, err, fmt.Sprintf("list: %d ", id))
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "6 is", "6 may be listed")
	}
}

// As R363 was booked: 2000 and 80 of tax are 1800 and 72 euros at 0.9.
func TestSecondCurrency(t *testing.T) {
	t.Parallel()
	shop := func(rate string) scripted {
		return scripted{"GET services": extraServices, "GET room_types": extraTypes(allLinks), "GET tax_rules": alabama, "GET taxes": rates, "POST hotel_ari": ariJSON("USD", 2, 2),
			"GET currencies": `{"currencies":[{"id":1,"iso_code":"USD","conversion_rate":"1.000000","active":1,"deleted":0},{"id":2,"iso_code":"EUR","conversion_rate":"` + rate +
				`","active":"1","deleted":0},{"id":3,"iso_code":"ARS","conversion_rate":"1000","active":0,"deleted":0},{"id":4,"iso_code":"CLP","conversion_rate":"900","active":1,"deleted":1}]}`}
	}
	in := func(iso string) func(*qloapps.Config) {
		return func(c *qloapps.Config) { c.Currency, c.Services = iso, []int{9} }
	}
	q := hotel.AvailabilityQuery{Stay: stay(10, 2), Rooms: 2}
	a, err := scriptedClient(t, shop("0.900000"), in("eur")).Availability(t.Context(), q)
	require.NoError(t, err)
	o := a.Offers[0]
	require.Equal(t, "EUR 1170.00", o.Nightly.String())
	require.Equal(t, "EUR 5990.40", o.Total.String(), "two rooms of 1872 and 468, and breakfast of 655.20")
	require.Equal(t, "EUR 230.40", o.Tax.String())
	require.Equal(t, []hotel.Extra{{Name: "Breakfast", Total: hotel.Money{Minor: 131040, Currency: "EUR"}}}, o.Extras)

	// Lines are rounded one by one, each with its tax apart: 2000+80, 500+20 and
	// 700+28 at 0.333333 are 666.67+26.67, 166.67+6.67 and 233.33+9.33.
	a, err = scriptedClient(t, shop("0.333333"), in("EUR")).Availability(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, "EUR 2218.68", a.Offers[0].Total.String())

	for _, iso := range []string{"ARS", "CLP", "BRL"} {
		_, err = scriptedClient(t, shop("1"), in(iso)).Availability(t.Context(), q)
		requireKind(t, err, hotel.Unauthorised, "qloapps_currency")
		require.ErrorContains(t, err, "QloApps quotes in USD, and "+iso+" is none of its active currencies")
	}
	_, err = scriptedClient(t, shop("0"), in("EUR")).Availability(t.Context(), q)
	requireKind(t, err, hotel.Transient, "qloapps_odd_200")
}
