package config

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

var (
	idForm      = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`) // ParseRegion takes numbers and three letters too
)

// validate checks one hotel; what complete fills in may still be missing when it is checked alone.
func (p *Property) validate(found *problems) {
	if !idForm.MatchString(p.ID) {
		found.add(p.name("HOTEL_CONFIG", "id"), "is no id", "write lower-case letters, digits and dashes, as posada-del-cerro")
	}
	if strings.TrimSpace(p.Name) == "" {
		found.add(p.name("HOTEL_NAME", "name"), "is empty", "write the hotel's name as guests know it")
	}
	if p.Country != "" && !isCountry(p.Country) {
		found.add(p.name("COUNTRY", "country"), "is no country of ISO 3166", "write its two letters, as AR")
	}
	if p.Currency != "" && !isCurrency(p.Currency) {
		found.add(p.name("CURRENCY", "currency"), "is no currency of ISO 4217", "write its three letters, as ARS")
	}
	if _, err := time.LoadLocation(p.Zone); err != nil {
		found.add(p.name("BUSINESS_HOURS_TIMEZONE", "zone"), "is no time zone", "write an IANA name, as America/Argentina/Buenos_Aires")
	}
	if p.Latitude < -90 || p.Latitude > 90 {
		found.add(p.name("HOTEL_LATITUDE", "latitude"), "is no latitude", "write degrees from -90 to 90")
	}
	if p.Longitude < -180 || p.Longitude > 180 {
		found.add(p.name("HOTEL_LONGITUDE", "longitude"), "is no longitude", "write degrees from -180 to 180")
	}
	checkURL(p.name("map", "map"), p.Map, found)
	p.validateTimes(found)
	p.validatePeople(found)
	p.validateTexts(found)
	p.validateRooms(found)
	p.validateLimits(found)
	p.validateReplyTo(found)
}

func isCountry(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && countryForm.MatchString(code) && region.IsCountry()
}

// newCurrencies are of ISO 4217, and younger than the table that knows the others.
var newCurrencies = []string{"MRU", "SLE", "VED", "VES", "XCG", "ZWG"}

func isCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil || slices.Contains(newCurrencies, strings.ToUpper(code))
}

// validateLimits checks what a booking may be, and the approved templates.
func (p *Property) validateLimits(found *problems) {
	for _, l := range []struct {
		name  string
		value int
	}{{"max_rooms", p.MaxRooms}, {"max_nights", p.MaxNights}, {"max_ahead", p.MaxAhead}} {
		if l.value < 0 {
			found.add(p.at(l.name), "is below zero", "write a whole number, or leave it out")
		}
	}
	for _, purpose := range slices.Sorted(maps.Keys(p.Templates)) {
		if !slices.Contains(purposes, purpose) {
			found.add(p.at("templates", purpose), "is no purpose", "write one of "+strings.Join(purposes, ", "))
		}
		if t := p.Templates[purpose]; t.Name == "" || t.Lang == "" {
			found.add(p.at("templates", purpose), "lacks its name or lang", "write both as they are registered, as es_AR")
		}
	}
}

func (p *Property) validateTimes(found *problems) {
	for _, field := range []struct{ name, value string }{{"check_in", p.CheckIn}, {"check_out", p.CheckOut}} {
		if _, err := parseClock(field.value); field.value != "" && err != nil {
			found.add(p.at(field.name), "is no time of day", "write it as 14:00")
		}
	}
	for _, day := range slices.Sorted(maps.Keys(p.BusinessHours)) {
		if _, err := (Week{day: p.BusinessHours[day]}).Spans(); err != nil && p.File != "" {
			found.add(p.at("business_hours", day), err.Error(), "write spans as 08:00-22:00, 20:00-02:00 past midnight, or closed")
		}
		if _, err := parseSpans(p.BusinessHours[day]); err != nil && p.File == "" {
			found.add("BUSINESS_HOURS_START, BUSINESS_HOURS_END", err.Error(), "write times of day as 08:00 and 22:00; an end before the start is past midnight")
			return // every day says the same
		}
	}
}

func (p *Property) validatePeople(found *problems) {
	checkMail(p.name("STAFF_EMAILS", "staff.emails"), p.Staff.Emails, found)
	checkMail(p.name("email", "email"), List{p.Email}, found)
	for _, number := range p.Staff.WhatsApp {
		if p.File != "" && !digits(number) {
			found.add(p.at("staff", "whatsapp"), "holds what is no number", "write digits with country code, quoted: \"5492944550199\"")
		}
	}
}

// validateTexts checks that each text stands in every language of the hotel, and under a topic that guests ask for.
func (p *Property) validateTexts(found *problems) {
	for _, l := range p.Locales {
		if !slices.Contains(locales, l) {
			found.add(p.name("LOCALE", "locales"), "holds a language that the engine does not speak", "write es or en")
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(p.Knowledge)) {
		if !slices.Contains(topics, topic) {
			found.add(p.at("knowledge", topic), "is no topic", "write one of "+strings.Join(topics, ", "))
			continue
		}
		p.complain(p.Knowledge[topic], found, "knowledge", topic)
	}
	for _, policy := range slices.Sorted(maps.Keys(p.Policies)) {
		p.complain(p.Policies[policy], found, "policies", policy)
	}
}

// complain checks one set of texts for completeness.
func (p *Property) complain(texts Texts, found *problems, path ...string) {
	for _, l := range p.Locales {
		if strings.TrimSpace(texts[l]) == "" {
			found.add(p.at(path...), "has no text for "+l, "add it, or take "+l+" out of locales")
		}
	}
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		if len(p.Locales) > 0 && !slices.Contains(p.Locales, l) {
			found.add(p.at(append(path, l)...), "is no language of this hotel", "add "+l+" to locales, or take the text out")
		}
	}
}

func (p *Property) validateRooms(found *problems) {
	for _, id := range p.RoomTypeIDs() {
		rt := p.RoomTypes[id]
		for _, l := range p.Locales {
			if len(rt.Names[l]) == 0 {
				found.add(p.at("room_types", id, "names"), "has no name for "+l, "add one, or take "+l+" out of locales")
			}
		}
		if len(rt.Description) > 0 {
			p.complain(rt.Description, found, "room_types", id, "description")
		}
		if rt.MaxAdults < 0 || rt.MaxChildren < 0 || rt.MaxGuests < 0 || rt.MaxGuests > 0 && rt.MaxAdults > rt.MaxGuests {
			found.add(p.at("room_types", id), "max_adults, max_children and max_guests do not fit together",
				"max_guests is everyone; none is below zero")
		}
	}
}

// checkPMS checks what the hotel system needs, after completion.
func (p *Property) checkPMS(found *problems) {
	if p.PMS.HotelID < 1 {
		found.add(p.name("PMS_HOTEL_ID", "pms.hotel_id"), "is no id_hotel", "write QloApps' number of the hotel, as 1")
	}
	for i, id := range p.PMS.Services {
		if id < 1 || slices.Contains(p.PMS.Services[:i], id) {
			found.add(p.at("pms", "services"), "holds what is no id, or one twice", "write the ids of QloApps' services, each once, as [6, 9]")
			break
		}
	}
	checkURL(p.name("PMS_BASE_URL", "pms.base_url"), p.PMS.BaseURL, found)
	if p.PMS.Type != typeMock && p.PMS.Type != typeQloApps {
		if p.File != "" {
			found.add(p.at("pms", "type"), "is not known", "write qloapps, or mock for the stand-in")
		}
		return
	}
	if p.PMS.Type == typeMock {
		return
	}
	if p.PMS.BaseURL == "" {
		found.add(p.name("PMS_BASE_URL", "pms.base_url"), "is missing beside PMS_TYPE=qloapps", "write QloApps' address, as https://pms.example.com")
	}
	if p.PMS.Key.IsZero() && p.PMS.KeyEnv == "" {
		found.add(p.name("PMS_API_KEY", "pms.key_env"), "is missing beside PMS_TYPE=qloapps", "set the webservice key that QloApps' back office made")
	}
	if n := len(p.PMS.Key.Reveal()); n != 0 && n != keyLength {
		found.add(cmp.Or(p.PMS.KeyEnv, "PMS_API_KEY"), fmt.Sprintf("has %d characters, and a webservice key has %d", n, keyLength), "copy it again from QloApps' back office")
	}
}

// keyLength is that of every webservice key of QloApps.
const keyLength = 32

// validateUnique checks that no two hotels share what tells them apart.
func (c *Config) validateUnique(found *problems) {
	ids, numbers := map[string]Property{}, map[string]Property{}
	for _, p := range c.Properties {
		if other, taken := ids[p.ID]; taken {
			found.add(p.name("HOTEL_CONFIG", "id"), "is taken by "+other.name("the environment", "id"), "give each hotel an id of its own")
		}
		ids[p.ID] = p
		number := p.WhatsApp.PhoneNumberID
		if number == "" {
			if len(c.Properties) > 1 {
				found.add(p.name("WHATSAPP_PHONE_NUMBER_ID", "whatsapp.phone_number_id"), "is missing beside other hotels",
					"write the hotel's phone_number_id: it tells whose message it is")
			}
			continue
		}
		if other, taken := numbers[number]; taken {
			found.add(p.name("WHATSAPP_PHONE_NUMBER_ID", "whatsapp.phone_number_id"),
				"is taken by "+other.name("the environment", "whatsapp.phone_number_id"), "a number belongs to one hotel")
		}
		numbers[number] = p
	}
}
