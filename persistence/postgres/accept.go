package postgres

import (
	"context"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// accept is a webhook on its way in.
type accept struct {
	op     string
	in     hotel.Accept
	hashes [][16]byte // of the arrivals
	names  [][]string // of their aliases
	dead   [][16]byte
	out    hotel.AcceptResult
}

// Accept commits a webhook's rows, whole or not at all.
func (s *Store) Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error) {
	const op = "postgres.Accept"
	if err := rule.CheckAccept(op, a); err != nil {
		return hotel.AcceptResult{}, err
	}
	work := &accept{op: op, in: a, hashes: make([][16]byte, len(a.Arrivals)), names: make([][]string, len(a.Arrivals))}
	for i := range a.Arrivals {
		x := &a.Arrivals[i]
		if x.MessageID != "" {
			work.hashes[i] = s.Hash(string(x.Property), x.MessageID)
		}
		for _, alias := range x.Aliases {
			work.names[i] = append(work.names[i], aliasName(x.Property, alias))
		}
	}
	for _, d := range a.Dead {
		work.dead = append(work.dead, s.Hash("dead", d.Source, string(d.Property), string(d.Body)))
	}
	if err := s.send(ctx, op, work); err != nil {
		return hotel.AcceptResult{}, err
	}
	return work.out, nil
}

func (a *accept) ask(n *need) {
	n.orders += len(a.in.Arrivals) + len(a.in.Receipts)
	for i := range a.in.Arrivals {
		x := &a.in.Arrivals[i]
		if x.MessageID != "" {
			n.hashes = append(n.hashes, a.hashes[i][:])
		}
		if x.MessageID == "" || n.careful {
			n.inbox = append(n.inbox, string(x.Key))
		}
		if x.Guest != "" {
			n.guests = append(n.guests, string(x.Guest))
			continue
		}
		n.aliases = append(n.aliases, a.names[i]...)
	}
	for i := range a.in.Receipts {
		r := &a.in.Receipts[i]
		failed := r.Status == hotel.DeliveryFailed && r.OnFailed.Key != ""
		if r.Key != "" {
			n.keys = append(n.keys, string(r.Key))
			if failed {
				n.guestOf = append(n.guestOf, string(r.Key))
			}
		}
		if r.MessageID != "" {
			n.proofs = append(n.proofs, r.MessageID)
			if failed {
				n.guestBy = append(n.guestBy, r.MessageID)
			}
		}
		if failed {
			n.inbox = append(n.inbox, string(r.OnFailed.Key))
		}
	}
	for i := range a.dead {
		n.hashes = append(n.hashes, a.dead[i][:])
	}
}

func (a *accept) decide(w *world) error {
	if err := a.check(w); err != nil {
		return err
	}
	a.out = hotel.AcceptResult{}
	for i := range a.in.Arrivals {
		a.out.Arrivals = append(a.out.Arrivals, a.arrive(w, i))
	}
	for _, r := range a.in.Receipts {
		a.out.Receipts = append(a.out.Receipts, w.receipt(a.in.Owner, r))
	}
	for i, d := range a.in.Dead {
		if w.seen[a.dead[i]] != nil {
			continue
		}
		w.see(a.dead[i], rule.Day(d.At), &inboxRow{})
		w.bury(d, "")
	}
	return nil
}

// check tells whether the guests that it is about are held.
func (a *accept) check(w *world) error {
	for i := range a.in.Arrivals {
		if id := a.in.Arrivals[i].Guest; id != "" && (w.guests[id] == nil || w.guests[id].erasing) {
			return rule.Err(a.op, hotel.NotFound, "no such guest")
		}
		for _, name := range a.names[i] {
			if id, known := w.aliases[name]; known && w.guests[id] == nil {
				return errLater
			}
		}
	}
	for i := range a.in.Receipts {
		r := &a.in.Receipts[i]
		if row := w.matched(r); row != nil && r.Status == hotel.DeliveryFailed && r.OnFailed.Key != "" && w.guests[row.Guest] == nil {
			return errLater
		}
	}
	return nil
}

// arrive takes one message in.
func (a *accept) arrive(w *world, i int) hotel.Accepted {
	x := &a.in.Arrivals[i]
	if x.MessageID != "" {
		if was := w.seen[a.hashes[i]]; was != nil {
			return duplicate(was)
		}
	}
	if was := w.inbox[x.Key]; was != nil {
		return duplicate(was)
	}
	id, fresh := w.resolve(x, a.names[i])
	row, _ := w.arrive(a.in.Owner, hotel.InboxRow{Key: x.Key, Guest: id, Kind: x.Kind, Body: x.Body, At: x.At})
	if x.MessageID != "" {
		w.see(a.hashes[i], rule.Day(x.At), w.inbox[x.Key])
	}
	return hotel.Accepted{Row: row, NewGuest: fresh}
}

func duplicate(was *inboxRow) hotel.Accepted {
	return hotel.Accepted{Row: was.InboxRow, Duplicate: true, Consumed: was.consumed || !was.there}
}

// see remembers what was taken.
func (w *world) see(hash [16]byte, day int64, row *inboxRow) {
	w.seen[hash] = row
	s := &w.out.seen
	s.hashes = append(s.hashes, hash[:])
	s.days = append(s.days, int32(day))
	s.inbox = append(s.inbox, row.Order)
}

// resolve finds the guest, when it is not named, by the strongest alias that is
// known, makes one when none is, and learns the aliases that are new.
func (w *world) resolve(x *hotel.Arrival, names []string) (id hotel.GuestID, fresh bool) {
	if x.Guest != "" {
		return x.Guest, false
	}
	for _, name := range names {
		if id = w.aliases[name]; id != "" {
			break
		}
	}
	if fresh = id == ""; fresh {
		id = hotel.GuestID(keys.New())
		w.guests[id] = &guestRow{id: id, property: x.Property}
		w.out.guests.ids = append(w.out.guests.ids, string(id))
		w.out.guests.properties = append(w.out.guests.properties, string(x.Property))
	}
	for i, name := range names {
		if _, known := w.aliases[name]; !known && x.Aliases[i].Value != "" {
			w.aliases[name] = id
			w.out.aliases.names = append(w.out.aliases.names, name)
			w.out.aliases.guests = append(w.out.aliases.guests, string(id))
		}
	}
	return id, fresh
}

// matched finds a receipt's row: by key, then by proof.
func (w *world) matched(r *hotel.ReceiptRow) *outboxRow {
	if row := w.rows[r.Key]; row != nil {
		return row
	}
	if r.MessageID == "" {
		return nil
	}
	return w.proofs[r.MessageID]
}

// receipt applies one status.
func (w *world) receipt(owner string, r hotel.ReceiptRow) hotel.AppliedReceipt {
	row := w.matched(&r)
	if row == nil {
		return hotel.AppliedReceipt{}
	}
	was := rule.Receipt(row.OutboxRow, r.Receipt)
	if was.Closes {
		row.done = done(r.At)
		w.prove(row.Key, ms(r.At))
	}
	if was.Changed || was.Proof {
		w.change(row, was.Row)
	}
	out := hotel.AppliedReceipt{Matched: true, Changed: was.Changed, Row: was.Row}
	out.Row.Body = nil
	if was.Failed && r.OnFailed.Key != "" {
		failed := r.OnFailed
		failed.Guest = row.Guest
		out.Failed, _ = w.arrive(owner, failed)
	}
	return out
}

// prove closes the dead letter of a row that proved to have been sent.
func (w *world) prove(key hotel.Key, when int64) {
	w.out.proven.keys = append(w.out.proven.keys, string(key))
	w.out.proven.ats = append(w.out.proven.ats, when)
}

// bury writes a dead letter.
func (w *world) bury(d hotel.DeadLetter, lane hotel.Lane) {
	l := &w.out.letters
	l.texts = append(l.texts, [7]string{d.Source, string(d.Key), string(d.Guest), string(d.Property), string(d.Kind), string(lane), d.Reason})
	l.ats = append(l.ats, ms(d.At))
	l.bodies = append(l.bodies, d.Body)
	l.doubts = append(l.doubts, d.InDoubt)
}
