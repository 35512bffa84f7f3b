package qloapps

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/conserje/conserje/hotel"
)

// Profile reads who is known under an e-mail or a phone number. NotFound: nobody.
func (c *Client) Profile(ctx context.Context, emailOrPhone string) (hotel.Profile, error) {
	const op = "qloapps.Profile"
	field, values, bad := sought(emailOrPhone)
	if bad != nil {
		return hotel.Profile{}, bad.as(op)
	}
	people, err := c.customers(ctx, op, field, values...)
	if err != nil {
		return hotel.Profile{}, err
	}
	if len(people) == 0 {
		return hotel.Profile{}, &hotel.Error{Op: op, Kind: hotel.NotFound, Err: errors.New("nobody is known under this e-mail or phone number")}
	}
	// One e-mail may belong to several customers; the first one's name stands for all.
	ids := make([]string, 0, len(people))
	for _, p := range people {
		ids = append(ids, strconv.Itoa(p.ID.int()))
	}
	var orders []wireOrder
	q := query{"display": "[id,current_state]", "filter[id_customer]": "[" + strings.Join(ids, "|") + "]"}
	if err := c.list(ctx, op, "orders", "orders", q, &orders); err != nil {
		return hotel.Profile{}, err
	}
	profile := hotel.Profile{Contact: people[0].contact()}
	profile.Contact.Email = c.email(profile.Contact.Email)
	for _, o := range orders {
		if !o.over() {
			profile.Bookings++
		}
	}
	return profile, nil
}

// sought is the filter for a word of a guest. A phone number is compared letter by
// letter, so that the ways in which it may stand there are all asked for.
func sought(emailOrPhone string) (field string, values []string, bad *fault) {
	s := strings.TrimSpace(emailOrPhone)
	if strings.Contains(s, "@") {
		if !emailOK(s) {
			return "", nil, &fault{"bad_email", "the e-mail is not one"}
		}
		return "email", []string{s}, nil
	}
	phone, lost := fitPhone(s)
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, phone)
	if lost || len(digits) < 6 {
		return "", nil, &fault{"bad_phone", "neither an e-mail nor a phone number"}
	}
	values = []string{digits, "+" + digits}
	if phone != values[0] && phone != values[1] {
		values = append(values, phone)
	}
	return "phone", values, nil
}
