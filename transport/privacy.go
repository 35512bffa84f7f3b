package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Privacy is what guests' rights need: find, show, erase, and what was done. It
// is a Rights, or a Client over the admin API.
type Privacy interface {
	// FindGuests finds guests of a property ("" = all) by phone, e-mail, booking code or BSUID.
	FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error)
	// Export reads a page of what is kept of a guest ("" = the first, which
	// writes the audit's line). NotFound: no such guest. Invalid: no such page.
	Export(ctx context.Context, guest hotel.GuestID, by, page string) (hotel.ExportPage, error)
	// Erase asks to erase a guest. NotFound: no such guest, or it is being erased.
	Erase(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error
	// Audit lists what was done with guests' data, newest first, before an entry's id (0 = from the newest).
	Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error)
}

// PrivacyStore is a store's part of Privacy.
type PrivacyStore interface {
	FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error)
	Export(ctx context.Context, guest hotel.GuestID, page string) (hotel.ExportPage, error)
	Note(ctx context.Context, e hotel.AuditEntry) error
	Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error)
}

// Rights is the Privacy of a store, and of who takes erasures in.
type Rights struct {
	PrivacyStore
	Properties []hotel.PropertyID
	// Ask takes an erasure in; the engine's Erase.
	Ask func(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error
}

var (
	_ Privacy = Rights{}
	_ Privacy = (*Client)(nil)
)

// FindGuests is Privacy's.
func (r Rights) FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	properties := r.Properties
	if property != "" {
		properties = []hotel.PropertyID{property}
	}
	var out []hotel.GuestID
	for _, p := range properties {
		found, err := r.PrivacyStore.FindGuests(ctx, p, value)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return slices.Compact(slices.Sorted(slices.Values(out))), nil
}

// Export is Privacy's.
func (r Rights) Export(ctx context.Context, guest hotel.GuestID, by, page string) (hotel.ExportPage, error) {
	out, err := r.PrivacyStore.Export(ctx, guest, page)
	if err != nil || page != "" {
		return out, err
	}
	err = r.Note(ctx, hotel.AuditEntry{At: time.Now(), By: by, What: hotel.AuditExported, Guest: guest})
	if err != nil { // nothing is shown that nobody will know of
		return hotel.ExportPage{}, err
	}
	return out, nil
}

// Erase is Privacy's.
func (r Rights) Erase(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error {
	return r.Ask(ctx, guest, e)
}

func (a *Admin) privacyRoutes(m *http.ServeMux, base string) {
	if a.Privacy == nil {
		return
	}
	m.HandleFunc("GET "+base+"guests", answer(a.apiFind))
	m.HandleFunc("GET "+base+"guests/{guest}/export", answer(a.apiExport))
	m.HandleFunc("POST "+base+"guests/{guest}/erase", answer(a.apiErase))
	m.HandleFunc("GET "+base+"audit", answer(a.apiAudit))
}

func (a *Admin) apiFind(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	list, err := a.Privacy.FindGuests(r.Context(), hotel.PropertyID(q.Get("property")), q.Get("value"))
	return notNull(list), err
}

func (a *Admin) apiExport(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	who := q.Get("by")
	if who == "" {
		who = a.person(r)
	}
	page, err := a.Privacy.Export(r.Context(), guestOf(r), who, q.Get("page"))
	return exportWire{notNull(page.Records), page.Next}, err
}

func (a *Admin) apiErase(w http.ResponseWriter, r *http.Request) (any, error) {
	var e hotel.Erasure
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&e)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &hotel.Error{Op: "transport.erase", Kind: hotel.Invalid, Err: err}
	}
	if e.By == "" {
		e.By = a.person(r)
	}
	return struct{}{}, a.erase(r.Context(), guestOf(r), e)
}

func (a *Admin) eraseForm(w http.ResponseWriter, r *http.Request) error {
	if a.Privacy == nil {
		return &hotel.Error{Op: "transport.erase", Kind: hotel.NotFound}
	}
	err := a.erase(r.Context(), guestOf(r), hotel.Erasure{By: a.person(r)})
	if err == nil {
		redirect(w, r, "")
	}
	return err
}

func (a *Admin) erase(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error {
	err := a.Privacy.Erase(ctx, guest, e)
	if err == nil {
		a.Log.Info("guest is to be erased", "guest", guest)
	}
	return err
}

func (a *Admin) apiAudit(_ http.ResponseWriter, r *http.Request) (any, error) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // none: from the newest
	list, err := a.Privacy.Audit(r.Context(), before, limitOf(r))
	return notNull(list), err
}

type exportWire struct {
	Records []hotel.Record `json:"records"`
	Next    string         `json:"next,omitempty"`
}

// FindGuests is Privacy's.
func (c *Client) FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	var list []hotel.GuestID
	q := url.Values{"property": {string(property)}, "value": {value}}
	err := c.call(ctx, http.MethodGet, "guests?"+q.Encode(), nil, &list)
	return list, err
}

// Export is Privacy's.
func (c *Client) Export(ctx context.Context, guest hotel.GuestID, by, page string) (hotel.ExportPage, error) {
	var w exportWire
	q := url.Values{"by": {by}, "page": {page}}
	err := c.call(ctx, http.MethodGet, "guests/"+url.PathEscape(string(guest))+"/export?"+q.Encode(), nil, &w)
	return hotel.ExportPage{Records: w.Records, Next: w.Next}, err
}

// Erase is Privacy's.
func (c *Client) Erase(ctx context.Context, guest hotel.GuestID, e hotel.Erasure) error {
	return c.call(ctx, http.MethodPost, "guests/"+url.PathEscape(string(guest))+"/erase", e, nil)
}

// Audit is Privacy's.
func (c *Client) Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error) {
	var list []hotel.AuditEntry
	q := url.Values{"before": {strconv.FormatInt(before, 10)}, "limit": {strconv.Itoa(limit)}}
	err := c.call(ctx, http.MethodGet, "audit?"+q.Encode(), nil, &list)
	return list, err
}
