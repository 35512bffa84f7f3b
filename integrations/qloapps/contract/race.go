package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/conserje/conserje/hotel"
)

// fillAtMost is how many rooms are taken to make one the last.
const fillAtMost = 12

// race lets several bookings at once fight for the last room of a type, each
// with the check that follows every booking: one keeps it.
func (r *run) race(ctx context.Context) (string, error) {
	rt, stay, offer, err := r.lastOnes(ctx)
	if err != nil {
		return "", err
	}
	if n := offer.Free - 1; n > 0 {
		parties := make([]hotel.Party, n)
		for i := range parties {
			parties[i] = hotel.Party{Adults: 1}
		}
		if _, _, err := r.book(ctx, r.request(rt, stay, offer.Total.Times(n), parties...)); err != nil {
			return "", fmt.Errorf("taking all rooms but one: %w", err)
		}
	}
	results := make([]racer, r.options.Racers)
	var wg sync.WaitGroup
	for i := range results {
		req := r.request(rt, stay, offer.Total, hotel.Party{Adults: 1})
		wg.Go(func() { results[i] = r.racer(ctx, req) })
	}
	wg.Wait()
	made, kept := 0, 0
	var wrong []error
	for _, x := range results {
		wrong = append(wrong, x.err)
		if x.made {
			made++
		}
		if x.kept {
			kept++
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return "", err
	}
	if kept != 1 {
		return "", fmt.Errorf("of %d bookings at once the server made %d, and %d kept the room", len(results), made, kept)
	}
	left, err := r.quote(ctx, rt.ID, stay, 1)
	if err != nil {
		return "", err
	}
	if left.Free != 0 {
		return "", fmt.Errorf("the room is kept, and %d are free", left.Free)
	}
	return fmt.Sprintf("of %d at once the server made %d; one kept the room, the others were taken back", len(results), made), nil
}

// racer is how one of them fared.
type racer struct {
	made, kept bool
	err        error
}

func (r *run) racer(ctx context.Context, req hotel.BookingRequest) racer {
	made, _, err := r.book(ctx, req)
	switch hotel.KindOf(err) {
	case hotel.SoldOut:
		return racer{}
	case hotel.InDoubt: // looked up, and not made: as some losers are answered
		return racer{}
	}
	if err != nil {
		return racer{err: err}
	}
	lost, err := r.Overbooked(ctx, made)
	if err != nil || !lost {
		return racer{made: true, kept: err == nil, err: err}
	}
	return racer{made: true, err: r.Cancel(ctx, hotel.CancelRequest{Property: req.Property, Reference: req.Reference, Order: made.Order, Code: made.Code})}
}

// lastOnes finds the room type and nights with the fewest rooms left.
func (r *run) lastOnes(ctx context.Context) (rt hotel.RoomType, stay hotel.Stay, best hotel.Offer, err error) {
	in := r.stay.CheckIn.AddDays(7)
	stay = hotel.Stay{CheckIn: in, CheckOut: in.AddDays(1)}
	for range 2 { // one night, or two where one is too short
		a, err := r.Availability(ctx, hotel.AvailabilityQuery{Property: r.options.Config.Property, Stay: stay, Rooms: 1})
		if err != nil {
			return rt, stay, best, err
		}
		for _, o := range a.Offers {
			if o.Free > 0 && o.RoomType.MaxAdults > 0 && (best.Free == 0 || o.Free < best.Free) {
				best, rt = o, o.RoomType
			}
		}
		if best.Free > 0 {
			break
		}
		stay.CheckOut = stay.CheckOut.AddDays(1)
	}
	switch {
	case best.Free == 0:
		return rt, stay, best, skip("nothing is free a week after the first booking")
	case best.Free > fillAtMost:
		return rt, stay, best, skip(fmt.Sprintf("every room type has more than %d rooms left", fillAtMost))
	}
	return rt, stay, best, nil
}
