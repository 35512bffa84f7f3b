package rule

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/conserje/conserje/hotel"
)

// What an export shows, the stores write alike: JSON that a person can read,
// with the rows' bodies as they are.

// The names of what is kept, in the order of an export.
const (
	WhatGuest       = "guest"
	WhatAlias       = "alias"
	WhatHandoff     = "handoff"
	WhatReservation = "reservation"
	WhatTranscript  = "transcript"
	WhatLetter      = "letter"
	WhatInbox       = "inbox"
	WhatOutbox      = "outbox"
)

func record(what string, data any) hotel.Record {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err) // our own types; years beyond 9999 were refused long before
	}
	return hotel.Record{What: what, Data: b}
}

// raw shows a body as the JSON that it is, else as text.
func raw(body []byte) json.RawMessage {
	if len(body) == 0 {
		return nil
	}
	if json.Valid(body) {
		return body
	}
	b, _ := json.Marshal(string(body)) // a string
	return b
}

// GuestRecord is the guest itself.
func GuestRecord(g hotel.GuestRecord) hotel.Record {
	return record(WhatGuest, struct {
		ID       hotel.GuestID    `json:"id"`
		Property hotel.PropertyID `json:"property"`
		Version  int64            `json:"version"`
		Due      time.Time        `json:"due,omitzero"`
		State    json.RawMessage  `json:"state,omitempty"`
	}{g.ID, g.Property, g.Version, g.Due, raw(g.State)})
}

// AliasRecord is an outside name of the guest.
func AliasRecord(a hotel.Alias) hotel.Record { return record(WhatAlias, a) }

// HandoffRecord is the guest's request for a person.
func HandoffRecord(h hotel.HandoffRecord) hotel.Record {
	return record(WhatHandoff, struct {
		State   hotel.HandoffState `json:"state"`
		Cause   hotel.AlertCause   `json:"cause"`
		Name    string             `json:"name,omitempty"`
		Address string             `json:"address,omitempty"`
		Opened  time.Time          `json:"opened,omitzero"`
		Staff   time.Time          `json:"staff,omitzero"`
		Heard   time.Time          `json:"heard,omitzero"`
	}{h.State, h.Cause, h.Name, h.Address, h.Opened, h.Staff, h.Heard})
}

// ReservationRecord is a reservation of ours.
func ReservationRecord(r hotel.Reservation) hotel.Record { return record(WhatReservation, r) }

// TranscriptRecord is one thing said.
func TranscriptRecord(l hotel.TranscriptLine) hotel.Record { return record(WhatTranscript, l) }

// LetterRecord is a dead letter of the guest's.
func LetterRecord(l hotel.DeadLetter) hotel.Record {
	return record(WhatLetter, struct {
		ID      int64           `json:"id"`
		Source  string          `json:"source"`
		Key     hotel.Key       `json:"key"`
		Kind    hotel.RowKind   `json:"kind"`
		Reason  string          `json:"reason"`
		At      time.Time       `json:"at,omitzero"`
		Closed  time.Time       `json:"closed,omitzero"`
		Closing string          `json:"closing,omitempty"`
		Body    json.RawMessage `json:"body,omitempty"`
	}{l.ID, l.Source, l.Key, l.Kind, l.Reason, l.At, l.Closed, l.Closing, raw(l.Body)})
}

// InboxRecord is a thing that happened.
func InboxRecord(r hotel.InboxRow, consumed time.Time) hotel.Record {
	return record(WhatInbox, struct {
		Key      hotel.Key       `json:"key"`
		Kind     hotel.RowKind   `json:"kind"`
		At       time.Time       `json:"at,omitzero"`
		Consumed time.Time       `json:"consumed,omitzero"`
		Body     json.RawMessage `json:"body,omitempty"`
	}{r.Key, r.Kind, r.At, consumed, raw(r.Body)})
}

// OutboxRecord is an effect on the outside.
func OutboxRecord(r hotel.OutboxRow) hotel.Record {
	return record(WhatOutbox, struct {
		Key     hotel.Key            `json:"key"`
		Kind    hotel.RowKind        `json:"kind"`
		State   hotel.SendState      `json:"state"`
		Status  hotel.DeliveryStatus `json:"status,omitempty"`
		Proof   string               `json:"proof,omitempty"`
		Created time.Time            `json:"created,omitzero"`
		Body    json.RawMessage      `json:"body,omitempty"`
	}{r.Key, r.Kind, r.State, r.Status, r.Proof, r.CreatedAt, raw(r.Body)})
}

// MayWithdraw tells whether a row is taken back when its guest is erased: a
// pending one of which the outside has not spoken. A cancel stays: without it
// the hotel would hold a booking that the guest has given up.
func MayWithdraw(row hotel.OutboxRow) bool {
	return row.State == hotel.Pending && row.Kind != hotel.KindCancel && !Evident(row)
}

// AliasesOf are the outside names that a value may be: a phone is written in many ways.
func AliasesOf(value string) []hotel.Alias {
	out := []hotel.Alias{{Kind: hotel.AliasBSUID, Value: value}, {Kind: hotel.AliasParent, Value: value}}
	if phone := digits(value); phone != "" {
		out = append(out, hotel.Alias{Kind: hotel.AliasPhone, Value: phone})
	}
	return out
}

// Holds tells whether a reservation stands under an e-mail or a phone, or has that code.
func Holds(r hotel.Reservation, value string) bool {
	return value != "" && (strings.EqualFold(r.Contact.Email, value) || string(r.Code) == value ||
		digits(r.Contact.Phone) != "" && digits(r.Contact.Phone) == digits(value))
}

// digits of a phone number, however it is written; empty of what is none.
func digits(s string) string {
	if strings.ContainsFunc(s, unicode.IsLetter) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
