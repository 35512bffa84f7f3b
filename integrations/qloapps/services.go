package qloapps

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
)

type wireService struct {
	ID       number     `json:"id"`
	Name     translated `json:"name"`
	Active   number     `json:"active"`
	AutoAdd  number     `json:"auto_add_to_cart"`
	Addition number     `json:"price_addition_type"`
	Price    number     `json:"price"`
	Method   number     `json:"price_calculation_method"`
	TaxGroup number     `json:"id_tax_rules_group"`
}

const (
	withRoom = 1 // price_addition_type of auto-added services whose price is in the room's
	perNight = 2 // price_calculation_method; 1 is once for a booked room
)

// inRoom tells whether the availability's prices hold the service.
func (s wireService) inRoom() bool { return s.AutoAdd.int() == 1 && s.Addition.int() == withRoom }

// charge is what a service costs in one room of a type, without tax, and its tax.
type charge struct {
	id       int
	name     string
	price    *big.Rat
	perNight bool
	rate     *big.Rat // of tax: 0.04
}

// stay is the price of a stay in one room, without tax.
func (s charge) stay(nights int) *big.Rat {
	net := new(big.Rat).Set(s.price)
	if s.perNight {
		net.Mul(net, big.NewRat(int64(nights), 1))
	}
	return net
}

// addServices tells of each type what its bookings name: what is priced with the
// room, and those that the hotel's own settings add.
func (c *Client) addServices(ctx context.Context, op string, held *contents, types []wireRoomType, at wireBranch, usual int) error {
	var all []wireService
	q := query{"display": "[id,name,active,auto_add_to_cart,price_addition_type,price,price_calculation_method,id_tax_rules_group]"}
	if err := c.list(ctx, op, "services", "services", q, &all); err != nil {
		return err
	}
	if err := c.checkServices(op, all, types); err != nil {
		return err
	}
	taxes, err := c.taxesFor(ctx, op, c.listed(all, types), at)
	if err != nil {
		return err
	}
	for _, t := range types {
		for _, link := range t.Links.Services {
			i := slices.IndexFunc(all, func(s wireService) bool { return s.ID.int() == link.ID.int() && s.Active.int() == 1 })
			if i < 0 {
				continue
			}
			id := t.id()
			held.offered[id] = append(held.offered[id], all[i].ID.int())
			switch {
			case all[i].inRoom():
				s, err := link.charge(op, all[i], usual, nil)
				if err != nil {
					return err
				}
				held.withRoom[id] = append(held.withRoom[id], s)
			case slices.Contains(c.config.Services, all[i].ID.int()):
				s, err := link.charge(op, all[i], usual, taxes)
				if err != nil {
					return err
				}
				held.extras[id] = append(held.extras[id], s)
			}
		}
	}
	return nil
}

// checkServices tells which of the ids in the hotel's settings are no services
// that may be added.
func (c *Client) checkServices(op string, all []wireService, types []wireRoomType) error {
	var wrong []string
	for _, id := range c.config.Services {
		i := slices.IndexFunc(all, func(s wireService) bool { return s.ID.int() == id })
		linked := slices.ContainsFunc(types, func(t wireRoomType) bool {
			return slices.ContainsFunc(t.Links.Services, func(l wireLink) bool { return l.ID.int() == id })
		})
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Sprintf("%d is not there", id))
		case all[i].Active.int() != 1:
			wrong = append(wrong, fmt.Sprintf("%d is switched off", id))
		case all[i].inRoom():
			wrong = append(wrong, fmt.Sprintf("%d is priced with the room, and booked anyway", id))
		case !linked:
			wrong = append(wrong, fmt.Sprintf("%d goes with none of this hotel's room types", id))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &hotel.Error{Op: op, Kind: hotel.Unauthorised, Code: live + "services", Scope: hotel.ScopeNumber,
		Err: fmt.Errorf("services that the hotel's settings list: %s", strings.Join(wrong, "; "))}
}

// taxGroup is the group that taxes the service in a room type.
func (l wireLink) taxGroup(s wireService) int {
	if l.TaxGroup != "" {
		return l.TaxGroup.int()
	}
	return s.TaxGroup.int()
}

// charge is the service's price as it goes with a room type: the link's own, if
// it has one. Without taxes it is not taxed here: the room's price says it all.
func (l wireLink) charge(op string, s wireService, usual int, taxes map[int]*big.Rat) (charge, error) {
	price := s.Price
	if l.Price != "" {
		price = l.Price
	}
	net, err := price.rat()
	if err != nil {
		return charge{}, &hotel.Error{Op: op, Kind: hotel.Transient, Code: live + "odd_200", Err: err}
	}
	rate := taxes[l.taxGroup(s)]
	if rate == nil {
		rate = new(big.Rat)
	}
	return charge{id: s.ID.int(), name: plainText(s.Name.in(usual)), price: net, perNight: s.Method.int() == perNight, rate: rate}, nil
}

// listed are the tax groups of the services that the settings add.
func (c *Client) listed(all []wireService, types []wireRoomType) []int {
	var groups []int
	for _, t := range types {
		for _, l := range t.Links.Services {
			i := slices.IndexFunc(all, func(s wireService) bool { return s.ID.int() == l.ID.int() })
			if i < 0 || !slices.Contains(c.config.Services, l.ID.int()) {
				continue
			}
			if g := l.taxGroup(all[i]); g > 0 && !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
	}
	return groups
}
