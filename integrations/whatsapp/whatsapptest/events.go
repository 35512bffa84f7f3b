package whatsapptest

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// hub hands every event to every open phone page. A page that does not read is
// cut off: it reloads the threads when it comes back.
type hub struct {
	mu    sync.Mutex
	pages map[chan Event]bool
}

func newHub() *hub { return &hub{pages: map[chan Event]bool{}} }

func (h *hub) publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for page := range h.pages {
		select {
		case page <- e:
		default:
			delete(h.pages, page)
			close(page)
		}
	}
}

func (h *hub) join() chan Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	page := make(chan Event, 256)
	h.pages[page] = true
	return page
}

func (h *hub) leave(page chan Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages[page] {
		delete(h.pages, page)
		close(page)
	}
}

// stream serves GET /sim/events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	page := s.events.join()
	defer s.events.leave(page)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	write := func(data []byte) bool {
		if _, err := w.Write(data); err != nil {
			return false
		}
		return flush.Flush() == nil
	}
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for ok := write([]byte(": hello\n\n")); ok; {
		select {
		case e, open := <-page:
			if !open {
				return
			}
			data, _ := json.Marshal(e) // plain structs: cannot fail
			ok = write(append(append([]byte("data: "), data...), "\n\n"...))
		case <-alive.C:
			ok = write([]byte(": alive\n\n"))
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}
