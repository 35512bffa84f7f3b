package actors

import (
	"context"
	"encoding/json"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// answerFormat is the form of answers in a shared cache. It is part of the
// question, so that engines of another form ask for something else. Whoever
// changes what answers look like as JSON raises it; a golden test notices.
const answerFormat = "1"

// sharedAnswer is an answer as engines share it: one member is set. None of
// them names a person. Profiles and bookings do: these stay in the memory of the
// engine that asked; of bookings only that there is none is shared.
type sharedAnswer struct {
	Availability *hotel.Availability `json:"availability,omitempty"`
	Rooms        []hotel.RoomType    `json:"rooms,omitempty"`
	NoBooking    bool                `json:"no_booking,omitempty"`
}

// sharedQuestion is the question as the shared cache knows it; false for what is never shared.
func (c *readCache) sharedQuestion(q conversation.Read) (hotel.Question, bool) {
	out := hotel.Question{Property: c.property, Kind: readName(q), Text: answerFormat + "/" + text(q)}
	switch q.(type) {
	case conversation.ReadAvailability, conversation.ReadBooking:
	case conversation.ReadRooms:
		out.Lasting = true
	default:
		return hotel.Question{}, false
	}
	return out, c.rt.shared != nil
}

// recall asks the shared cache. The answer, when there is one, holds for rest;
// the mark goes with what is asked of the hotel system else.
func (c *readCache) recall(ctx context.Context, q conversation.Read) (answer conversation.Answer, rest time.Duration, mark string) {
	question, ok := c.sharedQuestion(q)
	if !ok {
		return nil, 0, ""
	}
	found := c.rt.shared.Recall(ctx, question)
	c.heard(found.Mark)
	if isFresh(q) || found.Value == nil {
		return nil, 0, found.Mark
	}
	return decodeAnswer(q, found.Value), found.Rest, found.Mark
}

// keep gives an answer to the other engines, behind the guest's back: nobody waits for it.
func (c *readCache) keep(q conversation.Read, mark string, answer conversation.Answer, ttl time.Duration) {
	question, ok := c.sharedQuestion(q)
	if !ok || mark == "" {
		return
	}
	if value := encodeAnswer(answer); value != nil {
		c.rt.spawn(func(ctx context.Context) { c.rt.shared.Keep(ctx, question, mark, value, ttl) })
	}
}

// heard learns from the property's mark that another engine has booked: what we
// remember as free is not sure any more.
func (c *readCache) heard(mark string) {
	if mark == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mark != "" && c.mark != mark {
		c.epoch++
	}
	c.mark = mark
}

// encodeAnswer is nil for what is not shared.
func encodeAnswer(a conversation.Answer) []byte {
	var out sharedAnswer
	switch a := a.(type) {
	case conversation.AvailabilityRead:
		out.Availability = &a.Availability
	case conversation.RoomsRead:
		out.Rooms = a.RoomTypes
	case conversation.BookingRead:
		if a.Found {
			return nil
		}
		out.NoBooking = true
	default:
		return nil
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil // a date beyond 9999: this engine keeps it to itself
	}
	return b
}

// decodeAnswer is nil for what does not answer the question: asked again is better than misread.
func decodeAnswer(q conversation.Read, b []byte) conversation.Answer {
	var in sharedAnswer
	if json.Unmarshal(b, &in) != nil {
		return nil
	}
	switch q.(type) {
	case conversation.ReadAvailability:
		if in.Availability != nil {
			return conversation.AvailabilityRead{Availability: *in.Availability}
		}
	case conversation.ReadRooms:
		if len(in.Rooms) > 0 {
			return conversation.RoomsRead{RoomTypes: in.Rooms}
		}
	case conversation.ReadBooking:
		if in.NoBooking {
			return conversation.BookingRead{}
		}
	}
	return nil
}
