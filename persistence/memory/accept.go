package memory

import (
	"context"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// Accept commits a webhook's rows, whole or not at all.
func (s *Store) Accept(ctx context.Context, a hotel.Accept) (hotel.AcceptResult, error) {
	const op = "memory.Accept"
	if err := rule.CheckAccept(op, a); err != nil {
		return hotel.AcceptResult{}, err
	}
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.AcceptResult{}, err
	}
	defer unlock()
	for _, x := range a.Arrivals {
		if g := s.guests[x.Guest]; x.Guest != "" && (g == nil || !g.erasing.IsZero()) {
			return hotel.AcceptResult{}, rule.Err(op, hotel.NotFound, "no such guest")
		}
	}
	var res hotel.AcceptResult
	for _, arrival := range a.Arrivals {
		res.Arrivals = append(res.Arrivals, s.accept(a.Owner, arrival))
	}
	for _, r := range a.Receipts {
		res.Receipts = append(res.Receipts, s.receipt(a.Owner, r))
	}
	for _, d := range a.Dead {
		hash := s.Hash("dead", d.Source, string(d.Property), string(d.Body))
		if _, twice := s.seen[hash]; twice {
			continue
		}
		s.seen[hash] = seen{day: rule.Day(d.At)}
		s.bury(d, "")
	}
	return res, nil
}

func (s *Store) accept(owner string, a hotel.Arrival) hotel.Accepted {
	hash := s.Hash(string(a.Property), a.MessageID)
	if was, twice := s.seen[hash]; twice && a.MessageID != "" {
		return s.duplicate(was.key)
	}
	if _, twice := s.inbox[a.Key]; twice {
		return s.duplicate(a.Key)
	}
	id, fresh := s.resolve(a)
	row, _ := s.arrive(owner, hotel.InboxRow{Key: a.Key, Guest: id, Kind: a.Kind, Body: a.Body, At: a.At})
	if a.MessageID != "" {
		s.seen[hash] = seen{day: rule.Day(a.At), key: a.Key}
	}
	return hotel.Accepted{Row: row, NewGuest: fresh}
}

func (s *Store) duplicate(key hotel.Key) hotel.Accepted {
	row, ok := s.inbox[key]
	if !ok {
		return hotel.Accepted{Duplicate: true, Consumed: true} // its row is trimmed
	}
	return hotel.Accepted{Row: row.InboxRow, Duplicate: true, Consumed: !row.consumed.IsZero()}
}

// resolve finds the guest, when it is not named, by the strongest alias that is
// known, makes one when none is, and learns the aliases that are new.
func (s *Store) resolve(a hotel.Arrival) (id hotel.GuestID, fresh bool) {
	if a.Guest != "" {
		return a.Guest, false
	}
	for _, x := range a.Aliases {
		if id = s.aliases[alias{a.Property, x}]; id != "" {
			break
		}
	}
	if fresh = id == ""; fresh {
		id = hotel.GuestID(keys.New())
		s.guests[id] = &guest{GuestRecord: hotel.GuestRecord{ID: id, Property: a.Property}}
	}
	for _, x := range a.Aliases {
		if _, known := s.aliases[alias{a.Property, x}]; !known && x.Value != "" {
			s.aliases[alias{a.Property, x}] = id
		}
	}
	return id, fresh
}

func (s *Store) receipt(owner string, r hotel.ReceiptRow) hotel.AppliedReceipt {
	row := s.outbox[r.Key]
	if row == nil && r.MessageID != "" {
		row = s.proofs[r.MessageID]
	}
	if row == nil {
		return hotel.AppliedReceipt{}
	}
	was := rule.Receipt(row.OutboxRow, r.Receipt)
	row.OutboxRow = was.Row
	if was.Proof {
		s.proofs[row.Proof] = row
	}
	if was.Closes {
		s.closeProven(row.Key, r.At)
	}
	out := hotel.AppliedReceipt{Matched: true, Changed: was.Changed, Row: row.OutboxRow}
	out.Row.Body = nil
	if was.Failed && r.OnFailed.Key != "" {
		failed := r.OnFailed
		failed.Guest = row.Guest
		out.Failed, _ = s.arrive(owner, failed)
	}
	return out
}

// Activate reads a guest's snapshot and its oldest unconsumed rows.
func (s *Store) Activate(ctx context.Context, id hotel.GuestID, limit int) (hotel.Activation, error) {
	const op = "memory.Activate"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.Activation{}, err
	}
	defer unlock()
	g := s.guests[id]
	if g == nil {
		return hotel.Activation{}, rule.Err(op, hotel.NotFound, "no such guest")
	}
	out := hotel.Activation{Guest: g.GuestRecord}
	out.Guest.State = slices.Clone(g.State)
	for _, row := range g.pending {
		if len(out.Pending) == rule.Limit(limit) {
			out.More = true
			break
		}
		out.Pending = append(out.Pending, row.InboxRow)
	}
	return out, nil
}

// Guest reads one guest's record.
func (s *Store) Guest(ctx context.Context, id hotel.GuestID) (hotel.GuestRecord, error) {
	a, err := s.Activate(ctx, id, 1)
	return a.Guest, err
}
