package postgres_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/postgres"
)

// TestAHeldGuestDoesNotFailItsNeighbours: forty guests' turns in a committer's
// hands, one of whom somebody holds and does not let go.
func TestAHeldGuestDoesNotFailItsNeighbours(t *testing.T) {
	t.Parallel()
	const lockTimeout = 500 * time.Millisecond
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db), LockTimeout: lockTimeout, Committers: 1})
	rows := make([]hotel.InboxRow, 40)
	for i := range rows {
		rows[i] = hear(t, s, strconv.Itoa(5400+i))
	}
	victim := rows[17]
	session(t, server.DSN(db), `SELECT FROM guests WHERE id = $1 FOR UPDATE`, string(victim.Guest))

	begin := time.Now()
	took, errs := make([]time.Duration, len(rows)), make([]error, len(rows))
	var wg sync.WaitGroup
	for i, row := range rows {
		wg.Go(func() {
			_, errs[i] = s.Commit(context.Background(), turn(row, 0))
			took[i] = time.Since(begin)
		})
	}
	wg.Wait()
	for i, row := range rows {
		if row.Guest == victim.Guest {
			require.Equal(t, hotel.Unavailable, hotel.KindOf(errs[i]), "it is held to the end")
			continue
		}
		require.NoError(t, errs[i])
		require.Less(t, took[i], 8*lockTimeout)
	}
}

// TestASlowBatchIsHalved: what waits for lock after lock is ended by the time
// of its statement, not by that of a lock.
func TestASlowBatchIsHalved(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db), LockTimeout: 2 * time.Second, StatementTimeout: time.Second, Committers: 1})
	rows := make([]hotel.InboxRow, 12)
	for i := range rows {
		rows[i] = hear(t, s, strconv.Itoa(5400+i))
	}
	session(t, server.DSN(db), `SELECT FROM guests WHERE id = $1 FOR UPDATE`, string(rows[5].Guest))
	errs := make([]error, len(rows))
	var wg sync.WaitGroup
	for i, row := range rows {
		wg.Go(func() { _, errs[i] = s.Commit(context.Background(), turn(row, 0)) })
	}
	wg.Wait()
	for i := range rows {
		if i == 5 {
			require.Equal(t, hotel.Unavailable, hotel.KindOf(errs[i]))
			continue
		}
		require.NoError(t, errs[i])
	}
}

// session opens a transaction of somebody else, and ends it with the test.
func session(t *testing.T, dsn, statement string, args ...any) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
	return tx
}

// waited waits until a session of the database waits for a lock.
func waited(t *testing.T, tx pgx.Tx) {
	t.Helper()
	require.Eventually(t, func() bool {
		var n int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		return err == nil && n > 0
	}, 10*time.Second, time.Millisecond)
}

// erasingGuest makes a guest one that is to be erased, with two settled rows, the second proven.
func erasingGuest(t *testing.T, s *postgres.Store) (guest hotel.GuestID, rows []hotel.Key) {
	t.Helper()
	row := hear(t, s, "541")
	c := turn(row, 0)
	c.Erase = "guest"
	c.Outbox = append(c.Outbox, c.Outbox[0])
	c.Outbox[0].Key, c.Outbox[1].Key = "m/0", "m/1"
	_, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	for _, key := range []hotel.Key{"m/0", "m/1"} {
		_, err := s.Settle(t.Context(), hotel.Settlement{Key: key, Attempt: 1, State: hotel.Settled, Proof: "p" + string(key), ClaimNext: true, Owner: "engine", At: time.Now()})
		require.NoError(t, err)
	}
	return row.Guest, []hotel.Key{"m/0", "m/1"}
}

// TestAStatusInTheMiddleOfAnErasure: a bubble's failure, told while the erasure
// is between two rows, gives the guest a turn, whose row stands behind the walk.
func TestAStatusInTheMiddleOfAnErasure(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db)})
	guest, keys := erasingGuest(t, s)
	other := session(t, server.DSN(db), `SELECT FROM outbox WHERE key = $1 FOR UPDATE`, string(keys[0]))

	var erased hotel.Erased
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		erased, err = s.Erase(context.Background(), guest, time.Now())
	}()
	waited(t, other)
	_, e := s.Accept(t.Context(), hotel.Accept{Receipts: []hotel.ReceiptRow{{Receipt: hotel.Receipt{Key: keys[1], Status: hotel.DeliveryFailed},
		OnFailed: hotel.InboxRow{Key: "failed/1", Kind: hotel.KindSaid, Body: []byte(`{}`), At: time.Now()}}}})
	require.NoError(t, e)
	a, e := s.Activate(t.Context(), guest, 9)
	require.NoError(t, e)
	require.Len(t, a.Pending, 1)
	c := turn(a.Pending[0], a.Guest.Version)
	c.Outbox[0].Key = "a/behind"
	_, e = s.Commit(t.Context(), c)
	require.NoError(t, e)
	_, e = s.Settle(t.Context(), hotel.Settlement{Key: "a/behind", Attempt: 1, State: hotel.Settled, Owner: "engine", At: time.Now()})
	require.NoError(t, e)
	require.NoError(t, other.Rollback(t.Context()))
	<-done
	require.NoError(t, err)
	require.EqualValues(t, 3, erased.Counts["outbox"])

	var left int
	require.NoError(t, session(t, server.DSN(db), `SELECT`).QueryRow(t.Context(),
		`SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM inbox) + (SELECT count(*) FROM transcript)`).Scan(&left))
	require.Zero(t, left)
}

// TestAReplayBesideAnErasure: a row that is put back after the turn has looked
// for rows to take back, and before it holds the guest.
func TestAReplayBesideAnErasure(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db)})
	row := hear(t, s, "541")
	other := session(t, server.DSN(db), `SELECT FROM guests WHERE id = $1 FOR UPDATE`, string(row.Guest))
	c := turn(row, 0)
	c.Erase, c.Outbox = "guest", nil
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err = s.Commit(context.Background(), c)
	}()
	waited(t, other)
	_, e := other.Exec(t.Context(), `INSERT INTO outbox (ord, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, body)
		VALUES (nextval('orders'), 'again', $1, 'sur', $2, 'mail', 0, '', 0, 0, 1, 0, '{}')`, string(row.Guest), "mail:sur")
	require.NoError(t, e)
	require.NoError(t, other.Commit(t.Context()))
	<-done
	require.NoError(t, err)
	again, err := s.Row(t.Context(), "again")
	require.NoError(t, err)
	require.Equal(t, hotel.Withdrawn, again.State)
}
