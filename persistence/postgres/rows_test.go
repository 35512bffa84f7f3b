package postgres_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/internal/rule"
	"github.com/conserje/conserje/persistence/postgres"
	"github.com/conserje/conserje/persistence/sqlite"
	"github.com/conserje/conserje/persistence/transfer"
)

func spoken(n int) hotel.Arrival {
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: "sur", MessageID: "wamid." + strconv.Itoa(n), Kind: hotel.KindSaid,
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: strconv.Itoa(n)}}, Body: []byte(`{}`), At: time.Now()}
}

// TestMovingFromTheEmbeddedStore copies a store that has lived, and goes on with
// it: repeats are known, guests and rows are there, orders and ids go on.
func TestMovingFromTheEmbeddedStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	var rows []hotel.InboxRow
	for n := range 600 { // more than a page
		res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{spoken(n)},
			Dead: []hotel.DeadLetter{{Source: "webhook", Body: []byte(strconv.Itoa(n)), Reason: "test", At: time.Now()}}})
		require.NoError(t, err)
		row := res.Arrivals[0].Row
		rows = append(rows, row)
		if n%2 == 1 {
			continue
		}
		lane := hotel.GuestLane(row.Guest)
		_, err = s.Commit(t.Context(), hotel.TurnCommit{Guest: row.Guest, Property: "sur", State: []byte(`{"v":1}`), Facts: "f", Consumed: []hotel.Key{row.Key},
			Claim: []hotel.Lane{lane}, Owner: "embedded", At: time.Now(), Transcript: []byte(`[]`),
			Reservations: []hotel.Reservation{{Reference: hotel.Reference("R" + strconv.Itoa(n)), Property: "sur"}},
			Handoff:      &hotel.HandoffRecord{Guest: row.Guest, Property: "sur", State: hotel.HandoffOpen, Name: "José ☂"},
			Outbox: []hotel.OutboxRow{{Key: row.Key + "/0", Lane: lane, Kind: hotel.KindSay, Body: []byte(`{}`)},
				{Key: row.Key + "/1", Lane: lane, Kind: hotel.KindSay, Body: []byte(`{}`)}}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Note(t.Context(), hotel.AuditEntry{At: time.Now(), By: "ana", What: hotel.AuditExported}))
	require.NoError(t, s.SetPause(t.Context(), hotel.Pause{Property: "sur", By: "ana", At: time.Now()}, true))
	hash := s.Hash("x")
	require.NoError(t, s.Close())

	server := fastServer(t)
	require.NoError(t, server.SQL("postgres", "CREATE DATABASE moved TEMPLATE template"))
	c := postgres.Config{DSN: server.DSN("moved")}
	source, err := sqlite.OpenRows(t.Context(), sqlite.Config{Dir: dir}, false)
	require.NoError(t, err)
	target, err := postgres.OpenRows(t.Context(), c)
	require.NoError(t, err)
	moved := map[string]int64{}
	require.NoError(t, transfer.Copy(t.Context(), source, target, func(r transfer.Result) { moved[r.Table] = r.Rows }))
	for _, table := range transfer.Tables() {
		require.Positive(t, moved[table.Name], table.Name)
	}
	err = transfer.Copy(t.Context(), source, target, func(transfer.Result) {})
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "a second time it is not empty")
	require.NoError(t, errors.Join(source.Close(), target.Close()))

	p := open(t, c)
	require.Equal(t, hash, p.Hash("x"), "the key went along")
	res, err := p.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{spoken(7)}})
	require.NoError(t, err)
	require.True(t, res.Arrivals[0].Duplicate)
	require.Equal(t, rows[7], res.Arrivals[0].Row)
	fresh := spoken(9999)
	res, err = p.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{fresh}})
	require.NoError(t, err)
	row, err := p.Row(t.Context(), rows[598].Key+"/1")
	require.NoError(t, err)
	require.Greater(t, res.Arrivals[0].Row.Order, row.Order, "orders go on")
	require.Equal(t, hotel.Pending, row.State)
	claimed, err := p.Row(t.Context(), rows[0].Key+"/0")
	require.NoError(t, err)
	require.Equal(t, hotel.Sending, claimed.State)
	require.Equal(t, "copied", claimed.Owner, "an engine that is nowhere: it is taken over")
	b, err := p.Backlog(t.Context())
	require.NoError(t, err)
	require.Equal(t, 301, b.Unconsumed)
	require.Equal(t, 300, b.Sending)
	require.Equal(t, 600, b.DeadLetters)
	require.Equal(t, 300, b.Handoffs)
	require.NoError(t, p.Note(t.Context(), hotel.AuditEntry{At: time.Now(), By: "ana", What: hotel.AuditErased}), "ids go on")
}

// TestADatabaseOfANewerRelease: refused, both formats named; half a copy too.
func TestADatabaseOfANewerRelease(t *testing.T) {
	t.Parallel()
	server := fastServer(t)
	require.NoError(t, server.SQL("postgres", "CREATE DATABASE newer TEMPLATE template"))
	c := postgres.Config{DSN: server.DSN("newer")}
	s, err := postgres.Open(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, server.SQL("newer", `UPDATE meta SET value = '7' WHERE name = 'min_reader'`))
	_, err = postgres.Open(t.Context(), c)
	require.Equal(t, hotel.Invalid, hotel.KindOf(err))
	require.Equal(t, "newer", hotel.AsError(err).Code)
	require.ErrorContains(t, err, "reads format 7, this one reads up to format 1")
	_, _, err = postgres.Migrate(t.Context(), c, 0)
	require.Equal(t, "newer", hotel.AsError(err).Code)
	_, err = postgres.OpenRows(t.Context(), c)
	require.Equal(t, "newer", hotel.AsError(err).Code)

	require.NoError(t, server.SQL("newer", `UPDATE meta SET value = 'copying' WHERE name = 'min_reader'`))
	_, err = postgres.Open(t.Context(), c)
	require.ErrorContains(t, err, "a copy into this store")

	require.NoError(t, server.SQL("newer", `UPDATE meta SET value = '1' WHERE name = 'min_reader';
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true);
		ALTER TABLE guests ADD COLUMN mood text NOT NULL DEFAULT 'fine'`))
	p := open(t, c)
	_, err = p.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{spoken(1)}})
	require.NoError(t, err, "one release back it works")
	list, err := postgres.Migrations(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, int64(9999), list[len(list)-1].Version)
	require.NoError(t, server.SQL("newer", `INSERT INTO engines (owner, counter) VALUES ('e', 1)`))
	_, err = postgres.OpenRows(t.Context(), c)
	require.Equal(t, hotel.Conflict, hotel.KindOf(err), "an engine works there")
}

func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, rule.OnlyAdds(string(b)), f)
	}
}
