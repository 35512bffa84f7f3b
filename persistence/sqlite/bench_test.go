package sqlite_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/sqlite"
)

var (
	body  = []byte(`{"from":{"phone":"5491100000000"},"kind":"text","text":"Hola, quiero reservar una habitación para mañana","at":"2026-11-24T10:00:00Z"}`)
	state = make([]byte, 900)
	said  = []byte(`[{"at":"2026-11-24T10:00:00Z","who":"guest","text":"Hola, quiero reservar"},{"at":"2026-11-24T10:00:00Z","who":"bot","text":"¿Para qué fechas?"}]`)
)

// waiting runs one benchmark at each number of callers that wait at once.
func waiting(b *testing.B, f func(b *testing.B, s *sqlite.Store, each func(work func(n int64)))) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("waiting=%d", callers), func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir()})
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
				b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op") // what a busy machine does not blur
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

func accept(b *testing.B, s *sqlite.Store, n int64) hotel.InboxRow {
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

func commit(b *testing.B, s *sqlite.Store, row hotel.InboxRow) {
	done, err := s.Commit(b.Context(), turn(row, 0))
	if err != nil || len(done.Claimed) != 1 {
		b.Fatal(err, len(done.Claimed))
	}
}

func settle(b *testing.B, s *sqlite.Store, row hotel.InboxRow) {
	res, err := s.Settle(b.Context(), hotel.Settlement{Key: row.Key + "/0", Attempt: 1, State: hotel.Settled, ClaimNext: true, Owner: "engine",
		Proof: "wamid.HBgNNTQ5MTEwMDAwMDAwMBUCABEYEjBB" + string(row.Key), Status: hotel.DeliveryAccepted, At: time.Now()})
	if err != nil || !res.Applied {
		b.Fatal(err)
	}
}

// prepared fills n rows by f before the clock starts, many callers at once.
func prepared(b *testing.B, f func(n int64) hotel.InboxRow) []hotel.InboxRow {
	rows := make([]hotel.InboxRow, b.N+1)
	work := make(chan int64, b.N+1)
	for n := range rows {
		work <- int64(n)
	}
	close(work)
	done := make(chan struct{})
	for range 128 {
		go func() {
			for n := range work {
				rows[n] = f(n)
			}
			done <- struct{}{}
		}()
	}
	for range 128 {
		<-done
	}
	return rows
}

func BenchmarkAccept(b *testing.B) {
	waiting(b, func(b *testing.B, s *sqlite.Store, each func(func(int64))) {
		each(func(n int64) { accept(b, s, n) })
	})
}

func BenchmarkCommit(b *testing.B) {
	waiting(b, func(b *testing.B, s *sqlite.Store, each func(func(int64))) {
		rows := prepared(b, func(n int64) hotel.InboxRow { return accept(b, s, n) })
		each(func(n int64) { commit(b, s, rows[n]) })
	})
}

func BenchmarkSettle(b *testing.B) {
	waiting(b, func(b *testing.B, s *sqlite.Store, each func(func(int64))) {
		rows := prepared(b, func(n int64) hotel.InboxRow {
			row := accept(b, s, n)
			commit(b, s, row)
			return row
		})
		each(func(n int64) { settle(b, s, rows[n]) })
	})
}

func BenchmarkReceipt(b *testing.B) {
	waiting(b, func(b *testing.B, s *sqlite.Store, each func(func(int64))) {
		rows := prepared(b, func(n int64) hotel.InboxRow {
			row := accept(b, s, n)
			commit(b, s, row)
			settle(b, s, row)
			return row
		})
		each(func(n int64) {
			res, err := s.Accept(b.Context(), hotel.Accept{Receipts: []hotel.ReceiptRow{{Receipt: hotel.Receipt{
				Key: rows[n].Key + "/0", Attempt: 1, MessageID: "x", Status: hotel.DeliverySent, At: time.Now()}}}})
			if err != nil || !res.Receipts[0].Changed {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkTurn is the whole of a turn's three commits.
func BenchmarkTurn(b *testing.B) {
	waiting(b, func(b *testing.B, s *sqlite.Store, each func(func(int64))) {
		each(func(n int64) {
			row := accept(b, s, n)
			commit(b, s, row)
			settle(b, s, row)
		})
	})
}
