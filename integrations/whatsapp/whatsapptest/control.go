package whatsapptest

import (
	"encoding/json"
	"net/http"
)

// routes serves the control endpoints, which are ours, beside the Graph API.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sim/numbers", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.config.Numbers) })
	mux.HandleFunc("GET /sim/guests", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Guests()) })
	mux.HandleFunc("POST /sim/guests", s.postGuest)
	mux.HandleFunc("GET /sim/guests/{phone}/messages", s.getThread)
	mux.HandleFunc("POST /sim/guests/{phone}/messages", s.postTyped)
	mux.HandleFunc("GET /sim/events", s.stream)
	mux.HandleFunc("GET /sim/switches", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Switches()) })
	mux.HandleFunc("POST /sim/switches", s.postSwitches)
	mux.HandleFunc("POST /sim/reset", s.postReset)
	mux.HandleFunc("/", s.graph)
	return mux
}

func (s *Server) postGuest(w http.ResponseWriter, r *http.Request) {
	var g Guest
	if !read(w, r, &g) {
		return
	}
	if err := s.AddGuest(g); err != nil {
		complain(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, g)
}

// getThread lists a guest's messages, of one number when ?number= names it.
func (s *Server) getThread(w http.ResponseWriter, r *http.Request) {
	number, out := r.URL.Query().Get("number"), []Message{}
	for _, m := range s.Thread(r.PathValue("phone")) {
		if number == "" || m.Number == number {
			out = append(out, m)
		}
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Server) postTyped(w http.ResponseWriter, r *http.Request) {
	var t Typed
	if !read(w, r, &t) {
		return
	}
	id, err := s.Type(r.PathValue("phone"), t)
	if err != nil {
		complain(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": id})
}

// postSwitches changes the switches that the body names and answers all.
func (s *Server) postSwitches(w http.ResponseWriter, r *http.Request) {
	after := s.Switches()
	if !read(w, r, &after) {
		return
	}
	s.Switch(func(sw *Switches) { *sw = after })
	writeJSON(w, http.StatusOK, after)
}

func (s *Server) postReset(w http.ResponseWriter, _ *http.Request) {
	if err := s.Reset(); err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// read decodes a body and answers 400 when it is none, or names what is not there.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		complain(w, err)
		return false
	}
	return true
}

func complain(w http.ResponseWriter, err error) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}
