package sqlite

import (
	"database/sql/driver"
	"slices"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/internal/rule"
)

// states of outbox rows as numbers: the indexes' conditions are written in them.
var states = []hotel.SendState{hotel.Pending, hotel.Sending, hotel.Settled, hotel.Dead, hotel.Withdrawn}

func stateNumber(s hotel.SendState) int64 { return int64(slices.Index(states, s)) }

// outboxRow reads outboxColumns.
func outboxRow(v []driver.Value) hotel.OutboxRow {
	return hotel.OutboxRow{
		Order: v[0].(int64), Key: hotel.Key(text(v[1])), Guest: hotel.GuestID(text(v[2])), Property: hotel.PropertyID(text(v[3])),
		Lane: hotel.Lane(text(v[4])), Kind: hotel.RowKind(text(v[5])), State: states[v[6].(int64)], Owner: text(v[7]),
		Attempt: int(v[8].(int64)), NotBefore: at(v[9].(int64)), CreatedAt: at(v[10].(int64)), ClaimedAt: at(v[11].(int64)),
		Status: hotel.DeliveryStatus(text(v[12])), Proof: text(v[13]),
	}
}

// rowOf remembers or reads an outbox row, without its body; ok is false when there is none.
func (w *writer) rowOf(key hotel.Key) (row hotel.OutboxRow, ok bool, err error) {
	if row, ok = w.rows.get(key); ok {
		return row, true, nil
	}
	err = w.sql.row.each(func(v []driver.Value) error {
		row, ok = outboxRow(v), true
		return nil
	}, string(key))
	if ok {
		w.rows.put(key, row)
	}
	return row, ok, err
}

// body reads a row's body.
func (w *writer) body(row *hotel.OutboxRow) error {
	return w.sql.body.each(func(v []driver.Value) error {
		row.Body = blob(v[0])
		return nil
	}, row.Order)
}

// save writes a row that has changed, but not its lane; done is when, in
// milliseconds, it was done with, 0 when it is not.
func (w *writer) save(row hotel.OutboxRow, done int64) error {
	row.Body = nil
	w.rows.put(row.Key, row)
	return w.sql.out.exec(stateNumber(row.State), row.Owner, int64(row.Attempt), ms(row.NotBefore), ms(row.ClaimedAt), done,
		string(row.Status), row.Proof, row.Order)
}

// receipt applies one status.
func (w *writer) receipt(r hotel.ReceiptRow) (hotel.AppliedReceipt, error) {
	row, ok, err := w.matched(r)
	if err != nil || !ok {
		return hotel.AppliedReceipt{}, err
	}
	was := rule.Receipt(row, r.Receipt)
	if err := w.saveReceipt(was, r); err != nil {
		return hotel.AppliedReceipt{}, err
	}
	out := hotel.AppliedReceipt{Matched: true, Changed: was.Changed, Row: was.Row}
	if was.Failed && r.OnFailed.Key != "" {
		failed := r.OnFailed
		failed.Guest = row.Guest
		out.Failed, _, err = w.arriveOnce(failed)
	}
	return out, err
}

func (w *writer) saveReceipt(was rule.Receipted, r hotel.ReceiptRow) error {
	switch {
	case was.Closes:
		if err := w.sql.proven.exec(ms(r.At), string(was.Row.Key)); err != nil {
			return err
		}
		return w.save(was.Row, ms(r.At))
	case was.Proof:
		return w.save(was.Row, doneOf(was.Row, r))
	case was.Changed: // the common case: no index is touched
		w.rows.put(was.Row.Key, was.Row)
		return w.sql.status.exec(string(was.Row.Status), was.Row.Order)
	}
	return nil
}

// doneOf is when a row that learns its proof from a receipt was done with: as
// good as now for one that is settled already, never for one that is out.
func doneOf(row hotel.OutboxRow, r hotel.ReceiptRow) int64 {
	if row.State == hotel.Pending || row.State == hotel.Sending {
		return 0
	}
	return ms(r.At)
}

// matched finds a receipt's row: by key, then by proof.
func (w *writer) matched(r hotel.ReceiptRow) (row hotel.OutboxRow, ok bool, err error) {
	if r.Key != "" {
		if row, ok, err = w.rowOf(r.Key); ok || err != nil {
			return row, ok, err
		}
	}
	if r.MessageID == "" {
		return row, false, nil
	}
	err = w.sql.proof.each(func(v []driver.Value) error {
		row, ok = outboxRow(v), true
		return nil
	}, r.MessageID)
	if remembered, known := w.rows.get(row.Key); ok && known {
		row = remembered
	}
	return row, ok, err
}
