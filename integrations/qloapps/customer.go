package qloapps

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

type wireCustomer struct {
	ID        number `json:"id"`
	FirstName words  `json:"firstname"`
	LastName  words  `json:"lastname"`
	Email     words  `json:"email"`
	Phone     words  `json:"phone"`
	Guest     number `json:"is_guest"`
	Deleted   number `json:"deleted"`
}

// UnmarshalJSONFrom takes an order's customer that is not there any more, too.
func (w *wireCustomer) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	type plain wireCustomer
	return optional(d, (*plain)(w))
}

func (w wireCustomer) contact() hotel.Contact {
	return hotel.Contact{FirstName: string(w.FirstName), LastName: string(w.LastName), Email: string(w.Email), Phone: string(w.Phone)}
}

// customers reads those whose field has one of the values, lowest id first. Fields
// are named one by one: the whole record holds a password's hash.
func (c *Client) customers(ctx context.Context, op, field string, values ...string) ([]wireCustomer, error) {
	var all []wireCustomer
	q := query{"display": "[id,lastname,firstname,email,phone,deleted,is_guest]", "filter[" + field + "]": "[" + strings.Join(values, "|") + "]", "sort": "[id_ASC]"}
	if err := c.list(ctx, op, "customers", "customers", q, &all); err != nil {
		return nil, err
	}
	for _, w := range all {
		if field == "id" && w.ID.int() != orderNumber(values[0]) || field == "email" && folded(string(w.Email)) != folded(values[0]) {
			return nil, odd(op, errNotHeeded) // the next thing would be somebody else's name
		}
	}
	return slices.DeleteFunc(all, func(w wireCustomer) bool { return w.Deleted.int() == 1 }), nil
}

// who is the person that a create names. QloApps finds its customer by e-mail and
// gives the record the name and phone of the request, so that a couple that
// shares a mailbox would rename each other: the record's own are sent, and the
// guest's go into the remark.
type who struct {
	wireNewCustomer
	note string // for the remark: what the front desk should know and the record does not say
}

// person fits the guest to QloApps and to the record that stands under the e-mail.
func (c *Client) person(ctx context.Context, op string, held contents, r hotel.BookingRequest) (who, error) {
	guest, lost, bad := c.fitContact(r)
	if bad != nil {
		return who{}, bad.as(op)
	}
	note := ""
	if lost {
		note = guestNote(r)
	}
	all, err := c.customers(ctx, op, "email", guest.Email)
	if err != nil {
		return who{}, notSent(err)
	}
	if held.version == Version161 { // its look-up leaves guest accounts out
		all = slices.DeleteFunc(all, func(w wireCustomer) bool { return w.Guest.int() == 1 })
	}
	if len(all) == 0 {
		return who{newCustomer(guest), note}, nil
	}
	known := all[0]
	if i := slices.IndexFunc(all, func(w wireCustomer) bool { return sameName(w.contact(), guest) }); i >= 0 {
		known = all[i]
	}
	send := newCustomer(known.contact())
	send.ID, send.Email = known.ID.int(), guest.Email
	if sameName(known.contact(), guest) {
		send.Phone = guest.Phone
	} else {
		note = guestNote(r)
	}
	// Empty fields are refused; bad ones of a record that is there are skipped.
	send.FirstName, send.LastName, send.Phone = orElse(send.FirstName, guest.FirstName), orElse(send.LastName, guest.LastName), orElse(send.Phone, guest.Phone)
	return who{send, note}, nil
}

func newCustomer(c hotel.Contact) wireNewCustomer {
	return wireNewCustomer{FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Phone: c.Phone}
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// fitContact makes of the guest what QloApps takes; lost tells that not all went in.
func (c *Client) fitContact(r hotel.BookingRequest) (guest hotel.Contact, lost bool, bad *fault) {
	first, lostFirst := fitName(r.Contact.FirstName)
	last, lostLast := fitName(r.Contact.LastName)
	phone, lostPhone := fitPhone(r.Contact.Phone)
	email := strings.TrimSpace(r.Contact.Email)
	if email == "" {
		email = c.madeUp(r.Guest)
	}
	guest = hotel.Contact{FirstName: first, LastName: last, Email: email, Phone: phone}
	switch {
	case first == "" || last == "":
		return guest, false, &fault{"bad_name", "nothing of a name is left when what QloApps refuses is taken out"}
	case !emailOK(email):
		return guest, false, &fault{"bad_email", "the e-mail is not one"}
	case phone == "":
		return guest, false, &fault{"bad_phone", "the phone number has no digits"}
	}
	return guest, lostFirst || lostLast || lostPhone, nil
}

// guestNote names the guest to the front desk, in the guest's own writing.
func guestNote(r hotel.BookingRequest) string {
	title := map[string]string{"es": "Huésped", "pt": "Hóspede"}
	lang, _, _ := strings.Cut(r.Lang, "-")
	word, ok := title[lang]
	if !ok {
		word = "Guest"
	}
	c := r.Contact
	return word + ": " + strings.TrimSpace(c.FirstName+" "+c.LastName) + ", " + strings.TrimSpace(c.Phone)
}

// emailOf reads the address that an order's customer stands under, a made-up one too.
func (c *Client) emailOf(ctx context.Context, op string, customer int) (string, error) {
	all, err := c.customers(ctx, op, "id", strconv.Itoa(customer))
	if err != nil {
		return "", err
	}
	if len(all) == 0 || all[0].Email == "" {
		return "", &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "bad_customer", Err: errors.New("the order's customer is not there any more")}
	}
	return string(all[0].Email), nil
}
