package qloapps

import (
	"math/big"

	"github.com/conserje/conserje/hotel"
)

// price puts a price on an offer, as the booking will come to: QloApps quotes a
// sum, and books, taxes, converts and rounds each line by itself, which are the
// room and the services whose price is in the room's.
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
	rate := taxRate(net, gross)
	room := new(big.Rat).Quo(net, big.NewRat(int64(q.Rooms), 1))
	o.Total, o.Tax = hotel.Money{Currency: k.iso}, hotel.Money{Currency: k.iso}
	for _, s := range inRoom {
		part := s.stay(q.Stay.Nights())
		if err := addLine(o, k, part, rate, q.Rooms); err != nil {
			return err
		}
		room.Sub(room, part)
	}
	if err := addLine(o, k, room, rate, q.Rooms); err != nil {
		return err
	}
	whole, err := k.money(gross)
	if err != nil {
		return err
	}
	off := o.Total.Minor - whole.Minor
	if lines := int64(q.Rooms * (len(inRoom) + 1)); off > lines || off < -lines { // more than rounding: QloApps' own word counts
		without, err := k.money(net)
		if err != nil {
			return err
		}
		o.Total, o.Tax = whole, hotel.Money{Minor: whole.Minor - without.Minor, Currency: k.iso}
	}
	return nil
}

// taxRate is the rate that makes gross of net: the roundest one that does so to
// the cent, since QloApps may have rounded both.
func taxRate(net, gross *big.Rat) *big.Rat {
	if net.Sign() <= 0 || gross.Cmp(net) <= 0 {
		return new(big.Rat)
	}
	exact := new(big.Rat).Quo(gross, net)
	exact.Sub(exact, big.NewRat(1, 1))
	off := new(big.Rat).Quo(big.NewRat(1, 100), net)
	for decimals := 2; decimals <= 5; decimals++ {
		round, ok := new(big.Rat).SetString(exact.FloatString(decimals))
		if !ok {
			break
		}
		if d := new(big.Rat).Sub(round, exact); d.Abs(d).Cmp(off) <= 0 {
			return round
		}
	}
	return exact
}

// addLine adds a line of a booking, as often as it stands there.
func addLine(o *hotel.Offer, k currency, net, rate *big.Rat, times int) error {
	without, err := k.money(net)
	if err != nil {
		return err
	}
	tax, err := k.money(new(big.Rat).Mul(net, rate))
	if err != nil {
		return err
	}
	o.Total = o.Total.Plus(without.Times(times)).Plus(tax.Times(times))
	o.Tax = o.Tax.Plus(tax.Times(times))
	return nil
}

// addExtras adds what the hotel's settings add to each room.
func addExtras(o *hotel.Offer, k currency, extras []charge, q hotel.AvailabilityQuery) error {
	for _, s := range extras {
		before := o.Total
		if err := addLine(o, k, s.stay(q.Stay.Nights()), s.rate, q.Rooms); err != nil {
			return err
		}
		o.Extras = append(o.Extras, hotel.Extra{Name: s.name, Total: hotel.Money{Minor: o.Total.Minor - before.Minor, Currency: k.iso}})
	}
	return nil
}
