package postgres

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// turn is a turn on its way into the store.
type turn struct {
	op           string
	in           hotel.TurnCommit
	reservations [][]byte
	unsent       []hotel.Key // rows that may be taken back, of a turn that erases its guest
	out          hotel.TurnCommitted
}

// Commit writes a turn, whole or not at all.
func (s *Store) Commit(ctx context.Context, t hotel.TurnCommit) (hotel.TurnCommitted, error) {
	const op = "postgres.Commit"
	for _, o := range t.Outbox {
		if o.Key == "" || o.Lane == "" {
			return hotel.TurnCommitted{}, rule.Err(op, hotel.Invalid, "an outbox row's key or lane")
		}
	}
	work := &turn{op: op, in: t}
	for _, r := range t.Reservations {
		body, err := json.Marshal(r)
		if err != nil {
			return hotel.TurnCommitted{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
		}
		work.reservations = append(work.reservations, body)
	}
	if t.Erase != "" {
		var err error
		if work.unsent, err = s.unsent(ctx, op, t.Guest); err != nil {
			return hotel.TurnCommitted{}, err
		}
	}
	if err := s.send(ctx, op, work); err != nil {
		return hotel.TurnCommitted{}, err
	}
	return work.out, nil
}

func (t *turn) ask(n *need) {
	n.guests = append(n.guests, string(t.in.Guest))
	n.orders += len(t.in.Outbox) + len(t.in.Withdraw)
	if len(t.in.Consumed) > 0 {
		n.turns = append(n.turns, string(t.in.Guest))
		n.counts = append(n.counts, int32(len(t.in.Consumed)))
	}
	for i := range t.in.Outbox {
		n.lane(t.in.Outbox[i].Lane)
	}
	if t.in.Erase != "" {
		n.unsent = append(n.unsent, string(t.in.Guest))
	}
	for _, key := range t.unsent {
		n.row(key, false)
	}
	for _, key := range t.in.Withdraw {
		n.row(key, true)
		n.inbox = append(n.inbox, string(rule.WithdrawnKey(key)))
	}
}

func (t *turn) decide(w *world) error {
	g, err := t.check(w)
	if err != nil {
		return err
	}
	t.out = hotel.TurnCommitted{Version: g.version + 1}
	when := done(t.in.At)
	for _, row := range w.waiting[g.id][:len(t.in.Consumed)] {
		w.out.consumed.ids = append(w.out.consumed.ids, row.id)
		w.out.consumed.ats = append(w.out.consumed.ats, when)
		if in := w.inbox[row.key]; in != nil {
			in.consumed = true
		}
	}
	g.version++
	g.turned = true
	w.out.turns = append(w.out.turns, t)
	t.withdraw(w)
	if t.in.Erase != "" {
		t.mark(w, g)
	}
	for i := range t.in.Outbox {
		t.send(w, i)
	}
	t.keep(w)
	return nil
}

// check tells whether the turn may be written, before anything is.
func (t *turn) check(w *world) (*guestRow, error) {
	g := w.guests[t.in.Guest]
	if g == nil {
		return nil, rule.Err(t.op, hotel.NotFound, "no such guest")
	}
	if g.turned {
		return nil, errLater
	}
	if g.version != t.in.Version {
		return nil, rule.Err(t.op, hotel.Conflict, "version")
	}
	rows := w.waiting[t.in.Guest]
	if len(rows) < len(t.in.Consumed) {
		return nil, rule.Err(t.op, hotel.Conflict, "rows")
	}
	for i, key := range t.in.Consumed {
		if rows[i].key != key {
			return nil, rule.Err(t.op, hotel.Conflict, "rows")
		}
	}
	for i, o := range t.in.Outbox {
		if w.rows[o.Key] != nil || slices.ContainsFunc(t.in.Outbox[:i], func(x hotel.OutboxRow) bool { return x.Key == o.Key }) {
			return nil, rule.Err(t.op, hotel.Invalid, "an outbox row's key stands already")
		}
	}
	// What a replay has put back since they were looked for is taken back too.
	for _, key := range w.unsent[t.in.Guest] {
		if t.in.Erase != "" && !slices.Contains(t.unsent, key) {
			t.unsent = w.unsent[t.in.Guest]
			return nil, errLater
		}
	}
	for _, key := range slices.Concat(t.unsent, t.in.Withdraw) {
		if r := w.rows[key]; r != nil && r.Guest == t.in.Guest && !w.holds(r.Lane) {
			return nil, errLater
		}
	}
	for _, l := range t.in.Claim {
		if w.lane(l).unsure() {
			return nil, errLater
		}
	}
	return g, nil
}

// withdraw takes pending rows of the guest back, unless the outside has spoken of them.
func (t *turn) withdraw(w *world) {
	for _, key := range t.in.Withdraw {
		row := w.rows[key]
		if row == nil || row.Guest != t.in.Guest || row.State != hotel.Pending || rule.Evident(row.OutboxRow) {
			continue
		}
		to := row.OutboxRow
		to.State = hotel.Withdrawn
		row.done = done(t.in.At)
		w.change(row, to)
		if in, written := w.arrive(t.in.Owner, rule.WithdrawnRow(row.OutboxRow, t.in.At)); written {
			t.out.Withdrawn = append(t.out.Withdrawn, in)
		}
	}
}

// send writes one outbox row, claimed when the turn holds a permit and nothing is ahead.
func (t *turn) send(w *world, i int) {
	o := &t.in.Outbox[i]
	row := hotel.OutboxRow{
		Key: o.Key, Guest: t.in.Guest, Property: t.in.Property, Lane: o.Lane, Order: w.next(), Kind: o.Kind, Body: o.Body,
		State: hotel.Pending, NotBefore: stored(o.NotBefore), CreatedAt: stored(t.in.At),
	}
	t.out.Orders = append(t.out.Orders, row.Order)
	l := w.lane(o.Lane)
	if slices.Contains(t.in.Claim, o.Lane) && l.sending == nil && len(l.pending) == 0 && !row.NotBefore.After(t.in.At) {
		row.State, row.Owner, row.Attempt, row.ClaimedAt = hotel.Sending, t.in.Owner, 1, row.CreatedAt
		t.out.Claimed = append(t.out.Claimed, row)
	}
	w.add(row)
}

// keep writes what a turn leaves for people.
func (t *turn) keep(w *world) {
	for i, r := range t.in.Reservations {
		w.out.reservations = append(w.out.reservations, reservation{string(r.Reference), string(r.Property), string(t.in.Guest), string(t.reservations[i])})
	}
	if h := t.in.Handoff; h != nil {
		x := &w.out.handoffs
		x.texts = append(x.texts, [6]string{string(t.in.Guest), string(t.in.Property), string(h.State), string(h.Cause), h.Name, h.Address})
		x.times = append(x.times, [3]int64{ms(h.Opened), ms(h.Staff), ms(h.Heard)})
	}
	if len(t.in.Transcript) > 0 {
		x := &w.out.said
		x.guests = append(x.guests, string(t.in.Guest))
		x.ats = append(x.ats, ms(t.in.At))
		x.bodies = append(x.bodies, t.in.Transcript)
	}
}
