package qloapps

import (
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// contents is what changes rarely: the hotel's window of bookable days, its room
// types with their limits and texts, and the services that go with them.
type contents struct {
	version  string // of QloApps
	window   window
	types    []hotel.RoomDetails
	withRoom map[hotel.RoomTypeID][]charge // auto-added; their price is in the room's
	extras   map[hotel.RoomTypeID][]charge // of Config.Services: added by us, and priced beside the room
	offered  map[hotel.RoomTypeID][]int    // ids of all services that go with the type
}

func (c contents) roomType(id hotel.RoomTypeID) (hotel.RoomType, bool) {
	i := slices.IndexFunc(c.types, func(rt hotel.RoomDetails) bool { return rt.ID == id })
	if i < 0 {
		return hotel.RoomType{}, false
	}
	return c.types[i].RoomType, true
}

// services are the ids that a booking of the type must name.
func (c contents) services(id hotel.RoomTypeID) []int {
	var ids []int
	for _, s := range c.withRoom[id] {
		ids = append(ids, s.id)
	}
	for _, s := range c.extras[id] {
		ids = append(ids, s.id)
	}
	return ids
}

// inRoom tells whether the service's price is in the type's room price.
func (c contents) inRoom(id hotel.RoomTypeID, service int) bool {
	return slices.ContainsFunc(c.withRoom[id], func(s charge) bool { return s.id == service })
}

// RoomTypes reads the hotel's active room types with their limits and their
// texts by language, and refreshes what the client remembers.
func (c *Client) RoomTypes(ctx context.Context) ([]hotel.RoomDetails, error) {
	held, err := c.known(ctx, "qloapps.RoomTypes", true)
	if err != nil {
		return nil, err
	}
	details := slices.Clone(held.types)
	for i, d := range details {
		details[i].Names, details[i].Descriptions = maps.Clone(d.Names), maps.Clone(d.Descriptions)
	}
	return details, nil
}

// known returns the catalogue, loading it when it is too old; one load at a time.
func (c *Client) known(ctx context.Context, op string, fresh bool) (contents, error) {
	return c.catalogue.get(ctx, op, c.config.Now(), c.config.CatalogueTTL, fresh, func() (contents, error) { return c.load(ctx, op) })
}

// lately is the catalogue as it was a minute ago at most, for who misses something in it.
func (c *Client) lately(ctx context.Context, op string) (contents, error) {
	return c.catalogue.get(ctx, op, c.config.Now(), min(time.Minute, c.config.CatalogueTTL), false, func() (contents, error) { return c.load(ctx, op) })
}

type (
	wireLimits struct {
		Product     number `json:"id_product"`
		Hotel       number `json:"id_hotel"`
		MaxAdults   number `json:"max_adults"`
		MaxChildren number `json:"max_children"`
		MaxGuests   number `json:"max_guests"`
		MinNights   number `json:"min_los"`
		MaxNights   number `json:"max_los"`
	}
	wireRoomType struct {
		ID       number     `json:"id"`
		Active   number     `json:"active"`
		TaxGroup number     `json:"id_tax_rules_group"`
		Name     translated `json:"name"`
		Short    translated `json:"description_short"`
		Long     translated `json:"description"`
		Links    struct {
			Services many[wireLink] `json:"services"`
		} `json:"associations"`
	}
	// wireLink is a service as it goes with a room type: with a price and a tax of
	// its own there, or null.
	wireLink struct {
		ID       number `json:"id"`
		Price    number `json:"price"`
		TaxGroup number `json:"id_tax_rules_group"`
	}
)

func (c *Client) load(ctx context.Context, op string) (contents, error) {
	branch, err := c.branch(ctx, op)
	if err != nil {
		return contents{}, err
	}
	var limits []wireLimits
	if err := c.list(ctx, op, "hotel_room_types", "hotel_room_types", query{"display": "full"}, &limits); err != nil {
		return contents{}, err
	}
	var types []wireRoomType
	if err := c.list(ctx, op, "room_types", "room_types", query{"display": "full"}, &types); err != nil {
		return contents{}, err
	}
	spoken, usual, err := c.languages(ctx, op)
	if err != nil {
		return contents{}, err
	}
	held := contents{version: branch.version(), window: branch.window(), withRoom: map[hotel.RoomTypeID][]charge{}, extras: map[hotel.RoomTypeID][]charge{}, offered: map[hotel.RoomTypeID][]int{}}
	types = c.ours(types, limits)
	for _, t := range types {
		held.types = append(held.types, details(t, limits, spoken, usual))
	}
	return held, c.addServices(ctx, op, &held, types, branch, usual)
}

// ours are the active types of this hotel.
func (c *Client) ours(types []wireRoomType, limits []wireLimits) []wireRoomType {
	return slices.DeleteFunc(types, func(t wireRoomType) bool {
		i := limitsOf(t, limits)
		return i < 0 || limits[i].Hotel.int() != c.config.HotelID || t.Active.int() != 1
	})
}

func limitsOf(t wireRoomType, limits []wireLimits) int {
	return slices.IndexFunc(limits, func(l wireLimits) bool { return l.Product.int() == t.ID.int() })
}

func (t wireRoomType) id() hotel.RoomTypeID { return hotel.RoomTypeID(strconv.Itoa(t.ID.int())) }

func details(t wireRoomType, limits []wireLimits, spoken []language, usual int) hotel.RoomDetails {
	l := limits[limitsOf(t, limits)]
	text := t.Short
	if plainText(text.in(usual)) == "" {
		text = t.Long
	}
	return hotel.RoomDetails{
		RoomType: hotel.RoomType{ID: t.id(), Name: t.Name.in(usual), Description: plainText(text.in(usual)),
			MaxAdults: l.MaxAdults.int(), MaxChildren: l.MaxChildren.int(), MaxGuests: l.MaxGuests.int(),
			MinNights: minimum(l.MinNights.int()), MaxNights: l.MaxNights.int()},
		Names: t.Name.every(spoken, strings.TrimSpace), Descriptions: text.every(spoken, plainText),
	}
}

// minimum is a least number of nights; one night is none.
func minimum(nights int) int {
	if nights <= 1 {
		return 0
	}
	return nights
}

// language is one that the shop speaks.
type language struct {
	id  int
	iso string // "es"
}

// languages reads the active languages, and the id of the shop's own. A key that
// may not read them costs the texts by language, nothing else.
func (c *Client) languages(ctx context.Context, op string) ([]language, int, error) {
	var all []struct {
		ID     number `json:"id"`
		ISO    words  `json:"iso_code"`
		Active number `json:"active"`
	}
	err := c.list(ctx, op, "languages", "languages", query{"display": "[id,iso_code,active]"}, &all)
	if notGranted(err) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	var active []language
	for _, l := range all {
		if l.Active.int() == 1 && l.ISO != "" {
			active = append(active, language{l.ID.int(), strings.ToLower(string(l.ISO))})
		}
	}
	if len(active) < 2 {
		return active, 0, nil
	}
	settings, err := c.settings(ctx, op, "PS_LANG_DEFAULT")
	if notGranted(err) {
		return active, 0, nil
	}
	return active, number(settings["PS_LANG_DEFAULT"]).int(), err
}

// settings reads some of the shop's configurations by name; those that are not set are left out.
func (c *Client) settings(ctx context.Context, op string, names ...string) (map[string]string, error) {
	var all []struct {
		Name  words `json:"name"`
		Value words `json:"value"`
	}
	q := query{"display": "[name,value]", "filter[name]": "[" + strings.Join(names, "|") + "]"}
	if err := c.list(ctx, op, "configurations", "configurations", q, &all); err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, s := range all {
		m[string(s.Name)] = string(s.Value)
	}
	return m, nil
}

// notGranted tells whether the key works, but not for this resource.
func notGranted(err error) bool {
	e, ok := errors.AsType[*hotel.Error](err)
	return ok && (e.Code == fmt.Sprintf("%s401/%d", live, resourceCode) || e.Code == fmt.Sprintf("%s405/%d", live, methodCode))
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plainText takes the HTML out of a description.
func plainText(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(s, " "))), " ")
}

// roomTypeNumber is the id as QloApps wants it.
func roomTypeNumber(id hotel.RoomTypeID) (int, error) {
	n, err := strconv.Atoi(string(id))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("room type %q is not a number", id)
	}
	return n, nil
}
