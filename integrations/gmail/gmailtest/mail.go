package gmailtest

import (
	"bytes"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// Mail is one mail that was taken.
type Mail struct {
	ID      string    `json:"id"`
	Thread  string    `json:"thread"`
	Account string    `json:"account"` // whose refresh token sent it
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Ref     string    `json:"ref,omitempty"`    // X-Booking-Ref
	Repeat  bool      `json:"repeat,omitempty"` // X-Booking-Repeat
	Raw     []byte    `json:"raw"`              // as stored: with Gmail's Message-ID, without Bcc
}

// Content is what a reader of the mail sees.
type Content struct {
	Headers [][2]string `json:"headers"` // in order, decoded
	Text    string      `json:"text"`
	HTML    string      `json:"html"`
	Raw     string      `json:"raw"`
}

// parse reads a mail as strictly as Gmail does where it matters, and makes the
// stored copy of it.
func (s *Server) parse(raw []byte, account string) (Mail, error) {
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, errors.New("Invalid RFC822 message")
	}
	from, err := msg.Header.AddressList("From")
	if err != nil || len(from) != 1 || !hasDomain(from[0].Address) {
		return Mail{}, errors.New("Invalid From header")
	}
	var to []string
	for _, name := range []string{"To", "Cc", "Bcc"} {
		if msg.Header.Get(name) == "" {
			continue
		}
		list, err := msg.Header.AddressList(name)
		if err != nil {
			return Mail{}, fmt.Errorf("Invalid %s header", name)
		}
		for _, a := range list {
			if !hasDomain(a.Address) {
				return Mail{}, fmt.Errorf("Invalid %s header", name)
			}
			to = append(to, a.Address)
		}
	}
	if len(to) == 0 {
		return Mail{}, errors.New("Recipient address required")
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, errors.New("Invalid MIME message")
	}
	for _, e := range envelope.Errors {
		if e.Severe {
			return Mail{}, errors.New("Invalid MIME message")
		}
	}
	id := newID()
	m := Mail{ID: strings.ToLower(id), Thread: strings.ToLower(id), Account: account, At: s.cfg.Now(), From: from[0].Address, To: to,
		Subject: envelope.GetHeader("Subject"), Ref: envelope.GetHeader("X-Booking-Ref"),
		Repeat: envelope.GetHeader("X-Booking-Repeat") == "true"}
	replace := map[string]string{"message-id": "Message-ID: <CA+" + id + "@mail.gmail.com>", "bcc": ""}
	if s.cfg.Account != "" && !strings.EqualFold(m.From, s.cfg.Account) {
		m.From = s.cfg.Account
		replace["from"] = "From: " + s.cfg.Account
	}
	m.Raw = rewrite(raw, replace)
	return m, nil
}

func hasDomain(address string) bool {
	local, domain, found := strings.Cut(address, "@")
	return found && local != "" && strings.Contains(domain, ".")
}

// rewrite replaces whole header fields, by lower-case name; an empty line drops
// the field, a missing Message-ID is added in front. Lines end with CRLF after it.
func rewrite(raw []byte, replace map[string]string) []byte {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var out []string
	seen, dropping := false, false
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if !dropping {
				out = append(out, line)
			}
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		with, hit := replace[strings.ToLower(strings.TrimSpace(name))]
		if dropping = hit; !hit {
			out = append(out, line)
			continue
		}
		if with != "" {
			out = append(out, with)
		}
		seen = seen || strings.EqualFold(name, "Message-ID")
	}
	if !seen {
		out = append([]string{replace["message-id"]}, out...)
	}
	return append([]byte(strings.Join(out, "\r\n")+"\r\n\r\n"), body...)
}

// Read shows the mail as a reader does.
func (m Mail) Read() (Content, error) {
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(m.Raw))
	if err != nil {
		return Content{}, err
	}
	c := Content{Text: envelope.Text, HTML: envelope.HTML, Raw: string(m.Raw)}
	head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
	told := map[string]bool{}
	for line := range strings.SplitSeq(string(head), "\r\n") {
		name, _, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") || told[strings.ToLower(name)] {
			continue
		}
		told[strings.ToLower(name)] = true
		for _, value := range envelope.GetHeaderValues(name) {
			c.Headers = append(c.Headers, [2]string{name, value})
		}
	}
	return c, nil
}
