package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
)

// statement is a prepared statement of the writer's connection, used through
// the driver's own interface: database/sql would lock, copy and convert for
// every row, and the writer has no one to share with.
type statement struct {
	query string
	exe   driver.StmtExecContext
	ask   driver.StmtQueryContext
	close func() error
	args  []driver.NamedValue
	dest  []driver.Value
}

func prepare(ctx context.Context, c driver.ConnPrepareContext, query string) (*statement, error) {
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.40q: %w", query, err)
	}
	return &statement{query: query, exe: s.(driver.StmtExecContext), ask: s.(driver.StmtQueryContext), close: s.Close}, nil
}

func (s *statement) bind(values []driver.Value) {
	s.args = s.args[:0]
	for i, v := range values {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
}

// exec runs the statement.
func (s *statement) exec(values ...driver.Value) error {
	_, err := s.change(values...)
	return err
}

// change runs the statement and tells how many rows it changed.
func (s *statement) change(values ...driver.Value) (int64, error) {
	s.bind(values)
	res, err := s.exe.ExecContext(context.Background(), s.args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// each runs the query and hands every row to scan, whose values are valid until it returns.
func (s *statement) each(scan func(v []driver.Value) error, values ...driver.Value) error {
	s.bind(values)
	rows, err := s.ask.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	if n := len(rows.Columns()); len(s.dest) != n {
		s.dest = make([]driver.Value, n)
	}
	for {
		if err = rows.Next(s.dest); err != nil {
			break
		}
		if err = scan(s.dest); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// any tells whether the query finds a row.
func (s *statement) any(values ...driver.Value) (found bool, err error) {
	err = s.each(func([]driver.Value) error {
		found = true
		return nil
	}, values...)
	return found, err
}

// bulk gathers rows for a statement that takes many: it is prepared for 1, 2,
// 4 ... 64 rows, so that any number of rows is a few calls.
type bulk struct {
	by   [7]*statement
	cols int
	args []driver.Value
}

// newBulk prepares head + row, row, ... + tail.
func newBulk(ctx context.Context, c driver.ConnPrepareContext, head, row, tail string) (*bulk, error) {
	b := &bulk{cols: strings.Count(row, "?")}
	for i := range b.by {
		n := 1 << i
		query := head + strings.TrimSuffix(strings.Repeat(row+",", n), ",") + tail
		s, err := prepare(ctx, c, query)
		if err != nil {
			return nil, err
		}
		b.by[i] = s
	}
	return b, nil
}

// add gathers one row.
func (b *bulk) add(values ...driver.Value) { b.args = append(b.args, values...) }

// parts runs f for each full statement's worth of what was gathered, and forgets it.
func (b *bulk) parts(f func(s *statement, args []driver.Value) error) error {
	args := b.args
	for i := len(b.by) - 1; i >= 0; i-- {
		for n := b.cols << i; len(args) >= n; args = args[n:] {
			if err := f(b.by[i], args[:n]); err != nil {
				return err
			}
		}
	}
	b.reset()
	return nil
}

func (b *bulk) reset() {
	clear(b.args)
	b.args = b.args[:0]
}

// flush writes what was gathered, and tells how many rows it changed.
func (b *bulk) flush() (changed int64, err error) {
	err = b.parts(func(s *statement, args []driver.Value) error {
		n, err := s.change(args...)
		changed += n
		return err
	})
	return changed, err
}

// each asks for what was gathered.
func (b *bulk) each(scan func(v []driver.Value) error) error {
	return b.parts(func(s *statement, args []driver.Value) error { return s.each(scan, args...) })
}

// raw hands the driver's connection to f.
func raw(c *sql.Conn, f func(c driver.ConnPrepareContext) error) error {
	return c.Raw(func(dc any) error {
		p, ok := dc.(driver.ConnPrepareContext)
		if !ok {
			return errors.New("the driver cannot prepare")
		}
		return f(p)
	})
}
