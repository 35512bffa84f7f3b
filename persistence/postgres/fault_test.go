package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
)

// own starts a server for one test, which may do with it what it likes.
func own(t *testing.T) *pgtest.Server {
	t.Helper()
	server, err := pgtest.New()
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

// TestWhatIsAcknowledgedSurvivesAKilledServer kills the server again and again
// while messages arrive: what was acknowledged is there, what was not says
// Unavailable, and the store comes back by itself.
func TestWhatIsAcknowledgedSurvivesAKilledServer(t *testing.T) {
	t.Parallel()
	server := own(t)
	s := open(t, postgres.Config{DSN: server.DSN("postgres"), StatementTimeout: 2 * time.Second})
	var mu sync.Mutex
	acked := map[hotel.GuestID][]hotel.Key{}
	n, refused := int64(0), 0
	quit := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
				}
				mu.Lock()
				n++
				m := message(n % 50)
				m.MessageID += "/" + string(m.Key)
				mu.Unlock()
				res, err := s.Accept(context.Background(), hotel.Accept{Arrivals: []hotel.Arrival{m}})
				if hotel.KindOf(err) == hotel.Unavailable { // ask again, as Meta does
					mu.Lock()
					refused++
					mu.Unlock()
					continue
				}
				if err != nil {
					t.Errorf("not the store's absence: %v", err)
					return
				}
				mu.Lock()
				acked[res.Arrivals[0].Row.Guest] = append(acked[res.Arrivals[0].Row.Guest], m.Key)
				mu.Unlock()
			}
		})
	}
	count := func() (total int) {
		mu.Lock()
		defer mu.Unlock()
		for _, keys := range acked {
			total += len(keys)
		}
		return total
	}
	for range 3 {
		before := count()
		require.Eventually(t, func() bool { return count() > before+20 }, 2*time.Minute, time.Millisecond, "it comes back by itself")
		server.Kill()
		require.Equal(t, hotel.Unavailable, hotel.KindOf(s.Ping(t.Context())))
		require.NoError(t, server.Start())
	}
	close(quit)
	wg.Wait()
	require.Positive(t, refused)

	for guest, keys := range acked {
		a, err := s.Activate(t.Context(), guest, 100_000)
		require.NoError(t, err)
		there := map[hotel.Key]bool{}
		last := int64(0)
		for _, row := range a.Pending {
			require.False(t, there[row.Key], "once")
			require.Greater(t, row.Order, last)
			there[row.Key], last = true, row.Order
		}
		for _, key := range keys {
			require.True(t, there[key], "an acknowledged message is there")
		}
	}
}

func TestAReadOnlyServerIsAway(t *testing.T) {
	t.Parallel()
	server := own(t)
	s := open(t, postgres.Config{DSN: server.DSN("postgres")})
	row := hear(t, s, "541")
	require.NoError(t, server.ReadOnly(true))
	require.Eventually(t, func() bool { return hotel.KindOf(s.Ping(t.Context())) == hotel.Unavailable }, 10*time.Second, 10*time.Millisecond)

	_, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(1)}})
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.Equal(t, hotel.Unavailable, hotel.KindOf(s.Renew(t.Context(), "e")))
	_, err = s.Activate(t.Context(), row.Guest, 1)
	require.NoError(t, err, "it can be read")

	require.NoError(t, server.ReadOnly(false))
	require.Eventually(t, func() bool { return s.Ping(t.Context()) == nil }, 10*time.Second, 10*time.Millisecond)
	_, err = s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(1)}})
	require.NoError(t, err)
}

// TestAServerThatHangsIsAway: nobody waits longer than the time-outs say, and a
// caller with less patience not even that long.
func TestAServerThatHangsIsAway(t *testing.T) {
	t.Parallel()
	server := own(t)
	s := open(t, postgres.Config{DSN: server.DSN("postgres"), StatementTimeout: time.Second, Committers: 1})
	hear(t, s, "541")
	server.Pause()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := s.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{message(1)}})
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.Less(t, time.Since(begin), 2*time.Second)
	_, err = s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(2)}})
	require.Equal(t, hotel.Unavailable, hotel.KindOf(err))
	require.Less(t, time.Since(begin), 20*time.Second)
	server.Resume()

	require.Eventually(t, func() bool {
		_, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(2)}})
		return err == nil
	}, 30*time.Second, 10*time.Millisecond)
}

// TestAnEngineThatStandsStillHoldsNobodyUp: a guest that another session holds
// fails after the lock's time-out, alone; its neighbours go on.
func TestAnEngineThatStandsStillHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db), LockTimeout: 50 * time.Millisecond, Committers: 1})
	held, free := hear(t, s, "541"), hear(t, s, "542")
	hold, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { holdGuest(t, server.DSN(db), held.Guest, hold, release) })
	<-hold

	errs := make([]error, 2)
	for i, row := range []hotel.InboxRow{held, free} {
		wg.Go(func() { _, errs[i] = s.Commit(context.Background(), turn(row, 0)) })
	}
	require.Eventually(t, func() bool {
		g, err := s.Guest(t.Context(), free.Guest)
		return err == nil && g.Version == 1
	}, 20*time.Second, 10*time.Millisecond)
	time.AfterFunc(2*time.Second, func() { close(release) })
	wg.Wait()
	require.NoError(t, errs[1])
	if errs[0] != nil {
		require.Equal(t, hotel.Unavailable, hotel.KindOf(errs[0]))
	}
	require.NoError(t, func() error { _, err := s.Activate(t.Context(), held.Guest, 1); return err }())
}

// holdGuest keeps a guest's row locked, as an engine that was stopped would.
func holdGuest(t *testing.T, dsn string, id hotel.GuestID, held, release chan struct{}) {
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Error(err)
		close(held)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }()
	tx, err := conn.Begin(context.Background())
	if err == nil {
		_, err = tx.Exec(context.Background(), `SELECT FROM guests WHERE id = $1 FOR UPDATE`, string(id))
	}
	if err != nil {
		t.Error(err)
	}
	close(held)
	<-release
	_ = tx.Rollback(context.Background())
}
