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
