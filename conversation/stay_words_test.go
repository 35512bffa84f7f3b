package conversation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWordsOfAStayAreAlwaysUnderstood says days, guests and rooms wherever a
// conversation may stand: the answer is never that they were not understood.
func TestWordsOfAStayAreAlwaysUnderstood(t *testing.T) {
	t.Parallel()
	offer := "> Hola\n\n> del 4 al 6 de diciembre, 2 personas\n\n"
	before := map[string]string{
		"new":     "",
		"greeted": "> Hola\n\n",
		"stay":    "> quiero reservar\n\n",
		"nights":  "> somos 2, para el 4 de diciembre\n\n",
		"guests":  "> del 4 al 6 de diciembre\n\n",
		"room":    offer,
		"who":     offer + "> la doble\n\n",
		"surname": offer + "> la doble\n\n> Ana\n\n",
		"email":   offer + "> la doble\n\n> Ana Gómez\n\n",
		"confirm": offer + "> la doble\n\n> Ana Gómez, ana@correo.test\n\n",
		"change":  offer + "> la doble\n\n> Ana Gómez, ana@correo.test\n\n> no\n\n",
		"booked":  offer + "> la doble\n\n> Ana Gómez, ana@correo.test\n\n> sí\n! booked\n",
		"proof":   "> quiero ver una reserva\n\n",
	}
	texts := []string{
		"para mañana", "mañana", "el 12", "del 10 al 12", "24/12", "esta noche", "este finde", "el finde que viene", "la semana que viene", "Navidad",
		"viernes", "del viernes al domingo", "3 noches", "una noche más", "somos 3", "2 adultos", "dos adultos y un nene de 4", "una persona", "otra persona más",
		"habitación", "una habitación", "2 habitaciones", "la doble", "doble", "suite", "habitacion doble", "cuarto", "room", "a double room", "2 nights", "tomorrow",
		"for 3 people", "¿y si somos 3?", "y para el 20?", "del 6 al 4 de diciembre", "ayer", "precios",
	}
	for name, script := range before {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range texts {
				whole := script + "> " + text + "\n"
				said := newPlay(t, whole).run(whole)
				answer := said[strings.LastIndex(said, "\n> ")+1:]
				for _, lost := range []string{"entendí", "haber entendido", "didn't quite get", "not sure I understood", "(stuck)"} {
					require.NotContains(t, answer, lost)
				}
			}
		})
	}
}
