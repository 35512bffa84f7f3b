package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// accept is a webhook in the writer's hands.
type accept struct {
	in     hotel.Accept
	hashes [][16]byte // of the arrivals, made by the caller: the writer has enough to do
	dead   [][16]byte // of the dead letters
	out    hotel.AcceptResult
}

// Accept commits a webhook's rows, whole or not at all.
func (s *Store) Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error) {
	const op = "sqlite.Accept"
	if err := rule.CheckAccept(op, a); err != nil {
		return hotel.AcceptResult{}, err
	}
	work := &accept{in: a, hashes: make([][16]byte, len(a.Arrivals))}
	for i := range a.Arrivals {
		work.hashes[i] = s.Hash(string(a.Arrivals[i].Property), a.Arrivals[i].MessageID)
	}
	for _, d := range a.Dead {
		work.dead = append(work.dead, s.Hash("dead", d.Source, string(d.Property), string(d.Body)))
	}
	if err := s.send(ctx, s.queue, &request{op: op, accept: work}); err != nil {
		return hotel.AcceptResult{}, err
	}
	return work.out, nil
}

// arrival is one message on its way through the steps of acceptAll.
type arrival struct {
	*hotel.Arrival
	hash  [16]byte
	order int64           // of its row, when it is fresh
	out   *hotel.Accepted // its place in the answer
	twice bool            // a duplicate
	first int64           // order of the row that stands, of a duplicate
}

// acceptAll writes every webhook of the batch, step by step for all of them:
// dedupe, guests, rows; then receipts and dead letters one by one. When
// careful, keys that stand already are looked for first; else such a key fails
// the transaction, and the requests are tried again alone and with care.
func (w *writer) acceptAll(batch []*request, careful bool) error {
	var all []arrival
	for _, r := range batch {
		if r.accept == nil {
			continue
		}
		a := r.accept
		var err error
		if r.err, err = w.unknown(r.op, a.in.Arrivals); err != nil {
			return err
		}
		if r.err != nil {
			continue
		}
		a.out = hotel.AcceptResult{Arrivals: make([]hotel.Accepted, len(a.in.Arrivals))}
		for i := range a.in.Arrivals {
			all = append(all, arrival{Arrival: &a.in.Arrivals[i], hash: a.hashes[i], order: w.nextOrder(), out: &a.out.Arrivals[i]})
		}
	}
	for _, step := range []func([]arrival) error{w.dedupe, w.resolve, w.arriveAll, w.answerDuplicates} {
		if len(all) == 0 {
			break
		}
		if careful {
			if err := w.standing(all); err != nil {
				return err
			}
			careful = false
		}
		if err := step(all); err != nil {
			return err
		}
	}
	for _, r := range batch {
		if r.accept == nil || r.err != nil {
			continue
		}
		if err := w.acceptRest(r.accept); err != nil {
			return err
		}
	}
	return nil
}

// unknown is the answer to a webhook that names a guest whom nobody knows; nil
// when there is none, as in every webhook of WhatsApp's.
func (w *writer) unknown(op string, arrivals []hotel.Arrival) (answer, err error) {
	for i := range arrivals {
		if arrivals[i].Guest == "" {
			continue
		}
		if g, ok, err := w.guestOf(arrivals[i].Guest); err != nil {
			return nil, err
		} else if !ok || g.erasing {
			return rule.Err(op, hotel.NotFound, "no such guest"), nil
		}
	}
	return nil, nil
}

// standing marks arrivals whose key stands already.
func (w *writer) standing(all []arrival) error {
	inHand := map[hotel.Key]int64{}
	for i := range all {
		a := &all[i]
		if first, ok := inHand[a.Key]; ok {
			a.twice, a.first = true, first
			continue
		}
		inHand[a.Key] = a.order
		err := w.sql.inboxBy.each(func(v []driver.Value) error {
			a.twice, a.first = true, v[0].(int64)
			return nil
		}, string(a.Key))
		if err != nil {
			return err
		}
	}
	return nil
}

// dedupe takes each message id once.
func (w *writer) dedupe(all []arrival) error {
	inHand := make(map[[16]byte]int64, len(all))
	hashes := make([][16]byte, 0, len(all))
	for i := range all {
		a := &all[i]
		if a.MessageID == "" || a.twice {
			continue
		}
		if a.first, a.twice = inHand[a.hash]; !a.twice {
			inHand[a.hash] = a.order
			hashes = append(hashes, a.hash)
		}
	}
	firsts, err := w.firsts(hashes)
	if err != nil {
		return err
	}
	for i := range all {
		a := &all[i]
		if a.MessageID == "" {
			continue
		}
		if first, ok := firsts[a.hash]; ok {
			a.twice, a.first = true, first
		} else if !a.twice {
			w.remember(a.hash, rule.Day(a.At), a.order)
		}
	}
	_, err = w.sql.addYoung.flush()
	return err
}

// acceptRest applies a webhook's receipts and keeps its dead letters.
func (w *writer) acceptRest(a *accept) error {
	for _, r := range a.in.Receipts {
		applied, err := w.receipt(r)
		if err != nil {
			return err
		}
		a.out.Receipts = append(a.out.Receipts, applied)
	}
	for i, d := range a.in.Dead {
		firsts, err := w.firsts(a.dead[i : i+1])
		if err != nil {
			return err
		}
		if len(firsts) > 0 {
			continue
		}
		w.remember(a.dead[i], rule.Day(d.At), 0)
		if _, err := w.sql.addYoung.flush(); err != nil {
			return err
		}
		if err := w.bury(d, ""); err != nil {
			return err
		}
	}
	return nil
}
