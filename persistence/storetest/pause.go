package storetest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

var pausePromises = []promise{
	{"IsKeptUntilItIsEnded", pauseKept},
	{"ARepeatKeepsTheFirst", pauseRepeat},
	{"IsForOneThing", pauseForOne},
	{"AWithdrawnRowFreesItsLaneAndTellsOnce", withdrawnFrees},
	{"EvidenceSettlesWhatWasWithdrawn", evidenceAfterWithdrawal},
}

// pauses reads the pauses in force.
func (h *house) pauses() []hotel.Pause {
	h.t.Helper()
	list, err := h.Pauses(h.t.Context())
	h.NoError(err)
	return list
}

func pauseKept(h *house) {
	h.Empty(h.pauses())
	guest := h.hear("5491101").Guest
	want := []hotel.Pause{
		{Property: sur, By: "Marta", At: h.now},
		{Guest: guest, By: "Ana", At: h.now.Add(time.Second)},
		{By: "ops", At: h.now.Add(2 * time.Second)},
	}
	for _, p := range want {
		h.NoError(h.SetPause(h.t.Context(), p, true))
	}
	h.Equal(want, h.pauses(), "oldest first")

	h.NoError(h.SetPause(h.t.Context(), hotel.Pause{}, false))
	h.Equal(want[:2], h.pauses(), "the engine's end leaves the others")
	h.NoError(h.SetPause(h.t.Context(), hotel.Pause{Property: sur}, false))
	h.NoError(h.SetPause(h.t.Context(), hotel.Pause{Property: norte}, false), "what is not paused is no error")
	h.Equal(want[1:2], h.pauses())
}

func pauseRepeat(h *house) {
	first := hotel.Pause{Property: sur, By: "Marta", At: h.now}
	h.NoError(h.SetPause(h.t.Context(), first, true))
	h.NoError(h.SetPause(h.t.Context(), hotel.Pause{Property: sur, By: "Ana", At: h.now.Add(time.Hour)}, true))
	h.Equal([]hotel.Pause{first}, h.pauses())
}

func pauseForOne(h *house) {
	h.kind(hotel.Invalid, h.SetPause(h.t.Context(), hotel.Pause{Property: sur, Guest: h.hear("5491101").Guest, At: h.now}, true))
	h.kind(hotel.NotFound, h.SetPause(h.t.Context(), hotel.Pause{Guest: "nobody", At: h.now}, true))
	h.NoError(h.SetPause(h.t.Context(), hotel.Pause{Guest: "nobody"}, false), "one that was erased is not paused")
	h.Empty(h.pauses())
}

// withdrawal takes a row back that was claimed and has not left.
func withdrawal(key hotel.Key) hotel.Settlement {
	return hotel.Settlement{Key: key, Attempt: 1, State: hotel.Withdrawn, ClaimNext: true,
		Result: hotel.InboxRow{Key: key + "/withdrawn", Kind: hotel.KindWithdrawn, Body: []byte(`{"kind":"say"}`)}}
}

func withdrawnFrees(h *house) {
	guest, _, out := h.reply(2, true)

	res := h.settle(withdrawal(out[0]))

	h.True(res.Applied)
	h.Equal(hotel.Withdrawn, h.row(out[0]).State)
	h.Equal(guest, res.Result.Guest)
	h.NotNil(res.Next)
	h.Equal(out[1], res.Next.Key)
	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{All: true, Limit: 10})
	h.NoError(err)
	h.Empty(letters, "nobody has to replay it")

	h.False(h.settle(withdrawal(out[0])).Applied)
	h.Len(h.pending(guest), 1)
	h.now = h.now.Add(48 * time.Hour)
	trimmed, err := h.Trim(h.t.Context(), h.now, hotel.Retention{Outbox: time.Hour}, 10)
	h.NoError(err)
	h.Equal(1, trimmed, "it is done with")
}

func evidenceAfterWithdrawal(h *house) {
	_, _, out := h.reply(1, true)
	h.settle(withdrawal(out[0]))

	h.True(h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A"}).Applied)
	h.Equal(hotel.Settled, h.row(out[0]).State)
}
