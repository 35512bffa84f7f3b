package whatsapptest

import (
	"strconv"
	"time"
)

// tick schedules the next status of a message of the hotel's.
func (s *Server) tick(m *Message) {
	s.state.mu.Lock()
	status, code, sw := m.Status, s.fate(m), s.state.switches
	s.state.mu.Unlock()
	switch status {
	case "accepted":
		if code != 0 {
			s.later(m, "failed", code, 50*time.Millisecond)
			return
		}
		s.later(m, "sent", 0, 60*time.Millisecond)
	case "sent":
		if !sw.NoRead && s.random.hits(sw.SkipDelivered) {
			s.later(m, "read", 0, 200*time.Millisecond)
			return
		}
		s.later(m, "delivered", 0, 150*time.Millisecond)
	case "delivered":
		if !sw.NoRead {
			s.later(m, "read", 0, 600*time.Millisecond)
		}
	}
}

// fate is the code a message will fail with, 0 for none; the caller holds mu.
func (s *Server) fate(m *Message) int {
	if m.Fate != 0 {
		return m.Fate
	}
	if g := s.state.guests[m.Guest]; g != nil && g.Unreachable {
		return 131026
	}
	return 0
}

// later lets a message reach a status after about d, and posts it.
func (s *Server) later(m *Message, status string, code int, d time.Duration) {
	s.timers.after(s.between(d/2, 2*d), func() {
		if !s.mark(record{Op: "status", ID: m.ID, Status: status, Code: code}) {
			return
		}
		s.deliverStatus(m, status, code)
		s.tick(m)
	})
}

// deliverStatus posts the webhook of a status.
func (s *Server) deliverStatus(m *Message, status string, code int) {
	number, ok := s.number(m.Number)
	if !ok {
		return
	}
	s.state.mu.Lock()
	g, off := s.state.guests[m.Guest], s.state.switches.NoStatuses
	s.state.mu.Unlock()
	if g == nil || off {
		return
	}
	value := map[string]any{"statuses": []any{wireStatus(g, m, status, code)}}
	if status != "failed" {
		value["contacts"] = []any{contactOf(g)}
	}
	s.post.hand("status "+m.ID, update{number: number, value: value})
}

func wireStatus(g *Guest, m *Message, status string, code int) map[string]any {
	w := map[string]any{"id": m.ID, "status": status, "timestamp": strconv.FormatInt(time.Now().Unix(), 10)}
	if !m.ByBSUID || !g.HidePhone {
		w["recipient_id"] = g.Phone
	}
	if g.BSUID != "" && (status != "failed" || m.ByBSUID) {
		w["recipient_user_id"] = g.BSUID
	}
	if m.Callback != "" {
		w["biz_opaque_callback_data"] = m.Callback
	}
	if status == "failed" {
		w["errors"] = []any{map[string]any{"code": code, "title": title(code), "message": title(code),
			"error_data": map[string]any{"details": title(code)}}}
		return w
	}
	category := "service"
	if m.Template != nil {
		category = "utility"
	}
	w["pricing"] = map[string]any{"billable": true, "pricing_model": "PMP", "type": "regular", "category": category}
	return w
}
