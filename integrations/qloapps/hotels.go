package qloapps

import (
	"context"
	"errors"

	"github.com/conserje/conserje/hotel"
)

// Hotels is the hotel system for several properties: each has its client. It is
// not changed after it was made. An unknown property is Invalid.
type Hotels map[hotel.PropertyID]*Client

// NewHotels makes a client for each configuration; all errors at once.
func NewHotels(configs ...Config) (Hotels, error) {
	all := Hotels{}
	var wrong []error
	for _, config := range configs {
		c, err := New(config)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		all[config.Property] = c
	}
	return all, errors.Join(wrong...)
}

// Close ends the clients' idle connections.
func (h Hotels) Close() {
	for _, c := range h {
		c.Close()
	}
}

func (h Hotels) client(op string, property hotel.PropertyID) (*Client, error) {
	c, ok := h[property]
	if !ok {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "unknown_property", Err: errors.New("no hotel system for this property")}
	}
	return c, nil
}

// Availability asks what is free, uncached.
func (h Hotels) Availability(ctx context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	c, err := h.client("qloapps.Availability", q.Property)
	if err != nil {
		return hotel.Availability{}, err
	}
	return c.Availability(ctx, q)
}

// RoomTypes reads the hotel's room types with their limits.
func (h Hotels) RoomTypes(ctx context.Context, property hotel.PropertyID) ([]hotel.RoomDetails, error) {
	c, err := h.client("qloapps.RoomTypes", property)
	if err != nil {
		return nil, err
	}
	return c.RoomTypes(ctx)
}

// Profile reads who is known under an e-mail or a phone number.
func (h Hotels) Profile(ctx context.Context, property hotel.PropertyID, emailOrPhone string) (hotel.Profile, error) {
	c, err := h.client("qloapps.Profile", property)
	if err != nil {
		return hotel.Profile{}, err
	}
	return c.Profile(ctx, emailOrPhone)
}

// ByCode reads a reservation by its booking code.
func (h Hotels) ByCode(ctx context.Context, property hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error) {
	c, err := h.client("qloapps.ByCode", property)
	if err != nil {
		return hotel.Reservation{}, err
	}
	return c.ByCode(ctx, code)
}

// ByReference reads every live order of a reference, lowest first.
func (h Hotels) ByReference(ctx context.Context, property hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error) {
	c, err := h.client("qloapps.ByReference", property)
	if err != nil {
		return nil, err
	}
	return c.ByReference(ctx, ref)
}

// Create books.
func (h Hotels) Create(ctx context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	c, err := h.client("qloapps.Create", r.Property)
	if err != nil {
		return hotel.Reservation{}, err
	}
	return c.Create(ctx, r)
}

// Overbooked tells whether a reservation lost the race for one of its rooms.
func (h Hotels) Overbooked(ctx context.Context, r hotel.Reservation) (bool, error) {
	c, err := h.client("qloapps.Overbooked", r.Property)
	if err != nil {
		return false, err
	}
	return c.Overbooked(ctx, r)
}

// Change moves a booking to other dates, in place.
func (h Hotels) Change(ctx context.Context, r hotel.ChangeRequest) (hotel.Reservation, error) {
	c, err := h.client("qloapps.Change", r.Property)
	if err != nil {
		return hotel.Reservation{}, err
	}
	return c.Change(ctx, r)
}

// Changes reads the orders that somebody made or touched since a mark, and the next mark.
func (h Hotels) Changes(ctx context.Context, property hotel.PropertyID, since string) ([]hotel.OrderChange, string, error) {
	c, err := h.client("qloapps.Changes", property)
	if err != nil {
		return nil, "", err
	}
	return c.Changes(ctx, since)
}

// Cancel cancels an order.
func (h Hotels) Cancel(ctx context.Context, r hotel.CancelRequest) error {
	c, err := h.client("qloapps.Cancel", r.Property)
	if err != nil {
		return err
	}
	return c.Cancel(ctx, r)
}

// Server reads what the property's QloApps is, and what its key may not do.
func (h Hotels) Server(ctx context.Context, property hotel.PropertyID) (Server, error) {
	c, err := h.client("qloapps.Server", property)
	if err != nil {
		return Server{}, err
	}
	return c.Server(ctx)
}

// Probe is a harmless read, for the breaker.
func (h Hotels) Probe(ctx context.Context, property hotel.PropertyID) error {
	c, err := h.client("qloapps.Probe", property)
	if err != nil {
		return err
	}
	return c.Probe(ctx)
}
