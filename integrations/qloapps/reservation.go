package qloapps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

type (
	wireBooking struct {
		ID           number `json:"id"`
		Currency     string `json:"currency"`
		Associations struct {
			Customer wireCustomer `json:"customer_detail"`
			Price    struct {
				Net number `json:"total_price_without_tax"`
				Tax number `json:"total_tax"`
			} `json:"price_details"`
			Types many[struct {
				Rooms many[wireBookedRoom] `json:"rooms"`
			}] `json:"room_types"`
		} `json:"associations"`
	}
	wireBookedRoom struct {
		Room   number `json:"id_room"`
		Row    number `json:"id_hotel_booking"`
		Adults number `json:"adults"`
		Child  number `json:"child"`
	}
	wireCustomer struct {
		FirstName words `json:"firstname"`
		LastName  words `json:"lastname"`
		Email     words `json:"email"`
		Phone     words `json:"phone"`
	}
	wireOrder struct {
		ID        number `json:"id"`
		Customer  number `json:"id_customer"`
		State     number `json:"current_state"`
		Gross     number `json:"total_paid_tax_incl"`
		Net       number `json:"total_paid_tax_excl"`
		Source    words  `json:"source"`
		Reference words  `json:"reference"`
	}
	wireRow struct {
		ID       number `json:"id"`
		Order    number `json:"id_order"`
		Room     number `json:"id_room"`
		Product  number `json:"id_product"`
		Hotel    number `json:"id_hotel"`
		Status   number `json:"id_status"`
		From     string `json:"date_from"`
		To       string `json:"date_to"`
		Refunded number `json:"is_refunded"`
		Adults   number `json:"adults"`
		Children number `json:"children"`
	}
)

// Order states in which an order holds nothing.
const (
	stateCanceled = 4
	stateRefunded = 5
)

// Row states (room_bookings.id_status).
const (
	rowCheckedIn  = 2
	rowCheckedOut = 3
)

func (b wireBooking) rows() []hotel.RoomRow {
	var rows []hotel.RoomRow
	for _, t := range b.Associations.Types {
		for _, r := range t.Rooms {
			rows = append(rows, hotel.RoomRow{ID: int64(r.Row.int()), Room: int64(r.Room.int())})
		}
	}
	return rows
}

func (b wireBooking) people() (adults, children int) {
	for _, t := range b.Associations.Types {
		for _, r := range t.Rooms {
			adults, children = adults+r.Adults.int(), children+r.Child.int()
		}
	}
	return adults, children
}

func (b wireBooking) contact() hotel.Contact {
	c := b.Associations.Customer
	return hotel.Contact{FirstName: string(c.FirstName), LastName: string(c.LastName), Email: string(c.Email), Phone: string(c.Phone)}
}

// total has no field of its own in the answer.
func (b wireBooking) total() (total, tax hotel.Money, err error) {
	net, err := b.Associations.Price.Net.money(b.Currency)
	if err != nil {
		return total, tax, err
	}
	if tax, err = b.Associations.Price.Tax.money(b.Currency); err != nil {
		return total, tax, err
	}
	return net.Plus(tax), tax, nil
}

const orderFields = "[id,id_customer,current_state,total_paid_tax_incl,total_paid_tax_excl,source,reference]"

// order reads the one order whose field has the value.
func (c *Client) order(ctx context.Context, op, field, value string) (wireOrder, error) {
	all, err := c.orders(ctx, op, field, value)
	if err != nil {
		return wireOrder{}, err
	}
	if len(all) == 0 {
		return wireOrder{}, &hotel.Error{Op: op, Kind: hotel.NotFound, Err: errors.New("no such order")}
	}
	return all[0], nil
}

func (c *Client) orders(ctx context.Context, op, field, value string) ([]wireOrder, error) {
	var all []wireOrder
	q := query{"display": orderFields, "filter[" + field + "]": "[" + value + "]", "sort": "[id_ASC]"}
	err := c.list(ctx, op, "orders", "orders", q, &all)
	return all, err
}

var codeForm = regexp.MustCompile(`^[A-Z]{9}$`)

// ByCode reads a reservation by its booking code. NotFound: none in this hotel.
func (c *Client) ByCode(ctx context.Context, code hotel.BookingCode) (hotel.Reservation, error) {
	const op = "qloapps.ByCode"
	wanted := strings.ToUpper(strings.TrimSpace(string(code)))
	if !codeForm.MatchString(wanted) { // also keeps brackets and bars out of the filter
		return hotel.Reservation{}, &hotel.Error{Op: op, Kind: hotel.NotFound, Err: errors.New("a booking code has nine letters")}
	}
	o, err := c.order(ctx, op, "reference", wanted)
	if err != nil {
		return hotel.Reservation{}, err
	}
	r, here, err := c.reservation(ctx, op, o)
	if err == nil && !here {
		err = &hotel.Error{Op: op, Kind: hotel.NotFound, Err: errors.New("the order is of another hotel")}
	}
	return r, err
}

// ByReference reads every live order of a reference, lowest first; none is no error.
func (c *Client) ByReference(ctx context.Context, ref hotel.Reference) ([]hotel.Reservation, error) {
	const op = "qloapps.ByReference"
	if !referenceForm.MatchString(string(ref)) {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "bad_reference", Err: errors.New("the reference is empty or has odd characters")}
	}
	orders, err := c.orders(ctx, op, "source", string(ref))
	if err != nil {
		return nil, err
	}
	var live []hotel.Reservation
	for _, o := range orders {
		if string(o.Source) != string(ref) || o.over() { // the database compares without regard to case
			continue
		}
		r, here, err := c.reservation(ctx, op, o)
		if err != nil {
			return nil, err
		}
		if here && r.Status != hotel.StatusCancelled {
			live = append(live, r)
		}
	}
	slices.SortFunc(live, func(a, b hotel.Reservation) int { return orderNumber(a.Order) - orderNumber(b.Order) })
	return live, nil
}

func orderNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func (o wireOrder) over() bool {
	return o.State.int() == stateCanceled || o.State.int() == stateRefunded
}

// reservation puts together what QloApps keeps in three places: the order has
// status and code, the rows have rooms and guests, the booking has names and
// totals. here is false when the order is of another hotel.
func (c *Client) reservation(ctx context.Context, op string, o wireOrder) (r hotel.Reservation, here bool, err error) {
	id := strconv.Itoa(o.ID.int())
	rows, err := c.rows(ctx, op, id)
	if err != nil {
		return r, false, err
	}
	if len(rows) == 0 {
		// Between its order and its rooms a booking looks like this; if it
		// stays so, a person has to look.
		return r, false, &hotel.Error{Op: op, Kind: hotel.Transient, Code: "qloapps_order_without_rooms", Err: errors.New("the order has no rooms")}
	}
	if rows[0].Hotel.int() != c.config.HotelID {
		return r, false, nil
	}
	r = hotel.Reservation{Reference: ours(string(o.Source)), Property: c.config.Property, Order: id, Code: hotel.BookingCode(o.Reference)}
	fill(&r, rows, o.over())
	if err := c.roomTypeOf(ctx, op, &r, rows[0]); err != nil {
		return r, false, err
	}
	if err := c.moneyAndName(ctx, op, &r, o); err != nil {
		return r, false, err
	}
	return r, true, nil
}

// ReferencePrefix begins every reference of ours. Other values of an order's
// source are names of channels, or the shop's host.
const ReferencePrefix = "WA-"

func ours(source string) hotel.Reference {
	if !strings.HasPrefix(source, ReferencePrefix) {
		return ""
	}
	return hotel.Reference(source)
}

func (c *Client) rows(ctx context.Context, op, order string) ([]wireRow, error) {
	var rows []wireRow
	q := query{"filter[id_order]": "[" + order + "]", "sort": "[id_ASC]",
		"display": "[id,id_order,id_room,id_product,id_hotel,id_status,date_from,date_to,is_refunded,adults,children]"}
	err := c.list(ctx, op, "room_bookings", "bookings", q, &rows)
	return rows, err
}

// fill takes rooms, dates, people and status from the rows: those that hold a
// room, or all of them when none does.
func fill(r *hotel.Reservation, rows []wireRow, over bool) {
	live := slices.DeleteFunc(slices.Clone(rows), func(w wireRow) bool { return w.Refunded.int() == 1 })
	r.Status = hotel.StatusBooked
	if over || len(live) == 0 {
		r.Status, live = hotel.StatusCancelled, rows
	}
	r.Rooms = len(live)
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
		r.Rows = append(r.Rows, hotel.RoomRow{ID: int64(w.ID.int()), Room: int64(w.Room.int())})
		if r.Status != hotel.StatusCancelled && w.Status.int() == rowCheckedIn {
			r.Status = hotel.StatusCheckedIn
		}
		if w.Status.int() == rowCheckedOut {
			out++
		}
	}
	if r.Status != hotel.StatusCancelled && out == len(live) {
		r.Status = hotel.StatusCheckedOut
	}
}

func (c *Client) roomTypeOf(ctx context.Context, op string, r *hotel.Reservation, row wireRow) error {
	held, err := c.known(ctx, op, false)
	if err != nil {
		return err
	}
	id := hotel.RoomTypeID(strconv.Itoa(row.Product.int()))
	r.RoomType = hotel.RoomType{ID: id}
	if rt, ok := held.roomType(id); ok {
		r.RoomType = rt
	}
	return nil
}

// moneyAndName reads the booking. Where the shop's customer groups see prices
// without tax that read always fails, so the order and the customer stand in.
func (c *Client) moneyAndName(ctx context.Context, op string, r *hotel.Reservation, o wireOrder) error {
	var got struct {
		Booking wireBooking `json:"booking"`
	}
	err := c.get(ctx, op, "bookings/"+r.Order, nil, &got)
	if err == nil {
		r.Contact = got.Booking.contact()
		r.Total, r.Tax, err = got.Booking.total()
		return odd(op, err)
	}
	if !Alive(err) || hotel.KindOf(err) != hotel.Transient {
		return err
	}
	if c.config.Currency == "" {
		return err // the order says its currency by a number only
	}
	gross, errGross := o.Gross.money(c.config.Currency)
	net, errNet := o.Net.money(c.config.Currency)
	if err := errors.Join(errGross, errNet); err != nil {
		return odd(op, err)
	}
	r.Total, r.Tax = gross, hotel.Money{Minor: gross.Minor - net.Minor, Currency: gross.Currency}
	var people []wireCustomer
	q := query{"display": "[id,firstname,lastname,email,phone]", "filter[id]": fmt.Sprintf("[%d]", o.Customer.int())}
	if err := c.list(ctx, op, "customers", "customers", q, &people); err != nil {
		return err
	}
	if len(people) > 0 {
		p := people[0]
		r.Contact = hotel.Contact{FirstName: string(p.FirstName), LastName: string(p.LastName), Email: string(p.Email), Phone: string(p.Phone)}
	}
	return nil
}

func odd(op string, err error) error {
	if err == nil {
		return nil
	}
	return &hotel.Error{Op: op, Kind: hotel.Transient, Code: live + "odd_200", Err: errors.New("a price cannot be read")}
}
