package storetest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

var letterPromises = []promise{
	{"BuryConsumesIntoTheDeadLetters", buries},
	{"BuryConflictsTheTurnInHand", buryConflicts},
	{"PanicsCountUntilTheNextCommit", panicsCount},
	{"ListsNewestFirst", lettersNewestFirst},
	{"ReplaysAnInboxRowAtItsGuestsEnd", replaysInbox},
	{"ReplaysAnOutboxRowAtItsLanesEnd", replaysOutbox},
	{"AWebhookIsClosedWhenItWasTakenInAnew", webhookReplayed},
	{"DropsOnce", dropsOnce},
	{"NoSuchLetter", noSuchLetter},
}

// letters lists the open dead letters.
func (h *house) letters() []hotel.DeadLetter {
	h.t.Helper()
	out, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	return out
}

func buries(h *house) {
	one, two := h.hear("541"), h.hear("541")
	other := h.hear("542")
	for range 2 { // a repeat changes nothing
		h.NoError(h.Bury(h.t.Context(), one.Guest, []hotel.Key{one.Key, other.Key, "nobody"}, "panic"))
	}

	h.Equal([]hotel.Key{two.Key, one.Key + "/buried"}, keysOf(h.pending(one.Guest)))
	h.Len(h.pending(other.Guest), 1, "another guest's")
	letters := h.letters()
	h.Len(letters, 1)
	h.Equal(hotel.DeadLetter{ID: letters[0].ID, Source: "inbox", Key: one.Key, Guest: one.Guest, Property: sur,
		Kind: hotel.KindSaid, Reason: "panic", Body: one.Body, At: letters[0].At}, letters[0])
	h.kind(hotel.NotFound, h.Bury(h.t.Context(), "nobody", nil, ""))
}

func buryConflicts(h *house) {
	row := h.hear("541")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "panic"))

	_, err := h.Commit(h.t.Context(), h.turn(row))
	h.kind(hotel.Conflict, err)
}

func panicsCount(h *house) {
	row := h.hear("541")
	for want := 1; want <= 3; want++ {
		n, err := h.CountPanic(h.t.Context(), row.Guest)
		h.NoError(err)
		h.Equal(want, n)
	}
	guest, err := h.Guest(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(3, guest.Panics)

	h.commit(h.turn(row))
	n, err := h.CountPanic(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(1, n)

	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{h.hear("541").Key}, "panic"))
	n, err = h.CountPanic(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(1, n, "what made it panic is buried")

	_, err = h.CountPanic(h.t.Context(), "nobody")
	h.kind(hotel.NotFound, err)
}

func lettersNewestFirst(h *house) {
	for range 3 {
		row := h.hear("541")
		h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "panic"))
	}
	letters := h.letters()
	h.Len(letters, 3)
	h.Greater(letters[0].ID, letters[1].ID)
	h.Greater(letters[1].ID, letters[2].ID)
	h.NoError(h.Drop(h.t.Context(), letters[0].ID, h.now))

	h.Equal(letters[1:], h.letters(), "open ones")
	all, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{All: true, Limit: 2})
	h.NoError(err)
	h.Len(all, 2)
	h.Equal("dropped", all[0].Closing)
	h.Equal(letters[1], all[1])
}

func replaysInbox(h *house) {
	row := h.hear("541")
	later := h.hear("541")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "panic"))
	h.now = h.now.Add(time.Minute)

	told := row.Key + "/buried"
	for _, want := range []hotel.Key{row.Key + "/r1", row.Key + "/r2"} {
		guest, lane, err := h.Replay(h.t.Context(), hotel.Replay{ID: h.letters()[0].ID, At: h.now})
		h.NoError(err)
		h.Equal(row.Guest, guest)
		h.Empty(lane)
		h.Empty(h.letters())
		pending := h.pending(row.Guest)
		last := pending[len(pending)-1]
		h.Equal([]hotel.Key{later.Key, row.Key + "/buried"}, keysOf(pending[:2]))
		h.Equal(told, pending[len(pending)-2].Key)
		h.Equal(want, last.Key)
		h.Equal(row.Body, last.Body)
		h.Equal(h.now, last.At)
		told = want + "/buried"
		h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{want}, "panic again"))
	}
	letter, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{All: true, Limit: 3})
	h.NoError(err)
	h.Equal("replayed", letter[2].Closing)
	h.Equal(h.now, letter[2].Closed)
	_, _, err = h.Replay(h.t.Context(), hotel.Replay{ID: letter[2].ID, At: h.now})
	h.kind(hotel.Invalid, err)
}

func replaysOutbox(h *house) {
	guest, lane, out := h.reply(2, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, Reason: "given up"})

	gotGuest, gotLane, err := h.Replay(h.t.Context(), hotel.Replay{ID: h.letters()[0].ID, At: h.now})

	h.NoError(err)
	h.Equal(guest, gotGuest)
	h.Equal(lane, gotLane)
	h.Equal(out[1], h.claim(lane).Key)
	res := h.settle(hotel.Settlement{Key: out[1], Attempt: 1, State: hotel.Settled, ClaimNext: true})
	h.NotNil(res.Next)
	h.Equal(out[0]+"/r1", res.Next.Key)
	h.Equal(1, res.Next.Attempt)
	h.Equal(h.row(out[0]).Body, res.Next.Body)
	h.Equal(hotel.Dead, h.row(out[0]).State)
}

func webhookReplayed(h *house) {
	_, err := h.Accept(h.t.Context(), hotel.Accept{Dead: []hotel.DeadLetter{{Source: "webhook", Reason: "undecodable", Body: []byte("{"), At: h.now}}})
	h.NoError(err)
	_, _, err = h.Replay(h.t.Context(), hotel.Replay{ID: h.letters()[0].ID, At: h.now})
	h.kind(hotel.Invalid, err)
	h.Len(h.letters(), 1)

	id := h.letters()[0].ID
	h.NoError(h.Replayed(h.t.Context(), id, h.now))
	h.Empty(h.letters())
	letter, err := h.DeadLetter(h.t.Context(), id)
	h.NoError(err)
	h.Equal("replayed", letter.Closing)
	h.Equal(h.now, letter.Closed)
	h.kind(hotel.Invalid, h.Replayed(h.t.Context(), id, h.now))
	h.kind(hotel.Invalid, h.Drop(h.t.Context(), id, h.now))
}

func dropsOnce(h *house) {
	row := h.hear("541")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "panic"))
	id := h.letters()[0].ID
	h.NoError(h.Drop(h.t.Context(), id, h.now))

	h.kind(hotel.Invalid, h.Drop(h.t.Context(), id, h.now))
	_, _, err := h.Replay(h.t.Context(), hotel.Replay{ID: id, At: h.now})
	h.kind(hotel.Invalid, err)
	letter, err := h.DeadLetter(h.t.Context(), id)
	h.NoError(err)
	h.Equal("dropped", letter.Closing)
}

func noSuchLetter(h *house) {
	_, err := h.DeadLetter(h.t.Context(), 99)
	h.kind(hotel.NotFound, err)
	_, _, err = h.Replay(h.t.Context(), hotel.Replay{ID: 99, At: h.now})
	h.kind(hotel.NotFound, err)
	h.kind(hotel.NotFound, h.Drop(h.t.Context(), 99, h.now))
	h.kind(hotel.NotFound, h.Replayed(h.t.Context(), 99, h.now))
}
