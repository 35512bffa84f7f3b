// Package transfer moves a store's whole content into another store: every
// table of the truth, row by row, and then reads both sides again.
//
//	source.Page --> target.Load     a table at a time, a page at a time, by key
//	source.Page --> sum  \
//	                      equal?    count and checksum of each table
//	target.Page --> sum  /
//
// A row travels in a form that no store owns (Tables): texts, numbers and
// bytes in named columns. The checksum of a table adds up its rows' hashes, so
// that it does not depend on the order in which a store reads them.
//
// While it is being filled the target names no format that an engine reads:
// none starts on half a store.
package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/conserje/conserje/hotel"
)

// Row is one row, in the order of its table's columns: string, int64, []byte or nil.
type Row []any

// Source is a store that nobody writes to.
type Source interface {
	// Page reads rows of a table in the order of its key: those after the key
	// given, nil = from the first.
	Page(ctx context.Context, t Table, after Row, limit int) ([]Row, error)
}

// Target is a store to be filled, which nobody else uses.
type Target interface {
	Source
	// Begin refuses a store that is not empty with hotel.Conflict, and keeps
	// engines away from it.
	Begin(ctx context.Context) error
	// Load writes rows of a table in one transaction.
	Load(ctx context.Context, t Table, rows []Row) error
	// End sets what counts on from what was loaded, and lets engines in.
	End(ctx context.Context) error
}

// Result is what was moved of a table, and found again.
type Result struct {
	Table string
	Rows  int64
	Sum   [16]byte
}

// pageSize is how many rows go at once. Bodies are small but for dead letters of webhooks.
const pageSize = 500

const op = "transfer.Copy"

// Copy moves all of one store into an empty one. moved hears of each table that
// is there and equal. hotel.Conflict: the target is not empty. hotel.Other: the
// two differ afterwards, and the target must not be used.
func Copy(ctx context.Context, from Source, to Target, moved func(Result)) error {
	if err := to.Begin(ctx); err != nil {
		return err
	}
	sent := make([]Result, len(tables))
	for i, t := range tables {
		var err error
		if sent[i], err = read(ctx, from, t, func(rows []Row) error { return to.Load(ctx, t, rows) }); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	for i, t := range tables {
		got, err := read(ctx, to, t, func([]Row) error { return nil })
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		if got != sent[i] {
			return &hotel.Error{Op: op, Kind: hotel.Other, Err: fmt.Errorf("%s differs: %d rows went in (sum %x), %d are there (sum %x): "+
				"do not use the target; empty it and copy again", t.Name, sent[i].Rows, sent[i].Sum, got.Rows, got.Sum)}
		}
		moved(got)
	}
	return to.End(ctx)
}

// read goes through a table, page by page, and sums it up.
func read(ctx context.Context, from Source, t Table, page func([]Row) error) (Result, error) {
	out := Result{Table: t.Name}
	var after Row
	for {
		rows, err := from.Page(ctx, t, after, pageSize)
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			h, err := hash(t, r)
			if err != nil {
				return out, err
			}
			out.add(h)
		}
		if len(rows) == 0 {
			return out, nil
		}
		if err := page(rows); err != nil {
			return out, err
		}
		after = t.key(rows[len(rows)-1])
	}
}

// add adds a row's hash, as two numbers, to the table's.
func (r *Result) add(h [16]byte) {
	r.Rows++
	for _, half := range []int{0, 8} {
		n := binary.BigEndian.Uint64(r.Sum[half:]) + binary.BigEndian.Uint64(h[half:])
		binary.BigEndian.PutUint64(r.Sum[half:], n)
	}
}

// hash of a row's canonical form: each value with its kind and length before it.
func hash(t Table, r Row) (h [16]byte, err error) {
	if len(r) != len(t.Columns) {
		return h, fmt.Errorf("a row of %d columns instead of %d", len(r), len(t.Columns))
	}
	buf := make([]byte, 0, 512)
	for i, v := range r {
		switch v := v.(type) {
		case nil:
			buf = append(buf, 0)
		case string:
			buf = append(binary.AppendUvarint(append(buf, 1), uint64(len(v))), v...)
		case int64:
			buf = binary.BigEndian.AppendUint64(append(buf, 2), uint64(v))
		case []byte:
			buf = append(binary.AppendUvarint(append(buf, 3), uint64(len(v))), v...)
		default:
			return h, errors.New("column " + t.Columns[i].Name + " holds what no store should")
		}
	}
	sum := sha256.Sum256(buf)
	copy(h[:], sum[:])
	return h, nil
}
