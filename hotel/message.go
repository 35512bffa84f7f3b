package hotel

import "time"

// Address is how WhatsApp names a person. One of the fields at least is set;
// answers go to the values received, unchanged.
type Address struct {
	Phone  string `json:"phone,omitempty"`  // digits without "+" (wa_id); may be absent since 2026
	BSUID  string `json:"bsuid,omitempty"`  // "AR.1349...", opaque
	Parent string `json:"parent,omitempty"` // parent BSUID, opaque
}

// IsZero tells whether nobody is named.
func (a Address) IsZero() bool { return a == Address{} }

// Aliases of the address, strongest first.
func (a Address) Aliases() []Alias {
	var out []Alias
	for _, x := range []Alias{{AliasBSUID, a.BSUID}, {AliasParent, a.Parent}, {AliasPhone, a.Phone}} {
		if x.Value != "" {
			out = append(out, x)
		}
	}
	return out
}

// AliasKind is the kind of a guest's outside name.
type AliasKind string

// The kinds of alias.
const (
	AliasPhone  AliasKind = "phone"
	AliasBSUID  AliasKind = "bsuid"
	AliasParent AliasKind = "parent"
)

// Alias is one outside name of a guest, unique within a property.
type Alias struct {
	Kind  AliasKind `json:"kind"`
	Value string    `json:"value"`
}

// InboundKind tells what a guest sent.
type InboundKind string

// The kinds of message in. What is not understood keeps its kind and is answered kindly.
const (
	InText        InboundKind = "text"
	InTap         InboundKind = "tap" // a reply button, a list row, a template's button
	InImage       InboundKind = "image"
	InVideo       InboundKind = "video"
	InAudio       InboundKind = "audio"
	InVoice       InboundKind = "voice"
	InDocument    InboundKind = "document"
	InSticker     InboundKind = "sticker"
	InLocation    InboundKind = "location"
	InContacts    InboundKind = "contacts"
	InReaction    InboundKind = "reaction"    // never opens a turn
	InUnsupported InboundKind = "unsupported" // and every type that does not exist yet
)

// Inbound is one message of a guest, decoded. It is the body of inbox rows of
// kind KindSaid.
type Inbound struct {
	NumberID  string      `json:"number_id,omitempty"`  // phone_number_id of the hotel's number; empty when the webhook had no metadata
	Property  PropertyID  `json:"property,omitempty"`   // resolved by transport from NumberID
	MessageID string      `json:"message_id,omitempty"` // wamid: personal data, log a keyed hash; empty = new each time
	From      Address     `json:"from"`
	Profile   string      `json:"profile,omitempty"` // WhatsApp profile name; offered, never used unasked
	Kind      InboundKind `json:"kind"`
	Text      string      `json:"text,omitempty"`     // the text, the caption, or a tap's title
	TapID     string      `json:"tap_id,omitempty"`   // id of the button or row tapped
	QuoteID   string      `json:"quote_id,omitempty"` // wamid of the message this one replies to
	SentAt    time.Time   `json:"sent_at,omitzero"`   // the message's own timestamp as received; zero when absent
	At        time.Time   `json:"at"`                 // arrival, ours
}

// DeliveryStatus is WhatsApp's word on a message of ours.
type DeliveryStatus string

// The statuses, in rank order; StatusFailed is for its own attempt only.
const (
	DeliveryAccepted  DeliveryStatus = "accepted" // the Graph API took it
	DeliverySent      DeliveryStatus = "sent"
	DeliveryFailed    DeliveryStatus = "failed"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryRead      DeliveryStatus = "read"
	DeliveryPlayed    DeliveryStatus = "played"
)

// Rank orders statuses: a row's status only ever rises. 0 = unknown.
func (s DeliveryStatus) Rank() int {
	switch s {
	case DeliveryAccepted:
		return 2 // 1 is a time-out: less than any evidence
	case DeliverySent:
		return 3
	case DeliveryFailed:
		return 4
	case DeliveryDelivered:
		return 5
	case DeliveryRead:
		return 6
	case DeliveryPlayed:
		return 7
	}
	return 0
}

// Receipt is a status webhook's element about a message of ours.
type Receipt struct {
	Key       Key            `json:"key,omitempty"` // from biz_opaque_callback_data "<key>#<attempt>"; empty when absent
	Attempt   int            `json:"attempt,omitempty"`
	MessageID string         `json:"message_id"` // wamid
	Status    DeliveryStatus `json:"status"`
	Code      string         `json:"code,omitempty"` // error code of a failed status
	At        time.Time      `json:"at"`
}

// Webhook is a decoded notification: every element of it.
type Webhook struct {
	Messages []Inbound
	Receipts []Receipt
	Ignored  []string // names of the fields and elements that get no answer (account-level, groups, history ...), for counting
}

// Button is a reply button: at most 3 to a bubble, titles at most 20 runes, unique.
type Button struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Row is a row of a list message: at most 10 in all; title 24 runes, description 72.
type Row struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// List is a list message's button (20 runes) and rows, in one section.
type List struct {
	Button string `json:"button"`
	Title  string `json:"title,omitempty"` // the section's, 24 runes
	Rows   []Row  `json:"rows"`
}

// Template is an approved message, the only kind outside the session window.
type Template struct {
	Name   string   `json:"name"`
	Lang   string   `json:"lang"`   // as registered: "es_AR"
	Params []string `json:"params"` // body parameters: no line breaks
}

// Bubble is one message to a guest: a text, a text with buttons or a list, or a template.
type Bubble struct {
	Text     string    `json:"text,omitempty"` // 4,096 runes; 1,024 with buttons; 4,096 with a list
	Buttons  []Button  `json:"buttons,omitempty"`
	List     *List     `json:"list,omitempty"`
	Template *Template `json:"template,omitempty"`
}

// Message is a bubble with its address: the body of outbox rows of kind KindSay.
type Message struct {
	Property PropertyID `json:"property"`
	To       Address    `json:"to"`
	Bubble   Bubble     `json:"bubble"`
	// WindowEnds is when the session window that the dialogue counted with closes; zero = not checked (templates).
	WindowEnds time.Time `json:"window_ends,omitzero"`
	// Staff marks a person's words: they leave also while the bot is paused.
	Staff bool `json:"staff,omitempty"`
	// Since is when the oldest message that this answers was accepted; for the latency metric. Zero when it answers none.
	Since time.Time `json:"since,omitzero"`
}

// MailKind names the mails to guests.
type MailKind string

// The mails.
const (
	MailConfirmation MailKind = "confirmation"
	MailCancellation MailKind = "cancellation"
	MailChange       MailKind = "change"
)

// Mail is a mail to a guest about a reservation: the body of outbox rows of kind KindMail.
type Mail struct {
	Kind        MailKind    `json:"kind"`
	Lang        string      `json:"lang"` // "es-AR", "en"
	Reservation Reservation `json:"reservation"`
	// Before is the reservation as it was, in a mail of a change.
	Before Reservation `json:"before,omitzero"`
	// Repeat is true for the one repeat of a send in doubt: the mail says so.
	Repeat bool `json:"repeat,omitempty"`
	// Chat is the guest's address in the conversation that the mail belongs to:
	// who is not answered there is not mailed either.
	Chat Address `json:"chat,omitzero"`
}

// Alert tells the hotel's staff something: the body of outbox rows of kind KindAlert.
type Alert struct {
	Property PropertyID `json:"property"`
	Guest    GuestID    `json:"guest"`
	Cause    AlertCause `json:"cause"`
	Lang     string     `json:"lang"`
	Summary  string     `json:"summary"`  // what the guest wants, for people; holds guests' data
	Operator bool       `json:"operator"` // goes to OPERATOR_EMAILS instead of the hotel's staff
}

// AlertCause is why staff are told.
type AlertCause string

// The causes. Alerts of an outage and of a pause are joined: one for each property and cause in 5 min.
const (
	CauseAsked      AlertCause = "asked"       // the guest asked for a person
	CauseStuck      AlertCause = "stuck"       // two turns without progress, or three wrong proofs
	CauseBooking    AlertCause = "booking"     // a booking could not be made, or its outcome is not clear
	CauseOutage     AlertCause = "outage"      // the hotel system has not answered for 60 s
	CauseUnanswered AlertCause = "unanswered"  // a handoff without a word of the staff
	CauseUndelivery AlertCause = "undelivered" // the guest could not be reached
	CauseEngine     AlertCause = "engine"      // the engine itself: goes to the operator only, and its summary holds no guest's data
	CausePaused     AlertCause = "paused"      // the bot is paused for the guest: a person must answer
	CauseUnlisted   AlertCause = "unlisted"    // the bot does not answer the guest's number (REPLY_TO)
	CauseParked     AlertCause = "parked"      // the guest's turns make the engine fail: a person takes over
	CauseUnread     AlertCause = "unread"      // something of the guest could not be read: it is a dead letter
)

// Joined tells whether alerts of the cause are joined within 5 min per property.
func (c AlertCause) Joined() bool { return c == CauseOutage || c.Quiet() }

// Quiet tells whether the cause is that the bot keeps quiet.
func (c AlertCause) Quiet() bool { return c == CausePaused || c == CauseUnlisted }
