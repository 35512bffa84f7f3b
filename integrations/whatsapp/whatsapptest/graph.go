package whatsapptest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

var version = regexp.MustCompile(`^v\d+\.\d+$`)

// graph serves the Graph API: /{version}/{number} and /{version}/{number}/messages,
// and the same without a version, as some clients ask.
func (s *Server) graph(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if version.MatchString(path[0]) {
		path = path[1:]
	}
	switch {
	case len(path) == 1 && r.Method == http.MethodGet:
		if n, ok := s.authorised(w, r, path[0]); ok {
			writeJSON(w, http.StatusOK, map[string]any{"id": n.PhoneNumberID, "display_phone_number": n.Display,
				"verified_name": n.Name, "quality_rating": "GREEN", "throughput": map[string]any{"level": "STANDARD"}})
		}
	case len(path) == 2 && path[1] == "messages" && r.Method == http.MethodPost:
		s.messages(w, r, path[0])
	default:
		writeError(w, http.StatusBadRequest, refusal{2500, "Unknown path components"})
	}
}

// authorised finds the number that a request names and checks its token.
func (s *Server) authorised(w http.ResponseWriter, r *http.Request, id string) (Number, bool) {
	n, known := s.number(id)
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !bearer || token == "":
		writeError(w, http.StatusUnauthorized, refusal{190, "An access token is required"})
	case id == "" || !known:
		writeError(w, http.StatusBadRequest, refusal{33, "Object does not exist"})
	case n.Token != "" && n.Token != token:
		writeError(w, http.StatusUnauthorized, refusal{190, "The access token is not valid"})
	default:
		return n, true
	}
	return Number{}, false
}

func (s *Server) messages(w http.ResponseWriter, r *http.Request, id string) {
	n, ok := s.authorised(w, r, id)
	if !ok {
		return
	}
	var req request
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || json.Unmarshal(body, &req) != nil {
		writeError(w, http.StatusBadRequest, refusal{100, "The body is not a JSON object of the right types"})
		return
	}
	if req.Status == "read" {
		s.markRead(w, n, &req)
		return
	}
	if !s.mood(w, r) {
		return
	}
	m, answer, bad := s.accept(n, &req)
	if bad.code != 0 {
		writeError(w, statusOf(bad.code), bad)
		return
	}
	s.tick(m)
	if s.Switches().CutAfterAccept {
		panic(http.ErrAbortHandler) // the message is taken, and nobody hears so
	}
	writeJSON(w, http.StatusOK, answer)
}

// mood applies the faults that come before a message is looked at, and tells
// whether it may be.
func (s *Server) mood(w http.ResponseWriter, r *http.Request) bool {
	sw := s.Switches()
	if sw.Hang {
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		return false
	}
	if sw.SlowMS > 0 {
		sleep(r.Context(), time.Duration(sw.SlowMS)*time.Millisecond)
	}
	if sw.HTMLStatus != 0 {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(sw.HTMLStatus)
		_, _ = io.WriteString(w, "<html><body>Sorry, something went wrong.</body></html>")
		return false
	}
	if code := s.refuse(sw); code != 0 {
		writeError(w, statusOf(code), refusal{code, title(code)})
		return false
	}
	return true
}

// refuse picks the code that a send is refused with; 0 for none.
func (s *Server) refuse(sw Switches) int {
	if len(sw.FailCodes) == 0 || sw.FailShare > 0 && !s.random.hits(sw.FailShare) {
		return 0
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.refusal++
	return sw.FailCodes[(s.refusal-1)%len(sw.FailCodes)]
}

// accept checks a message and puts it on the guest's phone.
func (s *Server) accept(n Number, req *request) (*Message, any, refusal) {
	if bad := req.validate(); bad.code != 0 {
		return nil, nil, bad
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	now, fate := time.Now().UTC(), 0
	g, ok := s.state.resolve(req.To, req.Recipient)
	if !ok && s.state.byBSUID[req.To] != "" { // Meta takes it, and fails later
		g, ok, fate = s.state.guests[s.state.byBSUID[req.To]], true, 131026
	}
	if !ok {
		return nil, nil, wrong("recipient is not valid")
	}
	if bad := s.allowed(n, g, req, now); bad.code != 0 {
		return nil, nil, bad
	}
	m := req.message()
	m.ID, m.Guest, m.Number, m.At, m.Status, m.Fate = Wamid(visible(g), false), g.Phone, n.PhoneNumberID, now, "accepted", fate
	if codes := s.state.switches.FailLater; len(codes) > 0 {
		m.Fate = codes[len(s.state.messages)%len(codes)]
	}
	s.state.record(record{Op: "message", Message: m})
	s.events.publish(Event{Type: "message", Guest: g.Phone, Number: n.PhoneNumberID, Message: new(*m)})
	contact := map[string]any{"input": req.To, "wa_id": g.Phone}
	if req.To == "" {
		contact = map[string]any{"input": req.Recipient, "user_id": g.BSUID}
	}
	sent := map[string]any{"id": m.ID}
	if m.Template != nil {
		sent["message_status"] = "accepted"
	}
	return m, map[string]any{"messaging_product": "whatsapp", "contacts": []any{contact}, "messages": []any{sent}}, refusal{}
}

// allowed checks the window and the two paces; the caller holds mu.
func (s *Server) allowed(n Number, g *Guest, req *request, now time.Time) refusal {
	sw := s.state.switches
	if sw.NumberRate > 0 && !s.pace(n.PhoneNumberID, now) {
		return refusal{130429, "Rate limit hit"}
	}
	last := s.state.windows[pair(n.PhoneNumberID, g.Phone)]
	if !sw.NoWindow && req.Type != "template" && now.Sub(last) > 24*time.Hour {
		return refusal{131047, "More than 24 hours have passed since the customer last replied to this number"}
	}
	if sw.PairBurst == 0 {
		return refusal{}
	}
	b := s.pairs[pair(n.PhoneNumberID, g.Phone)]
	if b == nil {
		b = &bucket{}
		s.pairs[pair(n.PhoneNumberID, g.Phone)] = b
	}
	if !b.take(now, sw.PairBurst, time.Duration(max(1, sw.PairEvery))*time.Millisecond) {
		return refusal{131056, "Too many messages sent from this phone number to the same recipient in a short period of time"}
	}
	return refusal{}
}

// pace takes a token of a number's throughput; the caller holds mu.
func (s *Server) pace(number string, now time.Time) bool {
	rate := s.state.switches.NumberRate
	if rate == 0 {
		return true
	}
	b := s.paces[number]
	if b == nil {
		b = &bucket{}
		s.paces[number] = b
	}
	return b.take(now, rate, time.Second/time.Duration(rate))
}

// markRead ticks a guest's message, and all before it, and shows the typing indicator.
func (s *Server) markRead(w http.ResponseWriter, n Number, req *request) {
	s.state.mu.Lock()
	m := s.state.messages[req.MessageID]
	known := m != nil && m.From == FromGuest && m.Number == n.PhoneNumberID
	if known {
		s.readUpTo(m)
		if req.Typing != nil {
			s.events.publish(Event{Type: "typing", Guest: m.Guest, Number: m.Number})
		}
	}
	s.state.mu.Unlock()
	if !known {
		writeError(w, http.StatusBadRequest, wrong("message_id is not known"))
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"success": true})
}

func (s *Server) readUpTo(last *Message) {
	for _, m := range s.state.threads[last.Guest] {
		if m.From == FromGuest && m.Number == last.Number && m.Status != "read" {
			s.state.record(record{Op: "status", ID: m.ID, Status: "read"})
			s.events.publish(Event{Type: "status", Guest: m.Guest, Number: m.Number, Message: new(*m)})
		}
		if m == last {
			return
		}
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// writeError answers as Graph does.
func writeError(w http.ResponseWriter, status int, bad refusal) {
	writeJSON(w, status, map[string]any{"error": map[string]any{
		"message": fmt.Sprintf("(#%d) %s", bad.code, title(bad.code)), "type": "OAuthException", "code": bad.code,
		"error_data": map[string]any{"messaging_product": "whatsapp", "details": bad.details},
		"fbtrace_id": "A" + random(10),
	}})
}

// statusOf is the HTTP status that goes with a code.
func statusOf(code int) int {
	switch {
	case code == 0 || code == 190:
		return http.StatusUnauthorized
	case code == 3 || code == 131000 || code == 131016 || code == 131057:
		return http.StatusInternalServerError
	case code == 2:
		return http.StatusServiceUnavailable
	case code == 10 || code >= 200 && code <= 299 || code == 131005 || code == 368 || code == 131031 || code == 130497:
		return http.StatusForbidden
	case code == 132001:
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

func title(code int) string {
	switch code {
	case 0, 190:
		return "Access token is invalid or has expired"
	case 100:
		return "Invalid parameter"
	case 130429:
		return "Rate limit hit"
	case 131008:
		return "Required parameter is missing"
	case 131009:
		return "Parameter value is not valid"
	case 131026:
		return "Message undeliverable"
	case 131047:
		return "Re-engagement message"
	case 131056:
		return "(Business Account, Consumer Account) pair rate limit hit"
	}
	return "Something went wrong"
}
