package transport

import (
	"time"
	"unicode/utf8"

	"github.com/conserje/conserje/hotel"
)

// The admin API's JSON. What hotel has tags for goes as it is.

type handoffWire struct {
	Guest    hotel.GuestID      `json:"guest"`
	Property hotel.PropertyID   `json:"property"`
	State    hotel.HandoffState `json:"state"`
	Cause    hotel.AlertCause   `json:"cause"`
	Name     string             `json:"name,omitempty"`
	Address  string             `json:"address,omitempty"`
	Opened   time.Time          `json:"opened"`
	Staff    time.Time          `json:"staff,omitzero"`
	Heard    time.Time          `json:"heard,omitzero"`
}

type letterWire struct {
	ID       int64            `json:"id"`
	Source   string           `json:"source"`
	Key      hotel.Key        `json:"key,omitempty"`
	Guest    hotel.GuestID    `json:"guest,omitempty"`
	Property hotel.PropertyID `json:"property,omitempty"`
	Kind     hotel.RowKind    `json:"kind,omitempty"`
	Reason   string           `json:"reason"`
	InDoubt  bool             `json:"in_doubt,omitempty"`
	At       time.Time        `json:"at"`
	Closed   time.Time        `json:"closed,omitzero"`
	Closing  string           `json:"closing,omitempty"`
	Text     string           `json:"text,omitempty"`  // the body, when it is UTF-8
	Bytes    []byte           `json:"bytes,omitempty"` // the body, when it is not: base64
}

// HandoffJSON is a handoff as the admin API lists it, for a command that prints JSON.
func HandoffJSON(h hotel.HandoffRecord) any { return handoffWire(h) }

// LetterJSON is a dead letter as the admin API lists it: without its body,
// which is a guest's words and may have 4 MB.
func LetterJSON(d hotel.DeadLetter) any {
	d.Body = nil
	return toLetterWire(d)
}

func toLetterWire(d hotel.DeadLetter) letterWire {
	w := letterWire{ID: d.ID, Source: d.Source, Key: d.Key, Guest: d.Guest, Property: d.Property, Kind: d.Kind,
		Reason: d.Reason, InDoubt: d.InDoubt, At: d.At, Closed: d.Closed, Closing: d.Closing}
	if utf8.Valid(d.Body) {
		w.Text = string(d.Body)
		return w
	}
	w.Bytes = d.Body
	return w
}

func (w letterWire) letter() hotel.DeadLetter {
	d := hotel.DeadLetter{ID: w.ID, Source: w.Source, Key: w.Key, Guest: w.Guest, Property: w.Property, Kind: w.Kind,
		Reason: w.Reason, InDoubt: w.InDoubt, At: w.At, Closed: w.Closed, Closing: w.Closing, Body: w.Bytes}
	if w.Text != "" {
		d.Body = []byte(w.Text)
	}
	return d
}

type backlogWire struct {
	Unconsumed   int       `json:"unconsumed"`
	OldestInbox  time.Time `json:"oldest_inbox,omitzero"`
	OldestOutbox time.Time `json:"oldest_outbox,omitzero"`
	Sending      int       `json:"sending"`
	DeadLetters  int       `json:"dead_letters"`
	Handoffs     int       `json:"handoffs"`
	Parked       int       `json:"parked,omitempty"`
}

type nudgedWire struct {
	Guest hotel.GuestID `json:"guest"`
	Lane  hotel.Lane    `json:"lane,omitempty"`
}

type errorWire struct {
	Error  string `json:"error"`            // the kind
	Reason string `json:"reason,omitempty"` // of what will never be taken as it is
}
