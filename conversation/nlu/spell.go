package nlu

import "strings"

// addCorrections indexes the words that a guest may misspell: months, weekdays
// and the words of the concepts, from five letters on.
func (l *lexicon) addCorrections() {
	for w, s := range l.byWord {
		if len(w) < minTypo || !s.concepts.meets(misspelt) && !s.dated() {
			continue
		}
		l.index(w, w)
		for i := range len(w) {
			l.index(w[:i]+w[i+1:], w)
		}
	}
}

// misspelt are the concepts whose words are worth correcting; of the others
// too many lie near words that mean something else.
var misspelt = of(cBook, cBooking, cRoom, cRoomKind, cAvail, cPrice, cCancel, cParking, cBreakfast, cCheckIn, cCheckOut,
	cRestaurant, cPool, cGym, cPets, cStay)

// dated tells whether the entry is a month, a weekday, a day or a number.
func (e *entry) dated() bool {
	for _, s := range e.senses {
		if s.kind == sMonth || s.kind == sWeekday || s.kind == sDay || s.kind == sUnit && s.val == unitNight {
			return true
		}
	}
	return false
}

func (l *lexicon) index(variant, w string) {
	for _, have := range l.near[variant] {
		if have == w {
			return
		}
	}
	l.near[variant] = append(l.near[variant], w)
}

// correct returns the known word one edit away from w (a letter more, less,
// other, or two swapped), "" when there is none or w is too short to tell.
func (l *lexicon) correct(w string) string {
	if len(w) < minTypo || len(w) > maxTypos || strings.Contains(realWords, " "+w+" ") {
		return ""
	}
	var buf [maxTypos]byte
	best := l.nearest("", l.near[w], w)
	for i := range len(w) {
		n := copy(buf[:], w[:i])
		n += copy(buf[n:], w[i+1:])
		best = l.nearest(best, l.near[string(buf[:n])], w)
	}
	return best
}

// nearest prefers the first letter kept, then the order of the alphabet: never chance.
func (l *lexicon) nearest(best string, list []string, w string) string {
	for _, c := range list {
		if !oneEdit(c, w) || c == w {
			continue
		}
		switch {
		case best == "", c[0] == w[0] && best[0] != w[0], (c[0] == w[0]) == (best[0] == w[0]) && c < best:
			best = c
		}
	}
	return best
}

// oneEdit tells whether a and b differ by one edit at most.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i >= len(a)-1 || a[i+1:] == b[i+1:] {
		return true
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// realWords are words of a language that lie one edit from ones that matter.
const realWords = " pedro cesar julia perla vargas estrada amanda perry parque parques parquet hagas haga hagan libros libro small smell cable calle acerca pedido calling alarma alarmas abrir junto junta juntos mayor marca marcha marcar marte money sundae entero entera pagina " +
	"hotels casas cosas cosa clase claro carro caro larga largo lugares noche vista visto lista listo listas gusto gusta " +
	"junco nuevo nueva numero where there their these those which while white write right might light think thing things " +
	"after other later water would could should about shout south mouth house horse people place please great quite " +
	"quiere quien quienes cuando cuanto cuanta donde desde hasta haste gente mucho mucha muchos muchas bueno buena tarde " +
	"tardes carta cartas corte parte parto porte puerta puesto cuesta nuestra nuestro pasar pasan piense tienda tiempo " +
	"pront pronto punto metro sexto cenar llegada llamar llamada hablo pares padre madre lleva llevo llena lleno mejor " +
	"favor sabor color valor error calor motor lunas lunes martin mario maria marina marcos antes ambos algun alguno " +
	"being bring thank month mouth sight might fight weekly friend friends fried trial round found sound bound hound " +
	"stand start store story study state stage space spice spare share shore short shirt chair cheap cheat check " +
	"ficar falar pessoa coisa quando quanto tenho tenha temos fazer dizer muito muita minha nossa nosso hoteis "
