package whatsapptest

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// state is what the simulated world holds: guests, threads, ticks. Every change
// goes through apply, live and replayed alike, and nothing else writes.
type state struct {
	mu       sync.Mutex
	guests   map[string]*Guest
	byBSUID  map[string]string
	threads  map[string][]*Message // by guest's phone, in order
	messages map[string]*Message   // by id
	windows  map[string]time.Time  // number and guest: last message in
	taken    map[string]bool       // inbound ids that the engine answered 200
	switches Switches
	journal  *journal
}

func newState(s Switches) *state {
	st := &state{switches: s}
	st.clear()
	return st
}

func (s *state) clear() {
	s.guests, s.byBSUID = map[string]*Guest{}, map[string]string{}
	s.threads, s.messages = map[string][]*Message{}, map[string]*Message{}
	s.windows, s.taken = map[string]time.Time{}, map[string]bool{}
}

// apply makes one change; the caller holds mu, or is alone.
func (s *state) apply(r record) {
	switch r.Op {
	case "guest":
		s.guests[r.Guest.Phone] = r.Guest
		if r.Guest.BSUID != "" {
			s.byBSUID[r.Guest.BSUID] = r.Guest.Phone
		}
	case "message":
		m := r.Message
		s.messages[m.ID] = m
		s.threads[m.Guest] = append(s.threads[m.Guest], m)
		if m.From == FromGuest {
			s.windows[pair(m.Number, m.Guest)] = m.At
		}
	case "status":
		if m := s.messages[r.ID]; m != nil && rank(r.Status) > rank(m.Status) {
			m.Status, m.Code = r.Status, r.Code
		}
	case "taken":
		s.taken[r.ID] = true
		s.apply(record{Op: "status", ID: r.ID, Status: "delivered"})
	case "switches":
		s.switches = *r.Switches
	}
}

// record applies a change and writes it down; Close tells whether that went well.
func (s *state) record(r record) {
	s.apply(r)
	s.journal.write(r)
}

func pair(number, guest string) string { return number + " " + guest }

// resolve finds the guest that a send names, and makes one of a phone that
// nobody has simulated yet: on WhatsApp everybody has one.
func (s *state) resolve(to, recipient string) (*Guest, bool) {
	if to == "" {
		phone, ok := s.byBSUID[recipient]
		return s.guests[phone], ok
	}
	phone := digits(to)
	if phone == "" {
		return nil, false
	}
	if s.guests[phone] == nil {
		s.record(record{Op: "guest", Guest: &Guest{Phone: phone, Name: "+" + phone}})
	}
	return s.guests[phone], true
}

// digits reads a phone as Graph does: "+54 9 11 ..." is fine, letters are not.
func digits(s string) string {
	s = strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

// unsettled lists what a restart must go on with: messages in that were not
// taken, messages out that still miss ticks.
func (s *state) unsettled() (in, out []*Message) {
	for _, phone := range slices.Sorted(maps.Keys(s.threads)) {
		for _, m := range s.threads[phone] {
			switch {
			case m.From == FromGuest && !s.taken[m.ID]:
				in = append(in, m)
			case m.From == FromHotel && (m.Status == "accepted" || m.Status == "sent"):
				out = append(out, m)
			}
		}
	}
	return in, out
}
