package conversation

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// books is every phrasebook there is.
func books() map[string]*phrasebook {
	return map[string]*phrasebook{"es": loadPhrases("es", ""), "es with vos": loadPhrases("es", "AR"), "en": loadPhrases("en", "")}
}

// TestPhrasesAreComplete checks that each language says everything, filling in the same things.
func TestPhrasesAreComplete(t *testing.T) {
	t.Parallel()
	holes := func(segments []segment) []string {
		var out []string
		for _, s := range segments {
			if s.hole {
				out = append(out, strings.ToLower(s.text))
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	es := books()["es"]
	for name, b := range books() {
		require.Len(t, b.texts, len(es.texts), name)
		for key, segments := range b.texts {
			require.NotEmpty(t, segments, "%s in %s", key, name)
			require.Contains(t, es.texts, key, name)
			if strings.HasPrefix(key, "number.") {
				continue
			}
			require.Equal(t, holes(es.texts[key]), holes(segments), "%s in %s", key, name)
			for _, s := range segments {
				require.NotContains(t, s.text, "|", "%s in %s", key, name)
				if s.hole {
					require.Regexp(t, `^[A-Za-z]+$`, s.text, "%s in %s", key, name)
				}
			}
		}
	}
}

// TestPhrasesInUse checks that every key in the program has its text.
func TestPhrasesInUse(t *testing.T) {
	t.Parallel()
	es := books()["es"]
	literal := regexp.MustCompile(`(?:\.text|\.add|\.count|offerPerson|confirmCancel|unreachable)\((?:f, )?"([a-z_.]+)"[,)]|key(?:, [a-z]+)? :?= "([a-z_.]+)"|Note = "([a-z_.]+)"|button\([^,]+, "([a-z_]+)"\)`)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			key := m[1] + m[2] + m[3]
			switch {
			case m[4] != "":
				key = "button." + m[4]
			case strings.Contains(m[0], ".count("):
				key += ".one"
			case strings.HasSuffix(key, ".") || key == "other" || key == "voice" || key == "image" || key == "location": // a prefix, or an end
				continue
			}
			found++
			require.Contains(t, es.texts, key, "%s in %s", m[0], file)
		}
	}
	require.Greater(t, found, 80)
	for _, q := range []Question{AskStay, AskDates, AskNights, AskMore, AskGuests, AskAdults, AskWho, AskName, AskSurname, AskEmail, AskPhone} {
		require.Contains(t, es.texts, "ask."+string(q))
	}
	for _, c := range []hotel.AlertCause{hotel.CauseAsked, hotel.CauseStuck, hotel.CauseBooking, hotel.CauseOutage, hotel.CauseUnanswered, hotel.CauseUndelivery,
		hotel.CauseParked, hotel.CauseUnread} {
		require.Contains(t, es.texts, "alert."+string(c))
	}
	for _, s := range []hotel.ReservationStatus{hotel.StatusBooked, hotel.StatusCheckedIn, hotel.StatusCheckedOut, hotel.StatusCancelled} {
		require.Contains(t, es.texts, "status."+string(s))
	}
	for _, o := range []hotel.BookingOutcome{hotel.OutcomeSoldOut, hotel.OutcomeLostRace, hotel.OutcomePriceChanged} {
		require.Contains(t, es.texts, "note."+string(o))
		require.Contains(t, es.texts, "gave_up."+string(o))
	}
	require.Contains(t, es.texts, "gave_up."+string(hotel.OutcomeExpired))
}

// realistic fills every hole with a long but believable value.
var realistic = []string{
	"weekday", "miércoles", "day", "miércoles 30 de septiembre de 2027", "month", "septiembre", "year", "2027", "hotel", "Gran Hotel Termas de Villa Elisa y Spa",
	"from", "miércoles 29 de septiembre de 2027", "to", "miércoles 20 de octubre de 2027", "nights", "21 noches", "n", "21", "ages", "3, 5, 8 y 11",
	"a", "12 adultos", "b", "4 niños (3, 5, 8 y 11 años)", "time", "14:30", "stay", "del miércoles 29 de septiembre al miércoles 20 de octubre de 2027 (21 noches)",
	"party", "12 adultos y 4 niños (3, 5, 8 y 11 años)", "name", "María de los Ángeles Fernández de la Vega", "email", "maria.delosangeles.fernandez@correo-de-la-empresa.test",
	"room", "3 habitaciones Doble superior con balcón al río", "total", "ARS 12.345.678", "nightly", "ARS 1.234.567", "tax", "más impuestos, que se pagan en el hotel",
	"in", "miércoles 29 de septiembre de 2027", "out", "miércoles 20 de octubre de 2027", "policy", "Podés cancelar sin cargo hasta 72 horas antes de la llegada; después se cobra la primera noche.",
	"code", "ABCDEFGHI", "max", "21 noches", "rooms", "3 habitaciones", "status", "confirmada", "url", "https://recepcion.hotel.test/admin/handoffs", "when", "el miércoles 30 de septiembre a las 8:00",
	"who", "María Fernández +5492615550101", "text", "quiero hablar", "goal", "Sin reserva en curso.", "detail", "pasaron 24 horas", "reference", "WA-0K3J", "infant", "bebé",
}

// TestPhrasesFitWhatsApp checks WhatsApp's limits over all phrases with realistic values.
func TestPhrasesFitWhatsApp(t *testing.T) {
	t.Parallel()
	for name, b := range books() {
		for key := range b.texts {
			text := b.text(key, realistic...)
			limit := maxBody
			switch {
			case strings.HasPrefix(key, "button."):
				limit = maxButton
			case strings.HasPrefix(key, "list."):
				limit = maxRow
			case strings.HasPrefix(key, "offer.row"), strings.HasPrefix(key, "ask.which.row"):
				limit = maxRowText
			}
			require.LessOrEqual(t, utf8.RuneCountInString(text), limit, "%s in %s: %s", key, name, text)
			require.NotContains(t, text, "{", "%s in %s", key, name)
			if strings.Contains(text, "$") {
				require.Failf(t, "a bare $", "%s in %s", key, name)
			}
		}
	}
}

func TestButtonTitlesAreUniqueInABubble(t *testing.T) {
	t.Parallel()
	for name, b := range books() {
		for _, set := range [][]string{{"book", "status", "person"}, {"yes", "change", "stop"}, {"profile", "other_name"},
			{"dates", "person"}, {"retry", "person"}, {"modify", "cancel", "person"}, {"cancel_yes", "cancel_no"},
			{"cancel_all", "cancel_none"}, {"change_yes", "change", "change_no"}, {"change_no", "person"}, {"erase", "no_erase"}} {
			seen := map[string]bool{}
			for _, key := range set {
				title := b.button("id", key).Title
				require.False(t, seen[title], "%s twice in %s", title, name)
				seen[title] = true
			}
		}
	}
}
