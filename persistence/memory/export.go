package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// exportPage is how many records a page of an export has.
const exportPage = 100

// Export reads a page of what is kept of a guest.
func (s *Store) Export(ctx context.Context, id hotel.GuestID, page string) (hotel.ExportPage, error) {
	const op = "memory.Export"
	unlock, err := s.enter(ctx, op)
	if err != nil {
		return hotel.ExportPage{}, err
	}
	defer unlock()
	from, err := strconv.Atoi(cmp.Or(page, "0"))
	if err != nil || from < 0 {
		return hotel.ExportPage{}, rule.Err(op, hotel.Invalid, "no such page")
	}
	g := s.guests[id]
	if g == nil {
		return hotel.ExportPage{}, rule.Err(op, hotel.NotFound, "no such guest")
	}
	all, err := s.records(g)
	if err != nil {
		return hotel.ExportPage{}, &hotel.Error{Op: op, Kind: hotel.Invalid, Err: err}
	}
	all = all[min(from, len(all)):]
	if len(all) <= exportPage {
		return hotel.ExportPage{Records: all}, nil
	}
	return hotel.ExportPage{Records: all[:exportPage], Next: strconv.Itoa(from + exportPage)}, nil
}

// records is all that is kept of a guest, each kind in order.
func (s *Store) records(g *guest) ([]hotel.Record, error) {
	out := []hotel.Record{rule.GuestRecord(g.GuestRecord)}
	for a, id := range s.aliases {
		if id == g.ID {
			out = append(out, rule.AliasRecord(a.Alias))
		}
	}
	slices.SortFunc(out[1:], func(a, b hotel.Record) int { return cmp.Compare(string(a.Data), string(b.Data)) })
	if h, ok := s.handoffs[g.ID]; ok {
		out = append(out, rule.HandoffRecord(h))
	}
	for _, r := range s.reservations {
		if r.guest == g.ID {
			out = append(out, rule.ReservationRecord(r.Reservation))
		}
	}
	for _, t := range g.transcript {
		lines, err := rule.Transcript(t.body)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			out = append(out, rule.TranscriptRecord(l))
		}
	}
	for _, l := range s.letters {
		if l != nil && l.Guest == g.ID {
			out = append(out, rule.LetterRecord(l.DeadLetter))
		}
	}
	return append(out, s.rowRecords(g.ID)...), nil
}

func (s *Store) rowRecords(id hotel.GuestID) []hotel.Record {
	var in []*inboxRow
	for _, row := range s.inbox {
		if row.Guest == id {
			in = append(in, row)
		}
	}
	slices.SortFunc(in, func(a, b *inboxRow) int { return cmp.Compare(a.Order, b.Order) })
	var sent []*outboxRow
	for _, row := range s.outbox {
		if row.Guest == id {
			sent = append(sent, row)
		}
	}
	slices.SortFunc(sent, byOrder)
	var out []hotel.Record
	for _, row := range in {
		out = append(out, rule.InboxRecord(row.InboxRow, row.consumed))
	}
	for _, row := range sent {
		out = append(out, rule.OutboxRecord(row.OutboxRow))
	}
	return out
}

// FindGuests finds guests by an outside name, or by what a reservation of ours holds.
func (s *Store) FindGuests(ctx context.Context, property hotel.PropertyID, value string) ([]hotel.GuestID, error) {
	unlock, err := s.enter(ctx, "memory.FindGuests")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []hotel.GuestID
	for _, name := range rule.AliasesOf(value) {
		if id := s.aliases[alias{property, name}]; id != "" {
			out = append(out, id)
		}
	}
	for _, r := range s.reservations {
		if r.Property == property && rule.Holds(r.Reservation, value) {
			out = append(out, r.guest)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
