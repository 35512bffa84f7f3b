package actors_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// inn is a hotel system of one room type that knows nights and rooms, with the
// real one's habits: it locks nothing, the lowest row keeps a room, and a request
// may work though its answer does not come.
type inn struct {
	mu      sync.Mutex
	rooms   int
	price   int64 // a night
	orders  []hotel.Reservation
	row     int64
	calls   map[string]int
	touched []hotel.OrderChange // since the last poll, and those of its last seconds
	// before a call takes effect, and after it: the answer's error. n counts from 1.
	before, after map[string]func(ctx context.Context, n int) error
	made          func(o *hotel.Reservation) // a create's order before it is stored
	slow          map[string]time.Duration
	sick          string // the call that fails for April, and how
	sickness      func() error
}

func newInn() *inn {
	return &inn{rooms: 2, price: 1_000, calls: map[string]int{}, before: map[string]func(context.Context, int) error{},
		after: map[string]func(context.Context, int) error{}, slow: map[string]time.Duration{}}
}

var errCut = &hotel.Error{Op: "test", Kind: hotel.InDoubt, Code: "cut"}
var errWhole = &hotel.Error{Op: "test", Kind: hotel.InDoubt, Code: "qloapps_500"}
var errDown = &hotel.Error{Op: "test", Kind: hotel.Unavailable, Code: "timeout"}

func always(err error) func(context.Context, int) error {
	return func(context.Context, int) error { return err }
}

func once1(err error) func(context.Context, int) error {
	return func(_ context.Context, n int) error {
		if n == 1 {
			return err
		}
		return nil
	}
}

// call counts a call, lets it take its time, and does f unless told to fail before.
func (i *inn) call(ctx context.Context, op string, f func() error) error {
	i.mu.Lock()
	i.calls[op]++
	n, slow, before, after := i.calls[op], i.slow[op], i.before[op], i.after[op]
	i.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return errCut
		}
	}
	if before != nil {
		if err := before(ctx, n); err != nil {
			return err
		}
	}
	i.mu.Lock()
	err := f()
	i.mu.Unlock()
	if err == nil && after != nil {
		err = after(ctx, n)
	}
	return err
}

func (i *inn) set(f func(*inn)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f(i)
}

func (i *inn) count(op string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls[op]
}

// live are the orders that stand, without their rows.
func (i *inn) live() (out []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, o := range i.orders {
		if o.Status == hotel.StatusBooked {
			out = append(out, o.Order+" "+o.Stay.CheckIn.String())
		}
	}
	return out
}

func overlaps(a, b hotel.Stay) bool {
	return a.CheckIn.Before(b.CheckOut) && b.CheckIn.Before(a.CheckOut)
}

// free are the rooms that no order holds; the caller holds mu.
func (i *inn) free(stay hotel.Stay) (free []int64) {
	for room := range i.rooms {
		taken := slices.ContainsFunc(i.orders, func(o hotel.Reservation) bool {
			return o.Status == hotel.StatusBooked && overlaps(o.Stay, stay) &&
				slices.ContainsFunc(o.Rows, func(r hotel.RoomRow) bool { return r.Room == int64(room) })
		})
		if !taken {
			free = append(free, int64(room))
		}
	}
	return free
}

func (i *inn) total(stay hotel.Stay, rooms int) hotel.Money {
	return hotel.Money{Minor: i.price * int64(stay.Nights()*rooms), Currency: "ARS"}
}

// put books an order, whoever's; the caller holds mu.
func (i *inn) put(ref hotel.Reference, stay hotel.Stay, rooms ...int64) hotel.Reservation {
	n := len(i.orders) + 1
	o := hotel.Reservation{Reference: ref, Property: "posada", Order: fmt.Sprint(n), Code: hotel.BookingCode(fmt.Sprintf("CODEXXX%c%c", 'A'+n/26, 'A'+n%26)),
		RoomType: hotel.RoomType{ID: "1", Name: "Doble"}, Stay: stay, Rooms: len(rooms), Adults: 2, Total: i.total(stay, len(rooms)), Status: hotel.StatusBooked}
	i.settle(&o, rooms)
	i.orders = append(i.orders, o)
	return o
}

// settle gives an order new rows; the caller holds mu.
func (i *inn) settle(o *hotel.Reservation, rooms []int64) {
	o.Rows = nil
	for _, room := range rooms {
		i.row++
		o.Rows = append(o.Rows, hotel.RoomRow{ID: i.row, Room: room})
	}
}

func (i *inn) Availability(ctx context.Context, q hotel.AvailabilityQuery) (a hotel.Availability, err error) {
	err = i.call(ctx, "availability", func() error {
		if err := i.sickOf("availability", q.Stay); err != nil {
			return err
		}
		a = hotel.Availability{Query: q, At: time.Now(), Offers: []hotel.Offer{{RoomType: hotel.RoomType{ID: "1", Name: "Doble"},
			Free: len(i.free(q.Stay)), Total: i.total(q.Stay, q.Rooms)}}}
		return nil
	})
	return a, err
}

func (i *inn) RoomTypes(ctx context.Context, _ hotel.PropertyID) ([]hotel.RoomDetails, error) {
	return []hotel.RoomDetails{{RoomType: hotel.RoomType{ID: "1", Name: "Doble"}}}, i.call(ctx, "rooms", func() error { return nil })
}

func (i *inn) Profile(context.Context, hotel.PropertyID, string) (hotel.Profile, error) {
	return hotel.Profile{}, &hotel.Error{Kind: hotel.NotFound}
}

func (i *inn) ByCode(ctx context.Context, _ hotel.PropertyID, code hotel.BookingCode) (r hotel.Reservation, err error) {
	err = i.call(ctx, "by_code", func() error {
		for _, o := range i.orders {
			if o.Code == code {
				r = o
				return nil
			}
		}
		return &hotel.Error{Kind: hotel.NotFound}
	})
	return r, err
}

func (i *inn) ByReference(ctx context.Context, _ hotel.PropertyID, ref hotel.Reference) (found []hotel.Reservation, err error) {
	err = i.call(ctx, "by_reference", func() error {
		for _, o := range i.orders {
			if o.Reference == ref && o.Status == hotel.StatusBooked {
				found = append(found, o)
			}
		}
		return nil
	})
	return found, err
}

func (i *inn) Create(ctx context.Context, r hotel.BookingRequest) (made hotel.Reservation, err error) {
	err = i.call(ctx, "create", func() error {
		if err := i.sickOf("create", r.Stay); err != nil {
			return err
		}
		free := i.free(r.Stay)
		if len(free) < r.Rooms() {
			return &hotel.Error{Kind: hotel.SoldOut}
		}
		made = i.put(r.Reference, r.Stay, free[:r.Rooms()]...)
		if i.made != nil {
			i.made(&i.orders[len(i.orders)-1])
			made = i.orders[len(i.orders)-1]
		}
		return nil
	})
	return made, err
}

// sickOf is what a call about a stay fails with; the caller holds mu.
func (i *inn) sickOf(op string, stay hotel.Stay) error {
	if op != i.sick || stay != april {
		return nil
	}
	return i.sickness()
}

func (i *inn) Overbooked(ctx context.Context, r hotel.Reservation) (lost bool, err error) {
	err = i.call(ctx, "overbooked", func() error {
		for _, o := range i.orders {
			if o.Order == r.Order || o.Status != hotel.StatusBooked || !overlaps(o.Stay, r.Stay) {
				continue
			}
			for _, theirs := range o.Rows {
				for _, ours := range r.Rows {
					lost = lost || theirs.Room == ours.Room && theirs.ID < ours.ID
				}
			}
		}
		return nil
	})
	return lost, err
}

func (i *inn) Change(ctx context.Context, c hotel.ChangeRequest) (moved hotel.Reservation, err error) {
	err = i.call(ctx, "change", func() error {
		for n := range i.orders {
			o := &i.orders[n]
			if o.Order != c.Booking.Order {
				continue
			}
			free := i.free(c.Stay) // its own old rows are in the way
			if len(free) < o.Rooms {
				return &hotel.Error{Kind: hotel.SoldOut}
			}
			o.Stay, o.Total = c.Stay, i.total(c.Stay, o.Rooms)
			i.settle(o, free[:o.Rooms])
			if i.made != nil {
				i.made(o)
			}
			moved = *o
			return nil
		}
		return &hotel.Error{Kind: hotel.NotFound}
	})
	return moved, err
}

// Changes begins an hour back without a mark, as the client does.
func (i *inn) Changes(ctx context.Context, _ hotel.PropertyID, since string) (orders []hotel.OrderChange, mark string, err error) {
	err = i.call(ctx, "changes", func() error {
		for n := range i.touched {
			if i.touched[n].Updated == "" {
				i.touched[n].Updated = time.Now().Format(time.DateTime)
			}
		}
		orders = slices.DeleteFunc(slices.Clone(i.touched), func(o hotel.OrderChange) bool {
			return since == "" && o.Updated < time.Now().Add(-time.Hour).Format(time.DateTime)
		})
		if len(orders) > 0 { // the newest comes again and again, until another one is
			i.touched = orders[len(orders)-1:]
		}
		return nil
	})
	return orders, time.Now().Format(time.DateTime), err
}

func (i *inn) Cancel(ctx context.Context, c hotel.CancelRequest) error {
	return i.call(ctx, "cancel", func() error {
		for n := range i.orders {
			if i.orders[n].Order == c.Order {
				i.orders[n].Status = hotel.StatusCancelled
			}
		}
		return nil
	})
}

func (i *inn) Probe(context.Context, hotel.PropertyID) error { return nil }
