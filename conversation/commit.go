package conversation

import (
	"encoding/json"
	"strconv"

	"github.com/conserje/conserje/hotel"
)

// Commit renders the turn as rows. The caller fills in Guest, Property,
// Version, Owner, Claim and At.
func (t Turn) Commit(inputs []Input) hotel.TurnCommit {
	c := hotel.TurnCommit{State: t.State.Encode(), Facts: t.facts, Due: t.Due, Handoff: t.Handoff, Unpark: t.Unpark, Erase: t.Erase}
	for _, in := range inputs {
		if key := keyOf(in); key != "" {
			c.Consumed = append(c.Consumed, key)
		}
	}
	base := keyBase(t.State, inputs)
	for _, e := range t.Effects {
		switch e := e.(type) {
		case Withdraw:
			c.Withdraw = append(c.Withdraw, e.Key)
		case Remember:
			c.Reservations = append(c.Reservations, e.Reservation)
		case Count: // counted by the caller
		default:
			c.Outbox = append(c.Outbox, t.row(rowKey(base, len(c.Outbox)+1), e))
		}
	}
	if len(t.Said) > 0 {
		c.Transcript = encode(t.Said)
	}
	return c
}

// row renders an effect that leaves.
func (t Turn) row(key hotel.Key, e Effect) hotel.OutboxRow {
	row := hotel.OutboxRow{Key: key}
	switch e := e.(type) {
	case Say:
		m := hotel.Message{Property: t.property, To: t.State.To, Bubble: e.Bubble, Since: t.since, Staff: e.Staff}
		if e.Template == nil {
			m.WindowEnds = t.State.Window
		}
		row.Kind, row.Lane, row.Body = hotel.KindSay, hotel.GuestLane(t.State.Guest), encode(m)
	case Book:
		row.Kind, row.Lane, row.Body = hotel.KindBook, hotel.BookingLane(e.Property, e.RoomType.ID), encode(e.BookingRequest)
	case Cancel:
		row.Kind, row.Lane, row.Body = hotel.KindCancel, hotel.ReferenceLane(laneReference(e.Reference, e.Code)), encode(e.CancelRequest)
	case Change: // a move takes a room as a booking does: one at a time for each room type
		row.Kind, row.Lane, row.Body = hotel.KindChange, hotel.BookingLane(e.Property, e.Booking.RoomType.ID), encode(e.ChangeRequest)
	case SendMail:
		r := e.Mail.Reservation
		e.Chat = t.State.To
		row.Kind, row.Lane, row.Body = hotel.KindMail, hotel.MailLane(laneReference(r.Reference, r.Code)), encode(e.Mail)
	case AlertStaff:
		row.Kind, row.Lane, row.Body = hotel.KindAlert, hotel.StaffLane(key), encode(e.Alert)
	}
	return row
}

// laneReference names a booking's lane also when the booking is not of ours and has no reference.
func laneReference(ref hotel.Reference, code hotel.BookingCode) hotel.Reference {
	if ref != "" {
		return ref
	}
	return hotel.Reference("code-" + string(code))
}

// Outcomes lists how the booking requests ended that this turn tells of.
func (t Turn) Outcomes() []hotel.BookingOutcome {
	var out []hotel.BookingOutcome
	for _, e := range t.Effects {
		if c, ok := e.(Count); ok {
			out = append(out, c.Outcome)
		}
	}
	return out
}

// Attempts counts the booking requests that this turn commits.
func (t Turn) Attempts() int {
	n := 0
	for _, e := range t.Effects {
		if _, ok := e.(Book); ok {
			n++
		}
	}
	return n
}

// keyBase is what the keys of a turn's rows begin with: the last inbox row's
// key, or, for a turn without rows, the guest and the version that it makes.
func keyBase(s State, inputs []Input) hotel.Key {
	for i := len(inputs) - 1; i >= 0; i-- {
		if key := keyOf(inputs[i]); key != "" {
			return key
		}
	}
	return hotel.Key(string(s.Guest) + "." + strconv.FormatInt(s.Version+1, 10))
}

func rowKey(base hotel.Key, n int) hotel.Key { return base + hotel.Key("/"+strconv.Itoa(n)) }

func encode(body any) []byte {
	b, err := json.Marshal(body)
	if err != nil {
		panic("conversation: a row's body cannot be encoded: " + err.Error())
	}
	return b
}
