// Package rule is what every store decides alike: which receipt raises a row,
// which outcome settles it, how keys grow, how identifiers are hashed. It is
// pure: a store reads a row, asks here, and writes what it is told.
//
//	pending --claim--> sending --settle--> settled
//	   ^                  |  |                ^
//	   +-----release------+  +---> dead ------+  proof of sending, however late
package rule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Err makes a store's error.
func Err(op string, kind hotel.Kind, cause string) error {
	return &hotel.Error{Op: op, Kind: kind, Err: errors.New(cause)}
}

// DefaultLimit bounds lists whose caller gave no limit.
const DefaultLimit = 500

// Limit is n, or DefaultLimit when n is not positive.
func Limit(n int) int {
	if n <= 0 {
		return DefaultLimit
	}
	return n
}

// CheckAccept fails with hotel.Invalid when an arrival could never be written.
func CheckAccept(op string, a hotel.Accept) error {
	for i := range a.Arrivals {
		switch r := &a.Arrivals[i]; {
		case r.Key == "":
			return Err(op, hotel.Invalid, "an arrival without key")
		case r.Guest != "" && r.MessageID != "":
			return Err(op, hotel.Invalid, "an arrival for a known guest with a message id: those are deduplicated by property")
		case r.Guest != "": // its property is the guest's
		case r.Property == "":
			return Err(op, hotel.Invalid, "an arrival without property")
		case len(r.Aliases) == 0 || r.Aliases[0].Value == "":
			return Err(op, hotel.Invalid, "an arrival without alias")
		}
	}
	return nil
}

// Hash is the keyed 16-byte hash of parts: SHA-256 over key and the parts, each
// with its length before it, cut to 16 bytes (so it cannot be extended).
func Hash(key [32]byte, parts ...string) (h [16]byte) {
	buf := make([]byte, 0, 256)
	buf = append(buf, key[:]...)
	for _, p := range parts {
		buf = binary.AppendUvarint(buf, uint64(len(p)))
		buf = append(buf, p...)
	}
	sum := sha256.Sum256(buf)
	copy(h[:], sum[:])
	return h
}

// Day numbers the days since 1970 in UTC: how old a dedupe hash is.
func Day(t time.Time) int64 { return t.Unix() / 86400 }

// WithdrawnKey is the key of the inbox row that tells of a withdrawn outbox row.
func WithdrawnKey(k hotel.Key) hotel.Key { return k + "/withdrawn" }

// WithdrawnRow tells the dialogue that a pending row was taken back. Guest and
// kind are the row's; the store gives the order.
func WithdrawnRow(row hotel.OutboxRow, at time.Time) hotel.InboxRow {
	body, err := json.Marshal(hotel.SendResult{Key: row.Key, Kind: row.Kind, Reference: reference(row)})
	if err != nil {
		panic(err) // strings only
	}
	return hotel.InboxRow{Key: WithdrawnKey(row.Key), Guest: row.Guest, Kind: hotel.KindWithdrawn, Body: body, At: at}
}

// reference of the reservation that a row is about; empty when it is about none.
func reference(row hotel.OutboxRow) hotel.Reference {
	var body struct {
		Reference   hotel.Reference `json:"reference"`
		Reservation struct {
			Reference hotel.Reference `json:"reference"`
		} `json:"reservation"`
	}
	if json.Unmarshal(row.Body, &body) != nil {
		return ""
	}
	if row.Kind == hotel.KindMail {
		return body.Reservation.Reference
	}
	return body.Reference
}

// Transcript decodes what a turn's Transcript holds: a list of lines, or one line.
func Transcript(b []byte) ([]hotel.TranscriptLine, error) {
	var lines []hotel.TranscriptLine
	if err := json.Unmarshal(b, &lines); err == nil {
		return lines, nil
	}
	var one hotel.TranscriptLine
	if err := json.Unmarshal(b, &one); err != nil {
		return nil, err
	}
	return []hotel.TranscriptLine{one}, nil
}
