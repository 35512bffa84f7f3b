package conversation_test

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// checkBundle checks that of several bookings all stand in the end or none, or that
// a person was told, and that none is called confirmed which is not.
func (m *machine) checkBundle(before conversation.State, turn conversation.Turn) {
	alerted := false
	for _, e := range turn.Effects {
		if a, ok := e.(conversation.AlertStaff); ok {
			alerted = alerted || a.Cause == hotel.CauseBooking
		}
	}
	if before.Bundle == nil || turn.State.Bundle != nil || alerted {
		return
	}
	stand, all := 0, before.Bundle.Parts
	for _, b := range m.bookings {
		if b.Status == hotel.StatusBooked && slices.ContainsFunc(all, func(p conversation.Part) bool { return p.Request.Reference == b.Reference }) {
			stand++
		}
	}
	require.Contains(m.rt, []int{0, len(all)}, stand, "some of several bookings stand")
	for _, e := range turn.Effects {
		if say, ok := e.(conversation.Say); ok {
			require.Equal(m.rt, stand == len(all), strings.Contains(say.Text, " reservas están confirmadas") || strings.Contains(say.Text, " bookings are confirmed"))
		}
	}
}

// checkBooking checks that what is booked was read back last, lately, and agreed to clearly.
func (m *machine) checkBooking(before conversation.State, turn conversation.Turn, agrees func(*conversation.ReadBack) bool) {
	for _, e := range turn.Effects {
		book, ok := e.(conversation.Book)
		if !ok {
			continue
		}
		require.NotNil(m.rt, agrees, "booked without a yes")
		require.NotEmpty(m.rt, before.Frames)
		rb := before.Frames[len(before.Frames)-1].ReadBack
		require.NotNil(m.rt, rb, "booked without a read-back")
		require.True(m.rt, agrees(rb), "booked on a yes to something else")
		require.LessOrEqual(m.rt, m.now.Sub(rb.At), 30*time.Minute)
		want := rb.Agreed
		switch ref := string(book.Reference); {
		case strings.HasSuffix(ref, "-2"):
			want = *rb.Second
		case strings.HasSuffix(ref, "-3"):
			want = rb.More[0]
		}
		want.Reference, want.Guest, want.Agreed = book.Reference, m.state.Guest, m.now
		require.Equal(m.rt, want, book.BookingRequest)
		require.True(m.rt, strings.HasPrefix(string(book.Reference), "WA-"))
		require.Nil(m.rt, before.Pending, "booked while a request is out")
		require.Nil(m.rt, before.Bundle, "booked while two requests are out")
	}
}

// checkCancel checks that nothing is cancelled without a yes to what was read
// back last, but a part of several bookings that failed.
func (m *machine) checkCancel(before conversation.State, turn conversation.Turn, agrees func(*conversation.ReadBack) bool) {
	cancels := 0
	for _, e := range turn.Effects {
		if _, ok := e.(conversation.Cancel); ok {
			cancels++
		}
	}
	if cancels == 0 || before.Bundle != nil {
		return
	}
	require.NotNil(m.rt, agrees, "cancelled without a yes")
	// 'sí, cancelala' names what it agrees to, and may come back to it from another goal.
	i := slices.IndexFunc(before.Frames, func(f conversation.Frame) bool { return f.Goal == conversation.GoalCancel })
	require.GreaterOrEqual(m.rt, i, 0)
	f := before.Frames[i]
	require.NotNil(m.rt, f.ReadBack, "cancelled without a read-back")
	require.True(m.rt, agrees(f.ReadBack), "cancelled on a yes to something else")
	require.Equal(m.rt, max(len(f.Codes), 1), cancels)
	require.Nil(m.rt, before.Leaving)
}

// checkLast checks that no frame but the one with the last read-back has any: a yes counts for that alone.
func (m *machine) checkLast(turn conversation.Turn) {
	read := 0
	for _, f := range turn.State.Frames {
		if f.ReadBack != nil {
			read++
		}
	}
	require.LessOrEqual(m.rt, read, 1, "two read-backs are open")
}

// checkChange checks that what is changed was read back last and agreed to, that
// no booking is called changed which is not, and that a displaced guest reaches a person.
func (m *machine) checkChange(before conversation.State, inputs []conversation.Input, turn conversation.Turn, agrees func(*conversation.ReadBack) bool) {
	done, displaced := false, false
	for _, in := range inputs {
		switch in := in.(type) {
		case conversation.Changed:
			done = true
		case conversation.ChangeFailed:
			displaced = displaced || in.Outcome == hotel.OutcomeDisplaced
		}
	}
	alerted := false
	for _, e := range turn.Effects {
		switch e := e.(type) {
		case conversation.Change:
			require.NotNil(m.rt, agrees, "changed without a yes")
			require.NotEmpty(m.rt, before.Frames)
			rb := before.Frames[len(before.Frames)-1].ReadBack
			require.NotNil(m.rt, rb, "changed without a read-back")
			require.True(m.rt, agrees(rb), "changed on a yes to something else")
			require.LessOrEqual(m.rt, m.now.Sub(rb.At), 30*time.Minute)
			want := *rb.Change
			want.Reference, want.Guest, want.Agreed = e.Reference, m.state.Guest, m.now
			require.Equal(m.rt, want, e.ChangeRequest)
			require.Nil(m.rt, before.Changing, "changed while a change is out")
			require.True(m.rt, e.Moves() || e.Stay == e.Booking.Stay, "several things at once are a person's")
		case conversation.AlertStaff:
			alerted = alerted || e.Cause == hotel.CauseBooking
		case conversation.Say:
			for _, claim := range []string{"quedó cambiada", "Hice tu reserva de nuevo", "El cambio llegó a hacerse", "is changed:", "made your booking anew", "change was made before"} {
				require.True(m.rt, done || !strings.Contains(e.Text, claim), "called changed: %s", e.Text)
			}
		}
	}
	require.True(m.rt, !displaced || alerted, "a displaced guest reaches nobody")
}

// checkSaid checks that a guest's message is never left without a word, and that words fit.
func (m *machine) checkSaid(inputs []conversation.Input, turn conversation.Turn) {
	spoke := slices.ContainsFunc(inputs, func(in conversation.Input) bool {
		said, ok := in.(conversation.GuestSaid)
		return ok && said.Kind != hotel.InReaction
	})
	answered := turn.Read != nil
	for _, e := range turn.Effects {
		switch e := e.(type) {
		case conversation.Say:
			answered = true
			m.checkBubble(e.Bubble)
		case conversation.AlertStaff, conversation.Book, conversation.Cancel, conversation.Change:
			answered = true
		}
	}
	h := turn.State.Handoff
	quiet := h != nil && h.State == hotel.HandoffAnswered
	require.True(m.rt, !spoke || answered || quiet, "a guest is left without a word")
}

func (m *machine) checkBubble(b hotel.Bubble) {
	if b.Template != nil {
		return
	}
	limit := 4096
	if len(b.Buttons) > 0 || b.List != nil {
		limit = 1024
	}
	require.NotEmpty(m.rt, b.Text)
	require.LessOrEqual(m.rt, utf8.RuneCountInString(b.Text), limit)
	require.NotContains(m.rt, b.Text, "{")
	require.NotContains(m.rt, b.Text, "  ")
	require.LessOrEqual(m.rt, len(b.Buttons), 3)
	for _, button := range b.Buttons {
		require.LessOrEqual(m.rt, utf8.RuneCountInString(button.Title), 20)
	}
	if b.List == nil {
		return
	}
	require.NotEmpty(m.rt, b.List.Rows)
	require.LessOrEqual(m.rt, len(b.List.Rows), 10)
	for _, row := range b.List.Rows {
		require.LessOrEqual(m.rt, utf8.RuneCountInString(row.Title), 24)
		require.LessOrEqual(m.rt, utf8.RuneCountInString(row.Description), 72)
		require.LessOrEqual(m.rt, len(row.ID), 200)
	}
}
