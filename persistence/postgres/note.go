package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	// The condition is rule.MayAnnotate's: a take-over that comes first is seen.
	saveNote = `UPDATE outbox SET note = $4 WHERE key = $1 AND state = 1 AND attempt = $2 AND owner IN ($3, '')`
	// Of the rows that are out those in the lanes of references: few, and no other.
	readInDoubt = `SELECT ` + rowColumns + ` FROM outbox WHERE state = 1 AND lane >= 'ref:' AND lane < 'ref;' AND property = $1
		AND kind IN ('` + string(hotel.KindBook) + `', '` + string(hotel.KindChange) + `') ORDER BY ord`
)

// PollMark is how far a property's hotel system has been asked what changed.
func (s *Store) PollMark(ctx context.Context, property hotel.PropertyID) (string, error) {
	marks, err := collect(ctx, s, "postgres.PollMark", func(rows pgx.Rows) (mark []byte, err error) {
		err = rows.Scan(&mark)
		return mark, err
	}, `SELECT value FROM meta WHERE name = $1`, rule.MarkName(property))
	if err != nil || len(marks) == 0 {
		return "", err
	}
	return string(marks[0]), nil
}

// KeepPollMark keeps it.
func (s *Store) KeepPollMark(ctx context.Context, property hotel.PropertyID, mark string) error {
	return s.tx(ctx, "postgres.KeepPollMark", func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, writeFormat, rule.MarkName(property), []byte(mark))
		return err
	})
}

// Annotate keeps a note on a claimed row.
func (s *Store) Annotate(ctx context.Context, a hotel.Annotation) error {
	const op = "postgres.Annotate"
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		done, err := tx.Exec(ctx, saveNote, string(a.Key), a.Attempt, a.Owner, a.Note)
		if err == nil && done.RowsAffected() == 0 {
			err = rule.Err(op, hotel.Conflict, "not claimed so")
		}
		return err
	})
}

// InDoubt reads a property's bookings and changes in doubt.
func (s *Store) InDoubt(ctx context.Context, property hotel.PropertyID) ([]hotel.OutboxRow, error) {
	return collect(ctx, s, "postgres.InDoubt", scanOutbox, readInDoubt, string(property))
}
