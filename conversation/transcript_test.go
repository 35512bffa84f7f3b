package conversation_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

// TestTranscripts plays every testdata/*.transcript: dialogues that a hotelier
// can read and correct. Lines are
//
//	# a remark, "#: key value" a setting (country, lang, clock, hours, tax, template)
//	> a message of the guest; consecutive ones arrive together; "[title]" taps
//	  the newest button or row of that title, "[title @1]" the first ever shown,
//	  "(voice)" is a message of that kind
//	! an event (see play.event)
//	  indented: what the dialogue does, written by -update
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.transcript")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 25)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".transcript"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			got := newPlay(t, string(want)).run(string(want))
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
				return
			}
			require.Equal(t, string(want), got)
		})
	}
}

// play plays one transcript against a small hotel.
type play struct {
	t        *testing.T
	dialogue *conversation.Dialogue
	facts    conversation.Facts
	state    conversation.State
	now      time.Time
	out      strings.Builder
	keys     int
	due      time.Time
	held     []conversation.Input // by a turn that waits for more
	hold     time.Time
	phone    string
	profile  string
	noPhone  bool
	record   string
	spoken   bool
	paused   hotel.AlertCause
	parked   bool // a person gives the guest back by "! unparked"

	hotel    string                  // ok, down, slow
	rooms    []conversation.RoomFact // of the hotel system
	free     map[hotel.RoomTypeID]int
	price    int64 // factor in percent
	bookings map[hotel.BookingCode]hotel.Reservation

	taps    []hotel.Button
	pending *hotel.BookingRequest
	row     hotel.Key
	cancel  *hotel.CancelRequest
	leaving []hotel.CancelRequest // all that were asked for
	change  *hotel.ChangeRequest
	pair    []pairPart // the requests of a party that gets several room types
	codes   int
	extras  []hotel.Extra
}

func newPlay(t *testing.T, script string) *play {
	t.Helper()
	p := &play{t: t, facts: testFacts(t), hotel: "ok", price: 100, phone: "5492615550101", profile: "",
		free:     map[hotel.RoomTypeID]int{"1": 4, "2": 6, "3": 2, "4": 1},
		bookings: map[hotel.BookingCode]hotel.Reservation{"QWERTYUIO": strangersBooking()}}
	p.now = time.Date(2026, 11, 24, 10, 0, 0, 0, p.facts.Zone)
	for line := range strings.Lines(script) {
		if rest, ok := strings.CutPrefix(line, "#: "); ok {
			key, value, _ := strings.Cut(strings.TrimSpace(rest), " ")
			p.setting(key, value)
		}
	}
	if p.rooms == nil {
		p.rooms = slices.Clone(p.facts.RoomTypes)
	}
	if len(p.rooms) == 0 {
		p.rooms = testFacts(t).RoomTypes
	}
	p.dialogue = conversation.New(p.facts)
	p.state.Guest = "guest1"
	return p
}

func (p *play) setting(key, value string) {
	switch key {
	case "country":
		p.facts.Country = value
	case "lang":
		p.facts.Locales = strings.Fields(value)
	case "clock":
		at, err := time.ParseInLocation("2006-01-02 15:04", value, p.facts.Zone)
		require.NoError(p.t, err)
		p.now = at
	case "hours":
		p.facts.Hours = nil
		for day := range 7 {
			p.facts.Hours = append(p.facts.Hours, conversation.Hours{Day: time.Weekday(day), Open: 8 * 60, Close: 22 * 60})
		}
	case "tax":
		p.facts.TaxIncluded = value == "in"
	case "template":
		p.facts.Templates = map[string]hotel.Template{conversation.PurposeReply: {Name: value, Lang: "es_AR"}}
	case "profile":
		p.profile = value
	case "phone":
		p.phone = value
	case "quiet": // how long a burst is waited for
		quiet, err := time.ParseDuration(value)
		require.NoError(p.t, err)
		p.facts.Quiet = quiet
	case "unnamed": // the facts name no rooms
		p.facts.RoomTypes = nil
	case "spoken": // the rooms have names in English
		p.spoken = true
		for i, name := range []string{"Single", "Classic double", "Triple", "Family suite"} {
			r := &p.facts.RoomTypes[i]
			r.Spoken = map[string]string{"es": r.Name, "en": name}
			r.Described = map[string]string{"en": "room " + string(r.ID) + " of the house"}
		}
	case "record": // the name of the customer record that the e-mail address has already
		p.record = value
	case "nophone":
		p.noPhone = true
	case "nomail": // who has no e-mail may book
		p.facts.NoEmail = true
	case "extra": // what the hotel adds to every booking, and its price
		name, price, _ := strings.Cut(value, " ")
		minor, err := strconv.ParseInt(price, 10, 64)
		require.NoError(p.t, err)
		p.extras = append(p.extras, hotel.Extra{Name: name, Total: hotel.Money{Minor: minor * 100, Currency: "ARS"}})
	case "guests": // room type, and how many it holds by the hotel's facts: the hotel system says more
		p.rooms = slices.Clone(p.facts.RoomTypes)
		id, most, _ := strings.Cut(value, " ")
		n, err := strconv.Atoi(most)
		require.NoError(p.t, err)
		p.facts.RoomTypes[slices.IndexFunc(p.facts.RoomTypes, func(r conversation.RoomFact) bool { return string(r.ID) == id })].MaxGuests = n
	case "nights": // room type, least and most nights
		id, limits, _ := strings.Cut(value, " ")
		r := &p.facts.RoomTypes[slices.IndexFunc(p.facts.RoomTypes, func(r conversation.RoomFact) bool { return string(r.ID) == id })]
		_, err := fmt.Sscanf(limits, "%d %d", &r.MinNights, &r.MaxNights)
		require.NoError(p.t, err)
	default:
		require.Fail(p.t, "unknown setting", key)
	}
}

// run plays the script and returns it as it should be.
func (p *play) run(script string) string {
	var said []string
	flush := func() {
		if len(said) > 0 {
			p.guest(said)
			said = nil
		}
	}
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "  "): // written anew
			continue
		case strings.HasPrefix(line, "> "):
			p.out.WriteString(line + "\n")
			said = append(said, line[2:])
			continue
		}
		flush()
		p.out.WriteString(line + "\n")
		if event, ok := strings.CutPrefix(line, "! "); ok {
			p.event(event)
		}
	}
	flush()
	return p.out.String()
}

func (p *play) key() hotel.Key {
	p.keys++
	return hotel.Key(fmt.Sprintf("in%02d", p.keys))
}

func (p *play) guest(lines []string) {
	var inputs []conversation.Input
	for _, line := range lines {
		m := hotel.Inbound{Kind: hotel.InText, Text: line, SentAt: p.now.Truncate(time.Second), At: p.now, Profile: p.profile,
			From: hotel.Address{Phone: p.phone}}
		if p.noPhone {
			m.From = hotel.Address{BSUID: "AR.13491208655302741918"}
		}
		switch {
		case strings.HasPrefix(line, "(") && strings.HasSuffix(line, ")"):
			m.Kind, m.Text = hotel.InboundKind(strings.Trim(line, "()")), ""
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			m.Kind, m.TapID, m.Text = hotel.InTap, p.tap(strings.Trim(line, "[]")), strings.Trim(line, "[]")
		}
		inputs = append(inputs, p.row1(hotel.KindSaid, m))
	}
	p.take(append(p.held, inputs...))
}

// tap finds what carries a title.
func (p *play) tap(title string) string {
	name, first := strings.CutSuffix(title, " @1")
	all := slices.Clone(p.taps)
	if !first {
		slices.Reverse(all)
	}
	i := slices.IndexFunc(all, func(b hotel.Button) bool { return b.Title == name })
	require.GreaterOrEqual(p.t, i, 0, "nothing shown is called %q", name)
	return all[i].ID
}

// row1 sends a body through the decoding of an inbox row.
func (p *play) row1(kind hotel.RowKind, body any) conversation.Input {
	b, err := json.Marshal(body)
	require.NoError(p.t, err)
	in, err := conversation.DecodeInput(hotel.InboxRow{Key: p.key(), Guest: p.state.Guest, Kind: kind, Body: b, At: p.now})
	require.NoError(p.t, err)
	return in
}

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
		require.Fail(p.t, "unknown event", event)
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

// take takes a turn, answers its reads, and commits it.
func (p *play) take(inputs []conversation.Input) {
	if p.paused != "" {
		inputs = append([]conversation.Input{conversation.Paused{Cause: p.paused}}, inputs...)
	}
	before := p.state.Encode()
	if p.parked {
		p.commit(p.dialogue.HandOver(p.state, inputs, p.now), inputs)
		return
	}
	turn := p.dialogue.Take(p.state, inputs, p.now)
	p.held, p.hold = nil, turn.Hold
	if !turn.Hold.IsZero() {
		require.True(p.t, turn.Hold.After(p.now), "held until the past")
		require.Equal(p.t, p.state, turn.State, "a held turn changes nothing")
		require.Nil(p.t, turn.Read)
		p.held = inputs
		p.line("=> holds until %s", turn.Hold.Format("15:04:05.000"))
		return
	}
	for sets := 0; turn.Read != nil && p.hotel != "slow"; sets++ {
		require.Less(p.t, sets, 3, "too many sets of reads for one answer")
		p.show(turn.Read)
		inputs = append(inputs, conversation.ReadAnswered{Query: turn.Read.Query, Answers: p.answer(turn.Read)})
		turn = p.dialogue.Take(p.state, inputs, p.now)
	}
	require.Equal(p.t, string(before), string(p.state.Encode()), "Take changed the state it was given")
	if turn.Read != nil {
		p.show(turn.Read)
		p.line("=> waits")
	}
	p.commit(turn, inputs)
}

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
