package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/conserje/conserje/hotel"
)

// The JSON of the lists, named as the admin API names it.
type (
	handoffJSON struct {
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
	letterJSON struct {
		ID       int64            `json:"id"`
		Source   string           `json:"source"`
		Key      hotel.Key        `json:"key,omitempty"`
		Guest    hotel.GuestID    `json:"guest,omitempty"`
		Property hotel.PropertyID `json:"property,omitempty"`
		Kind     hotel.RowKind    `json:"kind,omitempty"`
		Reason   string           `json:"reason"`
		Body     []byte           `json:"-"` // up to 4 MB, and a guest's words: show prints one
		At       time.Time        `json:"at"`
		Closed   time.Time        `json:"closed,omitzero"`
		Closing  string           `json:"closing,omitempty"`
	}
)

// printJSON prints a list, as [] when it is empty.
func printJSON[From, To any](w io.Writer, list []From, as func(From) To) error {
	out := make([]To, len(list))
	for i, x := range list {
		out[i] = as(x)
	}
	return json.NewEncoder(w).Encode(out)
}
