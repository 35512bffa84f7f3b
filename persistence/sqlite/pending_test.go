package sqlite

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// sameAsTheDatabase compares the writer's memory with what is unconsumed.
func sameAsTheDatabase(t *testing.T, s *Store) {
	t.Helper()
	type state struct {
		by      map[hotel.GuestID][]pendingRow
		said    int64
		changed int
		stale   bool
	}
	remembered, err := submit(t.Context(), s, "compare", func(w *writer) (state, error) {
		return state{w.pending.by, s.said.Load(), len(w.pending.changed), w.pending.stale}, nil
	})
	require.NoError(t, err)
	stored := state{by: map[hotel.GuestID][]pendingRow{}}
	_, err = submit(t.Context(), s, "compare", func(w *writer) (int, error) {
		return 0, w.sql.pending.each(func(v []driver.Value) error {
			guest, row := hotel.GuestID(text(v[1])), pendingOf(v[0].(int64), hotel.Key(text(v[2])), hotel.RowKind(text(v[3])))
			if stored.by[guest] = append(stored.by[guest], row); row.said {
				stored.said++
			}
			return nil
		})
	})
	require.NoError(t, err)
	require.Equal(t, stored, remembered)
}

// ends are what becomes of a transaction.
var ends = []string{"committed", "failed in its middle", "undone at COMMIT", "written, though COMMIT failed"}

// ending makes the transaction of its batch end so, once: tried again alone it works.
func ending(how string) func(w *writer) error {
	once := false
	return func(w *writer) error {
		if once || how == ends[0] {
			return nil
		}
		once = true
		switch how {
		case ends[1]:
			return errors.New("a failure of SQLite's")
		case ends[2]:
			return w.sql.rollback.exec() // COMMIT finds no transaction, and nothing is written
		default:
			return w.sql.commit.exec() // COMMIT finds no transaction, and all is written
		}
	}
}

// life does random things to a few guests.
type life struct {
	*testing.T
	s      *Store
	random *rand.Rand
	guests []hotel.GuestID
	sent   []hotel.Key // outbox rows
	said   []hotel.Arrival
}

// step is one request of any that adds or consumes inbox rows; it is run beside others.
func (l *life) step() func() error {
	ctx, now := l.Context(), time.Now()
	if len(l.guests) == 0 || l.random.IntN(3) == 0 {
		a := hotel.Accept{}
		for range 1 + l.random.IntN(3) {
			x := said(strconv.Itoa(l.random.IntN(6))).Arrivals[0]
			x.MessageID = keys.New()
			a.Arrivals = append(a.Arrivals, x)
		}
		if len(l.said) > 0 && l.random.IntN(2) == 0 {
			a.Arrivals = append(a.Arrivals, l.said[l.random.IntN(len(l.said))]) // once more
		}
		l.said = append(l.said, a.Arrivals[0])
		return func() error { _, err := l.s.Accept(ctx, a); return err }
	}
	guest := l.guests[l.random.IntN(len(l.guests))]
	a, err := l.s.Activate(ctx, guest, 50)
	require.NoError(l, err)
	var consumed []hotel.Key
	for _, row := range a.Pending[:min(len(a.Pending), l.random.IntN(4))] {
		consumed = append(consumed, row.Key)
	}
	switch l.random.IntN(7) {
	case 0:
		if len(a.Pending) > 1 { // one from the middle
			consumed = []hotel.Key{a.Pending[1].Key}
		}
		return func() error { return l.s.Bury(ctx, guest, consumed, "tried") }
	case 1:
		if len(a.Pending) > 1 { // an older one left out
			consumed = []hotel.Key{a.Pending[1].Key}
		}
	case 2:
		if len(l.sent) > 0 {
			key := l.sent[l.random.IntN(len(l.sent))]
			return func() error {
				_, err := l.s.Settle(ctx, hotel.Settlement{Key: key, Attempt: 1, State: hotel.Settled, At: now,
					Result: hotel.InboxRow{Key: key + "/sent", Kind: hotel.KindBooked, At: now}})
				return err
			}
		}
	case 3:
		open, err := l.s.DeadLetters(ctx, hotel.LetterQuery{Limit: 5})
		require.NoError(l, err)
		if len(open) > 0 {
			return func() error {
				_, _, err := l.s.Replay(ctx, hotel.Replay{ID: open[0].ID, At: now})
				return err
			}
		}
	case 4:
		if len(l.sent) > 0 {
			key := l.sent[l.random.IntN(len(l.sent))]
			r := hotel.ReceiptRow{Receipt: hotel.Receipt{Key: key, Attempt: 1, Status: hotel.DeliveryFailed, At: now},
				OnFailed: hotel.InboxRow{Key: key + "/failed", Kind: hotel.KindSendFailed, At: now}}
			return func() error { _, err := l.s.Accept(ctx, hotel.Accept{Receipts: []hotel.ReceiptRow{r}}); return err }
		}
	}
	turn := hotel.TurnCommit{Guest: guest, Property: "sur", Version: a.Guest.Version, Consumed: consumed, At: now, Owner: "e"}
	if l.random.IntN(2) == 0 {
		lane := hotel.GuestLane(guest)
		turn.Outbox = []hotel.OutboxRow{{Key: hotel.Key(keys.New()), Lane: lane, Kind: hotel.KindSay}}
		if l.random.IntN(2) == 0 {
			turn.Claim = []hotel.Lane{lane}
		}
		turn.Withdraw = l.sent
		l.sent = append(l.sent, turn.Outbox[0].Key)
	}
	return func() error { _, err := l.s.Commit(ctx, turn); return err }
}

// TestWhatIsRememberedIsWhatIsStored: whatever is done, whatever becomes of the
// transactions, and after each start.
func TestWhatIsRememberedIsWhatIsStored(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir := t.TempDir()
	l := &life{T: t, random: rand.New(rand.NewPCG(seed, 0))}
	added := 0
	for round := range 120 {
		if round%30 == 0 {
			if l.s != nil {
				require.NoError(t, l.s.Close())
			}
			s, err := Open(t.Context(), Config{Dir: dir})
			require.NoError(t, err)
			l.s = s
			sameAsTheDatabase(t, s)
		}
		var steps []func() error
		for range 1 + l.random.IntN(5) {
			steps = append(steps, l.step())
		}
		how := ends[l.random.IntN(len(ends))]
		end := ending(how)
		release := hold(t, l.s)
		var wg sync.WaitGroup
		for i, step := range steps {
			wg.Go(func() {
				if err := step(); err != nil && !isAnswer(err) {
					t.Error(err)
				}
			})
			queued(t, l.s, i+1)
		}
		wg.Go(func() { // last, so that nothing of the batch comes after it
			_, err := submit(t.Context(), l.s, "end", func(w *writer) (int, error) { return 0, end(w) })
			if err != nil {
				t.Error(err)
			}
		})
		queued(t, l.s, len(steps)+1)
		release()
		wg.Wait()
		sameAsTheDatabase(t, l.s)
		l.meet()
		added += len(l.s.pending.by)
	}
	require.NoError(t, l.s.Close())
	require.Positive(t, added)
}

// meet learns the guests that there are by now.
func (l *life) meet() {
	for guest := range l.s.pending.by {
		if !slices.Contains(l.guests, guest) {
			l.guests = append(l.guests, guest)
		}
	}
	slices.Sort(l.guests) // the map's order is none of the seed's
}

// TestAnActivationIsWhole: beside accepts and turns, an activation finds the
// rows that its version has not consumed, without a gap, and at least those
// that were acknowledged before it began.
func TestAnActivationIsWhole(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	res, err := s.Accept(t.Context(), said("1"))
	require.NoError(t, err)
	guest := res.Arrivals[0].Row.Guest
	const rows = 400
	index := map[hotel.Key]int{res.Arrivals[0].Row.Key: 0}
	var all []hotel.Accept
	for n := 1; n < rows; n++ {
		a := said("1")
		index[a.Arrivals[0].Key] = n
		all = append(all, a)
	}
	var told atomic.Int64 // rows acknowledged
	told.Store(1)
	var wg sync.WaitGroup
	wg.Go(func() {
		for _, a := range all {
			if _, err := s.Accept(t.Context(), a); err != nil {
				t.Error(err)
			}
			told.Add(1)
		}
	})
	var done atomic.Bool
	wg.Go(func() { // each turn consumes one row, so the version tells how many are
		defer done.Store(true)
		for version := int64(0); version < rows; {
			a, err := s.Activate(t.Context(), guest, 3)
			if err != nil {
				t.Error(err)
				return
			}
			if len(a.Pending) == 0 {
				continue
			}
			_, err = s.Commit(t.Context(), hotel.TurnCommit{Guest: guest, Property: "sur", Version: version, Consumed: []hotel.Key{a.Pending[0].Key}, At: time.Now()})
			if err != nil {
				t.Error(err)
				return
			}
			version++
		}
	})
	for !done.Load() {
		before := int(told.Load())
		a, err := s.Activate(t.Context(), guest, 20)
		require.NoError(t, err)
		next := int(a.Guest.Version)
		for _, row := range a.Pending {
			require.Equal(t, next, index[row.Key])
			next++
		}
		require.True(t, a.More || next >= before, "%d of %d", next, before)
	}
	wg.Wait()
}

// TestTheReleaseBeforeIsRightOnTheNewIndex runs the queries that it names the
// index in: rolled back, it must start and answer.
func TestTheReleaseBeforeIsRightOnTheNewIndex(t *testing.T) {
	t.Parallel()
	s := openTest(t, nil)
	var waits []hotel.InboxRow
	for _, number := range []string{"1", "2", "1", "1"} {
		res, err := s.Accept(t.Context(), said(number))
		require.NoError(t, err)
		waits = append(waits, res.Arrivals[0].Row)
	}
	guest := waits[0].Guest
	_, err := s.Commit(t.Context(), hotel.TurnCommit{Guest: guest, Property: "sur", Consumed: []hotel.Key{waits[0].Key}, At: time.Now()})
	require.NoError(t, err)
	db, err := open(filepath.Join(filepath.Dir(s.lock.Name()), file), readerPragmas, 1)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()

	for _, q := range []struct {
		query string
		args  []any
		want  []any
	}{
		{`SELECT id FROM inbox INDEXED BY inbox_pending WHERE guest = ? AND consumed = 0 ORDER BY id LIMIT ?`,
			[]any{string(guest), 10}, []any{waits[2].Order, waits[3].Order}},
		{`SELECT i.id FROM guests g LEFT JOIN inbox i INDEXED BY inbox_pending ON i.guest = g.id AND i.consumed = 0
			WHERE g.id = ? ORDER BY i.id LIMIT ?`, []any{string(guest), 10}, []any{waits[2].Order, waits[3].Order}},
		{`SELECT guest FROM (SELECT guest, min(id) AS first FROM inbox INDEXED BY inbox_pending
			WHERE consumed = 0 AND (at <= ? OR at > ?) GROUP BY guest) ORDER BY first LIMIT ?`,
			[]any{ms(time.Now()), ms(time.Now()), 10}, []any{string(waits[1].Guest), string(guest)}},
		{`SELECT count(*) FROM inbox INDEXED BY inbox_pending WHERE consumed = 0 AND kind = ?`, []any{"said"}, []any{int64(3)}},
		{`SELECT id FROM guests g WHERE NOT EXISTS (SELECT 1 FROM inbox INDEXED BY inbox_pending WHERE guest = g.id AND consumed = 0)`, nil, nil},
	} {
		require.Equal(t, q.want, column(t, db, q.query, q.args...), q.query)
	}
}

func column(t *testing.T, db *sql.DB, query string, args ...any) (out []any) {
	rows, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err, query)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var v any
		require.NoError(t, rows.Scan(&v))
		out = append(out, v)
	}
	require.NoError(t, rows.Err())
	return out
}
