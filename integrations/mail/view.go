package mail

import (
	"fmt"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// maxListed is how many guests a joined alert names.
const maxListed = 50

// row is one line of the booking's table.
type row struct{ Label, Value string }

// view is what the templates see. Everything in it is clean.
type view struct {
	Words    words
	Lang     string
	Kind     string // prefix of the words: "confirmation"
	Subject  string
	Greeting string
	Hotel    string
	Address  []string
	Phone    string
	MapURL   string
	Repeat   bool
	Struck   bool   // the booking does not stand any more
	Renamed  string // says that another code counts now; empty = the same one
	Code     string
	Rows     []row
	Total    string // empty = not told
	Tax      string // what of it is tax; empty = not known
	Policies []string

	// of alerts
	Operator bool
	Guests   []string
	More     int
	Summary  []string
	Open     string
}

// T says words of the locale.
func (v view) T(key string, pairs ...any) (string, error) { return v.Words.say(key, pairs...) }

// K says words of the mail's kind.
func (v view) K(key string) (string, error) { return v.Words.say(v.Kind+"."+key, "hotel", v.Hotel) }

// teller collects what the words say, and the first thing they could not.
type teller struct {
	words
	err error
}

func (t *teller) keep(s string, err error) string {
	if err != nil && t.err == nil {
		t.err = err
	}
	return s
}

func (t *teller) T(key string, pairs ...any) string { return t.keep(t.say(key, pairs...)) }
func (t *teller) N(key string, n int) string        { return t.keep(t.count(key, n)) }
func (t *teller) D(d hotel.Date) string             { return t.keep(t.date(d)) }

func newView(h Hotel, w words) view {
	v := view{Words: w, Lang: w["lang"], Hotel: clean(h.Name, maxName), Phone: clean(h.Phone, maxName), MapURL: h.MapURL}
	if a := clean(h.Address, maxText); a != "" {
		v.Address = []string{a}
	}
	return v
}

// bookingView shows a mail about a reservation.
func bookingView(h Hotel, w words, m hotel.Mail) (view, error) {
	v, t, r := newView(h, w), &teller{words: w}, m.Reservation
	v.Kind, v.Repeat = string(m.Kind), m.Repeat
	v.Struck = m.Kind == hotel.MailCancellation
	v.Code = clean(string(r.Code), maxName)
	v.Subject = t.T(v.Kind+".subject", "code", v.Code, "hotel", v.Hotel)
	v.Greeting = t.T("greeting.anonymous")
	if name := personName(r.Contact.FirstName); name != "" {
		v.Greeting = t.T("greeting", "name", name)
	}
	v.Rows = bookingRows(h, t, r, v.Struck)
	if v.Struck { // no amount: it would read as a bill
		v.MapURL = ""
		return v, t.err
	}
	if len(r.Extras) > 0 {
		v.Rows = append(v.Rows, row{t.T("includes"), extras(h, v.Lang, r.Extras)})
	}
	v.Policies = h.policies(v.Lang)
	v.Total = r.Total.In(v.Lang, h.Country)
	if m.Kind == hotel.MailChange {
		v.compare(h, t, m)
	}
	if !r.Tax.IsZero() {
		v.Tax = t.T("tax", "amount", r.Tax.In(v.Lang, h.Country))
	}
	return v, t.err
}

// compare says in each line what was there before the change.
func (v *view) compare(h Hotel, t *teller, m hotel.Mail) {
	before := m.Before
	if before.Stay.IsZero() { // not known
		return
	}
	if old := clean(string(before.Code), maxName); old != "" && old != v.Code {
		v.Renamed = t.T("renamed", "code", old)
	}
	if before.RoomType.Name == "" {
		before.RoomType = m.Reservation.RoomType
	}
	before.Contact = m.Reservation.Contact
	was := bookingRows(h, t, before, true)
	now := bookingRows(h, t, m.Reservation, true) // without times of day, as those of before
	for i := range now {
		if was[i].Value != now[i].Value {
			v.Rows[i].Value = t.T("was", "value", v.Rows[i].Value, "before", was[i].Value)
		}
	}
	if !before.Total.IsZero() && before.Total != m.Reservation.Total {
		v.Total = t.T("was", "value", v.Total, "before", before.Total.In(v.Lang, h.Country))
	}
}

// extras names what the hotel adds to the rooms, with its price.
func extras(h Hotel, lang string, all []hotel.Extra) string {
	named := make([]string, len(all))
	for i, x := range all {
		named[i] = clean(x.Name, maxName) + " (" + x.Total.In(lang, h.Country) + ")"
	}
	return strings.Join(named, ", ")
}

func bookingRows(h Hotel, t *teller, r hotel.Reservation, struck bool) []row {
	in, out := t.D(r.Stay.CheckIn), t.D(r.Stay.CheckOut)
	if h.CheckIn != "" && !struck {
		in = t.T("from_time", "date", in, "time", clean(h.CheckIn, maxName))
	}
	if h.CheckOut != "" && !struck {
		out = t.T("until_time", "date", out, "time", clean(h.CheckOut, maxName))
	}
	room := clean(r.RoomType.Name, maxName)
	if r.Rooms > 1 {
		room = t.T("room.many", "n", r.Rooms, "room", room)
	}
	guests := t.N("adults", r.Adults)
	if r.Children > 0 {
		guests += ", " + t.N("children", r.Children)
	}
	rows := []row{
		{t.T("check_in"), in},
		{t.T("check_out"), out},
		{t.T("stay"), t.N("nights", r.Stay.Nights())},
		{t.T("room"), room},
		{t.T("guests"), guests},
	}
	if name := holder(r.Contact); name != "" {
		rows = append(rows, row{t.T("holder"), name})
	}
	return rows
}

// holder is whom the booking stands under.
func holder(c hotel.Contact) string {
	return personName(strings.TrimSpace(c.FirstName + " " + c.LastName))
}

// alertView shows an alert.
func alertView(h Hotel, w words, a hotel.Alert, guests []hotel.GuestID) (view, error) {
	v, t := newView(h, w), &teller{words: w}
	v.Kind, v.Operator, v.Open = "alert."+string(a.Cause), a.Operator, h.ReceptionURL
	if len(guests) == 0 && a.Guest != "" {
		guests = []hotel.GuestID{a.Guest}
	}
	for _, g := range guests {
		if len(v.Guests) == maxListed {
			v.More++
			continue
		}
		v.Guests = append(v.Guests, clean(string(g), maxName))
	}
	v.Summary = cleanLines(a.Summary, maxText)
	cause := t.T(v.Kind)
	switch len(guests) {
	case 0:
		v.Subject = fmt.Sprintf("%s · %s", cause, v.Hotel)
	case 1: // the guest's id keeps mail readers from piling two guests into one thread
		v.Subject = t.T("alert.subject", "cause", cause, "hotel", v.Hotel, "guest", tail(v.Guests[0]))
	default:
		v.Subject = t.T("alert.subject.many", "cause", cause, "hotel", v.Hotel, "n", len(guests))
	}
	return v, t.err
}

// tail is the end of an id: its beginning is the clock, alike for all of one day.
func tail(id string) string {
	if len(id) > 6 {
		return id[len(id)-6:]
	}
	return id
}

// Count of the guests that an alert is about.
func (v view) Count() int { return len(v.Guests) + v.More }
