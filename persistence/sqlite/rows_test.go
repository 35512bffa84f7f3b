package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/persistence/transfer"
)

// lived makes a store with something in every table, and returns its folder.
func lived(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	for n := range 700 { // more than a page
		a := message(int64(n))
		res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{a},
			Dead: []hotel.DeadLetter{{Source: "webhook", Body: []byte(strconv.Itoa(n)), Reason: "test", At: time.Now()}}})
		require.NoError(t, err)
		row := res.Arrivals[0].Row
		if n%2 == 0 {
			c := turn(row, 0)
			c.Reservations = []hotel.Reservation{{Reference: hotel.Reference("R" + strconv.Itoa(n)), Property: "sur"}}
			c.Handoff = &hotel.HandoffRecord{Guest: row.Guest, Property: "sur", State: hotel.HandoffOpen, Name: "José ☂"}
			_, err = s.Commit(t.Context(), c)
			require.NoError(t, err)
		}
		if n%4 == 0 {
			_, err = s.Settle(t.Context(), hotel.Settlement{Key: row.Key + "/0", Attempt: 1, State: hotel.Settled, Proof: "p" + strconv.Itoa(n), At: time.Now()})
			require.NoError(t, err)
		}
	}
	require.NoError(t, s.Note(t.Context(), hotel.AuditEntry{At: time.Now(), By: "ana", What: hotel.AuditExported, Counts: map[string]int64{"inbox": 3}}))
	require.NoError(t, s.Close())
	script(t, dir, `INSERT INTO pauses (property, guest, who, at) VALUES ('', '', 'ana', 1), ('sur', '', 'ana', 2), ('sur', 'g', 'ana', 3);
		UPDATE letters SET in_doubt = 1 WHERE id % 3 = 0; UPDATE guests SET parked = 5 WHERE n = 1;
		INSERT INTO meta (name, value) VALUES ('restored', '1700000000000')`)
	return dir
}

func rowsOf(t *testing.T, dir string, fresh bool) *sqlite.Rows {
	t.Helper()
	r, err := sqlite.OpenRows(t.Context(), sqlite.Config{Dir: dir}, fresh)
	require.NoError(t, err)
	return r
}

func TestACopyIsTheStore(t *testing.T) {
	t.Parallel()
	from, to := lived(t), filepath.Join(t.TempDir(), "copy")
	source, target := rowsOf(t, from, false), rowsOf(t, to, true)
	moved := map[string]int64{}
	require.NoError(t, transfer.Copy(t.Context(), source, target, func(r transfer.Result) { moved[r.Table] = r.Rows }))
	require.NoError(t, errors.Join(source.Close(), target.Close()))
	require.EqualValues(t, 700, moved["guests"])
	require.EqualValues(t, 700, moved["inbox"])
	require.EqualValues(t, 350, moved["outbox"])
	require.EqualValues(t, 1400, moved["seen"])
	for _, table := range transfer.Tables() {
		require.Positive(t, moved[table.Name], table.Name)
	}

	a, b := open(t, from), open(t, to)
	require.Equal(t, a.Hash("x"), b.Hash("x"), "the key went along")
	again, err := b.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(7)}})
	require.NoError(t, err)
	require.True(t, again.Arrivals[0].Duplicate, "a repeat is known")
	fresh := hear(t, b, "77")
	require.Greater(t, fresh.Order, hear(t, a, "77").Order-1, "orders go on")
	sweep := hotel.Sweep{Now: time.Now(), Owner: "x", Limit: 10_000}
	left, err := a.Sweep(t.Context(), sweep)
	require.NoError(t, err)
	right, err := b.Sweep(t.Context(), sweep)
	require.NoError(t, err)
	require.Len(t, right.Claims, len(left.Claims))
	for i := range left.Claims {
		require.Equal(t, left.Claims[i], right.Claims[i])
	}
}

func TestACopyWritesOverNothing(t *testing.T) {
	t.Parallel()
	from, to := lived(t), t.TempDir()
	s := open(t, to)
	hear(t, s, "1")
	_, err := sqlite.OpenRows(t.Context(), sqlite.Config{Dir: to}, true)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine holds it")
	require.NoError(t, s.Close())
	source, target := rowsOf(t, from, false), rowsOf(t, to, true)
	err = transfer.Copy(t.Context(), source, target, func(transfer.Result) {})
	require.Equal(t, hotel.Conflict, hotel.KindOf(err))
	require.ErrorContains(t, err, "the target is not empty")
	require.NoError(t, errors.Join(source.Close(), target.Close()))
	open(t, to)

	_, err = sqlite.OpenRows(t.Context(), sqlite.Config{Dir: t.TempDir()}, false)
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
}

// losing forgets a row of what it is given.
type losing struct{ transfer.Target }

func (l losing) Load(ctx context.Context, t transfer.Table, rows []transfer.Row) error {
	if t.Name == "letters" {
		rows = rows[1:]
	}
	return l.Target.Load(ctx, t, rows)
}

// changing changes a row of what it is given.
type changing struct{ transfer.Target }

func (c changing) Load(ctx context.Context, t transfer.Table, rows []transfer.Row) error {
	if t.Name == "guests" {
		rows[0] = slices.Clone(rows[0])
		rows[0][2] = rows[0][2].(int64) + 1
	}
	return c.Target.Load(ctx, t, rows)
}

// TestACopyThatDiffersIsNotUsed: count and checksum find it, and no engine starts on it.
func TestACopyThatDiffersIsNotUsed(t *testing.T) {
	t.Parallel()
	from := lived(t)
	for table, wrap := range map[string]func(transfer.Target) transfer.Target{
		"letters": func(t transfer.Target) transfer.Target { return losing{t} },
		"guests":  func(t transfer.Target) transfer.Target { return changing{t} },
	} {
		to := t.TempDir()
		source, target := rowsOf(t, from, false), rowsOf(t, to, true)
		err := transfer.Copy(t.Context(), source, wrap(target), func(transfer.Result) {})
		require.ErrorContains(t, err, table+" differs")
		require.NoError(t, errors.Join(source.Close(), target.Close()))
		_, err = sqlite.Open(t.Context(), sqlite.Config{Dir: to})
		require.Equal(t, hotel.Invalid, hotel.KindOf(err))
		require.ErrorContains(t, err, "a copy into this store")
	}
}

// TestEveryColumnTravels: a column that a migration adds must be copied, or
// stand here with the reason why not.
func TestEveryColumnTravels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, open(t, dir).Close())
	stays := []string{
		"guests.n",     // a number that each embedded store gives
		"outbox.owner", // engines are stopped: nobody owns
		"outbox.id",    // travels as ord
	}
	for _, table := range transfer.Tables() {
		for _, c := range table.Columns {
			stays = append(stays, table.Name+"."+c.Name)
		}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "conserje.db"))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var column string
		require.NoError(t, rows.Scan(&column))
		if strings.HasPrefix(column, "goose_") || strings.HasPrefix(column, "sqlite_") || strings.HasPrefix(column, "seen_young.") { // those travel as seen's
			continue
		}
		require.Contains(t, stays, column, "add it to persistence/transfer/tables.go")
	}
	require.NoError(t, rows.Err())
}
