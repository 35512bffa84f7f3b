package qloapps

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
)

// join makes a reservation of the three.
func (c *Client) join(o wireOrder, rows []wireRow, held contents, b *wireBooking) (r hotel.Reservation, err error) {
	if len(rows) == 0 {
		return r, errors.New("the order has no rooms")
	}
	r = c.frame(o, rows, held)
	r.Contact = b.Associations.Customer.contact()
	r.Contact.Email = c.email(r.Contact.Email)
	if r.Total, r.Tax, err = b.total(); err != nil {
		return r, errors.New("the price cannot be read")
	}
	if r.Extras, err = b.extras(held); err != nil {
		return r, errors.New("a service's price cannot be read")
	}
	if r.Paid, err = o.Received.money(b.Currency); err != nil {
		return r, errors.New("the money received cannot be read")
	}
	return r, nil
}

// frame is what order and rows say.
func (c *Client) frame(o wireOrder, rows []wireRow, held contents) hotel.Reservation {
	r := hotel.Reservation{Reference: ours(string(o.Source)), Property: c.config.Property, Order: strconv.Itoa(o.ID.int()), Code: hotel.BookingCode(o.Reference)}
	fill(&r, rows, o.over())
	if rt, ok := held.roomType(r.RoomType.ID); ok {
		r.RoomType = rt
	}
	return r
}

// withoutBooking lets the order and the customer stand in for the booking, where
// nobody can read it. What was booked beside the rooms is not known then.
func (c *Client) withoutBooking(ctx context.Context, op string, o wireOrder, rows []wireRow, held contents) (hotel.Reservation, error) {
	r := c.frame(o, rows, held)
	iso, err := c.currencyOf(ctx, op, o)
	if err != nil {
		return r, err
	}
	gross, errGross := o.Gross.money(iso)
	net, errNet := o.Net.money(iso)
	paid, errPaid := o.Received.money(iso)
	if err := errors.Join(errGross, errNet, errPaid); err != nil {
		return r, odd(op, err)
	}
	r.Total, r.Tax, r.Paid = gross, hotel.Money{Minor: gross.Minor - net.Minor, Currency: gross.Currency}, paid
	people, err := c.customers(ctx, op, "id", strconv.Itoa(o.Customer.int()))
	if err != nil {
		return r, err
	}
	if len(people) > 0 {
		r.Contact = people[0].contact()
		r.Contact.Email = c.email(r.Contact.Email)
	}
	return r, nil
}

// currencyOf is the currency that an order names by its number.
func (c *Client) currencyOf(ctx context.Context, op string, o wireOrder) (string, error) {
	active, err := c.rates.get(ctx, op, c.config.Now(), c.config.CatalogueTTL, false, func() ([]currency, error) { return c.currencies(ctx, op) })
	if err != nil && !(notGranted(err) && c.config.Currency != "") {
		return "", err
	}
	for _, k := range active {
		if k.id == o.Currency.int() {
			return k.iso, nil
		}
	}
	if c.config.Currency == "" {
		return "", odd(op, errors.New("no such currency"))
	}
	return c.config.Currency, nil
}

// fill takes rooms, dates, people and status from the rows: those that hold a
// room, or all of them when none does.
func fill(r *hotel.Reservation, rows []wireRow, over bool) {
	live := slices.DeleteFunc(slices.Clone(rows), func(w wireRow) bool { return w.Refunded.int() == 1 })
	r.Status = hotel.StatusBooked
	if over || len(live) == 0 {
		r.Status, live = hotel.StatusCancelled, rows
	}
	r.Rooms, r.RoomType = len(live), hotel.RoomType{ID: live[0].roomType()}
	out := 0
	for i, w := range live {
		from, to := day(w.From), day(w.To)
		if i == 0 || from.Before(r.Stay.CheckIn) {
			r.Stay.CheckIn = from
		}
		if i == 0 || to.After(r.Stay.CheckOut) {
			r.Stay.CheckOut = to
		}
		r.Adults, r.Children = r.Adults+w.Adults.int(), r.Children+w.Children.int()
		r.Rows = append(r.Rows, hotel.RoomRow{ID: int64(w.ID.int()), Room: int64(w.Room.int()), Adults: w.Adults.int(), Children: w.Children.int(), Ages: w.Ages})
		if r.Status != hotel.StatusCancelled && w.Status.int() == rowCheckedIn {
			r.Status = hotel.StatusCheckedIn
		}
		if w.Status.int() == rowCheckedOut {
			out++
		}
	}
	for i, w := range live {
		if id := w.roomType(); id != r.RoomType.ID {
			r.Rows[i].RoomType = id
		}
		if s := (hotel.Stay{CheckIn: day(w.From), CheckOut: day(w.To)}); s != r.Stay {
			r.Rows[i].Stay = s
		}
	}
	if r.Status != hotel.StatusCancelled && out == len(live) {
		r.Status = hotel.StatusCheckedOut
	}
}
