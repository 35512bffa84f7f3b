package storetest

import "github.com/conserje/conserje/hotel"

var receiptPromises = []promise{
	{"MatchesByKeyThenByProof", receiptMatches},
	{"TheRankOnlyRises", rankRises},
	{"FailedCountsForItsOwnAttempt", failedOwnAttempt},
	{"EvidenceOfAnyAttemptCounts", evidenceAnyAttempt},
	{"AFailureTellsTheDialogueOnce", failureOnce},
	{"AStatusFreesNoLane", statusFreesNothing},
	{"ProofOfSendingClosesADeadLetter", proofClosesLetter},
}

// receipt applies one status and returns what became of it.
func (h *house) receipt(r hotel.Receipt) hotel.AppliedReceipt {
	h.t.Helper()
	return h.receiptRow(hotel.ReceiptRow{Receipt: r})
}

func (h *house) receiptRow(r hotel.ReceiptRow) hotel.AppliedReceipt {
	h.t.Helper()
	r.At = h.now
	res, err := h.Accept(h.t.Context(), hotel.Accept{Receipts: []hotel.ReceiptRow{r}})
	h.NoError(err)
	h.Len(res.Receipts, 1)
	return res.Receipts[0]
}

func receiptMatches(h *house) {
	guest, lane, out := h.reply(1, true)

	got := h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliverySent})
	h.True(got.Matched)
	h.True(got.Changed)
	h.Nil(got.Row.Body)
	h.Equal(guest, got.Row.Guest)
	h.Equal(lane, got.Row.Lane)
	h.Equal("wamid.A", h.row(out[0]).Proof, "a status proves what was sent")

	got = h.receipt(hotel.Receipt{MessageID: "wamid.A", Status: hotel.DeliveryDelivered})
	h.True(got.Matched, "callback data may be absent")
	h.Equal(hotel.DeliveryDelivered, h.row(out[0]).Status)

	h.False(h.receipt(hotel.Receipt{Key: "nobody", MessageID: "wamid.B", Status: hotel.DeliverySent}).Matched)
	h.False(h.receipt(hotel.Receipt{Status: hotel.DeliverySent}).Matched)
}

func rankRises(h *house) {
	_, _, out := h.reply(1, true)
	for _, step := range []struct {
		status  hotel.DeliveryStatus
		changed bool
		then    hotel.DeliveryStatus
	}{
		{hotel.DeliverySent, true, hotel.DeliverySent},
		{hotel.DeliverySent, false, hotel.DeliverySent},
		{hotel.DeliveryRead, true, hotel.DeliveryRead},
		{hotel.DeliveryDelivered, false, hotel.DeliveryRead},
		{hotel.DeliveryFailed, false, hotel.DeliveryRead},
		{"deleted", false, hotel.DeliveryRead},
		{hotel.DeliveryPlayed, true, hotel.DeliveryPlayed},
	} {
		got := h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: step.status})
		h.True(got.Matched)
		h.Equal(step.changed, got.Changed, step.status)
		h.Equal(step.then, h.row(out[0]).Status)
	}
}

func failedOwnAttempt(h *house) {
	_, _, out := h.reply(1, true)
	_, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.NoError(err)

	got := h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryFailed})
	h.True(got.Matched)
	h.False(got.Changed, "the first request failed, the second is out")
	h.Empty(h.row(out[0]).Proof)

	h.True(h.receipt(hotel.Receipt{Key: out[0], Attempt: 2, MessageID: "wamid.B", Status: hotel.DeliveryFailed}).Changed)
	h.Equal(hotel.DeliveryFailed, h.row(out[0]).Status)
}

func evidenceAnyAttempt(h *house) {
	_, _, out := h.reply(1, true)
	_, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: out[0], Attempt: 1, Owner: engine, At: h.now})
	h.NoError(err)

	h.True(h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryDelivered}).Changed)
	h.Equal(hotel.DeliveryDelivered, h.row(out[0]).Status)
}

func failureOnce(h *house) {
	guest, _, out := h.reply(1, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A", Status: hotel.DeliveryAccepted})
	failed := hotel.ReceiptRow{
		Receipt:  hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryFailed, Code: "131026"},
		OnFailed: hotel.InboxRow{Key: out[0] + "/failed", Kind: hotel.KindSendFailed, Body: []byte(`{"code":"131026"}`), At: h.now},
	}

	sent := failed
	sent.Status = hotel.DeliverySent
	h.Empty(h.receiptRow(sent).Failed.Key, "nothing has failed yet")
	h.Empty(h.pending(guest))

	got := h.receiptRow(failed)
	h.Equal(guest, got.Failed.Guest)
	h.Equal([]hotel.InboxRow{got.Failed}, h.pending(guest))
	h.Equal(failed.OnFailed.Key, got.Failed.Key)
	h.JSONEq(`{"code":"131026"}`, string(got.Failed.Body))

	got = h.receiptRow(failed)
	h.False(got.Changed)
	h.Empty(got.Failed.Key)
	h.Len(h.pending(guest), 1)
}

func statusFreesNothing(h *house) {
	_, lane, out := h.reply(2, true)
	h.True(h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryRead}).Changed)

	h.Equal(hotel.Sending, h.row(out[0]).State, "only its owner, or the doubt's resolver, settles it")
	h.refused(lane)
}

func proofClosesLetter(h *house) {
	_, _, out := h.reply(1, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, Reason: "given up"})
	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	h.Len(letters, 1)

	h.True(h.receipt(hotel.Receipt{Key: out[0], Attempt: 1, MessageID: "wamid.A", Status: hotel.DeliveryDelivered}).Changed)

	letter, err := h.DeadLetter(h.t.Context(), letters[0].ID)
	h.NoError(err)
	h.Equal(h.now, letter.Closed)
	h.Equal("sent", letter.Closing)
	h.Equal(hotel.Settled, h.row(out[0]).State)
}
