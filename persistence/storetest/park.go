package storetest

import (
	"encoding/json"
	"time"

	"github.com/conserje/conserje/hotel"
)

var parkPromises = []promise{
	{"AParkedGuestStaysParkedUntilATurnUnparks", staysParked},
	{"ParkConflictsTheTurnInHand", parkConflicts},
	{"ABuriedRowTellsTheDialogue", buriedTells},
	{"OfAParkedGuestAndOfATellingRowNothingIsTold", buriedTellsNot},
	{"BuryingEndsTheDueTurnsOfAParkedGuest", buriedDue},
	{"LettersByReasonAndAge", lettersBy},
	{"ADoubtfulLetterWantsAgain", doubtfulWantsAgain},
	{"ABubbleGoesBackInsideItsWindowOnly", insideWindow},
	{"AMailInDoubtSaysThatItIsRepeated", mailRepeated},
}

func staysParked(h *house) {
	row := h.hear("541")
	other := h.hear("542")
	h.kind(hotel.NotFound, h.Park(h.t.Context(), "nobody", h.now))
	_, err := h.CountPanic(h.t.Context(), row.Guest)
	h.NoError(err)
	for range 2 { // a repeat changes nothing
		h.NoError(h.Park(h.t.Context(), row.Guest, h.now))
	}

	guest, err := h.Guest(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(hotel.GuestRecord{ID: row.Guest, Property: sur, Version: 1, Parked: h.now}, guest)
	parked := func() int {
		b, err := h.Backlog(h.t.Context())
		h.NoError(err)
		return b.Parked
	}
	h.Equal(1, parked())

	turn := h.turn(row)
	turn.Version = 1
	h.commit(turn)
	guest, err = h.Guest(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(h.now, guest.Parked, "a turn keeps it")

	h.commit(hotel.TurnCommit{Guest: row.Guest, Property: sur, Version: 2, Unpark: true, State: []byte("s"), At: h.now})
	guest, err = h.Guest(h.t.Context(), row.Guest)
	h.NoError(err)
	h.True(guest.Parked.IsZero())
	h.Zero(parked())
	guest, err = h.Guest(h.t.Context(), other.Guest)
	h.NoError(err)
	h.True(guest.Parked.IsZero(), "another guest")

	h.NoError(h.Park(h.t.Context(), row.Guest, h.now.Add(time.Minute)))
	guest, err = h.Guest(h.t.Context(), row.Guest)
	h.NoError(err)
	h.Equal(h.now.Add(time.Minute), guest.Parked, "again")
}

func parkConflicts(h *house) {
	row := h.hear("541")
	h.NoError(h.Park(h.t.Context(), row.Guest, h.now))

	_, err := h.Commit(h.t.Context(), h.turn(row))
	h.kind(hotel.Conflict, err)
}

func buriedTells(h *house) {
	row := h.hear("541")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "not readable"))

	pending := h.pending(row.Guest)
	h.Len(pending, 1)
	h.Equal(row.Key+"/buried", pending[0].Key)
	h.Equal(hotel.KindBuried, pending[0].Kind)
	var told hotel.SendResult
	h.NoError(json.Unmarshal(pending[0].Body, &told))
	h.Equal(hotel.SendResult{Key: row.Key, Kind: hotel.KindSaid}, told)
}

func buriedTellsNot(h *house) {
	row := h.hear("541")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "not readable"))
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key + "/buried"}, "not readable"))
	h.Empty(h.pending(row.Guest))

	parked := h.hear("542")
	h.NoError(h.Park(h.t.Context(), parked.Guest, h.now))
	h.NoError(h.Bury(h.t.Context(), parked.Guest, []hotel.Key{parked.Key}, "panic"))
	h.Empty(h.pending(parked.Guest), "its turns fail, those without the dialogue too")
	h.Len(h.letters(), 3)
}

// buriedDue: hand-over turns that fail for being due have no row to bury.
func buriedDue(h *house) {
	for _, parked := range []bool{false, true} {
		row := h.hear(h.name("541"))
		turn := h.turn(row)
		turn.Due = h.now.Add(time.Minute)
		h.commit(turn)
		if parked {
			h.NoError(h.Park(h.t.Context(), row.Guest, h.now))
		}
		_, err := h.CountPanic(h.t.Context(), row.Guest)
		h.NoError(err)

		h.NoError(h.Bury(h.t.Context(), row.Guest, nil, "panic"))

		g, err := h.Guest(h.t.Context(), row.Guest)
		h.NoError(err)
		h.Equal(parked, g.Due.IsZero())
		n, err := h.CountPanic(h.t.Context(), row.Guest)
		h.NoError(err)
		h.Equal(map[bool]int{false: 2, true: 1}[parked], n)
	}
}

func lettersBy(h *house) {
	for i, reason := range []string{"Refused three times", "session window over", "refused: 131026"} {
		_, lane, out := h.reply(1, true)
		h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Dead, Reason: reason, At: h.now.Add(time.Duration(i) * time.Hour)})
		h.NotEmpty(lane)
	}
	reasons := func(q hotel.LetterQuery) (out []string) {
		letters, err := h.DeadLetters(h.t.Context(), q)
		h.NoError(err)
		for _, l := range letters {
			out = append(out, l.Reason)
		}
		return out
	}

	h.Equal([]string{"refused: 131026", "Refused three times"}, reasons(hotel.LetterQuery{Reason: "reFused"}))
	h.Equal([]string{"session window over", "Refused three times"}, reasons(hotel.LetterQuery{Before: h.now.Add(time.Hour)}))
	h.Equal([]string{"refused: 131026"}, reasons(hotel.LetterQuery{After: h.now.Add(time.Hour)}))
	h.Equal([]string{"refused: 131026"}, reasons(hotel.LetterQuery{Reason: "refused", Limit: 1}))
	h.Empty(reasons(hotel.LetterQuery{Reason: "%"}), "a reason is no pattern")
	h.Len(reasons(hotel.LetterQuery{All: true}), 3)
}

// buried commits a turn with one row, in its guest's lane when it has none, and lets it die.
func (h *house) buried(row hotel.OutboxRow, doubt bool) hotel.DeadLetter {
	h.t.Helper()
	turn := h.turn(h.hear(h.name("549")))
	if row.Lane == "" {
		row.Lane = hotel.GuestLane(turn.Guest)
	}
	turn.Outbox, turn.Claim = []hotel.OutboxRow{row}, []hotel.Lane{row.Lane}
	h.commit(turn)
	h.settle(hotel.Settlement{Key: row.Key, Attempt: 1, State: hotel.Dead, Reason: "given up", InDoubt: doubt})
	return h.letters()[0]
}

func doubtfulWantsAgain(h *house) {
	l := h.buried(h.say(""), true)
	h.True(l.InDoubt)
	_, _, err := h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now})
	h.kind(hotel.Invalid, err)
	h.ErrorContains(err, "--again")
	h.Len(h.letters(), 1, "it stays open")

	_, lane, err := h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now, Again: true})
	h.NoError(err)
	h.Equal(l.Key+"/r1", h.claim(lane).Key)
}

func insideWindow(h *house) {
	row := h.say("")
	row.Body = []byte(`{"property":"sur","bubble":{"text":"hola"},"window_ends":"` + h.now.Format(time.RFC3339Nano) + `"}`)
	l := h.buried(row, false)
	late := hotel.Replay{ID: l.ID, At: h.now.Add(time.Second)}
	_, _, err := h.Replay(h.t.Context(), late)
	h.kind(hotel.Invalid, err)
	h.ErrorContains(err, "window")
	h.Len(h.letters(), 1, "it stays open")

	late.Window = h.now.Add(time.Hour) // the guest has written since
	_, lane, err := h.Replay(h.t.Context(), late)
	h.NoError(err)
	var m hotel.Message
	h.NoError(json.Unmarshal(h.claim(lane).Body, &m))
	h.True(late.Window.Equal(m.WindowEnds), "its sender looks at it again")
	h.Equal("hola", m.Bubble.Text)

	template := h.say("")
	template.Body = []byte(`{"bubble":{"template":{"name":"x","lang":"es"}},"window_ends":"2020-01-01T00:00:00Z"}`)
	l = h.buried(template, false)
	_, _, err = h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now})
	h.NoError(err, "a template needs no window")
}

func mailRepeated(h *house) {
	for _, doubt := range []bool{true, false} {
		row := hotel.OutboxRow{Key: hotel.Key(h.name("mail")), Lane: hotel.Lane(h.name("mail:")), Kind: hotel.KindMail, Body: []byte(`{"kind":"confirmation"}`)}
		l := h.buried(row, doubt)
		_, lane, err := h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now, Again: true})
		h.NoError(err)
		var m hotel.Mail
		h.NoError(json.Unmarshal(h.claim(lane).Body, &m))
		h.Equal(doubt, m.Repeat)
	}
}
