package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/conserje/conserje/hotel"
)

const (
	maxForm   = 64 << 10
	maxText   = 4096 // runes of one bubble
	listLimit = 200
)

var errSayNothing = &hotel.Error{Op: "transport.reply", Kind: hotel.Invalid,
	Err: fmt.Errorf("a reply has 1 to %d characters", maxText)}

func (a *Admin) apiRoutes(m *http.ServeMux) {
	const base = "/admin/api/"
	m.HandleFunc("GET "+base+"handoffs", answer(a.apiHandoffs))
	m.HandleFunc("POST "+base+"handoffs/{guest}/reply", answer(a.apiReply))
	m.HandleFunc("POST "+base+"handoffs/{guest}/close", answer(a.apiClose))
	m.HandleFunc("POST "+base+"guests/{guest}/unpark", answer(a.apiUnpark))
	m.HandleFunc("GET "+base+"guests/{guest}/transcript", answer(a.apiTranscript))
	m.HandleFunc("GET "+base+"deadletters", answer(a.apiLetters))
	m.HandleFunc("GET "+base+"deadletters/{id}", answer(a.apiLetter))
	m.HandleFunc("POST "+base+"deadletters/{id}/replay", answer(a.apiReplay))
	m.HandleFunc("POST "+base+"deadletters/{id}/drop", answer(a.apiDrop))
	m.HandleFunc("GET "+base+"reservations", answer(a.apiReservations))
	m.HandleFunc("GET "+base+"backlog", answer(a.apiBacklog))
	m.HandleFunc("GET "+base+"alive", answer(a.apiAlive))
	m.HandleFunc("GET "+base+"status", answer(a.apiStatus))
	a.privacyRoutes(m, base)
	m.HandleFunc("GET "+base+"backup", a.apiBackup)
}

// answer writes what f returns as JSON, or its error's kind with the fitting status.
func answer(f func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := f(w, r)
		status := http.StatusOK
		if err != nil {
			status, body = statusOf(err), errorOf(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // the peer is gone
	}
}

// errorOf says the kind, and why when it was the asker's doing.
func errorOf(err error) errorWire {
	e := hotel.AsError(err)
	w := errorWire{Error: e.Kind.String()}
	if (e.Kind == hotel.Invalid || e.Kind == hotel.Conflict) && e.Err != nil {
		w.Reason = e.Err.Error()
	}
	return w
}

func statusOf(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	switch hotel.KindOf(err) {
	case hotel.NotFound:
		return http.StatusNotFound
	case hotel.Invalid, hotel.WindowClosed:
		return http.StatusUnprocessableEntity
	case hotel.Conflict:
		return http.StatusConflict
	case hotel.Unavailable, hotel.Transient, hotel.NotSent, hotel.Throttled:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func (a *Admin) apiHandoffs(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	list, err := a.Reception.Handoffs(r.Context(), hotel.PropertyID(q.Get("property")), q.Get("open") != "", limitOf(r))
	if err != nil {
		return nil, err
	}
	out := make([]handoffWire, len(list))
	for i, h := range list {
		out[i] = handoffWire(h)
	}
	return out, nil
}

func (a *Admin) apiReply(w http.ResponseWriter, r *http.Request) (any, error) {
	word, err := readWord(w, r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, a.say(r.Context(), guestOf(r), word)
}

func (a *Admin) apiClose(w http.ResponseWriter, r *http.Request) (any, error) {
	word, err := readWord(w, r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, a.Staff.Close(r.Context(), guestOf(r), word)
}

func (a *Admin) apiUnpark(w http.ResponseWriter, r *http.Request) (any, error) {
	word, err := readWord(w, r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, a.Staff.Unpark(r.Context(), guestOf(r), word)
}

// readWord reads {"by", "text"}, or nothing at all.
func readWord(w http.ResponseWriter, r *http.Request) (hotel.StaffWord, error) {
	var word hotel.StaffWord
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&word)
	if err != nil && !errors.Is(err, io.EOF) {
		return word, &hotel.Error{Op: "transport.readWord", Kind: hotel.Invalid, Err: err}
	}
	if word.By == "" {
		word.By = by(r)
	}
	return word, nil
}

func (a *Admin) say(ctx context.Context, guest hotel.GuestID, word hotel.StaffWord) error {
	word.Text = strings.TrimSpace(word.Text)
	if n := utf8.RuneCountInString(word.Text); n == 0 || n > maxText || !utf8.ValidString(word.Text) {
		return errSayNothing
	}
	return a.Staff.Say(ctx, guest, word)
}

func (a *Admin) apiTranscript(_ http.ResponseWriter, r *http.Request) (any, error) {
	lines, err := a.Reception.Transcript(r.Context(), guestOf(r), limitOf(r))
	return notNull(lines), err
}

func (a *Admin) apiLetters(_ http.ResponseWriter, r *http.Request) (any, error) {
	q, err := a.letterQuery(r)
	if err != nil {
		return nil, err
	}
	list, err := a.Reception.DeadLetters(r.Context(), q)
	if err != nil {
		return nil, err
	}
	out := make([]letterWire, len(list))
	for i, d := range list {
		d.Body = nil // one at a time: they may be 4 MB each
		out[i] = toLetterWire(d)
	}
	return out, nil
}

func (a *Admin) apiLetter(_ http.ResponseWriter, r *http.Request) (any, error) {
	d, err := a.letter(r)
	if err == nil && r.URL.Query().Get("full") == "" {
		d.Body = []byte(Redact(d.Body))
	}
	return toLetterWire(d), err
}

func (a *Admin) apiReplay(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.replay(r)
}

func (a *Admin) apiDrop(_ http.ResponseWriter, r *http.Request) (any, error) {
	return struct{}{}, a.drop(r)
}

func (a *Admin) apiReservations(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := a.Reception.Reservations(r.Context(), hotel.PropertyID(r.URL.Query().Get("property")), limitOf(r))
	return notNull(list), err
}

func (a *Admin) apiBacklog(_ http.ResponseWriter, r *http.Request) (any, error) {
	b, err := a.Reception.Backlog(r.Context())
	return backlogWire(b), err
}

// letter, replay and drop serve the API and the pages.
func (a *Admin) letter(r *http.Request) (hotel.DeadLetter, error) {
	id, err := letterID(r)
	if err != nil {
		return hotel.DeadLetter{}, err
	}
	return a.Reception.DeadLetter(r.Context(), id)
}

func (a *Admin) replay(r *http.Request) (nudgedWire, error) {
	id, err := letterID(r)
	if err != nil {
		return nudgedWire{}, err
	}
	guest, lane, err := a.putBack(r.Context(), id, r.FormValue("again") != "")
	if err != nil {
		return nudgedWire{}, err
	}
	if guest != "" {
		a.Nudger.Nudge(guest, lane)
	}
	a.Log.Info("dead letter replayed", "id", id, "guest", guest)
	return nudgedWire{guest, lane}, nil
}

// putBack puts a row back in the store; a webhook goes its own way in.
func (a *Admin) putBack(ctx context.Context, id int64, again bool) (hotel.GuestID, hotel.Lane, error) {
	l, err := a.Reception.DeadLetter(ctx, id)
	if err != nil {
		return "", "", err
	}
	if l.Source == "webhook" && a.Webhooks != nil {
		return "", "", a.Webhooks(ctx, id)
	}
	put := hotel.Replay{ID: id, At: a.Now(), Again: again}
	if l.Kind == hotel.KindSay && a.Window != nil {
		if put.Window, err = a.Window(ctx, l.Guest); err != nil {
			return "", "", err
		}
	}
	return a.Reception.Replay(ctx, put)
}

func (a *Admin) drop(r *http.Request) error {
	id, err := letterID(r)
	if err != nil {
		return err
	}
	if err := a.Reception.Drop(r.Context(), id, a.Now()); err != nil {
		return err
	}
	a.Log.Info("dead letter dropped", "id", id)
	return nil
}

func letterID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, &hotel.Error{Op: "transport.letterID", Kind: hotel.NotFound}
	}
	return id, nil
}

func guestOf(r *http.Request) hotel.GuestID { return hotel.GuestID(r.PathValue("guest")) }

func limitOf(r *http.Request) int {
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && n > 0 && n <= 1000 {
		return n
	}
	return listLimit
}

// notNull makes an empty list "[]".
func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
