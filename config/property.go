package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Topics are the keys that a hotel's knowledge may have: what guests ask about.
var topics = []string{"accessibility", "breakfast", "check_in", "check_out", "contact", "gym", "laundry", "location",
	"parking", "payment", "pets", "policies", "pool", "restaurant", "room_amenities", "services", "smoking", "spa",
	"transport", "wifi"}

// purposes are what approved templates are for: what may be said outside the 24 h window.
var purposes = []string{"reply", "booked"}

// Topics lists the keys that a hotel's knowledge may have.
func Topics() []string { return slices.Clone(topics) }

// locales are the languages that the engine speaks.
var locales = []string{"es", "en"}

// Texts is one text for each locale.
type Texts map[string]string

// Property is one hotel, as its YAML file says it and the environment completes it.
type Property struct {
	ID             string              `yaml:"id"`
	Name           string              `yaml:"name"`
	Address        string              `yaml:"address"`
	Phone          string              `yaml:"phone"`
	Email          string              `yaml:"email"`
	Latitude       float64             `yaml:"latitude"`
	Longitude      float64             `yaml:"longitude"`
	Map            string              `yaml:"map"`
	Country        string              `yaml:"country"`
	Currency       string              `yaml:"currency"`
	Locales        []string            `yaml:"locales"`
	Zone           string              `yaml:"zone"`
	TaxIncluded    *bool               `yaml:"tax_included"`
	MaxRooms       int                 `yaml:"max_rooms"`  // of one booking; 0 = the dialogue's default
	MaxNights      int                 `yaml:"max_nights"` // of one booking; 0 = the dialogue's default
	MaxAhead       int                 `yaml:"max_ahead"`  // days from today to a check-in; 0 = the dialogue's default
	CheckIn        string              `yaml:"check_in"`
	CheckOut       string              `yaml:"check_out"`
	BusinessHours  Week                `yaml:"business_hours"`
	WhatsApp       PropertyWhatsApp    `yaml:"whatsapp"`
	PMS            PropertyPMS         `yaml:"pms"`
	ReplyTo        string              `yaml:"reply_to"` // all, listed or none
	ReplyToNumbers []string            `yaml:"reply_to_numbers"`
	Staff          PropertyStaff       `yaml:"staff"`
	RoomTypes      map[string]RoomType `yaml:"room_types"`
	Knowledge      map[string]Texts    `yaml:"knowledge"`
	Policies       map[string]Texts    `yaml:"policies"`
	Templates      map[string]Template `yaml:"templates"`

	// File is where it was read from; empty for the environment's property.
	File string `yaml:"-"`

	node ast.Node
}

// PropertyWhatsApp is the hotel's number.
type PropertyWhatsApp struct {
	PhoneNumberID     string `yaml:"phone_number_id"`
	BusinessAccountID string `yaml:"business_account_id"`
	Portfolio         string `yaml:"portfolio"` // where a changed BSUID applies; default the business account
	TokenEnv          string `yaml:"token_env"` // variable that holds the access token
	Token             Secret `yaml:"-"`
}

// PropertyPMS is the hotel's own hotel system.
type PropertyPMS struct {
	Type    string `yaml:"type"`
	BaseURL string `yaml:"base_url"`
	KeyEnv  string `yaml:"key_env"` // variable that holds the webservice key
	HotelID int    `yaml:"hotel_id"`
	// Services are ids of the hotel system's services that every booking gets, and
	// that are no part of a room's price there: breakfast, a handling fee.
	Services []int  `yaml:"services"`
	Key      Secret `yaml:"-"`
}

// PropertyStaff is who is told at this hotel.
type PropertyStaff struct {
	Emails   []string `yaml:"emails"`
	WhatsApp []string `yaml:"whatsapp"`
	Template string   `yaml:"template"`
	Lang     string   `yaml:"lang"` // under which the template is registered
}

// RoomType is what a room type is called and holds, by the hotel system's id.
type RoomType struct {
	Names       map[string][]string `yaml:"names"` // per locale; the first is the one said
	Description Texts               `yaml:"description"`
	MaxAdults   int                 `yaml:"max_adults"`
	MaxChildren int                 `yaml:"max_children"`
	MaxGuests   int                 `yaml:"max_guests"`
}

// Template is an approved WhatsApp message.
type Template struct {
	Name string `yaml:"name"`
	Lang string `yaml:"lang"`
}

// Location is the hotel's zone. It is valid in a Config that Load returned without an error.
func (p Property) Location() *time.Location {
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// TaxIn tells whether the hotel says its prices with taxes in.
func (p Property) TaxIn() bool { return p.TaxIncluded == nil || *p.TaxIncluded }

// RoomTypeIDs lists the ids in a fixed order: shorter first, so that 2 comes before 10.
func (p Property) RoomTypeIDs() []string {
	ids := make([]string, 0, len(p.RoomTypes))
	for id := range p.RoomTypes {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return ids
}

// name says where a field of the property is set: the variable, or file, line and field.
func (p Property) name(variable, field string) string {
	if p.File == "" {
		return variable
	}
	return p.at(strings.Split(field, ".")...)
}

// at names file, line and field.
func (p Property) at(path ...string) string {
	return fmt.Sprintf("%s:%d: %s", p.File, lineOf(p.node, path...), strings.Join(path, "."))
}
