package qloapps

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/conserje/conserje/hotel"
)

type wireHistory struct {
	XMLName xml.Name `xml:"qloapps"`
	Order   int      `xml:"order_history>id_order"`
	State   int      `xml:"order_history>id_order_state"`
}

// Cancel sets the order's state to canceled, which frees its rooms and keeps its
// totals (a PUT would strip services, a DELETE would leave the room blocked).
// A repeat adds a line to the order's history and is harmless.
func (c *Client) Cancel(ctx context.Context, r hotel.CancelRequest) error {
	const op = "qloapps.Cancel"
	id := orderNumber(r.Order)
	if id < 1 {
		return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "bad_order", Err: errors.New("the order's id is not a number")}
	}
	body, err := xml.Marshal(wireHistory{Order: id, State: stateCanceled})
	if err != nil {
		return &hotel.Error{Op: op, Kind: hotel.Invalid, Err: errors.New("the order cannot be written")}
	}
	a := ask{op: op, method: http.MethodPost, resource: "order_histories", body: append([]byte(xml.Header), body...), kind: "text/xml", limit: writeTimeout, writes: true}
	answer, err := c.do(ctx, a)
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(answer.body)) == "Invalid new order status" {
		return &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "unknown_order", Err: errors.New("QloApps has no such order")}
	}
	var got struct {
		History struct {
			ID number `json:"id"`
		} `json:"order_history"`
	}
	if err := a.decode(answer, &got); err != nil {
		return err
	}
	if got.History.ID.int() < 1 {
		return a.odd(answer, "the answer has no history")
	}
	return nil
}

// Overbooked tells whether the reservation lost the race for one of its rooms:
// QloApps locks nothing, so several bookings may hold one room. The lowest
// room_bookings id keeps it (not the lowest order id: rows may land out of
// order); every client that looks comes to the same answer. A row becomes
// visible within milliseconds of getting its id, so look after the create's
// answer, not before.
func (c *Client) Overbooked(ctx context.Context, r hotel.Reservation) (bool, error) {
	const op = "qloapps.Overbooked"
	if len(r.Rows) == 0 {
		return false, &hotel.Error{Op: op, Kind: hotel.Invalid, Code: "bad_rows", Err: errors.New("the reservation names no rooms")}
	}
	for _, mine := range r.Rows {
		var others []wireRow
		q := query{"display": "[id,id_order,id_room,id_status,date_from,date_to,is_refunded]", "filter[id_room]": fmt.Sprintf("[%d]", mine.Room), "filter[is_refunded]": "[0]",
			"filter[date_from]": "<[" + r.Stay.CheckOut.String() + "]", "filter[date_to]": ">[" + r.Stay.CheckIn.String() + "]"}
		if err := c.list(ctx, op, "room_bookings", "bookings", q, &others); err != nil {
			return false, err
		}
		seen := false
		for _, o := range others {
			seen = seen || int64(o.ID.int()) == mine.ID
			if int64(o.ID.int()) < mine.ID && o.Order.int() != orderNumber(r.Order) && o.holds(mine.Room, r.Stay) {
				return true, nil
			}
		}
		if !seen {
			return false, odd(op, errors.New("the room's rows do not hold the booking's own: they tell nothing of others"))
		}
	}
	return false, nil
}

// holds tells whether a row holds a room on a night of the stay; what it does not
// say is as was asked for. A guest who has checked out holds nothing any more: who
// leaves early keeps the row's dates, and QloApps sells the nights that are left.
func (w wireRow) holds(room int64, s hotel.Stay) bool {
	from, to := day(w.From), day(w.To)
	return (w.Room == "" || int64(w.Room.int()) == room) && w.Refunded.int() != 1 && w.Status.int() != rowCheckedOut &&
		(from.IsZero() || from.Before(s.CheckOut)) && (to.IsZero() || s.CheckIn.Before(to))
}
