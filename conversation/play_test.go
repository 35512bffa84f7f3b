package conversation_test

import (
	"encoding/json"
	"fmt"
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
	case "mixed": // the stranger's booking has another room, of another type, "stays": one night longer
		b := p.bookings["QWERTYUIO"]
		b.Rooms, b.Adults = 2, 5
		b.Rows = []hotel.RoomRow{{ID: 1, Room: 1, Adults: 2}, {ID: 2, Room: 2, Adults: 3, RoomType: "3"}}
		if value == "stays" {
			b.Rows[0].Stay = b.Stay
			b.Stay.CheckOut = b.Stay.CheckOut.AddDays(1)
		}
		p.bookings["QWERTYUIO"] = b
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
