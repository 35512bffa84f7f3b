package storetest

import (
	"slices"
	"strconv"
	"time"

	"pgregory.net/rapid"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

var modelPromises = []promise{
	{"OneGuestAndOneLaneBehaveLikeTheModel", likeTheModel},
}

// likeTheModel plays random lives of one guest at a time against a model that
// is two lists: what waits to be heard, and what waits to be sent.
func likeTheModel(h *house) {
	rapid.Check(h.t, func(t *rapid.T) {
		m := &model{h: h, number: h.name("54")}
		m.hear(t)
		t.Repeat(map[string]func(*rapid.T){
			"hear":    m.hear,
			"again":   m.hearAgain,
			"turn":    m.turn,
			"stale":   m.stale,
			"claim":   m.claim,
			"settle":  m.settle,
			"release": m.release,
			"repeat":  m.repeat,
			"late":    m.lateEvidence,
			"":        m.check,
		})
	})
}

type model struct {
	h        *house
	number   string
	guest    hotel.GuestID
	version  int64
	messages []hotel.Arrival // ever sent
	waiting  []hotel.Key     // unconsumed, in order
	lane     []hotel.Key     // unsettled, in order
	sending  bool            // the lane's head is
	attempt  int             // of the head
	heard    []hotel.Key     // ever consumed, in order
	left     []hotel.Key     // ever settled, in order
}

func (m *model) hear(t *rapid.T) {
	message := m.h.said(phone(m.number))
	got := m.h.accept(message)[0]
	if m.guest == "" {
		m.guest = got.Row.Guest
	}
	m.messages = append(m.messages, message)
	m.waiting = append(m.waiting, message.Key)
	m.require(t, got.Row.Guest == m.guest && !got.Duplicate, "a message is the guest's, once")
}

func (m *model) hearAgain(t *rapid.T) {
	message := rapid.SampledFrom(m.messages).Draw(t, "message")
	was := message.Key
	message.Key = hotel.Key(keys.New())
	got := m.h.accept(message)[0]
	m.require(t, got.Duplicate && got.Row.Key == was, "a message is taken once")
	m.require(t, got.Consumed == slices.Contains(m.heard, was), "consumed or not")
}

func (m *model) turn(t *rapid.T) {
	n := rapid.IntRange(0, len(m.waiting)).Draw(t, "rows")
	c := hotel.TurnCommit{Guest: m.guest, Property: sur, Version: m.version, State: []byte(strconv.Itoa(int(m.version + 1))),
		Consumed: slices.Clone(m.waiting[:n]), Owner: engine, At: m.h.now}
	lane := hotel.GuestLane(m.guest)
	for range rapid.IntRange(0, 3).Draw(t, "bubbles") {
		c.Outbox = append(c.Outbox, m.h.say(lane))
	}
	if rapid.Bool().Draw(t, "permit") {
		c.Claim = []hotel.Lane{lane}
	}
	done := m.h.commit(c)
	claims := len(c.Claim) > 0 && len(m.lane) == 0 && len(c.Outbox) > 0
	m.require(t, (len(done.Claimed) == 1) == claims, "claimed when nothing is ahead")
	if claims {
		m.sending, m.attempt = true, 1
	}
	m.version++
	m.heard, m.waiting = append(m.heard, m.waiting[:n]...), slices.Clone(m.waiting[n:])
	for _, o := range c.Outbox {
		m.lane = append(m.lane, o.Key)
	}
}

func (m *model) stale(t *rapid.T) {
	c := hotel.TurnCommit{Guest: m.guest, Property: sur, Version: m.version, Consumed: m.waiting, At: m.h.now}
	switch {
	case len(m.waiting) > 1 && rapid.Bool().Draw(t, "hole"):
		c.Consumed = m.waiting[1:]
	case len(m.heard) > 0 && rapid.Bool().Draw(t, "twice"):
		c.Consumed = append([]hotel.Key{m.heard[0]}, m.waiting...)
	default:
		c.Version += rapid.SampledFrom([]int64{-1, 1}).Draw(t, "version")
	}
	_, err := m.h.Commit(m.h.t.Context(), c)
	m.require(t, hotel.KindOf(err) == hotel.Conflict, "a stale turn is a conflict")
}

func (m *model) claim(t *rapid.T) {
	row, err := m.h.Claim(m.h.t.Context(), hotel.Claim{Lane: hotel.GuestLane(m.guest), Owner: engine, At: m.h.now})
	if len(m.lane) == 0 || m.sending {
		m.require(t, hotel.KindOf(err) == hotel.NotFound, "nothing to claim")
		return
	}
	m.require(t, err == nil && row.Key == m.lane[0], "the oldest is claimed")
	m.sending, m.attempt = true, 1
}

func (m *model) settle(t *rapid.T) {
	if !m.sending {
		t.Skip("nothing is out")
	}
	next := rapid.Bool().Draw(t, "next")
	res := m.h.settle(hotel.Settlement{Key: m.lane[0], Attempt: m.attempt, State: hotel.Settled, ClaimNext: next})
	m.require(t, res.Applied, "it was out")
	m.left, m.lane = append(m.left, m.lane[0]), slices.Clone(m.lane[1:])
	m.sending, m.attempt = next && len(m.lane) > 0, 1
	m.require(t, (res.Next != nil) == m.sending, "the next is claimed with a permit")
	m.require(t, !m.sending || res.Next.Key == m.lane[0], "and it is the oldest")
}

func (m *model) release(t *rapid.T) {
	if !m.sending || m.attempt > 1 {
		t.Skip("nothing that never left is out")
	}
	res := m.h.settle(hotel.Settlement{Key: m.lane[0], Attempt: m.attempt, State: hotel.Pending})
	m.require(t, res.Applied, "it was out")
	m.sending = false
}

func (m *model) repeat(t *rapid.T) {
	if !m.sending {
		t.Skip("nothing is in doubt")
	}
	row, err := m.h.Repeat(m.h.t.Context(), hotel.Repeat{Key: m.lane[0], Attempt: m.attempt, Owner: engine, At: m.h.now})
	m.attempt++
	m.require(t, err == nil && row.Attempt == m.attempt, "the attempt rises")
}

func (m *model) lateEvidence(t *rapid.T) {
	if len(m.left) == 0 {
		t.Skip("nothing has left")
	}
	key := rapid.SampledFrom(m.left).Draw(t, "row")
	state := rapid.SampledFrom([]hotel.SendState{hotel.Settled, hotel.Dead, hotel.Pending}).Draw(t, "state")
	m.require(t, !m.h.settle(hotel.Settlement{Key: key, Attempt: 1, State: state}).Applied, "what is settled stays settled")
}

func (m *model) check(t *rapid.T) {
	a, err := m.h.Activate(m.h.t.Context(), m.guest, 1000)
	m.require(t, err == nil && a.Guest.Version == m.version, "the version")
	m.require(t, slices.Equal(m.waiting, keysOf(a.Pending)), "what waits, in order")
	for i, key := range m.lane {
		want := hotel.Pending
		if i == 0 && m.sending {
			want = hotel.Sending
		}
		row, err := m.h.Row(m.h.t.Context(), key)
		m.require(t, err == nil && row.State == want, "one is out, the rest wait")
	}
	swept, err := m.h.Sweep(m.h.t.Context(), hotel.Sweep{Now: m.h.now.Add(time.Hour), Owner: engine, Limit: 100000})
	m.require(t, err == nil && slices.Contains(swept.Guests, m.guest) == (len(m.waiting) > 0), "swept when it waits")
}

func (m *model) require(t *rapid.T, ok bool, what string) {
	if !ok {
		t.Fatalf("not so: %s", what)
	}
}
