package storetest

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

var turnPromises = []promise{
	{"WritesTheWholeTurn", wholeTurn},
	{"ConsumesSeveralRowsAtOnce", consumesSeveral},
	{"ATurnWithoutRowsNeedsOnlyTheVersion", withoutRows},
	{"ConflictByVersion", conflictVersion},
	{"ConflictByAConsumedRow", conflictConsumed},
	{"ConflictByAnOlderRowLeftOut", conflictLeftOut},
	{"ConflictByARowOfAnotherGuest", conflictOther},
	{"ConflictByARowNamedTwice", conflictTwice},
	{"NoSuchGuest", noSuchGuest},
	{"AKeyThatStandsIsInvalid", keyStands},
	{"AConflictWritesNothing", conflictNothing},
	{"AConflictNeverFailsItsNeighbours", neighbours},
	{"WithdrawsPendingRowsOnly", withdraws},
	{"AWithdrawnRowTellsItsReference", withdrawnReference},
	{"DueWakes", dueWakes},
}

func wholeTurn(h *house) {
	turn := h.turn(h.hear("541"))
	lane := hotel.GuestLane(turn.Guest)
	turn.Outbox = []hotel.OutboxRow{h.say(lane), h.say(lane)}
	turn.Outbox[1].NotBefore = h.now.Add(time.Minute)
	turn.Due = h.now.Add(time.Hour)

	done := h.commit(turn)

	h.EqualValues(1, done.Version)
	h.Empty(done.Claimed, "no permit, no claim")
	h.Len(done.Orders, 2)
	h.Less(done.Orders[0], done.Orders[1])
	guest, err := h.Guest(h.t.Context(), turn.Guest)
	h.NoError(err)
	h.Equal(hotel.GuestRecord{ID: turn.Guest, Property: sur, Version: 1, State: []byte("state"), Due: turn.Due}, guest)
	h.Empty(h.pending(turn.Guest))
	h.Equal(hotel.OutboxRow{Key: turn.Outbox[1].Key, Guest: turn.Guest, Property: sur, Lane: lane, Order: done.Orders[1],
		Kind: hotel.KindSay, Body: turn.Outbox[1].Body, State: hotel.Pending, NotBefore: turn.Outbox[1].NotBefore, CreatedAt: h.now},
		h.row(turn.Outbox[1].Key))
}

func consumesSeveral(h *house) {
	one, two, three := h.hear("541"), h.hear("541"), h.hear("541")

	h.commit(h.turn(one, two))

	h.Equal([]hotel.Key{three.Key}, keysOf(h.pending(one.Guest)))
}

func withoutRows(h *house) {
	row := h.hear("541")
	turn := h.turn(row)
	turn.Consumed = nil

	h.EqualValues(1, h.commit(turn).Version)
	h.Equal([]hotel.Key{row.Key}, keysOf(h.pending(row.Guest)), "rows that it did not name wait on")
}

func conflictVersion(h *house) {
	one, two := h.hear("541"), h.hear("541")
	h.commit(h.turn(one))

	_, err := h.Commit(h.t.Context(), h.turn(two))
	h.kind(hotel.Conflict, err)

	again := h.turn(two)
	again.Version = 1
	h.EqualValues(2, h.commit(again).Version)
}

func conflictConsumed(h *house) {
	row := h.hear("541")
	h.commit(h.turn(row))
	again := h.turn(row)
	again.Version = 1

	_, err := h.Commit(h.t.Context(), again)
	h.kind(hotel.Conflict, err)
}

func conflictLeftOut(h *house) {
	one, two := h.hear("541"), h.hear("541")

	_, err := h.Commit(h.t.Context(), h.turn(two))
	h.kind(hotel.Conflict, err)
	h.Equal([]hotel.Key{one.Key, two.Key}, keysOf(h.pending(one.Guest)))
}

func conflictOther(h *house) {
	mine, other := h.hear("541"), h.hear("542")
	turn := h.turn(mine)
	turn.Consumed = append(turn.Consumed, other.Key)

	_, err := h.Commit(h.t.Context(), turn)
	h.kind(hotel.Conflict, err)
	h.Len(h.pending(mine.Guest), 1)
	h.Len(h.pending(other.Guest), 1)
}

func conflictTwice(h *house) {
	one, two := h.hear("541"), h.hear("541")
	turn := h.turn(one)
	turn.Consumed = append(turn.Consumed, one.Key)

	_, err := h.Commit(h.t.Context(), turn)
	h.kind(hotel.Conflict, err)
	h.Equal([]hotel.Key{one.Key, two.Key}, keysOf(h.pending(one.Guest)))
}

func noSuchGuest(h *house) {
	_, err := h.Commit(h.t.Context(), hotel.TurnCommit{Guest: "nobody", Property: sur, At: h.now})
	h.kind(hotel.NotFound, err)
	_, err = h.Activate(h.t.Context(), "nobody", 1)
	h.kind(hotel.NotFound, err)
}

func keyStands(h *house) {
	_, _, out := h.reply(1, false)
	row := h.hear("541")
	turn := h.turn(row)
	turn.Outbox = []hotel.OutboxRow{h.say(hotel.GuestLane(turn.Guest))}
	turn.Outbox[0].Key = out[0]

	_, err := h.Commit(h.t.Context(), turn)
	h.kind(hotel.Invalid, err)
	h.Len(h.pending(row.Guest), 1)
	h.EqualValues(1, h.commit(h.turn(row)).Version, "and nothing of it was kept")
}

func conflictNothing(h *house) {
	one, two := h.hear("541"), h.hear("541")
	turn := h.turn(two)
	turn.Outbox = []hotel.OutboxRow{h.say(hotel.GuestLane(one.Guest))}
	turn.Handoff = &hotel.HandoffRecord{State: hotel.HandoffOpen, Opened: h.now}
	turn.Reservations = []hotel.Reservation{{Reference: "R1", Property: sur}}
	turn.Transcript = []byte(`[{"who":"bot","text":"hola"}]`)
	turn.Due = h.now

	_, err := h.Commit(h.t.Context(), turn)
	h.kind(hotel.Conflict, err)

	_, err = h.Row(h.t.Context(), turn.Outbox[0].Key)
	h.kind(hotel.NotFound, err)
	guest, err := h.Guest(h.t.Context(), one.Guest)
	h.NoError(err)
	h.Equal(hotel.GuestRecord{ID: one.Guest, Property: sur}, guest)
	for _, empty := range []func() (int, error){
		func() (int, error) { x, err := h.Handoffs(h.t.Context(), "", false, 9); return len(x), err },
		func() (int, error) { x, err := h.Reservations(h.t.Context(), "", 9); return len(x), err },
		func() (int, error) { x, err := h.Transcript(h.t.Context(), one.Guest, 9); return len(x), err },
	} {
		n, err := empty()
		h.NoError(err)
		h.Zero(n)
	}
}

// neighbours commits many turns at once, of which every third is a conflict
// and every seventh names a key that stands already.
func neighbours(h *house) {
	_, _, out := h.reply(1, false)
	turns := make([]hotel.TurnCommit, 60)
	want := make([]hotel.Kind, len(turns))
	for i := range turns {
		turns[i] = h.turn(h.hear(strconv.Itoa(1000 + i)))
		turns[i].Outbox = []hotel.OutboxRow{h.say(hotel.GuestLane(turns[i].Guest))}
		turns[i].Claim = []hotel.Lane{turns[i].Outbox[0].Lane}
		switch {
		case i%3 == 0:
			turns[i].Version, want[i] = 7, hotel.Conflict
		case i%7 == 0:
			turns[i].Outbox[0].Key, want[i] = out[0], hotel.Invalid
		}
	}
	errs := make([]error, len(turns))
	var wg sync.WaitGroup
	for i := range turns {
		wg.Go(func() { _, errs[i] = h.Commit(h.t.Context(), turns[i]) })
	}
	wg.Wait()

	for i, err := range errs {
		if want[i] != hotel.Other {
			h.kind(want[i], err)
			h.Len(h.pending(turns[i].Guest), 1)
			continue
		}
		h.NoError(err)
		h.Empty(h.pending(turns[i].Guest))
		h.Equal(hotel.Sending, h.row(turns[i].Outbox[0].Key).State)
	}
}

func withdraws(h *house) {
	guest, _, out := h.reply(2, true)
	_, _, others := h.reply(1, false)
	turn := hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, Owner: engine, At: h.now,
		Withdraw: []hotel.Key{out[0], out[1], others[0], "nobody"}}

	done := h.commit(turn)

	h.Equal(hotel.Sending, h.row(out[0]).State, "it may have left")
	h.Equal(hotel.Withdrawn, h.row(out[1]).State)
	h.Equal(hotel.Pending, h.row(others[0]).State, "another guest's")
	h.Len(done.Withdrawn, 1)
	h.Equal(out[1]+"/withdrawn", done.Withdrawn[0].Key)
	h.Equal(hotel.KindWithdrawn, done.Withdrawn[0].Kind)
	h.Equal(done.Withdrawn, h.pending(guest))
	h.settle(hotel.Settlement{Key: out[0], Attempt: 1, State: hotel.Settled, ClaimNext: true})
	h.Equal(hotel.Withdrawn, h.row(out[1]).State)
}

func withdrawnReference(h *house) {
	body := func(v any) []byte {
		b, err := json.Marshal(v)
		h.NoError(err)
		return b
	}
	turn := h.turn(h.hear("541"))
	turn.Outbox = []hotel.OutboxRow{
		{Key: "book", Lane: hotel.BookingLane(sur, "1"), Kind: hotel.KindBook, Body: body(hotel.BookingRequest{Reference: "R1"})},
		{Key: "mail", Lane: hotel.MailLane("R2"), Kind: hotel.KindMail, Body: body(hotel.Mail{Reservation: hotel.Reservation{Reference: "R2"}})},
	}
	h.commit(turn)

	done := h.commit(hotel.TurnCommit{Guest: turn.Guest, Property: sur, Version: 1, At: h.now, Withdraw: []hotel.Key{"book", "mail"}})

	h.Len(done.Withdrawn, 2)
	for i, want := range []hotel.SendResult{{Key: "book", Kind: hotel.KindBook, Reference: "R1"}, {Key: "mail", Kind: hotel.KindMail, Reference: "R2"}} {
		var got hotel.SendResult
		h.NoError(json.Unmarshal(done.Withdrawn[i].Body, &got))
		h.Equal(want, got)
	}
}

func dueWakes(h *house) {
	late, early, later := h.turn(h.hear("541")), h.turn(h.hear("542")), h.turn(h.hear("543"))
	late.Due, early.Due, later.Due = h.now.Add(-time.Second), h.now.Add(-time.Minute), h.now.Add(time.Second)
	for _, turn := range []hotel.TurnCommit{late, early, later} {
		h.commit(turn)
	}
	h.Equal([]hotel.GuestID{early.Guest, late.Guest}, h.sweep().Due)

	h.commit(hotel.TurnCommit{Guest: early.Guest, Property: sur, Version: 1, At: h.now})
	h.Equal([]hotel.GuestID{late.Guest}, h.sweep().Due, "a turn without a due sleeps")
}
