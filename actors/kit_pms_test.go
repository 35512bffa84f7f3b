package actors_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// pms is a hotel system with one room type, and the real one's race.
type pms struct {
	mu      sync.Mutex
	rooms   int
	orders  []hotel.Reservation
	creates int
	lost    bool // every booking finds that another one holds its room
	calls   int
	price   int64
	down    error                                               // of every call but Probe
	slow    time.Duration                                       // of Availability
	fail    func() error                                        // of every call but Probe
	create  func(hotel.BookingRequest) (booked bool, err error) // decides a create
}

func newPMS() *pms { return &pms{rooms: 5, price: 8_500_000} }

func (p *pms) enter() error {
	p.calls++
	if p.fail != nil && p.down == nil {
		return p.fail()
	}
	return p.down
}

func (p *pms) live() int {
	n := 0
	for _, o := range p.orders {
		if o.Status == hotel.StatusBooked {
			n++
		}
	}
	return n
}

func (p *pms) Availability(ctx context.Context, q hotel.AvailabilityQuery) (hotel.Availability, error) {
	if err := linger(ctx, &p.mu, &p.slow); err != nil {
		return hotel.Availability{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Availability{}, err
	}
	total := hotel.Money{Minor: p.price, Currency: "ARS"}
	return hotel.Availability{Query: q, At: time.Now(), Offers: []hotel.Offer{{
		RoomType: hotel.RoomType{ID: "1", Name: "Doble", MaxAdults: 2, MaxChildren: 1, MaxGuests: 3},
		Free:     p.rooms - p.live(), Nightly: total, Total: total.Times(q.Stay.Nights() * max(1, q.Rooms)),
	}}}, nil
}

func (p *pms) RoomTypes(context.Context, hotel.PropertyID) ([]hotel.RoomDetails, error) {
	return nil, nil
}

func (p *pms) Profile(context.Context, hotel.PropertyID, string) (hotel.Profile, error) {
	return hotel.Profile{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) ByCode(_ context.Context, _ hotel.PropertyID, code hotel.BookingCode) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.orders {
		if o.Code == code {
			return o, p.enter()
		}
	}
	return hotel.Reservation{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) ByReference(_ context.Context, _ hotel.PropertyID, ref hotel.Reference) ([]hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []hotel.Reservation
	for _, o := range p.orders {
		if o.Reference == ref && o.Status == hotel.StatusBooked {
			found = append(found, o)
		}
	}
	return found, p.enter()
}

func (p *pms) Create(_ context.Context, r hotel.BookingRequest) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Reservation{}, err
	}
	p.creates++
	if p.live() >= p.rooms {
		return hotel.Reservation{}, &hotel.Error{Kind: hotel.SoldOut}
	}
	booked, err := true, error(nil)
	if p.create != nil {
		booked, err = p.create(r)
	}
	if !booked {
		return hotel.Reservation{}, err
	}
	o := hotel.Reservation{Reference: r.Reference, Property: r.Property, Order: fmt.Sprint(len(p.orders) + 1),
		Code: hotel.BookingCode(fmt.Sprintf("XKBKNAB%c%c", 'A'+len(p.orders)/26, 'A'+len(p.orders)%26)), RoomType: r.RoomType, Stay: r.Stay,
		Rooms: r.Rooms(), Adults: 2, Total: r.Quote, Contact: r.Contact, Status: hotel.StatusBooked}
	p.orders = append(p.orders, o)
	return o, err
}

func (p *pms) Change(_ context.Context, c hotel.ChangeRequest) (hotel.Reservation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return hotel.Reservation{}, err
	}
	for i := range p.orders {
		if p.orders[i].Order == c.Booking.Order {
			p.orders[i].Stay, p.orders[i].Total = c.Stay, c.Quote
			return p.orders[i], nil
		}
	}
	return hotel.Reservation{}, &hotel.Error{Kind: hotel.NotFound}
}

func (p *pms) Changes(context.Context, hotel.PropertyID, string) ([]hotel.OrderChange, string, error) {
	return nil, "", nil
}

func (p *pms) Overbooked(context.Context, hotel.Reservation) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost, p.enter()
}

func (p *pms) Cancel(_ context.Context, c hotel.CancelRequest) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.enter(); err != nil {
		return err
	}
	for i := range p.orders {
		if p.orders[i].Order == c.Order {
			p.orders[i].Status = hotel.StatusCancelled
		}
	}
	return nil
}

func (p *pms) Probe(context.Context, hotel.PropertyID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

func (p *pms) set(f func(*pms)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}
