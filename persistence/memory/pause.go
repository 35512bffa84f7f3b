package memory

import (
	"context"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// SetPause begins a pause, or ends it.
func (s *Store) SetPause(ctx context.Context, p hotel.Pause, on bool) error {
	const op = "memory.SetPause"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return err
	}
	defer unlock()
	switch {
	case !p.Valid():
		return rule.Err(op, hotel.Invalid, "a pause is for a property or for a guest")
	case !on:
		s.pauses = slices.DeleteFunc(s.pauses, p.Same)
	case p.Guest != "" && s.guests[p.Guest] == nil:
		return rule.Err(op, hotel.NotFound, "no such guest")
	case !slices.ContainsFunc(s.pauses, p.Same):
		s.pauses = append(s.pauses, p)
	}
	return nil
}

// Pauses lists the pauses in force, oldest first.
func (s *Store) Pauses(ctx context.Context) ([]hotel.Pause, error) {
	unlock, err := s.enter(ctx, "memory.Pauses")
	if err != nil {
		return nil, err
	}
	defer unlock()
	out := slices.Clone(s.pauses)
	slices.SortStableFunc(out, func(a, b hotel.Pause) int { return a.At.Compare(b.At) })
	return out, nil
}
