package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// plus moves a day by units.
func plus(d hotel.Date, n int, unit int32) hotel.Date {
	switch unit {
	case unitDay, unitNight:
		return d.AddDays(n)
	case unitWeek:
		return d.AddDays(7 * n)
	case unitFortnight:
		return d.AddDays(14 * n)
	case unitMonth:
		return addMonths(d, n)
	case unitYear:
		return addMonths(d, 12*n)
	}
	return hotel.Date{}
}

const maxUnits = 1000 // nobody books further

// inUnits reads 'en 3 días', 'dentro de dos semanas', 'in a week'.
func (p *parser) inUnits(i int) (when, int) {
	j := i + 1
	for p.any(j, sOf, sThe, sTo) && j < i+3 {
		if p.kind(j) == sTo && !p.is(i, "daqui", "de") {
			return when{}, 0
		}
		j++
	}
	if p.is(j, "unos", "about") {
		j++
	}
	n, m := p.whole(j, true)
	if m == 0 || n > maxUnits || !p.unit(m, unitDay, unitWeek, unitMonth, unitYear, unitFortnight) {
		return when{}, 0
	}
	if w, k := p.unitsFrom(j); k > 0 {
		return w, k
	}
	if p.is(i, "within") {
		return period(p.today, plus(p.today, n, p.sense(m).val), "day", 0.7), m + 1
	}
	return dayOf(plus(p.today, n, p.sense(m).val), 0.9), m + 1
}

// unitsFrom reads 'two days from tomorrow', 'dos días después de hoy', 'the day after tomorrow',
// '3 weeks later', 'a week starting tomorrow'.
func (p *parser) unitsFrom(i int) (when, int) {
	n, m := p.whole(i, true)
	if m == 0 {
		n, m = 1, i
	}
	if p.kind(m) == sNext && p.kind(m+1) == sUnit && m > i {
		return p.comingUnits(n, p.sense(m+1).val), m + 2
	}
	if n > maxUnits || !p.unit(m, unitDay, unitWeek, unitMonth, unitYear, unitFortnight) {
		return when{}, 0
	}
	unit := p.sense(m).val
	k := m + 1
	switch {
	case m == i: // 'day after tomorrow' only
		if p.kind(k) != sAfter || unit != unitDay {
			return when{}, 0
		}
	case p.is(k, "later", "mas") && !p.any(k+1, sDay):
		if p.is(k, "mas") && !p.is(k+1, "tarde") {
			return when{}, 0
		}
		return dayOf(plus(p.today, n, unit), 0.8), k + 1
	}
	if p.is(k, "hence") {
		return dayOf(plus(p.today, n, unit), 0.8), k + 1
	}
	if p.is(k, "ago", "atras") && m > i {
		return dayOf(plus(p.today, -n, unit), 0.9), k + 1
	}
	start := p.is(k, "starting", "beginning", "desde") || p.is(k, ",") && p.kind(k+1) == sFrom || p.is(k, "a") && p.is(k+1, "partir")
	after := p.any(k, sAfter, sFrom) || p.is(k, "from", "desde", "de") || start
	if !after {
		return when{}, 0
	}
	for k < m+7 && (p.any(k, sAfter, sFrom, sOf, sOn, sThe) || p.is(k, "from", "a", "partir", "de", "que", ",", "starting", "beginning", "del")) {
		k++
	}
	if p.is(k, "now", "ahora", "agora") {
		return dayOf(plus(p.today, n, unit), 0.9), k + 1
	}
	base, e := p.basis(k)
	if e == 0 {
		return when{}, 0
	}
	if start && p.norm(m+1) != "de" && !(p.is(m+1, "a") && p.kind(k) == sDay) {
		w := period(base.Start, plus(base.Start, n, unit), "day", 0.85)
		w.both = true
		return w, e
	}
	return dayOf(plus(base.Start, n, unit), 0.85), e
}

// basis is the day that a distance counts from; it reads no distances itself, so nothing nests.
func (p *parser) basis(i int) (when, int) {
	if p.kind(i) == sDay {
		return p.relativeDay(i)
	}
	if p.kind(i) == sWeekday {
		return p.weekdayAt(i, -1)
	}
	if p.kind(i) == sHoliday {
		return p.holidayAt(i)
	}
	if w, n := p.monthDay(i); n > 0 {
		return w, n
	}
	if i < len(p.toks) && p.toks[i].kind == numberToken {
		if w, n := p.numeric(i); n > 0 {
			return w, n
		}
		if w, n := p.dayOfMonth(i); n > 0 {
			return w, n
		}
	}
	return when{}, 0
}

// partOf reads 'a principios de marzo', 'mid June', 'end of next week'.
func (p *parser) partOf(i int) (when, int) {
	part := int(p.sense(i).val)
	if p.is(i, "fin", "fim") && p.unit(i+2, unitWeek) && p.any(i+1, sOf) {
		w, n := p.weekend(i+3, -1)
		return w, n
	}
	j := i + 1
	for j < i+4 && (p.any(j, sOf, sThe, sIn) || p.is(j, "-", "de", "del", "do", "around")) {
		j++
	}
	if p.kind(j) == sMonth {
		w, n := p.monthAt(j, 0)
		return third(w, part), n
	}
	offset, n := p.relation(i+1, unitMonth)
	if n > 0 {
		start := hotel.NewDate(p.today.Year, p.today.Month+time.Month(offset), 1)
		return third(period(start, addMonths(start, 1), "month", 0.7), part), n
	}
	if offset, n = p.relation(i+1, unitWeek); n > 0 {
		mon := monday(p.today).AddDays(7 * offset)
		switch part {
		case 0:
			return period(mon, mon.AddDays(3), "week", 0.7), n
		case 1:
			return period(mon.AddDays(1), mon.AddDays(5), "week", 0.6), n
		}
		return period(mon.AddDays(4), mon.AddDays(7), "week", 0.7), n
	}
	return when{}, 0
}

// third of a month: its first, middle or last ten days.
func third(w when, part int) when {
	if w.Start.IsZero() {
		return w
	}
	switch part {
	case 0:
		w.End = w.Start.AddDays(10)
	case 1:
		w.Start = w.Start.AddDays(10)
		w.End = w.Start.AddDays(10)
	default:
		w.Start = w.Start.AddDays(20)
	}
	w.grain, w.score = "day", 0.6
	return w
}

// nth reads 'primer viernes de julio', 'first week of October', 'segunda quincena de enero'.
func (p *parser) nth(i int) (when, int) {
	ord, n := int(p.sense(i).val), i+1
	if p.kind(i) == sLast {
		ord = -1
	}
	s := p.sense(n)
	j := n + 1
	for p.any(j, sOf, sIn, sThe) || p.is(j, "de", "del") {
		j++
	}
	var year, month, end int
	switch {
	case p.kind(j) == sMonth:
		month = int(p.sense(j).val)
		year, end = p.year(p.dot(j + 1))
		if year == 0 {
			year, end = p.today.Year, p.dot(j+1)
			if month < int(p.today.Month) {
				year++
			}
		}
	default:
		if off, k := p.relation(n+1, unitMonth); k > 0 {
			first := hotel.NewDate(p.today.Year, p.today.Month+time.Month(off), 1)
			year, month, end = first.Year, int(first.Month), k
		} else if y, k := p.year(n + 1); y > 0 && s.kind == sUnit {
			year, month, end = y, 1, k
		} else {
			return when{}, 0
		}
	}
	switch {
	case s.kind == sWeekday && ord <= 5:
		d := hotel.NewDate(year, time.Month(month), 1).AddDays(-1)
		d = nextWeekday(d, int(s.val)).AddDays(7 * (ord - 1))
		if ord < 0 {
			d = nextWeekday(addMonths(hotel.NewDate(year, time.Month(month), 1), 1).AddDays(-8), int(s.val))
		}
		return dayOf(d, 0.9), end
	case s.kind == sUnit && s.val == unitWeek && ord <= 53:
		start := firstMonday(year, month).AddDays(7 * (ord - 1))
		if ord < 0 {
			next := addMonths(hotel.NewDate(year, time.Month(month), 1), 1)
			if month == 1 && p.kind(j) != sMonth {
				next = hotel.NewDate(year+1, 1, 1)
			}
			start = firstMonday(next.Year, int(next.Month)).AddDays(-7)
		}
		if p.kind(p.skip(end, sThe, sOn)) == sWeekday {
			k := p.skip(end, sThe, sOn)
			return dayOf(weekdayIn(start, int(p.sense(k).val)), 0.8), k + 1
		}
		return period(start, start.AddDays(7), "week", 0.8), end
	case s.kind == sUnit && s.val == unitHalfMonth:
		start := hotel.NewDate(year, time.Month(month), 1)
		if ord == 1 {
			return period(start, start.AddDays(15), "day", 0.8), end
		}
		return period(start.AddDays(15), addMonths(start, 1), "day", 0.8), end
	}
	return when{}, 0
}

// numeric reads dates in digits: 2027-03-12, 12/3, 12/03/27, 12.3.2027.
func (p *parser) numeric(i int) (when, int) {
	a := p.digits(i, 4)
	sep := p.norm(i + 1)
	if a < 0 || sep != "/" && sep != "-" && sep != "." || !p.glued(i+1) || !p.glued(i+2) {
		return when{}, 0
	}
	if i > 0 && p.glued(i) && p.is(i-1, "/", ".", ",", "$", "#") {
		return when{}, 0
	}
	b := p.digits(i+2, 2)
	if b < 0 {
		return when{}, 0
	}
	if p.norm(i+3) == sep && p.glued(i+3) && p.glued(i+4) && p.digits(i+4, 4) >= 0 {
		c, n := p.digits(i+4, 4), i+5
		if len(p.norm(i)) == 4 {
			return p.dated(a, b, c), n
		}
		if len(p.norm(i+4)) == 2 {
			c += 2000
		}
		if len(p.norm(i+4)) == 3 || len(p.norm(i)) > 2 {
			return when{}, 0
		}
		return p.ordered(a, b, c), n
	}
	if len(p.norm(i)) > 2 || sep == "." && p.kind(i-1) != sWeekday || a == 24 && (b == 7 || b == 24) ||
		p.counts(i+3) || p.is(i+3, ":", ",") && p.glued(i+3) && p.glued(i+4) && p.digits(i+4, 4) >= 0 || p.is(i+3, "pension", "hora", "hour") {
		return when{}, 0
	}
	if y := p.digits(i+4, 4); p.is(i+3, ",") && y >= 1900 && y <= 2100 {
		return p.ordered(a, b, y), i + 5
	}
	w := p.ordered(a, b, 0)
	w.bare = sep != "/" && !(i == 0 && len(p.toks) == 3) && !p.is(i-1, "el", "on")
	return w, i + 3
}

// ordered resolves two numbers by the order of the place: month first only in the United States.
func (p *parser) ordered(a, b, year int) when {
	monthFirst := p.ctx.Country == "US" || p.ctx.Country == "" && p.lang == english
	day, month := a, b
	if monthFirst {
		day, month = b, a
	}
	read := func(d, m int) when {
		if year > 0 {
			return p.dated(year, m, d)
		}
		if m < 1 || m > 12 {
			return when{}
		}
		return p.undated(m, d)
	}
	w := read(day, month)
	if w.Start.IsZero() {
		w = read(month, day)
		w.score = min(w.score, 0.7)
		return w
	}
	if other := read(month, day); day != month && p.lang == english && !other.Start.IsZero() {
		w.alt, w.score = other.DateRange, 0.5
	}
	return w
}
