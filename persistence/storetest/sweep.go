package storetest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

var sweepPromises = []promise{
	{"GuestsWithUnconsumedRowsOldestFirst", sweepGuests},
	{"YoungRowsAreLeftToTheirNudges", sweepAge},
	{"RowsFromTheFutureAreOld", sweepClockBack},
	{"ListsAreLimited", sweepLimit},
	{"LanesWithAClaimableHead", sweepLanes},
	{"ALaneBehindASendingHeadIsNotListed", sweepBehindSending},
	{"AClaimThatNobodyHoldsIsListed", sweepClaims},
	{"ClaimsOfAnotherOwnerAreNot", sweepOwners},
	{"BacklogCounts", backlogCounts},
	{"TheOldestRowIsOneThatMayLeaveOrWasTried", backlogOldest},
	{"DoubtsAreOldClaimsOfAnybody", doubts},
	{"PingAnswers", pingAnswers},
}

func sweepGuests(h *house) {
	var want []hotel.GuestID
	for _, number := range []string{"541", "542", "543"} {
		want = append(want, h.hear(number).Guest)
	}
	h.hear("541")
	h.Equal(want, h.sweep().Guests, "each once")

	h.commit(h.turn(h.pending(want[1])...))
	h.Equal([]hotel.GuestID{want[0], want[2]}, h.sweep().Guests)

	h.commit(h.turn(h.pending(want[0])[0]))
	h.Equal([]hotel.GuestID{want[2], want[0]}, h.sweep().Guests, "by the oldest row that is left")
}

func sweepAge(h *house) {
	h.reply(1, false)
	h.hear("541")
	h.now = h.now.Add(2*time.Second - time.Millisecond)
	ask := hotel.Sweep{Now: h.now, Owner: engine, Age: 2 * time.Second, Limit: 10}

	swept, err := h.Sweep(h.t.Context(), ask)
	h.NoError(err)
	h.Equal(hotel.Swept{}, swept)

	ask.Now = ask.Now.Add(time.Millisecond)
	swept, err = h.Sweep(h.t.Context(), ask)
	h.NoError(err)
	h.Len(swept.Guests, 1)
	h.Len(swept.Lanes, 1)
}

// sweepClockBack: the clock was set back an hour since the rows were written.
func sweepClockBack(h *house) {
	h.reply(1, false)
	h.hear("541")

	swept, err := h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now.Add(-time.Hour), Owner: engine, Age: 2 * time.Second, Limit: 10})

	h.NoError(err)
	h.Len(swept.Guests, 1)
	h.Len(swept.Lanes, 1)
}

func sweepLimit(h *house) {
	for range 5 {
		h.reply(1, true)
		guest, _, _ := h.reply(1, false)
		h.commit(hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, Due: h.now, At: h.now})
		h.hear(h.name("549"))
	}

	swept, err := h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now, Owner: engine, Limit: 3})
	h.NoError(err)
	h.Len(swept.Guests, 3)
	h.Len(swept.Due, 3)
	h.Len(swept.Lanes, 3)
	h.Len(swept.Claims, 3)
}

func sweepLanes(h *house) {
	guest, first, _ := h.reply(2, false)
	_, second, _ := h.reply(1, false)

	lanes := h.sweep().Lanes

	h.Equal(hotel.LaneHead{Lane: first, Property: sur, Guest: guest, At: h.now}, lanes[0], "by lane, not by row")
	h.Len(lanes, 2)
	h.Equal(second, lanes[1].Lane)
}

func sweepBehindSending(h *house) {
	_, _, out := h.reply(2, true)
	h.Empty(h.sweep().Lanes)

	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled})
	h.Len(h.sweep().Lanes, 1)
}

func sweepClaims(h *house) {
	_, _, first := h.reply(2, true)
	_, _, second := h.reply(1, true)

	claims := h.sweep().Claims

	h.Equal([]hotel.OutboxRow{h.row(first[0]), h.row(second[0])}, claims)
	h.NotEmpty(claims[0].Body)
	h.settle(hotel.Settlement{Key: first[0], Attempt: 1, State: hotel.Settled})
	h.Equal([]hotel.OutboxRow{h.row(second[0])}, h.sweep().Claims)
}

func sweepOwners(h *house) {
	_, _, out := h.reply(1, true)
	swept, err := h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now, Owner: "engine-2", Limit: 10})
	h.NoError(err)
	h.Empty(swept.Claims)
	h.Equal(engine, h.row(out[0]).Owner)
}

func backlogCounts(h *house) {
	backlog := func() hotel.Backlog {
		b, err := h.Backlog(h.t.Context())
		h.NoError(err)
		return b
	}
	h.Equal(hotel.Backlog{}, backlog())

	row := h.hear("541")
	h.hear("542")
	_, _, out := h.reply(2, true)
	h.reply(1, false)
	h.Equal(hotel.Backlog{Unconsumed: 2, OldestInbox: h.now, OldestOutbox: h.now, Sending: 1}, backlog())

	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead,
		Result: hotel.InboxRow{Key: "result", Kind: hotel.KindSendFailed, At: h.now}})
	turn := h.turn(row)
	turn.Handoff = &hotel.HandoffRecord{State: hotel.HandoffOpen, Opened: h.now}
	h.commit(turn)
	h.Equal(hotel.Backlog{Unconsumed: 1, OldestInbox: h.now, OldestOutbox: h.now, DeadLetters: 1, Handoffs: 1}, backlog(),
		"a result is no message")
}

// backlogOldest: a row in backoff counts from its commit, one that is for later does not.
func backlogOldest(h *house) {
	oldest := func() time.Time {
		b, err := h.Backlog(h.t.Context())
		h.NoError(err)
		return b.OldestOutbox
	}
	later := time.Now().Add(time.Hour)
	turn := h.turn(h.hear("541"))
	reminder := h.say(hotel.StaffLane("reminder"))
	reminder.NotBefore = later
	turn.Outbox = []hotel.OutboxRow{reminder}
	h.commit(turn)
	h.Zero(oldest(), "for later on purpose")

	for _, counted := range []bool{false, true} {
		_, _, out := h.reply(1, true)
		h.Zero(oldest(), "being sent")
		h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending, Counted: counted, NotBefore: later})
		h.Equal(h.now, oldest(), "in backoff, counted: %t", counted)
		_, err := h.Claim(h.t.Context(), hotel.Claim{Lane: h.row(out[0]).Lane, Owner: engine, At: later})
		h.NoError(err)
		h.settle(hotel.Settlement{Key: out[0], Attempt: h.row(out[0]).Attempt, State: hotel.Settled})
		h.Zero(oldest())
	}
}

func doubts(h *house) {
	ask := func(before time.Time) hotel.Doubts {
		d, err := h.Doubts(h.t.Context(), before)
		h.NoError(err)
		return d
	}
	turn := h.turn(h.hear("540"))
	alert := hotel.OutboxRow{Key: "alert", Lane: hotel.StaffLane("alert"), Kind: hotel.KindAlert, Body: []byte(`{}`)}
	turn.Outbox, turn.Claim = []hotel.OutboxRow{alert}, []hotel.Lane{alert.Lane}
	h.commit(turn)
	h.reply(2, true)
	_, lane, _ := h.reply(1, false)
	_, err := h.Claim(h.t.Context(), hotel.Claim{Lane: lane, Owner: "engine-2", At: h.now.Add(time.Minute)})
	h.NoError(err)

	h.Equal(hotel.Doubts{}, ask(h.now))
	h.Equal(hotel.Doubts{Rows: 1, Oldest: h.now}, ask(h.now.Add(time.Minute)))
	h.Equal(hotel.Doubts{Rows: 2, Oldest: h.now}, ask(h.now.Add(time.Hour)), "of all engines, and the staff's alert not")
}

func pingAnswers(h *house) {
	h.NoError(h.Ping(h.t.Context()))
	h.NoError(h.Close())
	h.kind(hotel.Unavailable, h.Ping(h.t.Context()))
	_, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{h.said(phone("541"))}})
	h.kind(hotel.Unavailable, err)
	_, err = h.Sweep(h.t.Context(), hotel.Sweep{Now: h.now})
	h.kind(hotel.Unavailable, err)
}
