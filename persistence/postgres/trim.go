package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// What may go: each finds the rows by an index that holds only those that are
// done with, oldest first. SKIP LOCKED: what somebody holds goes the next time.
const (
	trimSeen  = `DELETE FROM seen WHERE hash IN (SELECT hash FROM seen WHERE day < $1 ORDER BY day LIMIT $2)`
	trimInbox = `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE consumed > 0 AND consumed < $1 ORDER BY consumed LIMIT $2 FOR UPDATE SKIP LOCKED)`

	trimOutbox = `DELETE FROM outbox WHERE key IN (SELECT key FROM outbox o WHERE state >= 2 AND done < $1
		AND NOT EXISTS (SELECT FROM letters l WHERE l.key = o.key AND l.closed = 0) ORDER BY done LIMIT $2 FOR UPDATE SKIP LOCKED)`
	// Words have no state: the oldest are those of the lowest ids.
	trimTranscript = `DELETE FROM transcript WHERE id IN (SELECT id FROM (SELECT id, at FROM transcript ORDER BY id LIMIT $2) oldest WHERE at < $1)`
	trimLetters    = `DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE closed > 0 AND closed < $1 ORDER BY closed LIMIT $2)`
	// A webhook's letter belongs to no guest, so no erasure finds the words in it: it goes though it is open.
	trimWebhooks = `DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE closed = 0 AND source = 'webhook' AND at < $1 ORDER BY id LIMIT $2)`
)

// Trim deletes at most limit rows that are past their retention.
func (s *Store) Trim(ctx context.Context, now time.Time, keep hotel.Retention, limit int) (total int, err error) {
	const op = "postgres.Trim"
	limit = rule.Limit(limit)
	for _, t := range []struct {
		statement string
		keep      time.Duration
		before    int64
	}{
		{trimSeen, keep.Seen, rule.Day(now.Add(-keep.Seen))},
		{trimInbox, keep.Inbox, ms(now.Add(-keep.Inbox))},
		{trimOutbox, keep.Outbox, ms(now.Add(-keep.Outbox))},
		{trimTranscript, keep.Transcript, ms(now.Add(-keep.Transcript))},
		{trimLetters, keep.Dead, ms(now.Add(-keep.Dead))},
		{trimWebhooks, keep.Dead, ms(now.Add(-keep.Dead))},
	} {
		if t.keep <= 0 || total >= limit {
			continue
		}
		n := 0
		err := s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, t.statement, t.before, limit-total)
			n = int(tag.RowsAffected())
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
