package sqlite

import (
	"database/sql/driver"

	"github.com/conserje/conserje/hotel"
)

// arriveAll writes the rows of what is fresh.
func (w *writer) arriveAll(all []arrival) error {
	for i := range all {
		a := &all[i]
		if a.twice {
			continue
		}
		a.out.Row = hotel.InboxRow{Key: a.Key, Guest: a.out.Row.Guest, Order: a.order, Kind: a.Kind, Body: a.Body, At: stored(a.At)}
		w.addInbox(a.out.Row)
	}
	_, err := w.sql.addInbox.flush()
	return err
}

// addInbox gathers an unconsumed row; the caller flushes.
func (w *writer) addInbox(r hotel.InboxRow) {
	w.sql.addInbox.add(r.Order, string(r.Key), string(r.Guest), string(r.Kind), r.Body, ms(r.At))
	row := pendingOf(r.Order, r.Key, r.Kind)
	w.pending.add(r.Guest, row)
	if row.said {
		w.said++
	}
}

// arrive writes one unconsumed row at its guest's end.
func (w *writer) arrive(r hotel.InboxRow) (hotel.InboxRow, error) {
	r.Order, r.At = w.nextOrder(), stored(r.At)
	w.addInbox(r)
	_, err := w.sql.addInbox.flush()
	return r, err
}

func (w *writer) answerDuplicates(all []arrival) error {
	for i := range all {
		a := &all[i]
		if !a.twice {
			continue
		}
		*a.out = hotel.Accepted{Duplicate: true, Consumed: true} // gone, unless it is found
		err := w.sql.inbox.each(func(v []driver.Value) error {
			a.out.Row, a.out.Consumed = inboxRow(v), v[6].(int64) != 0
			return nil
		}, a.first)
		if err != nil {
			return err
		}
	}
	return nil
}

// inboxRow reads the columns of queryInbox.
func inboxRow(v []driver.Value) hotel.InboxRow {
	return hotel.InboxRow{Order: v[0].(int64), Key: hotel.Key(text(v[1])), Guest: hotel.GuestID(text(v[2])),
		Kind: hotel.RowKind(text(v[3])), Body: blob(v[4]), At: at(v[5].(int64))}
}

// arriveOnce writes an unconsumed row unless its key stands already.
func (w *writer) arriveOnce(r hotel.InboxRow) (row hotel.InboxRow, written bool, err error) {
	stands, err := w.sql.inboxBy.any(string(r.Key))
	if err != nil || stands {
		return hotel.InboxRow{}, false, err
	}
	row, err = w.arrive(r)
	return row, err == nil, err
}
