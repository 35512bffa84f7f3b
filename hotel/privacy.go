package hotel

import (
	"encoding/json"
	"time"
)

// ByGuest is who asked for an erasure in the guest's own words.
const ByGuest = "guest"

// Erasure is the body of KindErase: the guest's data are to go.
type Erasure struct {
	By string `json:"by"` // ByGuest, or who of the staff, as the admin page or command knows them
}

// Arrival makes the request an arrival for its guest.
func (e Erasure) Arrival(key Key, guest GuestID, at time.Time) Arrival {
	body, err := json.Marshal(e)
	if err != nil {
		panic(err) // a string
	}
	return Arrival{Key: key, Guest: guest, Kind: KindErase, Body: body, At: at}
}

// Erased tells what an erasure deleted.
type Erased struct {
	Counts map[string]int64 // rows, by what a Record calls them
}

// Record is one line of what is kept of a guest.
type Record struct {
	What string          `json:"what"` // "guest", "alias", "inbox", "outbox", "transcript", "reservation", "handoff" or "letter"
	Data json.RawMessage `json:"data"`
}

// ExportPage is a part of what is kept of a guest. It may be empty and still
// not be the last: a page is as much as the store reads at once.
type ExportPage struct {
	Records []Record
	Next    string // asks for the next page; empty = this is the last
}

// AuditAction names what an audit entry tells of.
type AuditAction string

// The actions.
const (
	AuditExported       AuditAction = "exported"
	AuditEraseRequested AuditAction = "erase_requested"
	AuditErased         AuditAction = "erased"   // the rows are deleted
	AuditScrubbed       AuditAction = "scrubbed" // what pages and log of the store still held is gone
)

// AuditEntry is one thing that was done with guests' data. It is written in
// the transaction of what it tells, never changed, and kept for ever: it holds
// no personal data, for a guest's id names nobody once the guest is erased.
type AuditEntry struct {
	ID     int64            `json:"id"`
	At     time.Time        `json:"at"`
	By     string           `json:"by"` // ByGuest, a name of the staff's, or "engine"
	What   AuditAction      `json:"what"`
	Guest  GuestID          `json:"guest,omitempty"`
	Counts map[string]int64 `json:"counts,omitempty"`
}
