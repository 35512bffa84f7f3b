package storetest

import (
	"context"
	"errors"
	"sync"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/internal/keys"
)

var acceptPromises = []promise{
	{"KeepsWhatArrived", keepsWhatArrived},
	{"TakesAMessageIDOnce", takesAMessageIDOnce},
	{"TenParallelDeliveriesMakeOneRow", parallelDeliveries},
	{"TellsWhetherADuplicateIsConsumed", duplicateConsumed},
	{"AMessageWithoutIDIsNewEachTime", withoutID},
	{"ARepeatedKeyIsADuplicate", repeatedKey},
	{"TheSameMessageIDAtTwoHotelsIsTwoMessages", twoHotels},
	{"TwoParallelFirstWebhooksMakeOneGuest", parallelFirsts},
	{"TheStrongestKnownAliasNamesTheGuest", strongestAlias},
	{"LearnsNewAliases", learnsAliases},
	{"ManyMessagesOfOneBodyStandInOrder", manyInOrder},
	{"IsWholeOrNothing", wholeOrNothing},
	{"KeepsAnUndecodableBodyOnce", deadOnce},
	{"ALeftCallerWritesNothing", leftCaller},
	{"AWordOfTheStaffReachesItsGuest", staffWord},
	{"AWordForNobodyIsRefusedWhole", staffWordForNobody},
	{"HashIsKeyedAndStable", hashStable},
}

func keepsWhatArrived(h *house) {
	in := h.said(phone("541"))
	got := h.accept(in)[0]

	h.True(got.NewGuest)
	h.False(got.Duplicate)
	h.NotEmpty(got.Row.Guest)
	h.Positive(got.Row.Order)

	a, err := h.Activate(h.t.Context(), got.Row.Guest, 10)
	h.NoError(err)
	h.Equal(hotel.GuestRecord{ID: got.Row.Guest, Property: sur}, a.Guest)
	h.Equal([]hotel.InboxRow{{Key: in.Key, Guest: got.Row.Guest, Order: got.Row.Order, Kind: hotel.KindSaid, Body: in.Body, At: h.now}}, a.Pending)
	h.False(a.More)
}

func takesAMessageIDOnce(h *house) {
	first := h.said(phone("541"))
	again := first
	again.Key = hotel.Key(keys.New())

	was := h.accept(first)[0]
	got := h.accept(again)[0]

	h.True(got.Duplicate)
	h.False(got.Consumed, "its row still waits: nudge it")
	h.Equal(was.Row, got.Row, "the row that stands")
	h.Len(h.pending(was.Row.Guest), 1)
}

func parallelDeliveries(h *house) {
	message := h.said(phone("541"))
	got := make([]hotel.Accepted, 10)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			mine := message
			mine.Key = hotel.Key(keys.New())
			res, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{mine}})
			if err == nil {
				got[i] = res.Arrivals[0]
			}
		})
	}
	wg.Wait()

	fresh := 0
	for _, g := range got {
		h.Equal(got[0].Row, g.Row, "all name the one row")
		if !g.Duplicate {
			fresh++
		}
	}
	h.Equal(1, fresh)
	h.Len(h.pending(got[0].Row.Guest), 1)
}

func duplicateConsumed(h *house) {
	message := h.said(phone("541"))
	row := h.accept(message)[0].Row
	h.commit(h.turn(row))

	message.Key = hotel.Key(keys.New())
	got := h.accept(message)[0]

	h.True(got.Duplicate)
	h.True(got.Consumed, "nothing to nudge")
	h.Equal(row.Key, got.Row.Key)
	h.Equal(row.Guest, got.Row.Guest)
}

func withoutID(h *house) {
	one, two := h.said(phone("541")), h.said(phone("541"))
	one.MessageID, two.MessageID = "", ""

	h.False(h.accept(one)[0].Duplicate)
	got := h.accept(two)[0]
	h.False(got.Duplicate)
	h.Len(h.pending(got.Row.Guest), 2)
}

func repeatedKey(h *house) {
	message := h.said(phone("541"))
	message.MessageID = ""
	was := h.accept(message)[0]

	got := h.accept(message)[0]

	h.True(got.Duplicate, "the same accept, asked again after an unknown outcome")
	h.Equal(was.Row, got.Row)
	h.Len(h.pending(was.Row.Guest), 1)
}

func twoHotels(h *house) {
	here := h.said(phone("541"))
	there := here
	there.Key, there.Property = hotel.Key(keys.New()), norte

	got := h.accept(here, there)

	h.False(got[1].Duplicate)
	h.NotEqual(got[0].Row.Guest, got[1].Row.Guest, "the same phone at two hotels is two guests")
	guest, err := h.Guest(h.t.Context(), got[1].Row.Guest)
	h.NoError(err)
	h.Equal(norte, guest.Property)
}

func parallelFirsts(h *house) {
	got := make([]hotel.GuestID, 8)
	var wg sync.WaitGroup
	for i := range got {
		message := h.said(bsuid("AR.1"), phone("541"))
		wg.Go(func() {
			if res, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{message}}); err == nil {
				got[i] = res.Arrivals[0].Row.Guest
			}
		})
	}
	wg.Wait()

	for _, id := range got {
		h.Equal(got[0], id)
	}
	h.Len(h.pending(got[0]), len(got))
}

func strongestAlias(h *house) {
	byBSUID := h.accept(h.said(bsuid("AR.1")))[0].Row.Guest
	byParent := h.accept(h.said(parent("P.1")))[0].Row.Guest
	byPhone := h.accept(h.said(phone("541")))[0].Row.Guest
	h.NotEqual(byBSUID, byPhone)

	for _, c := range []struct {
		want hotel.GuestID
		who  []hotel.Alias
	}{
		{byBSUID, []hotel.Alias{bsuid("AR.1"), parent("P.1"), phone("541")}},
		{byParent, []hotel.Alias{bsuid("AR.new"), parent("P.1"), phone("541")}},
		{byPhone, []hotel.Alias{parent("P.new"), phone("541")}},
	} {
		got := h.accept(h.said(c.who...))[0]
		h.Equal(c.want, got.Row.Guest)
		h.False(got.NewGuest)
	}
}

func learnsAliases(h *house) {
	guest := h.accept(h.said(phone("541")))[0].Row.Guest

	h.Equal(guest, h.accept(h.said(bsuid("AR.1"), phone("541")))[0].Row.Guest)
	h.Equal(guest, h.accept(h.said(bsuid("AR.1"), phone("542")))[0].Row.Guest, "the number changed, the BSUID did not")
	h.Equal(guest, h.accept(h.said(phone("542")))[0].Row.Guest, "and the new number is known by now")
}

func manyInOrder(h *house) {
	var body []hotel.Arrival
	for range 100 {
		body = append(body, h.said(phone("541")))
	}
	got := h.accept(body...)

	rows := h.pending(got[0].Row.Guest)
	h.Len(rows, len(body))
	for i, row := range rows {
		h.Equal(body[i].Key, row.Key)
		h.Equal(i == 0, got[i].NewGuest)
	}
}

func wholeOrNothing(h *house) {
	good, bad := h.said(phone("541")), h.said()
	_, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{good, bad}})
	h.kind(hotel.Invalid, err)

	got := h.accept(good)[0]
	h.False(got.Duplicate, "nothing of the refused body was kept")
	h.True(got.NewGuest)
}

func deadOnce(h *house) {
	dead := hotel.DeadLetter{Source: "webhook", Property: sur, Reason: "undecodable", Body: []byte("{"), At: h.now}
	for range 2 {
		_, err := h.Accept(h.t.Context(), hotel.Accept{Dead: []hotel.DeadLetter{dead}})
		h.NoError(err)
	}

	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	h.Len(letters, 1)
	dead.ID = letters[0].ID
	h.Equal(dead, letters[0])
}

func leftCaller(h *house) {
	ctx, cancel := context.WithCancel(h.t.Context())
	cancel()
	message := h.said(phone("541"))

	_, err := h.Accept(ctx, hotel.Accept{Arrivals: []hotel.Arrival{message}})
	h.kind(hotel.Unavailable, err)
	h.False(h.accept(message)[0].Duplicate)
}

// word is something for a guest who is known already.
func (h *house) word(guest hotel.GuestID) hotel.Arrival {
	return hotel.StaffWord{By: "Ana", Text: "hola"}.Arrival(hotel.Key(keys.New()), guest, hotel.KindStaffSaid, h.now)
}

func staffWord(h *house) {
	row := h.hear("541")
	word := h.word(row.Guest)

	got := h.accept(word)[0]

	h.False(got.NewGuest)
	h.Equal(hotel.InboxRow{Key: word.Key, Guest: row.Guest, Order: got.Row.Order, Kind: hotel.KindStaffSaid, Body: word.Body, At: h.now}, got.Row)
	h.Equal([]hotel.Key{row.Key, word.Key}, keysOf(h.pending(row.Guest)))
	h.Equal(row.Guest, h.hear("541").Guest, "the guest's aliases stand")
	h.True(h.accept(word)[0].Duplicate, "the same word, asked again after an unknown outcome")

	word.MessageID = "wamid.of.somebody"
	_, err := h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{word}})
	h.kind(hotel.Invalid, err)
}

func staffWordForNobody(h *house) {
	message := h.said(phone("541"))
	a := hotel.Accept{
		Arrivals: []hotel.Arrival{message, h.word("nobody")},
		Dead:     []hotel.DeadLetter{{Source: "webhook", Property: sur, Reason: "undecodable", Body: []byte("{"), At: h.now}},
	}
	var beside sync.WaitGroup
	errs := make([]error, 8) // of neighbours in the store's batch
	for i := range errs {
		neighbour := h.said(phone("542"))
		beside.Go(func() { _, errs[i] = h.Accept(h.t.Context(), hotel.Accept{Arrivals: []hotel.Arrival{neighbour}}) })
	}
	_, err := h.Accept(h.t.Context(), a)
	beside.Wait()
	h.kind(hotel.NotFound, err)
	h.NoError(errors.Join(errs...))

	letters, err := h.DeadLetters(h.t.Context(), hotel.LetterQuery{Limit: 10})
	h.NoError(err)
	h.Empty(letters)
	got := h.accept(message)[0]
	h.False(got.Duplicate, "nothing of the refused body was kept")
	h.True(got.NewGuest)
	_, err = h.Guest(h.t.Context(), "nobody")
	h.kind(hotel.NotFound, err)
}

func hashStable(h *house) {
	same := h.Hash("a", "b")
	h.Equal(same, h.Hash("a", "b"))
	h.NotEqual(h.Hash("a", "b"), h.Hash("ab"))
	h.NotEqual(h.Hash("a", "b"), h.Hash("ab", ""))
	h.NotEqual([16]byte{}, h.Hash("a", "b"))
}
