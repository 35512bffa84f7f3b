package actors_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// house of an inn: an engine whose dialogue is a clerk.
type lodge struct {
	*house
	inn   *inn
	clerk *clerk
	n     int
}

func lodging(t *testing.T, change ...func(*actors.Config)) *lodge {
	t.Helper()
	l := &lodge{inn: newInn(), clerk: newClerk()}
	l.house = open(t, append([]func(*actors.Config){l.config}, change...)...)
	after(10 * time.Second) // what is claimed at the sender's first instant counts as older
	return l
}

func (l *lodge) config(c *actors.Config) {
	c.PMS, c.Properties[0].Dialogue = l.inn, l.clerk
}

// asks lets a guest ask for what f says.
func (l *lodge) asks(phone string, f func(base hotel.Key) []conversation.Effect) {
	l.t.Helper()
	l.n++
	word := fmt.Sprint("word ", l.n)
	l.clerk.mu.Lock()
	l.clerk.does[word] = f
	l.clerk.mu.Unlock()
	l.say(phone, fmt.Sprint("wamid.", l.n), word)
}

var march = hotel.Stay{CheckIn: hotel.NewDate(2000, 3, 10), CheckOut: hotel.NewDate(2000, 3, 12)}
var april = hotel.Stay{CheckIn: hotel.NewDate(2000, 4, 10), CheckOut: hotel.NewDate(2000, 4, 12)}

// request is a booking of rooms in March, at the inn's price.
func request(base hotel.Key, rooms int) hotel.BookingRequest {
	return hotel.BookingRequest{Reference: hotel.ReferenceOf(base), Property: "posada", RoomType: hotel.RoomType{ID: "1"}, Stay: march,
		Parties: slices.Repeat([]hotel.Party{{Adults: 2}}, rooms), Quote: hotel.Money{Minor: 2_000 * int64(rooms), Currency: "ARS"}, Agreed: time.Now()}
}

func (l *lodge) book(phone string, rooms int) {
	l.t.Helper()
	l.asks(phone, func(base hotel.Key) []conversation.Effect {
		return []conversation.Effect{conversation.Book{BookingRequest: request(base, rooms)}}
	})
}

// outcome is the one result so far.
func (l *lodge) result(t *testing.T) conversation.Input {
	t.Helper()
	all := l.clerk.results()
	require.Len(t, all, 1)
	return all[0]
}

func outcomeOf(in conversation.Input) hotel.BookingOutcome {
	switch in := in.(type) {
	case conversation.Booked:
		return in.Outcome
	case conversation.BookingFailed:
		return in.Outcome
	case conversation.Changed:
		return in.Outcome
	case conversation.ChangeFailed:
		return in.Outcome
	case conversation.Withdrawn:
		return hotel.OutcomeWithdrawn
	}
	return ""
}

// dies ends the engine with what is out, and starts the next one a little later.
func (l *lodge) dies(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Error(t, l.Drain(ctx))
	after(3 * time.Second)
	l.start(l.config)
}

// twins are two engines of one inn on one store.
type twins struct {
	*lodge
	other    *lodge
	ofFirst  *fleet
	ofSecond *fleet
}

func lodges(t *testing.T, change ...func(*inn)) twins {
	t.Helper()
	w := twins{lodge: &lodge{inn: newInn(), clerk: newClerk()}}
	for _, f := range change {
		f(w.inn)
	}
	var second *house
	w.house, second, w.ofFirst, w.ofSecond = pair(t, w.config)
	w.other = &lodge{house: second, inn: w.inn, clerk: w.clerk, n: 100}
	after(10 * time.Second)
	return w
}

// owner is the engine that has something out, by its lease, and the one that has nothing.
func (w twins) owner() (owner *fleet, idle *lodge) {
	if len(w.claims("second")) > 0 {
		return w.ofSecond, w.lodge
	}
	return w.ofFirst, w.other
}

// standsStill lets the first call of a kind hang, with its engine, whatever ends.
func standsStill(_ context.Context, n int) error {
	if n == 1 {
		time.Sleep(200 * time.Second)
	}
	return nil
}
