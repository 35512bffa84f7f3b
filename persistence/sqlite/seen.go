package sqlite

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"
)

// What was taken is asked of every message by a hash, and hashes have no order:
// written into their tree at once, each would touch a page of its own, which
// goes to the log whole. So a young hash is written behind the one before it
// (seen_young) and remembered here; when nothing waits, many are moved into the
// tree (seen) at a time, in its order, so that neighbours share a page.
//
//	Accept --> seen_young and memory --> seen, when there are moveAt of them and the
//	                                     writer is idle; moveMost: whether it is or not
//
// A message is a repetition when its hash is in the memory or in the tree. While
// hashes are moved they are in both, and a death in between moves them again.
type seen struct {
	young map[[16]byte]seenHash
	added [][16]byte // by this transaction
	stale bool       // nobody knows what became of a transaction: it is read anew

	newest int64 // row of seen_young

	moving []seenHash // under way, by hash
	moved  int        // of moving
	until  int64      // the last row of seen_young among moving
	gone   bool       // their rows are

	notBefore time.Time // no idle step
}

type seenHash struct {
	hash       [16]byte
	n          int64 // row of seen_young
	day, inbox int64
}

const (
	moveAt    = 1 << 15
	moveMost  = 1 << 18     // 20 MB
	moveSlice = 512         // hashes that one transaction moves: some milliseconds
	moveRest  = time.Minute // after a failure

	opSettleHashes = "sqlite.settleHashes"
)

func newSeen() *seen { return &seen{young: map[[16]byte]seenHash{}} }

func (s *seen) add(h seenHash) {
	s.young[h.hash] = h
	s.added = append(s.added, h.hash)
}

func (s *seen) committed() { s.added = s.added[:0] }

// dropped forgets what the transaction did.
func (s *seen) dropped() {
	for _, hash := range s.added {
		delete(s.young, hash)
	}
	s.added = s.added[:0]
	s.rest()
}

// rest ends a move, or breaks it off.
func (s *seen) rest() { s.moving, s.moved, s.gone = nil, 0, false }

// undecided is called when COMMIT has failed: whether the transaction was
// written nobody knows. One that touched no hash is no matter.
func (s *seen) undecided() {
	s.stale = s.stale || len(s.added) > 0 || s.moving != nil
}

// loadSeen reads the young hashes anew: at the start, and when nobody knows what
// became of a transaction.
func (w *writer) loadSeen() error {
	s := newSeen()
	if w.seen != nil {
		w.log.Warn("young hashes are read anew")
		s.notBefore = w.seen.notBefore
	}
	err := w.sql.young.each(func(v []driver.Value) error {
		h := seenHash{n: v[0].(int64), hash: [16]byte(v[1].([]byte)), day: v[2].(int64), inbox: v[3].(int64)}
		s.young[h.hash], s.newest = h, h.n
		return nil
	})
	if err != nil {
		return fmt.Errorf("young hashes: %w", err)
	}
	w.seen = s
	return nil
}

// firsts tells of hashes that were taken before which row they made.
func (w *writer) firsts(hashes [][16]byte) (map[[16]byte]int64, error) {
	out := map[[16]byte]int64{}
	for _, hash := range hashes {
		if h, ok := w.seen.young[hash]; ok {
			out[hash] = h.inbox
		} else {
			w.sql.taken.add(hash[:])
		}
	}
	err := w.sql.taken.each(func(v []driver.Value) error {
		out[[16]byte(v[0].([]byte))] = v[1].(int64)
		return nil
	})
	return out, err
}

// remember gathers a young hash; the caller flushes.
func (w *writer) remember(hash [16]byte, day, inbox int64) {
	s := w.seen
	s.newest++
	w.sql.addYoung.add(s.newest, hash[:], day, inbox)
	s.add(seenHash{hash: hash, n: s.newest, day: day, inbox: inbox})
}

// settleIdly moves hashes when there are many, and tells whether it did.
func (w *writer) settleIdly(many int) bool {
	s := w.seen
	if s.moving == nil && len(s.young) < many || w.now().Before(s.notBefore) {
		return false
	}
	if _, err := w.settleHashes(); err != nil {
		w.log.Warn("hashes not moved: they are as good where they are", "err", err)
		w.seen.notBefore = w.now().Add(moveRest)
	}
	return true
}

// settleAll leaves no hash young behind when the store is closed: the release
// before this one knows the tree alone.
func (w *writer) settleAll() {
	err := w.fresh()
	for err == nil && (w.seen.moving != nil || len(w.seen.young) > 0) {
		_, err = w.settleHashes()
	}
	if err != nil {
		w.log.Warn("hashes not moved: the next start reads them", "err", err)
	}
}

// settleHashes takes the next step of moving all young hashes, or those of the
// move under way. It tells whether more steps are left.
func (w *writer) settleHashes() (more bool, err error) {
	if w.seen.moving == nil && len(w.seen.young) == 0 {
		return false, nil
	}
	r := &request{op: opSettleHashes, apply: (*writer).moveHashes}
	if err := w.transact([]*request{r}, true); err != nil {
		return false, classify(opSettleHashes, err)
	}
	w.checkpoint(moveSlice / 4) // its pages are each in another place of the tree
	s := w.seen                 // the transaction may have read it anew
	if s.gone {
		for _, h := range s.moving {
			delete(s.young, h.hash)
		}
		s.rest()
	}
	return s.moving != nil, nil
}

// moveHashes writes the next hashes into the tree, or deletes the rows of all
// that are there.
func (w *writer) moveHashes() error {
	s := w.seen
	if s.moving == nil {
		s.moving, s.until = make([]seenHash, 0, len(s.young)), s.newest
		for _, h := range s.young {
			s.moving = append(s.moving, h)
		}
		slices.SortFunc(s.moving, func(a, b seenHash) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	}
	if s.moved == len(s.moving) {
		n, err := w.sql.dropYoung.change(s.until, int64(moveSlice))
		s.gone = n < moveSlice
		return err
	}
	chunk := s.moving[s.moved:min(s.moved+moveSlice, len(s.moving))]
	for _, h := range chunk {
		w.sql.addSeen.add(h.hash[:], h.day, h.inbox)
	}
	_, err := w.sql.addSeen.flush()
	s.moved += len(chunk)
	return err
}
