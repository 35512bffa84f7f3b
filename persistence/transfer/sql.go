package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/conserje/conserje/hotel"
)

// SQL is a store's tables over database/sql. It is a Source; with Start and
// Finish it is a Target, too.
type SQL struct {
	DB *sql.DB
	// Named says what a column is called here, when not as in Tables.
	Named func(table, column string) string
	// Placeholder of a statement's n-th argument, from 1.
	Placeholder func(n int) string
	// Write and Read say how a column is written and read where its type is
	// another than its kind's. Nil = never.
	Write, Read func(table, column, expression string) string
	// Extra are columns that only this store has, with what they begin with,
	// which may depend on the row's other columns. May be nil.
	Extra func(table string, of func(column string) string) (names, values []string)
	// Identity makes an INSERT take ids that are given ("OVERRIDING SYSTEM VALUE"). May be nil.
	Identity func(table string) string
	// Skip tells rows of meta that are each store's own, or of the copy itself.
	Skip []string
	// Start and Finish run at the copy's begin, when nothing is in the tables,
	// and at its end.
	Start, Finish func(ctx context.Context, db *sql.DB) error
}

// Page is Source's.
func (s *SQL) Page(ctx context.Context, t Table, after Row, limit int) ([]Row, error) {
	var names, key, marks []string
	for _, c := range t.Columns {
		names = append(names, s.read(t, c))
	}
	for i, k := range t.Key {
		key = append(key, s.name(t.Name, k))
		marks = append(marks, s.Placeholder(i+1))
	}
	query, args := `SELECT `+strings.Join(names, ", ")+` FROM `+t.Name, []any(nil) //nolint:gosec // names of our own
	if after != nil {
		query += ` WHERE (` + strings.Join(key, ", ") + `) > (` + strings.Join(marks, ", ") + `)`
		args = after
	}
	query += ` ORDER BY ` + strings.Join(key, ", ") + fmt.Sprintf(` LIMIT %d`, limit)
	rows, err := s.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, away(err)
	}
	defer func() { _ = rows.Close() }()
	var out []Row
	for rows.Next() {
		r, err := scan(rows, t)
		if err != nil {
			return nil, away(err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, away(err)
	}
	if t.Name == "meta" {
		return s.withoutSkipped(ctx, t, out, limit)
	}
	return out, nil
}

// withoutSkipped drops meta's own rows; a page of nothing else is not the end.
func (s *SQL) withoutSkipped(ctx context.Context, t Table, rows []Row, limit int) ([]Row, error) {
	var out []Row
	for _, r := range rows {
		if !s.skips(r[0].(string)) {
			out = append(out, r)
		}
	}
	if len(out) == 0 && len(rows) == limit {
		return s.Page(ctx, t, t.key(rows[len(rows)-1]), limit)
	}
	return out, nil
}

func (s *SQL) skips(name string) bool {
	for _, skip := range s.Skip {
		if skip == name {
			return true
		}
	}
	return false
}

// scan reads a row in its canonical form.
func scan(rows *sql.Rows, t Table) (Row, error) {
	row, dest := make(Row, len(t.Columns)), make([]any, len(t.Columns))
	texts, numbers, blobs := make([]sql.NullString, len(row)), make([]sql.NullInt64, len(row)), make([][]byte, len(row))
	for i, c := range t.Columns {
		switch c.Kind {
		case Text:
			dest[i] = &texts[i]
		case Number:
			dest[i] = &numbers[i]
		case Bytes:
			dest[i] = &blobs[i]
		}
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, err
	}
	for i, c := range t.Columns {
		switch {
		case c.Kind == Text && texts[i].Valid:
			row[i] = texts[i].String
		case c.Kind == Number && numbers[i].Valid:
			row[i] = numbers[i].Int64
		case c.Kind == Bytes && len(blobs[i]) > 0:
			row[i] = blobs[i]
		}
	}
	return row, nil
}

// Begin is Target's.
func (s *SQL) Begin(ctx context.Context) error {
	for _, t := range tables {
		rows, err := s.Page(ctx, t, nil, 1)
		if err != nil {
			return err
		}
		if len(rows) > 0 && t.Name != "meta" {
			return &hotel.Error{Op: op, Kind: hotel.Conflict, Err: fmt.Errorf("the target is not empty: %s holds rows. Name an empty one, for a copy writes over nothing", t.Name)}
		}
	}
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM meta`); err != nil { // a key of hashes that nothing was hashed with
		return away(err)
	}
	return s.done(s.Start(ctx, s.DB))
}

// Load is Target's.
func (s *SQL) Load(ctx context.Context, t Table, rows []Row) error {
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return away(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for len(rows) > 0 {
		part := rows[:min(loadAtOnce, len(rows))]
		rows = rows[len(part):]
		var args []any
		for _, r := range part {
			for i, v := range r {
				if v == nil && required(t, i) {
					v = []byte{}
				}
				args = append(args, v)
			}
		}
		if _, err := tx.ExecContext(ctx, s.insert(t, len(part)), args...); err != nil {
			return away(err)
		}
	}
	return s.done(tx.Commit())
}

// required tells columns of bytes that may be empty and never null.
func required(t Table, column int) bool {
	return t.Columns[column].Kind == Bytes && (t.Name == "meta" || t.Name == "transcript" || t.Name == "seen")
}

// loadAtOnce is how many rows one statement inserts: SQLite takes 32,766
// arguments, PostgreSQL 65,535.
const loadAtOnce = 100

func (s *SQL) insert(t Table, rows int) string {
	var names, extra []string
	for _, c := range t.Columns {
		names = append(names, s.name(t.Name, c.Name))
	}
	tuples := make([]string, rows)
	for n := range tuples {
		given := map[string]string{}
		var values []string
		for i, c := range t.Columns {
			given[c.Name] = s.Placeholder(n*len(t.Columns) + i + 1)
			value := given[c.Name]
			if s.Write != nil {
				value = s.Write(t.Name, c.Name, value)
			}
			values = append(values, value)
		}
		if s.Extra != nil {
			var more []string
			extra, more = s.Extra(t.Name, func(column string) string { return given[column] })
			values = append(values, more...)
		}
		tuples[n] = `(` + strings.Join(values, ", ") + `)`
	}
	names = append(names, extra...)
	identity := ""
	if s.Identity != nil {
		identity = s.Identity(t.Name)
	}
	return `INSERT INTO ` + t.Name + ` (` + strings.Join(names, ", ") + `) ` + identity + ` VALUES ` + strings.Join(tuples, ", ")
}

// End is Target's.
func (s *SQL) End(ctx context.Context) error { return s.done(s.Finish(ctx, s.DB)) }

func (s *SQL) name(table, column string) string {
	if s.Named != nil {
		return s.Named(table, column)
	}
	return column
}

func (s *SQL) read(t Table, c Column) string {
	name := s.name(t.Name, c.Name)
	if s.Read != nil {
		return s.Read(t.Name, c.Name, name)
	}
	return name
}

func (s *SQL) done(err error) error {
	if err != nil {
		return away(err)
	}
	return nil
}

func away(err error) error {
	if _, ok := errors.AsType[*hotel.Error](err); ok {
		return err
	}
	return &hotel.Error{Op: op, Kind: hotel.Unavailable, Err: err}
}
