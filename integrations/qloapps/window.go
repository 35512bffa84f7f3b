package qloapps

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Versions that the fields of a hotel tell apart.
const (
	Version161 = "1.6.1" // or older: max_order_date, preparation_time
	Version170 = "1.7.0" // or newer: max_checkout_offset, min_booking_offset
)

// wireBranch is a hotel's own record. It names what the version of QloApps has.
type wireBranch struct {
	ID          number `json:"id"`
	Active      number `json:"active"`
	Country     number `json:"id_country"`
	State       number `json:"id_state"`
	Zip         words  `json:"zipcode"`
	MaxCheckout *words `json:"max_checkout_offset"` // days; 1.7
	MinBooking  *words `json:"min_booking_offset"`  // days; 1.7
	MaxOrder    *words `json:"max_order_date"`      // a day; 1.6.1
	Preparation *words `json:"preparation_time"`    // days; 1.6.1
}

func (b wireBranch) version() string {
	switch {
	case b.MaxCheckout != nil || b.MinBooking != nil:
		return Version170
	case b.MaxOrder != nil || b.Preparation != nil:
		return Version161
	}
	return ""
}

// branch reads the hotel's record.
func (c *Client) branch(ctx context.Context, op string) (wireBranch, error) {
	var all []wireBranch
	q := query{"display": "full", "filter[id]": fmt.Sprintf("[%d]", c.config.HotelID)}
	if err := c.list(ctx, op, "hotels", "hotels", q, &all); err != nil {
		return wireBranch{}, err
	}
	if len(all) == 0 {
		return wireBranch{}, c.noHotel(op)
	}
	if all[0].ID.int() != c.config.HotelID {
		return wireBranch{}, odd(op, errNotHeeded)
	}
	return all[0], nil
}

func (c *Client) noHotel(op string) error {
	return &hotel.Error{Op: op, Kind: hotel.Unauthorised, Code: live + "no_hotel", Scope: hotel.ScopeNumber,
		Err: fmt.Errorf("QloApps has no hotel with id %d", c.config.HotelID)}
}

// window is when the hotel takes bookings: the server shows it to its own shop
// only, and books over the API whatever it is asked for.
type window struct {
	ahead  int        // days from today to the first check-in; 0 = today
	within int        // days from today to the last check-out; 0 = no limit
	until  hotel.Date // the last check-out; zero = no limit
}

func (b wireBranch) window() window {
	w := window{ahead: days(b.MinBooking), within: days(b.MaxCheckout)}
	if w.ahead == 0 {
		w.ahead = days(b.Preparation)
	}
	if b.MaxOrder != nil {
		w.until = day(string(*b.MaxOrder)) // "0000-00-00" is none
	}
	return w
}

// days reads a number of days; what is none ("0000-00-00") is 0.
func days(w *words) int {
	if w == nil {
		return 0
	}
	n, err := strconv.Atoi(string(*w))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// check tells what speaks against a stay, seen from today.
func (w window) check(s hotel.Stay, today hotel.Date) *fault {
	last := w.until
	if w.within > 0 {
		last = today.AddDays(w.within)
	}
	switch {
	case s.CheckIn.Before(today.AddDays(w.ahead)):
		return &fault{"bad_too_soon", fmt.Sprintf("the hotel takes bookings %d days ahead", w.ahead)}
	case !last.IsZero() && s.CheckOut.After(last):
		return &fault{"bad_too_far", "the hotel takes no bookings that far ahead: until " + last.String()}
	}
	return nil
}

// checkNights tells whether a room type is let for that many nights.
func checkNights(rt hotel.RoomType, nights int) *fault {
	switch {
	case nights < rt.MinNights:
		return &fault{"bad_min_stay", fmt.Sprintf("the room type is let for %d nights and more", rt.MinNights)}
	case rt.MaxNights > 0 && nights > rt.MaxNights:
		return &fault{"bad_max_stay", fmt.Sprintf("the room type is let for %d nights and less", rt.MaxNights)}
	}
	return nil
}

// checkStay refuses what is no stay, and past dates: the server takes them.
func (c *Client) checkStay(s hotel.Stay) error {
	switch {
	case s.CheckIn.IsZero() || s.CheckOut.IsZero():
		return errors.New("the stay has no dates")
	case s.Nights() < 1:
		return errors.New("the stay ends before it begins")
	case s.CheckIn.Before(c.today()):
		return errors.New("the stay begins in the past")
	}
	return nil
}

// checkLimits checks a stay against the hotel's limits and, when it is known, the
// room type's.
func (c *Client) checkLimits(held contents, id hotel.RoomTypeID, s hotel.Stay) *fault {
	if f := held.window.check(s, c.today()); f != nil {
		return f
	}
	if rt, ok := held.roomType(id); ok {
		return checkNights(rt, s.Nights())
	}
	return nil
}

// today is the day at the hotel.
func (c *Client) today() hotel.Date { return hotel.DateOf(c.config.Now().In(c.config.Zone)) }

// catalogueTTL is how long the catalogue is remembered unless Config says.
const catalogueTTL = 10 * time.Minute

// fault is why a request is not sent at all.
type fault struct{ code, text string }

func (f *fault) Error() string { return f.text }

func (f *fault) as(op string) error {
	return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: f.code, Err: f}
}
