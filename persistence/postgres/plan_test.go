package postgres_test

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/persistence/postgres"
)

// fill makes a store that has lived: 50,000 consumed and settled rows, 1,000 that wait.
func fill(t *testing.T, conn *pgx.Conn) {
	for _, query := range []string{
		`INSERT INTO guests (id, property, version, due, state) SELECT 'g' || n, 'sur', 1, CASE WHEN n % 50 = 0 THEN n ELSE 0 END, 'x' FROM n`,
		`INSERT INTO aliases (name, guest) SELECT 'sur/phone/' || n, 'g' || n FROM n`,
		`INSERT INTO seen (hash, day, inbox) SELECT decode(md5(n::text), 'hex'), n / 2000, n FROM n`,
		`INSERT INTO inbox (id, key, guest, kind, at, consumed, body) SELECT n, 'k' || n, 'g' || n, 'said', n, CASE WHEN n > 50000 THEN 0 ELSE n END, 'x' FROM n`,
		`INSERT INTO outbox (ord, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, done, status, proof, body)
			SELECT n, 'k' || n || '/0', 'g' || n, 'sur', 'guest:g' || n, 'say', CASE WHEN n > 50000 THEN n % 2 ELSE 2 END, 'e', 1, 0, n, n, n, 'sent', 'wamid' || n, 'x' FROM n`,
		`INSERT INTO letters (source, key, guest, property, kind, lane, reason, at, closed) SELECT 'inbox', 'k' || n, 'g' || n, 'sur', 'said', '', 'r', n, n % 1000 FROM n`,
		`INSERT INTO transcript (guest, at, body) SELECT 'g' || n, n, 'x' FROM n`,
		`INSERT INTO handoffs (guest, property, state, cause, name, address, opened, staff, heard) SELECT 'g' || n, 'sur', CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'closed' END, '', '', '', n, 0, 0 FROM n`,
		`INSERT INTO reservations (reference, property, guest, body) SELECT 'R' || n, 'sur', 'g' || n, '{}' FROM n`,
	} {
		_, err := conn.Exec(t.Context(), strings.Replace(query, "FROM n", "FROM generate_series(1, 51000) n", 1))
		require.NoError(t, err, query)
	}
}

// TestPlans asserts how PostgreSQL runs every hot query, on a filled store, with
// statistics and without (a table that grew faster than they were gathered): no
// table is read from end to end, and what is read first is what the query names.
func TestPlans(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	conn, err := pgx.Connect(t.Context(), server.DSN(db))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	fill(t, conn)
	for _, analysed := range []bool{false, true} {
		if analysed {
			_, err := conn.Exec(t.Context(), "ANALYZE")
			require.NoError(t, err)
		}
		for name, q := range postgres.Hot() {
			indexes := plan(t, conn, name, q.SQL, q.Transaction)
			assert.Subset(t, q.Indexes, indexes, "%s, analysed: %t", name, analysed)
		}
	}
}

var (
	scans = regexp.MustCompile(`(?m)(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)`)
	all   = regexp.MustCompile(`(?m)Seq Scan on (\w+)`)
)

// plan is which indexes a query reads by. A table that is read from end to end
// is there as "all of <table>".
func plan(t *testing.T, conn *pgx.Conn, name, query string, transaction bool) (out []string) {
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(context.Background())) }()
	if transaction { // as every transaction of the store begins
		_, err = tx.Exec(t.Context(), "SELECT "+postgres.NoPlanOfManyRows)
		require.NoError(t, err)
	}
	_, err = tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = force_generic_plan")
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "PREPARE q AS "+query)
	require.NoError(t, err, name)
	args := ""
	if n := parameters(query); n > 0 {
		args = "(" + strings.Join(slices.Repeat([]string{"NULL"}, n), ", ") + ")"
	}
	rows, err := tx.Query(t.Context(), "EXPLAIN EXECUTE q"+args, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err, name)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, name)
	_, err = tx.Exec(t.Context(), "DEALLOCATE q")
	require.NoError(t, err)
	for i, line := range lines {
		m := scans.FindStringSubmatch(line)
		switch {
		case m == nil:
			if m = all.FindStringSubmatch(line); m != nil {
				out = append(out, "all of "+m[1])
			}
		case bounded(lines[i+1:]):
			out = append(out, m[1])
		default:
			out = append(out, "all of "+m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parameters is how many a query has.
func parameters(query string) (n int) {
	for strings.Contains(query, "$"+strconv.Itoa(n+1)) {
		n++
	}
	return n
}

// bounded tells whether the scan whose details follow has a condition on its index.
func bounded(details []string) bool {
	for _, line := range details {
		if strings.Contains(line, "->") {
			return false
		}
		if strings.Contains(line, "Index Cond:") {
			return true
		}
	}
	return false
}
