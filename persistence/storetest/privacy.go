package storetest

import (
	"encoding/json"
	"time"

	"github.com/conserje/conserje/hotel"
)

var privacyPromises = []promise{
	{"AnErasedGuestsNamesAreNobodysAtOnce", eraseNames},
	{"EraseTakesBackWhatIsPending", erasePending},
	{"EraseClosesTheHandoff", eraseHandoff},
	{"RowsStayUntilNothingIsUnderWay", eraseWaits},
	{"EraseDeletesAllRowsOfTheGuestAndNoOthers", eraseAll},
	{"ThousandsOfRowsGo", eraseMany},
	{"AnErasedRowsKeyNamesNobodysRow", eraseKeys},
	{"OrdersAreNeverGivenAgain", eraseOrders},
	{"LettersOfAnErasedGuestAreNotReplayed", eraseReplay},
	{"EraseNeedsATurnThatSaysSo", eraseUnasked},
	{"TheAuditTellsWhatWasDone", auditTells},
	{"TheAuditIsPaged", auditPaged},
	{"ExportIsAllThatIsKept", exportAll},
	{"ExportIsPaged", exportPaged},
	{"GuestsAreFound", guestsFound},
}

// ask commits a turn that erases a guest of version 0, after rows.
func (h *house) ask(t hotel.TurnCommit) hotel.TurnCommitted {
	h.t.Helper()
	t.Erase, t.State = hotel.ByGuest, []byte(`{}`)
	return h.commit(t)
}

// life is a guest with something in every table, settled and consumed; it returns the keys of its rows.
func (h *house) life(number string) (hotel.GuestID, []hotel.Key) {
	h.t.Helper()
	unread := h.hear(number)
	h.NoError(h.Bury(h.t.Context(), unread.Guest, []hotel.Key{unread.Key}, "panic"))
	turn := h.turn(h.pending(unread.Guest)[0], h.hear(number))
	turn.Outbox = []hotel.OutboxRow{h.say(hotel.GuestLane(turn.Guest)), h.say(hotel.MailLane(hotel.Reference("R" + number)))}
	turn.Claim = []hotel.Lane{turn.Outbox[0].Lane, turn.Outbox[1].Lane}
	turn.State = []byte(`{"name":"Ana ` + number + `"}`)
	turn.Transcript = []byte(`[{"who":"guest","text":"soy Ana ` + number + `"},{"who":"bot","text":"hola"}]`)
	turn.Handoff = &hotel.HandoffRecord{State: hotel.HandoffOpen, Cause: hotel.CauseAsked, Name: "Ana " + number, Address: number, Opened: h.now}
	turn.Reservations = []hotel.Reservation{{Reference: hotel.Reference("R" + number), Property: sur, Code: hotel.BookingCode("CODE" + number),
		Contact: hotel.Contact{FirstName: "Ana", Email: "ana" + number + "@example.com", Phone: "+" + number}}}
	h.commit(turn)
	h.settle(hotel.Settlement{Key: turn.Outbox[0].Key, Attempt: 1, State: hotel.Settled, Proof: "wamid." + number, Status: hotel.DeliveryAccepted})
	h.settle(hotel.Settlement{Key: turn.Outbox[1].Key, Attempt: 1, State: hotel.Dead, Reason: "refused"})
	return turn.Guest, []hotel.Key{turn.Consumed[1], turn.Outbox[0].Key, turn.Outbox[1].Key}
}

// mark marks a guest of life for erasure.
func (h *house) mark(guest hotel.GuestID) {
	h.t.Helper()
	h.ask(hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, At: h.now})
}

func eraseNames(h *house) {
	who := []hotel.Alias{bsuid("AR.1"), phone("541")}
	h.accept(h.said(bsuid("AR.1")))
	row := h.accept(h.said(who...))[0].Row
	h.ask(h.turn(h.pending(row.Guest)...))

	for _, alias := range who {
		next := h.accept(h.said(alias))[0]
		h.True(next.NewGuest)
		h.NotEqual(row.Guest, next.Row.Guest)
		h.Len(h.pending(next.Row.Guest), 1)
	}
	h.Empty(h.pending(row.Guest), "nothing of it speaks to the old one")

	word := hotel.StaffWord{By: "ana"}.Arrival("k1", row.Guest, hotel.KindStaffSaid, h.now)
	_, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{word}})
	h.kind(hotel.NotFound, err)
}

func erasePending(h *house) {
	turn := h.turn(h.hear("541"))
	lane := hotel.GuestLane(turn.Guest)
	mail, cancel, out := h.say(hotel.MailLane("R1")), h.say(hotel.ReferenceLane("R2")), h.say(lane)
	mail.Kind, cancel.Kind = hotel.KindMail, hotel.KindCancel
	alert := h.say(hotel.StaffLane("a"))
	alert.Kind = hotel.KindAlert
	behind := h.say(lane)
	turn.Outbox = []hotel.OutboxRow{out, behind, mail, cancel, alert}
	turn.Claim = []hotel.Lane{lane}
	h.commit(turn)
	other := h.turn(h.hear("542"))
	other.Outbox = []hotel.OutboxRow{h.say(hotel.GuestLane(other.Guest))}
	h.commit(other)

	goodbye := h.say(lane)
	done := h.ask(hotel.TurnCommit{Guest: turn.Guest, Property: sur, Version: 1, Outbox: []hotel.OutboxRow{goodbye}, At: h.now})

	h.Empty(done.Withdrawn, "there is nobody to tell")
	h.Empty(h.pending(turn.Guest))
	for key, want := range map[hotel.Key]hotel.SendState{out.Key: hotel.Sending, behind.Key: hotel.Withdrawn, mail.Key: hotel.Withdrawn,
		alert.Key: hotel.Withdrawn, cancel.Key: hotel.Pending, goodbye.Key: hotel.Pending, other.Outbox[0].Key: hotel.Pending} {
		h.Equal(want, h.row(key).State, key)
	}
	h.settle(hotel.Settlement{Key: out.Key, Attempt: 1, State: hotel.Settled})
	h.Equal(goodbye.Key, h.claim(lane).Key)
}

func eraseHandoff(h *house) {
	guest, _ := h.life("541")
	h.mark(guest)

	open, err := h.Handoffs(h.t.Context(), sur, true, 10)
	h.NoError(err)
	h.Empty(open)
	b, err := h.Backlog(h.t.Context())
	h.NoError(err)
	h.Zero(b.Handoffs)
}

func eraseWaits(h *house) {
	turn := h.turn(h.hear("541"))
	lane := hotel.GuestLane(turn.Guest)
	book := h.say(hotel.BookingLane(sur, "7"))
	book.Kind = hotel.KindBook
	turn.Outbox, turn.Claim = []hotel.OutboxRow{book}, []hotel.Lane{book.Lane}
	h.commit(turn)
	goodbye := h.say(lane)
	h.ask(hotel.TurnCommit{Guest: turn.Guest, Property: sur, Version: 1, Outbox: []hotel.OutboxRow{goodbye}, At: h.now})
	waits := func(what string) {
		h.t.Helper()
		_, err := h.Erase(h.t.Context(), turn.Guest, h.now)
		h.kind(hotel.Conflict, err)
		h.Empty(h.sweep().Erasing, what)
	}

	waits("a booking is out, the goodbye is pending")
	h.claim(lane)
	h.settle(hotel.Settlement{Key: book.Key, Attempt: 1, State: hotel.Settled, Proof: "17",
		Result: hotel.InboxRow{Key: book.Key + "/booked", Kind: hotel.KindBooked, Body: []byte(`{}`), At: h.now}})
	waits("the goodbye is out, the booking's result is not consumed")
	h.settle(hotel.Settlement{Key: goodbye.Key, Attempt: 1, State: hotel.Settled, Status: hotel.DeliveryAccepted})
	waits("the booking's result is not consumed")
	h.Len(h.pending(turn.Guest), 1, "it still arrives")
	h.commit(hotel.TurnCommit{Guest: turn.Guest, Property: sur, Version: 2, Consumed: []hotel.Key{book.Key + "/booked"}, At: h.now})

	h.Equal([]hotel.GuestID{turn.Guest}, h.sweep().Erasing)
	_, err := h.Erase(h.t.Context(), turn.Guest, h.now)
	h.NoError(err)
	h.Empty(h.sweep().Erasing)
	_, err = h.Erase(h.t.Context(), turn.Guest, h.now)
	h.kind(hotel.NotFound, err)
}

func eraseAll(h *house) {
	seen := h.said(phone("541"))
	h.accept(seen)
	guest := h.pending(h.accept(h.said(phone("541")))[0].Row.Guest)[0].Guest
	h.commit(h.turn(h.pending(guest)...))
	h.commit(hotel.TurnCommit{Guest: guest, Property: sur, Version: 1, At: h.now, Due: h.now.Add(time.Hour)})
	mine, keys := h.life("542")
	kept, keptKeys := h.life("543")
	for _, guest := range []hotel.GuestID{mine, kept} {
		h.NoError(h.SetPause(h.t.Context(), hotel.Pause{Guest: guest, At: h.now}, true))
	}
	h.mark(mine)

	erased, err := h.Erase(h.t.Context(), mine, h.now)
	h.NoError(err)
	h.Equal(map[string]int64{"guest": 1, "inbox": 3, "outbox": 2, "transcript": 1, "reservation": 1, "handoff": 1, "letter": 2}, erased.Counts)
	_, err = h.Guest(h.t.Context(), mine)
	h.kind(hotel.NotFound, err)
	for _, key := range keys[1:] {
		_, err = h.Row(h.t.Context(), key)
		h.kind(hotel.NotFound, err)
	}
	_, err = h.Commit(h.t.Context(), hotel.TurnCommit{Guest: mine, Property: sur, Version: 2, State: []byte("back"), At: h.now})
	h.kind(hotel.NotFound, err)
	h.kind(hotel.NotFound, h.Bury(h.t.Context(), mine, nil, "panic"))

	lines, err := h.Transcript(h.t.Context(), mine, 10)
	h.NoError(err)
	h.Empty(lines)
	lines, err = h.Transcript(h.t.Context(), kept, 10)
	h.NoError(err)
	h.Len(lines, 2)
	reservations, err := h.Reservations(h.t.Context(), sur, 10)
	h.NoError(err)
	h.Len(reservations, 1)
	handoffs, err := h.Handoffs(h.t.Context(), sur, false, 10)
	h.NoError(err)
	h.Len(handoffs, 1)
	h.Len(h.letters(), 2)
	h.Equal(hotel.Settled, h.row(keptKeys[1]).State)
	_, err = h.Guest(h.t.Context(), guest)
	h.NoError(err)
	pauses, err := h.Pauses(h.t.Context())
	h.NoError(err)
	h.Equal([]hotel.Pause{{Guest: kept, At: h.now}}, pauses)
	again := h.accept(seen)[0]
	h.True(again.Duplicate, "hashes of messages are kept")
}

func eraseMany(h *house) {
	const turns = 300
	row := h.hear("541")
	lane := hotel.GuestLane(row.Guest)
	for version := range int64(turns) {
		turn := h.turn(h.hear("542"))
		turn.Version = version
		h.commit(turn)
		turn = h.turn(row)
		turn.Version, turn.Outbox, turn.Claim = version, []hotel.OutboxRow{h.say(lane)}, []hotel.Lane{lane}
		turn.Transcript = []byte(`{"who":"guest","text":"hola"}`)
		h.commit(turn)
		h.settle(hotel.Settlement{Key: turn.Outbox[0].Key, Attempt: 1, State: hotel.Settled})
		if version < turns-1 {
			row = h.hear("541")
		}
	}
	h.ask(hotel.TurnCommit{Guest: row.Guest, Property: sur, Version: turns, At: h.now})

	erased, err := h.Erase(h.t.Context(), row.Guest, h.now)
	h.NoError(err)
	h.Equal(map[string]int64{"guest": 1, "inbox": turns, "outbox": turns, "transcript": turns}, erased.Counts)
}

func eraseKeys(h *house) {
	guest, keys := h.life("541")
	h.mark(guest)
	_, err := h.Erase(h.t.Context(), guest, h.now)
	h.NoError(err)
	_, lane, fresh := h.reply(1, true) // the newest rows: they would take ids that had become free

	_, err = h.Settle(h.t.Context(), hotel.Settlement{Key: keys[1], Attempt: 1, State: hotel.Settled, Proof: "late", At: h.now})
	h.kind(hotel.NotFound, err)
	_, err = h.Repeat(h.t.Context(), hotel.Repeat{Key: keys[1], Attempt: 1, Owner: engine, At: h.now})
	h.kind(hotel.NotFound, err)
	res, err := h.Accept(h.t.Context(), hotel.Accept{Receipts: []hotel.ReceiptRow{
		{Receipt: hotel.Receipt{Key: keys[1], Attempt: 1, MessageID: "wamid.541", Status: hotel.DeliveryRead, At: h.now}},
		{Receipt: hotel.Receipt{MessageID: "wamid.541", Status: hotel.DeliveryRead, At: h.now}},
	}})
	h.NoError(err)
	h.False(res.Receipts[0].Matched)
	h.False(res.Receipts[1].Matched)
	row := h.row(fresh[0])
	h.Equal(hotel.Sending, row.State)
	h.Empty(row.Proof)
	h.Empty(row.Status)
	h.refused(lane)
}

func eraseOrders(h *house) {
	first := h.hear("541")
	guest, keys := h.life("542")
	last := h.row(keys[2]).Order
	h.mark(guest)
	_, err := h.Erase(h.t.Context(), guest, h.now)
	h.NoError(err)

	h.Greater(h.hear("541").Order, last)
	h.Less(first.Order, last)
	h.Greater(h.row(func() hotel.Key { _, _, k := h.reply(1, false); return k[0] }()).Order, last)
	again, _ := h.life("543")
	letters := h.letters()
	h.Len(letters, 2)
	for _, l := range letters {
		h.Equal(again, l.Guest)
		h.Greater(l.ID, int64(2), "a letter's number is never another's")
	}
}

func eraseReplay(h *house) {
	guest, _ := h.life("541")
	letters := h.letters()
	h.mark(guest)
	for _, l := range letters {
		_, _, err := h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now})
		h.kind(hotel.Invalid, err)
	}
	_, err := h.Erase(h.t.Context(), guest, h.now)
	h.NoError(err)
	for _, l := range letters {
		_, _, err := h.Replay(h.t.Context(), hotel.Replay{ID: l.ID, At: h.now})
		h.kind(hotel.NotFound, err)
	}
}

func eraseUnasked(h *house) {
	guest, _ := h.life("541")

	_, err := h.Erase(h.t.Context(), guest, h.now)
	h.kind(hotel.Conflict, err)
	_, err = h.Erase(h.t.Context(), "nobody", h.now)
	h.kind(hotel.NotFound, err)
	h.Empty(h.sweep().Erasing)
	_, err = h.Guest(h.t.Context(), guest)
	h.NoError(err)
}

func auditTells(h *house) {
	guest, _ := h.life("541")
	h.mark(guest)
	h.commit(hotel.TurnCommit{Guest: guest, Property: sur, Version: 2, Erase: "ana", At: h.now}) // asked once more
	h.now = h.now.Add(time.Minute)
	erased, err := h.Erase(h.t.Context(), guest, h.now)
	h.NoError(err)
	h.NoError(h.Note(h.t.Context(), hotel.AuditEntry{At: h.now.Add(time.Minute), By: "engine", What: hotel.AuditScrubbed}))

	entries, err := h.Audit(h.t.Context(), 0, 10)
	h.NoError(err)
	h.Len(entries, 3)
	for i, want := range []hotel.AuditEntry{
		{At: h.now.Add(time.Minute), By: "engine", What: hotel.AuditScrubbed},
		{At: h.now, By: "engine", What: hotel.AuditErased, Guest: guest, Counts: erased.Counts},
		{At: h.now.Add(-time.Minute), By: hotel.ByGuest, What: hotel.AuditEraseRequested, Guest: guest},
	} {
		want.ID = entries[i].ID
		h.Equal(want, entries[i])
	}
}

func auditPaged(h *house) {
	for i := range 5 {
		h.NoError(h.Note(h.t.Context(), hotel.AuditEntry{At: h.now, By: "ana", What: hotel.AuditExported, Counts: map[string]int64{"n": int64(i)}}))
	}
	var got []int64
	for before := int64(0); ; {
		page, err := h.Audit(h.t.Context(), before, 2)
		h.NoError(err)
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			got = append(got, e.Counts["n"])
		}
		before = page[len(page)-1].ID
	}
	h.Equal([]int64{4, 3, 2, 1, 0}, got)
}

// export reads all pages.
func (h *house) export(guest hotel.GuestID) (records []hotel.Record, pages int) {
	h.t.Helper()
	for page := ""; ; {
		got, err := h.Export(h.t.Context(), guest, page)
		h.NoError(err)
		records, pages = append(records, got.Records...), pages+1
		if page = got.Next; page == "" {
			return records, pages
		}
	}
}

func exportAll(h *house) {
	guest, keys := h.life("541")
	h.life("542")
	records, _ := h.export(guest)

	counts, all := map[string]int{}, ""
	for _, r := range records {
		counts[r.What]++
		h.True(json.Valid(r.Data), r.What)
		all += string(r.Data) + "\n"
	}
	h.Equal(map[string]int{"guest": 1, "alias": 1, "inbox": 3, "outbox": 2, "transcript": 2, "reservation": 1, "handoff": 1, "letter": 2}, counts)
	for _, want := range []string{string(guest), `"value":"541"`, "Ana 541", "soy Ana 541", "ana541@example.com", string(keys[0]), string(keys[1]),
		"wamid.541", `"reason":"refused"`, `"reason":"panic"`, `{"text":"hola"}`, `"consumed":`} {
		h.Contains(all, want)
	}
	h.NotContains(all, "542", "nothing of anybody else")

	_, err := h.Export(h.t.Context(), "nobody", "")
	h.kind(hotel.NotFound, err)
	_, err = h.Export(h.t.Context(), guest, "no such page")
	h.kind(hotel.Invalid, err)
}

func exportPaged(h *house) {
	const rows = 450
	var arrivals []hotel.Arrival
	for range rows {
		arrivals = append(arrivals, h.said(phone("541")), h.said(phone("542")))
	}
	guest := h.accept(arrivals...)[0].Row.Guest
	records, pages := h.export(guest)

	h.Greater(pages, 2)
	var got []string
	for _, r := range records {
		if r.What == "inbox" {
			got = append(got, string(r.Data))
		}
	}
	h.Len(got, rows)
	for i, line := range got {
		h.Contains(line, string(arrivals[2*i].Key), "each once, in order")
	}
}

func guestsFound(h *house) {
	guest, _ := h.life("541")
	h.life("542")
	h.accept(h.said(bsuid("AR.1"), phone("541")))
	find := func(property hotel.PropertyID, value string) []hotel.GuestID {
		h.t.Helper()
		found, err := h.FindGuests(h.t.Context(), property, value)
		h.NoError(err)
		return found
	}
	for _, value := range []string{"541", "+5 4-1", "AR.1", "ANA541@example.com", "CODE541"} {
		h.Equal([]hotel.GuestID{guest}, find(sur, value), value)
	}
	h.Empty(find(norte, "541"))
	h.Empty(find(sur, "999"))
	h.Empty(find(sur, ""))
}
