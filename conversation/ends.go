package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
)

// Guests move one end of a stay: 'cambiar la entrada al 9', 'salir un día antes'.
// The other end stays where it is.

// ends is what a text says of the ends of a stay: to which days they move, or by
// how many days. Zero is not said.
type ends struct {
	in, out     hotel.Date
	inBy, outBy int
}

// endsSaid finds the ends of a stay that a text moves; zero when it moves none,
// or asks or speaks of hours.
func (t *taking) endsSaid(text string, near hotel.Date) ends {
	folded := fold(text)
	if !moving.MatchString(folded) && (strings.ContainsAny(text, "?¿") || !exit.MatchString(folded) || entry.MatchString(folded)) {
		return ends{} // but 'salgo el 12' can only be that end
	}
	return t.endsNamed(folded, near)
}

// endsNamed finds the ends of a stay that a text names with a day, whether or not it moves them.
func (t *taking) endsNamed(folded string, near hotel.Date) ends {
	var e ends
	if !entry.MatchString(folded) && !exit.MatchString(folded) || hourSaid.MatchString(folded) {
		return e
	}
	said := []string{instead.ReplaceAllString(folded, " ")}
	if entry.MatchString(said[0]) && exit.MatchString(said[0]) {
		said = clauses.Split(said[0], -1) // each end with its own day
	}
	for _, clause := range said {
		arrives, leaves := entry.MatchString(clause), exit.MatchString(clause)
		if arrives == leaves {
			continue
		}
		day, by := t.endIn(clause, near, leaves)
		if arrives {
			e.in, e.inBy = day, by
		} else {
			e.out, e.outBy = day, by
		}
	}
	return e
}

// movesEnd tells whether a text moves an end of a stay that is there: of what is in hand, or of what is made.
func (t *taking) movesEnd(text string, u nlu.Understanding) bool {
	return u.Intent != nlu.MakeReservation && (t.top() != nil || len(t.made()) > 0) &&
		moving.MatchString(fold(text)) && t.endsSaid(text, t.near()) != (ends{})
}

// movesOwn tells whether a wish for one day of arriving or leaving is about the
// only booking of the guest: '¿podemos irnos el 8?' of a stay from the 4th to the 6th.
func (t *taking) movesOwn(h *heard, folded string) bool {
	own := t.live()
	if len(own) != 1 || h.another || t.frame(GoalBook) != nil || !wishes.MatchString(folded) {
		return false
	}
	stay := own[0].Stay
	switch e := t.endsNamed(folded, stay.CheckIn); {
	case e.in.IsZero() == e.out.IsZero(), e.inBy != 0, e.outBy != 0:
		return false
	case e.in.IsZero():
		return e.out != stay.CheckOut && e.out.After(stay.CheckIn)
	default:
		return e.in != stay.CheckIn && e.in.Before(stay.CheckOut)
	}
}

// saysKnownEnd tells whether a text tells a day of arriving or leaving that the only booking has already.
func (t *taking) saysKnownEnd(h *heard, folded string) bool {
	own := t.live()
	if len(own) != 1 || t.top() != nil || h.another || h.cancel || h.modify || h.human || h.trouble || len(h.topics) > 0 {
		return false
	}
	e, stay := t.endsNamed(folded, own[0].Stay.CheckIn), own[0].Stay
	return e == (ends{in: stay.CheckIn}) || e == (ends{out: stay.CheckOut}) || e == (ends{in: stay.CheckIn, out: stay.CheckOut})
}

// asksHour tells whether a text is about the hour of arriving or leaving, and of no stay that
// is not booked yet: '¿podemos entrar a las 10?', 'llegamos el 4 a las 23' of who comes on the 4th.
func (t *taking) asksHour(h *heard, folded string, u nlu.Understanding) bool {
	if t.top() != nil || len(h.topics) > 0 || h.another || h.cancel || h.human || h.trouble || !hourSaid.MatchString(folded) ||
		entry.MatchString(folded) == exit.MatchString(folded) || u.Slots.Guests+u.Slots.Adults+u.Slots.Nights > 0 {
		return false
	}
	if len(u.Dates) == 0 {
		return true
	}
	own := t.live()
	return len(own) == 1 && len(u.Dates) == 1 && (u.Dates[0].Start == own[0].Stay.CheckIn || u.Dates[0].Start == own[0].Stay.CheckOut)
}

// endIn is the day, or by how many days, that a clause moves one end of a stay.
func (t *taking) endIn(clause string, near hotel.Date, leaves bool) (hotel.Date, int) {
	expect := nlu.CheckIn
	if leaves {
		expect = nlu.CheckOut
	}
	ctx := t.context(near)
	ctx.Expect = expect
	u := nlu.Understand(clause, ctx)
	if len(u.NoDays) > 0 {
		return hotel.Date{}, 0
	}
	if m := daysBy.FindStringSubmatch(clause); m != nil {
		n := counts[m[1]]
		if sooner.MatchString(clause) {
			return hotel.Date{}, -n
		}
		if later.MatchString(clause) {
			return hotel.Date{}, n
		}
		return hotel.Date{}, 0
	}
	if i := slices.IndexFunc(u.Dates, func(d nlu.DateMention) bool { return d.Grain == "day" && !d.Range }); i >= 0 {
		if leaves {
			return dayFrom(u.Dates[i], near.AddDays(1)), 0
		}
		return dayFrom(u.Dates[i], near.AddDays(-3)), 0
	}
	return hotel.Date{}, 0
}

// dayFrom is the day that is mentioned: of a day of the week the first one not
// before another day, since 'el martes' is the one of the stay, and not of this week.
func dayFrom(m nlu.DateMention, first hotel.Date) hotel.Date {
	d := m.Start
	if first.Year > 1 && weekdaySaid.MatchString(fold(m.Text)) && d.Before(first) {
		d = d.AddDays((first.DaysSince(d) + 6) / 7 * 7)
	}
	return d
}

// moveEnds moves the ends of a stay that is known. Who arrives after the day of
// leaving stays as many nights as before. It returns false when nothing moves.
func (s *Slots) moveEnds(e ends) bool {
	if e == (ends{}) || s.CheckIn.IsZero() || s.CheckOut.IsZero() {
		return false
	}
	nights := s.Stay().Nights()
	if e.inBy != 0 {
		e.in = s.CheckIn.AddDays(e.inBy)
	}
	if e.outBy != 0 {
		e.out = s.CheckOut.AddDays(e.outBy)
	}
	if !e.in.IsZero() {
		s.CheckIn = e.in
		s.from(nlu.CheckIn, FromWords)
	}
	switch {
	case !e.out.IsZero():
		s.CheckOut = e.out
		s.from(nlu.CheckOut, FromWords)
	case !s.CheckIn.Before(s.CheckOut):
		s.CheckOut = s.CheckIn.AddDays(nights)
	}
	return true
}

// takeChangeOfStay takes a change that counts from the stay that is known: an end
// of it that moves, nights or people more. It returns false when there is none.
func (t *taking) takeChangeOfStay(f *Frame, text string, u nlu.Understanding) bool {
	s, e := &f.Slots, t.endsSaid(text, f.near())
	if f.Goal == GoalChange { // nothing else is spoken of
		e = t.endsNamed(fold(text), f.near())
	}
	return s.moveEnds(e) || s.takeMore(text, u) || s.takeEnd(f.Asked, fold(text), u)
}

// takeEnd takes the answer to the question for one end of the stay that is known:
// a day, or nights that come on top or go off.
func (s *Slots) takeEnd(asked Question, folded string, u nlu.Understanding) bool {
	if !asked.forEnd() || len(u.NoDays) > 0 {
		return false
	}
	if i := slices.IndexFunc(u.Dates, func(d nlu.DateMention) bool { return d.Grain == "day" && !d.Range }); i >= 0 && len(u.Dates) == 1 {
		day := u.Dates[i]
		switch asked {
		case AskIn:
			return s.moveEnds(ends{in: dayFrom(day, s.CheckIn.AddDays(-3))})
		case AskUntil:
			return s.moveEnds(ends{out: dayFrom(day, s.CheckOut.AddDays(1))})
		}
		return s.moveEnds(ends{out: dayFrom(day, s.CheckIn.AddDays(1))})
	}
	nights := u.Slots.Nights
	switch {
	case len(u.Dates) > 0 || nights < 1 || nights > maxNightsRead || asked != AskUntil && asked != AskSooner:
		return false
	case altogether.MatchString(folded):
		return s.moveEnds(ends{out: s.CheckIn.AddDays(nights)})
	case nights > maxNightsMore && len(strings.Fields(folded)) == 1: // a bare '15' is a day
		return s.moveEnds(ends{out: dayAfter(s.CheckIn, nights)})
	case asked == AskSooner:
		nights = -nights
	}
	if s.Stay().Nights()+nights < 1 {
		return true // none would be left: asked again
	}
	return s.moveEnds(ends{outBy: nights})
}

// maxNightsMore is up to which bare number nights are meant, and no day of the month.
const maxNightsMore = 7

// dayAfter is the first day of that number after another day; zero = there is none soon.
func dayAfter(d hotel.Date, number int) hotel.Date {
	for range 62 {
		if d = d.AddDays(1); d.Day == number {
			return d
		}
	}
	return hotel.Date{}
}

// forEnd tells whether one end of a stay was asked for.
func (q Question) forEnd() bool {
	return q == AskIn || q == AskOut || q == AskUntil || q == AskSooner
}

// endWanted is the question for the end of the stay that a text wants otherwise
// without saying how; "" when it names none.
func endWanted(folded string) Question {
	arrives, leaves := entry.MatchString(folded), exit.MatchString(folded)
	switch {
	case stretches.MatchString(folded) && nightsLess.MatchString(folded):
		return AskSooner
	case stretches.MatchString(folded):
		return AskUntil
	case arrives && !leaves:
		return AskIn
	case leaves && !arrives:
		return AskOut
	}
	return ""
}

var (
	entry = regexp.MustCompile(`\b(entrada|llegada|ingreso|check ?-?in|arrivals?|arrive|arriving|llegar|llego|llegamos|llegaria|llegariamos|entrar|entro|entramos|ingresar|ingresamos|(?:llegar|entrar|ingresar)(?:e|emos|iamos))\b`)
	exit  = regexp.MustCompile(`\b(salida|check ?-?out|departure|depart|departing|leave|leaving|salir|salgo|salimos|saldria|saldriamos|saldre|saldremos|checking out|irme|irnos|me voy|nos vamos|(?:me|nos) ir(?:e|emos|ia|iamos)|(?:me marcho|nos marchamos|marcharme|marcharnos)|(?:dejar|dejo|dejamos|dejaremos) (?:la habitacion|el cuarto))\b`)
	// moving are the words that make of a day another one.
	moving = regexp.MustCompile(`\b(cambi\w*|modific\w*|mov\w*|muev\w*|adelant\w*|atras\w*|retras\w*|posterg\w*|demor\w*|corr(er|elo|ela|eme|amos|e)|pas(ar|o|a|ame|emos|arla|arlo|ala|alo)|` +
		`reprogram\w*|chang\w*|move|moving|bring|push|shift|postpone|reschedul\w*|en vez|en lugar|instead|rather|mejor|prefer\w*|prefier\w*|antes|despues|earlier|later|sooner)\b`)
	wishes = regexp.MustCompile(`\b(puedo|podemos|podre\w*|podria\w*|se puede|can (we|i)|could (we|i)|may (we|i)|quiero|queremos|quisiera\w*|necesito|necesitamos|tengo que|tenemos que|` +
		`want to|need to|have to|like to|vamos a|voy a|al final|saldre(?:mos)?|salgo|salimos|me voy|nos vamos|(?:me|nos) ir(?:e|emos)|me marcho|nos marchamos|llegaremos|llegare|entraremos|well be|we'll be|ill be|i'll be|we will be|cambio de planes|change of plans?)\b`)
	instead  = regexp.MustCompile(`\b(en vez|en lugar|instead of|rather than)\b[^0-9,;.]*[0-9]+(st|nd|rd|th)?( de [a-z]+)?|\binstead\b`)
	clauses  = regexp.MustCompile(`\s*(?:[,;]|\by\b|\band\b)\s*`)
	hourSaid = regexp.MustCompile(`\b(que hora|what time|horario\w*|hour\w*|a las? [0-9]+|[0-9]+ ?(hs|horas?|am|pm)|at [0-9]+|oclock|o'clock|late check|early check|mas tarde|temprano)\b|[0-9]:[0-9]{2}`)
	daysBy   = regexp.MustCompile(`\b(` + someNights + `) (?:dias?|days?|noches?|nights?)\b`)
	sooner   = regexp.MustCompile(`\b(antes|adelant\w*|earlier|before|sooner|forward|menos)\b`)
	later    = regexp.MustCompile(`\b(despues|atras\w*|retras\w*|posterg\w*|demor\w*|later|after|back|postpone|mas)\b`)

	weekdaySaid = regexp.MustCompile(`^(el |on |the |next |this )*(lunes|martes|miercoles|jueves|viernes|sabado|domingo|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b[^0-9]*$`)
	altogether  = regexp.MustCompile(`\b(en total|in total|altogether)\b`)
)
