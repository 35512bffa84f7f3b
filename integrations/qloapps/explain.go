package qloapps

import (
	"math/big"

	"github.com/conserje/conserje/hotel"
)

// explains tells whether an order comes to its rooms with nothing, with what is
// priced with them, or with what every booking gets. Any other sum holds something
// that only the booking itself tells: a service that the front desk added, a
// discount, a price of before.
func (c contents) explains(o wireOrder, rows []wireRow, iso string) bool {
	k := currency{iso: iso, rate: big.NewRat(1, 1)}
	if o.Rate != "" {
		rate, err := o.Rate.rat()
		if err != nil || rate.Sign() <= 0 {
			return false
		}
		k.rate = rate // of the day it was booked
	}
	total, err := o.Net.money(iso)
	if err != nil {
		return false
	}
	rest, lines := total.Minor, int64(len(rows))
	var inRoom, extra int64
	for _, w := range rows {
		net, err := w.Net.money(iso)
		if err != nil {
			return false
		}
		rest -= net.Minor
		id, nights := w.roomType(), hotel.Stay{CheckIn: day(w.From), CheckOut: day(w.To)}.Nights()
		for sum, charges := range map[*int64][]charge{&inRoom: c.withRoom[id], &extra: c.extras[id]} {
			for _, s := range charges {
				part, err := k.money(s.stay(nights))
				if err != nil {
					return false
				}
				*sum += part.Minor
				lines++
			}
		}
	}
	for _, known := range []int64{0, inRoom, inRoom + extra} {
		if off := rest - known; off <= lines && off >= -lines { // each line is rounded by itself
			return true
		}
	}
	return false
}
