package actors

import (
	"context"
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// reads answers questions to one property's hotel system: from the cache at
// once, else by one call for all who ask the same. Calls run outside the actor;
// the answer is a plain message to who asked.
type reads struct {
	rt   *runtime
	up   *upstream
	book *readCache
}

func (r *reads) Receive(ctx actor.Context) {
	if msg, ok := ctx.Message().(*Ask); ok {
		r.ask(ctx, msg)
	}
}

func (r *reads) ask(ctx actor.Context, msg *Ask) {
	answers := make([]conversation.Answer, len(msg.Set.Reads))
	cached := true
	for i, q := range msg.Set.Reads {
		if answers[i] = r.book.remembered(q); answers[i] == nil {
			cached = false
		}
	}
	if cached {
		ctx.Send(msg.ReplyTo, &ReadReply{Query: msg.Set.Query, Answers: answers})
		return
	}
	root := ctx.ActorSystem().Root
	r.rt.spawn(func(c context.Context) {
		var wg sync.WaitGroup
		for i, q := range msg.Set.Reads {
			if answers[i] == nil {
				wg.Go(func() { answers[i] = r.book.safely(c, r.up, q) })
			}
		}
		wg.Wait()
		root.Send(msg.ReplyTo, &ReadReply{Query: msg.Set.Query, Answers: answers})
	})
}

// question puts one read to the hotel system. What is not there is an answer, not an error.
func (rt *runtime) question(ctx context.Context, p hotel.PropertyID, q conversation.Read) (conversation.Answer, error) {
	switch q := q.(type) {
	case conversation.ReadAvailability:
		q.Property = p
		a, err := rt.pms.Availability(ctx, q.AvailabilityQuery)
		return conversation.AvailabilityRead{Availability: a}, err
	case conversation.ReadBooking:
		r, err := rt.pms.ByCode(ctx, p, q.Code)
		if hotel.KindOf(err) == hotel.NotFound {
			return conversation.BookingRead{}, nil
		}
		return conversation.BookingRead{Found: true, Reservation: r}, err
	case conversation.ReadProfile: // for later issues: no guest's dialogue asks it
		r, err := rt.pms.Profile(ctx, p, q.Email)
		if hotel.KindOf(err) == hotel.NotFound {
			return conversation.ProfileRead{}, nil
		}
		return conversation.ProfileRead{Found: true, Profile: r}, err
	}
	if _, ok := q.(conversation.ReadRooms); ok {
		types, err := rt.pms.RoomTypes(ctx, p)
		read := conversation.RoomsRead{}
		for _, t := range types {
			read.RoomTypes = append(read.RoomTypes, t.RoomType)
		}
		return read, err
	}
	return nil, &hotel.Error{Op: "actors.question", Kind: hotel.Invalid, Err: fmt.Errorf("unknown read %T", q)}
}

// The names of questions, in metrics and caches.
const (
	nameAvailability = opAvailability
	nameBooking      = opBooking
	nameProfile      = opProfile
	nameRooms        = opRooms
)

func readName(q conversation.Read) string {
	switch q.(type) {
	case conversation.ReadAvailability:
		return nameAvailability
	case conversation.ReadBooking:
		return nameBooking
	case conversation.ReadProfile:
		return nameProfile
	case conversation.ReadRooms:
		return nameRooms
	}
	return "unknown"
}
