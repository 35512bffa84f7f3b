package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Renew raises an engine's counter: it lives.
func (s *Store) Renew(ctx context.Context, owner string) error {
	unlock, err := s.enter(ctx, "memory.Renew")
	if err != nil {
		return err
	}
	defer unlock()
	s.engines[owner] = hotel.EngineLease{Owner: owner, Counter: s.engines[owner].Counter + 1}
	return nil
}

// Engines reads the engines that are known.
func (s *Store) Engines(ctx context.Context) ([]hotel.EngineLease, error) {
	unlock, err := s.enter(ctx, "memory.Engines")
	if err != nil {
		return nil, err
	}
	defer unlock()
	return slices.SortedFunc(maps.Values(s.engines), func(a, b hotel.EngineLease) int { return cmp.Compare(a.Owner, b.Owner) }), nil
}

// TakeOver makes a silent engine's claims another's, and forgets the engine.
func (s *Store) TakeOver(ctx context.Context, from hotel.EngineLease, to string, at time.Time) (int, error) {
	const op = "memory.TakeOver"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return 0, err
	}
	defer unlock()
	if s.engines[from.Owner] != from {
		return 0, rule.Err(op, hotel.Conflict, "the engine has been heard of since")
	}
	delete(s.engines, from.Owner)
	n := 0
	for _, rows := range s.lanes {
		for _, r := range rows {
			if r.State == hotel.Sending && r.Owner == from.Owner {
				r.Owner, r.ClaimedAt, r.TakenOver = to, at, true
				n++
			}
		}
	}
	return n, nil
}

// Leave says that an engine has drained.
func (s *Store) Leave(ctx context.Context, owner string) error {
	unlock, err := s.enter(ctx, "memory.Leave")
	if err != nil {
		return err
	}
	defer unlock()
	if e, ok := s.engines[owner]; ok {
		e.Left = true
		s.engines[owner] = e
	}
	return nil
}

// looksAfter tells whether an engine sweeps what another one owns: its own, and
// what belongs to no living engine.
func (s *Store) looksAfter(engine, owner string) bool {
	e, known := s.engines[owner]
	return engine == owner || !known || e.Left
}
