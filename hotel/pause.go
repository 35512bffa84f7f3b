package hotel

import (
	"strings"
	"time"
)

// Pause keeps the bot quiet: all that comes is taken, kept and handed to the
// staff, and nothing leaves but the staff's own words. It is for one guest, one
// property, or, with both empty, the whole engine.
type Pause struct {
	Property PropertyID `json:"property,omitempty"`
	Guest    GuestID    `json:"guest,omitempty"`
	By       string     `json:"by,omitempty"` // who ordered it
	At       time.Time  `json:"at,omitzero"`
}

// Same tells whether two are for the same: a guest, a property, or the whole engine.
func (p Pause) Same(q Pause) bool { return p.Property == q.Property && p.Guest == q.Guest }

// Valid tells whether it is for one thing.
func (p Pause) Valid() bool { return p.Property == "" || p.Guest == "" }

// What it is for: "engine", "property" or "guest".
func (p Pause) What() string {
	switch {
	case p.Guest != "":
		return "guest"
	case p.Property != "":
		return "property"
	}
	return "engine"
}

// ReplyMode is whom the bot answers.
type ReplyMode string

// The modes. The zero mode is ReplyAll.
const (
	ReplyAll    ReplyMode = "all"
	ReplyListed ReplyMode = "listed"
	ReplyNone   ReplyMode = "none"
)

// ReplyTo is whom the bot of a property answers; everyone else is handed to the
// staff, as in a pause. The zero value answers all.
type ReplyTo struct {
	Mode    ReplyMode
	numbers map[string]bool // by SameNumber
}

// NewReplyTo makes a policy; numbers count with ReplyListed.
func NewReplyTo(mode ReplyMode, numbers []string) ReplyTo {
	r := ReplyTo{Mode: mode, numbers: make(map[string]bool, len(numbers))}
	for _, n := range numbers {
		if key := SameNumber(n); key != "" {
			r.numbers[key] = true
		}
	}
	return r
}

// Numbers counts the numbers of the list.
func (r ReplyTo) Numbers() int { return len(r.numbers) }

// Answers tells whether the bot answers a person. Who writes without a number
// (WhatsApp may leave it out) is on no list.
func (r ReplyTo) Answers(a Address) bool {
	switch r.Mode {
	case ReplyNone:
		return false
	case ReplyListed:
		return r.numbers[SameNumber(a.Phone)]
	}
	return true
}

// SameNumber is a phone number in the one form in which those of one line are
// equal: digits alone, without international prefix, and without the digit
// that WhatsApp writes or leaves out behind the country code: Argentina's 9,
// Mexico's 1, Brazil's ninth digit. "" when there are no digits.
func SameNumber(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	digits = strings.TrimPrefix(digits, "00")
	switch {
	case len(digits) == 13 && (strings.HasPrefix(digits, "549") || strings.HasPrefix(digits, "521")):
		return digits[:2] + digits[3:]
	case len(digits) == 13 && strings.HasPrefix(digits, "55") && digits[4] == '9':
		return digits[:4] + digits[5:]
	}
	return digits
}
