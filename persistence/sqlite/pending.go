package sqlite

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/conserje/conserje/hotel"
)

// Which rows of a guest are unconsumed is asked at every activation and every
// commit. An index by guest would answer, and would cost each message a random
// page of the log when it comes and another when it is consumed. So the writer
// remembers it: it is the only one who writes, and every row that comes or is
// consumed goes through addInbox and consume. In the database there is an index
// in the order of commit alone, which grows at its right end and shrinks at its
// left: the sweeper, the backlog and the next start read it.
//
// The memory changes after COMMIT and before anybody is answered. What a
// transaction does is gathered in changed and dropped when it fails.
type pending struct {
	mu sync.RWMutex // the writer writes by, readers read it
	by map[hotel.GuestID][]pendingRow

	changed map[hotel.GuestID][]pendingRow // guests' rows as this transaction leaves them
	witness witness
	stale   bool // nobody knows what became of a transaction: it is read anew
}

// pendingRow is an unconsumed row: 24 bytes.
type pendingRow struct {
	id   int64
	key  uint64 // hash of its key
	said bool
}

// witness is a row that tells whether a transaction that failed at its very end
// was written after all.
type witness struct {
	id       int64 // 0 = the transaction changed nothing here
	consumed bool  // by the transaction; else it was added
}

var keySeed = maphash.MakeSeed()

func pendingOf(id int64, key hotel.Key, kind hotel.RowKind) pendingRow {
	return pendingRow{id: id, key: maphash.String(keySeed, string(key)), said: kind == hotel.KindSaid}
}

// is tells whether the row has the key, as far as its hash knows: consume asks for the key itself.
func (r pendingRow) is(key hotel.Key) bool { return r.key == maphash.String(keySeed, string(key)) }

func newPending() *pending {
	return &pending{by: map[hotel.GuestID][]pendingRow{}, changed: map[hotel.GuestID][]pendingRow{}}
}

// of is what waits of a guest, oldest first, as this transaction sees it.
func (p *pending) of(guest hotel.GuestID) []pendingRow {
	if rows, ok := p.changed[guest]; ok {
		return rows
	}
	return p.by[guest] // nobody else writes it
}

// add puts a row at its guest's end. It may stand in the array that by's rows
// stand in, behind their end, where nobody looks before it is committed.
func (p *pending) add(guest hotel.GuestID, row pendingRow) {
	p.changed[guest] = append(p.of(guest), row)
	p.witness = witness{id: row.id}
}

// remove takes a row out.
func (p *pending) remove(guest hotel.GuestID, id int64) {
	rows := p.of(guest)
	switch at, ok := position(rows, id); {
	case !ok:
		return
	case at == 0: // nearly always
		rows = rows[1:]
	default:
		rows = slices.Concat(rows[:at], rows[at+1:]) // readers may be in the old one
	}
	p.changed[guest] = rows
	if p.witness.id == 0 { // a row that the transaction itself has added is no witness of its consuming
		p.witness = witness{id: id, consumed: true}
	}
}

func position(rows []pendingRow, id int64) (int, bool) {
	return slices.BinarySearchFunc(rows, id, func(r pendingRow, id int64) int { return cmp.Compare(r.id, id) })
}

// committed makes what the transaction did the truth.
func (p *pending) committed() {
	if len(p.changed) > 0 {
		p.mu.Lock()
		for guest, rows := range p.changed {
			if len(rows) == 0 {
				delete(p.by, guest)
			} else {
				p.by[guest] = rows
			}
		}
		p.mu.Unlock()
	}
	p.dropped()
}

// dropped forgets what the transaction did.
func (p *pending) dropped() {
	clear(p.changed)
	p.witness = witness{}
}

// after returns at most limit ids of a guest's rows above one, oldest first.
func (p *pending) after(guest hotel.GuestID, id int64, limit int) []int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	rows := p.by[guest]
	at, _ := position(rows, id+1)
	rows = rows[at:]
	rows = rows[:min(limit, len(rows))]
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// waits tells whether anything of a guest is unconsumed.
func (p *pending) waits(guest hotel.GuestID) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.by[guest]) > 0
}

// loadPending reads the memory anew, and counts the messages in it: at the start, and
// when nobody knows what became of a transaction.
func (w *writer) loadPending() error {
	by, said := map[hotel.GuestID][]pendingRow{}, int64(0)
	err := w.sql.pending.each(func(v []driver.Value) error {
		guest := hotel.GuestID(text(v[1]))
		row := pendingOf(v[0].(int64), hotel.Key(text(v[2])), hotel.RowKind(text(v[3])))
		by[guest] = append(by[guest], row)
		if row.said {
			said++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("unconsumed: %w", err)
	}
	w.pending.mu.Lock()
	w.pending.by, w.pending.stale = by, false
	w.pending.mu.Unlock()
	w.store.said.Store(said)
	return nil
}

// undecided is called when COMMIT has failed. SQLite undoes such a transaction; but
// a row that is unconsumed in the database and unknown here would wait for the
// next start, so it is asked: a transaction is written whole or not at all, so
// one row speaks for all.
func (w *writer) undecided() {
	p := w.pending
	if p.witness.id == 0 {
		p.dropped()
		return
	}
	found, consumed := false, false
	err := w.sql.inbox.each(func(v []driver.Value) error {
		found, consumed = true, v[6].(int64) != 0
		return nil
	}, p.witness.id)
	if written := found && (consumed || !p.witness.consumed); err != nil || written {
		p.stale = true
	}
	p.dropped()
}

// fresh reads the memory anew when it is stale.
func (w *writer) fresh() error {
	if w.seen.stale {
		if err := w.loadSeen(); err != nil {
			return err
		}
	}
	if !w.pending.stale {
		return nil
	}
	w.log.Warn("pending rows are read anew")
	return w.loadPending()
}

var errConsumed = errors.New("a row to consume is not the one that was remembered")

// consume marks a pending row of a guest consumed. The key is asked for once
// more: should the memory ever be wrong, the transaction fails, nothing of it
// is written, and the memory is read anew.
func (w *writer) consume(guest hotel.GuestID, row pendingRow, key hotel.Key, at int64) error {
	n, err := w.sql.consume.change(max(at, 1), row.id, string(key))
	if err == nil && n != 1 {
		w.pending.stale, err = true, errConsumed
	}
	if err != nil {
		return err
	}
	if row.said {
		w.said--
	}
	w.pending.remove(guest, row.id)
	return nil
}
