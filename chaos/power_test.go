package chaos_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver named "sqlite"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/sqlite"
)

// A commit of the embedded store is frames at the end of the log, then one
// sync, then the answer. So when a caller has its answer and nobody else
// writes, the log up to its last commit is on the disk, and what the next
// commit writes behind it is not yet. These tests copy the files at such an
// instant and spoil what a power cut may spoil.

const (
	walHeader   = 32
	frameHeader = 24
	sector      = 512
	webhook     = 3 // rows of one Accept: all of them or none
)

// ledger is a store with what it has acknowledged.
type ledger struct {
	t     *testing.T
	dir   string
	store *sqlite.Store
	n     int // webhooks so far

	mu     sync.Mutex
	orders []int64 // of the rows that were acknowledged
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{t: t, dir: memoryDir(t)}
	var err error
	l.store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: l.dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.store.Close()) })
	return l
}

// memoryDir is a folder in memory where there is one: the power cut is played,
// and the disk's own syncs would only cost time.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "conserje-chaos") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// name is the key of a webhook's i-th row.
func name(first hotel.Key, i int) hotel.Key { return first + hotel.Key(fmt.Sprintf("/%d", i)) }

// round lets n webhooks come at once, each followed by its guest's turn; at
// its end all are acknowledged and nobody writes.
func (l *ledger) round(n int) (firsts []hotel.Key) {
	l.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for range n {
		l.n++
		number := l.n
		all.Go(func() {
			first, err := l.webhook(number)
			if err != nil {
				l.t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			firsts = append(firsts, first)
		})
	}
	all.Wait()
	require.Len(l.t, firsts, n)
	return firsts
}

func (l *ledger) webhook(number int) (hotel.Key, error) {
	ctx, now, first := context.Background(), time.Now(), hotel.Key(keys.New())
	var a hotel.Accept
	for i := range webhook {
		a.Arrivals = append(a.Arrivals, hotel.Arrival{Key: name(first, i), Property: "sur", MessageID: fmt.Sprintf("wamid.%d.%d", number, i),
			Aliases: []hotel.Alias{{Kind: hotel.AliasPhone, Value: fmt.Sprint(5491100000000 + number)}}, Kind: hotel.KindSaid,
			Body: bytes.Repeat([]byte("x"), 100+number%1500), At: now})
	}
	res, err := l.store.Accept(ctx, a)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	for _, row := range res.Arrivals {
		l.orders = append(l.orders, row.Row.Order)
	}
	l.mu.Unlock()
	guest := res.Arrivals[0].Row.Guest
	c := hotel.TurnCommit{Guest: guest, Property: "sur", State: []byte(`{"v":1}`), Facts: "f", At: now, Owner: "power",
		Claim: []hotel.Lane{hotel.GuestLane(guest)}, Outbox: []hotel.OutboxRow{
			{Key: first + "/out", Lane: hotel.GuestLane(guest), Kind: hotel.KindSay, Body: bytes.Repeat([]byte("y"), 300)}}}
	for i := range webhook {
		c.Consumed = append(c.Consumed, name(first, i))
	}
	_, err = l.store.Commit(ctx, c)
	return first, err
}

// image is the two files that hold the truth, as they are read now.
type image struct{ db, wal []byte }

func (l *ledger) image() image {
	l.t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(l.dir, name))
		require.NoError(l.t, err)
		return b
	}
	return image{db: read("conserje.db"), wal: read("conserje.db-wal")}
}

// journal is what recovery will see of a log: where its last commit ends, and its frames.
type journal struct {
	page    int
	frames  []int // offsets
	commits []int // offsets of the frames that end a commit
	end     int   // behind the last commit
}

// readLog walks the frames of the log's present generation. Only its own
// checksums tell where it ends: they chain, as SQLite's recovery checks them.
func readLog(t *testing.T, wal []byte) journal {
	t.Helper()
	require.GreaterOrEqual(t, len(wal), walHeader)
	order := binary.ByteOrder(binary.LittleEndian)
	if binary.BigEndian.Uint32(wal)&1 == 1 {
		order = binary.BigEndian
	}
	l := journal{page: int(binary.BigEndian.Uint32(wal[8:])), end: walHeader}
	s1, s2 := checksum(order, 0, 0, wal[:24])
	for at := walHeader; at+frameHeader+l.page <= len(wal); at += frameHeader + l.page {
		f := wal[at : at+frameHeader+l.page]
		s1, s2 = checksum(order, s1, s2, f[:8])
		s1, s2 = checksum(order, s1, s2, f[frameHeader:])
		if !bytes.Equal(f[8:16], wal[16:24]) || binary.BigEndian.Uint32(f[16:]) != s1 || binary.BigEndian.Uint32(f[20:]) != s2 {
			break
		}
		l.frames = append(l.frames, at)
		if binary.BigEndian.Uint32(f[4:]) != 0 {
			l.commits = append(l.commits, at)
			l.end = at + len(f)
		}
	}
	return l
}

func checksum(order binary.ByteOrder, s1, s2 uint32, b []byte) (uint32, uint32) {
	for ; len(b) >= 8; b = b[8:] {
		s1 += order.Uint32(b) + s2
		s2 += order.Uint32(b[4:]) + s1
	}
	return s1, s2
}

// found is what a spoiled copy holds.
type found struct {
	webhooks map[hotel.Key]int // rows of each
	orders   []int64
	version  map[hotel.Key]bool // webhooks whose turn is committed
}

// reopen opens the engine's store on a copy, and looks what is in it; an error is a refusal.
func reopen(t *testing.T, i image) (found, error) {
	t.Helper()
	dir := memoryDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conserje.db"), i.db, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conserje.db-wal"), i.wal, 0o600))
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir})
	if err != nil {
		return found{}, err
	}
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "conserje.db")+"?mode=ro")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var verdict string
	require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		return found{}, fmt.Errorf("OPENED THOUGH CORRUPT: %s", verdict)
	}
	out := found{webhooks: map[hotel.Key]int{}, version: map[hotel.Key]bool{}}
	rows, err := db.Query("SELECT key, id, consumed <> 0 FROM inbox ORDER BY id")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var key string
		var id int64
		var consumed bool
		require.NoError(t, rows.Scan(&key, &id, &consumed))
		first := hotel.Key(key[:len(key)-2])
		out.webhooks[first]++
		out.orders = append(out.orders, id)
		if consumed {
			out.version[first] = true
		}
	}
	require.NoError(t, rows.Err())
	return out, nil
}

// whole: nothing is there by half, and nothing is missing in between.
func (f found) whole(t *testing.T, l *ledger) {
	t.Helper()
	for first, n := range f.webhooks {
		require.Equal(t, webhook, n, "webhook %s is there by half", first)
	}
	slices.Sort(l.orders)
	require.LessOrEqual(t, len(f.orders), len(l.orders))
	require.True(t, slices.Equal(l.orders[:len(f.orders)], f.orders), "a row is missing in the middle")
}

// spoil does to the bytes from at on what a power cut may do: nothing of them
// was synced, so each sector is there, or was never written, or is nonsense.
func (d *dice) spoil(b []byte, at int) []byte {
	b = slices.Clone(b)
	switch d.n(4) {
	case 0: // the file was never made longer
		return b[:at+d.n(len(b)-at+1)]
	case 1: // longer, and empty
		clear(b[at+d.n(len(b)-at+1):])
		return b
	}
	for from := at; from < len(b); from += sector {
		part := b[from:min(from+sector, len(b))]
		switch d.n(3) {
		case 0:
			clear(part)
		case 1:
			d.noise(part)
		}
	}
	return b
}

func (d *dice) noise(b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range b {
		b[i] = byte(d.r.Uint32())
	}
}

// TestPowerCut spoils what lies behind the last sync: the frames of a commit
// that was under way, and those pages of the database that a checkpoint may
// have been copying. No acknowledged row is missing, nothing is there by half.
func TestPowerCut(t *testing.T) {
	t.Parallel()

	random := seeded(t)
	l := newLedger(t)
	acked := map[hotel.Key]bool{}
	cuts, wrapped, checks := times(t, 10, 1000), 0, 0
	var generation []byte
	for range cuts {
		for range 1 + random.n(3) {
			for _, first := range l.round(1 + random.n(20)) {
				acked[first] = true
			}
		}
		synced := l.image()
		end := readLog(t, synced.wal).end
		late := l.round(1 + random.n(20)) // the commits that the power cut meets
		under := l.image()
		if !bytes.Equal(generation, under.wal[16:24]) {
			generation = slices.Clone(under.wal[16:24])
			wrapped++
		}
		cut := image{db: random.copying(t, synced), wal: random.spoil(synced.wal, end)}
		if bytes.Equal(synced.wal[:end], under.wal[:end]) { // same generation: its own next frames
			cut.wal = random.spoil(under.wal, end)
		}
		got, err := reopen(t, cut)
		require.NoError(t, err, "an honest power cut is no reason to refuse")
		got.whole(t, l)
		for first := range acked {
			if checks++; !got.version[first] {
				require.Fail(t, "an acknowledged turn is missing")
			}
		}
		for _, first := range late {
			acked[first] = true
		}
	}
	t.Logf("%d power cuts over %d generations of the log, %d acknowledged webhooks, %d look-ups", cuts, wrapped, len(acked), checks)
}

// copying spoils pages of the database that the log holds: a checkpoint that
// was under way may have left anything there, and the log is read over them.
func (d *dice) copying(t *testing.T, i image) []byte {
	t.Helper()
	db, l := slices.Clone(i.db), readLog(t, i.wal)
	for _, at := range l.frames {
		page := int(binary.BigEndian.Uint32(i.wal[at:]))
		if from := (page - 1) * l.page; at < l.end && page > 1 && from+l.page <= len(db) && d.n(3) == 0 {
			d.noise(db[from : from+l.page])
		}
	}
	return db
}

// TestDamagedLog spoils a byte inside of what was synced, which no power cut
// does but a failing disk may: what opens is a consistent prefix, else it is refused.
func TestDamagedLog(t *testing.T) {
	t.Parallel()

	random := seeded(t)
	l := newLedger(t)
	refused, shorter := 0, 0
	tries := times(t, 10, 1000)
	for range tries {
		l.round(1 + random.n(20))
		i := l.image()
		w := readLog(t, i.wal)
		i.wal[walHeader+random.n(w.end-walHeader)] ^= byte(1 + random.n(255))
		got, err := reopen(t, i)
		if err != nil {
			require.NotContains(t, err.Error(), "OPENED THOUGH CORRUPT")
			refused++
			continue
		}
		got.whole(t, l)
		if len(got.webhooks) < l.n {
			shorter++
		}
	}
	t.Logf("%d damaged logs: %d refused, %d opened as a prefix without their last commits", tries, refused, shorter)
}
