package qloapps

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
)

// remembered is what was read lately; one who asks loads it for all. It is made
// with remember.
type remembered[T any] struct {
	turn chan struct{} // of one: who holds it reads or loads
	held T
	at   time.Time // read; zero = never
}

func remember[T any]() remembered[T] { return remembered[T]{turn: make(chan struct{}, 1)} }

// get returns what is held, loading it when it is older than ttl, or anyway when
// fresh. A failed load leaves what is held, and is the caller's error.
func (m *remembered[T]) get(ctx context.Context, op string, now time.Time, ttl time.Duration, fresh bool, load func() (T, error)) (T, error) {
	var none T
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return none, &hotel.Error{Op: op, Kind: hotel.Unavailable, Code: "timeout", Err: ctx.Err()}
	}
	if !fresh && !m.at.IsZero() && now.Sub(m.at) < ttl {
		return m.held, nil
	}
	loaded, err := load()
	if err != nil {
		return none, err
	}
	m.held, m.at = loaded, now
	return loaded, nil
}
