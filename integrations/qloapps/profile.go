package qloapps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// Profile reads who is known under an e-mail. NotFound: nobody. Fields are named
// one by one: the whole record holds a password's hash.
func (c *Client) Profile(ctx context.Context, email string) (hotel.Profile, error) {
	const op = "qloapps.Profile"
	if !emailOK(email) {
		return hotel.Profile{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "bad_email", Err: errors.New("the e-mail is not one")}
	}
	var people []struct {
		ID number `json:"id"`
		wireCustomer
	}
	q := query{"display": "[id,firstname,lastname,email]", "filter[email]": "[" + email + "]"}
	if err := c.list(ctx, op, "customers", "customers", q, &people); err != nil {
		return hotel.Profile{}, err
	}
	if len(people) == 0 {
		return hotel.Profile{}, &hotel.Error{Op: op, Kind: hotel.NotFound, Err: errors.New("nobody is known under this e-mail")}
	}
	// One e-mail may belong to several customers; bookings go to the first.
	ids := make([]string, 0, len(people))
	for _, p := range people {
		ids = append(ids, fmt.Sprint(p.ID.int()))
	}
	var orders []wireOrder
	q = query{"display": "[id,current_state]", "filter[id_customer]": "[" + strings.Join(ids, "|") + "]"}
	if err := c.list(ctx, op, "orders", "orders", q, &orders); err != nil {
		return hotel.Profile{}, err
	}
	orders = slices.DeleteFunc(orders, wireOrder.over)
	p := people[0]
	return hotel.Profile{Contact: hotel.Contact{FirstName: string(p.FirstName), LastName: string(p.LastName), Email: string(p.Email)}, Bookings: len(orders)}, nil
}
