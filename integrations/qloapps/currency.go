package qloapps

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// currency is one that the shop takes.
type currency struct {
	id   int
	iso  string
	rate *big.Rat // how much of it one unit of the shop's own is worth
}

// currencies reads those that are active.
func (c *Client) currencies(ctx context.Context, op string) ([]currency, error) {
	var all []struct {
		ID      number `json:"id"`
		ISO     words  `json:"iso_code"`
		Rate    number `json:"conversion_rate"`
		Active  number `json:"active"`
		Deleted number `json:"deleted"`
	}
	q := query{"display": "[id,iso_code,conversion_rate,active,deleted]"}
	if err := c.list(ctx, op, "currencies", "currencies", q, &all); err != nil {
		return nil, err
	}
	var active []currency
	for _, w := range all {
		if w.Active.int() != 1 || w.Deleted.int() == 1 {
			continue
		}
		rate, err := w.Rate.rat()
		if err != nil || rate.Sign() <= 0 {
			return nil, &hotel.Error{Op: op, Kind: hotel.Transient, Code: live + "odd_200", Err: errors.New("a currency's rate cannot be read")}
		}
		active = append(active, currency{w.ID.int(), strings.ToUpper(string(w.ISO)), rate})
	}
	return active, nil
}

// exchange is how the shop's prices become the hotel's: QloApps quotes in its
// default currency always, and books in the one that the booking names.
func (c *Client) exchange(ctx context.Context, op, quoted string) (currency, error) {
	quoted = strings.ToUpper(quoted)
	own := currency{iso: quoted, rate: big.NewRat(1, 1)}
	want := c.config.Currency
	if want == "" || want == quoted {
		return own, nil
	}
	active, err := c.rates.get(ctx, op, c.config.Now(), c.config.CatalogueTTL, false, func() ([]currency, error) { return c.currencies(ctx, op) })
	if err != nil {
		return own, err
	}
	i := slices.IndexFunc(active, func(k currency) bool { return k.iso == want })
	if i < 0 {
		return own, &hotel.Error{Op: op, Kind: hotel.Unauthorised, Code: live + "currency", Scope: hotel.ScopeNumber,
			Err: fmt.Errorf("QloApps quotes in %s, and %s is none of its active currencies", quoted, want)}
	}
	return active[i], nil
}

// money converts an amount of the shop's own currency and rounds it, half away
// from zero, as the server does with each line of a booking.
func (k currency) money(amount *big.Rat) (hotel.Money, error) {
	return hotel.ParseMoney(new(big.Rat).Mul(amount, k.rate).FloatString(8), k.iso)
}
