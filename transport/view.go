package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/conserje/conserje/hotel"
)

// patience is how long a guest may wait for a person before the page turns red;
// the second alert goes out then.
const patience = 15 * time.Minute

// view is what every page shows and how it speaks.
type view struct {
	Root   string // relative way to the first page
	Here   string // the part of the house: which link is the current one
	Title  string
	Lang   string
	Build  string
	Login  bool // there is a session to leave
	now    time.Time
	zone   *time.Location
	names  map[hotel.PropertyID]string
	phrase map[string]string
}

func (a *Admin) view(r *http.Request, here string) view {
	lang := langOf(r)
	return view{Root: root(r), Here: here, Title: a.Title, Lang: lang, Build: a.pages.build, Login: a.Password != "",
		now: a.Now(), zone: a.Zone, names: a.Names, phrase: texts[lang]}
}

// langOf is Spanish, unless the browser would rather have English.
func langOf(r *http.Request) string {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return "es"
	}
	for _, tag := range wanted {
		if base, _ := tag.Base(); texts[base.String()] != nil {
			return base.String()
		}
	}
	return "es"
}

// T is a text in the page's language. A key without a text shows itself: a value of the data.
func (v view) T(key string) string {
	if s, ok := v.phrase[key]; ok {
		return s
	}
	return key
}

// Cause of a handoff, for people.
func (v view) Cause(c hotel.AlertCause) string { return v.T("cause_" + string(c)) }

// Who said a line.
func (v view) Who(who string) string { return v.T("who_" + who) }

// Property by the name that people know; empty when there is only one.
func (v view) Property(p hotel.PropertyID) string {
	if len(v.names) == 1 {
		return ""
	}
	if name, ok := v.names[p]; ok {
		return name
	}
	return string(p)
}

// Clock is a time in the hotel's zone: the hour, and the day when it is not today.
func (v view) Clock(t time.Time) string {
	t, now := t.In(v.zone), v.now.In(v.zone)
	if hotel.DateOf(t) == hotel.DateOf(now) {
		return t.Format("15:04")
	}
	return t.Format("02/01/2006 15:04")
}

// Machine is a time for the datetime attribute.
func (v view) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Ago is how long something has lasted.
func (v view) Ago(t time.Time) string {
	d := v.now.Sub(t)
	switch {
	case d < time.Minute:
		return "< 1 min"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h " + strconv.Itoa(int(d.Minutes())%60) + " min"
	}
	return strconv.Itoa(int(d.Hours())/24) + " " + v.T("days")
}

// Waiting is since when a guest waits for a person; zero when nobody waits.
func (v view) Waiting(h hotel.HandoffRecord) time.Time {
	switch {
	case h.State == hotel.HandoffClosed:
		return time.Time{}
	case h.Staff.IsZero():
		return h.Opened
	case h.Heard.After(h.Staff):
		return h.Heard
	}
	return time.Time{}
}

// Late tells whether a guest has waited too long.
func (v view) Late(since time.Time) bool { return v.now.Sub(since) >= patience }

// card is one handoff of the list.
type card struct {
	view
	Handoff hotel.HandoffRecord
	Since   time.Time // the guest waits since then; zero = nobody waits
	IsLate  bool
}

// Card makes the list's card of a handoff.
func (v view) Card(h hotel.HandoffRecord) card {
	since := v.Waiting(h)
	return card{v, h, since, !since.IsZero() && v.Late(since)}
}

// Date is a day as the page's language writes it.
func (v view) Date(d hotel.Date) string {
	if v.Lang == "en" {
		return d.At(12, 0, time.UTC).Format("2 Jan 2006")
	}
	return d.At(12, 0, time.UTC).Format("02/01/2006")
}

// Money is an amount as the page's language writes it: "ARS 85.000,00".
func (v view) Money(m hotel.Money) string {
	currency, digits, _ := strings.Cut(m.String(), " ")
	whole, cents, fraction := strings.Cut(digits, ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	thousands, point := ".", ","
	if v.Lang == "en" {
		thousands, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if fraction {
		whole += point + cents
	}
	return currency + " " + sign + whole
}
