package conversation_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// event plays what is no message of the guest.
func (p *play) event(event string) {
	verb, rest, _ := strings.Cut(event, " ")
	switch verb {
	case "wait":
		d, err := time.ParseDuration(rest)
		require.NoError(p.t, err)
		p.wait(d)
	case "hotel": // ok, down, slow
		p.hotel = rest
	case "free": // room type and number
		var id string
		var n int
		_, err := fmt.Sscanf(rest, "%s %d", &id, &n)
		require.NoError(p.t, err)
		p.free[hotel.RoomTypeID(id)] = n
	case "price": // percent
		_, err := fmt.Sscanf(rest, "%d", &p.price)
		require.NoError(p.t, err)
	case "answered": // the outstanding reads, late
		set := p.state.Outstanding()
		require.NotNil(p.t, set)
		p.hotel = "ok"
		p.take([]conversation.Input{conversation.ReadAnswered{Query: set.Query, Answers: p.answer(set)}})
	case "send_failed":
		p.take([]conversation.Input{p.row1(hotel.KindSendFailed, hotel.SendResult{Kind: hotel.KindSay, Code: "131026"})})
	case "mail_failed":
		p.take([]conversation.Input{p.row1(hotel.KindMailFailed, hotel.SendResult{Kind: hotel.KindMail, Reference: p.pending.Reference})})
	case "paused":
		p.paused = hotel.CausePaused
	case "unlisted":
		p.paused = hotel.CauseUnlisted
	case "resumed":
		p.paused = ""
	case "parked":
		p.parked = true
		p.take(nil)
	case "unparked":
		p.take([]conversation.Input{p.row1(hotel.KindUnparked, hotel.StaffWord{By: "Marta"})})
		p.parked = false
	case "taken_back":
		p.take([]conversation.Input{p.row1(hotel.KindWithdrawn, hotel.SendResult{Key: "in99/1", Kind: hotel.KindSay, Code: string(p.paused), Text: rest})})
	case "staff":
		p.take([]conversation.Input{p.row1(hotel.KindStaffSaid, hotel.StaffWord{By: "Marta", Text: rest})})
	case "closed":
		p.take([]conversation.Input{p.row1(hotel.KindStaffClosed, hotel.StaffWord{By: "Marta"})})
	case "erase": // on whose word
		p.take([]conversation.Input{p.row1(hotel.KindErase, hotel.Erasure{By: rest})})
	default:
		p.result(verb, rest)
	}
}

// result plays what became of a request that was out.
func (p *play) result(verb, rest string) {
	switch verb {
	case "booked": // "for less"
		if rest != "" {
			p.pending.Quote.Minor -= 500000
		}
		p.take([]conversation.Input{p.row1(hotel.KindBooked, hotel.BookingResult{Reference: p.pending.Reference, Outcome: hotel.OutcomeConfirmed, Reservation: p.reserve()})})
	case "failed": // outcome, and what it is about: a new total, or a code
		outcome, about, _ := strings.Cut(rest, " ")
		p.take([]conversation.Input{p.row1(hotel.KindBookingFailed, hotel.BookingResult{Reference: p.pending.Reference, Outcome: hotel.BookingOutcome(outcome),
			NewTotal: pesos(about), Code: about})})
	case "pair": // which, from 1, and what becomes of it: booked, failed, withdrawn, died
		n, what, _ := strings.Cut(rest, " ")
		i, err := strconv.Atoi(n)
		require.NoError(p.t, err)
		require.LessOrEqual(p.t, i, len(p.pair))
		p.take([]conversation.Input{p.pairResult(p.pair[i-1], what)})
	case "changed": // "old_stands"
		p.take([]conversation.Input{p.row1(hotel.KindChanged, p.reserveChange(rest == "old_stands"))})
	case "change_failed": // outcome and new total
		outcome, total, _ := strings.Cut(rest, " ")
		require.NotNil(p.t, p.change)
		p.take([]conversation.Input{p.row1(hotel.KindChangeFailed, hotel.ChangeResult{Reference: p.change.Reference, Booking: p.change.Booking.Code,
			Outcome: hotel.BookingOutcome(outcome), NewTotal: pesos(total)})})
	case "change_withdrawn":
		require.NotNil(p.t, p.change)
		p.take([]conversation.Input{p.row1(hotel.KindWithdrawn, hotel.SendResult{Key: p.row, Kind: hotel.KindChange, Reference: p.change.Reference})})
	case "change_died":
		require.NotNil(p.t, p.change)
		p.take([]conversation.Input{p.row1(hotel.KindSendFailed, hotel.SendResult{Key: p.row, Kind: hotel.KindChange, Reference: p.change.Reference})})
	case "checked_in":
		for code, b := range p.bookings {
			b.Status = hotel.StatusCheckedIn
			p.bookings[code] = b
		}
	case "withdrawn":
		require.NotNil(p.t, p.pending)
		p.take([]conversation.Input{p.row1(hotel.KindWithdrawn, hotel.SendResult{Key: p.row, Kind: hotel.KindBook, Reference: p.pending.Reference})})
	case "cancelled": // of several, which one
		p.cancels(rest)
		b := p.bookings[p.cancel.Code]
		b.Status = hotel.StatusCancelled
		p.bookings[b.Code] = b
		p.take([]conversation.Input{p.row1(hotel.KindCancelled, hotel.CancelResult{Reference: p.cancel.Reference, Code: p.cancel.Code})})
	case "cancel_failed":
		p.cancels(rest)
		p.take([]conversation.Input{p.row1(hotel.KindCancelFailed, hotel.CancelResult{Reference: p.cancel.Reference, Code: p.cancel.Code, Reason: "refused"})})
	default:
		require.Fail(p.t, "unknown event", verb)
	}
}

// cancels makes a cancellation that was asked for the one that events are about; "" = the newest.
func (p *play) cancels(code string) {
	require.NotNil(p.t, p.cancel, "nothing is being cancelled")
	for _, r := range p.leaving {
		if string(r.Code) == code {
			p.cancel = &r
		}
	}
	require.True(p.t, code == "" || string(p.cancel.Code) == code, "%s is not being cancelled", code)
}

// wait lets time pass, waking the state when it wants to be woken.
func (p *play) wait(d time.Duration) {
	end := p.now.Add(d)
	if !p.hold.IsZero() && !p.hold.After(end) {
		p.now = p.hold
		fmt.Fprintf(&p.out, "  (%s)\n", p.now.Format("Mon 15:04:05.000"))
		p.take(p.held)
	}
	for !p.due.IsZero() && !p.due.After(end) {
		p.now = p.due
		fmt.Fprintf(&p.out, "  (%s)\n", p.now.Format("Mon 15:04:05"))
		p.take([]conversation.Input{conversation.Due{}})
	}
	p.now = end
}
