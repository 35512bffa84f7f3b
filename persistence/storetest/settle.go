package storetest

import (
	"sync"

	"github.com/conserje/conserje/hotel"
)

var settlePromises = []promise{
	{"KeepsProofAndStatus", keepsProof},
	{"ARepeatChangesNothing", settleRepeat},
	{"TheResultIsAnInboxRowOnce", resultOnce},
	{"TenParallelSettlementsWriteOneResult", parallelSettlements},
	{"EvidenceOfAnOlderAttemptSettles", olderEvidence},
	{"ANegativeOutcomeOfAnOlderAttemptIsRefused", olderNegative},
	{"EvidenceSettlesWhatWasReleased", evidenceAfterRelease},
	{"EvidenceRevivesTheDead", evidenceRevives},
	{"NothingNegativeStandsAgainstProof", proofStands},
	{"ADeadRowIsADeadLetter", deadLetter},
	{"ADeadRowFreesItsLane", deadFrees},
	{"AFailedStatusLetsItDie", failedDies},
	{"NoSuchRow", noSuchRow},
}

func keepsProof(h *house) {
	_, _, out := h.reply(1, true)
	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A", Status: hotel.DeliveryAccepted})

	h.True(res.Applied)
	h.Empty(res.Result.Key)
	row := h.row(out[0])
	h.Equal(hotel.Settled, row.State)
	h.Equal("wamid.A", row.Proof)
	h.Equal(hotel.DeliveryAccepted, row.Status)
	h.True(h.receipt(hotel.Receipt{MessageID: "wamid.A", Status: hotel.DeliveryRead}).Changed)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A", Status: hotel.DeliveryAccepted})
	h.Equal(hotel.DeliveryRead, h.row(out[0]).Status, "a status that came first stays")
}

func settleRepeat(h *house) {
	_, _, out := h.reply(2, true)
	s := hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A", ClaimNext: true}
	h.True(h.settle(s).Applied)
	was := h.row(out[0])

	res := h.settle(s)

	h.False(res.Applied)
	h.Nil(res.Next)
	h.Equal(was, h.row(out[0]))
	s.State = hotel.Dead
	h.False(h.settle(s).Applied, "what is settled does not die")
	h.Equal(hotel.Settled, h.row(out[0]).State)
}

// booked settles a row with the result that its dialogue waits for.
func booked(key hotel.Key) hotel.Settlement {
	return hotel.Settlement{Key: key, Attempt: 1, State: hotel.Settled, Proof: "order 7",
		Result: hotel.InboxRow{Key: key + "/booked", Kind: hotel.KindBooked, Body: []byte(`{"outcome":"confirmed"}`)}}
}

func resultOnce(h *house) {
	guest, _, out := h.reply(1, true)
	s := booked(out[0])
	s.Result.At = h.now

	res := h.settle(s)
	h.Equal(guest, res.Result.Guest)
	h.Positive(res.Result.Order)
	h.Equal([]hotel.InboxRow{res.Result}, h.pending(guest))

	res = h.settle(s)
	h.False(res.Applied)
	h.Empty(res.Result.Key)
	h.Len(h.pending(guest), 1)
}

func parallelSettlements(h *house) {
	guest, _, out := h.reply(1, true)
	s := booked(out[0])
	s.At, s.Owner = h.now, engine
	applied := make([]bool, 10)
	var wg sync.WaitGroup
	for i := range applied {
		wg.Go(func() {
			res, err := h.Settle(h.t.Context(), s)
			applied[i] = err == nil && res.Applied
		})
	}
	wg.Wait()

	n := 0
	for _, a := range applied {
		if a {
			n++
		}
	}
	h.Equal(1, n)
	h.Len(h.pending(guest), 1)
}

// secondAttempt makes a row whose second attempt is out.
func (h *house) secondAttempt() (hotel.GuestID, hotel.Key) {
	guest, _, out := h.reply(1, true)
	_, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.NoError(err)
	return guest, out[0]
}

func olderEvidence(h *house) {
	guest, key := h.secondAttempt()

	h.True(h.settle(booked(key)).Applied)

	h.Equal(hotel.Settled, h.row(key).State)
	h.Equal("order 7", h.row(key).Proof)
	h.Len(h.pending(guest), 1)
}

func olderNegative(h *house) {
	_, key := h.secondAttempt()
	for _, state := range []hotel.SendState{hotel.Dead, hotel.Pending, hotel.Sending} {
		res := h.settle(hotel.Settlement{Key: key, Attempt: 1, State: state, MoveTo: "ref:R1", Reason: "timeout"})
		h.False(res.Applied)
		h.Equal(hotel.Sending, h.row(key).State)
		h.NotEqual(hotel.Lane("ref:R1"), h.row(key).Lane)
	}
}

func evidenceAfterRelease(h *house) {
	_, lane, out := h.reply(1, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Pending})

	h.True(h.settle(booked(out[0])).Applied)
	h.refused(lane)
	h.Equal(hotel.Settled, h.row(out[0]).State)
}

func evidenceRevives(h *house) {
	guest, _, out := h.reply(1, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, Reason: "unclear",
		Result: hotel.InboxRow{Key: out[0] + "/booking_failed", Kind: hotel.KindBookingFailed, Body: []byte(`{}`)}})

	h.True(h.settle(booked(out[0])).Applied)

	h.Equal(hotel.Settled, h.row(out[0]).State)
	h.Len(h.pending(guest), 2, "the dialogue hears both, in order")
	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	h.Empty(letters)
}

func proofStands(h *house) {
	for _, state := range []hotel.SendState{hotel.Dead, hotel.Pending} {
		guest, _, out := h.reply(2, true)
		h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid." + string(state), Status: hotel.DeliverySent})

		res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: state, ClaimNext: true,
			Result: hotel.InboxRow{Key: out[0] + "/failed", Kind: hotel.KindSendFailed}})

		h.False(res.Applied)
		h.Equal(hotel.Settled, h.row(out[0]).State, "the proof settles it")
		h.Empty(h.pending(guest))
		h.NotNil(res.Next, "and its lane goes on")
	}
}

func deadLetter(h *house) {
	guest, _, out := h.reply(1, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, Reason: "131026"})

	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	h.Equal([]hotel.DeadLetter{{ID: letters[0].ID, Source: "outbox", Key: out[0], Guest: guest, Property: sur,
		Kind: hotel.KindSay, Reason: "131026", Body: h.row(out[0]).Body, At: h.now}}, letters)
	h.Equal(hotel.Dead, h.row(out[0]).State)
}

func deadFrees(h *house) {
	_, _, out := h.reply(2, true)
	res := h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, ClaimNext: true})
	h.NotNil(res.Next)
	h.Equal(out[1], res.Next.Key)
}

func failedDies(h *house) {
	_, _, out := h.reply(1, true)
	h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryFailed})
	h.True(h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead}).Applied)
	h.Equal(hotel.Dead, h.row(out[0]).State)
}

func noSuchRow(h *house) {
	_, err := h.Settle(h.t.Context(), hotel.Settlement{Key: "nobody", Attempt: 1, State: hotel.Settled, At: h.now})
	h.kind(hotel.NotFound, err)
	_, err = h.Row(h.t.Context(), "nobody")
	h.kind(hotel.NotFound, err)
}
