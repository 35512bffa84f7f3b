package rule

import (
	"encoding/json"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// Wanted tells whether a query chooses a letter, its limit aside.
func Wanted(q hotel.LetterQuery, l hotel.DeadLetter) bool {
	switch {
	case !q.All && !l.Closed.IsZero():
		return false
	case !q.Before.IsZero() && l.At.After(q.Before):
		return false
	case !q.After.IsZero() && !l.At.After(q.After):
		return false
	}
	return strings.Contains(strings.ToLower(l.Reason), strings.ToLower(q.Reason))
}

// Replay decides how an open letter goes back: under which key, and with which
// body. It fails with hotel.Invalid, and the letter stays open, when it is a
// webhook's, when it is in doubt and nobody said that once more is right, and
// when it is a bubble whose session window has closed.
func Replay(op string, l hotel.DeadLetter, r hotel.Replay) (hotel.Key, []byte, error) {
	switch {
	case l.Source == "webhook":
		return "", nil, Err(op, hotel.Invalid, "a webhook is replayed by the engine")
	case l.Source == "outbox" && l.InDoubt && !r.Again:
		return "", nil, Err(op, hotel.Invalid, "it is in doubt: it may have been sent already, and once more may double it; "+
			"look whether it arrived, then ask for it again explicitly (--again)")
	case l.Source != "outbox":
		return l.Key.Next(), l.Body, nil
	}
	body := l.Body
	var err error
	switch l.Kind {
	case hotel.KindSay:
		body, err = inWindow(op, l.Body, r)
	case hotel.KindMail:
		body = repeated(l)
	}
	return l.Key.Next(), body, err
}

// inWindow lets a bubble out only while the guest's session window is open:
// the one that it was written in, or the one of what the guest wrote since.
func inWindow(op string, body []byte, r hotel.Replay) ([]byte, error) {
	var m hotel.Message
	if !json.Valid(body) {
		return body, nil // its sender says what is wrong with it
	}
	if err := json.Unmarshal(body, &m); err != nil {
		m = hotel.Message{} // of another shape: the same
	}
	if m.Bubble.Template != nil || m.WindowEnds.IsZero() {
		return body, nil
	}
	if r.Window.After(m.WindowEnds) {
		m.WindowEnds = r.Window
	}
	if r.At.After(m.WindowEnds) {
		return nil, Err(op, hotel.Invalid, "the guest's 24 h window is closed: WhatsApp takes no such message until the guest writes again")
	}
	return json.Marshal(m)
}

// repeated makes a mail in doubt say that it is a repetition.
func repeated(l hotel.DeadLetter) []byte {
	var m hotel.Mail
	if !l.InDoubt || json.Unmarshal(l.Body, &m) != nil {
		return l.Body
	}
	m.Repeat = true
	body, err := json.Marshal(m)
	if err != nil {
		return l.Body
	}
	return body
}

// BuriedRow tells the dialogue that a row of its guest became a dead letter.
// Of one that tells this there is none: what cannot be told is not told for ever.
func BuriedRow(l hotel.DeadLetter) (row hotel.InboxRow, ok bool) {
	if l.Kind == hotel.KindBuried {
		return row, false
	}
	body, err := json.Marshal(hotel.SendResult{Key: l.Key, Kind: l.Kind})
	if err != nil {
		panic(err) // strings only
	}
	return hotel.InboxRow{Key: l.Key + "/buried", Guest: l.Guest, Kind: hotel.KindBuried, Body: body, At: l.At}, true
}
