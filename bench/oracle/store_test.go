package oracle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/bench/oracle"
	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

// The oracle reads the file by itself: this holds it to the store's real tables.
func TestReadStore(t *testing.T) {
	t.Parallel()

	dir, now := t.TempDir(), time.Now()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	require.NoError(t, err)
	a, err := s.Accept(t.Context(), hotel.Accept{
		Arrivals: []hotel.Arrival{{Key: "k", Property: "p", MessageID: "wamid.1", Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: "1"}},
			Kind: hotel.KindSaid, Body: []byte(`{"message_id":"wamid.1","kind":"text"}`), At: now}},
		Dead: []hotel.DeadLetter{{Source: "webhook", Reason: "undecodable", Body: []byte("{"), At: now}},
	})
	require.NoError(t, err)
	row := a.Arrivals[0].Row
	lane := hotel.GuestLane(row.Guest)
	_, err = s.Commit(t.Context(), hotel.TurnCommit{Guest: row.Guest, Property: "p", State: []byte("{}"), Consumed: []hotel.Key{"k"},
		Outbox: []hotel.OutboxRow{{Key: "k/0", Lane: lane, Kind: hotel.KindSay, Body: []byte("{}")}}, Claim: []hotel.Lane{lane}, Owner: "o",
		Reservations: []hotel.Reservation{{Reference: "r1", Status: hotel.StatusBooked}, {Reference: "r2", Status: hotel.StatusCancelled}}, At: now})
	require.NoError(t, err)
	_, err = s.Settle(t.Context(), hotel.Settlement{Key: "k/0", Attempt: 1, State: hotel.Settled, Proof: "wamid.out", Owner: "o", At: now})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	got, err := oracle.ReadStore(t.Context(), dir)
	require.NoError(t, err)
	require.Len(t, got.Inbox, 1)
	require.Equal(t, oracle.InboxRow{Key: "k", Guest: string(row.Guest), Kind: "said", ID: "wamid.1", Order: row.Order, Consumed: true}, got.Inbox[0])
	require.Len(t, got.Outbox, 1)
	require.Equal(t, "k/0", got.Outbox[0].Key)
	require.True(t, got.Outbox[0].Settled)
	require.Equal(t, 1, got.Reservations)
	require.Equal(t, 1, got.Letters)
	require.Equal(t, "undecodable", got.Reason)
}

func TestReadStoreWithoutStore(t *testing.T) {
	t.Parallel()

	_, err := oracle.ReadStore(t.Context(), t.TempDir())
	require.Error(t, err)
}
