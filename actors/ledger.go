package actors

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/conserje/conserje/hotel"
)

// ledger knows one property's bookings and moves that are this engine's to look
// after: what they may hold, and what it knows of each beyond its row. Guests are
// shown their rooms as taken until the doubt is resolved; before a booking every
// engine's doubts count (writes.taken). What it knows dies with the engine: what
// others need is noted on the row, and rows that are taken up are entered anew.
// Safe for concurrent use; nil knows of none.
type ledger struct {
	n     atomic.Int64 // in doubt: most questions find none
	gauge prometheus.Gauge
	mu    sync.Mutex
	open  map[hotel.Key]*inQuestion
}

// inQuestion is one request whose outcome is not known.
type inQuestion struct {
	roomType hotel.RoomTypeID
	stay     hotel.Stay
	rooms    int
	known
	doubt bool      // its outcome is in doubt; else its request is out
	until time.Time // it is forgotten, unless somebody still looks after it
}

// known is what this engine knows of a request beyond its row.
type known struct {
	attempt int
	left    time.Time // for the hotel system; zero = not known
	whole   bool      // the hotel system has answered to it: nothing of it runs there any more
	booked  bool      // the hotel system holds it, and counts its rooms itself
	tries   int       // to do what is still to be done
}

// lookedAfter is how long an entry holds that nobody renews: its row has ended
// elsewhere. Who looks after a row renews it every few seconds.
const lookedAfter = 2 * time.Minute

func newLedger(gauge prometheus.Gauge) *ledger {
	gauge.Set(0)
	return &ledger{gauge: gauge, open: map[hotel.Key]*inQuestion{}}
}

// enter notes a request, or renews it. What is known of the same attempt stays.
func (l *ledger) enter(key hotel.Key, q inQuestion) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if was := l.open[key]; was != nil && was.attempt == q.attempt {
		q.known = was.known
	}
	q.until = time.Now().Add(lookedAfter)
	l.open[key] = &q
	l.count()
}

// learn changes what is known of a doubt.
func (l *ledger) learn(key hotel.Key, change func(*known)) known {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.open[key]
	if q == nil {
		return known{}
	}
	change(&q.known)
	return q.known
}

// of is what is known of a row's present attempt.
func (l *ledger) of(row hotel.OutboxRow) known {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q := l.open[row.Key]; q != nil && q.attempt == row.Attempt {
		return q.known
	}
	return known{attempt: row.Attempt}
}

// leave ends a request.
func (l *ledger) leave(key hotel.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, key)
	l.count()
}

// harmless tells whether a row takes no room beyond those that the hotel system
// counts: it is known to be booked, or its request is out and nobody doubts it.
func (l *ledger) harmless(row hotel.OutboxRow) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.open[row.Key]
	return q != nil && q.attempt == row.Attempt && (q.booked || !q.doubt)
}

// taken counts the rooms of a type that doubts may hold on a night of the stay.
func (l *ledger) taken(rt hotel.RoomTypeID, stay hotel.Stay) (rooms int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for key, q := range l.open {
		if now.After(q.until) {
			delete(l.open, key)
			l.count()
			continue
		}
		if q.doubt && !q.booked && q.roomType == rt && overlap(q.stay, stay) {
			rooms += q.rooms
		}
	}
	return rooms
}

func (l *ledger) none() bool { return l == nil || l.n.Load() == 0 }

// count is called under mu.
func (l *ledger) count() {
	n := 0
	for _, q := range l.open {
		if q.doubt {
			n++
		}
	}
	l.n.Store(int64(n))
	l.gauge.Set(float64(n))
}

func overlap(a, b hotel.Stay) bool {
	return a.CheckIn.Before(b.CheckOut) && b.CheckIn.Before(a.CheckOut)
}

// less is an availability without the rooms that doubts may hold. The offers of
// a are others', and stay as they are.
func (l *ledger) less(a hotel.Availability) hotel.Availability {
	if l.none() {
		return a
	}
	offers := make([]hotel.Offer, len(a.Offers))
	copy(offers, a.Offers)
	for i := range offers {
		offers[i].Free = max(0, offers[i].Free-l.taken(offers[i].RoomType.ID, a.Query.Stay))
	}
	a.Offers = offers
	return a
}
