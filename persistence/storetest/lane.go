package storetest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

var lanePromises = []promise{
	{"AFreshRowIsClaimedWithItsTurn", claimedWithTurn},
	{"NotWhenSomethingIsAhead", notWhenAhead},
	{"OnlyTheLanesOfThePermit", onlyPermits},
	{"OnlyTheOldestUnsettledRowIsClaimed", onlyOldest},
	{"SettlingClaimsTheNext", settlingClaims},
	{"NotBeforeIsHonoured", notBefore},
	{"AReleasedRowStaysTheHead", released},
	{"AReleaseMayClaimAtOnce", releaseClaims},
	{"AReleaseThatCountsKeepsItsAttempt", releaseCounted},
	{"AReleasedRowMayMoveToAnotherLane", releaseMoves},
	{"AClaimedRowMayMoveToAnotherLane", claimMoves},
	{"NotIntoALaneThatIsSending", notIntoSending},
	{"ARepeatRaisesTheAttempt", repeats},
	{"NoRepeatWithEvidence", noRepeatWithEvidence},
	{"LanesDoNotWaitForEachOther", lanesApart},
}

func claimedWithTurn(h *house) {
	turn := h.turn(h.hear("541"))
	lane := hotel.GuestLane(turn.Guest)
	turn.Outbox = []hotel.OutboxRow{h.say(lane), h.say(lane)}
	turn.Claim = []hotel.Lane{lane}

	done := h.commit(turn)

	h.Len(done.Claimed, 1)
	h.Equal(hotel.OutboxRow{Key: turn.Outbox[0].Key, Guest: turn.Guest, Property: sur, Lane: lane, Order: done.Orders[0],
		Kind: hotel.KindSay, Body: turn.Outbox[0].Body, State: hotel.Sending, Owner: engine, Attempt: 1,
		CreatedAt: h.now, ClaimedAt: h.now}, done.Claimed[0])
	h.Equal(done.Claimed[0], h.row(turn.Outbox[0].Key))
	h.Equal(hotel.Pending, h.row(turn.Outbox[1].Key).State)
}

func notWhenAhead(h *house) {
	for _, ahead := range []bool{true, false} { // sending, pending
		guest, lane, out := h.reply(1, ahead)
		turn := hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, Owner: engine, At: h.now,
			Outbox: []hotel.OutboxRow{h.say(lane)}, Claim: []hotel.Lane{lane}}

		h.Empty(h.commit(turn).Claimed)
		h.Equal(hotel.Pending, h.row(turn.Outbox[0].Key).State)
		if !ahead {
			h.Equal(out[0], h.claim(lane).Key)
		}
	}
}

func onlyPermits(h *house) {
	turn := h.turn(h.hear("541"))
	mail, book := hotel.MailLane("R1"), hotel.BookingLane(sur, "1")
	turn.Outbox = []hotel.OutboxRow{h.say(mail), h.say(book), h.say(hotel.GuestLane(turn.Guest))}
	turn.Outbox[1].NotBefore = h.now.Add(time.Second)
	turn.Claim = []hotel.Lane{mail, book}

	done := h.commit(turn)

	h.Len(done.Claimed, 1, "not the one that must wait, and not without permit")
	h.Equal(mail, done.Claimed[0].Lane)
}

func onlyOldest(h *house) {
	_, lane, out := h.reply(3, false)
	for _, key := range out {
		row := h.claim(lane)
		h.Equal(key, row.Key)
		h.NotEmpty(row.Body)
		h.refused(lane)
		h.settle(hotel.Settlement{Key: key, Attempt: 1, State: hotel.Settled})
	}
	h.refused(lane)
	h.refused("guest:nobody")
}

func settlingClaims(h *house) {
	_, lane, out := h.reply(3, true)

	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, ClaimNext: true})
	h.True(res.Applied)
	h.True(res.More)
	h.NotNil(res.Next)
	h.Equal(*res.Next, h.row(out[1]))
	h.Equal(hotel.Sending, res.Next.State)
	h.Equal(1, res.Next.Attempt)
	h.Equal(engine, res.Next.Owner)

	res = h.settle(hotel.Settlement{Key: out[1], Attempt: 1, State: hotel.Settled})
	h.Nil(res.Next, "no permit")
	h.True(res.More)
	h.Equal(out[2], h.claim(lane).Key)

	res = h.settle(hotel.Settlement{Key: out[2], Attempt: 1, State: hotel.Settled, ClaimNext: true})
	h.Nil(res.Next)
	h.False(res.More)
}

func notBefore(h *house) {
	turn := h.turn(h.hear("541"))
	lane := hotel.GuestLane(turn.Guest)
	turn.Outbox = []hotel.OutboxRow{h.say(lane), h.say(lane)}
	turn.Outbox[0].NotBefore = h.now.Add(time.Second)
	h.commit(turn)

	h.refused(lane)
	h.Empty(h.sweep().Lanes)
	h.now = h.now.Add(time.Second)
	h.Len(h.sweep().Lanes, 1)
	h.Equal(turn.Outbox[0].Key, h.claim(lane).Key)
}

func released(h *house) {
	_, lane, out := h.reply(2, true)
	later := h.now.Add(time.Second)

	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending, NotBefore: later, ClaimNext: true})
	h.True(res.Applied)
	h.Nil(res.Next, "the released row is still ahead")
	h.True(res.More)

	row := h.row(out[0])
	h.Equal(hotel.Pending, row.State)
	h.Zero(row.Attempt, "what did not leave does not count")
	h.Empty(row.Owner)
	h.Equal(later, row.NotBefore)
	h.refused(lane)

	h.now = later
	row = h.claim(lane)
	h.Equal(out[0], row.Key)
	h.Equal(1, row.Attempt)

	res = h.settle(hotel.Settlement{Key: out[0], Attempt: 2, State: hotel.Pending})
	h.False(res.Applied, "nobody holds a second attempt")
	h.Equal(hotel.Sending, h.row(out[0]).State)
}

func releaseCounted(h *house) {
	_, lane, out := h.reply(1, true)
	h.True(h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending, Counted: true}).Applied)
	h.Equal(1, h.row(out[0]).Attempt, "it left, and was refused in a way that may be repeated")
	h.Equal(2, h.claim(lane).Attempt)
}

func releaseClaims(h *house) {
	_, _, out := h.reply(1, true)
	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending, ClaimNext: true})
	h.NotNil(res.Next, "it is the head, and may go at once")
	h.Equal(out[0], res.Next.Key)
	h.Equal(1, res.Next.Attempt)
	h.False(res.More)
}

func releaseMoves(h *house) {
	_, from, out := h.reply(2, true)
	_, to, others := h.reply(1, false)

	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending, MoveTo: to, ClaimNext: true})
	h.True(res.Applied)
	h.NotNil(res.Next, "the lane that it left goes on")
	h.Equal(out[1], res.Next.Key)
	h.Equal(from, res.Next.Lane)

	h.Equal(others[0], h.claim(to).Key, "it stands at the other lane's end")
	h.settle(hotel.Settlement{Key: others[0], Attempt: 1, State: hotel.Settled})
	row := h.claim(to)
	h.Equal(out[0], row.Key)
	h.Equal(to, row.Lane)
}

func claimMoves(h *house) {
	_, from, out := h.reply(2, true)
	to := hotel.ReferenceLane("R1")

	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Sending, MoveTo: to})
	h.True(res.Applied)
	h.True(res.More)
	row := h.row(out[0])
	h.Equal(hotel.Sending, row.State)
	h.Equal(to, row.Lane)
	h.Equal(1, row.Attempt)

	h.Equal(out[1], h.claim(from).Key)
	h.refused(to)
	turn := h.turn(h.hear("549"))
	turn.Outbox, turn.Claim = []hotel.OutboxRow{h.say(to)}, []hotel.Lane{to}
	h.Empty(h.commit(turn).Claimed, "the moved row is ahead")
	res = h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, ClaimNext: true})
	h.NotNil(res.Next)
	h.Equal(turn.Outbox[0].Key, res.Next.Key)
}

func notIntoSending(h *house) {
	_, from, out := h.reply(1, true)
	_, to, _ := h.reply(1, true)

	_, err := h.Settle(h.t.Context(), hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Sending, MoveTo: to, Owner: engine, At: h.now})
	h.kind(hotel.Conflict, err)
	h.Equal(from, h.row(out[0]).Lane)
}

func repeats(h *house) {
	_, _, out := h.reply(1, true)
	h.now = h.now.Add(time.Minute)

	row, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.NoError(err)
	h.Equal(2, row.Attempt)
	h.Equal(engine, row.Owner)
	h.Equal(h.now, row.ClaimedAt)
	h.NotEmpty(row.Body)
	h.Equal(row, h.row(out[0]))

	_, err = h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.Conflict, err)
	_, err = h.Repeat(h.t.Context(), hotel.Repeat{Key: "nobody", Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.NotFound, err)
}

func noRepeatWithEvidence(h *house) {
	_, _, out := h.reply(1, true)
	h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliverySent})
	_, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.Conflict, err)

	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled})
	_, err = h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.Conflict, err)
}

func lanesApart(h *house) {
	_, _, _ = h.reply(1, true)
	_, lane, out := h.reply(1, false)
	h.Equal(out[0], h.claim(lane).Key)
}
