package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// marked is a guest who said something, heard something, and is to be erased.
func marked(t *testing.T, s *Store, number string) (hotel.GuestID, hotel.InboxRow, hotel.Key) {
	t.Helper()
	res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: hotel.Key(keys.New()), Property: "sur", MessageID: "wamid." + number,
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: number}}, Kind: hotel.KindSaid, Body: []byte(`{}`), At: time.Now()}}})
	require.NoError(t, err)
	row := res.Arrivals[0].Row
	lane := hotel.GuestLane(row.Guest)
	turn := hotel.TurnCommit{Guest: row.Guest, Property: "sur", Consumed: []hotel.Key{row.Key}, Claim: []hotel.Lane{lane}, Owner: "e", At: time.Now(),
		Outbox: []hotel.OutboxRow{{Key: row.Key + "/1", Lane: lane, Kind: hotel.KindSay, Body: []byte(`{}`)}}, Erase: hotel.ByGuest,
		Transcript: []byte(`[]`), Reservations: []hotel.Reservation{{Reference: hotel.Reference("R" + number), Property: "sur"}}}
	_, err = s.Commit(t.Context(), turn)
	require.NoError(t, err)
	_, err = s.Settle(t.Context(), hotel.Settlement{Key: row.Key + "/1", Attempt: 1, State: hotel.Settled, At: time.Now()})
	require.NoError(t, err)
	return row.Guest, row, row.Key + "/1"
}

// TestNoIdOfAnErasedGuestIsGivenAgain: SQLite gives the id of a deleted newest
// row again, and a restart forgets what was in memory.
func TestNoIdOfAnErasedGuestIsGivenAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	newest := map[string]int64{}
	for round := range 3 {
		s, err := Open(t.Context(), Config{Dir: dir})
		require.NoError(t, err)
		guest, _, _ := marked(t, s, []string{"541", "542", "543"}[round])
		db, err := open(filepath.Join(dir, file), "_pragma=busy_timeout(5000)", 1)
		require.NoError(t, err)
		for _, query := range []string{`SELECT max(n) FROM guests`, `SELECT max(id) FROM inbox`, `SELECT max(id) FROM outbox`,
			`SELECT max(id) FROM transcript`, `SELECT max(id) FROM reservations`} {
			var id int64
			require.NoError(t, db.QueryRow(query).Scan(&id))
			require.Greater(t, id, newest[query], "round %d: %s", round, query)
			newest[query] = id
		}
		require.NoError(t, db.Close())
		_, err = s.Erase(t.Context(), guest, time.Now())
		require.NoError(t, err)
		if round == 0 { // the message is remembered, and finds nobody else's row
			res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{{Key: "again", Property: "sur", MessageID: "wamid.541",
				Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: "541"}}, Kind: hotel.KindSaid, At: time.Now()}}})
			require.NoError(t, err)
			require.Equal(t, hotel.Accepted{Duplicate: true, Consumed: true}, res.Arrivals[0])
		}
		require.NoError(t, s.Close())
	}
}

func TestAnErasureGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir})
	require.NoError(t, err)
	guest, row, sent := marked(t, s, "541")
	require.NoError(t, s.Close())

	s, err = Open(t.Context(), Config{Dir: dir})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	swept, err := s.Sweep(t.Context(), hotel.Sweep{Now: time.Now(), Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []hotel.GuestID{guest}, swept.Erasing)
	_, err = s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{hotel.Erasure{By: "ana"}.Arrival("k", guest, time.Now())}})
	require.Equal(t, hotel.NotFound, hotel.KindOf(err), "nobody speaks to it after a restart either")
	_, err = s.Erase(t.Context(), guest, time.Now())
	require.NoError(t, err)
	_, err = s.Row(t.Context(), sent)
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
	_, err = s.Activate(t.Context(), row.Guest, 1)
	require.Equal(t, hotel.NotFound, hotel.KindOf(err))
}

func TestTheAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.Note(t.Context(), hotel.AuditEntry{At: time.Now(), By: "ana", What: hotel.AuditExported}))
	db, err := open(filepath.Join(dir, file), "_pragma=busy_timeout(5000)", 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, query := range []string{`DELETE FROM audit`, `UPDATE audit SET by = 'eva'`} {
		_, err := db.Exec(query)
		require.ErrorContains(t, err, "append only", query)
	}
}
