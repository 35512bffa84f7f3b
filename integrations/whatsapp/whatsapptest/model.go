package whatsapptest

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Number is one of the hotels' WhatsApp numbers.
type Number struct {
	PhoneNumberID string `json:"phone_number_id"`
	Display       string `json:"display_phone_number"`
	Name          string `json:"verified_name"`
	Token         string `json:"-"` // wanted as bearer; empty takes any
	Account       string `json:"account"`
}

// Guest is a simulated person. The phone names them here; HidePhone says that
// their webhooks carry the user id only, as those of username adopters do.
type Guest struct {
	Phone     string `json:"phone"`
	Name      string `json:"name"`
	BSUID     string `json:"bsuid,omitempty"`
	HidePhone bool   `json:"hide_phone,omitempty"`
	// Unreachable guests get a failed status 131026 for what is sent to them.
	Unreachable bool `json:"unreachable,omitempty"`
}

// Who is on either side of a thread.
const (
	FromGuest = "guest"
	FromHotel = "hotel"
)

// Message is one entry of a guest's thread, as the phone shows it. Status is
// its tick: of the hotel's messages accepted, sent, delivered, read or failed;
// of the guest's sent, delivered (the webhook was answered 200) or read.
type Message struct {
	ID       string    `json:"id"`
	Guest    string    `json:"guest"` // phone
	Number   string    `json:"number"`
	From     string    `json:"from"`
	At       time.Time `json:"at"`
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	Buttons  []Choice  `json:"buttons,omitempty"`
	List     *List     `json:"list,omitempty"`
	Template *Template `json:"template,omitempty"`
	TapID    string    `json:"tap_id,omitempty"`
	ReplyTo  string    `json:"reply_to,omitempty"`
	Status   string    `json:"status"`
	Code     int       `json:"code,omitempty"` // of a failed status
	Fate     int       `json:"fate,omitempty"` // code that it will fail with
	Callback string    `json:"callback,omitempty"`
	ByBSUID  bool      `json:"by_bsuid,omitempty"` // sent to "recipient"
	// Latitude and Longitude of a location.
	Latitude  float64 `json:"latitude,omitempty"`
	Longitude float64 `json:"longitude,omitempty"`
}

// Choice is a reply button or a list's row.
type Choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// List is a list message's button and rows.
type List struct {
	Button   string    `json:"button"`
	Sections []Section `json:"sections"`
}

// Section is a part of a list.
type Section struct {
	Title string   `json:"title,omitempty"`
	Rows  []Choice `json:"rows"`
}

// Template is a template message's name, language and body parameters.
type Template struct {
	Name   string   `json:"name"`
	Lang   string   `json:"lang"`
	Params []string `json:"params,omitempty"`
}

// choice finds the button or row that a tap names.
func (m *Message) choice(id string) (Choice, bool) {
	for _, b := range m.Buttons {
		if b.ID == id {
			return b, true
		}
	}
	if m.List == nil {
		return Choice{}, false
	}
	for _, s := range m.List.Sections {
		for _, r := range s.Rows {
			if r.ID == id {
				return r, true
			}
		}
	}
	return Choice{}, false
}

// Typed is what a guest types, taps or attaches.
type Typed struct {
	Type      string  `json:"type"` // text, tap, image, video, voice, audio, document, sticker, location, contacts, reaction, or a type that nobody knows
	Text      string  `json:"text"` // text, caption, emoji, place
	TapID     string  `json:"tap_id"`
	TapTitle  string  `json:"tap_title"`
	ReplyTo   string  `json:"reply_to"`
	Number    string  `json:"number"` // phone number id written to; default the first
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Event is a change that the phone page shows.
type Event struct {
	Type    string   `json:"type"` // message, status, typing, guest or reset
	Guest   string   `json:"guest,omitempty"`
	Number  string   `json:"number,omitempty"`
	Profile *Guest   `json:"profile,omitempty"`
	Message *Message `json:"message,omitempty"` // after the change
}

// Switches are the faults and habits of this Meta. Their JSON names are those
// of /sim/switches, where a POST changes only what it names.
type Switches struct {
	// Refusing sends: at once (FailCodes in turn), or later by a failed status.
	FailCodes  []int   `json:"fail_codes"`
	FailShare  float64 `json:"fail_share"` // of sends; 0 = all, when there are codes
	FailLater  []int   `json:"fail_later"`
	HTMLStatus int     `json:"html_status"` // answer sends with this status and no Graph error
	// Answering badly.
	SlowMS         int  `json:"slow_ms"`
	Hang           bool `json:"hang"`             // take nothing and never answer
	CutAfterAccept bool `json:"cut_after_accept"` // take it, then cut the connection
	// Webhooks.
	DuplicateWebhooks float64 `json:"duplicate_webhooks"` // share posted twice
	Batch             int     `json:"batch"`              // updates to a POST; 0, 1 = one each
	Reorder           bool    `json:"reorder"`            // all in parallel, after random waits
	WrongSecret       bool    `json:"wrong_secret"`
	HoldWebhooks      bool    `json:"hold_webhooks"` // keep them back until it is off again
	NoStatuses        bool    `json:"no_statuses"`
	NoRead            bool    `json:"no_read"`        // the guest's receipts are off
	SkipDelivered     float64 `json:"skip_delivered"` // share of messages read in an open chat
	// Limits; 0 = none.
	NoWindow   bool `json:"no_window"`  // free text is taken without a message in the last 24 h
	PairBurst  int  `json:"pair_burst"` // messages to one guest at once, then one per PairEveryMS
	PairEvery  int  `json:"pair_every_ms"`
	NumberRate int  `json:"number_rate"` // messages a second of a number, in and out
}

// DefaultSwitches are a good day with Meta's limits.
func DefaultSwitches() Switches {
	return Switches{PairBurst: 45, PairEvery: 6000, NumberRate: 80}
}

// clone shares nothing with s.
func (s Switches) clone() Switches {
	s.FailCodes, s.FailLater = slices.Clone(s.FailCodes), slices.Clone(s.FailLater)
	return s
}

// record is a line of the journal.
type record struct {
	Op       string    `json:"op"` // guest, message, status, taken, switches or reset
	Guest    *Guest    `json:"guest,omitempty"`
	Message  *Message  `json:"message,omitempty"`
	ID       string    `json:"id,omitempty"`
	Status   string    `json:"status,omitempty"`
	Code     int       `json:"code,omitempty"`
	Switches *Switches `json:"switches,omitempty"`
}

func (r record) line() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("whatsapptest: " + err.Error()) // plain structs: cannot be
	}
	return append(b, '\n')
}

// rank orders ticks: they only rise, and failed is for what was not delivered.
func rank(status string) int {
	return cmp.Or(map[string]int{"accepted": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5}[status], 0)
}
