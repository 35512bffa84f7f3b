package qloapps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conserje/conserje/hotel"
)

type wireTouched struct {
	ID        number `json:"id"`
	State     number `json:"current_state"`
	Updated   string `json:"date_upd"`
	Source    words  `json:"source"`
	Reference words  `json:"reference"`
}

const (
	// overlap is how far before the mark a poll begins. orders.date_upd has whole
	// seconds, and an order may become visible after a later one; and it is local
	// time, of which an hour comes twice when the clocks go back.
	overlap = time.Hour + 5*time.Second
	// firstPage is how many orders are read at once.
	firstPage = 200
	// maxPage is where a poll gives up on reading a burst whole.
	maxPage = 51200
	// emptyShop is the mark of a shop that has no order yet: before all of them.
	emptyShop = "1970-01-01 00:00:00"
)

// Changes reads the orders that somebody made or touched since a mark, oldest
// first, and the mark to ask with next: the newest orders.date_upd, which is the
// server's own clock, or now at the hotel where that is earlier: a server's clock
// that ran ahead and was put right must not hide what comes after. Without a mark
// it begins with the newest. What was touched in the hour before the mark comes
// again: Updated and Over tell whether it is news. Orders of the shop's other
// hotels are among them.
func (c *Client) Changes(ctx context.Context, since string) ([]hotel.OrderChange, string, error) {
	const op = "qloapps.Changes"
	if since == "" {
		var err error
		if since, err = c.newest(ctx, op); err != nil || since == emptyShop {
			return nil, since, err
		}
	}
	if _, err := time.Parse(time.DateTime, since); err != nil {
		return nil, "", (&fault{"bad_mark", "the mark is no time"}).as(op)
	}
	now := c.config.Now().In(c.config.Zone).Format(time.DateTime)
	mark := min(since, now) // they sort as they read: YYYY-MM-DD hh:mm:ss
	from, err := time.Parse(time.DateTime, mark)
	if err != nil {
		return nil, "", odd(op, errors.New("the hotel's time cannot be read"))
	}
	after := from.Add(-overlap)
	limit := firstPage
	var all []wireTouched
	for {
		page, err := c.touched(ctx, op, after, limit)
		if err != nil {
			return nil, "", err
		}
		all = merge(all, page)
		if len(page) < limit {
			break
		}
		// There is more. The next page begins a second before where this one ended:
		// an offset would skip what moves to the end meanwhile.
		last, err := time.Parse(time.DateTime, page[len(page)-1].Updated)
		if err != nil {
			return nil, "", odd(op, errors.New("an order's time cannot be read"))
		}
		next := last.Add(-time.Second)
		switch {
		case next.After(after):
			after = next
		case limit < maxPage:
			limit *= 4 // so many within a second
		default:
			return nil, "", odd(op, errors.New("too many orders were touched at once"))
		}
	}
	changes := make([]hotel.OrderChange, 0, len(all))
	for _, w := range all {
		mark = max(mark, w.Updated)
		changes = append(changes, hotel.OrderChange{Order: fmt.Sprint(w.ID.int()), Code: hotel.BookingCode(w.Reference), Reference: ours(string(w.Source)),
			Over: w.State.int() == stateCanceled || w.State.int() == stateRefunded, Updated: w.Updated})
	}
	return changes, min(mark, now), nil
}

// merge adds a page; an order that is there already counts as it is now.
func merge(all, page []wireTouched) []wireTouched {
	at := map[int]int{}
	for i, w := range all {
		at[w.ID.int()] = i
	}
	for _, w := range page {
		if i, ok := at[w.ID.int()]; ok {
			all[i] = w
			continue
		}
		all = append(all, w)
	}
	return all
}

func (c *Client) touched(ctx context.Context, op string, after time.Time, limit int) ([]wireTouched, error) {
	var page []wireTouched
	err := c.list(ctx, op, "orders", "orders", query{"display": "[id,current_state,date_upd,source,reference]", "date": "1",
		"filter[date_upd]": ">[" + after.Format(time.DateTime) + "]", "sort": "[date_upd_ASC]", "limit": fmt.Sprint(limit)}, &page)
	return page, err
}

// newest is the mark to begin with.
func (c *Client) newest(ctx context.Context, op string) (string, error) {
	var page []wireTouched
	q := query{"display": "[id,date_upd]", "date": "1", "sort": "[date_upd_DESC]", "limit": "1"}
	if err := c.list(ctx, op, "orders", "orders", q, &page); err != nil {
		return "", err
	}
	if len(page) == 0 {
		return emptyShop, nil
	}
	if _, err := time.Parse(time.DateTime, page[0].Updated); err != nil {
		return "", odd(op, errors.New("an order's time cannot be read"))
	}
	return page[0].Updated, nil
}
