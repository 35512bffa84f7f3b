package conversation_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

func FuzzDecodeState(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte(`{"v":1}`))
	f.Add([]byte(`{"v":1,"f":[{"g":"book","a":"confirm","s":{"in":"2026-12-04","out":"2026-12-06","a":2}}],"wait":{"q":3,"f":"offer","r":[{}]}}`))
	f.Add([]byte(`{"v":1,"f":[{"g":"change","a":"confirm","rb":{"n":1}}],"chg":{"k":"k"},"n":1}`))
	f.Add([]byte(`{"v":1,"f":[{"g":"change","a":"confirm","old":{"code":"ABCDEFGHI"},"rb":{"n":1,"chg":{}}}],"wait":{"q":1,"f":"move","r":[{},{}]}}`))
	f.Add([]byte(`{"v":1,"f":[{"g":"book","a":"confirm","s":{"mx":[{"rt":"2","r":1}]},"o":{"mx":[{}]},"rb":{"n":1,"req2":{}}}],"pair":{"p":[{},{}]}}`))
	f.Add([]byte(`{"v":1,"f":[{"g":"cancel","a":"confirm","cs":["ABCDEFGHI"],"rb":{"n":1}},{"g":"change","a":"either"}],"pair":{"p":[]},"lv":{"m":[{}]},"bt":[{}]}`))
	f.Add([]byte(`{"v":2}`))
	dialogue := conversation.New(testFacts(f))
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := conversation.DecodeState("g", 1, b)
		if err != nil {
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
			return
		}
		again, err := conversation.DecodeState("g", 1, s.Encode())
		require.NoError(t, err)
		require.Equal(t, string(s.Encode()), string(again.Encode()))
		// Whatever was stored, the guest is heard.
		s.Outstanding()
		dialogue.Take(s, []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: "sí", At: now}}}, now).Commit(nil)
	})
}

func FuzzDecodeInput(f *testing.F) {
	for _, kind := range []hotel.RowKind{hotel.KindSaid, hotel.KindBooked, hotel.KindBookingFailed, hotel.KindCancelled, hotel.KindCancelFailed,
		hotel.KindSendFailed, hotel.KindMailFailed, hotel.KindWithdrawn, hotel.KindChanged, hotel.KindChangeFailed, hotel.KindStaffSaid, hotel.KindStaffClosed, "other"} {
		f.Add(string(kind), []byte(`{"kind":"text","text":"Hola","tap_id":"room:1:2:x:y:1:1:1","reference":"WA-1","code":"ABCDEFGHI"}`))
		f.Add(string(kind), []byte(`[]`))
	}
	dialogue := conversation.New(testFacts(f))
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		in, err := conversation.DecodeInput(hotel.InboxRow{Key: "k", Kind: hotel.RowKind(kind), Body: body, At: now})
		if err != nil {
			require.Equal(t, hotel.Invalid, hotel.KindOf(err))
			require.Nil(t, in)
			return
		}
		c := dialogue.Take(conversation.State{Guest: "g"}, []conversation.Input{in}, now).Commit([]conversation.Input{in})
		require.Equal(t, []hotel.Key{"k"}, c.Consumed)
	})
}

func TestOldSnapshotsStayReadable(t *testing.T) {
	t.Parallel()
	// Written by codec version 1 on its first day: never change this text, only add others.
	const v1 = `{"v":1,"l":"es","to":{"phone":"5492615550101"},"h":"2026-11-24T10:00:00-03:00","w":"2026-11-25T10:00:00-03:00","g":"2026-11-24T10:00:00-03:00",` +
		`"f":[{"g":"book","s":{"in":"2026-12-04","out":"2026-12-06","a":2,"rt":"2","fn":"Ana","ln":"Gómez","em":"ana@correo.test","ph":"+5492615550101","fr":{"guests":"said"}},` +
		`"a":"confirm","sp":true,"ps":true,"o":{"n":1,"at":"2026-11-24T10:00:00-03:00","r":1,"o":[{"room_type":{"id":"2","name":"Doble"},"free":6,` +
		`"nightly":{"minor":8500000,"currency":"ARS"},"total":{"minor":17000000,"currency":"ARS"},"tax":{"minor":0,"currency":""}}]},` +
		`"rb":{"n":2,"at":"2026-11-24T10:00:00-03:00","req":{"reference":"","property":"parque","room_type":{"id":"2","name":"Doble"},"stay":{"check_in":"2026-12-04","check_out":"2026-12-06"},` +
		`"parties":[{"adults":2}],"contact":{"first_name":"Ana","last_name":"Gómez","email":"ana@correo.test","phone":"+5492615550101"},"quote":{"minor":17000000,"currency":"ARS"},"lang":"es"}}}],` +
		`"n":2,"q":1,"ho":{"s":"open","c":"asked","o":"2026-11-24T10:00:00-03:00","w":"2026-11-24T10:00:00-03:00"}}`
	s, err := conversation.DecodeState("g", 7, []byte(v1))
	require.NoError(t, err)
	require.Equal(t, hotel.GuestID("g"), s.Guest)
	require.EqualValues(t, 7, s.Version)
	now := time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	inputs := []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InTap, TapID: "yes:2", At: now, From: hotel.Address{Phone: "5492615550101"}}}}
	turn := conversation.New(testFacts(t)).Take(s, inputs, now)
	require.Equal(t, 1, turn.Attempts())
	c := turn.Commit(inputs)
	require.Equal(t, hotel.Key("k/1"), c.Outbox[0].Key)
	require.Equal(t, hotel.BookingLane("parque", "2"), c.Outbox[0].Lane)
}

// TestSnapshotsWithAChangeStayReadable holds what a change and two bookings together look like on the disk.
func TestSnapshotsWithAChangeStayReadable(t *testing.T) {
	t.Parallel()
	// Written on the first day that bookings were changed: never change these texts, only add others.
	const booking = `{"reference":"WA-K","property":"parque","order":"11","code":"ABCDEFGHI","room_type":{"id":"2","name":"Doble"},"stay":{"check_in":"2026-12-04","check_out":"2026-12-06"},` +
		`"rooms":1,"adults":2,"total":{"minor":17000000,"currency":"ARS"},"tax":{"minor":0,"currency":""},"contact":{"first_name":"Ana","last_name":"Gómez","email":"ana@correo.test","phone":"1"},"status":"booked"}`
	const request = `{"reference":"WA-C","property":"parque","booking":` + booking + `,"stay":{"check_in":"2026-12-10","check_out":"2026-12-12"},"quote":{"minor":17000000,"currency":"ARS"},"lang":"es"}`
	const address = `"l":"es","to":{"phone":"5492615550101"},"w":"2026-11-25T10:00:00-03:00","g":"2026-11-24T10:00:00-03:00","h":"2026-11-24T10:00:00-03:00"`
	const twin = `{"reference":"WA-K-%d","property":"parque","room_type":{"id":"2","name":"Doble"},"stay":{"check_in":"2026-12-04","check_out":"2026-12-06"},"parties":[{"adults":2}],` +
		`"contact":{"first_name":"Ana","last_name":"Gómez","email":"ana@correo.test","phone":"1"},"quote":{"minor":17000000,"currency":"ARS"},"lang":"es"}`
	changing := `{"v":1,` + address + `,"f":[{"g":"change","s":{"co":"ABCDEFGHI","in":"2026-12-10","out":"2026-12-12","a":2,"rt":"2"},"old":` + booking + `}],` +
		`"chg":{"k":"k1/1","r":` + request + `,"at":"2026-11-24T10:00:00-03:00"},"b":[{` + booking[1:len(booking)-1] + `,"ours":true}]}`
	pair := `{"v":1,` + address + `,"pair":{"p":[{"k":"k1/1","r":` + fmt.Sprintf(twin, 1) + `},{"k":"k1/2","r":` + fmt.Sprintf(twin, 2) + `,"o":"sold_out"}],"at":"2026-11-24T10:00:00-03:00","u":true}}`
	dialogue := conversation.New(testFacts(t))
	now := time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)

	s, err := conversation.DecodeState("g", 7, []byte(changing))
	require.NoError(t, err)
	require.JSONEq(t, changing, string(s.Encode()))
	moved := hotel.Reservation{Code: "ABCDEFGHI", Stay: hotel.Stay{CheckIn: hotel.NewDate(2026, 12, 10), CheckOut: hotel.NewDate(2026, 12, 12)}, Adults: 2, Status: hotel.StatusBooked}
	turn := dialogue.Take(s, []conversation.Input{conversation.Changed{Key: "k2", ChangeResult: hotel.ChangeResult{Reference: "WA-C", Booking: "ABCDEFGHI", Reservation: moved}}}, now)
	require.Nil(t, turn.State.Changing)
	require.Equal(t, moved.Stay, turn.State.Bookings[0].Stay)
	require.EqualValues(t, "WA-K", turn.State.Bookings[0].Reference, "a booking that is moved keeps its reference")

	s, err = conversation.DecodeState("g", 7, []byte(pair))
	require.NoError(t, err)
	require.JSONEq(t, pair, string(s.Encode()))
	made := hotel.Reservation{Code: "ABCDEFGHI", Order: "11", Reference: "WA-K-1"}
	turn = dialogue.Take(s, []conversation.Input{conversation.Booked{Key: "k2", BookingResult: hotel.BookingResult{Reference: "WA-K-1", Reservation: made}}}, now)
	cancels := 0
	for _, e := range turn.Effects {
		if c, ok := e.(conversation.Cancel); ok {
			cancels++
			require.Equal(t, made.Code, c.Code)
		}
	}
	require.Equal(t, 1, cancels, "the one that came is cancelled when the other is not to be had")
}

// TestSnapshotsWithSeveralStayReadable holds what three bookings together, several cancellations and open buttons look like on the disk.
func TestSnapshotsWithSeveralStayReadable(t *testing.T) {
	t.Parallel()
	// Written on the first day that there were more than two: never change these texts, only add others.
	const head = `{"v":1,"l":"es","to":{"phone":"5492615550101"},"w":"2026-11-25T10:00:00-03:00","g":"2026-11-24T10:00:00-03:00","h":"2026-11-24T10:00:00-03:00",`
	const part = `{"k":"k1/%d","r":{"reference":"WA-K1-%d","property":"parque","room_type":{"id":"2","name":"Doble"},"stay":{"check_in":"2026-12-04","check_out":"2026-12-06"},"parties":[{"adults":2}],` +
		`"contact":{"first_name":"Ana","last_name":"Gómez","email":"ana@correo.test","phone":"1"},"quote":{"minor":17000000,"currency":"ARS"},"lang":"es"},"o":"sold_out"}`
	bundle := head + `"pair":{"p":[` + fmt.Sprintf(part+","+part+","+part, 1, 1, 2, 2, 3, 3) + `],"at":"2026-11-24T10:00:00-03:00","u":true}}`
	const leaving = head + `"bt":[{"id":"yes:3","title":"Sí, cancelar todas"}],"lv":{"c":"ABCDEFGHI","at":"2026-11-24T10:00:00-03:00","k":"k1/1","m":[{"c":"ABCDEFGHJ","at":"2026-11-24T10:00:00-03:00","k":"k1/2"}]}}`
	const before = head + `"lv":{"c":"ABCDEFGHI","at":"2026-11-24T10:00:00-03:00"}}` // of a release before
	dialogue := conversation.New(testFacts(t))
	now := time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)
	died := func(key hotel.Key) []conversation.Input {
		return []conversation.Input{conversation.SendFailed{Key: "k2", SendResult: hotel.SendResult{Key: key, Kind: hotel.KindCancel}}}
	}

	s, err := conversation.DecodeState("g", 7, []byte(bundle))
	require.NoError(t, err)
	require.JSONEq(t, bundle, string(s.Encode()))
	require.Len(t, s.Bundle.Parts, 3)

	s, err = conversation.DecodeState("g", 7, []byte(leaving))
	require.NoError(t, err)
	require.JSONEq(t, leaving, string(s.Encode()))
	turn := dialogue.Take(s, died("k1/2"), now)
	require.EqualValues(t, "ABCDEFGHI", turn.State.Leaving.Code, "the row's own booking is the one that failed")
	require.Empty(t, turn.State.Leaving.More)

	s, err = conversation.DecodeState("g", 7, []byte(before))
	require.NoError(t, err)
	require.Nil(t, dialogue.Take(s, died("k1/1"), now).State.Leaving)
}

func TestKeysOfATurnWithoutRows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	dialogue := conversation.New(testFacts(t))
	said := []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: "del 4 al 6 de diciembre, 2 adultos", At: now}}}
	turn := dialogue.Take(conversation.State{Guest: "g"}, said, now)
	require.NotNil(t, turn.Read)
	require.Equal(t, now.Add(20*time.Second), turn.Due)
	s, err := conversation.DecodeState("g", 1, turn.Commit(said).State)
	require.NoError(t, err)
	require.Equal(t, turn.Read, s.Outstanding())

	due := []conversation.Input{conversation.Due{}}
	c := dialogue.Take(s, due, now.Add(20*time.Second)).Commit(due)
	require.Empty(t, c.Consumed)
	require.Equal(t, hotel.Key("g.2/1"), c.Outbox[0].Key)
	var m hotel.Message
	require.NoError(t, json.Unmarshal(c.Outbox[0].Body, &m))
	require.True(t, m.Since.Equal(now), "the bubble answers the oldest message")
	require.True(t, m.WindowEnds.Equal(now.Add(24*time.Hour)))
}

// TestBubblesTellTheOldestMessageThatTheyAnswer checks Since, from which patience and latency count.
func TestBubblesTellTheOldestMessageThatTheyAnswer(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	second := first.Add(5 * time.Second)
	dialogue := conversation.New(testFacts(t))
	say := func(key hotel.Key, text string, at time.Time) conversation.Input {
		return conversation.GuestSaid{Key: key, Inbound: hotel.Inbound{Kind: hotel.InText, Text: text, At: at, SentAt: at, From: hotel.Address{Phone: "1"}}}
	}
	since := func(turn conversation.Turn, inputs []conversation.Input) time.Time {
		var m hotel.Message
		outbox := turn.Commit(inputs).Outbox
		require.NotEmpty(t, outbox)
		require.NoError(t, json.Unmarshal(outbox[0].Body, &m))
		require.True(t, m.WindowEnds.After(first), "the session window is told")
		return m.Since
	}
	inputs := []conversation.Input{say("a", "del 4 al 6 de diciembre, 2 adultos", first)}
	waiting := dialogue.Take(conversation.State{Guest: "g"}, inputs, first)
	require.NotNil(t, waiting.Read)

	inputs = []conversation.Input{say("b", "hola?", second)}
	require.True(t, since(dialogue.Take(waiting.State, inputs, second), inputs).Equal(second), "'still checking' answers the second only")

	inputs = append(inputs, conversation.ReadAnswered{Query: waiting.Read.Query, Answers: []conversation.Answer{conversation.AvailabilityRead{}}})
	require.True(t, since(dialogue.Take(waiting.State, inputs, second), inputs).Equal(first), "the offer answers both")

	late := []conversation.Input{conversation.ReadAnswered{Query: waiting.Read.Query, Answers: []conversation.Answer{conversation.AvailabilityRead{}}}}
	require.True(t, since(dialogue.Take(waiting.State, late, second), late).Equal(first))
}

func TestFactsVersion(t *testing.T) {
	t.Parallel()
	f := testFacts(t)
	require.Equal(t, f.Version(), testFacts(t).Version())
	g := testFacts(t)
	g.Knowledge["wifi"]["es"] = "No."
	require.NotEqual(t, f.Version(), g.Version())
	g = testFacts(t)
	g.Zone = time.UTC
	require.NotEqual(t, f.Version(), g.Version())
	require.Equal(t, f.Version(), conversation.New(f).Version())
	require.Equal(t, 2*time.Hour, conversation.New(f).Facts().HandoffResume)
	require.Equal(t, []string{"es", "en"}, conversation.New(conversation.Facts{Locales: []string{"xx"}}).Facts().Locales)
}

func TestFiftyMessagesAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	var said []conversation.Input
	for range 50 {
		said = append(said, conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: "Disponibilidad para mañana", At: now, From: hotel.Address{Phone: "1"}}})
	}
	c := conversation.New(testFacts(t)).Take(conversation.State{Guest: "g"}, said, now).Commit(said)
	require.Len(t, c.Outbox, 1)
	require.Len(t, c.Consumed, 50)
}

func BenchmarkState(b *testing.B) {
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	said := []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: "quiero reservar para mañana", At: now, From: hotel.Address{Phone: "1"}}}}
	s := conversation.New(testFacts(b)).Take(conversation.State{Guest: "g"}, said, now).State
	encoded := s.Encode()
	b.Run("op=encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Encode()
		}
	})
	b.Run("op=decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := conversation.DecodeState("g", 1, encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTake(b *testing.B) {
	now := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)
	dialogue := conversation.New(testFacts(b))
	for name, text := range map[string]string{"greeting": "Hola", "knowledge": "¿puedo llevar al perro?", "booking": "quiero reservar para mañana"} {
		b.Run("say="+name, func(b *testing.B) {
			said := []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: text, At: now, From: hotel.Address{Phone: "1"}}}}
			s := conversation.State{Guest: "g"}
			b.ReportAllocs()
			for b.Loop() {
				dialogue.Take(s, said, now)
			}
		})
		b.Run("commit="+name, func(b *testing.B) {
			said := []conversation.Input{conversation.GuestSaid{Key: "k", Inbound: hotel.Inbound{Kind: hotel.InText, Text: text, At: now, From: hotel.Address{Phone: "1"}}}}
			turn := dialogue.Take(conversation.State{Guest: "g"}, said, now)
			b.ReportAllocs()
			for b.Loop() {
				turn.Commit(said)
			}
		})
	}
}
