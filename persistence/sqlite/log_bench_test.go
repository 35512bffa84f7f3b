package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

// What a message costs in bytes of the log: each page that a transaction
// touches is copied there whole, checksummed, synced, and later copied into the
// database. Unlike times these are counts, which a busy machine does not blur.

const (
	logGuests = 1000
	logBatch  = 64
	frame     = 24 + 2048 // of pageSize
)

// lived fills a folder: hashes and rows of the past, 1,000 guests, a backlog.
func lived(b *testing.B, dir string, backlog int) {
	s, err := Open(b.Context(), Config{Dir: dir})
	require.NoError(b, err)
	require.NoError(b, s.Close())
	db, err := open(filepath.Join(dir, file), writerPragmas, 1)
	require.NoError(b, err)
	defer func() { require.NoError(b, db.Close()) }()
	const history = 200_000
	for _, query := range []string{
		`INSERT INTO guests (n, id, property, state) SELECT value, printf('g%025d', value), 'sur', zeroblob(900) FROM n WHERE value <= 1000`,
		`INSERT INTO aliases (name, guest) SELECT 'sur' || char(31) || 'phone' || char(31) || (5491100000000 + value - 1), printf('g%025d', value) FROM n WHERE value <= 1000`,
		`INSERT INTO seen (hash, day, inbox) SELECT hash, 1, value FROM (SELECT randomblob(16) AS hash, value FROM n) ORDER BY hash`,
		`INSERT INTO inbox (key, guest, kind, at, consumed, body) SELECT printf('0%025d', value), printf('g%025d', 1 + abs(random()) % 1000), 'said', 1,
			iif(value > ` + strconv.Itoa(history-backlog) + `, 0, 1), zeroblob(140) FROM n`,
		`INSERT INTO outbox (id, key, guest, property, lane, kind, state, owner, attempt, not_before, created, claimed, done, status, proof, body)
			SELECT 1000000 + value, printf('0%025d/0', value), printf('g%025d', 1 + value % 1000), 'sur', printf('guest:g%025d', 1 + value % 1000), 'say', 2,
			'e', 1, 0, 1, 1, 1, 'sent', 'wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABEYEjBB' || hex(randomblob(10)), zeroblob(140) FROM n WHERE value <= 100000`,
		`INSERT INTO transcript (id, guest, at, body) SELECT 2000000 + value, printf('g%025d', 1 + value % 1000), 1, zeroblob(140) FROM n WHERE value <= 100000`,
	} {
		_, err := db.Exec(`WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ` + strconv.Itoa(history) + `) ` + query)
		require.NoError(b, err, query)
	}
}

// together has the work of a whole batch done in one transaction.
func together(b *testing.B, s *Store, work func(i int)) {
	release := hold(b, s)
	var wg sync.WaitGroup
	for i := range logBatch {
		wg.Go(func() { work(i) })
	}
	queued(b, s, logBatch)
	release()
	wg.Wait()
}

// spent is what has been written to the log, allocated and used of the processor.
type spent struct {
	bytes int64
	objs  uint64
	cpu   time.Duration
}

func spentBy(b *testing.B, dir string) (s spent) {
	info, err := os.Stat(filepath.Join(dir, file+"-wal"))
	if err == nil {
		s.bytes = info.Size()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.objs = m.Mallocs
	var use unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &use))
	s.cpu = time.Duration(use.Utime.Nano() + use.Stime.Nano())
	return s
}

func (s spent) report(b *testing.B, before spent, each string, n int) {
	b.ReportMetric(float64(s.bytes-before.bytes)/float64(n), "log-B/"+each)
	b.ReportMetric(float64(s.bytes-before.bytes)/frame/float64(n), "pages/"+each)
	b.ReportMetric(float64(s.objs-before.objs)/float64(n), "allocs/"+each)
	b.ReportMetric(float64((s.cpu-before.cpu).Microseconds())/float64(n), "cpu-us/"+each)
	b.ReportMetric(0, "ns/op")
}

// who speaks n-th: each of the guests in turn, in an order that has nothing to do with that of their ids.
func who(n int) int { return n * 379 % logGuests }

func heard(n int) hotel.Accept {
	return hotel.Accept{Arrivals: []hotel.Arrival{{Key: hotel.Key(keys.New()), Property: "sur", MessageID: "wamid." + keys.New(), Kind: hotel.KindSaid,
		Body: make([]byte, 140), Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: strconv.Itoa(5491100000000 + who(n))}}, At: time.Now()}}}
}

// BenchmarkLog counts with 64 waiting, 1,000 guests and 200,000 messages of the
// past. It stays below a checkpoint, so that the log's size is what was written.
// It is one measurement however often it is told to repeat it: -benchtime 1x.
func BenchmarkLog(b *testing.B) {
	for _, backlog := range []int{0, 20_000} {
		b.Run(fmt.Sprintf("accept/backlog=%d", backlog), func(b *testing.B) {
			dir := b.TempDir()
			lived(b, dir, backlog)
			s, err := Open(b.Context(), Config{Dir: dir})
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			const rounds = checkpointEvery/logBatch - 3
			before := spentBy(b, dir)
			for round := range rounds {
				together(b, s, func(i int) {
					if _, err := s.Accept(b.Context(), heard(round*logBatch+i)); err != nil {
						b.Error(err)
					}
				})
			}
			spentBy(b, dir).report(b, before, "accept", rounds*logBatch)
		})
	}
	b.Run("turn", benchmarkLogTurn)
}

func benchmarkLogTurn(b *testing.B) {
	dir := b.TempDir()
	lived(b, dir, 0)
	s, err := Open(b.Context(), Config{Dir: dir})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	const rounds = checkpointEvery/logBatch/3 - 1
	versions := make([]int64, logGuests)
	before := spentBy(b, dir)
	for round := range rounds {
		rows := make([]hotel.InboxRow, logBatch)
		together(b, s, func(i int) {
			res, err := s.Accept(b.Context(), heard(round*logBatch+i))
			if err != nil {
				b.Error(err)
				return
			}
			rows[i] = res.Arrivals[0].Row
		})
		together(b, s, func(i int) {
			n, row := who(round*logBatch+i), rows[i]
			lane := hotel.GuestLane(row.Guest)
			done, err := s.Commit(b.Context(), hotel.TurnCommit{Guest: row.Guest, Property: "sur", Version: versions[n], State: make([]byte, 900), Facts: "f1",
				Due: time.Now().Add(time.Hour), Consumed: []hotel.Key{row.Key}, Claim: []hotel.Lane{lane}, Owner: "e", Transcript: make([]byte, 140), At: time.Now(),
				Outbox: []hotel.OutboxRow{{Key: row.Key + "/0", Lane: lane, Kind: hotel.KindSay, Body: make([]byte, 140)}}})
			if err != nil {
				b.Error(err)
			}
			versions[n] = done.Version
		})
		together(b, s, func(i int) {
			_, err := s.Settle(b.Context(), hotel.Settlement{Key: rows[i].Key + "/0", Attempt: 1, State: hotel.Settled, ClaimNext: true, Owner: "e",
				Proof: "wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABEYEjBB" + keys.New(), Status: hotel.DeliveryAccepted, At: time.Now()})
			if err != nil {
				b.Error(err)
			}
		})
	}
	spentBy(b, dir).report(b, before, "turn", rounds*logBatch)
}
