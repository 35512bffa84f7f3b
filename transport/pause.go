package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/conserje/conserje/hotel"
)

// Pauser keeps the bot quiet. The engine implements it, stores do, and so does Client.
type Pauser interface {
	// SetPause begins a pause, or ends it; a repeat changes nothing. NotFound:
	// no such guest or property. Invalid: for a property and a guest.
	SetPause(ctx context.Context, p hotel.Pause, on bool) error
	// Pauses lists the pauses in force, oldest first.
	Pauses(ctx context.Context) ([]hotel.Pause, error)
}

var _ Pauser = (*Client)(nil)

// SetPause is Pauser's.
func (c *Client) SetPause(ctx context.Context, p hotel.Pause, on bool) error {
	path := "pauses/end"
	if on {
		path = "pauses"
	}
	return c.call(ctx, http.MethodPost, path, p, nil)
}

// Pauses is Pauser's.
func (c *Client) Pauses(ctx context.Context) ([]hotel.Pause, error) {
	var list []hotel.Pause
	err := c.call(ctx, http.MethodGet, "pauses", nil, &list)
	return list, err
}

func (a *Admin) pauseRoutes(m *http.ServeMux) {
	if a.Pauser == nil {
		return
	}
	m.HandleFunc("GET /admin/api/pauses", answer(a.apiPauses))
	m.HandleFunc("POST /admin/api/pauses", answer(a.apiPause(true)))
	m.HandleFunc("POST /admin/api/pauses/end", answer(a.apiPause(false)))
	m.HandleFunc("POST /pause", a.page(a.pauseForm(true)))
	m.HandleFunc("POST /resume", a.page(a.pauseForm(false)))
}

func (a *Admin) apiPauses(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := a.Pauser.Pauses(r.Context())
	return notNull(list), err
}

func (a *Admin) apiPause(on bool) func(http.ResponseWriter, *http.Request) (any, error) {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		var p hotel.Pause
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&p)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, &hotel.Error{Op: "transport.apiPause", Kind: hotel.Invalid, Err: err}
		}
		if p.By == "" {
			p.By = by(r)
		}
		return struct{}{}, a.setPause(r.Context(), p, on)
	}
}

func (a *Admin) pauseForm(on bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return &hotel.Error{Op: "transport.pauseForm", Kind: hotel.Invalid, Err: err}
		}
		p := hotel.Pause{Property: hotel.PropertyID(r.PostForm.Get("property")), Guest: hotel.GuestID(r.PostForm.Get("guest")), By: a.person(r)}
		if err := a.setPause(r.Context(), p, on); err != nil {
			return err
		}
		back := ""
		if p.Guest != "" && r.PostForm.Get("back") == "guest" {
			back = "guests/" + string(p.Guest)
		}
		redirect(w, r, back)
		return nil
	}
}

func (a *Admin) setPause(ctx context.Context, p hotel.Pause, on bool) error {
	p.At = a.Now()
	return a.Pauser.SetPause(ctx, p, on)
}

// pausing is what a page shows of pauses, and of who is answered.
type pausing struct {
	CanPause bool
	Pauses   []hotel.Pause
	ReplyTo  hotel.ReplyMode // "" when all are answered
}

func (a *Admin) pausing(ctx context.Context) (p pausing, err error) {
	if a.ReplyTo != hotel.ReplyAll {
		p.ReplyTo = a.ReplyTo
	}
	if a.Pauser == nil {
		return p, nil
	}
	p.CanPause = true
	p.Pauses, err = a.Pauser.Pauses(ctx)
	return p, err
}

// Paused tells whether a pause is in force for just that: a guest, a property, or all.
func (p pausing) Paused(property hotel.PropertyID, guest hotel.GuestID) bool {
	return slices.ContainsFunc(p.Pauses, hotel.Pause{Property: property, Guest: guest}.Same)
}

// Quiet tells whether the bot keeps quiet towards a guest of a property.
func (p pausing) Quiet(property hotel.PropertyID, guest hotel.GuestID) bool {
	return p.Paused("", "") || property != "" && p.Paused(property, "") || p.Paused("", guest)
}

// Hotels are the properties by name, when there are several to choose from.
func (v view) Hotels() map[hotel.PropertyID]string {
	if len(v.names) < 2 {
		return nil
	}
	return v.names
}
