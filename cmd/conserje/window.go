package main

import (
	"context"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/transport"
)

// records reads guests as a store holds them.
type records interface {
	Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error)
}

// windowOf asks the dialogue's state when a guest's session window ends: what
// the guest has written since a bubble died may have opened it again.
func windowOf(store records) func(context.Context, hotel.GuestID) (time.Time, error) {
	return func(ctx context.Context, id hotel.GuestID) (time.Time, error) {
		g, err := store.Guest(ctx, id)
		if hotel.KindOf(err) == hotel.NotFound {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		state, err := conversation.DecodeState(id, g.Version, g.State)
		if err != nil {
			return time.Time{}, nil //nolint:nilerr // a newer engine's snapshot: the bubble's own window counts
		}
		return state.Window, nil
	}
}

// parkedIn tells of a store's guests whether they are parked.
func parkedIn(store records) func(context.Context, hotel.GuestID) (bool, error) {
	return func(ctx context.Context, id hotel.GuestID) (bool, error) {
		g, err := store.Guest(ctx, id)
		if hotel.KindOf(err) == hotel.NotFound {
			return false, nil
		}
		return !g.Parked.IsZero(), err
	}
}

// storeReception is the reception of a store without an engine.
type storeReception struct{ store }

var _ transport.Reception = storeReception{}

// Replay adds what the guest's window is, as the engine's admin API does.
func (s storeReception) Replay(ctx context.Context, r hotel.Replay) (hotel.GuestID, hotel.Lane, error) {
	l, err := s.DeadLetter(ctx, r.ID)
	if err == nil && l.Kind == hotel.KindSay {
		r.Window, err = windowOf(s.store)(ctx, l.Guest)
	}
	if err != nil {
		return "", "", err
	}
	return s.store.Replay(ctx, r)
}
