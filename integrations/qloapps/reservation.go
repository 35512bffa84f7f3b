package qloapps

import (
	"context"
	"errors"
	"maps"
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
				ID    number               `json:"id_room_type"`
				From  words                `json:"checkin_date"`
				To    words                `json:"checkout_date"`
				Rooms many[wireBookedRoom] `json:"rooms"`
			}] `json:"room_types"`
		} `json:"associations"`
	}
	wireBookedRoom struct {
		Row      number                  `json:"id_hotel_booking"`
		Services many[wireBookedService] `json:"services"`
	}
	wireBookedService struct {
		ID       number `json:"id_service"`
		Name     words  `json:"name"`
		Quantity number `json:"quantity"`
		Net      number `json:"total_price_without_tax"`
		Tax      number `json:"total_tax"`
	}
	wireOrder struct {
		ID        number `json:"id"`
		Customer  number `json:"id_customer"`
		Currency  number `json:"id_currency"`
		Received  number `json:"total_paid_real"`
		State     number `json:"current_state"`
		Gross     number `json:"total_paid_tax_incl"`
		Net       number `json:"total_paid_tax_excl"`
		Rate      number `json:"conversion_rate"`
		Source    words  `json:"source"`
		Reference words  `json:"reference"`
	}
	wireRow struct {
		ID       number    `json:"id"`
		Order    number    `json:"id_order"`
		Room     number    `json:"id_room"`
		Product  number    `json:"id_product"`
		Hotel    number    `json:"id_hotel"`
		Status   number    `json:"id_status"`
		From     string    `json:"date_from"`
		To       string    `json:"date_to"`
		Refunded number    `json:"is_refunded"`
		Adults   number    `json:"adults"`
		Children number    `json:"children"`
		Ages     childAges `json:"child_ages"`
		Net      number    `json:"total_price_tax_excl"` // of the room alone, for the stay
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

// count is how many rooms the answer names.
func (b wireBooking) count() int {
	n := 0
	for _, t := range b.Associations.Types {
		n += len(t.Rooms)
	}
	return n
}

// extras are the services that are no part of the rooms' price, in the order of their ids.
func (b wireBooking) extras(held contents) ([]hotel.Extra, error) {
	totals := map[int]hotel.Extra{}
	for _, t := range b.Associations.Types {
		id := hotel.RoomTypeID(strconv.Itoa(t.ID.int()))
		for _, r := range t.Rooms {
			for _, s := range r.Services {
				if held.inRoom(id, s.ID.int()) {
					continue
				}
				net, err := s.Net.money(b.Currency)
				if err != nil {
					return nil, err
				}
				tax, err := s.Tax.money(b.Currency)
				if err != nil {
					return nil, err
				}
				e := totals[s.ID.int()]
				e.Name, e.Total = plainText(string(s.Name)), e.Total.Plus(net).Plus(tax)
				totals[s.ID.int()] = e
			}
		}
	}
	var all []hotel.Extra
	for _, id := range slices.Sorted(maps.Keys(totals)) {
		all = append(all, totals[id])
	}
	return all, nil
}

// total has no field of its own in the answer. What is not there is not nothing.
func (b wireBooking) total() (total, tax hotel.Money, err error) {
	if p := b.Associations.Price; p.Net == "" || p.Tax == "" || b.Currency == "" {
		return total, tax, errors.New("no price")
	}
	net, err := b.Associations.Price.Net.money(b.Currency)
	if err != nil {
		return total, tax, err
	}
	if tax, err = b.Associations.Price.Tax.money(b.Currency); err != nil {
		return total, tax, err
	}
	return net.Plus(tax), tax, nil
}

const orderFields = "[id,id_currency,id_customer,current_state,total_paid_tax_incl,total_paid_tax_excl,total_paid_real,source,reference,conversion_rate]"

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
	if err := c.list(ctx, op, "orders", "orders", q, &all); err != nil {
		return nil, err
	}
	for _, o := range all {
		if !o.has(field, value) {
			return nil, odd(op, errNotHeeded)
		}
	}
	return all, nil
}

// errNotHeeded is a list that was filtered, and holds something else: what the
// server or a firewall does not understand of a question it leaves out, and the
// first of all the orders is another guest's.
var errNotHeeded = errors.New("the filter was not heeded")

// has tells whether an order is one that was asked for. The database compares
// without regard to case.
func (o wireOrder) has(field, value string) bool {
	switch field {
	case "id":
		return o.ID.int() == orderNumber(value)
	case "reference":
		return strings.EqualFold(string(o.Reference), value)
	default:
		return strings.EqualFold(string(o.Source), value)
	}
}

var codeForm = regexp.MustCompile(`^[A-Z]{9}$`)

// ByCode reads a reservation by its booking code. NotFound: none in this hotel;
// with the code bad_code it cannot be one, and nothing was asked.
func (c *Client) ByCode(ctx context.Context, code hotel.BookingCode) (hotel.Reservation, error) {
	const op = "qloapps.ByCode"
	wanted := strings.ToUpper(strings.TrimSpace(string(code)))
	if !codeForm.MatchString(wanted) { // also keeps brackets and bars out of the filter
		return hotel.Reservation{}, &hotel.Error{Op: op, Kind: hotel.NotFound, Code: "bad_code", Err: errors.New("a booking code has nine letters")}
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

// ByReference reads every live order of a reference, lowest first; none is no
// error. Orders that have no rooms are left out when others stand; where nothing
// else does they are Transient with the code qloapps_order_without_rooms.
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
	var roomless error
	for _, o := range orders {
		if string(o.Source) != string(ref) || o.over() { // the database compares without regard to case
			continue
		}
		r, here, err := c.reservation(ctx, op, o)
		if withoutRooms(err) {
			roomless = err
			continue
		}
		if err != nil {
			return nil, err
		}
		if here && r.Status != hotel.StatusCancelled {
			live = append(live, r)
		}
	}
	if len(live) == 0 && roomless != nil {
		return nil, roomless
	}
	slices.SortFunc(live, func(a, b hotel.Reservation) int { return orderNumber(a.Order) - orderNumber(b.Order) })
	return live, nil
}

// noRoomsCode tells an order that has no rooms.
const noRoomsCode = live + "order_without_rooms"

func withoutRooms(err error) bool { return err != nil && hotel.AsError(err).Code == noRoomsCode }

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
// status, code and money, the rows have rooms and guests, the booking has names,
// totals and services. here is false when the order is of another hotel.
func (c *Client) reservation(ctx context.Context, op string, o wireOrder) (r hotel.Reservation, here bool, err error) {
	rows, err := c.rows(ctx, op, strconv.Itoa(o.ID.int()))
	if err != nil {
		return r, false, err
	}
	if len(rows) == 0 {
		// Between its order and its rooms a booking looks like this; if it
		// stays so, a person has to look.
		return r, false, &hotel.Error{Op: op, Kind: hotel.Transient, Code: noRoomsCode, Err: errors.New("the order has no rooms")}
	}
	if rows[0].Hotel.int() != c.config.HotelID {
		return r, false, nil
	}
	held, err := c.known(ctx, op, false)
	if err != nil {
		return r, false, err
	}
	b, err := c.booking(ctx, op, o)
	if err != nil {
		return r, false, err
	}
	if b == nil {
		r, err = c.withoutBooking(ctx, op, o, rows, held)
		return r, err == nil, err
	}
	if r, err = c.join(o, rows, held, b); err != nil {
		return r, false, odd(op, err)
	}
	return r, true, nil
}

// booking reads what /api/bookings says of an order; nil where the shop's customer
// groups see prices without tax: there that read always fails.
func (c *Client) booking(ctx context.Context, op string, o wireOrder) (*wireBooking, error) {
	var got struct {
		Booking *wireBooking `json:"booking"`
	}
	err := c.get(ctx, op, "bookings/"+strconv.Itoa(o.ID.int()), nil, &got)
	if Alive(err) && hotel.KindOf(err) == hotel.Transient && !strings.HasSuffix(hotel.AsError(err).Code, "odd_200") {
		return nil, nil //nolint:nilnil // it is there, and cannot be read
	}
	if err == nil && got.Booking == nil {
		err = odd(op, errors.New("no booking"))
	}
	return got.Booking, err
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
		"display": "[id,id_order,id_room,id_product,id_hotel,id_status,date_from,date_to,is_refunded,adults,children,child_ages,total_price_tax_excl]"}
	if err := c.list(ctx, op, "room_bookings", "bookings", q, &rows); err != nil {
		return nil, err
	}
	for _, w := range rows {
		if w.Order.int() != orderNumber(order) {
			return nil, odd(op, errNotHeeded)
		}
		if w.ID.int() < 1 || w.Room.int() < 1 || day(w.From).IsZero() || !day(w.From).Before(day(w.To)) {
			return nil, odd(op, errors.New("a room has no number or no dates"))
		}
	}
	return rows, nil
}

// odd is an answer of QloApps that can be read, but not understood.
func odd(op string, err error) error {
	return &hotel.Error{Op: op, Kind: hotel.Transient, Code: live + "odd_200", Err: err}
}
