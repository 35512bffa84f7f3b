package qloapps

import (
	"context"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

type (
	wireTaxRule struct {
		Group    number `json:"id_tax_rules_group"`
		Country  number `json:"id_country"`
		State    number `json:"id_state"`
		ZipFrom  words  `json:"zipcode_from"`
		ZipTo    words  `json:"zipcode_to"`
		Tax      number `json:"id_tax"`
		Behavior number `json:"behavior"`
	}
	wireTax struct {
		ID   number `json:"id"`
		Rate number `json:"rate"` // per cent
	}
)

// What several taxes of one place come to (tax_rules.behavior of the first).
const (
	onlyFirst = 0
	added     = 1
	onTop     = 2 // one after another
)

// taxesFor reads what the groups come to at the hotel: QloApps taxes by the
// hotel's address, not by the guest's.
func (c *Client) taxesFor(ctx context.Context, op string, groups []int, at wireBranch) (map[int]*big.Rat, error) {
	rates := map[int]*big.Rat{}
	if len(groups) == 0 {
		return rates, nil
	}
	settings, err := c.settings(ctx, op, "PS_TAX")
	if err != nil {
		return nil, err
	}
	if number(settings["PS_TAX"]).int() != 1 {
		return rates, nil
	}
	var rules []wireTaxRule
	q := query{"display": "[id_tax_rules_group,id_state,id_country,zipcode_from,zipcode_to,id_tax,behavior]", "filter[id_tax_rules_group]": among(groups)}
	if err := c.list(ctx, op, "tax_rules", "tax_rules", q, &rules); err != nil {
		return nil, err
	}
	var taxes []wireTax
	if err := c.list(ctx, op, "taxes", "taxes", query{"display": "[id,rate]"}, &taxes); err != nil {
		return nil, err
	}
	for _, g := range groups {
		rate, err := rateOf(g, rules, taxes, at)
		if err != nil {
			return nil, &hotel.Error{Op: op, Kind: hotel.Transient, Code: live + "odd_200", Err: err}
		}
		rates[g] = rate
	}
	return rates, nil
}

// rateOf joins the taxes of a group that hold at a place, the nearest rule first.
func rateOf(group int, rules []wireTaxRule, taxes []wireTax, at wireBranch) (*big.Rat, error) {
	here := slices.DeleteFunc(slices.Clone(rules), func(r wireTaxRule) bool {
		return r.Group.int() != group || r.Country.int() != at.Country.int() || r.State.int() != 0 && r.State.int() != at.State.int() || !r.holdsFor(string(at.Zip))
	})
	slices.SortStableFunc(here, func(a, b wireTaxRule) int {
		if n := strings.Compare(string(b.ZipFrom), string(a.ZipFrom)); n != 0 {
			return n
		}
		return b.State.int() - a.State.int()
	})
	sum, hundred := new(big.Rat), big.NewRat(100, 1)
	for i, rule := range here {
		k := slices.IndexFunc(taxes, func(t wireTax) bool { return t.ID.int() == rule.Tax.int() })
		if k < 0 {
			continue
		}
		rate, err := taxes[k].Rate.rat()
		if err != nil {
			return nil, err
		}
		rate.Quo(rate, hundred)
		switch {
		case i == 0:
			sum.Set(rate)
		case here[0].Behavior.int() == added:
			sum.Add(sum, rate)
		case here[0].Behavior.int() == onTop: // (1+a)(1+b)-1
			sum.Add(sum, rate.Mul(rate, new(big.Rat).Add(big.NewRat(1, 1), sum)))
		}
		if rule.Behavior.int() == onlyFirst {
			break
		}
	}
	return sum, nil
}

// holdsFor tells whether a rule holds for a postcode: it may name none, one, or a range.
func (r wireTaxRule) holdsFor(zip string) bool {
	from, to := string(r.ZipFrom), string(r.ZipTo)
	none := func(s string) bool { return s == "" || s == "0" }
	switch {
	case none(from) && none(to):
		return true
	case none(to):
		return zip == from
	default:
		return zip >= from && zip <= to
	}
}

// among is a filter's value for any of some ids.
func among(ids []int) string {
	all := make([]string, 0, len(ids))
	for _, id := range ids {
		all = append(all, strconv.Itoa(id))
	}
	return "[" + strings.Join(all, "|") + "]"
}
