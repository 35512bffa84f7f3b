package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	// A guest who is paused is there: the row is written from its own.
	addPause = `INSERT INTO pauses (property, guest, who, at) SELECT $1, $2, $3, $4
		WHERE $2 = '' OR EXISTS (SELECT 1 FROM guests WHERE id = $2) ON CONFLICT DO NOTHING`
	isPaused   = `SELECT count(*) FROM pauses WHERE property = $1 AND guest = $2`
	endPause   = `DELETE FROM pauses WHERE property = $1 AND guest = $2`
	readPauses = `SELECT property, guest, who, at FROM pauses ORDER BY at, property, guest`
)

// SetPause begins a pause, or ends it.
func (s *Store) SetPause(ctx context.Context, p hotel.Pause, on bool) error {
	const op = "postgres.SetPause"
	if !p.Valid() {
		return rule.Err(op, hotel.Invalid, "a pause is for a property or for a guest")
	}
	return s.tx(ctx, op, func(ctx context.Context, tx pgx.Tx) error {
		if !on {
			_, err := tx.Exec(ctx, endPause, string(p.Property), string(p.Guest))
			return err
		}
		done, err := tx.Exec(ctx, addPause, string(p.Property), string(p.Guest), p.By, ms(p.At))
		if err != nil || done.RowsAffected() > 0 {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, isPaused, string(p.Property), string(p.Guest)).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return rule.Err(op, hotel.NotFound, "no such guest")
		}
		return nil
	})
}

// Pauses lists the pauses in force, oldest first.
func (s *Store) Pauses(ctx context.Context) ([]hotel.Pause, error) {
	return collect(ctx, s, "postgres.Pauses", func(rows pgx.Rows) (p hotel.Pause, err error) {
		var when int64
		err = rows.Scan((*string)(&p.Property), (*string)(&p.Guest), &p.By, &when)
		p.At = at(when)
		return p, err
	}, readPauses)
}
