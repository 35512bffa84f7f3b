package sqlite

import (
	"context"
	"database/sql"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const (
	execPause  = `INSERT INTO pauses (property, guest, who, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	execResume = `DELETE FROM pauses WHERE property = ? AND guest = ?`
	readPauses = `SELECT property, guest, who, at FROM pauses ORDER BY at, property, guest`
)

// SetPause begins a pause, or ends it.
func (s *Store) SetPause(ctx context.Context, p hotel.Pause, on bool) error {
	const op = "sqlite.SetPause"
	if !p.Valid() {
		return rule.Err(op, hotel.Invalid, "a pause is for a property or for a guest")
	}
	_, err := submit(ctx, s, op, func(w *writer) (none struct{}, err error) {
		if !on {
			return none, w.sql.resume.exec(string(p.Property), string(p.Guest))
		}
		if p.Guest != "" {
			if _, ok, err := w.guestOf(p.Guest); err != nil {
				return none, err
			} else if !ok {
				return none, rule.Err(op, hotel.NotFound, "no such guest")
			}
		}
		return none, w.sql.pause.exec(string(p.Property), string(p.Guest), p.By, ms(p.At))
	})
	return err
}

// Pauses lists the pauses in force, oldest first.
func (s *Store) Pauses(ctx context.Context) ([]hotel.Pause, error) {
	return collect(ctx, "sqlite.Pauses", s.read.pauses, func(rows *sql.Rows) (p hotel.Pause, err error) {
		var when int64
		err = rows.Scan(&p.Property, &p.Guest, &p.By, &when)
		p.At = at(when)
		return p, err
	})
}
