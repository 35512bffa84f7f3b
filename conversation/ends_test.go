package conversation

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/hotel"
)

// TestEndsSaid checks which ends of a stay a text moves, and that questions and hours move none.
func TestEndsSaid(t *testing.T) {
	t.Parallel()
	dialogue := New(Facts{Country: "AR"})
	at := &taking{Dialogue: dialogue, s: State{memory: memory{Lang: "es"}}, now: time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)}
	near := hotel.NewDate(2026, 12, 11)
	day := func(d int) hotel.Date { return hotel.NewDate(2026, 12, d) }
	for text, want := range map[string]ends{
		"cambiar la entrada al 9": {in: day(9)}, "adelantar el check-in al 8": {in: day(8)}, "adelantá el check in al 8": {in: day(8)},
		"change the check-in to the 9th": {in: day(9)}, "move my arrival to December 9": {in: day(9)}, "llegar el 9 en lugar del 11": {in: day(9)},
		"change the check-out to 13": {out: day(13)}, "cambiar el checkout al 13": {out: day(13)}, "salir el 12 en vez del 13": {out: day(12)},
		"en vez del 13 salir el 12": {out: day(12)}, "leave on the 12th instead of the 13th": {out: day(12)}, "salimos el 12": {out: day(12)},
		"mejor me voy el 12": {out: day(12)}, "¿puedo cambiar la salida al 15?": {out: day(15)}, "pasá la salida al 15 de diciembre": {out: day(15)},
		"cambiar la entrada al 9 y la salida al 14": {in: day(9), out: day(14)},
		"salir un día antes":                        {outBy: -1}, "can we leave a day earlier?": {outBy: -1}, "atrasar el check-in dos días": {inBy: 2},
		"cambiar la salida al martes": {out: day(15)}, "cambiar la entrada al jueves": {in: day(10)}, "mejor llegar antes, el 9": {in: day(9)},
		"adelantar la llegada un día": {inBy: -1}, "leave two days later": {outBy: 2},

		"¿a qué hora es la entrada?": {}, "what time is check-out on the 13th?": {}, "mover el check-out a las 13": {}, "move the check-out to 1 pm": {},
		"change check-in to 13:00": {}, "¿puedo hacer el check-out más tarde el 13?": {}, "late check-out el 13?": {}, "entrada el 9": {}, "llego el 9": {},
		"mejor del 3 al 6": {}, "cambiar la salida": {}, "cambiar la entrada al 31 de noviembre": {}, "dejalo": {}, "leave it": {},
	} {
		require.Equal(t, want, at.endsSaid(text, near), text)
	}
}

// TestMoveEnds checks that the other end of the stay stays.
func TestMoveEnds(t *testing.T) {
	t.Parallel()
	day := func(d int) hotel.Date { return hotel.NewDate(2026, 12, d) }
	for _, c := range []struct {
		said    ends
		in, out int
		moved   bool
	}{
		{ends{in: day(9)}, 9, 13, true}, {ends{out: day(15)}, 11, 15, true}, {ends{in: day(20)}, 20, 22, true}, {ends{out: day(5)}, 11, 5, true},
		{ends{inBy: -1}, 10, 13, true}, {ends{outBy: 2}, 11, 15, true}, {ends{in: day(9), out: day(10)}, 9, 10, true}, {ends{}, 11, 13, false},
	} {
		s := Slots{CheckIn: day(11), CheckOut: day(13)}
		require.Equal(t, c.moved, s.moveEnds(c.said))
		require.Equal(t, hotel.Stay{CheckIn: day(c.in), CheckOut: day(c.out)}, s.Stay())
	}
	unknown := Slots{CheckIn: day(11)}
	require.False(t, unknown.moveEnds(ends{in: day(9)}))
	require.Equal(t, day(6), dayAfter(hotel.NewDate(2026, 11, 30), 6))
	require.Equal(t, hotel.NewDate(2027, 1, 31), dayAfter(hotel.NewDate(2026, 12, 31), 31))
}
