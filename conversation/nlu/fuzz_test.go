package nlu_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/conversation/nlu"
)

func FuzzUnderstand(f *testing.F) {
	for _, s := range []string{"", "hola", "del 4 al 6 de marzo para 2 adultos y un niño de 5", "March 4-6, 2027", "12/3", "ana@example.com +54 9 261 555-0101",
		"próximo viernes por dos noches $80.000", "👍", "mañana", "del del al al 31 31/31/31", "semana del del 15", "veinte mil millones y y", "\xff\xfe", "me llamo", "a las 25:99 de la",
		"día día día 3 de de 2027", "in in in a week from from next", "(((+1)(2)3", "@@@ a@b.c", "ÿ̃́ ñ", "last last week of of"} {
		f.Add(s, "yes_no", "es")
	}
	f.Add("12", "check_in", "en")
	f.Add("Ana", "name", "pt")
	f.Fuzz(func(t *testing.T, text, expect, lang string) {
		u := nlu.Understand(text, nlu.Context{Ref: tuesday, Expect: nlu.Slot(expect), Lang: lang,
			RoomTypes: []nlu.RoomName{{ID: "1", Names: []string{"Doble superior", ""}}}})

		require.NotEmpty(t, u.Intent)
		require.NotEmpty(t, u.Lang)
		if !utf8.ValidString(text) {
			return
		}
		runes := []rune(text)
		check := func(s nlu.Span) {
			n := utf8.RuneCountInString(s.Text)
			require.LessOrEqual(t, s.At+n, len(runes))
			require.Equal(t, string(runes[s.At:s.At+n]), s.Text)
		}
		for _, d := range u.Dates {
			check(d.Span)
			require.True(t, d.Start.Before(d.End), "%v", d)
		}
		for _, n := range u.Numbers {
			check(n.Span)
		}
		for _, m := range u.Money {
			check(m.Span)
		}
		for _, s := range append(append([]string{}, u.Emails...), u.Phones...) {
			require.Contains(t, text, s)
		}
	})
}

func TestUnderstandIsDeterministic(t *testing.T) {
	t.Parallel()
	const text = "hola, quero una doble del 4 al 6 de mrazo para mi esposa y yo, aceptan perros? ana@example.com"
	want := nlu.Understand(text, nlu.Context{Ref: tuesday})
	for range 50 {
		require.Equal(t, want, nlu.Understand(text, nlu.Context{Ref: tuesday}))
	}
}

func TestLongMessagesTakeLinearTime(t *testing.T) {
	t.Parallel()
	const times = 8 // as long: in time linear 8, quadratic 64
	for _, piece := range []string{"del 4 al 6 de marzo ", "2 adultos y ", "+54 ", "12/", "semana que viene ", "a@", "dos mil y ", "(", "12 de ", "mi hijo y mi ", "el el el ", "un un ", "next ", "de "} {
		short, long := quickest(piece, 512), quickest(piece, times*512)
		t.Logf("%-24q %8v %8v", piece, short, long)
		require.Less(t, float64(long)/float64(short), 4.0*times, "%q", piece)
	}
}

// quickest is how long it takes to understand so many bytes of a piece, the best of five tries.
func quickest(piece string, bytes int) time.Duration {
	text, best := strings.Repeat(piece, bytes/len(piece)), time.Hour
	for range 5 {
		start := time.Now()
		nlu.Understand(text, nlu.Context{Ref: tuesday})
		best = min(best, time.Since(start))
	}
	return best
}

func BenchmarkUnderstand(b *testing.B) {
	for name, text := range map[string]string{
		"yes":     "dale",
		"faq":     "¿aceptan mascotas?",
		"booking": "Hola! Quiero reservar del 4 al 6 de marzo para 2 adultos y un niño de 5",
		"english": "Hi, do you have a double room from March 4 to 6 for two people?",
	} {
		b.Run("text="+name, func(b *testing.B) {
			c := nlu.Context{Ref: tuesday, Lang: "es", Country: "AR",
				RoomTypes: []nlu.RoomName{{ID: "1", Names: []string{"Doble superior", "superior"}}, {ID: "2", Names: []string{"Suite"}}}}
			b.ReportAllocs()
			for b.Loop() {
				nlu.Understand(text, c)
			}
		})
	}
}
