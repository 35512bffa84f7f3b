package postgres_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/internal/pgtest"
	"github.com/conserje/conserje/persistence/postgres"
)

var (
	body  = []byte(`{"from":{"phone":"5491100000000"},"kind":"text","text":"Hola, quiero reservar una habitación para mañana","at":"2026-11-24T10:00:00Z"}`)
	state = make([]byte, 900)
	said  = []byte(`[{"at":"2026-11-24T10:00:00Z","who":"guest","text":"Hola, quiero reservar"},{"at":"2026-11-24T10:00:00Z","who":"bot","text":"¿Para qué fechas?"}]`)
)

// waiting runs one benchmark at each number of callers that wait at once, on a
// server as durable as in production.
func waiting(b *testing.B, f func(b *testing.B, s *postgres.Store, each func(work func(n int64)))) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("waiting=%d", callers), func(b *testing.B) {
			server := pgtest.Shared(b)
			s, err := postgres.Open(b.Context(), postgres.Config{DSN: server.DSN(server.Database(b, ""))})
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			f(b, s, func(work func(n int64)) {
				var count atomic.Int64
				b.SetParallelism(max(1, callers/2)) // times GOMAXPROCS
				b.ReportAllocs()
				before := cpu()
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						work(count.Add(1))
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op") // ours, not the server's
			})
		})
	}
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func message(n int64) hotel.Arrival {
	return hotel.Arrival{Key: hotel.Key(keys.New()), Property: "sur", MessageID: "wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABIYFDNBMDAwMDAw" + strconv.FormatInt(n, 10),
		Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: strconv.FormatInt(5491100000000+n, 10)}},
		Kind:    hotel.KindSaid, Body: body, At: time.Now()}
}

// hear accepts one message, without a message id.
func hear(t testing.TB, s *postgres.Store, number string) hotel.InboxRow {
	t.Helper()
	a := message(0)
	a.MessageID, a.Aliases[0].Value = "", number
	res, err := s.Accept(t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{a}})
	require.NoError(t, err)
	return res.Arrivals[0].Row
}

func accept(b *testing.B, s *postgres.Store, n int64) hotel.InboxRow {
	res, err := s.Accept(b.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message(n)}})
	if err != nil {
		b.Fatal(err)
	}
	return res.Arrivals[0].Row
}

func turn(row hotel.InboxRow, version int64) hotel.TurnCommit {
	lane := hotel.GuestLane(row.Guest)
	return hotel.TurnCommit{Guest: row.Guest, Property: "sur", Version: version, State: state, Facts: "f1", Due: time.Now().Add(time.Hour),
		Consumed: []hotel.Key{row.Key}, Claim: []hotel.Lane{lane}, Owner: "engine", Transcript: said, At: time.Now(),
		Outbox: []hotel.OutboxRow{{Key: row.Key + "/0", Lane: lane, Kind: hotel.KindSay, Body: body}}}
}

func commit(b *testing.B, s *postgres.Store, row hotel.InboxRow) {
	done, err := s.Commit(b.Context(), turn(row, 0))
	if err != nil || len(done.Claimed) != 1 {
		b.Fatal(err, len(done.Claimed))
	}
}

func settle(b *testing.B, s *postgres.Store, row hotel.InboxRow) {
	res, err := s.Settle(b.Context(), hotel.Settlement{Key: row.Key + "/0", Attempt: 1, State: hotel.Settled, ClaimNext: true, Owner: "engine",
		Proof: "wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABEYEjBB" + string(row.Key), Status: hotel.DeliveryAccepted, At: time.Now()})
	if err != nil || !res.Applied {
		b.Fatal(err)
	}
}

// prepared fills n rows by f before the clock starts, many callers at once.
func prepared(b *testing.B, f func(n int64) hotel.InboxRow) []hotel.InboxRow {
	rows := make([]hotel.InboxRow, b.N+1)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 128 {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(rows)); n = next.Add(1) - 1 {
				rows[n] = f(n)
			}
		})
	}
	wg.Wait()
	return rows
}

func BenchmarkAccept(b *testing.B) {
	waiting(b, func(b *testing.B, s *postgres.Store, each func(func(int64))) {
		each(func(n int64) { accept(b, s, n) })
	})
}

func BenchmarkCommit(b *testing.B) {
	waiting(b, func(b *testing.B, s *postgres.Store, each func(func(int64))) {
		rows := prepared(b, func(n int64) hotel.InboxRow { return accept(b, s, n) })
		each(func(n int64) { commit(b, s, rows[n]) })
	})
}

func BenchmarkSettle(b *testing.B) {
	waiting(b, func(b *testing.B, s *postgres.Store, each func(func(int64))) {
		rows := prepared(b, func(n int64) hotel.InboxRow {
			row := accept(b, s, n)
			commit(b, s, row)
			return row
		})
		each(func(n int64) { settle(b, s, rows[n]) })
	})
}

// BenchmarkTurn is the whole of a turn's three commits.
func BenchmarkTurn(b *testing.B) {
	waiting(b, func(b *testing.B, s *postgres.Store, each func(func(int64))) {
		each(func(n int64) {
			row := accept(b, s, n)
			commit(b, s, row)
			settle(b, s, row)
		})
	})
}
