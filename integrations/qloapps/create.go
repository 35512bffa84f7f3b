package qloapps

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"regexp"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// The body of a create. Fields without omitempty are sent always: total_tax as
// null is the one form that neither warns nor makes a tax rule per booking.
type (
	wireCreate struct {
		Booking wireNew `json:"booking"`
	}
	wireNew struct {
		Property      int    `json:"id_property"`
		Currency      string `json:"currency"`
		BookingStatus int    `json:"booking_status"`
		PaymentStatus int    `json:"payment_status"`
		Source        string `json:"source"`
		Remark        string `json:"remark,omitempty"`
		Associations  struct {
			Customer wireNewCustomer `json:"customer_detail"`
			Price    struct {
				Paid int `json:"total_paid"`
			} `json:"price_details"`
			Payment wirePayment   `json:"payment_detail"`
			Types   []wireNewType `json:"room_types"`
		} `json:"associations"`
	}
	wireNewCustomer struct {
		ID        int    `json:"id_customer,omitempty"`
		FirstName string `json:"firstname"`
		LastName  string `json:"lastname"`
		Email     string `json:"email"`
		Phone     string `json:"phone"`
	}
	wirePayment struct {
		Type   string `json:"payment_type"`
		Method string `json:"payment_method"`
	}
	wireNewType struct {
		ID       int           `json:"id_room_type"`
		CheckIn  string        `json:"checkin_date"`
		CheckOut string        `json:"checkout_date"`
		Count    int           `json:"number_of_rooms"`
		Rooms    []wireNewRoom `json:"rooms"`
	}
	wireNewRoom struct {
		Adult    int              `json:"adult"`  // read by 1.6.1
		Adults   int              `json:"adults"` // read by 1.7.0
		Child    int              `json:"child"`
		Ages     []int            `json:"child_ages"` // without them the children are forgotten
		TotalTax *int             `json:"total_tax"`
		Services []wireNewService `json:"services,omitempty"`
	}
	wireNewService struct {
		ID       int `json:"id_service"`
		Quantity int `json:"quantity,omitempty"`
	}
)

const (
	statusNew       = 1
	paymentAwaiting = 3
)

// Create books. See actors.PMS for the kinds; Invalid carries code "bad_..." when
// this client refused before asking. Names and phone are fitted to what QloApps
// takes, and a record that stands under the e-mail keeps its own.
func (c *Client) Create(ctx context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	const op = "qloapps.Create"
	if f := c.check(r); f != nil {
		return hotel.Reservation{}, f.as(op)
	}
	held, err := c.known(ctx, op, false)
	if err != nil {
		return hotel.Reservation{}, notSent(err)
	}
	rt, ok := held.roomType(r.RoomType.ID)
	if !ok { // made since, or switched off: what a booking of it must name is read anew
		if held, err = c.lately(ctx, op); err != nil {
			return hotel.Reservation{}, notSent(err)
		}
		rt, ok = held.roomType(r.RoomType.ID)
	}
	if ok {
		r.RoomType = rt // the server checks no occupancy: its own limits count
	}
	for _, p := range r.Parties {
		if !r.RoomType.Fits(p) {
			return hotel.Reservation{}, (&fault{"bad_occupancy", "a room is too small for who shall sleep in it"}).as(op)
		}
	}
	if f := c.checkLimits(held, r.RoomType.ID, r.Stay); f != nil {
		return hotel.Reservation{}, f.as(op)
	}
	person, err := c.person(ctx, op, held, r)
	if err != nil {
		return hotel.Reservation{}, err
	}
	body, err := c.body(r, person, held.services(r.RoomType.ID))
	if err != nil {
		return hotel.Reservation{}, unwritten(op)
	}
	a, answer, b, err := c.write(ctx, op, http.MethodPost, body)
	if err != nil {
		return hotel.Reservation{}, err
	}
	booked, err := c.confirmed(ctx, a, answer, b, held)
	if err != nil {
		return hotel.Reservation{}, err
	}
	if booked.Stay != r.Stay || booked.RoomType.ID != r.RoomType.ID || booked.Mixed() {
		return hotel.Reservation{}, a.odd(answer, "booked, but not what was asked for")
	}
	booked.Reference = r.Reference
	return booked, nil
}

// confirmed reads the order and the rows of a booking that was just made: its
// answer has neither the code nor the ages. It is booked by now, so whatever
// fails here leaves a doubt that a look-up by reference ends.
func (c *Client) confirmed(ctx context.Context, a ask, answer reply, b wireBooking, held contents) (hotel.Reservation, error) {
	o, err := c.order(ctx, a.op, "id", strconv.Itoa(b.ID.int()))
	if err != nil {
		return hotel.Reservation{}, stored(a.op, err, "booked, but its order could not be read")
	}
	if o.Reference == "" {
		return hotel.Reservation{}, a.odd(answer, "booked, but its order has no code")
	}
	rows, err := c.rows(ctx, a.op, strconv.Itoa(b.ID.int()))
	if err != nil {
		return hotel.Reservation{}, stored(a.op, err, "booked, but its rooms could not be read")
	}
	r, err := c.join(o, rows, held, &b)
	if err != nil {
		return hotel.Reservation{}, a.odd(answer, err.Error())
	}
	return r, nil
}

// stored is the failure of a read after a write that went well.
func stored(op string, err error, what string) error {
	return &hotel.Error{Op: op, Kind: hotel.InDoubt, Code: hotel.AsError(err).Code, Err: errors.New(what)}
}

// notSent is what a failed read before the create comes to: nothing was asked for yet.
func notSent(err error) error {
	e := *hotel.AsError(err)
	if e.Kind == hotel.Transient || e.Kind == hotel.Unavailable {
		e.Kind = hotel.NotSent
	}
	return &e
}

func (c *Client) body(r hotel.BookingRequest, person who, services []int) ([]byte, error) {
	id, err := roomTypeNumber(r.RoomType.ID)
	if err != nil {
		return nil, err
	}
	var b wireNew
	b.Property, b.Currency = c.config.HotelID, c.config.Currency
	if b.Currency == "" {
		b.Currency = r.Quote.Currency
	}
	b.BookingStatus, b.PaymentStatus, b.Source, b.Remark = statusNew, paymentAwaiting, string(r.Reference), fitRemark(r.Remark, person.note)
	b.Associations.Customer = person.wireNewCustomer
	b.Associations.Payment = wirePayment{Type: "pay at hotel", Method: "Pay at hotel"}
	t := wireNewType{ID: id, CheckIn: r.Stay.CheckIn.String(), CheckOut: r.Stay.CheckOut.String(), Count: r.Rooms()}
	for _, p := range r.Parties {
		// The quote holds what the shop adds to a room by itself; a booking made
		// over the API does so only when told to.
		t.Rooms = append(t.Rooms, newRoom(p, services))
	}
	b.Associations.Types = []wireNewType{t}
	return json.Marshal(wireCreate{b})
}

func newRoom(p hotel.Party, services []int) wireNewRoom {
	room := wireNewRoom{Adult: p.Adults, Adults: p.Adults, Child: p.Children, Ages: ages(p)}
	for _, s := range services {
		room.Services = append(room.Services, wireNewService{ID: s})
	}
	return room
}

// unknownAge is sent for a child whose age nobody asked for, lest it be forgotten.
const unknownAge = 8

func ages(p hotel.Party) []int {
	all := make([]int, 0, p.Children)
	for i := range p.Children {
		age := unknownAge
		if i < len(p.Ages) {
			age = p.Ages[i]
		}
		all = append(all, age)
	}
	return all
}

// write sends a booking that is made or changed, and reads what it answers.
func (c *Client) write(ctx context.Context, op, method string, body []byte) (a ask, answer reply, b wireBooking, err error) {
	a = ask{op: op, method: method, resource: "bookings", body: body, kind: "application/json", limit: writeTimeout, writes: true}
	if err = hotel.Fence(ctx); err != nil {
		return a, answer, b, err
	}
	if answer, err = c.do(ctx, a); err != nil {
		return a, answer, b, err
	}
	b, err = made(a, answer)
	return a, answer, b, err
}

// unwritten is a request of which no body can be made.
func unwritten(op string) error {
	return &hotel.Error{Op: op, Kind: hotel.Invalid, Err: errors.New("the request cannot be written")}
}

// made reads the answer of a write to a booking: 200, JSON, an id and rooms, or it is in doubt.
func made(a ask, answer reply) (wireBooking, error) {
	if answer.status != http.StatusOK {
		return wireBooking{}, a.odd(answer, "the answer's status is not that of a booking")
	}
	var got struct {
		Booking wireBooking `json:"booking"`
	}
	if err := a.decode(answer, &got); err != nil {
		return wireBooking{}, err
	}
	if got.Booking.ID.int() < 1 || got.Booking.count() == 0 {
		return wireBooking{}, a.odd(answer, "the answer has no booking with rooms")
	}
	return got.Booking, nil
}

var referenceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$`)

// check keeps from the server what it would choke on: some of it is answered
// with 200 "Fatal error", some with an empty 500, some is silently booked.
func (c *Client) check(r hotel.BookingRequest) *fault {
	switch {
	case !referenceForm.MatchString(string(r.Reference)):
		return &fault{"bad_reference", "the reference is empty or has odd characters"}
	case r.Rooms() < 1 || r.Rooms() > maxRooms:
		return &fault{"bad_rooms", "the number of rooms is out of range"}
	}
	if _, _, bad := c.fitContact(r); bad != nil {
		return bad
	}
	if err := c.checkStay(r.Stay); err != nil {
		return &fault{"bad_stay", err.Error()}
	}
	if _, err := roomTypeNumber(r.RoomType.ID); err != nil {
		return &fault{"bad_room_type", err.Error()}
	}
	for _, p := range r.Parties {
		if p.Adults < 1 || p.Children < 0 || len(p.Ages) > p.Children {
			return &fault{"bad_occupancy", "each room needs an adult, and no more ages than children"}
		}
	}
	return nil
}

func emailOK(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 128 || strings.ContainsAny(s, "[]|,%\" ") {
		return false
	}
	_, host, _ := strings.Cut(s, "@")
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".")
}
