package transport

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/conserje/conserje/hotel"
)

//go:embed ui
var ui embed.FS

// pages renders the reception's pages. Names and texts of guests meet only
// html/template, which escapes them for the place they stand in.
type pages struct {
	templates *template.Template
	build     string // of the static files, so that a new engine's are fetched anew
}

func newPages() *pages {
	h := sha256.New()
	for _, name := range []string{"ui/app.css", "ui/app.js"} {
		b, err := ui.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		h.Write(b)
	}
	return &pages{template.Must(template.ParseFS(ui, "ui/*.html")), hex.EncodeToString(h.Sum(nil))[:12]}
}

// render writes a page whole, or not at all.
func (p *pages) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the peer is gone
}

func (a *Admin) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
	kind, ok := kinds[path.Ext(name)]
	b, err := ui.ReadFile("ui/" + name)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "max-age=86400")
	_, _ = w.Write(b)
}

func (a *Admin) pageRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /{$}", a.page(a.handoffsPage))
	m.HandleFunc("GET /list", a.page(a.handoffsList))
	m.HandleFunc("GET /guests/{guest}", a.page(a.guestPage))
	m.HandleFunc("GET /guests/{guest}/log", a.page(a.guestLog))
	m.HandleFunc("POST /guests/{guest}/reply", a.page(a.replyForm))
	m.HandleFunc("POST /guests/{guest}/close", a.page(a.closeForm))
	m.HandleFunc("POST /guests/{guest}/unpark", a.page(a.unparkForm))
	m.HandleFunc("POST /guests/{guest}/erase", a.page(a.eraseForm))
	m.HandleFunc("GET /deadletters", a.page(a.lettersPage))
	m.HandleFunc("GET /deadletters/{id}", a.page(a.letterPage))
	m.HandleFunc("POST /deadletters/{id}/replay", a.page(a.replayForm))
	m.HandleFunc("POST /deadletters/{id}/drop", a.page(a.dropForm))
	m.HandleFunc("GET /reservations", a.page(a.reservationsPage))
	m.HandleFunc("GET /status", a.page(a.statusPage))
	m.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, &hotel.Error{Op: "transport.page", Kind: hotel.NotFound})
	})
}

// page shows the error page for what f could not do.
func (a *Admin) page(f func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			a.fail(w, r, err)
		}
	}
}

type failView struct {
	view
	Text   string // key
	Reason string // why not, when it was the asker's doing
}

func (a *Admin) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := statusOf(err), "error_other"
	switch status {
	case http.StatusNotFound:
		text = "error_not_found"
	case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusConflict:
		text = "error_invalid"
	case http.StatusServiceUnavailable:
		text = "error_away"
	default:
		a.Log.Error("page failed", "op", "transport.page", "kind", hotel.KindOf(err), "err", err)
	}
	a.pages.render(w, status, "fail", failView{a.view(r, ""), text, errorOf(err).Reason})
}

type handoffsView struct {
	view
	pausing
	Open, Answered, Closed []hotel.HandoffRecord
}

// handoffs are those of all properties, in the order in which they want looking at.
func (a *Admin) handoffs(r *http.Request) (handoffsView, error) {
	v := handoffsView{view: a.view(r, "handoffs")}
	var err error
	if v.pausing, err = a.pausing(r.Context()); err != nil {
		return v, err
	}
	list, err := a.Reception.Handoffs(r.Context(), "", false, listLimit)
	for _, h := range list {
		switch h.State {
		case hotel.HandoffOpen:
			v.Open = append(v.Open, h)
		case hotel.HandoffAnswered:
			v.Answered = append(v.Answered, h)
		default:
			v.Closed = append(v.Closed, h)
		}
	}
	slices.SortStableFunc(v.Open, func(a, b hotel.HandoffRecord) int { return a.Opened.Compare(b.Opened) })
	slices.SortStableFunc(v.Answered, func(a, b hotel.HandoffRecord) int { return b.Heard.Compare(a.Heard) })
	return v, err
}

func (a *Admin) handoffsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.handoffs(r)
	if err == nil {
		a.pages.render(w, http.StatusOK, "handoffs", v)
	}
	return err
}

// handoffsList is the part of the page that its script asks for again.
func (a *Admin) handoffsList(w http.ResponseWriter, r *http.Request) error {
	v, err := a.handoffs(r)
	if err == nil {
		a.pages.render(w, http.StatusOK, "list", v)
	}
	return err
}

type guestView struct {
	view
	pausing
	Guest   hotel.GuestID
	Handoff *hotel.HandoffRecord // nil when the guest has none
	Parked  bool                 // people have it, without the dialogue
	MayGo   bool                 // it can be erased
	Lines   []hotel.TranscriptLine
}

// LineKey tells a line from every other of its transcript: when it was said, and
// how many were said at that instant before it.
func (v guestView) LineKey(i int) string {
	at, n := v.Lines[i].At, 0
	for i > n && v.Lines[i-n-1].At.Equal(at) {
		n++
	}
	return strconv.FormatInt(at.UnixMicro(), 36) + "-" + strconv.Itoa(n)
}

// IsQuiet tells whether the bot is paused for the guest.
func (v guestView) IsQuiet() bool {
	var property hotel.PropertyID
	if v.Handoff != nil {
		property = v.Handoff.Property
	}
	return v.Quiet(property, v.Guest)
}

func (a *Admin) guest(r *http.Request) (guestView, error) {
	v := guestView{view: a.view(r, "handoffs"), Guest: guestOf(r), MayGo: a.Privacy != nil}
	var err error
	if v.pausing, err = a.pausing(r.Context()); err != nil {
		return v, err
	}
	if v.Lines, err = a.Reception.Transcript(r.Context(), v.Guest, listLimit); err != nil {
		return v, err
	}
	list, err := a.Reception.Handoffs(r.Context(), "", false, 1000)
	if err != nil {
		return v, err
	}
	if i := slices.IndexFunc(list, func(h hotel.HandoffRecord) bool { return h.Guest == v.Guest }); i >= 0 {
		v.Handoff = &list[i]
	}
	if a.AdminConfig.Parked != nil {
		if v.Parked, err = a.AdminConfig.Parked(r.Context(), v.Guest); err != nil {
			return v, err
		}
	}
	if v.Handoff == nil && len(v.Lines) == 0 {
		return v, &hotel.Error{Op: "transport.guest", Kind: hotel.NotFound}
	}
	return v, nil
}

func (a *Admin) guestPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.guest(r)
	if err == nil {
		a.pages.render(w, http.StatusOK, "guest", v)
	}
	return err
}

// guestLog is the part of the page that its script asks for again.
func (a *Admin) guestLog(w http.ResponseWriter, r *http.Request) error {
	lines, err := a.Reception.Transcript(r.Context(), guestOf(r), listLimit)
	if err == nil {
		a.pages.render(w, http.StatusOK, "log", guestView{view: a.view(r, ""), Lines: lines})
	}
	return err
}

func (a *Admin) replyForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &hotel.Error{Op: "transport.replyForm", Kind: hotel.Invalid, Err: err}
	}
	if err := a.say(r.Context(), guestOf(r), hotel.StaffWord{By: a.person(r), Text: r.PostForm.Get("text")}); err != nil {
		return err
	}
	redirect(w, r, "guests/"+string(guestOf(r)))
	return nil
}

func (a *Admin) closeForm(w http.ResponseWriter, r *http.Request) error {
	if err := a.Staff.Close(r.Context(), guestOf(r), hotel.StaffWord{By: a.person(r)}); err != nil {
		return err
	}
	redirect(w, r, "")
	return nil
}

func (a *Admin) unparkForm(w http.ResponseWriter, r *http.Request) error {
	if err := a.Staff.Unpark(r.Context(), guestOf(r), hotel.StaffWord{By: a.person(r)}); err != nil {
		return err
	}
	redirect(w, r, "guests/"+string(guestOf(r)))
	return nil
}

// person is who writes on a page: the name given at login, or the reception as
// such, also when a proxy comes with the token.
func (a *Admin) person(r *http.Request) string {
	if name := by(r); name != "" && name != command {
		return name
	}
	return "recepción"
}

type lettersView struct {
	view
	Query   hotel.LetterQuery
	Older   string // as it was asked
	Letters []hotel.DeadLetter
}

func (a *Admin) lettersPage(w http.ResponseWriter, r *http.Request) error {
	v := lettersView{view: a.view(r, "deadletters"), Older: r.URL.Query().Get("older")}
	var err error
	if v.Query, err = a.letterQuery(r); err != nil {
		return err
	}
	if v.Letters, err = a.Reception.DeadLetters(r.Context(), v.Query); err == nil {
		a.pages.render(w, http.StatusOK, "letters", v)
	}
	return err
}

type letterView struct {
	view
	Letter  hotel.DeadLetter
	Full    bool // the payload is shown as it is
	Payload string
}

func (a *Admin) letterPage(w http.ResponseWriter, r *http.Request) error {
	d, err := a.letter(r)
	if err == nil {
		v := letterView{view: a.view(r, "deadletters"), Letter: d, Full: r.URL.Query().Get("full") != ""}
		if v.Payload = Redact(d.Body); v.Full {
			v.Payload = readable(d.Body)
		}
		a.pages.render(w, http.StatusOK, "letter", v)
	}
	return err
}

// readable is a body for people: indented when it is JSON, without bytes that are no text.
func readable(body []byte) string {
	const shown = 64 << 10
	var b bytes.Buffer
	if len(body) <= shown && json.Indent(&b, body, "", "  ") == nil {
		return b.String()
	}
	return strings.ToValidUTF8(string(body[:min(len(body), shown)]), "\uFFFD")
}

func (a *Admin) replayForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	_, err := a.replay(r)
	if err == nil {
		redirect(w, r, "deadletters")
	}
	return err
}

func (a *Admin) dropForm(w http.ResponseWriter, r *http.Request) error {
	err := a.drop(r)
	if err == nil {
		redirect(w, r, "deadletters")
	}
	return err
}

type reservationsView struct {
	view
	Reservations []hotel.Reservation
}

func (a *Admin) reservationsPage(w http.ResponseWriter, r *http.Request) error {
	list, err := a.Reception.Reservations(r.Context(), "", listLimit)
	if err == nil {
		a.pages.render(w, http.StatusOK, "reservations", reservationsView{a.view(r, "reservations"), list})
	}
	return err
}

type statusView struct {
	view
	Engine Status
	How    string // key: how the engine stands in one line; empty when nobody knows
}

func (a *Admin) statusPage(w http.ResponseWriter, r *http.Request) error {
	v := statusView{view: a.view(r, "status"), Engine: a.status(r.Context())}
	v.How = v.Engine.Health.Status
	if len(v.Engine.Needs) > 0 && (v.How == "" || v.How == "ready") {
		v.How = "needed"
	}
	if v.Engine.away != nil {
		return v.Engine.away
	}
	a.pages.render(w, http.StatusOK, "status", v)
	return nil
}
