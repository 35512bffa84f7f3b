package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Handoffs lists handoffs: those that are not closed first, newest first.
func (s *Store) Handoffs(ctx context.Context, property hotel.PropertyID, openOnly bool, limit int) ([]hotel.HandoffRecord, error) {
	unlock, err := s.enter(ctx, "memory.Handoffs")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []hotel.HandoffRecord
	for _, h := range s.handoffs {
		if (property == "" || h.Property == property) && !(openOnly && h.State == hotel.HandoffClosed) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b hotel.HandoffRecord) int {
		if open := cmp.Compare(closed(a), closed(b)); open != 0 {
			return open
		}
		return b.Opened.Compare(a.Opened)
	})
	return out[:min(len(out), rule.Limit(limit))], nil
}

func closed(h hotel.HandoffRecord) int {
	if h.State == hotel.HandoffClosed {
		return 1
	}
	return 0
}

// Transcript reads what was said with a guest, oldest first, the last limit lines.
func (s *Store) Transcript(ctx context.Context, id hotel.GuestID, limit int) ([]hotel.TranscriptLine, error) {
	unlock, err := s.enter(ctx, "memory.Transcript")
	if err != nil {
		return nil, err
	}
	defer unlock()
	g := s.guests[id]
	if g == nil {
		return nil, nil
	}
	var out []hotel.TranscriptLine
	for _, t := range g.transcript {
		lines, err := rule.Transcript(t.body)
		if err != nil {
			return nil, &hotel.Error{Op: "memory.Transcript", Kind: hotel.Invalid, Err: err}
		}
		out = append(out, lines...)
	}
	return out[max(0, len(out)-rule.Limit(limit)):], nil
}

// Reservations lists reservations of ours, newest first.
func (s *Store) Reservations(ctx context.Context, property hotel.PropertyID, limit int) ([]hotel.Reservation, error) {
	unlock, err := s.enter(ctx, "memory.Reservations")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []hotel.Reservation
	for _, r := range slices.Backward(s.reservations) {
		if (property == "" || r.Property == property) && len(out) < rule.Limit(limit) {
			out = append(out, r.Reservation)
		}
	}
	return out, nil
}
