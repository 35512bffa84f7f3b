package qloapps

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// catalogue remembers what changes rarely: room types, their limits, and the
// services that the availability's price holds.
type catalogue struct {
	turn chan struct{} // of one: who holds it reads or loads
	held contents
	at   time.Time
}

type contents struct {
	types    []hotel.RoomType
	services map[hotel.RoomTypeID][]int // auto-added and priced with the room
}

func (c contents) roomType(id hotel.RoomTypeID) (hotel.RoomType, bool) {
	i := slices.IndexFunc(c.types, func(rt hotel.RoomType) bool { return rt.ID == id })
	if i < 0 {
		return hotel.RoomType{}, false
	}
	return c.types[i], true
}

// RoomTypes reads the hotel's active room types with their limits, and refreshes what the client remembers.
func (c *Client) RoomTypes(ctx context.Context) ([]hotel.RoomDetails, error) {
	held, err := c.known(ctx, "qloapps.RoomTypes", true)
	if err != nil {
		return nil, err
	}
	details := make([]hotel.RoomDetails, 0, len(held.types))
	for _, t := range held.types {
		details = append(details, hotel.RoomDetails{RoomType: t})
	}
	return details, nil
}

// known returns the catalogue, loading it when it is too old; one load at a time.
func (c *Client) known(ctx context.Context, op string, fresh bool) (contents, error) {
	select {
	case c.catalogue.turn <- struct{}{}:
		defer func() { <-c.catalogue.turn }()
	case <-ctx.Done():
		return contents{}, &hotel.Error{Op: op, Kind: hotel.Unavailable, Code: "timeout", Err: ctx.Err()}
	}
	now := c.config.Now()
	if !fresh && !c.catalogue.at.IsZero() && now.Sub(c.catalogue.at) < c.config.CatalogueTTL {
		return c.catalogue.held, nil
	}
	loaded, err := c.load(ctx, op)
	if err != nil {
		return contents{}, err
	}
	c.catalogue.held, c.catalogue.at = loaded, now
	return loaded, nil
}

type (
	wireLimits struct {
		Product     number `json:"id_product"`
		Hotel       number `json:"id_hotel"`
		MaxAdults   number `json:"max_adults"`
		MaxChildren number `json:"max_children"`
		MaxGuests   number `json:"max_guests"`
	}
	wireRoomType struct {
		ID     number `json:"id"`
		Active number `json:"active"`
		Name   words  `json:"name"`
		Short  words  `json:"description_short"`
		Links  struct {
			Services many[struct {
				ID number `json:"id"`
			}] `json:"services"`
		} `json:"associations"`
	}
	wireService struct {
		ID       number `json:"id"`
		Active   number `json:"active"`
		AutoAdd  number `json:"auto_add_to_cart"`
		Addition number `json:"price_addition_type"`
	}
)

// withRoom is the price_addition_type of services whose price is in the room's.
const withRoom = 1

func (c *Client) load(ctx context.Context, op string) (contents, error) {
	var limits []wireLimits
	if err := c.list(ctx, op, "hotel_room_types", "hotel_room_types", query{"display": "full"}, &limits); err != nil {
		return contents{}, err
	}
	var types []wireRoomType
	if err := c.list(ctx, op, "room_types", "room_types", query{"display": "full"}, &types); err != nil {
		return contents{}, err
	}
	var services []wireService
	q := query{"display": "[id,active,auto_add_to_cart,price_addition_type]"}
	if err := c.list(ctx, op, "services", "services", q, &services); err != nil {
		return contents{}, err
	}
	return c.assemble(limits, types, services), nil
}

func (c *Client) assemble(limits []wireLimits, types []wireRoomType, services []wireService) contents {
	priced := map[int]bool{}
	for _, s := range services {
		priced[s.ID.int()] = s.Active.int() == 1 && s.AutoAdd.int() == 1 && s.Addition.int() == withRoom
	}
	held := contents{services: map[hotel.RoomTypeID][]int{}}
	for _, t := range types {
		i := slices.IndexFunc(limits, func(l wireLimits) bool { return l.Product.int() == t.ID.int() })
		if i < 0 || limits[i].Hotel.int() != c.config.HotelID || t.Active.int() != 1 {
			continue
		}
		rt := hotel.RoomType{ID: hotel.RoomTypeID(strconv.Itoa(t.ID.int())), Name: string(t.Name), Description: plainText(string(t.Short)),
			MaxAdults: limits[i].MaxAdults.int(), MaxChildren: limits[i].MaxChildren.int(), MaxGuests: limits[i].MaxGuests.int()}
		held.types = append(held.types, rt)
		for _, s := range t.Links.Services {
			if priced[s.ID.int()] {
				held.services[rt.ID] = append(held.services[rt.ID], s.ID.int())
			}
		}
	}
	return held
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
