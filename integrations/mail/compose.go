package mail

import (
	"bytes"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	netmail "net/mail"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/conserje/conserje/hotel"
)

//go:embed templates/*
var templateFiles embed.FS

// Headers of ours.
const (
	HeaderBookingRef = "X-Booking-Ref"    // the reservation's reference; survives Gmail, as Message-ID does not
	HeaderRepeat     = "X-Booking-Repeat" // "true" on the one repeat of a mail in doubt
)

// Message is a mail ready to leave.
type Message struct {
	From    string   // envelope sender
	To      []string // envelope recipients
	Subject string
	Raw     []byte // the whole RFC 5322 message, CRLF line ends
}

// Composer writes mails. It is safe for concurrent use.
type Composer struct {
	now    func() time.Time
	id     func() string
	locale map[string]words
	html   *htmltemplate.Template
	text   *texttemplate.Template
}

// NewComposer reads the embedded locales and templates. The clock stamps the
// mails; id makes the left side of a Message-ID, nil = random.
func NewComposer(now func() time.Time, id func() string) (*Composer, error) {
	if id == nil {
		id = func() string { return strings.ToLower(rand.Text()) }
	}
	all, err := locales()
	if err != nil {
		return nil, err
	}
	html, err := htmltemplate.ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	text, err := texttemplate.ParseFS(templateFiles, "templates/*.txt")
	if err != nil {
		return nil, err
	}
	return &Composer{now: now, id: id, locale: all, html: html, text: text}, nil
}

// words picks the locale: the language asked for when the hotel and we have it,
// else the hotel's first, with its country's manner of speaking.
func (c *Composer) words(h Hotel, lang string) words {
	pick := ""
	for _, l := range append([]string{lang}, h.Locales...) {
		l = base(l)
		served := len(h.Locales) == 0 || slices.ContainsFunc(h.Locales, func(own string) bool { return base(own) == l })
		if _, known := c.locale[l]; known && served {
			pick = l
			break
		}
	}
	if pick == "" {
		pick = "en"
	}
	if w, ok := c.locale[pick+"-"+strings.ToUpper(h.Country)]; ok {
		return w
	}
	return c.locale[pick]
}

// Mail writes a mail to a guest, sent from the address given. It fails with
// hotel.Invalid: no such kind of mail, or the guest's address is none.
func (c *Composer) Mail(h Hotel, m hotel.Mail, from string) (Message, error) {
	const op = "mail.Compose"
	r := m.Reservation
	if m.Kind != hotel.MailConfirmation && m.Kind != hotel.MailCancellation && m.Kind != hotel.MailChange {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "mail_kind", Err: errors.New("unknown kind of mail")}
	}
	to, err := address(r.Contact.Email)
	if err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "mail_address", Err: err}
	}
	v, err := bookingView(h, c.words(h, m.Lang), m)
	if err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	headers := map[string]string{HeaderBookingRef: bookingRef(r)}
	if m.Repeat {
		headers[HeaderRepeat] = "true"
	}
	return c.message(h, from, []*netmail.Address{{Name: holder(r.Contact), Address: to}}, v, "booking", headers)
}

// bookingRef is our reference, or the booking code of a reservation that is not ours.
func bookingRef(r hotel.Reservation) string {
	if r.Reference != "" {
		return clean(string(r.Reference), maxName)
	}
	return clean(string(r.Code), maxName)
}

// Alert writes an alert to the hotel's staff, or to the operator. It fails with
// hotel.Invalid: no such cause, or nobody to tell.
func (c *Composer) Alert(h Hotel, a hotel.Alert, guests []hotel.GuestID, from string) (Message, error) {
	const op = "mail.ComposeAlert"
	names := h.StaffEmails
	if a.Operator {
		names = h.OperatorEmails
	}
	if len(names) == 0 {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "mail_recipient", Err: errors.New("nobody to tell")}
	}
	to := make([]*netmail.Address, 0, len(names))
	for _, n := range names {
		addr, err := address(n)
		if err != nil {
			return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "mail_address", Err: err}
		}
		to = append(to, &netmail.Address{Address: addr})
	}
	v, err := alertView(h, c.words(h, a.Lang), a, guests)
	if err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	return c.message(h, from, to, v, "alert", nil)
}

func (c *Composer) message(h Hotel, from string, to []*netmail.Address, v view, template string,
	headers map[string]string,
) (Message, error) {
	const op = "mail.Compose"
	sender, err := h.sender(from)
	if err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "mail_from", Err: err}
	}
	replyTo := sender
	if h.ReplyTo != "" {
		if replyTo, err = h.sender(h.ReplyTo); err != nil {
			return Message{}, &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: "mail_from", Err: err}
		}
	}
	var text, html bytes.Buffer
	if err := c.text.ExecuteTemplate(&text, template+".txt", v); err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("text: %w", err)}
	}
	if err := c.html.ExecuteTemplate(&html, template+".html", v); err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("html: %w", err)}
	}

	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(sender)
	m.ToMailAddress(to...)
	m.ReplyToMailAddress(replyTo)
	m.Subject(v.Subject)
	m.SetDateWithValue(c.now().In(h.zone()))
	_, domain, _ := strings.Cut(sender.Address, "@")
	m.SetMessageIDWithValue(c.id() + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	for name, value := range headers {
		m.SetGenHeader(gomail.Header(name), value)
	}
	m.SetBodyString(gomail.TypeTextPlain, text.String())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return Message{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("write: %w", err)}
	}
	out := Message{From: sender.Address, Subject: v.Subject, Raw: raw.Bytes()}
	for _, a := range to {
		out.To = append(out.To, a.Address)
	}
	return out, nil
}
