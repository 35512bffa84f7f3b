package whatsapp

import (
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/conserje/conserje/hotel"
)

const opDecode = "whatsapp.Decode"

var (
	errNotJSON  = errors.New("body is not JSON")
	errNoObject = errors.New("body is no JSON object")
	errNoEntry  = errors.New("body has no entry array")
)

const (
	// testEntry is the entry id of what the App Dashboard's "Test" button sends.
	testEntry = "0"
	// messagesField is the only field whose changes get answers.
	messagesField = "messages"
)

// lax is what validity means here: Meta and the tools around it repeat names
// and cut characters, and a message must not be lost for that.
var lax = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Decode reads a notification, with every element of its entry, changes,
// messages and statuses arrays, as it arrived at now. It fails with
// hotel.Invalid only when the body is not JSON or has not the envelope's shape;
// a part that it does not know never spoils the others. Nothing of the result
// points into body.
//
// Messages are in the body's order. A message without any sender cannot be
// answered and counts as ignored.
func Decode(body []byte, now time.Time) (hotel.Webhook, error) {
	if !jsontext.Value(body).IsValid(lax) {
		return hotel.Webhook{}, invalid(errNotJSON)
	}
	d := decoder{cursor: cursor{b: body}, now: now}
	if d.peek() != '{' {
		return hotel.Webhook{}, invalid(errNoObject)
	}
	if !d.envelope() {
		return hotel.Webhook{}, invalid(errNoEntry)
	}
	return d.out, nil
}

func invalid(cause error) error {
	return &hotel.Error{Op: opDecode, Kind: hotel.Invalid, Err: cause}
}

// decoder fills one Webhook.
type decoder struct {
	cursor
	now      time.Time
	out      hotel.Webhook
	contacts []contact // of the change in hand; kept to save its room
}

// contact is an element of contacts[]. Its place says nothing: it belongs to
// the message with the same wa_id or user_id.
type contact struct {
	hotel.Address
	profile string
}

func (d *decoder) ignore(name string) { d.out.Ignored = append(d.out.Ignored, name) }

// envelope reads the root and tells whether it has an entry array.
func (d *decoder) envelope() bool {
	found := false
	d.enter('{')
	for d.more('}') {
		if string(d.key()) != "entry" || d.peek() != '[' {
			d.skip()
			continue
		}
		found = true
		for d.enter('['); d.more(']'); {
			d.entry()
		}
	}
	return found
}

// entry reads one account's changes. Its id may come after them, so what a test
// button sent is taken back at the end.
func (d *decoder) entry() {
	if !d.enter('{') {
		return
	}
	test, before := false, d.out
	for d.more('}') {
		switch string(d.key()) {
		case "id":
			test = string(d.word()) == testEntry
		case "changes":
			if d.enter('[') {
				for d.more(']') {
					d.change()
				}
			}
		default:
			d.skip()
		}
	}
	if test && len(d.out.Messages)+len(d.out.Receipts) > len(before.Messages)+len(before.Receipts) {
		d.out.Messages, d.out.Receipts = before.Messages, before.Receipts
		d.ignore("test")
	}
}

// change reads one change. Only the field "messages", which is also meant when
// there is none, gets answers; it mostly stands after the value, so what the
// value of another field said is taken back.
func (d *decoder) change() {
	if !d.enter('{') {
		return
	}
	field, before := messagesField, d.out
	for d.more('}') {
		switch string(d.key()) {
		case "field":
			if name := d.word(); string(name) != messagesField && len(name) > 0 {
				field = shorten(string(name))
			}
		case "value":
			d.value()
		default:
			d.skip()
		}
	}
	if field != messagesField {
		d.out = before
		d.ignore(field)
	}
}

// value reads the value of a messages change. Contacts and metadata may come
// after the messages, so they are applied at the end.
func (d *decoder) value() {
	if !d.enter('{') {
		return
	}
	var numberID string
	d.contacts = d.contacts[:0]
	first, seen := len(d.out.Messages), len(d.out.Ignored)+len(d.out.Receipts)
	for d.more('}') {
		switch string(d.key()) {
		case "metadata":
			numberID = d.field("phone_number_id")
		case "contacts":
			d.each(d.contact)
		case "messages":
			d.each(d.message)
		case "statuses":
			d.each(d.status)
		case "errors":
			d.each(func() { d.skip(); d.ignore("errors") })
		default:
			d.skip()
		}
	}
	d.address(first, numberID)
	if len(d.out.Messages) == first && len(d.out.Ignored)+len(d.out.Receipts) == seen {
		d.ignore("empty")
	}
}

// each calls read once for each element of the array in hand. read steps over it.
func (d *decoder) each(read func()) {
	if !d.enter('[') {
		return
	}
	for d.more(']') {
		read()
	}
}

// field reads one scalar member of the object in hand, and skips the others.
func (d *decoder) field(name string) (value string) {
	if !d.enter('{') {
		return ""
	}
	for d.more('}') {
		if string(d.key()) == name {
			value = d.text()
		} else {
			d.skip()
		}
	}
	return value
}

func (d *decoder) contact() {
	if !d.enter('{') {
		return
	}
	var c contact
	for d.more('}') {
		switch string(d.key()) {
		case "wa_id":
			c.Phone = d.text()
		case "user_id":
			c.BSUID = d.text()
		case "parent_user_id":
			c.Parent = d.text()
		case "profile":
			c.profile = d.field("name")
		default:
			d.skip()
		}
	}
	d.contacts = append(d.contacts, c)
}

// address completes the messages from first on with the hotel's number and with
// what contacts tell of their senders, and drops those that nobody sent.
func (d *decoder) address(first int, numberID string) {
	kept := d.out.Messages[:first]
	for _, m := range d.out.Messages[first:] {
		m.NumberID = numberID
		d.introduce(&m, len(d.out.Messages)-first == 1)
		if m.From.IsZero() {
			d.ignore("no_sender")
			continue
		}
		kept = append(kept, m)
	}
	d.out.Messages = kept
}

// introduce fills in what the sender's contact knows more. A contact that names
// somebody else is never used; the only contact of the only message is its sender's
// when one of the two names nobody.
func (d *decoder) introduce(m *hotel.Inbound, alone bool) {
	for _, c := range d.contacts {
		same := c.Phone != "" && c.Phone == m.From.Phone || c.BSUID != "" && c.BSUID == m.From.BSUID
		lonely := alone && len(d.contacts) == 1 && (m.From.IsZero() || c.Address.IsZero())
		if !same && !lonely {
			continue
		}
		m.Profile = c.profile
		fill(&m.From.Phone, c.Phone)
		fill(&m.From.BSUID, c.BSUID)
		fill(&m.From.Parent, c.Parent)
		return
	}
}

func fill(dst *string, value string) {
	if *dst == "" {
		*dst = value
	}
}

// shorten bounds a name that came from outside.
func shorten(name string) string {
	const limit = 64
	if len(name) > limit {
		return name[:limit]
	}
	return name
}
