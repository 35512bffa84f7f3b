package whatsapp

import (
	"strconv"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// message reads one element of messages[]. The object named like the type may
// stand before the type: what each known object says is noted, and put together
// at the end.
func (d *decoder) message() {
	if !d.enter('{') {
		return
	}
	var (
		m     = hotel.Inbound{At: d.now}
		typ   string
		group bool
		said  content
	)
	for d.more('}') {
		switch key := d.key(); string(key) {
		case "id":
			m.MessageID = d.text()
		case "from":
			m.From.Phone = d.text()
		case "from_user_id":
			m.From.BSUID = d.text()
		case "from_parent_user_id":
			m.From.Parent = d.text()
		case "group_id":
			group = len(d.word()) > 0
		case "timestamp":
			m.SentAt = timestamp(d.word())
		case "type":
			typ = typeName(d.word())
		case "context":
			fill(&m.QuoteID, d.field("id"))
		default:
			d.content(string(key), &said)
		}
	}
	if group {
		d.ignore("group")
		return
	}
	if typ == "" {
		typ = said.object
	}
	if silent(typ) {
		d.ignore(typ)
		return
	}
	m.Kind, m.Text, m.TapID = said.as(typ)
	fill(&m.QuoteID, said.target)
	if isBSUID(m.From.Phone) { // an old client's mistake that must never be taken for a phone
		fill(&m.From.BSUID, m.From.Phone)
		m.From.Phone = ""
	}
	d.out.Messages = append(d.out.Messages, m)
}

// content is what the type's object of a message says.
type content struct {
	object string // name of the object seen
	text   string // body, caption, title, emoji
	tapID  string
	target string // of a reaction
	voice  bool
	tap    bool // an interactive object holds a known reply
}

// content reads the object under key, when it is one that is known.
func (d *decoder) content(key string, said *content) {
	switch key {
	case "text":
		said.object, said.text = "text", d.field("body")
	case "interactive":
		said.object = "interactive"
		d.interactive(said)
	case "button":
		said.object = "button"
		d.pick(said, "payload", "text")
	case "image", "video", "document", "sticker", "order", "location", "contacts":
		said.object = typeName([]byte(key))
		d.media(said)
	case "audio", "voice":
		said.object = typeName([]byte(key))
		d.media(said)
	case "reaction":
		said.object = "reaction"
		d.reaction(said)
	default:
		d.skip()
	}
}

// interactive reads a reply to buttons, a list or a flow. The reply's kind is
// the name of its object; other kinds (call permission, payment ...) are not understood.
func (d *decoder) interactive(said *content) {
	if !d.enter('{') {
		return
	}
	for d.more('}') {
		switch string(d.key()) {
		case "button_reply", "list_reply":
			d.pick(said, "id", "title")
		case "nfm_reply":
			d.pick(said, "name", "response_json")
		default:
			d.skip()
		}
	}
}

// pick reads a tap: its id and its text are under these names.
func (d *decoder) pick(said *content, id, text string) {
	if !d.enter('{') {
		return
	}
	said.tap = true
	for d.more('}') {
		switch string(d.key()) {
		case id:
			said.tapID = d.text()
		case text:
			said.text = d.text()
		default:
			d.skip()
		}
	}
}

// media reads the caption of a picture or file, the note of an order, and
// whether an audio was recorded in the app.
func (d *decoder) media(said *content) {
	if !d.enter('{') {
		return
	}
	for d.more('}') {
		switch string(d.key()) {
		case "caption", "text":
			said.text = d.text()
		case "voice":
			said.voice = string(d.word()) == "true"
		default:
			d.skip()
		}
	}
}

func (d *decoder) reaction(said *content) {
	if !d.enter('{') {
		return
	}
	for d.more('}') {
		switch string(d.key()) {
		case "message_id":
			said.target = d.text()
		case "emoji":
			said.text = d.text()
		default:
			d.skip()
		}
	}
}

// as returns the content as a message of the type.
func (c content) as(typ string) (kind hotel.InboundKind, text, tapID string) {
	switch typ {
	case "text":
		if c.text == "" {
			return hotel.InUnsupported, "", ""
		}
		return hotel.InText, c.text, ""
	case "interactive", "button":
		if !c.tap {
			return hotel.InUnsupported, "", ""
		}
		return hotel.InTap, c.text, c.tapID
	case "audio":
		if c.voice {
			return hotel.InVoice, "", ""
		}
		return hotel.InAudio, "", ""
	case "image", "video", "voice", "document", "sticker", "location", "contacts", "reaction":
		return hotel.InboundKind(typ), c.text, ""
	}
	return hotel.InUnsupported, c.text, ""
}

// silent tells whether a message of the type gets no answer: it is the
// account's news, or takes back or changes what was said.
func silent(typ string) bool {
	switch typ {
	case "system", "edit", "revoke", "request_welcome":
		return true
	}
	return false
}

// typeName copies a type's name, without an allocation for those that are known.
func typeName(name []byte) string {
	switch string(name) {
	case "text":
		return "text"
	case "interactive":
		return "interactive"
	case "button":
		return "button"
	case "image":
		return "image"
	case "audio":
		return "audio"
	}
	return string(name)
}

// timestamp reads unix seconds, or milliseconds as some tools write; zero when it is neither.
func timestamp(word []byte) time.Time {
	n, err := strconv.ParseInt(string(word), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	if n >= 1e14 {
		return time.Time{}
	}
	if n >= 1e11 {
		return time.UnixMilli(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}

// isBSUID tells whether a name has the shape of a business-scoped user id: "US.1349...".
func isBSUID(s string) bool {
	return len(s) > 3 && s[2] == '.' && isUpper(s[0]) && isUpper(s[1]) && !strings.ContainsAny(s, "@ ")
}

func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }
