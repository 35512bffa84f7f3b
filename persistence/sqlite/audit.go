package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

const readAudit = `SELECT id, at, by, what, guest, counts FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`

// note writes an entry of the audit, in the transaction of what it tells.
func (w *writer) note(e hotel.AuditEntry) error {
	counts := []byte{}
	if len(e.Counts) > 0 {
		var err error
		if counts, err = json.Marshal(e.Counts); err != nil {
			return err
		}
	}
	return w.sql.audit.exec(ms(e.At), e.By, string(e.What), string(e.Guest), string(counts))
}

// Note writes an entry of the audit.
func (s *Store) Note(ctx context.Context, e hotel.AuditEntry) error {
	_, err := submit(ctx, s, "sqlite.Note", func(w *writer) (struct{}, error) { return struct{}{}, w.note(e) })
	return err
}

// Audit lists entries, newest first.
func (s *Store) Audit(ctx context.Context, before int64, limit int) ([]hotel.AuditEntry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return collect(ctx, "sqlite.Audit", s.read.audit, func(rows *sql.Rows) (e hotel.AuditEntry, err error) {
		var when int64
		var counts []byte
		if err := rows.Scan(&e.ID, &when, &e.By, &e.What, &e.Guest, &counts); err != nil {
			return e, err
		}
		if e.At = at(when); len(counts) > 0 {
			err = json.Unmarshal(counts, &e.Counts)
		}
		return e, err
	}, before, rule.Limit(limit))
}
