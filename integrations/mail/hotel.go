package mail

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Hotel is what the mails of one property say of it, and who gets them.
type Hotel struct {
	ID             hotel.PropertyID
	Name           string
	Address        string // street address; may be empty
	Phone          string // as people dial it; may be empty
	From           string // the sender's address, of the Gmail account
	ReplyTo        string // of the reception; empty = From
	StaffEmails    []string
	OperatorEmails []string
	Zone           *time.Location // nil = UTC
	Country        string         // ISO 3166; "AR" speaks Spanish with voseo
	Locales        []string       // of the hotel, first is the default: "es-AR", "en"
	CheckIn        string         // "14:00"; may be empty
	CheckOut       string         // "10:00"; may be empty
	// Policies are the conditions by language ("es", "en"), one to a line. A
	// language without its own gets those of the hotel's first locale.
	Policies     map[string]string
	MapURL       string // http or https; may be empty
	ReceptionURL string // the page that answers hand-overs; may be empty
}

// Validate tells everything that is wrong with h, at once.
func (h Hotel) Validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if clean(h.Name, maxName) == "" {
		fail("name is empty")
	}
	if _, err := address(h.From); err != nil {
		fail("from: %w", err)
	}
	if _, err := address(h.ReplyTo); h.ReplyTo != "" && err != nil {
		fail("reply to: %w", err)
	}
	for i, a := range h.StaffEmails {
		if _, err := address(a); err != nil {
			fail("staff e-mail %d: %w", i+1, err)
		}
	}
	for i, a := range h.OperatorEmails {
		if _, err := address(a); err != nil {
			fail("operator e-mail %d: %w", i+1, err)
		}
	}
	for name, link := range map[string]string{"map": h.MapURL, "reception": h.ReceptionURL} {
		if link != "" && !isWeb(link) {
			fail("%s link is no http or https address", name)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("mail of property %q: %w", h.ID, errors.Join(errs...))
}

func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (h Hotel) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// sender is the From header's address: the hotel's name, and the address of the way taken.
func (h Hotel) sender(from string) (*netmail.Address, error) {
	a, err := address(from)
	if err != nil {
		return nil, err
	}
	return &netmail.Address{Name: clean(h.Name, maxName), Address: a}, nil
}

func (h Hotel) policies(lang string) []string {
	text := h.Policies[lang]
	if text == "" && len(h.Locales) > 0 {
		text = h.Policies[base(h.Locales[0])]
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = clean(line, maxText); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
