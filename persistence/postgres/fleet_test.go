package postgres_test

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/postgres"
)

// TestTwoEnginesOnOneDatabase spreads the webhooks of a few guests at random
// over two stores, takes turns and settles on both with version races, and
// checks what every store promises: each message once, one guest to a person,
// turns and lanes in order, one row of a lane at a time.
func TestTwoEnginesOnOneDatabase(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	server, db := database(t)
	f := &pair{T: t, people: 12, messages: 25, busy: map[hotel.Lane]hotel.Key{}, left: map[hotel.Lane][]int64{},
		consumed: map[hotel.Key]bool{}, turns: map[hotel.GuestID]map[int64][]int64{}, guests: make([]map[hotel.GuestID]bool, 12),
		owners: map[*postgres.Store]string{}}
	for _, owner := range []string{"e1", "e2"} {
		s := open(t, postgres.Config{DSN: server.DSN(db), MaxConns: 12})
		f.stores, f.owners[s] = append(f.stores, s), owner
	}

	var wg sync.WaitGroup
	for p := range f.people {
		rng := rand.New(rand.NewPCG(seed, uint64(p)))
		wg.Go(func() { f.talk(p, rng) })
	}
	wg.Wait()
	f.finish()
	f.check()
}

// pair is two engines and what an onlooker noted.
type pair struct {
	*testing.T
	stores           []*postgres.Store
	owners           map[*postgres.Store]string
	people, messages int

	mu       sync.Mutex
	guests   []map[hotel.GuestID]bool // whom each person was taken for
	busy     map[hotel.Lane]hotel.Key // what is out
	left     map[hotel.Lane][]int64   // orders, as they were claimed
	consumed map[hotel.Key]bool
	turns    map[hotel.GuestID]map[int64][]int64 // orders of the rows of each version
	races    int
}

func (f *pair) any(rng *rand.Rand) *postgres.Store { return f.stores[rng.IntN(len(f.stores))] }

// talk is one person's life: messages that come twice or thrice, and engines that race for each.
func (f *pair) talk(p int, rng *rand.Rand) {
	name := strconv.Itoa(p)
	who := [][]hotel.Alias{
		{{Kind: hotel.AliasPhone, Value: "54" + name}},
		{{Kind: hotel.AliasBSUID, Value: "AR." + name}, {Kind: hotel.AliasPhone, Value: "54" + name}},
	}
	f.guests[p] = map[hotel.GuestID]bool{}
	for m := range f.messages {
		a := hotel.Arrival{Property: "sur", MessageID: "wamid." + name + "." + strconv.Itoa(m), Aliases: who[rng.IntN(2)],
			Kind: hotel.KindSaid, Body: []byte(`{}`), At: time.Now()}
		var wg sync.WaitGroup
		for range 1 + rng.IntN(3) {
			s := f.any(rng)
			again := a
			again.Key = hotel.Key(keys.New())
			wg.Go(func() { f.hear(s, p, again) })
		}
		wg.Wait()
		for range 1 + rng.IntN(2) {
			s, other, shared := f.any(rng), f.any(rng), rng.IntN(4) == 0
			wg.Go(func() { f.turn(s, other, p, shared) })
		}
		if rng.IntN(2) == 0 {
			wg.Wait()
		}
		defer wg.Wait()
	}
}

func (f *pair) hear(s *postgres.Store, p int, a hotel.Arrival) {
	res, err := s.Accept(f.Context(), hotel.Accept{Owner: f.owners[s], Arrivals: []hotel.Arrival{a}})
	if err != nil {
		f.Error(err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.guests[p][res.Arrivals[0].Row.Guest] = true
}

// turn takes one turn of the person's guest on one store; what it claims is settled on the other.
func (f *pair) turn(s, other *postgres.Store, p int, shared bool) {
	f.mu.Lock()
	var id hotel.GuestID
	for id = range f.guests[p] {
	}
	f.mu.Unlock()
	a, err := s.Activate(f.Context(), id, 3)
	if err != nil || len(a.Pending) == 0 {
		assert.NoError(f, err)
		return
	}
	last := a.Pending[len(a.Pending)-1]
	c := hotel.TurnCommit{Guest: id, Property: "sur", Version: a.Guest.Version, State: []byte("s"), Owner: f.owners[s], At: time.Now(),
		Claim: []hotel.Lane{hotel.GuestLane(id)}, Outbox: []hotel.OutboxRow{{Key: last.Key + "/0", Lane: hotel.GuestLane(id), Kind: hotel.KindSay}}}
	if shared {
		c.Claim = append(c.Claim, "pms:sur:1")
		c.Outbox = append(c.Outbox, hotel.OutboxRow{Key: last.Key + "/1", Lane: "pms:sur:1", Kind: hotel.KindBook})
	}
	var orders []int64
	for _, row := range a.Pending {
		c.Consumed = append(c.Consumed, row.Key)
		orders = append(orders, row.Order)
	}
	done, err := s.Commit(f.Context(), c)
	if hotel.KindOf(err) == hotel.Conflict {
		f.mu.Lock()
		f.races++
		f.mu.Unlock()
		return
	}
	if err != nil {
		f.Error(err)
		return
	}
	f.note(id, done.Version, c.Consumed, orders)
	for _, row := range done.Claimed {
		f.send(other, row)
	}
}

func (f *pair) note(id hotel.GuestID, version int64, rows []hotel.Key, orders []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range rows {
		assert.False(f, f.consumed[k], "a row is consumed once")
		f.consumed[k] = true
	}
	if f.turns[id] == nil {
		f.turns[id] = map[int64][]int64{}
	}
	assert.Nil(f, f.turns[id][version], "a version is written once")
	f.turns[id][version] = orders
}

// send sends a claimed row, and what its settlement claims next.
func (f *pair) send(s *postgres.Store, row hotel.OutboxRow) {
	for {
		f.mu.Lock()
		assert.Empty(f, f.busy[row.Lane], "one row of a lane is out")
		f.busy[row.Lane] = row.Key
		f.left[row.Lane] = append(f.left[row.Lane], row.Order)
		f.mu.Unlock()
		out, err := s.Row(f.Context(), row.Key) // a while that it is out, as the network's
		assert.NoError(f, err)                  //nolint:testifylint // not the test's goroutine
		assert.Equal(f, hotel.Sending, out.State)
		// from the settlement on the next may be claimed by anyone
		f.mu.Lock()
		delete(f.busy, row.Lane)
		f.mu.Unlock()
		res, err := s.Settle(f.Context(), hotel.Settlement{Key: row.Key, Attempt: row.Attempt, State: hotel.Settled, Proof: "p" + string(row.Key),
			ClaimNext: true, Owner: f.owners[s], At: time.Now()})
		if !assert.NoError(f, err) || !assert.True(f, res.Applied) || res.Next == nil { //nolint:testifylint // not the test's goroutine
			return
		}
		row = *res.Next
	}
}

// finish answers what still waits, and sends what nobody claimed.
func (f *pair) finish() {
	for p := range f.people {
		for range f.messages {
			f.turn(f.stores[0], f.stores[1], p, false)
		}
	}
	swept, err := f.stores[1].Sweep(f.Context(), hotel.Sweep{Now: time.Now(), Owner: "e2"})
	require.NoError(f, err)
	for _, h := range swept.Lanes {
		row, err := f.stores[0].Claim(f.Context(), hotel.Claim{Lane: h.Lane, Owner: "e1", At: time.Now()})
		require.NoError(f, err)
		f.send(f.stores[1], row)
	}
}

func (f *pair) check() {
	for p, ids := range f.guests {
		require.Len(f, ids, 1, "person %d is one guest", p)
	}
	require.Len(f, f.consumed, f.people*f.messages, "each message once")
	for id, turns := range f.turns {
		last := int64(0)
		for v := int64(1); v <= int64(len(turns)); v++ {
			for _, order := range turns[v] {
				require.Greater(f, order, last, "guest %s hears in order", id)
				last = order
			}
		}
	}
	rows := 0
	for lane, orders := range f.left {
		require.IsIncreasing(f, orders, "lane %s", lane)
		rows += len(orders)
	}
	b, err := f.stores[0].Backlog(f.Context())
	require.NoError(f, err)
	require.Equal(f, hotel.Backlog{}, b, "nothing is left")
	f.Logf("%d turns lost a race, %d rows left", f.races, rows)
	require.Positive(f, rows)
}

// TestAClaimOfAnEngineThatIsUnknownIsFound: an engine that was taken over and
// claimed once more before it died.
func TestAClaimOfAnEngineThatIsUnknownIsFound(t *testing.T) {
	t.Parallel()
	server, db := database(t)
	s := open(t, postgres.Config{DSN: server.DSN(db)})
	c := turn(hear(t, s, "1"), 0)
	c.Owner, c.At = "stray", time.Now().Add(-2*time.Minute)
	_, err := s.Commit(t.Context(), c)
	require.NoError(t, err)

	engines, err := s.Engines(t.Context())
	require.NoError(t, err)
	require.Equal(t, []hotel.EngineLease{{Owner: "stray"}}, engines)
	n, err := s.TakeOver(t.Context(), engines[0], "me", time.Now())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	row, err := s.Row(t.Context(), c.Outbox[0].Key)
	require.NoError(t, err)
	require.True(t, row.TakenOver)
	require.Equal(t, "me", row.Owner)
}
