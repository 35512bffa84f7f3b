package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// judgement is what a failed transaction asks for.
type judgement int

const (
	gone    judgement = iota // the server is away, or takes nothing now
	again                    // it lost a race: the same once more
	held                     // a lock was not free in time: whose, one finds by halving
	slow                     // it took too long: less of it may do
	refused                  // something in it will never do: find it
)

// judge reads SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
func judge(err error) judgement {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return gone
	}
	switch e.Code {
	case "40001", "40P01", // serialization, deadlock
		"25P03",          // idle in transaction: this engine was stopped between two round trips
		"0A000", "26000": // a cached plan or prepared statement is out of date: pgx has forgotten it by now
		return again
	case "55P03":
		return held
	case "57014": // statement time-out: of one that waited for lock after lock, too
		return slow
	}
	switch e.Code[:2] {
	case "21", "22", "23", "42": // of data, of constraints, of what we wrote
		return refused
	}
	return gone
}

// classify makes an error of a request that failed alone, or with all.
func classify(op string, err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok:
		return away(op, err)
	case e.Code == "23505":
		return rule.Err(op, hotel.Invalid, "a key that stands already")
	case e.Code[:2] == "22":
		return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: e.Code, Err: bare(err)}
	case e.Code == "26000" || e.Code == "42P05":
		return &hotel.Error{Op: op, Kind: hotel.Unavailable, Code: e.Code,
			Err: fmt.Errorf("%w: a pooler that keeps no prepared statements wants the exec mode exec", bare(err))}
	}
	return &hotel.Error{Op: op, Kind: hotel.Unavailable, Code: e.Code, Err: bare(err)}
}

// bare is an error without what PostgreSQL adds of the rows ("Key (name)=(...)
// already exists" holds a phone number): that stands in its detail, which pgx
// leaves out, and, for bad input, in its message, which is left out here.
func bare(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	if e.Code[:2] == "22" {
		return fmt.Errorf("SQLSTATE %s", e.Code)
	}
	return fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code)
}
