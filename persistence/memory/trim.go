package memory

import (
	"context"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Trim deletes at most limit rows that are past their retention.
func (s *Store) Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (int, error) {
	unlock, err := s.enter(ctx, "memory.Trim")
	if err != nil {
		return 0, err
	}
	defer unlock()
	left := rule.Limit(limit)
	for hash, x := range s.seen {
		if left > 0 && keep.Seen > 0 && x.day < rule.Day(now.Add(-keep.Seen)) {
			delete(s.seen, hash)
			left--
		}
	}
	for key, row := range s.inbox {
		if left > 0 && past(row.consumed, now, keep.Inbox) {
			delete(s.inbox, key)
			left--
		}
	}
	left = s.trimOutbox(now, keep.Outbox, left)
	for _, g := range s.guests {
		for left > 0 && len(g.transcript) > 0 && past(g.transcript[0].at, now, keep.Transcript) {
			g.transcript = g.transcript[1:]
			left--
		}
	}
	for i, l := range s.letters {
		if l == nil {
			continue
		}
		end := l.Closed
		if end.IsZero() && l.Source == "webhook" { // no erasure finds the words in it
			end = l.At
		}
		if left > 0 && past(end, now, keep.Dead) {
			s.letters[i] = nil
			left--
		}
	}
	return rule.Limit(limit) - left, nil
}

func (s *Store) trimOutbox(now time.Time, keep time.Duration, left int) int {
	open := map[hotel.Key]bool{}
	for _, l := range s.letters {
		if l != nil && l.Closed.IsZero() {
			open[l.Key] = true
		}
	}
	for key, row := range s.outbox {
		if left > 0 && past(row.done, now, keep) && !open[key] {
			delete(s.outbox, key)
			delete(s.proofs, row.Proof)
			left--
		}
	}
	return left
}

// past tells whether what was done with at an instant is kept long enough; 0 keeps for ever.
func past(done, now time.Time, keep time.Duration) bool {
	return keep > 0 && !done.IsZero() && done.Add(keep).Before(now)
}
