package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// monthDay reads a day with its month by name, in either order, with or without a year.
func (p *parser) monthDay(i int) (when, int) {
	j := i
	if p.unit(j, unitDay) {
		j++
	}
	if p.kind(j) == sMonth {
		return p.monthFirst(j)
	}
	if v := p.digits(j, 4); v >= 1900 && p.is(j+1, "-", "/", ".") && p.kind(j+2) == sMonth {
		if d, n, _ := p.day(j + 4); n > 0 && p.is(j+3, "-", "/", ".") {
			return p.dated(v, int(p.sense(j+2).val), d), n
		}
	}
	d, n, _ := p.day(j)
	if n == 0 {
		return when{}, 0
	}
	if p.unit(n, unitDay) {
		n++
	}
	for p.any(n, sOf, sThe) || p.is(n, "/", "-", ".", ",") || p.is(n, "month", "mes", "de", "del", "do", "da") {
		if p.is(n, ",") && !p.glued(n+1) && p.kind(n+1) != sMonth {
			break
		}
		n++
	}
	if p.kind(n) != sMonth || p.is(n, "may") && p.is(n+1, "i", "we", "be", "have", "need") {
		return when{}, 0
	}
	m := int(p.sense(n).val)
	n = p.dot(n + 1)
	if y, k := p.year(n); y > 0 {
		return p.dated(y, m, d), k
	}
	if p.is(n, "/", "-", ".") && p.glued(n) && p.glued(n+1) {
		if v := p.digits(n+1, 2); v >= 0 && len(p.norm(n+1)) == 2 {
			return p.dated(2000+v, m, d), n + 2
		}
	}
	return p.undated(m, d), p.weekdayAfter(n)
}

// noDay reads a day that no calendar has: '30 de febrero', 'June 31', '31/11'.
func (p *parser) noDay(i int) int {
	if w, n := p.monthDay(i); n > 0 && w.Start.IsZero() && w.grain == "" {
		return n
	}
	d, m := p.digits(i, 2), p.digits(i+2, 2)
	if d < 1 || m < 1 || d > 31 || m > 31 || !p.is(i+1, "/") || !p.glued(i+1) || !p.glued(i+2) || p.is(i-1, "/") && p.glued(i) {
		return 0
	}
	const leap = 2028
	if d > 12 && m > 12 || m <= 12 && validDay(leap, m, d) || d <= 12 && validDay(leap, d, m) {
		return 0
	}
	n := i + 3
	if p.is(n, "/") && p.glued(n) && p.digits(n+1, 4) >= 0 {
		n += 2
	}
	return n
}

// weekdayAfter passes the weekday of 'Jul 18, Fri' over.
func (p *parser) weekdayAfter(n int) int {
	if p.is(n, ",") && p.kind(n+1) == sWeekday && !p.any(n+2, sWeekday) && !p.is(n+2, ",") && p.digits(n+2, 2) < 0 {
		return n + 2
	}
	return n
}

// monthFirst reads 'March 12th', 'mayo 5 del 2013'.
func (p *parser) monthFirst(i int) (when, int) {
	m := int(p.sense(i).val)
	j := p.skip(p.dot(i+1), sThe)
	if p.is(j, "/", "-") && p.glued(j) && p.glued(j+1) && p.digits(j+1, 2) > 0 {
		j++
	}
	if p.is(j, ",") {
		if _, n, marked := p.day(j + 1); n > 0 && marked {
			j++
		}
	}
	if p.unit(j, unitDay) {
		j++
	}
	d, n, marked := p.day(j)
	if n == 0 || p.toks[j].kind == wordToken && !marked && p.lang != english || p.counts(n) {
		return when{}, 0
	}
	if p.is(n, "/", ":") && p.glued(n) || p.is(n, ".") && p.glued(n) && p.digits(n+1, 4) >= 0 && p.glued(n+1) {
		return when{}, 0
	}
	if y, k := p.year(n); y > 0 {
		return p.dated(y, m, d), k
	}
	return p.undated(m, d), p.weekdayAfter(n)
}

// dot passes the full stop of an abbreviation over.
func (p *parser) dot(n int) int {
	if p.is(n, ".") && p.glued(n) && n >= 1 && len(p.norm(n-1)) <= 4 {
		return n + 1
	}
	return n
}

func (p *parser) dated(y, m, d int) when {
	if !validDay(y, m, d) {
		return when{}
	}
	w := dayOf(hotel.NewDate(y, time.Month(m), d), 0.97)
	w.month = m
	return w
}

// undated is a day and month whose year was not said: the coming one.
func (p *parser) undated(m, d int) when {
	date := nextDate(p.today, m, d)
	if date.IsZero() {
		return when{}
	}
	w := dayOf(date, 0.95)
	w.month, w.dated = m, true
	return w
}

// monthAt reads a month by itself: 'en febrero', 'nov 2016', 'june next year'.
func (p *parser) monthAt(i, offset int) (when, int) {
	if p.vague(i) && offset < 0 {
		return when{}, 0
	}
	m, n := int(p.sense(i).val), p.dot(i+1)
	y, k := p.year(n)
	if y == 0 {
		k = n
		y = p.today.Year
		if m < int(p.today.Month) || offset == 1 && m == int(p.today.Month) {
			y++
		}
	}
	start := hotel.NewDate(y, time.Month(m), 1)
	w := period(start, addMonths(start, 1), "month", 0.8)
	w.month = m
	return w, k
}

// counts tells whether the token at i shows that the number before it counts something.
func (p *parser) counts(i int) bool {
	if i >= len(p.toks) {
		return false
	}
	if p.toks[i].kind == punctToken {
		return p.is(i, "%", "$", "€", ":") && p.glued(i)
	}
	if p.unit(i, unitDay, unitNight, unitWeek, unitMonth, unitYear, unitWeekend, unitFortnight) {
		return true
	}
	return p.who(i) != nobody || p.has(i, cRoom) || p.has(i, cRoomKind) || p.hourMark(i) ||
		p.has(i, cPets) || p.has(i, cLinen) || p.has(i, cCar) ||
		p.is(i, "pesos", "dolares", "usd", "euros", "reais", "por", "pm", "am", "mil", "piso", "cama", "camas", "bed", "beds", "de") &&
			(!p.is(i, "de", "por") || p.is(i+1, "la", "ciento"))
}

// dayOfMonth reads 'el 12', 'the 12th', 'día 12', and a bare '12' where a date was asked for.
func (p *parser) dayOfMonth(i int) (when, int) {
	j := i
	article := p.is(i-1, "el", "the") || p.is(i-1, "al", "del", "o") && p.lang != english
	if p.unit(j, unitDay) {
		j, article = j+1, true
	}
	d, n, marked := p.day(j)
	if n == 0 || p.counts(n) && !(marked && p.unit(n, unitDay)) {
		return when{}, 0
	}
	if p.toks[j].kind == wordToken && !marked && !article && !p.expectsDate() {
		return when{}, 0
	}
	if p.toks[j].kind == wordToken && (marked || p.lang == english) && !p.ends(n) {
		if off, m := p.relation(n, unitMonth); m > 0 {
			return p.dayInMonth(d, off), m
		}
		return when{}, 0 // "the first time", "el segundo piso", "the one with"
	}
	if p.is(n, "-", "/", ".", ":", ",") && p.glued(n) && p.glued(n+1) && p.digits(n+1, 4) >= 0 {
		return when{}, 0
	}
	if j > 0 && p.glued(j) && p.is(j-1, "/", "-", ".", ":", "$", "#", "+") {
		return when{}, 0
	}
	if p.any(n, sOf) && p.kind(n+1) == sMonth {
		return when{}, 0 // 'el 30 de febrero' is no day
	}
	if marked && p.is(n, "floor", "street", "avenue", "piso", "ave", "time", "birthday", "anniversary") {
		return when{}, 0
	}
	month := n
	if marked && p.unit(n, unitDay) {
		month++
	}
	if off, m := p.relation(month, unitMonth); m > 0 {
		return p.dayInMonth(d, off), m
	}
	w := dayOf(p.comingDay(d), 0.8)
	w.day = d
	w.bare = !(article || marked && p.toks[j].kind == numberToken || p.expectsDate() && p.ends(n) && !p.counted(i))
	return w, n
}

// comingDay is the day with that number that is meant: the coming one, or the
// one nearest to the days spoken of so far.
func (p *parser) comingDay(day int) hotel.Date {
	coming := nextDay(p.today, day)
	near := p.ctx.Near
	if near.IsZero() || !p.today.Before(near) {
		return coming
	}
	later := nextDay(near, day)
	first := hotel.NewDate(near.Year, near.Month-1, 1)
	best := later
	for d := nextDay(first, day); d.Before(near); d = nextDay(d.AddDays(1), day) {
		if !d.Before(p.today) && near.DaysSince(d) < later.DaysSince(near) {
			best = d
		}
	}
	return best
}

func (p *parser) dayInMonth(d, offset int) when {
	first := hotel.NewDate(p.today.Year, p.today.Month+time.Month(offset), 1)
	if d > daysIn(first.Year, int(first.Month)) {
		return when{}
	}
	w := dayOf(first.AddDays(d-1), 0.9)
	w.month, w.dated = int(first.Month), true
	return w
}

// ends tells whether a phrase may end before the token at i.
func (p *parser) ends(i int) bool {
	return i >= len(p.toks) || p.toks[i].kind == punctToken || p.any(i, sTo, sAnd, sFrom, sIn, sOn) || p.is(i, "o", "or", "for", "por", "para", "please", "porfa", "con", "with", "if", "si", "gracias", "thanks", "and", "x", "a", "is", "are", "at", "i", "we", "but", "pero", "nos", "me")
}

// counted tells whether a bare number counts people or rooms though a day was
// asked for: 'somos dos', or any number once a day has been said.
func (p *parser) counted(i int) bool {
	return len(p.out.Dates) > 0 || p.is(i-1, "somos", "seremos", "seriamos", "vamos", "viajamos", "vendriamos", "iriamos", "are", "be")
}

func (p *parser) expectsDate() bool {
	return p.ctx.Expect == CheckIn || p.ctx.Expect == CheckOut
}

// holidayAt reads a holiday by its name.
func (p *parser) holidayAt(i int) (when, int) {
	h := holiday(p.sense(i).val)
	if h == christmas && p.is(i+1, "eve") {
		return p.yearly(christmasEve, i+2)
	}
	return p.yearly(h, i+1)
}

func (p *parser) yearly(h holiday, n int) (when, int) {
	year, m := p.year(n)
	if year == 0 {
		year, m = p.today.Year, n
		if r := h.days(year); r.End.Before(p.today.AddDays(1)) {
			year++
		}
	}
	r := h.days(year)
	return when{DateRange: r, grain: "day", score: 0.8}, m
}
