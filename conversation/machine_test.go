package conversation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// yeses are the texts of the machine that are a clear yes.
var yeses = []string{"👍", "sí", "sí, dale", "yes please", "confirmo", "sí, cambiala", "yes, change it"}

// words are what the machine's guest says besides.
var words = []string{
	"Hola", "hello", "quiero reservar una habitación", "del 4 al 6 de diciembre", "mejor del 3 al 6 de diciembre", "para mañana", "3 noches",
	"somos dos", "2 adultos y 1 niño de 5", "somos 40", "3 habitaciones", "la doble", "la triple", "the suite", "la segunda", "7", "Ana Gómez", "Gómez",
	"ana@correo.test", "Ana Gómez, ana@correo.test", "+54 261 555 0101", "no", "no, mejor no", "sí, pero mejor 3 noches", "sí ¿tienen cochera?", "¿puedo llevar al perro?",
	"¿tienen pileta?", "quiero hablar con una persona", "dejalo, no quiero seguir", "cancelar mi reserva", "cómo está mi reserva?", "QWERTYUIO Fernández",
	"QWERTYUIO López", "quiero cambiar mi reserva", "cambiar el nombre", "gracias", "chau", "asdf", "ayer", "del 1 de diciembre al 30 de enero", "...", "help",
	"quiero reservar una doble del 4 al 6 de diciembre para 2 adultos. Ana Gómez, ana@correo.test", "la calefacción no anda, es un desastre", "qué tiempo hace",
	"Bueno, volvamos a lo anterior", "ok pero cambiame la fecha", "otra persona más", "una noche más", "una noche menos", "un nene más", "cancelala", "STOP", "es carísimo",
	"mover mi reserva al 10 de diciembre", "move my booking to December 12", "somos uno más", "quiero cambiar la fecha de mi reserva QWERTYUIO, Fernández", "ABCDEFGHI",
	"cambiar la cantidad de personas de mi reserva", "1 adulto", "del 20 al 22 de diciembre", "5 años", "cambiar el nombre de mi reserva", "no, dejala así",
	"una doble y una triple", "somos 5", "una doble y una triple del 4 al 6 de diciembre para 5. Ana Gómez, ana@correo.test",
	"cambiar la entrada al 9", "cambiar la salida", "salir un día antes", "quiero extender mi estadía", "quiero cambiar mi reserva al 10 de diciembre", "las dos", "cancelar todas mis reservas",
	"la otra", "la de 3", "la más barata", "no tengo mail", "ana arroba correo punto test", "sos un robot?", "contestame", "cual es mi codigo?", "no, perdón, Juana", "habitación",
}

// machine is a guest, a hotel, its staff and time, all behaving as they like.
type machine struct {
	play
	rt *rapid.T
}

// TestMachine checks, over any sequence of inputs: nothing is booked without a
// clear yes to what was read back last, every turn of a guest's message says
// something or hands over, and what is said fits WhatsApp.
func TestMachine(t *testing.T) {
	t.Parallel()
	facts := testFacts(t)
	facts.Hours = []conversation.Hours{}
	for day := range 7 {
		facts.Hours = append(facts.Hours, conversation.Hours{Day: time.Weekday(day), Open: 8 * 60, Close: 60}) // until 1 in the morning
	}
	dialogue := conversation.New(facts)
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{rt: rt, play: play{t: t, facts: facts, rooms: facts.RoomTypes, dialogue: dialogue, hotel: "ok", price: 100, phone: "5492615550101", profile: "Ana Gómez",
			free:     map[hotel.RoomTypeID]int{"1": 4, "2": 6, "3": 2, "4": 1},
			bookings: map[hotel.BookingCode]hotel.Reservation{"QWERTYUIO": strangersBooking()}}}
		m.now = time.Date(2026, 11, 24, 10, 0, 0, 0, facts.Zone)
		m.state.Guest = "guest1"
		if rapid.Bool().Draw(rt, "booked") { // the way to a made booking is long for one who says anything
			m.begin(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"guest":  m.say,
			"tap":    m.touch,
			"yes":    m.agree,
			"hotel":  m.weather,
			"result": m.result,
			"time":   m.pass,
			"staff":  m.staff,
			"late":   m.late,
		})
	})
}

// begin is a guest who has a booking, and often one who is about to change it.
func (m *machine) begin(rt *rapid.T) {
	yes := func(*conversation.ReadBack) bool { return true }
	if rapid.IntRange(0, 2).Draw(rt, "two") == 0 {
		m.turn([]conversation.Input{m.message(rapid.SampledFrom([]string{
			"quiero una doble y una triple del 4 al 6 de diciembre para 5 adultos. Ana Gómez, ana@correo.test",
			"quiero una single, una doble y una triple del 4 al 6 de diciembre para 6 adultos. Ana Gómez, ana@correo.test"}).Draw(rt, "wish"))}, nil)
		m.turn([]conversation.Input{m.message("sí")}, yes)
		return
	}
	m.turn([]conversation.Input{m.message("quiero reservar una triple del 4 al 6 de diciembre para 2 adultos. Ana Gómez, ana@correo.test")}, nil)
	m.turn([]conversation.Input{m.message("sí")}, yes)
	m.turn([]conversation.Input{m.row1(hotel.KindBooked, hotel.BookingResult{Reference: m.pending.Reference, Outcome: hotel.OutcomeConfirmed, Reservation: m.reserve()})}, nil)
	if rapid.Bool().Draw(rt, "changing") {
		m.turn([]conversation.Input{m.message(rapid.SampledFrom([]string{"somos uno más", "mover mi reserva al 10 de diciembre", "quiero cambiar mi reserva"}).Draw(rt, "change"))}, nil)
		if m.state.Frames[0].ReadBack != nil && rapid.Bool().Draw(rt, "agreed") {
			m.turn([]conversation.Input{m.message("sí")}, yes)
		}
	}
}

func (m *machine) message(text string) conversation.Input {
	return m.row1(hotel.KindSaid, hotel.Inbound{Kind: hotel.InText, Text: text, At: m.now, SentAt: m.now, Profile: m.profile, From: hotel.Address{Phone: m.phone}})
}

func (m *machine) say(rt *rapid.T) {
	m.rt = rt
	var inputs []conversation.Input
	var agrees func(*conversation.ReadBack) bool
	for range rapid.IntRange(1, 3).Draw(rt, "burst") {
		if rapid.IntRange(0, 9).Draw(rt, "odd") == 0 {
			kind := rapid.SampledFrom([]hotel.InboundKind{hotel.InVoice, hotel.InImage, hotel.InLocation, hotel.InDocument, hotel.InUnsupported}).Draw(rt, "kind")
			inputs = append(inputs, m.row1(hotel.KindSaid, hotel.Inbound{Kind: kind, At: m.now, From: hotel.Address{Phone: m.phone}}))
			continue
		}
		text := rapid.SampledFrom(words).Draw(rt, "text")
		if text == "las dos" { // agrees where several bookings are to be cancelled
			agrees = func(rb *conversation.ReadBack) bool { return rb.Change == nil && rb.Agreed.Quote.Minor == 0 }
		}
		inputs = append(inputs, m.message(text))
	}
	m.turn(inputs, agrees)
}

func (m *machine) agree(rt *rapid.T) {
	m.rt = rt
	m.turn([]conversation.Input{m.message(rapid.SampledFrom(yeses).Draw(rt, "yes"))}, func(*conversation.ReadBack) bool { return true })
}

func (m *machine) touch(rt *rapid.T) {
	m.rt = rt
	if len(m.taps) == 0 {
		return
	}
	b := rapid.SampledFrom(m.taps).Draw(rt, "tap")
	if rapid.IntRange(0, 3).Draw(rt, "typed") == 0 { // a 'yes' in words, too
		m.turn([]conversation.Input{m.message(strings.ToUpper(b.Title) + "!")}, func(*conversation.ReadBack) bool { return strings.HasPrefix(b.ID, "yes:") })
		return
	}
	m.turn([]conversation.Input{m.row1(hotel.KindSaid, hotel.Inbound{Kind: hotel.InTap, TapID: b.ID, Text: b.Title, At: m.now, From: hotel.Address{Phone: m.phone}})},
		func(rb *conversation.ReadBack) bool { return b.ID == fmt.Sprintf("yes:%d", rb.N) })
}

func (m *machine) weather(rt *rapid.T) {
	m.hotel = rapid.SampledFrom([]string{"ok", "ok", "ok", "down", "slow"}).Draw(rt, "hotel")
	m.free["2"] = rapid.IntRange(0, 3).Draw(rt, "free")
	m.price = int64(rapid.IntRange(90, 120).Draw(rt, "price"))
}

// result is what became of a request.
func (m *machine) result(rt *rapid.T) {
	m.rt = rt
	switch {
	case m.pending != nil && m.state.Pending != nil:
		outcome := rapid.SampledFrom([]hotel.BookingOutcome{hotel.OutcomeConfirmed, hotel.OutcomeSoldOut, hotel.OutcomeLostRace,
			hotel.OutcomePriceChanged, hotel.OutcomeExpired, hotel.OutcomeRefused, hotel.OutcomeUnclear, hotel.OutcomeWithdrawn}).Draw(rt, "outcome")
		switch outcome {
		case hotel.OutcomeConfirmed:
			m.turn([]conversation.Input{m.row1(hotel.KindBooked, hotel.BookingResult{Reference: m.pending.Reference, Outcome: outcome, Reservation: m.reserve()})}, nil)
		case hotel.OutcomeWithdrawn:
			m.turn([]conversation.Input{m.row1(hotel.KindWithdrawn, hotel.SendResult{Key: m.row, Kind: hotel.KindBook})}, nil)
		default:
			m.turn([]conversation.Input{m.row1(hotel.KindBookingFailed, hotel.BookingResult{Reference: m.pending.Reference, Outcome: outcome, NewTotal: pesos("180000")})}, nil)
		}
	case m.state.Bundle != nil:
		m.resultOfBundle(rt)
	case m.change != nil && m.state.Changing != nil:
		m.resultOfChange(rt)
	case m.state.Leaving != nil:
		leaving := []hotel.BookingCode{m.state.Leaving.Code}
		for _, l := range m.state.Leaving.More {
			leaving = append(leaving, l.Code)
		}
		kind := rapid.SampledFrom([]hotel.RowKind{hotel.KindCancelled, hotel.KindCancelFailed}).Draw(rt, "cancel")
		m.turn([]conversation.Input{m.row1(kind, hotel.CancelResult{Code: rapid.SampledFrom(leaving).Draw(rt, "which")})}, nil)
	default:
		kind := rapid.SampledFrom([]hotel.RowKind{hotel.KindSendFailed, hotel.KindMailFailed}).Draw(rt, "send")
		m.turn([]conversation.Input{m.row1(kind, hotel.SendResult{Kind: hotel.KindSay})}, nil)
	}
}

// resultOfBundle is what became of one of several requests, or of its cancellation.
func (m *machine) resultOfBundle(rt *rapid.T) {
	parts := m.state.Bundle.Parts
	var open []int
	for i, part := range parts {
		if part.Outcome == "" || part.Cancel != "" && !part.Gone && !part.Stuck {
			open = append(open, i)
		}
	}
	i := rapid.SampledFrom(open).Draw(rt, "part")
	part := parts[i]
	if part.Outcome == "" {
		what := rapid.SampledFrom([]string{"booked", "booked", "booked", "withdrawn", "died", "sold_out", "lost_race", "price_changed 999000", "expired", "refused", "unclear"}).Draw(rt, "bundle outcome")
		m.turn([]conversation.Input{m.pairResult(m.pair[i], what)}, nil)
		return
	}
	kind := rapid.SampledFrom([]hotel.RowKind{hotel.KindCancelled, hotel.KindCancelled, hotel.KindCancelFailed}).Draw(rt, "bundle cancel")
	if kind == hotel.KindCancelled {
		b := m.bookings[part.Made.Code]
		b.Status = hotel.StatusCancelled
		m.bookings[b.Code] = b
	}
	m.turn([]conversation.Input{m.row1(kind, hotel.CancelResult{Code: part.Made.Code})}, nil)
}

// resultOfChange is what became of a change.
func (m *machine) resultOfChange(rt *rapid.T) {
	outcome := rapid.SampledFrom([]hotel.BookingOutcome{hotel.OutcomeChanged, hotel.OutcomeChanged, hotel.OutcomeSoldOut, hotel.OutcomeLostRace, hotel.OutcomePriceChanged,
		hotel.OutcomeExpired, hotel.OutcomeRefused, hotel.OutcomeUnclear, hotel.OutcomeDisplaced, hotel.OutcomeWithdrawn, "died"}).Draw(rt, "change outcome")
	code := m.change.Booking.Code
	switch outcome {
	case hotel.OutcomeChanged:
		m.turn([]conversation.Input{m.row1(hotel.KindChanged, m.reserveChange(rapid.Bool().Draw(rt, "old stands")))}, nil)
	case hotel.OutcomeWithdrawn:
		m.turn([]conversation.Input{m.row1(hotel.KindWithdrawn, hotel.SendResult{Key: m.row, Kind: hotel.KindChange})}, nil)
	case "died":
		m.turn([]conversation.Input{m.row1(hotel.KindSendFailed, hotel.SendResult{Key: m.row, Kind: hotel.KindChange})}, nil)
	default:
		m.turn([]conversation.Input{m.row1(hotel.KindChangeFailed, hotel.ChangeResult{Reference: m.change.Reference, Booking: code, Outcome: outcome,
			NewTotal: pesos("180000"), Reservation: m.bookings[code]})}, nil)
	}
	require.Nil(rt, m.state.Changing, "a change that has ended is waited for")
}

func (m *machine) pass(rt *rapid.T) {
	m.rt = rt
	end := m.now.Add(time.Duration(rapid.SampledFrom([]int{5, 25, 70, 1200, 1900, 4000, 9000, 90000}).Draw(rt, "seconds")) * time.Second)
	for !m.due.IsZero() && !m.due.After(end) {
		m.now = m.due
		m.turn([]conversation.Input{conversation.Due{}}, nil)
	}
	m.now = end
}

func (m *machine) staff(rt *rapid.T) {
	m.rt = rt
	if rapid.Bool().Draw(rt, "close") {
		m.turn([]conversation.Input{m.row1(hotel.KindStaffClosed, hotel.StaffWord{By: "Marta"})}, nil)
		return
	}
	m.turn([]conversation.Input{m.row1(hotel.KindStaffSaid, hotel.StaffWord{By: "Marta", Text: "Hola, soy Marta"})}, nil)
}

// late answers what is out, or something that is not.
func (m *machine) late(rt *rapid.T) {
	m.rt = rt
	set := m.state.Outstanding()
	if set == nil {
		m.turn([]conversation.Input{conversation.ReadAnswered{Query: 99999}}, nil)
		return
	}
	m.turn([]conversation.Input{conversation.ReadAnswered{Query: set.Query, Answers: m.answer(set)}}, nil)
}

// turn takes a turn and checks it. agrees tells whether the input is a clear
// yes to a read-back; nil = to none.
func (m *machine) turn(inputs []conversation.Input, agrees func(*conversation.ReadBack) bool) {
	before := m.state
	encoded := string(before.Encode())
	turn := m.dialogue.Take(before, inputs, m.now)
	for sets := 0; turn.Read != nil && m.hotel != "slow"; sets++ {
		require.Less(m.rt, sets, 3)
		inputs = append(inputs, conversation.ReadAnswered{Query: turn.Read.Query, Answers: m.answer(turn.Read)})
		turn = m.dialogue.Take(before, inputs, m.now)
	}
	require.Equal(m.rt, encoded, string(before.Encode()), "the given state was changed")
	m.checkBooking(before, turn, agrees)
	m.checkChange(before, inputs, turn, agrees)
	m.checkBundle(before, turn)
	m.checkCancel(before, turn, agrees)
	m.checkLast(turn)
	m.checkSaid(inputs, turn)
	c := turn.Commit(inputs)
	seen := map[hotel.Key]bool{}
	for _, row := range c.Outbox {
		require.NotEmpty(m.rt, row.Lane)
		require.False(m.rt, seen[row.Key])
		seen[row.Key] = true
		m.remember(row)
	}
	require.True(m.rt, c.Due.IsZero() || c.Due.Sub(m.now) >= time.Second)
	m.due = c.Due
	state, err := conversation.DecodeState(before.Guest, before.Version+1, c.State)
	require.NoError(m.rt, err)
	require.Equal(m.rt, string(c.State), string(state.Encode()))
	m.state = state
}

// remember keeps what later inputs refer to.
func (m *machine) remember(row hotel.OutboxRow) {
	switch row.Kind {
	case hotel.KindBook:
		m.pending, m.row = new(hotel.BookingRequest), row.Key
		require.NoError(m.rt, json.Unmarshal(row.Body, m.pending))
		m.rememberPart(*m.pending, row.Key)
	case hotel.KindChange:
		m.change, m.row = new(hotel.ChangeRequest), row.Key
		require.NoError(m.rt, json.Unmarshal(row.Body, m.change))
	case hotel.KindSay:
		var msg hotel.Message
		require.NoError(m.rt, json.Unmarshal(row.Body, &msg))
		m.taps = append(m.taps, msg.Bubble.Buttons...)
		if msg.Bubble.List != nil {
			for _, r := range msg.Bubble.List.Rows {
				m.taps = append(m.taps, hotel.Button{ID: r.ID, Title: r.Title})
			}
		}
	}
}
