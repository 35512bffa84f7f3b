package storetest

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

var readPromises = []promise{
	{"ActivateReadsTheOldestRows", activateOldest},
	{"HandoffsOpenOnesFirst", handoffsListed},
	{"TranscriptIsInOrder", transcriptInOrder},
	{"ReservationsAreUpserted", reservationsUpserted},
	{"TrimKeepsWhatIsStillNeeded", trimKeeps},
	{"TrimForgetsOpenLettersOfWebhooks", trimWebhooks},
	{"TrimIsLimited", trimLimited},
	{"TrimForgetsSeenMessages", trimSeen},
}

func activateOldest(h *house) {
	var want []hotel.Key
	var guest hotel.GuestID
	for range 5 {
		row := h.hear("541")
		guest, want = row.Guest, append(want, row.Key)
	}
	a, err := h.Activate(h.t.Context(), guest, 3)
	h.NoError(err)
	h.Equal(want[:3], keysOf(a.Pending))
	h.True(a.More)

	a, err = h.Activate(h.t.Context(), guest, 5)
	h.NoError(err)
	h.Equal(want, keysOf(a.Pending))
	h.False(a.More)
}

func handoffsListed(h *house) {
	var guests []hotel.GuestID
	for i, state := range []hotel.HandoffState{hotel.HandoffOpen, hotel.HandoffClosed, hotel.HandoffAnswered, hotel.HandoffOpen} {
		turn := h.turn(h.hear(strconv.Itoa(540 + i)))
		turn.Handoff = &hotel.HandoffRecord{Guest: turn.Guest, Property: sur, State: state, Cause: hotel.CauseAsked, Name: "Ana",
			Address: "541", Opened: h.now.Add(time.Duration(i) * time.Minute), Heard: h.now}
		h.commit(turn)
		guests = append(guests, turn.Guest)
	}

	list := func(property hotel.PropertyID, open bool, limit int) []hotel.GuestID {
		records, err := h.Handoffs(h.t.Context(), property, open, limit)
		h.NoError(err)
		var out []hotel.GuestID
		for _, r := range records {
			out = append(out, r.Guest)
		}
		return out
	}
	h.Equal([]hotel.GuestID{guests[3], guests[2], guests[0], guests[1]}, list("", false, 9))
	h.Equal([]hotel.GuestID{guests[3], guests[2], guests[0]}, list(sur, true, 9))
	h.Equal([]hotel.GuestID{guests[3]}, list(sur, true, 1))
	h.Empty(list(norte, false, 9))

	closed := hotel.HandoffRecord{Guest: guests[3], Property: sur, State: hotel.HandoffClosed, Cause: hotel.CauseStuck,
		Opened: h.now, Staff: h.now.Add(time.Hour)}
	h.commit(hotel.TurnCommit{Guest: guests[3], Property: sur, Version: 1, Handoff: &closed, At: h.now})
	h.Equal([]hotel.GuestID{guests[2], guests[0]}, list("", true, 9), "one record to a guest")
	records, err := h.Handoffs(h.t.Context(), "", false, 9)
	h.NoError(err)
	h.Contains(records, closed)
}

func transcriptInOrder(h *house) {
	row := h.hear("541")
	var want []hotel.TranscriptLine
	for version := range 3 {
		lines := []hotel.TranscriptLine{
			{At: h.now, Who: "guest", Text: "hola " + strconv.Itoa(version)},
			{At: h.now, Who: "bot", Text: "buenas"},
		}
		body, err := json.Marshal(lines)
		h.NoError(err)
		want = append(want, lines...)
		h.commit(hotel.TurnCommit{Guest: row.Guest, Property: sur, Version: int64(version), Transcript: body, At: h.now})
	}
	h.commit(hotel.TurnCommit{Guest: row.Guest, Property: sur, Version: 3, At: h.now})

	got, err := h.Transcript(h.t.Context(), row.Guest, 100)
	h.NoError(err)
	h.Equal(want, got)
	got, err = h.Transcript(h.t.Context(), row.Guest, 3)
	h.NoError(err)
	h.Equal(want[3:], got, "the last lines")
	got, err = h.Transcript(h.t.Context(), "nobody", 3)
	h.NoError(err)
	h.Empty(got)
}

func reservationsUpserted(h *house) {
	row := h.hear("541")
	first := hotel.Reservation{Reference: "R1", Property: sur, Order: "7", Code: "ABCDEFGHI", Rooms: 1, Adults: 2,
		Total: hotel.Money{Minor: 8500000, Currency: "ARS"}, Status: hotel.StatusBooked, Rows: []hotel.RoomRow{{ID: 1, Room: 2}}}
	second := hotel.Reservation{Reference: "R2", Property: norte, Status: hotel.StatusBooked}
	turn := h.turn(row)
	turn.Reservations = []hotel.Reservation{first, second}
	h.commit(turn)

	got, err := h.Reservations(h.t.Context(), "", 9)
	h.NoError(err)
	h.Equal([]hotel.Reservation{second, first}, got, "newest first")

	first.Status = hotel.StatusCancelled
	h.commit(hotel.TurnCommit{Guest: row.Guest, Property: sur, Version: 1, Reservations: []hotel.Reservation{first}, At: h.now})
	got, err = h.Reservations(h.t.Context(), sur, 9)
	h.NoError(err)
	h.Equal([]hotel.Reservation{first}, got)
	got, err = h.Reservations(h.t.Context(), "", 1)
	h.NoError(err)
	h.Equal([]hotel.Reservation{second}, got)
}

var month = hotel.Retention{Seen: 30 * 24 * time.Hour, Inbox: 30 * 24 * time.Hour, Outbox: 30 * 24 * time.Hour,
	Transcript: 30 * 24 * time.Hour, Dead: 30 * 24 * time.Hour}

func (h *house) trim(now time.Time, keep hotel.Retention, limit int) int {
	h.t.Helper()
	n, err := h.Trim(h.t.Context(), now, keep, limit)
	h.NoError(err)
	return n
}

func trimKeeps(h *house) {
	waits := h.hear("541")
	guest, _, out := h.reply(3, true)
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, Proof: "wamid.A", ClaimNext: true})
	h.settle(hotel.Settlement{Key: out[1], Attempt: 1, State: hotel.Dead, ClaimNext: true})
	h.commit(hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, Transcript: []byte(`[{"who":"bot","text":"x"}]`), At: h.now})
	later := h.now.Add(40 * 24 * time.Hour)

	h.Zero(h.trim(h.now.Add(time.Hour), month, 100))
	h.Zero(h.trim(later, hotel.Retention{}, 100), "0 keeps for ever")
	h.Equal(5, h.trim(later, month, 100), "two hashes, one consumed row, one settled row, one turn's words")
	h.Zero(h.trim(later, month, 100))

	h.Equal([]hotel.Key{waits.Key}, keysOf(h.pending(waits.Guest)), "what waits stays")
	_, err := h.Row(h.t.Context(), out[0])
	h.kind(hotel.NotFound, err)
	h.Equal(hotel.Dead, h.row(out[1]).State, "its dead letter is open")
	h.Equal(hotel.Sending, h.row(out[2]).State)
	h.Len(h.letters(), 1)

	h.NoError(h.Drop(h.t.Context(), h.letters()[0].ID, h.now))
	h.Equal(2, h.trim(later, month, 100), "the letter and its row")
}

func trimWebhooks(h *house) {
	_, err := h.Accept(h.t.Context(), hotel.Accept{Dead: []hotel.DeadLetter{
		{Source: "webhook", Property: sur, Kind: "stray", Reason: "of no hotel", Body: []byte(`{"from":"541"}`), At: h.now}}})
	h.NoError(err)
	row := h.hear("542")
	h.NoError(h.Bury(h.t.Context(), row.Guest, []hotel.Key{row.Key}, "poison"))
	h.Len(h.letters(), 2)
	keep := hotel.Retention{Dead: month.Dead}

	h.Zero(h.trim(h.now.Add(20*24*time.Hour), keep, 10))
	later := time.Now().Add(40 * 24 * time.Hour) // a burial's time is the store's own
	h.Equal(1, h.trim(later, keep, 10), "it belongs to no guest: no erasure would find it")
	h.Len(h.letters(), 1)
	h.Equal("inbox", h.letters()[0].Source, "a guest's stays until it is closed or the guest erased")
}

func trimLimited(h *house) {
	for range 5 {
		h.commit(h.turn(h.hear(h.name("54"))))
	}
	later := h.now.Add(40 * 24 * time.Hour)
	keep := hotel.Retention{Inbox: month.Inbox}
	h.Equal(2, h.trim(later, keep, 2))
	h.Equal(3, h.trim(later, keep, 10))
}

func trimSeen(h *house) {
	message := h.said(phone("541"))
	row := h.accept(message)[0].Row
	h.commit(h.turn(row))
	later := h.now.Add(40 * 24 * time.Hour)
	h.Equal(1, h.trim(later, hotel.Retention{Inbox: month.Inbox}, 10))

	message.Key = hotel.Key(keys.New())
	got := h.accept(message)[0]
	h.True(got.Duplicate, "its hash is kept longer than its row")
	h.True(got.Consumed)

	h.Equal(1, h.trim(later, hotel.Retention{Seen: month.Seen}, 10))
	message.Key = hotel.Key(keys.New())
	h.False(h.accept(message)[0].Duplicate)
}
