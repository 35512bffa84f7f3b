package memory

import (
	"context"
	"slices"
	"strings"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Annotate keeps a note on a claimed row.
func (s *Store) Annotate(ctx context.Context, a hotel.Annotation) error {
	const op = "memory.Annotate"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return err
	}
	defer unlock()
	row := s.outbox[a.Key]
	switch {
	case row == nil:
		return rule.Err(op, hotel.NotFound, "no such row")
	case !rule.MayAnnotate(row.OutboxRow, a):
		return rule.Err(op, hotel.Conflict, "not claimed so")
	}
	row.Note = a.Note
	return nil
}

// PollMark is how far a property's hotel system has been asked what changed.
func (s *Store) PollMark(ctx context.Context, property hotel.PropertyID) (string, error) {
	unlock, err := s.enter(ctx, "memory.PollMark")
	if err != nil {
		return "", err
	}
	defer unlock()
	return s.marks[property], nil
}

// KeepPollMark keeps it.
func (s *Store) KeepPollMark(ctx context.Context, property hotel.PropertyID, mark string) error {
	unlock, err := s.enter(ctx, "memory.KeepPollMark")
	if err != nil {
		return err
	}
	defer unlock()
	s.marks[property] = mark
	return nil
}

// InDoubt reads a property's bookings and changes in doubt.
func (s *Store) InDoubt(ctx context.Context, property hotel.PropertyID) ([]hotel.OutboxRow, error) {
	unlock, err := s.enter(ctx, "memory.InDoubt")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*outboxRow
	for lane, rows := range s.lanes {
		if !strings.HasPrefix(string(lane), string(hotel.ReferenceLane(""))) {
			continue
		}
		for _, r := range rows {
			if r.State == hotel.Sending && r.Property == property && (r.Kind == hotel.KindBook || r.Kind == hotel.KindChange) {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, byOrder)
	var out []hotel.OutboxRow
	for _, r := range found {
		out = append(out, r.OutboxRow)
	}
	return out, nil
}
