package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/conserje/conserje/hotel"
)

var execModes = map[string]pgx.QueryExecMode{
	"":                pgx.QueryExecModeCacheStatement,
	"cache_statement": pgx.QueryExecModeCacheStatement,
	"cache_describe":  pgx.QueryExecModeCacheDescribe,
	"describe_exec":   pgx.QueryExecModeDescribeExec,
	"exec":            pgx.QueryExecModeExec,
	"simple":          pgx.QueryExecModeSimpleProtocol,
}

// ExecModes are the names that Config.ExecMode takes.
func ExecModes() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(execModes)), func(name string) bool { return name == "" })
}

// connect makes the pool; it does not connect yet. Its errors never name the password.
func connect(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	const op = "postgres.Open"
	mode, ok := execModes[c.ExecMode]
	if !ok {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: fmt.Errorf("no such exec mode; take one of %s", strings.Join(ExecModes(), ", "))}
	}
	conf, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: redacted(err)}
	}
	conf.MaxConns, conf.MinConns = int32(c.MaxConns), int32(c.MinConns)
	tune(&conf.ConnConfig.Config, c)
	conf.ConnConfig.DefaultQueryExecMode = mode
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	return pool, nil
}

// tune sets what every connection has. Time-outs are not among it: a pooler
// refuses them as start-up parameters.
func tune(c *pgconn.Config, of Config) {
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = of.AppName
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = of.StatementTimeout
	}
}

// redacted is what is wrong with a DSN, without the DSN: the parser's own
// message quotes it, and where it is malformed the password may not be masked.
func redacted(err error) error {
	if inner := errors.Unwrap(err); inner != nil && !strings.Contains(inner.Error(), "://") {
		if _, isParse := errors.AsType[*pgconn.ParseConfigError](err); isParse {
			return fmt.Errorf("the connection string cannot be read (%T): check its form, its sslmode and its certificate files", inner)
		}
	}
	return errors.New("the connection string cannot be read: postgres://user:password@host:5432/database?sslmode=verify-full")
}
