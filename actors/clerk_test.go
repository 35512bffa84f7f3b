package actors_test

import (
	"sync"
	"time"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// clerk is a dialogue that does what a word stands for, and keeps what came of it.
type clerk struct {
	mu    sync.Mutex
	does  map[string]func(base hotel.Key) []conversation.Effect
	heard map[hotel.Key]conversation.Input
	order []hotel.Key
}

func newClerk() *clerk {
	return &clerk{does: map[string]func(hotel.Key) []conversation.Effect{}, heard: map[hotel.Key]conversation.Input{}}
}

func (c *clerk) Take(s conversation.State, inputs []conversation.Input, _ time.Time) conversation.Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	turn := conversation.Turn{State: s}
	for _, in := range inputs {
		switch in := in.(type) {
		case conversation.GuestSaid:
			if f := c.does[in.Text]; f != nil {
				turn.Effects = append(turn.Effects, f(in.Key)...)
			}
			for _, e := range turn.Effects {
				if e, ok := e.(conversation.Change); ok {
					turn.State.Changing = &conversation.Changing{Request: e.ChangeRequest}
				}
			}
		case conversation.Booked:
			c.keep(in.Key, in)
		case conversation.BookingFailed:
			c.keep(in.Key, in)
		case conversation.Changed:
			turn.State.Changing, turn.State.Bookings = nil, []conversation.Booking{{Reservation: in.Reservation}}
			c.keep(in.Key, in)
		case conversation.ChangeFailed:
			turn.State.Changing = nil
			c.keep(in.Key, in)
		case conversation.Cancelled:
			c.keep(in.Key, in)
		case conversation.CancelFailed:
			c.keep(in.Key, in)
		case conversation.Withdrawn:
			c.keep(in.Key, in)
		}
	}
	return turn
}

func (c *clerk) keep(key hotel.Key, in conversation.Input) {
	if _, ok := c.heard[key]; !ok {
		c.order = append(c.order, key)
	}
	c.heard[key] = in
}

func (c *clerk) HandOver(s conversation.State, inputs []conversation.Input, now time.Time) conversation.Turn {
	return c.Take(s, inputs, now)
}

// results are what came of the rows, in order.
func (c *clerk) results() (out []conversation.Input) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.order {
		out = append(out, c.heard[key])
	}
	return out
}
