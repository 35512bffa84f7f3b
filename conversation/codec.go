package conversation

import (
	"encoding/json"
	"fmt"

	"github.com/conserje/conserje/hotel"
)

// codecVersion is written into every snapshot. A change that old readers of
// memory cannot take as it is adds a case to DecodeState, which reads every
// version there ever was, in one release, and raises codecVersion in the next,
// so that the release before the one that runs always reads what it writes
// (docs/adr/0007-rollback.md).
const codecVersion = 1

type snapshot struct {
	V int `json:"v"`
	memory
}

// DecodeState reads a snapshot of any version. No bytes are a new guest. It
// fails with hotel.Invalid when b is no snapshot, or one of a newer engine.
func DecodeState(guest hotel.GuestID, version int64, b []byte) (State, error) {
	s := State{Guest: guest, Version: version}
	if len(b) == 0 {
		return s, nil
	}
	const op = "conversation.DecodeState"
	var snap snapshot
	if err := json.Unmarshal(b, &snap); err != nil {
		return s, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("snapshot of %d bytes is no JSON of ours", len(b))}
	}
	switch snap.V {
	case 1:
		s.memory = snap.memory
		return s, nil
	}
	return s, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("snapshot version %d is not known here", snap.V)}
}

// Encode writes the snapshot.
func (s State) Encode() []byte {
	m := s.memory
	if m.Erased { // nothing of an erased guest is kept, not even where the goodbye went
		m = memory{Erased: true, Lang: s.Lang}
	}
	b, err := json.Marshal(snapshot{codecVersion, m})
	if err != nil {
		panic("conversation: a state cannot be encoded: " + err.Error()) // years beyond 9999: refused long before
	}
	return b
}

// savedAsk is a Read as it is kept: one of its members is set.
type savedAsk struct {
	Availability *ReadAvailability `json:"a,omitempty"`
	Booking      *ReadBooking      `json:"b,omitempty"`
	Profile      *ReadProfile      `json:"p,omitempty"`
	Rooms        *ReadRooms        `json:"r,omitempty"`
}

func saved(r Read) savedAsk {
	switch r := r.(type) {
	case ReadAvailability:
		return savedAsk{Availability: &r}
	case ReadBooking:
		return savedAsk{Booking: &r}
	case ReadProfile:
		return savedAsk{Profile: &r}
	case ReadRooms:
		return savedAsk{Rooms: &r}
	}
	panic(fmt.Sprintf("conversation: read %T is not kept", r))
}

// same tells whether two ask the same.
func (a savedAsk) same(b savedAsk) bool { return a.read() == b.read() }

func (a savedAsk) read() Read {
	switch {
	case a.Availability != nil:
		return *a.Availability
	case a.Booking != nil:
		return *a.Booking
	case a.Profile != nil:
		return *a.Profile
	case a.Rooms != nil:
		return *a.Rooms
	}
	return ReadProfile{} // a snapshot of ours never holds an empty one; nobody is known under no e-mail
}
