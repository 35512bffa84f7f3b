package qloapps

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"

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
		Types    many[wireAvailable] `json:"room_types"`
	}
	wireAvailable struct {
		ID         number `json:"id_room_type"`
		Nightly    number `json:"base_price_with_tax"`
		TotalNet   number `json:"total_price"`
		TotalGross number `json:"total_price_with_tax"`
		Name       words  `json:"name"`
		Rooms      many[struct {
			Available keyed `json:"available"`
		}] `json:"rooms"`
	}
)

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

// offers puts a price on each type of the answer: QloApps' own, and what the
// hotel adds. A type that is not let for so few or so many nights has none free.
func offers(ari wireARI, held contents, k currency, q hotel.AvailabilityQuery) ([]hotel.Offer, error) {
	var all []hotel.Offer
	for _, t := range ari.Types {
		id := hotel.RoomTypeID(strconv.Itoa(t.ID.int()))
		rt, ok := held.roomType(id)
		if !ok {
			rt = hotel.RoomType{ID: id} // made since the catalogue was read: its limits are unknown
		}
		if t.Name != "" {
			rt.Name = string(t.Name)
		}
		o := hotel.Offer{RoomType: rt}
		for _, r := range t.Rooms {
			o.Free += int(r.Available)
		}
		if checkNights(rt, q.Stay.Nights()) != nil {
			o.Free = 0
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
