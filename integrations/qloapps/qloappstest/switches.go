package qloappstest

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Switches are the faults of a stand-in. The zero value is a lenient, healthy server.
type Switches struct {
	Down         bool `json:"down"`           // the connection is cut before anything is done
	Hang         bool `json:"hang"`           // nothing is done and no answer comes, until switched off
	HangAfter    bool `json:"hang_after"`     // it is done, but no answer comes
	CutAfter     bool `json:"cut_after"`      // it is done, then the connection is cut
	SlowMS       int  `json:"slow_ms"`        // wait before doing it
	Error        int  `json:"error"`          // answer this status (500, 502) as a proxy would, without QloApps' headers
	BookedBut500 bool `json:"booked_but_500"` // store the booking, then answer a PHP warning with 500
	Odd200       bool `json:"odd_200"`        // answer a booking with 200 "Fatal error", storing nothing
	Disabled     bool `json:"disabled"`       // the web service is switched off in the back office
	// Strict is a production php.ini: warnings become errors with status 500.
	Strict bool `json:"strict"`
	// TaxExcluded is a shop whose customer groups see prices without tax: with
	// Strict, each create and each read of one booking answers 500.
	TaxExcluded bool `json:"tax_excluded_groups"`
	// Old is QloApps 1.6.1: rooms are read for "adult" instead of "adults".
	Old bool `json:"version_161"`
	// OddRace gives those who lose the race for a room what a real server gives
	// some of them: 200 "Invalid new order status" and no booking.
	OddRace bool `json:"odd_race"`
	// Profile makes each call as slow as a real server was measured to be, by
	// operation and by how many are under way.
	Profile bool `json:"profile"`
	// Faults befall random calls. Those that a switch above is for have that instead.
	Faults Faults `json:"faults"`
	// Only limits the faults to some requests: "POST bookings", "GET orders"; empty = all.
	Only []string `json:"only,omitempty"`
	// NextN limits the faults to the next n requests they fit; 0 = until switched off.
	NextN int `json:"next_n"`

	drawn string        // the kind of a random fault, for one call
	hold  time.Duration // how long it may hang; 0 = until switched off
}

// name says which fault acts, for the list of events.
func (s Switches) name() string {
	switch {
	case s.drawn != "":
		return s.drawn
	case s.Down:
		return "down"
	case s.Hang:
		return "hang"
	case s.HangAfter:
		return "hang_after"
	case s.CutAfter:
		return "cut_after"
	case s.Error != 0:
		return "error"
	case s.BookedBut500:
		return "booked_but_500"
	case s.Odd200:
		return "odd_200"
	case s.Disabled:
		return "disabled"
	case s.SlowMS > 0:
		return "slow"
	default:
		return ""
	}
}

// calm is what stays of the switches for a request that no fault is for.
func (s Switches) calm() Switches {
	return Switches{Strict: s.Strict, TaxExcluded: s.TaxExcluded, Old: s.Old, OddRace: s.OddRace, Profile: s.Profile, Faults: s.Faults}
}

type switchboard struct {
	mu      sync.Mutex
	now     Switches
	changed chan struct{} // closed at the next change
}

func (b *switchboard) set(s Switches) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = s
	if b.changed != nil {
		close(b.changed)
	}
	b.changed = make(chan struct{})
}

func (b *switchboard) get() (Switches, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now, b.changed
}

// take returns the switches for one request, counting it when it is one of the next n.
func (b *switchboard) take(method, resource string) Switches {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now.name() == "" {
		return b.now
	}
	if len(b.now.Only) > 0 && !slices.Contains(b.now.Only, method+" "+resource) {
		return b.now.calm()
	}
	taken := b.now
	if taken.NextN > 0 {
		if b.now.NextN--; b.now.NextN == 0 {
			b.now = b.now.calm()
		}
	}
	return taken
}

// Switches returns the switches as they stand.
func (s *Server) Switches() Switches {
	now, _ := s.switches.get()
	return now
}

// Set throws the switches. What hangs is let go; other Faults than before begin
// to count their calls anew.
func (s *Server) Set(sw Switches) {
	if !s.Switches().Faults.equal(sw.Faults) {
		s.tally.clear()
	}
	s.switches.set(sw)
}

// take returns the switches for one request: its fault is one that was switched
// on for it, else one that is drawn.
func (s *Server) take(method, resource string) Switches {
	sw := s.switches.take(method, resource)
	n := s.tally.next(method, resource)
	if sw.name() != "" {
		return sw
	}
	if kind := sw.Faults.draw(method, resource, n, sw.Strict); kind != "" {
		return sw.Faults.as(kind, sw)
	}
	return sw
}

// before plays the faults that come before the work; true = the request is done with.
func (s *Server) before(w http.ResponseWriter, r *http.Request, sw Switches) bool {
	if sw.drawn == FaultLate {
		s.hang(r, sw)
	}
	if !sw.Down && !sw.Hang && sw.Error == 0 {
		s.wait(time.Duration(sw.SlowMS) * time.Millisecond)
		return false
	}
	s.tally.note(sw.drawn) // before its client can know
	switch {
	case sw.Down:
		cut(w)
	case sw.Hang:
		s.hang(r, sw)
		cut(w)
	default:
		proxy(w, sw.Error)
	}
	return true
}

// proxy answers as one that stands before QloApps would, without its headers.
func proxy(w http.ResponseWriter, code int) {
	status := http.StatusText(code)
	w.Header().Set("Server", "nginx")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	_, _ = w.Write([]byte("<html><head><title>" + status + "</title></head><body><h1>" + status + "</h1></body></html>\n")) // the client may be gone
}

// after plays the faults that come after the work.
func (s *Server) after(w http.ResponseWriter, r *http.Request, sw Switches) bool {
	if sw.drawn == FaultSlow {
		s.tally.note(sw.drawn)
	}
	gone := sw.CutAfter || sw.drawn == FaultLate
	if !gone && !sw.HangAfter && sw.drawn != FaultProxy504 {
		return false
	}
	s.tally.note(sw.drawn)
	switch {
	case sw.HangAfter:
		s.hang(r, sw)
		cut(w)
	case gone:
		cut(w)
	default:
		proxy(w, http.StatusGatewayTimeout)
	}
	return true
}

// hang waits until the client is gone, the switches change, the server closes or
// a random fault has held it long enough.
func (s *Server) hang(r *http.Request, sw Switches) {
	_, changed := s.switches.get()
	var enough <-chan time.Time
	if sw.hold > 0 {
		t := time.NewTimer(sw.hold)
		defer t.Stop()
		enough = t.C
	}
	select {
	case <-r.Context().Done():
	case <-changed:
	case <-s.closed:
	case <-enough:
	}
}

// wait lasts d, whether the client is there or not.
func (s *Server) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.closed:
	}
}

// cut ends the connection with a reset, without an answer.
func cut(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

var grantable = strings.Fields(`addresses advance_payments booking_extra_demands bookings cart_bookings cart_rules carts
	categories configurations contacts content_management_system countries currencies customer_messages customer_threads
	customers demand_advance_options extra_demands feature_prices groups guests hotel_ari hotel_features hotel_refund_rules
	hotel_room_types hotel_rooms hotels images languages order_details order_histories order_invoices order_payments
	order_slip order_states orders room_bookings room_type_feature_values room_type_features room_types search services
	shops specific_prices states stock_availables tax_rule_groups tax_rules taxes translated_configurations zones`)

// allResources are in order, as the message about an unknown one lists them.
var allResources = slices.Sorted(slices.Values(append(slices.Clone(grantable), strings.Fields(`carriers combinations customizations deliveries employees
	image_types manufacturers order_carriers order_discounts price_ranges product_customization_fields product_suppliers
	room_type_option_values room_type_options shop_groups shop_urls specific_price_rules stock_movement_reasons
	stock_movements stocks stores suppliers supply_order_details supply_order_histories supply_order_receipt_histories
	supply_order_states supply_orders tags warehouse_product_locations warehouses weight_ranges`)...)))
