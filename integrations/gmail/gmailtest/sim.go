package gmailtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Listed is a mail in the inbox's list.
type Listed struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Ref     string    `json:"ref,omitempty"`
	Repeat  bool      `json:"repeat,omitempty"`
}

// handleList lists the mails, newest first: ?to=address, ?limit=n (default 200).
func (s *Server) handleList(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit <= 0 {
		limit = 200
	}
	to := r.URL.Query().Get("to")
	list := []Listed{}
	for _, m := range slices.Backward(s.Mails()) {
		if len(list) == limit {
			break
		}
		if to != "" && !slices.Contains(m.To, to) {
			continue
		}
		list = append(list, Listed{ID: m.ID, At: m.At, From: m.From, To: m.To, Subject: m.Subject, Ref: m.Ref, Repeat: m.Repeat})
	}
	writeJSON(w, http.StatusOK, map[string]any{"mails": list})
}

func (s *Server) handleMail(w http.ResponseWriter, r *http.Request) {
	mails := s.Mails()
	i := slices.IndexFunc(mails, func(m Mail) bool { return m.ID == r.PathValue("id") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	c, err := mails[i].Read()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	m := mails[i]
	writeJSON(w, http.StatusOK, struct {
		Listed
		Content
	}{Listed{ID: m.ID, At: m.At, From: m.From, To: m.To, Subject: m.Subject, Ref: m.Ref, Repeat: m.Repeat}, c})
}

func (s *Server) handleSwitches(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var sw Switches
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&sw)
		if err == nil {
			err = s.Set(sw)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	writeJSON(w, http.StatusOK, s.switches)
}

func (s *Server) handleReset(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.journal.reset(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mails, s.switches = nil, Switches{}
	clear(s.spent)
	w.WriteHeader(http.StatusNoContent)
}
