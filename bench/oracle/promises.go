package oracle

import "slices"

// durable: a 200 means exactly one inbox row; no message has more, acknowledged or not.
func (j *judge) durable() Check {
	c := Check{Name: "a 200 is one inbox row"}
	for n, g := range j.Guests {
		for i, s := range g.Said {
			rows := len(j.byID[s.ID])
			c.look(rows == 1 || rows == 0 && !s.Acked, "guest %d, message %d: acked %v, %d rows", n, i, s.Acked, rows)
		}
	}
	return c
}

// known: nothing stands in the inbox that nobody said.
func (j *judge) known() Check {
	c := Check{Name: "nothing invented in the inbox"}
	said := map[string]bool{}
	for _, g := range j.Guests {
		for _, s := range g.Said {
			said[s.ID] = true
		}
	}
	for id := range j.byID {
		c.look(said[id], "a row of a message that nobody sent")
	}
	return c
}

func (j *judge) consumed() Check {
	c := Check{Name: "every inbox row is consumed"}
	for _, r := range j.Store.Inbox {
		c.look(r.Consumed, "row %s of kind %s", r.Key, r.Kind)
	}
	return c
}

func (j *judge) carried() Check {
	c := Check{Name: "every outbox row is settled"}
	for _, r := range j.Store.Outbox {
		c.look(r.Settled || j.Buries && r.Dead, "row %s of kind %s", r.Key, r.Kind)
	}
	return c
}

// heardOnce: each bubble of the store reached its own guest once, and nothing else did.
func (j *judge) heardOnce() Check {
	c := Check{Name: "each bubble is heard once"}
	times := map[string]int{}
	for n, g := range j.Guests {
		for _, h := range g.Heard {
			times[h.Key]++
			r, ok := j.says[h.Key]
			owner, known := j.owner[r.Guest]
			c.look(ok && known && owner == n, "guest %d heard what is not theirs: %s", n, h.Key)
		}
	}
	for key, r := range j.says {
		least, most := 1, 1
		if j.Buries && r.Dead {
			least = 0
		}
		if j.Doubts {
			most = r.Attempt
		}
		c.look(times[key] >= least && times[key] <= most, "bubble %s was heard %d times", key, times[key])
	}
	return c
}

// answered: each message is answered by a bubble of its own turn or a later one.
func (j *judge) answered() Check {
	c := Check{Name: "each message is answered"}
	for n, g := range j.Guests {
		for i, s := range g.Said {
			for _, r := range j.byID[s.ID] {
				a := j.answers[r.Guest]
				c.look(len(a) > 0 && a[len(a)-1] >= r.Order, "guest %d, message %d", n, i)
			}
		}
	}
	return c
}

// spurious: each bubble is the first to answer at least one message, so none is
// answered twice. Where guests heard a bubble twice they type ahead, as they
// take it for an answer: then a bubble of a later message may overtake one whose
// reads came late, and each bubble has a message of its own that came before it.
func (j *judge) spurious() Check {
	c := Check{Name: "no message is answered twice"}
	orders := map[string][]int64{}
	for _, rows := range j.byID {
		for _, r := range rows {
			orders[r.Guest] = append(orders[r.Guest], r.Order)
		}
	}
	ahead := j.typesAhead()
	for guest, anchors := range j.answers {
		asked, left := orders[guest], 0
		slices.Sort(asked)
		for _, a := range anchors {
			n, _ := slices.BinarySearch(asked, a+1)
			left, asked = left+n, asked[n:]
			c.look(n > 0 || left > 0 && ahead[j.owner[guest]], "guest %d heard one bubble too many", j.owner[guest])
			left--
		}
	}
	return c
}

// typesAhead finds who heard a bubble twice, where that is allowed.
func (j *judge) typesAhead() map[int]bool {
	out := map[int]bool{}
	if !j.Doubts {
		return out
	}
	for n, g := range j.Guests {
		heard := map[string]bool{}
		for _, h := range g.Heard {
			out[n] = out[n] || heard[h.Key]
			heard[h.Key] = true
		}
	}
	return out
}

// inOrder: messages were committed as they were said, bubbles were heard as they were committed.
func (j *judge) inOrder() Check {
	c := Check{Name: "in order per guest"}
	for n, g := range j.Guests {
		var last int64
		for i, s := range g.Said {
			for _, r := range j.byID[s.ID] {
				c.look(r.Order > last, "guest %d, message %d was committed before the one said before it", n, i)
				last = r.Order
			}
		}
		last = 0
		for i, h := range g.Heard {
			r := j.says[h.Key]
			if j.Doubts && r.Order == last {
				continue // once more
			}
			c.look(r.Order > last, "guest %d heard bubble %d out of order", n, i)
			last = r.Order
		}
	}
	return c
}

// booked: a confirmed guest has one live booking, who never agreed has none,
// and the hotels hold nothing that nobody asked for.
func (j *judge) booked() Check {
	c := Check{Name: "each confirmed reservation is booked once"}
	live := map[string]int{}
	for _, email := range j.Bookings {
		live[email]++
	}
	confirmed := 0
	for n, g := range j.Guests {
		b := live[g.Email]
		delete(live, g.Email)
		if !g.Agreed && !g.Confirmed && b == 0 {
			continue
		}
		if g.Confirmed {
			confirmed++
		}
		c.look(b == 1 && g.Agreed || b == 0 && !g.Confirmed, "guest %d: agreed %v, confirmed %v, %d live bookings", n, g.Agreed, g.Confirmed, b)
	}
	for _, b := range live {
		c.look(false, "%d live bookings of nobody", b)
	}
	if j.Store.Reservations > 0 || confirmed > 0 {
		c.look(j.Store.Reservations == len(j.Bookings), "the store knows %d live reservations, the hotels %d", j.Store.Reservations, len(j.Bookings))
	}
	return c
}

func (j *judge) letters() Check {
	c := Check{Name: "no dead letters"}
	if j.Buries {
		c.Name = "each dead letter has its reason"
		c.look(j.Store.Unreasoned == 0, "%d dead letters have none", j.Store.Unreasoned)
		return c
	}
	c.look(j.Store.Letters == 0, "%d dead letters, such as: %s", j.Store.Letters, j.Store.Reason)
	return c
}
