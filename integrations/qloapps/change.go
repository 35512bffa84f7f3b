package qloapps

import (
	"context"
	"errors"

	"github.com/conserje/conserje/hotel"
)

// Change moves a booking to other dates, in place.
func (c *Client) Change(_ context.Context, _ hotel.ChangeRequest) (hotel.Reservation, error) {
	return hotel.Reservation{}, &hotel.Error{Op: "qloapps.Change", Kind: hotel.Invalid, Err: errors.New("not written yet")}
}

// Changes reads the orders that somebody made or touched since a mark.
func (c *Client) Changes(_ context.Context, _ string) ([]hotel.OrderChange, string, error) {
	return nil, "", &hotel.Error{Op: "qloapps.Changes", Kind: hotel.Invalid, Err: errors.New("not written yet")}
}
