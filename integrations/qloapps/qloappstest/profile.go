package qloappstest

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/http"
	"time"
)

// cost is how long an operation was measured to take, in ms, with 1, 4 and 8
// calls under way: half of the calls are faster than p50, one in twenty slower
// than p95. Apache prefork, opcache, two shared cores, loopback.
type cost struct{ p50, p95 [3]float64 }

var loads = [3]float64{1, 4, 8}

var (
	costRoot         = cost{[3]float64{14, 27, 52}, [3]float64{17, 47, 106}}
	costHotels       = cost{[3]float64{15, 31, 64}, [3]float64{20, 49, 102}}
	costRoomTypes    = cost{[3]float64{23, 44, 81}, [3]float64{29, 72, 124}}
	costARIOne       = cost{[3]float64{27, 52, 105}, [3]float64{33, 82, 136}}
	costARIHotel     = cost{[3]float64{51, 77, 186}, [3]float64{62, 120, 241}}
	costARI14Nights  = cost{[3]float64{313, 406, 824}, [3]float64{341, 547, 981}}
	costARI31Nights  = cost{[3]float64{608, 828, 1565}, [3]float64{768, 1150, 1696}}
	costCreate       = cost{[3]float64{151, 244, 500}, [3]float64{185, 323, 629}}
	costBooking      = cost{[3]float64{18, 45, 80}, [3]float64{22, 69, 114}}
	costRoomBookings = cost{[3]float64{11, 22, 43}, [3]float64{15, 33, 56}}
	costOrders       = cost{[3]float64{12, 23, 50}, [3]float64{17, 45, 73}}
	costCustomers    = cost{[3]float64{11, 23, 48}, [3]float64{16, 40, 74}}
	costChange       = cost{[3]float64{38, 64, 128}, [3]float64{54, 84, 186}}
	costState        = costChange.times(0.66) // a cancel by order_histories takes about 25 ms
)

func (c cost) times(factor float64) cost {
	for i := range loads {
		c.p50[i] *= factor
		c.p95[i] *= factor
	}
	return c
}

// at is the middle and the slow end with n calls under way. Beyond 8 it grows
// with them: the server does no more in a second than with 4.
func (c cost) at(n float64) (p50, p95 float64) {
	last := len(loads) - 1
	if n >= loads[last] {
		return c.p50[last] * n / loads[last], c.p95[last] * n / loads[last]
	}
	for i := range last {
		if n <= loads[i+1] {
			part := max(n-loads[i], 0) / (loads[i+1] - loads[i])
			return c.p50[i] + part*(c.p50[i+1]-c.p50[i]), c.p95[i] + part*(c.p95[i+1]-c.p95[i])
		}
	}
	return c.p50[last], c.p95[last]
}

// operation tells what a call costs.
func operation(method, resource, id string, body []byte) cost {
	switch {
	case resource == "":
		return costRoot
	case resource == "hotel_ari":
		return availabilityCost(body)
	case resource == "bookings" && method == http.MethodPost:
		return costCreate
	case resource == "bookings" && method == http.MethodPut:
		return costChange
	case resource == "bookings" && id != "":
		return costBooking
	case resource == "order_histories" && method == http.MethodPost:
		return costState
	case resource == "room_types", resource == "services":
		return costRoomTypes
	case resource == "orders":
		return costOrders
	case resource == "room_bookings":
		return costRoomBookings
	case resource == "customers":
		return costCustomers
	default:
		return costHotels
	}
}

// availabilityCost depends on what is asked: one type, all of them, or each night of a stay.
func availabilityCost(body []byte) cost {
	t, err := parseXML(body)
	if err != nil {
		return costRoot // refused
	}
	if t.at("date_wise_breakdown").int() != 1 {
		if t.has("id_room_type") {
			return costARIOne
		}
		return costARIHotel
	}
	c, part := costARIHotel, float64(nights(t.at("date_from").text(), t.at("date_to").text())-14)/17
	for i := range loads {
		c.p50[i] = max(c.p50[i], costARI14Nights.p50[i]+part*(costARI31Nights.p50[i]-costARI14Nights.p50[i]))
		c.p95[i] = max(c.p95[i], costARI14Nights.p95[i]+part*(costARI31Nights.p95[i]-costARI14Nights.p95[i]))
	}
	return c
}

// createCost grows with rooms and services; 1.6.1 also sends its mails meanwhile.
func createCost(w *wish) cost {
	factor := 1 + 0.78*float64(len(w.rooms)-1)
	for _, r := range w.rooms {
		factor += 0.26 * float64(len(r.services))
	}
	if w.old {
		factor *= 2.5
	}
	return costCreate.times(factor)
}

// pace draws how long a call takes now; 0 without the profile.
func (s *Server) pace(sw Switches, c cost) time.Duration {
	if !sw.Profile {
		return 0
	}
	p50, p95 := c.at(float64(s.underWay.Load()))
	s.draws.Lock()
	z := s.luck.NormFloat64()
	s.draws.Unlock()
	const slowEnd = 1.645 // of the normal distribution: 1 in 20 is beyond
	z = min(max(z, -2), 3)
	return time.Duration(p50 * math.Exp(z/slowEnd*math.Log(p95/p50)) * float64(time.Millisecond))
}

func newLuck(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 9)) }

// paced waits before the work of all calls but creates, which wait between their check and their insert.
func (s *Server) paced(r *http.Request, resource, id string, body []byte, sw Switches) {
	if !sw.Profile || resource == "bookings" && r.Method == http.MethodPost {
		return
	}
	s.wait(s.pace(sw, operation(r.Method, resource, id, bytes.TrimPrefix(body, []byte("xml=")))))
}
