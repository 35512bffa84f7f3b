package sqlite

import (
	"context"
	"database/sql"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// readInDoubt reads of the rows that are out those in the lanes of references: few, and no other.
const readInDoubt = `SELECT ` + rowColumns + ` FROM outbox INDEXED BY outbox_sending
	WHERE state = 1 AND lane >= 'ref:' AND lane < 'ref;' AND property = ? AND kind IN ('` + string(hotel.KindBook) + `', '` + string(hotel.KindChange) + `') ORDER BY id`

const readMark = `SELECT value FROM meta WHERE name = ?`

// PollMark is how far a property's hotel system has been asked what changed.
func (s *Store) PollMark(ctx context.Context, property hotel.PropertyID) (string, error) {
	marks, err := collect(ctx, "sqlite.PollMark", s.read.mark, func(rows *sql.Rows) (mark []byte, err error) {
		err = rows.Scan(&mark)
		return mark, err
	}, rule.MarkName(property))
	if err != nil || len(marks) == 0 {
		return "", err
	}
	return string(marks[0]), nil
}

// KeepPollMark keeps it.
func (s *Store) KeepPollMark(ctx context.Context, property hotel.PropertyID, mark string) error {
	_, err := submit(ctx, s, "sqlite.KeepPollMark", func(w *writer) (none struct{}, err error) {
		return none, w.sql.meta.exec(rule.MarkName(property), []byte(mark))
	})
	return err
}

// Annotate keeps a note on a claimed row.
func (s *Store) Annotate(ctx context.Context, a hotel.Annotation) error {
	const op = "sqlite.Annotate"
	_, err := submit(ctx, s, op, func(w *writer) (none struct{}, err error) {
		row, ok, err := w.rowOf(a.Key)
		switch {
		case err != nil:
			return none, err
		case !ok:
			return none, rule.Err(op, hotel.NotFound, "no such row")
		case !rule.MayAnnotate(row, a):
			return none, rule.Err(op, hotel.Conflict, "not claimed so")
		}
		return none, w.sql.note.exec(a.Note, row.Order)
	})
	return err
}

// InDoubt reads a property's bookings and changes in doubt.
func (s *Store) InDoubt(ctx context.Context, property hotel.PropertyID) ([]hotel.OutboxRow, error) {
	return collect(ctx, "sqlite.InDoubt", s.read.inDoubt, scanRow, string(property))
}
