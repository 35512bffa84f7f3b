package conversation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

func (p *play) commit(turn conversation.Turn, inputs []conversation.Input) {
	c := turn.Commit(inputs)
	for i, row := range c.Outbox {
		p.outbox(row, i)
	}
	for _, key := range c.Withdraw {
		p.line("=> withdraw %s", key)
	}
	for _, r := range c.Reservations {
		p.line("=> remember %s %s", r.Code, r.Status)
	}
	for _, o := range turn.Outcomes() {
		p.line("=> count %s", o)
	}
	if h := c.Handoff; h != nil {
		p.line("=> handoff %s (%s)", h.State, h.Cause)
	}
	for _, said := range turn.Said {
		if said.Who == "note" && said.Text != "closed" {
			p.line("=> note: %s", strings.ReplaceAll(said.Text, "\u00a0", " "))
		}
	}
	if c.Erase != "" {
		p.line("=> erase (%s)", c.Erase)
		require.JSONEq(p.t, `{"v":1,"l":"`+turn.State.Lang+`","x":true}`, string(c.State), "nothing of the guest is left")
		require.Empty(p.t, c.Transcript)
	}
	if len(c.Outbox) == 0 && turn.Read == nil {
		p.line("(nothing is said)")
	}
	p.due = c.Due
	require.True(p.t, c.Due.IsZero() || c.Due.Sub(p.now) >= time.Second, "due is too soon")
	state, err := conversation.DecodeState(p.state.Guest, p.state.Version+1, c.State)
	require.NoError(p.t, err)
	require.JSONEq(p.t, string(c.State), string(state.Encode()))
	p.state = state
}

func (p *play) line(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		if line = strings.TrimRight(line, " \n"); line == "" {
			line = "¶"
		}
		p.out.WriteString("  " + line + "\n")
	}
}

func (p *play) show(set *conversation.ReadSet) {
	for _, r := range set.Reads {
		switch r := r.(type) {
		case conversation.ReadAvailability:
			fresh := ""
			if r.Fresh {
				fresh = ", fresh"
			}
			if r.RoomType != "" {
				fresh = ", type " + string(r.RoomType) + fresh
			}
			p.line("=> read availability %s to %s, rooms %d%s", r.Stay.CheckIn, r.Stay.CheckOut, r.Rooms, fresh)
		case conversation.ReadBooking:
			p.line("=> read booking %s", r.Code)
		case conversation.ReadRooms:
			p.line("=> read rooms")
		}
	}
}

// outbox shows one row and remembers what later lines refer to.
func (p *play) outbox(row hotel.OutboxRow, i int) {
	switch row.Kind {
	case hotel.KindSay:
		var m hotel.Message
		require.NoError(p.t, json.Unmarshal(row.Body, &m))
		if i > 0 {
			p.line("--")
		}
		p.bubble(m.Bubble)
	case hotel.KindBook:
		r := new(hotel.BookingRequest)
		require.NoError(p.t, json.Unmarshal(row.Body, r))
		p.pending, p.row = r, row.Key
		p.rememberPart(*r, row.Key)
		require.Equal(p.t, p.state.Guest, r.Guest)
		require.True(p.t, r.Agreed.Equal(p.now), "agreed when the guest said yes")
		p.line("=> book %s: %s, %s to %s, %v, %s %s %s %s, %s", r.Reference, r.RoomType.Name, r.Stay.CheckIn, r.Stay.CheckOut, r.Parties,
			r.Contact.FirstName, r.Contact.LastName, r.Contact.Email, r.Contact.Phone, r.Quote)
		if len(r.Extras) > 0 {
			p.line("=> with %v", r.Extras)
		}
	case hotel.KindChange:
		r := new(hotel.ChangeRequest)
		require.NoError(p.t, json.Unmarshal(row.Body, r))
		require.Equal(p.t, p.state.Guest, r.Guest)
		require.True(p.t, r.Agreed.Equal(p.now), "agreed when the guest said yes")
		p.change, p.row = r, row.Key
		p.line("=> change %s: %s, from %s to %s, %v, %s, lane %s", r.Reference, r.Booking.Code, r.Stay.CheckIn, r.Stay.CheckOut, r.Parties, r.Quote, row.Lane)
	case hotel.KindCancel:
		p.cancel = new(hotel.CancelRequest)
		require.NoError(p.t, json.Unmarshal(row.Body, p.cancel))
		p.leaving = append(p.leaving, *p.cancel)
		p.line("=> cancel %s, order %s, lane %s", p.cancel.Code, p.cancel.Order, row.Lane)
	case hotel.KindMail:
		var m hotel.Mail
		require.NoError(p.t, json.Unmarshal(row.Body, &m))
		p.line("=> mail %s %s to %s", m.Kind, m.Lang, m.Reservation.Contact.Email)
		if p.spoken {
			p.line("=> room %s", m.Reservation.RoomType.Name)
		}
		if p.record != "" {
			p.line("=> dear %s %s", m.Reservation.Contact.FirstName, m.Reservation.Contact.LastName)
		}
		if m.Kind == hotel.MailChange {
			p.line("=> of %s, before %s", m.Reservation.Code, m.Before.Code)
		}
	case hotel.KindAlert:
		var a hotel.Alert
		require.NoError(p.t, json.Unmarshal(row.Body, &a))
		to := "staff"
		if a.Operator {
			to = "operator"
		}
		p.line("=> alert %s (%s): %s", to, a.Cause, a.Summary)
	}
}

func (p *play) bubble(b hotel.Bubble) {
	if b.Template != nil {
		p.line("template %s %s", b.Template.Name, strings.Join(b.Template.Params, ", "))
		return
	}
	p.line("%s", strings.ReplaceAll(b.Text, "\u00a0", " "))
	var titles []string
	for _, button := range b.Buttons {
		titles = append(titles, "["+button.Title+"]")
		p.taps = append(p.taps, button)
	}
	if b.List != nil {
		titles = append(titles, "["+b.List.Button+"]")
	}
	if len(titles) > 0 {
		p.line("%s", strings.Join(titles, " "))
	}
	if b.List != nil {
		for _, r := range b.List.Rows {
			p.line("  - %s: %s", r.Title, strings.ReplaceAll(r.Description, "\u00a0", " "))
			p.taps = append(p.taps, hotel.Button{ID: r.ID, Title: r.Title})
		}
	}
}
