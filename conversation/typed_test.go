package conversation_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation"
	"github.com/conserje/conserje/hotel"
)

// shownBy is, for each button of the phrasebook, a dialogue that shows it, in each language.
var shownBy = map[string]map[string]string{
	"book":       {"es": "> Hola\n", "en": "> Hello\n"},
	"status":     {"es": "> Hola\n", "en": "> Hello\n"},
	"person":     {"es": "> Hola\n", "en": "> Hello\n"},
	"yes":        readBack,
	"change":     readBack,
	"stop":       readBack,
	"profile":    profiled,
	"other_name": profiled,
	"dates":      {"es": full + "> una habitación del 4 al 6 de diciembre para 2 adultos\n", "en": full + "> a room from 4 to 6 December for 2 adults\n"},
	"retry": {"es": "! hotel down\n> una habitación del 4 al 6 de diciembre para 2 adultos\n! hotel ok\n",
		"en": "! hotel down\n> a room from 4 to 6 December for 2 adults\n! hotel ok\n"},
	"modify":      with(readBack, "> sí\n! booked\n> ¿cómo está mi reserva?\n", "> yes\n! booked\n> how is my booking?\n"),
	"cancel":      with(readBack, "> sí\n! booked\n> ¿cómo está mi reserva?\n", "> yes\n! booked\n> how is my booking?\n"),
	"change_yes":  changing,
	"change_no":   changing,
	"cancel_yes":  with(readBack, "> sí\n! booked\n> cancelar mi reserva\n", "> yes\n! booked\n> cancel my booking\n"),
	"cancel_no":   with(readBack, "> sí\n! booked\n> cancelar mi reserva\n", "> yes\n! booked\n> cancel my booking\n"),
	"cancel_all":  with(booked2, "> cancelar las dos reservas\n", "> cancel both bookings\n"),
	"cancel_none": with(booked2, "> cancelar las dos reservas\n", "> cancel both bookings\n"),
	"erase":       {"es": "> borrá mis datos\n", "en": "> delete my data\n"},
	"no_erase":    {"es": "> borrá mis datos\n", "en": "> delete my data\n"},
	"rooms":       {"es": "> una habitación del 4 al 6 de diciembre para 2 adultos\n", "en": "> a room from 4 to 6 December for 2 adults\n"},
	"in_hand": with(readBack, "> sí\n! booked\n> quiero reservar una triple del 11 al 13 de diciembre para 2 adultos. Ana Gómez, ana@correo.test\n\n> quiero cambiar mi reserva\n",
		"> yes\n! booked\n> I'd like to book a triple from 11 to 13 December for 2 adults. Ana Gomez, ana@correo.test\n\n> change my booking\n"),
	"bookings": with(booked2, "> cancelar una reserva\n", "> cancel a booking\n"),
}

const full = "! free 1 0\n! free 2 0\n! free 3 0\n! free 4 0\n"

var (
	readBack = map[string]string{"es": "> quiero reservar una doble del 4 al 6 de diciembre para 2 adultos. Ana Gómez, ana@correo.test\n",
		"en": "> I'd like to book a double from 4 to 6 December for 2 adults. Ana Gomez, ana@correo.test\n"}
	profiled = map[string]string{"es": "#: profile Ana Gómez\n> quiero reservar una doble del 4 al 6 de diciembre para 2 adultos\n",
		"en": "#: profile Ana Gomez\n> I'd like to book a double from 4 to 6 December for 2 adults\n"}
	booked2 = with(readBack, "> sí\n! booked\n> quiero reservar una triple del 11 al 13 de diciembre para 2 adultos. Ana Gómez, ana@correo.test\n\n> sí\n! booked\n",
		"> yes\n! booked\n> I'd like to book a triple from 11 to 13 December for 2 adults. Ana Gomez, ana@correo.test\n\n> yes\n! booked\n")
	changing = with(readBack, "> sí\n! booked\n> mover mi reserva al 10 de diciembre\n", "> yes\n! booked\n> move my booking to 10 December\n")
)

func with(before map[string]string, es, en string) map[string]string {
	return map[string]string{"es": before["es"] + "\n" + es, "en": before["en"] + "\n" + en}
}

// typed are the ways in which a guest types a title.
func typed(title string) []string {
	bare := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", ",", "").Replace(title)
	return []string{title, strings.ToUpper(title), strings.ToLower(bare), bare + ".", title + "!!", "👉 " + title + " 👍", "  " + title + " "}
}

// TestTypedTitlesAreTaps types the title of every button and row that there is
// instead of tapping it: state and effects are those of the tap.
func TestTypedTitlesAreTaps(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"es", "en"} {
		for key, title := range buttonTitles(t, lang) {
			for _, country := range []string{"AR", "ES"} {
				t.Run(lang+"/"+country+"/"+key, func(t *testing.T) {
					t.Parallel()
					require.Contains(t, shownBy, key, "no dialogue shows this button: add one")
					script := "#: lang " + lang + "\n#: country " + country + "\n" + shownBy[key][lang]
					p := newPlay(t, script)
					said := p.run(script)
					require.Contains(t, said[strings.LastIndex(said, "\n> ")+1:], "["+title+"]", said)
					if key == "rooms" || key == "bookings" { // the button of a list is typed only: it shows the list again
						for _, text := range typed(title) {
							_, said := p.after(hotel.Inbound{Kind: hotel.InText, Text: text})
							require.Contains(t, strings.Join(said, "\n"), `"list"`, text)
						}
						for _, row := range p.rowsShown() {
							p.sameAsTap(row)
						}
						return
					}
					p.sameAsTap(hotel.Button{ID: p.tap(title), Title: title})
					p.sameAsTap(p.taps[len(p.taps)-1]) // one of its bubble that may have no title of the phrasebook
				})
			}
		}
	}
}

// buttonTitles are the buttons of a language's phrases, by key.
func buttonTitles(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("phrases/" + lang + ".txt")
	require.NoError(t, err)
	out := map[string]string{}
	for part := range strings.SplitSeq(string(raw), "\n[button.") {
		if key, rest, ok := strings.Cut(part, "]\n"); ok && part != string(raw) {
			out[key], _, _ = strings.Cut(rest, "\n")
		}
	}
	delete(out, "") // what stands before the first
	for key := range out {
		if strings.ContainsAny(key, "[ #") {
			delete(out, key)
		}
	}
	require.Greater(t, len(out), 15)
	return out
}

// rowsShown are the rows of the newest list.
func (p *play) rowsShown() []hotel.Button {
	rows := slices.DeleteFunc(slices.Clone(p.taps), func(b hotel.Button) bool { return !strings.HasPrefix(b.ID, "room:") && !strings.HasPrefix(b.ID, "bk:") })
	if last := rows[len(rows)-1].ID; strings.HasPrefix(last, "bk:") {
		rows = slices.DeleteFunc(rows, func(b hotel.Button) bool { return !strings.HasPrefix(b.ID, "bk:") })
	}
	require.Greater(p.t, len(rows), 1)
	return rows
}

func (p *play) sameAsTap(b hotel.Button) {
	state, rows := p.after(hotel.Inbound{Kind: hotel.InTap, TapID: b.ID, Text: b.Title})
	for _, text := range typed(b.Title) {
		gotState, gotRows := p.after(hotel.Inbound{Kind: hotel.InText, Text: text})
		require.Equal(p.t, rows, gotRows, text)
		require.JSONEq(p.t, state, gotState, text)
	}
}

// after is the state and what leaves after a message, nothing of which is
// committed. Alerts are left out, which quote the guest.
func (p *play) after(m hotel.Inbound) (string, []string) {
	m.At, m.SentAt, m.Profile, m.From = p.now, p.now, p.profile, hotel.Address{Phone: p.phone}
	inputs := []conversation.Input{conversation.GuestSaid{Key: "typed", Inbound: m}}
	turn := p.dialogue.Take(p.state, inputs, p.now)
	for turn.Read != nil {
		inputs = append(inputs, conversation.ReadAnswered{Query: turn.Read.Query, Answers: p.answer(turn.Read)})
		turn = p.dialogue.Take(p.state, inputs, p.now)
	}
	c := turn.Commit(inputs)
	var rows []string
	for _, row := range c.Outbox {
		if row.Kind != hotel.KindAlert {
			body, err := json.Marshal(row)
			require.NoError(p.t, err)
			rows = append(rows, string(body)+string(row.Body))
		}
	}
	return string(c.State), rows
}
