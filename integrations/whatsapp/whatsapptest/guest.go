package whatsapptest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// AddGuest makes a guest, or changes the one with that phone.
func (s *Server) AddGuest(g Guest) error {
	if digits(g.Phone) != g.Phone || g.Phone == "" {
		return errors.New("a phone is digits, without +")
	}
	if g.HidePhone && g.BSUID == "" {
		return errors.New("a guest without a visible phone needs a bsuid")
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.record(record{Op: "guest", Guest: &g})
	s.events.publish(Event{Type: "guest", Guest: g.Phone, Profile: &g})
	return nil
}

// Guests lists everybody, by phone.
func (s *Server) Guests() []Guest {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	out := make([]Guest, 0, len(s.state.guests))
	for _, phone := range slices.Sorted(maps.Keys(s.state.guests)) {
		out = append(out, *s.state.guests[phone])
	}
	return out
}

// Thread returns what one guest's phone shows, oldest first.
func (s *Server) Thread(phone string) []Message {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	out := make([]Message, 0, len(s.state.threads[phone]))
	for _, m := range s.state.threads[phone] {
		out = append(out, *m)
	}
	return out
}

// Type lets a guest send a message and returns its id. The webhook follows by itself.
func (s *Server) Type(phone string, t Typed) (string, error) {
	number, ok := s.number(t.Number)
	if !ok {
		return "", fmt.Errorf("no number %q", t.Number)
	}
	s.state.mu.Lock()
	g := s.state.guests[phone]
	if g == nil {
		s.state.mu.Unlock()
		return "", errors.New("no such guest")
	}
	m, err := s.compose(g, number, t)
	if err == nil {
		s.state.record(record{Op: "message", Message: m})
		s.pace(number.PhoneNumberID, m.At) // what comes in counts, and is never refused
		s.events.publish(Event{Type: "message", Guest: phone, Number: number.PhoneNumberID, Message: new(*m)})
	}
	s.state.mu.Unlock()
	if err != nil {
		return "", err
	}
	s.deliverMessage(m)
	return m.ID, nil
}

// compose makes the message; the caller holds mu.
func (s *Server) compose(g *Guest, number Number, t Typed) (*Message, error) {
	if t.Type == "" {
		t.Type = "text"
	}
	if t.Type == "text" && t.Text == "" {
		return nil, errors.New("text is empty")
	}
	m := &Message{
		ID: Wamid(visible(g), true), Guest: g.Phone, Number: number.PhoneNumberID, From: FromGuest, At: time.Now().UTC(),
		Type: t.Type, Text: t.Text, TapID: t.TapID, ReplyTo: t.ReplyTo, Status: "sent", Latitude: t.Latitude, Longitude: t.Longitude,
	}
	if t.Type != "tap" {
		return m, nil
	}
	tapped := s.tapped(g.Phone, t)
	if tapped == nil {
		return nil, errors.New("nothing with that tap_id was sent to this guest")
	}
	m.ReplyTo = tapped.ID
	if c, ok := tapped.choice(t.TapID); ok {
		m.Text = c.Title
	} else {
		m.Text = t.TapTitle
	}
	return m, nil
}

// tapped finds the message that a tap belongs to: the one quoted, else the
// latest with that choice. A template's buttons are not known here, so a tap on
// one must quote it.
func (s *Server) tapped(phone string, t Typed) *Message {
	for _, m := range slices.Backward(s.state.threads[phone]) {
		if t.ReplyTo != "" && m.ID != t.ReplyTo || m.From != FromHotel {
			continue
		}
		if _, ok := m.choice(t.TapID); ok || t.ReplyTo != "" && m.Template != nil {
			return m
		}
	}
	return nil
}

// visible is what the guest's ids show: the phone, or the user id.
func visible(g *Guest) string {
	if g.HidePhone {
		return g.BSUID
	}
	return g.Phone
}

// deliverMessage posts the webhook of a guest's message.
func (s *Server) deliverMessage(m *Message) {
	number, ok := s.number(m.Number)
	if !ok {
		return
	}
	s.state.mu.Lock()
	g := s.state.guests[m.Guest]
	if g == nil { // reset since
		s.state.mu.Unlock()
		return
	}
	value := map[string]any{"contacts": []any{contactOf(g)}, "messages": []any{s.wireMessage(g, m)}}
	s.state.mu.Unlock()
	s.post.hand("guest "+m.Guest, update{number, value, func() { s.mark(record{Op: "taken", ID: m.ID}) }})
}

func contactOf(g *Guest) map[string]any {
	c := map[string]any{"profile": map[string]any{"name": g.Name}}
	if !g.HidePhone {
		c["wa_id"] = g.Phone
	}
	if g.BSUID != "" {
		c["user_id"] = g.BSUID
	}
	return c
}

// wireMessage writes a guest's message as the webhook has it; the caller holds mu.
func (s *Server) wireMessage(g *Guest, m *Message) map[string]any {
	w := map[string]any{"id": m.ID, "timestamp": strconv.FormatInt(m.At.Unix(), 10)}
	if !g.HidePhone {
		w["from"] = g.Phone
	}
	if g.BSUID != "" {
		w["from_user_id"] = g.BSUID
	}
	if m.ReplyTo != "" && m.Type != "reaction" {
		w["context"] = map[string]any{"id": m.ReplyTo}
	}
	typ, object := wireContent(m, s.state.messages[m.ReplyTo])
	w["type"] = typ
	if typ == "unsupported" {
		w["errors"] = []any{map[string]any{"code": 131051, "title": "Message type unknown"}}
	}
	if object != nil {
		w[typ] = object
	}
	return w
}

// wireContent returns the type and its object.
func wireContent(m, quoted *Message) (string, any) {
	switch m.Type {
	case "text":
		return "text", map[string]any{"body": m.Text}
	case "tap":
		return wireTap(m, quoted)
	case "image", "video", "document", "sticker", "audio", "voice":
		return wireMedia(m)
	case "location":
		return "location", map[string]any{"latitude": m.Latitude, "longitude": m.Longitude}
	case "contacts":
		return "contacts", []any{map[string]any{"name": map[string]any{"formatted_name": m.Text}, "origin": "other"}}
	case "reaction":
		return "reaction", map[string]any{"message_id": m.ReplyTo, "emoji": m.Text}
	case "unsupported":
		return "unsupported", nil
	}
	return m.Type, map[string]any{}
}

func wireTap(m, quoted *Message) (string, any) {
	if quoted != nil && quoted.Template != nil {
		return "button", map[string]any{"payload": m.TapID, "text": m.Text}
	}
	kind := "button_reply"
	if quoted != nil && quoted.List != nil {
		kind = "list_reply"
	}
	return "interactive", map[string]any{"type": kind, kind: map[string]any{"id": m.TapID, "title": m.Text}}
}

func wireMedia(m *Message) (string, any) {
	mime := map[string]string{"image": "image/jpeg", "video": "video/mp4", "document": "application/pdf", "sticker": "image/webp",
		"audio": "audio/mpeg", "voice": "audio/ogg; codecs=opus"}[m.Type]
	o := map[string]any{"id": digitsOf(m.ID), "mime_type": mime, "sha256": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}
	switch m.Type {
	case "voice":
		o["voice"] = true
		return "audio", o
	case "audio":
		o["voice"] = false
	case "document":
		o["filename"] = "document.pdf"
	}
	if m.Text != "" && m.Type != "audio" && m.Type != "sticker" {
		o["caption"] = m.Text
	}
	return m.Type, o
}

// digitsOf makes a media id of a message's: the same each time it is delivered.
func digitsOf(id string) string {
	n := uint64(14695981039346656037)
	for _, b := range []byte(id) {
		n = (n ^ uint64(b)) * 1099511628211
	}
	return strconv.FormatUint(n>>12, 10)
}

// mark records a change of one message and tells the phones; false when the
// message is gone by a reset.
func (s *Server) mark(r record) bool {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	m := s.state.messages[r.ID]
	if m == nil {
		return false
	}
	s.state.record(r)
	s.events.publish(Event{Type: "status", Guest: m.Guest, Number: m.Number, Message: new(*m)})
	return true
}
