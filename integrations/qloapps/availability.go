package qloapps

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

// The request is XML: QloApps reads JSON bodies in bookings only.
type (
	ariRoot struct {
		XMLName xml.Name `xml:"qloapps"`
		Search  ariSearch
	}
	ariSearch struct {
		XMLName     xml.Name       `xml:"hotel_ari"`
		Hotel       int            `xml:"id_hotel"`
		From        string         `xml:"date_from"`
		To          string         `xml:"date_to"`
		RoomType    int            `xml:"id_room_type,omitempty"`
		Occupancies []ariOccupancy `xml:"associations>room_occupancies>room_occupancy"`
	}
	// ariOccupancy is one room. Who sleeps in it changes nothing, how many there are multiplies the total.
	ariOccupancy struct {
		Adults   int `xml:"adults"`
		Children int `xml:"children"`
	}
	wireARI struct {
		Currency string              `json:"currency"`
		Hotel    number              `json:"id_hotel"`
		From     words               `json:"date_from"`
		To       words               `json:"date_to"`
		Types    many[wireAvailable] `json:"room_types"`
	}
	wireAvailable struct {
		ID         number    `json:"id_room_type"`
		Nightly    number    `json:"base_price_with_tax"`
		TotalNet   number    `json:"total_price"`
		TotalGross number    `json:"total_price_with_tax"`
		Name       words     `json:"name"`
		Rooms      wireRooms `json:"rooms"`
	}
)

// wireRooms are the rooms of a type; [] when it has none.
type wireRooms struct {
	Available keyed `json:"available"`
}

// UnmarshalJSONFrom takes both.
func (w *wireRooms) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	type plain wireRooms
	return optional(d, (*plain)(w))
}

// of tells whether the answer, which echoes what was asked for, is the search's:
// what stands between may answer with another one's.
func (w wireARI) of(s ariSearch) bool {
	other := func(echo, asked string) bool { return echo != "" && day(echo).String() != asked }
	return (w.Hotel == "" || w.Hotel.int() == s.Hotel) && !other(string(w.From), s.From) && !other(string(w.To), s.To)
}

// Availability asks what is free, uncached.
func (c *Client) Availability(ctx context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	const op = "qloapps.Availability"
	search, bad := c.search(q)
	if bad != nil {
		return hotel.Availability{}, bad.as(op)
	}
	held, err := c.known(ctx, op, false)
	if err != nil {
		return hotel.Availability{}, err
	}
	if f := c.checkLimits(held, q.RoomType, q.Stay); f != nil {
		return hotel.Availability{}, f.as(op)
	}
	body, err := xml.Marshal(ariRoot{Search: search})
	if err != nil {
		return hotel.Availability{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: errors.New("the search cannot be written")}
	}
	a := ask{op: op, method: http.MethodPost, resource: "hotel_ari", body: append([]byte(xml.Header), body...), kind: "text/xml", limit: c.availabilityLimit()}
	r, err := c.do(ctx, a)
	if err != nil {
		return hotel.Availability{}, err
	}
	var answer struct {
		ARI *wireARI `json:"hotel_ari"`
	}
	if err := a.decode(r, &answer); err != nil {
		return hotel.Availability{}, err
	}
	if answer.ARI == nil {
		return hotel.Availability{}, a.odd(r, "the answer has no availability")
	}
	if !answer.ARI.of(search) {
		return hotel.Availability{}, a.odd(r, "the answer is to another question")
	}
	if len(answer.ARI.Types) > 0 && answer.ARI.Currency == "" {
		return hotel.Availability{}, a.odd(r, "the prices have no currency")
	}
	if held, err = c.knowing(ctx, op, held, answer.ARI.Types); err != nil {
		return hotel.Availability{}, err
	}
	k, err := c.exchange(ctx, op, answer.ARI.Currency)
	if err != nil {
		return hotel.Availability{}, err
	}
	offers, err := offers(*answer.ARI, held, k, q)
	if err != nil {
		return hotel.Availability{}, a.odd(r, "a price cannot be read")
	}
	return hotel.Availability{Query: q, Offers: offers, At: c.config.Now()}, nil
}

// search checks what the server does not: past dates, above all.
func (c *Client) search(q hotel.AvailabilityQuery) (ariSearch, *fault) {
	s := ariSearch{Hotel: c.config.HotelID, From: q.Stay.CheckIn.String(), To: q.Stay.CheckOut.String()}
	if err := c.checkStay(q.Stay); err != nil {
		return s, &fault{"bad_stay", err.Error()}
	}
	if q.Rooms < 1 || q.Rooms > maxRooms {
		return s, &fault{"bad_rooms", fmt.Sprintf("%d rooms: from 1 to %d", q.Rooms, maxRooms)}
	}
	if q.RoomType != "" {
		n, err := roomTypeNumber(q.RoomType)
		if err != nil {
			return s, &fault{"bad_room_type", err.Error()}
		}
		s.RoomType = n
	}
	for range q.Rooms {
		s.Occupancies = append(s.Occupancies, ariOccupancy{Adults: 1})
	}
	return s, nil
}

// maxRooms keeps a slip of the tongue from becoming a request that takes minutes.
const maxRooms = 50

// knowing is the catalogue, read anew when a type of the answer is not in it: one
// that was made since has its limits, and services that a booking must name.
func (c *Client) knowing(ctx context.Context, op string, held contents, types []wireAvailable) (contents, error) {
	if !slices.ContainsFunc(types, func(t wireAvailable) bool {
		_, ok := held.roomType(hotel.RoomTypeID(strconv.Itoa(t.ID.int())))
		return !ok
	}) {
		return held, nil
	}
	return c.lately(ctx, op)
}

// offers puts a price on each type of the answer: QloApps' own, and what the
// hotel adds. A type that is not let for so few or so many nights has none free.
func offers(ari wireARI, held contents, k currency, q hotel.AvailabilityQuery) ([]hotel.Offer, error) {
	var all []hotel.Offer
	for _, t := range ari.Types {
		id := hotel.RoomTypeID(strconv.Itoa(t.ID.int()))
		rt, ok := held.roomType(id)
		if !ok {
			continue // nobody knows its limits, nor what a booking of it must name
		}
		if t.Name != "" {
			rt.Name = string(t.Name)
		}
		o := hotel.Offer{RoomType: rt}
		o.Free = int(t.Rooms.Available)
		if checkNights(rt, q.Stay.Nights()) != nil {
			o.Free = 0
		}
		if o.Free > 0 && (t.Nightly == "" || t.TotalNet == "" || t.TotalGross == "") {
			return nil, errors.New("a type that is free has no price")
		}
		if err := t.price(&o, k, held.withRoom[id], q); err != nil {
			return nil, err
		}
		if err := addExtras(&o, k, held.extras[id], q); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}
