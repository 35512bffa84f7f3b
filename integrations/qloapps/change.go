package qloapps

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
)

// The body of a change. A PUT is a replace: rooms and services that are not named
// go, rooms whose dates differ move, and a remark would be written once more.
type (
	wirePut struct {
		Booking wireMove `json:"booking"`
	}
	wireMove struct {
		ID            int    `json:"id"`
		Property      int    `json:"id_property"`
		Currency      string `json:"currency"`
		BookingStatus int    `json:"booking_status,omitempty"`
		PaymentStatus int    `json:"payment_status,omitempty"`
		Associations  struct {
			Customer struct {
				Email string `json:"email"` // of the customer that is there; names are left as they are
			} `json:"customer_detail"`
			Types []wireNewType `json:"room_types"`
		} `json:"associations"`
	}
)

// stateAwaiting is the order state of a booking that nobody has paid yet.
const stateAwaiting = 1

// Change moves a booking to other dates, in place: its code and its room types
// stay, and the services of its rooms that still go with them. SoldOut and Invalid
// changed nothing. In doubt the booking must be read again and compared. A repeat
// of a change that was made changes nothing and returns the booking. Where the
// booking cannot be read and its order comes to more or less than rooms and usual
// services, the change is Invalid with the code unknown_services.
//
// QloApps looks for free rooms while the old rows still stand: a booking's own
// nights count against it, as they do in Availability, which is thus what tells
// beforehand whether a change can be made.
func (c *Client) Change(ctx context.Context, r hotel.ChangeRequest) (hotel.Reservation, error) {
	const op = "qloapps.Change"
	if orderNumber(r.Booking.Order) < 1 {
		return hotel.Reservation{}, (&fault{"bad_order", "the order's id is not a number"}).as(op)
	}
	if err := c.checkStay(r.Stay); err != nil && (!r.Back || r.Stay.Nights() < 1) {
		return hotel.Reservation{}, (&fault{"bad_stay", err.Error()}).as(op)
	}
	m, err := c.standing(ctx, op, r)
	if err != nil {
		return hotel.Reservation{}, notSent(err)
	}
	if m.there(r.Stay) {
		return c.again(ctx, op, m.order, notSent)
	}
	if f := c.checkMove(m, r); f != nil {
		return hotel.Reservation{}, f.as(op)
	}
	email, err := c.emailOf(ctx, op, m.order.Customer.int())
	if err != nil {
		return hotel.Reservation{}, notSent(err)
	}
	body, err := json.Marshal(wirePut{m.body(c.config.HotelID, email, r.Stay)})
	if err != nil {
		return hotel.Reservation{}, unwritten(op)
	}
	a, answer, b, err := c.write(ctx, op, http.MethodPut, body)
	if err != nil {
		return hotel.Reservation{}, err
	}
	if b.ID.int() != m.order.ID.int() || !b.on(r.Stay) {
		return hotel.Reservation{}, a.odd(answer, "the answer has other dates than were asked for")
	}
	return c.again(ctx, op, m.order, func(err error) error { return stored(op, err, "changed, but it could not be read") })
}

// checkMove checks that nothing would be lost, and the new dates for each room.
func (c *Client) checkMove(m move, r hotel.ChangeRequest) *fault {
	if r.Back { // what goes back was named by us
		return nil
	}
	if m.hides {
		return &fault{"unknown_services", "nobody can read what was booked beside the rooms, and a change would drop it"}
	}
	for _, row := range m.rows {
		if f := c.checkLimits(m.held, row.roomType(), r.Stay); f != nil {
			return f
		}
	}
	return nil
}

// move is a booking as it stands before its change.
type move struct {
	order   wireOrder
	rows    []wireRow // that hold rooms
	held    contents
	booking *wireBooking // nil where nobody can read it
	hides   bool         // it holds something that cannot be read, and would be dropped
	iso     string
}

// standing reads what a change has to name again. Only a booking that holds rooms
// and has not begun may be moved.
func (c *Client) standing(ctx context.Context, op string, r hotel.ChangeRequest) (move, error) {
	o, err := c.order(ctx, op, "id", r.Booking.Order)
	if hotel.KindOf(err) == hotel.NotFound {
		return move{}, (&fault{"unknown_order", "QloApps has no such order"}).as(op)
	}
	if err != nil {
		return move{}, err
	}
	rows, err := c.rows(ctx, op, r.Booking.Order)
	if err != nil {
		return move{}, err
	}
	all := rows
	rows = slices.DeleteFunc(slices.Clone(rows), func(w wireRow) bool { return w.Refunded.int() == 1 })
	begun := func(w wireRow) bool { return w.Status.int() == rowCheckedIn || w.Status.int() == rowCheckedOut }
	switch {
	case o.over() || len(rows) == 0 || slices.ContainsFunc(rows, begun):
		return move{}, (&fault{"bad_status", "the booking is cancelled, or the guest has checked in"}).as(op)
	case rows[0].Hotel.int() != c.config.HotelID:
		return move{}, (&fault{"unknown_order", "the order is of another hotel"}).as(op)
	}
	held, err := c.known(ctx, op, false)
	if err != nil {
		return move{}, err
	}
	m := move{order: o, rows: rows, held: held}
	if m.booking, err = c.booking(ctx, op, o); err != nil {
		return move{}, err
	}
	if m.booking != nil {
		m.iso = m.booking.Currency
		return m, nil
	}
	if m.iso, err = c.currencyOf(ctx, op, o); err != nil {
		return move{}, err
	}
	m.hides = !held.explains(o, all, m.iso)
	return m, nil
}

// there tells whether every room is on the dates already.
func (m move) there(s hotel.Stay) bool {
	return !slices.ContainsFunc(m.rows, func(w wireRow) bool { return day(w.From) != s.CheckIn || day(w.To) != s.CheckOut })
}

func (w wireRow) roomType() hotel.RoomTypeID {
	return hotel.RoomTypeID(strconv.Itoa(w.Product.int()))
}

// body names all rooms on the new dates. An unpaid order is sent as it was made;
// of any other the status is left out, lest it become an unpaid one.
func (m move) body(property int, email string, s hotel.Stay) wireMove {
	b := wireMove{ID: m.order.ID.int(), Property: property, Currency: m.iso}
	if m.order.State.int() == stateAwaiting {
		b.BookingStatus, b.PaymentStatus = statusNew, paymentAwaiting
	}
	b.Associations.Customer.Email = email
	for _, w := range m.rows {
		id := w.Product.int()
		i := slices.IndexFunc(b.Associations.Types, func(t wireNewType) bool { return t.ID == id })
		if i < 0 {
			i = len(b.Associations.Types)
			b.Associations.Types = append(b.Associations.Types, wireNewType{ID: id, CheckIn: s.CheckIn.String(), CheckOut: s.CheckOut.String()})
		}
		room := newRoom(hotel.Party{Adults: w.Adults.int(), Children: w.Children.int(), Ages: w.Ages}, nil)
		room.Services = m.services(w)
		t := &b.Associations.Types[i]
		t.Rooms, t.Count = append(t.Rooms, room), t.Count+1
	}
	return b
}

// services of a room: those it has that still go with its type, and those whose
// price is in the type's. Where the booking cannot be read, those of every booking.
func (m move) services(w wireRow) []wireNewService {
	id := w.roomType()
	var all []wireNewService
	if m.booking == nil {
		for _, s := range m.held.services(id) {
			all = append(all, wireNewService{ID: s})
		}
		return all
	}
	for _, s := range m.held.withRoom[id] {
		all = append(all, wireNewService{ID: s.id})
	}
	for _, s := range m.booking.servicesOf(w.ID.int()) {
		n := s.ID.int()
		if m.held.inRoom(id, n) || !slices.Contains(m.held.offered[id], n) {
			continue
		}
		kept := wireNewService{ID: n}
		if q := s.Quantity.int(); q > 1 {
			kept.Quantity = q
		}
		all = append(all, kept)
	}
	return all
}

// servicesOf are those of the room of a row.
func (b wireBooking) servicesOf(row int) []wireBookedService {
	for _, t := range b.Associations.Types {
		for _, r := range t.Rooms {
			if r.Row.int() == row {
				return r.Services
			}
		}
	}
	return nil
}

// on tells whether all rooms of an answer are on the dates.
func (b wireBooking) on(s hotel.Stay) bool {
	for _, t := range b.Associations.Types {
		if day(string(t.From)) != s.CheckIn || day(string(t.To)) != s.CheckOut {
			return false
		}
	}
	return true
}

// again reads an order's reservation; a failure is passed through why.
func (c *Client) again(ctx context.Context, op string, o wireOrder, why func(error) error) (hotel.Reservation, error) {
	now, err := c.order(ctx, op, "id", strconv.Itoa(o.ID.int()))
	if err != nil {
		return hotel.Reservation{}, why(err)
	}
	r, _, err := c.reservation(ctx, op, now)
	if err != nil {
		return hotel.Reservation{}, why(err)
	}
	return r, nil
}
