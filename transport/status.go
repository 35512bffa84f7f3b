package transport

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/conserje/conserje/hotel"
)

// State is what an engine knows of itself besides what its store holds.
type State struct {
	Outside  []hotel.Upstream
	Doubts   hotel.Doubts
	DiskFree uint64        // bytes under the data folder
	DiskMin  uint64        // below it nothing new is taken; 0 = not watched
	Oldest   time.Duration // a row that waits this long needs a person
	Away     time.Duration // and so does an outside that is away this long
	Down     bool          // no engine runs, here or known elsewhere
}

// Status is how an engine stands: what waits, what is shut, and what a person must do.
type Status struct {
	Version  string           `json:"version,omitempty"`
	Running  bool             `json:"running"` // false: only what the store holds is known
	Started  time.Time        `json:"started,omitzero"`
	Now      time.Time        `json:"now"`
	Health   Health           `json:"health,omitzero"`
	Backlog  backlogWire      `json:"backlog"`
	Waiting  Waiting          `json:"open_handoffs"`
	Paused   []hotel.Pause    `json:"paused"`
	Others   int              `json:"other_engines,omitempty"` // known on a shared store, with none running here
	Doubts   hotel.Doubts     `json:"in_doubt"`
	Outside  []hotel.Upstream `json:"outside"`
	DiskFree uint64           `json:"disk_free_bytes,omitempty"`
	DiskMin  uint64           `json:"disk_min_bytes,omitempty"`
	Needs    []Need           `json:"needs"` // empty: nobody is needed

	away error // the store's, when it did not answer
}

// Waiting are guests who asked for a person and have none yet.
type Waiting struct {
	Guests int       `json:"guests"`
	Oldest time.Time `json:"oldest,omitzero"`
}

// Need is one reason why a person is needed, and what to do.
type Need struct {
	Cause    string           `json:"cause"`
	Property hotel.PropertyID `json:"property,omitempty"`
	What     string           `json:"what"`
	Fix      string           `json:"fix"`
}

// StatusOf reads what the store holds; the rest is the engine's to add.
func StatusOf(ctx context.Context, r Reception, p Pauser, now time.Time) (Status, error) {
	s := Status{Now: now, Outside: []hotel.Upstream{}, Needs: []Need{}, Paused: []hotel.Pause{}}
	if p != nil {
		paused, err := p.Pauses(ctx)
		if err != nil {
			return s, err
		}
		s.Paused = notNull(paused)
	}
	b, err := r.Backlog(ctx)
	if err != nil {
		return s, err
	}
	s.Backlog = backlogWire(b)
	list, err := r.Handoffs(ctx, "", true, 1000)
	if err != nil {
		return s, err
	}
	for _, h := range list {
		if h.State != hotel.HandoffOpen {
			continue
		}
		s.Waiting.Guests++
		if s.Waiting.Oldest.IsZero() || h.Opened.Before(s.Waiting.Oldest) {
			s.Waiting.Oldest = h.Opened
		}
	}
	return s, nil
}

// Judge adds the reasons why a person is needed.
func (s *Status) Judge(st State) {
	s.Outside, s.Doubts, s.DiskFree, s.DiskMin = notNull(st.Outside), st.Doubts, st.DiskFree, st.DiskMin
	need := func(cause hotel.TroubleCause, p hotel.PropertyID, what string) {
		s.Needs = append(s.Needs, Need{Cause: string(cause), Property: p, What: what, Fix: cause.Fix()})
	}
	old := func(cause hotel.TroubleCause, at time.Time, what string) {
		if !at.IsZero() && st.Oldest > 0 && s.Now.Sub(at) >= st.Oldest {
			need(cause, "", fmt.Sprintf("%s waits for %s.", what, s.Now.Sub(at).Round(time.Second)))
		}
	}
	if st.Down {
		need(hotel.TroubleDown, "", "No engine runs on this data folder.")
	}
	if n := s.Waiting.Guests; n > 0 {
		need(hotel.TroubleUnanswered, "", fmt.Sprintf("%d open hand-overs: guests wait for a person, the first for %s.",
			n, s.Now.Sub(s.Waiting.Oldest).Round(time.Second)))
	}
	old(hotel.TroubleInboxStuck, s.Backlog.OldestInbox, "The oldest unanswered message")
	old(hotel.TroubleOutboxStuck, s.Backlog.OldestOutbox, "The oldest row that should have left")
	old(hotel.TroubleOutboxStuck, s.Doubts.Oldest, "The oldest send in doubt")
	if n := s.Backlog.DeadLetters; n > 0 {
		need(hotel.TroubleDeadLetters, "", fmt.Sprintf("%d open dead letters: they will not be processed by themselves.", n))
	}
	if n := s.Backlog.Parked; n > 0 {
		need(hotel.TroubleParked, "", fmt.Sprintf("%d parked guests: their messages made the engine fail, and people answer them.", n))
	}
	for _, p := range s.Paused {
		if p.Guest == "" { // a guest's own pause is the staff's everyday
			need(hotel.TroublePaused, p.Property, fmt.Sprintf("The bot is paused for %s.", s.Now.Sub(p.At).Round(time.Second)))
		}
	}
	for _, u := range s.Outside {
		s.judgeOutside(u, st.Away, need)
	}
	if st.DiskMin > 0 && st.DiskFree < st.DiskMin {
		need(hotel.TroubleDisk, "", fmt.Sprintf("%d MB are free under DATA_DIR, less than DISK_MIN_FREE (%d MB); no new messages are taken.",
			st.DiskFree/1e6, st.DiskMin/1e6))
	}
	text, asked := s.Health.Checks["store"]
	if s.away != nil && (!asked || text == "ok") { // the check is asked now and then
		text, asked = hotel.KindOf(s.away).String(), true
	}
	if asked && text != "ok" {
		need(hotel.TroubleStoreAway, "", "The store does not answer: "+text+".")
	}
}

func (s *Status) judgeOutside(u hotel.Upstream, away time.Duration, need func(hotel.TroubleCause, hotel.PropertyID, string)) {
	refused, gone, name := hotel.TroubleMailClosed, hotel.TroubleMailClosed, "The mail account ("+u.Destination+")"
	switch u.Destination {
	case "whatsapp":
		refused, gone, name = hotel.TroubleNumber, hotel.TroubleGraphAway, "WhatsApp"
	case "pms":
		refused, gone, name = hotel.TroublePMSRefused, hotel.TroublePMSAway, "The hotel system"
	}
	if u.Refused {
		code := ""
		if u.Code != "" {
			code = " (" + u.Code + ")"
		}
		need(refused, u.Property, name+" refuses our token, key or account"+code+".")
	}
	if !u.Since.IsZero() && s.Now.Sub(u.Since) >= away {
		need(gone, u.Property, fmt.Sprintf("%s has not answered for %s.", name, s.Now.Sub(u.Since).Round(time.Second)))
	}
}

// statusWait is how long a status waits for the store before it says that it is away.
const statusWait = 3 * time.Second

// apiAlive answers without the store: it tells that this engine runs.
func (a *Admin) apiAlive(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]string{"version": a.Version}, nil
}

// Alive asks whether the engine answers, whatever its store does.
func (c *Client) Alive(ctx context.Context) error {
	var engine struct{ Version string } // another program's page is none
	return c.call(ctx, http.MethodGet, "alive", nil, &engine)
}

func (a *Admin) apiStatus(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.status(r.Context()), nil
}

// status is how this engine stands. A store that is away is a reason among others.
func (a *Admin) status(ctx context.Context) Status {
	ctx, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	s, err := StatusOf(ctx, a.Reception, a.Pauser, a.Now())
	s.Version, s.Running, s.Started = a.Version, true, a.started
	if a.Health != nil {
		s.Health = a.Health()
	}
	s.away = err
	var st State
	if a.State != nil {
		if st, err = a.State(ctx); err != nil {
			s.away = err
		}
	}
	s.Judge(st)
	return s
}

// Status asks a running engine how it stands.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.call(ctx, http.MethodGet, "status", nil, &s)
	return s, err
}
