package storetest

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

var doubtPromises = []promise{
	{"ANoteStaysWithItsRow", noteStays},
	{"ANoteIsForTheClaimsOwner", noteIsTheOwners},
	{"DoubtsAreReadByPropertyWhosoeverTheyAre", inDoubtOfAll},
	{"APollMarkIsAPropertys", pollMarks},
	{"ADoubtThatEndedIsNoneAnyMore", inDoubtEnds},
}

// out commits a claimed row of a kind, which asks the hotel system for something.
func (h *house) out(kind hotel.RowKind, lane hotel.Lane) hotel.OutboxRow {
	turn := h.turn(h.hear(h.name("5491")))
	row := h.say(lane)
	row.Kind, row.Body = kind, []byte(`{"reference":"R1"}`)
	turn.Outbox, turn.Claim = []hotel.OutboxRow{row}, []hotel.Lane{lane}
	return h.commit(turn).Claimed[0]
}

// doubted is one whose outcome is in doubt.
func (h *house) doubted(kind hotel.RowKind, ref hotel.Reference) hotel.OutboxRow {
	row := h.out(kind, hotel.BookingLane("sur", hotel.RoomTypeID(ref)))
	h.True(h.settle(hotel.Settlement{Key: row.Key, Attempt: 1, State: hotel.Sending, MoveTo: hotel.ReferenceLane(ref)}).Applied)
	return row
}

func (h *house) inDoubt(property hotel.PropertyID) (keys []hotel.Key) {
	rows, err := h.InDoubt(h.t.Context(), property)
	h.NoError(err)
	for _, r := range rows {
		h.Equal(h.row(r.Key), r, "whole, with its body")
		keys = append(keys, r.Key)
	}
	return keys
}

func (h *house) annotate(a hotel.Annotation) error { return h.Annotate(h.t.Context(), a) }

func noteStays(h *house) {
	row := h.out(hotel.KindBook, hotel.BookingLane("sur", "1"))
	h.Empty(h.row(row.Key).Note)
	h.NoError(h.annotate(hotel.Annotation{Key: row.Key, Attempt: 1, Owner: engine, Note: "one"}))
	h.NoError(h.annotate(hotel.Annotation{Key: row.Key, Attempt: 1, Owner: engine, Note: "two"}))
	h.Equal("two", h.row(row.Key).Note)

	h.settle(hotel.Settlement{Key: row.Key, Attempt: 1, State: hotel.Sending, MoveTo: hotel.ReferenceLane("R1")})
	h.Equal("two", h.row(row.Key).Note, "in another lane")
	h.Equal("two", h.sweep().Claims[0].Note, "for who takes it up")
	_, err := h.Repeat(h.t.Context(), hotel.Repeat{Key: row.Key, Attempt: 1, Owner: engine, At: h.now})
	h.NoError(err)
	h.Equal("two", h.row(row.Key).Note, "in its next attempt")
	h.settle(hotel.Settlement{Key: row.Key, Attempt: 2, State: hotel.Settled, Proof: "none"})
	h.Equal("two", h.row(row.Key).Note)
}

func noteIsTheOwners(h *house) {
	row := h.out(hotel.KindBook, hotel.BookingLane("sur", "1"))
	for name, a := range map[string]hotel.Annotation{
		"another engine":  {Key: row.Key, Attempt: 1, Owner: other, Note: "x"},
		"another attempt": {Key: row.Key, Attempt: 2, Owner: engine, Note: "x"},
	} {
		h.kind(hotel.Conflict, h.annotate(a))
		h.Empty(h.row(row.Key).Note, name)
	}
	h.settle(hotel.Settlement{Key: row.Key, Attempt: 1, State: hotel.Settled, Proof: "17"})
	h.kind(hotel.Conflict, h.annotate(hotel.Annotation{Key: row.Key, Attempt: 1, Owner: engine, Note: "x"}))
	h.Error(h.annotate(hotel.Annotation{Key: "nobody's", Attempt: 1, Owner: engine, Note: "x"}))
}

func inDoubtOfAll(h *house) {
	h.Empty(h.inDoubt("sur"))
	booking, change := h.doubted(hotel.KindBook, "R1"), h.doubted(hotel.KindChange, "R2")
	h.doubted(hotel.KindCancel, "R3")                      // frees rooms
	h.out(hotel.KindBook, hotel.BookingLane("sur", "one")) // its lane keeps the others waiting
	h.reply(1, true)
	_, err := h.Accept(h.t.Context(), hotel.Accept{Owner: other})
	h.NoError(err)

	h.Equal([]hotel.Key{booking.Key, change.Key}, h.inDoubt("sur"))
	h.Empty(h.inDoubt("norte"))
	f, ok := h.fleet()
	if !ok {
		return
	}
	h.NoError(f.Renew(h.t.Context(), engine))
	_, err = f.TakeOver(h.t.Context(), h.lease(f, engine), other, h.now.Add(time.Minute))
	h.NoError(err)
	h.Equal([]hotel.Key{booking.Key, change.Key}, h.inDoubt("sur"), "in other hands")
}

func inDoubtEnds(h *house) {
	settled, released := h.doubted(hotel.KindBook, "R1"), h.doubted(hotel.KindBook, "R2")
	h.settle(hotel.Settlement{Key: settled.Key, Attempt: 1, State: hotel.Settled, Proof: "17"})
	h.Equal([]hotel.Key{released.Key}, h.inDoubt("sur"))
	h.settle(hotel.Settlement{Key: released.Key, Attempt: 1, State: hotel.Pending, MoveTo: hotel.BookingLane("sur", "R2")})
	h.Empty(h.inDoubt("sur"))
}

func pollMarks(h *house) {
	mark := func(p hotel.PropertyID) string {
		kept, err := h.PollMark(h.t.Context(), p)
		h.NoError(err)
		return kept
	}
	h.Empty(mark("sur"))
	for _, at := range []string{"2026-11-23 18:00:00", "2026-11-23 17:30:00"} { // the hotel system's clock was put right
		h.NoError(h.KeepPollMark(h.t.Context(), "sur", at))
		h.Equal(at, mark("sur"))
	}
	h.Empty(mark("norte"))
}
