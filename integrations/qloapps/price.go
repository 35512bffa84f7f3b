package qloapps

import (
	"math/big"

	"github.com/conserje/conserje/hotel"
)

// price puts QloApps' own price on an offer. In the shop's currency that is what
// it says. In another one each line of the later booking is converted and rounded
// by itself: the rooms, and the services whose price is in theirs.
func (t wireAvailable) price(o *hotel.Offer, k currency, inRoom []charge, q hotel.AvailabilityQuery) error {
	nightly, err := t.Nightly.rat()
	if err != nil {
		return err
	}
	net, err := t.TotalNet.rat()
	if err != nil {
		return err
	}
	gross, err := t.TotalGross.rat()
	if err != nil {
		return err
	}
	if o.Nightly, err = k.money(nightly); err != nil {
		return err
	}
	o.Total, o.Tax = hotel.Money{Currency: k.iso}, hotel.Money{Currency: k.iso}
	one := big.NewRat(1, 1)
	if k.rate.Cmp(one) == 0 {
		return addLine(o, k, net, gross, 1)
	}
	rooms := big.NewRat(int64(q.Rooms), 1)
	net.Quo(net, rooms)
	gross.Quo(gross, rooms)
	taxed := new(big.Rat).Set(one)
	if net.Sign() > 0 {
		taxed.Quo(gross, net)
	}
	for _, s := range inRoom {
		part, _ := s.stay(q.Stay.Nights())
		with := new(big.Rat).Mul(part, taxed)
		if err := addLine(o, k, part, with, q.Rooms); err != nil {
			return err
		}
		net.Sub(net, part)
		gross.Sub(gross, with)
	}
	return addLine(o, k, net, gross, q.Rooms)
}

// addLine adds a line of a booking, as often as it stands there.
func addLine(o *hotel.Offer, k currency, net, gross *big.Rat, times int) error {
	with, err := k.money(gross)
	if err != nil {
		return err
	}
	without, err := k.money(net)
	if err != nil {
		return err
	}
	o.Total = o.Total.Plus(with.Times(times))
	o.Tax.Minor += (with.Minor - without.Minor) * int64(times)
	return nil
}

// addExtras adds what the hotel's settings add to each room.
func addExtras(o *hotel.Offer, k currency, extras []charge, q hotel.AvailabilityQuery) error {
	for _, s := range extras {
		before := o.Total
		net, gross := s.stay(q.Stay.Nights())
		if err := addLine(o, k, net, gross, q.Rooms); err != nil {
			return err
		}
		o.Extras = append(o.Extras, hotel.Extra{Name: s.name, Total: hotel.Money{Minor: o.Total.Minor - before.Minor, Currency: k.iso}})
	}
	return nil
}
