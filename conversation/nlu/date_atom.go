package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// when is a reading of one day or period, before its place in a range is known.
type when struct {
	DateRange
	grain   string
	score   float64
	alt     DateRange // zero Start: none
	day     int       // said without a month, as in 'el 12'; 0 = no
	month   int       // said, without a year
	dated   bool      // a day and its month were said, without a year
	weekday int       // 1 + weekday when only that was said
	bare    bool      // a number that is a date only in the company of others
	both    bool      // both ends were said
	placed  bool      // a weekday of a week that was said
	// inverted: an arrival after the departure, as it was said ('del 6 al 4 de diciembre')
	inverted bool
}

func dayOf(d hotel.Date, score float64) when {
	return when{DateRange: DateRange{d, d.AddDays(1)}, grain: "day", score: score}
}

func period(start, end hotel.Date, grain string, score float64) when {
	return when{DateRange: DateRange{start, end}, grain: grain, score: score}
}

// atom reads one day or period at i: the longest reading wins.
func (p *parser) atom(i int) (when, int) {
	var best when
	end := 0
	try := func(w when, n int) {
		if n > end && !w.Start.IsZero() {
			best, end = w, n
		}
	}
	j := i
	for p.any(j, sThe, sOn) && j < i+2 {
		j++
	}
	if p.toks[min(j, len(p.toks)-1)].kind == numberToken {
		try(p.numeric(j))
	}
	try(p.monthDay(j))
	try(p.dayOfMonth(j))
	switch k := p.kind(j); k {
	case sDay:
		try(p.relativeDay(j))
	case sLast:
		try(p.relativeDay(j))
		if p.kind(j+1) == sWeekday || p.unit(j+1, unitWeek) {
			try(p.nth(j))
		}
	case sWeekday:
		try(p.weekdayAt(j, -1))
	case sThis, sNext:
		try(p.pointed(j))
	case sHoliday:
		try(p.holidayAt(j))
	case sMonth:
		try(p.monthAt(j, -1))
	case sPart:
		try(p.partOf(j))
	case sOrdinal:
		try(p.nth(j))
	case sIn:
		try(p.inUnits(j))
	case sAfter:
		if p.kind(j+1) == sOf && p.sense(j+2) == (sense{sDay, 1}) {
			try(dayOf(p.today.AddDays(2), 0.97), j+3)
		}
	}
	if p.kind(j) == sUnit || p.is(j, "fin", "semana", "ano", "resto", "rest", "vispera", "new") {
		try(p.unitAt(j))
	}
	if p.any(j, sNumber, sArticle, sNext) || p.toks[min(j, len(p.toks)-1)].kind == numberToken || p.unit(j, unitDay) {
		try(p.unitsFrom(j))
	}
	return best, end
}

// relativeDay reads 'hoy', 'mañana', 'pasado mañana'.
func (p *parser) relativeDay(i int) (when, int) {
	s := p.sense(i)
	if s.kind == sLast {
		if p.is(i, "pasado", "pasada") && p.is(i+1, "manana") {
			return dayOf(p.today.AddDays(2), 0.97), i + 2
		}
		if p.is(i, "pasado") && p.is(i-1, "o") && p.is(i-2, "manana") {
			return dayOf(p.today.AddDays(2), 0.8), i + 1
		}
		return when{}, 0
	}
	if p.norm(i) == "manana" && p.lang != portuguese {
		if p.is(i-1, "la", "por", "buena") || p.kind(i-1) == sThis {
			return when{}, 0
		}
	}
	return dayOf(p.today.AddDays(int(s.val)), 0.95), i + 1
}

// weekdayAt reads a weekday; week is the offset of the week that was said before it, -1 for none.
func (p *parser) weekdayAt(i, week int) (when, int) {
	if p.vague(i) {
		return when{}, 0
	}
	wd := int(p.sense(i).val)
	n := i + 1
	if p.is(n, ".") && p.glued(n) && len(p.norm(i)) <= 4 {
		n++
	}
	if p.is(n, "-") && p.is(n+1, "feira") {
		n += 2
	} else if p.is(n, "feira") {
		n++
	}
	if w, m := p.dateAfterWeekday(n, wd); m > 0 {
		return w, m
	}
	if week < 0 {
		if p.is(n, "coming", "entrante") {
			n++
		} else if c := p.comes(n); c > 0 && !p.unit(c, unitWeek) {
			week, n = 1, c
		} else if off, m := p.relation(n, unitWeek); m > 0 {
			week, n = off, m
		}
	}
	return p.weekdayIn(wd, week), n
}

// dateAfterWeekday reads the date of 'viernes 12 de marzo', 'Mon, February 18', 'martes 25'.
func (p *parser) dateAfterWeekday(n, wd int) (when, int) {
	j := n
	for p.is(j, ",", ".") || p.kind(j) == sThe || p.unit(j, unitDay) || p.kind(j) == sOn {
		j++
	}
	if w, m := p.monthDay(j); m > 0 {
		return w, m
	}
	if j < len(p.toks) && p.toks[j].kind == numberToken {
		if w, m := p.numeric(j); m > 0 {
			w.bare = false
			return w, m
		}
	}
	d, m, marked := p.day(j)
	if m == 0 || (p.toks[j].kind != numberToken && !marked && d < 2) || p.counts(m) || p.is(m, "-", "/", ":", ".") && p.glued(m) && p.digits(m+1, 2) >= 0 {
		return when{}, 0
	}
	if p.is(j-1, ",") && !marked {
		return when{}, 0
	}
	if off, k := p.relation(m, unitMonth); k > 0 {
		return p.dayInMonth(d, off), k
	}
	w := dayOf(nextWeekdayDay(p.today, wd, d), 0.85)
	if near := nextDay(p.today, d); near != w.Start {
		w.alt, w.score = DateRange{near, near.AddDays(1)}, 0.6
	}
	w.day = d
	return w, m
}

// weekdayIn resolves a weekday: bare, it is the coming one; of the next week, the other reading stays.
func (p *parser) weekdayIn(wd, week int) when {
	coming := nextWeekday(p.today, wd)
	if week < 0 {
		w := dayOf(coming, 0.9)
		w.weekday = wd + 1
		if int(p.today.Weekday()) == wd {
			w.alt, w.score = DateRange{p.today, p.today.AddDays(1)}, 0.6
		}
		return w
	}
	d := weekdayIn(monday(p.today).AddDays(7*week), wd)
	if d.Before(p.today) {
		d = d.AddDays(7)
	}
	w := dayOf(d, 0.9)
	w.placed = true
	if week == 1 && coming != d {
		w.alt, w.score = DateRange{coming, coming.AddDays(1)}, 0.5
	}
	return w
}

// pointed reads what begins with 'este' or 'próximo': weekday, week, month, weekend.
func (p *parser) pointed(i int) (when, int) {
	week := 0
	j := i
	for j < i+3 && p.any(j, sThis, sNext) {
		if p.kind(j) == sNext {
			week = 1
		}
		if p.is(j, "coming", "upcoming", "entrante") && p.kind(j+1) == sWeekday {
			return p.weekdayAt(j+1, -1)
		}
		j++
	}
	if p.unit(j, unitDay) && week == 0 {
		if w, n := p.dayOfMonth(j); n > 0 {
			return w, n
		}
	}
	switch s := p.sense(j); {
	case s.kind == sWeekday:
		w, n := p.weekdayAt(j, week)
		return w, n
	case s.kind == sMonth:
		return p.monthAt(j, week)
	case s.kind == sUnit:
		return p.unitIn(j, week)
	case s.kind == sHoliday:
		return p.holidayAt(j)
	case p.is(j, "fin") && p.unit(j+2, unitWeek):
		return p.weekend(j+3, week)
	case week == 0 && p.is(j, "manana", "tarde", "morning", "afternoon", "evening"):
		return dayOf(p.today, 0.85), j + 1
	}
	if n, m := p.whole(j, false); m > 0 && p.kind(m) == sUnit && week == 1 {
		return p.comingUnits(n, p.sense(m).val), m + 1
	}
	return when{}, 0
}

// comingUnits is 'los próximos 3 días': from tomorrow on.
func (p *parser) comingUnits(n int, unit int32) when {
	tomorrow := p.today.AddDays(1)
	switch unit {
	case unitDay, unitNight:
		return period(tomorrow, tomorrow.AddDays(n), "day", 0.8)
	case unitWeek:
		return period(tomorrow, tomorrow.AddDays(7*n), "week", 0.7)
	case unitMonth:
		return period(tomorrow, addMonths(tomorrow, n), "month", 0.6)
	}
	return when{}
}

// unitAt reads a period that begins with its noun: 'semana que viene', 'fin de semana', 'week of the 15th'.
func (p *parser) unitAt(i int) (when, int) {
	switch {
	case p.is(i, "fin") && p.any(i+1, sOf) && p.unit(i+2, unitWeek):
		return p.weekend(i+3, -1)
	case p.is(i, "semana") && p.is(i+1, "santa"):
		return p.yearly(easter, i+2)
	case p.is(i, "ano") && p.is(i+1, "nuevo", "novo"), p.is(i, "new") && p.is(i+1, "years", "year") && !p.is(i+2, "eve"):
		return p.yearly(newYear, i+2)
	case p.is(i, "fin") && p.unit(i+2, unitYear), p.is(i, "new") && p.is(i+2, "eve"):
		return p.yearly(newYearEve, i+3)
	case p.is(i, "resto", "rest"):
		return p.restOf(i + 1)
	}
	s := p.sense(i)
	if s.kind != sUnit {
		return when{}, 0
	}
	if s.val == unitWeekend {
		return p.weekend(i+1, -1)
	}
	if c := p.comes(i + 1); c > 0 {
		w, _ := p.unitIn(i, 1)
		return w, c
	}
	if s.val == unitWeek {
		return p.weekOf(i + 1)
	}
	return when{}, 0
}

func (p *parser) restOf(i int) (when, int) {
	j := i
	for p.any(j, sOf, sThe, sThis) || p.is(j, "my", "de", "la", "del", "mi") {
		j++
	}
	switch {
	case p.unit(j, unitWeek):
		return period(p.today, monday(p.today).AddDays(6), "week", 0.7), j + 1
	case p.unit(j, unitMonth):
		return period(p.today, hotel.NewDate(p.today.Year, p.today.Month+1, 1), "month", 0.7), j + 1
	}
	return when{}, 0
}

// weekOf reads 'semana del 15', 'week of October 6th'.
func (p *parser) weekOf(i int) (when, int) {
	if !p.any(i, sOf, sFrom) && !p.is(i, "que", "a", "starting", "beginning") {
		return when{}, 0
	}
	j := i
	for j < i+4 && (p.any(j, sOf, sFrom, sThe, sOn) || p.is(j, "que", "a", "partir", "inicia", "empieza", "comienza", "starting", "beginning", "dia")) {
		j++
	}
	w, n := p.monthDay(j)
	from := p.is(i, "que", "a", "starting", "beginning")
	if n == 0 {
		d, m, _ := p.day(j)
		if m == 0 || p.counts(m) {
			return when{}, 0
		}
		w, n = dayOf(nextDay(p.today, d), 0.8), m
	}
	start := w.Start
	if !from {
		start = monday(start)
	}
	return period(start, start.AddDays(7), "week", 0.8), n
}

// unitIn resolves 'esta semana', 'el mes que viene'.
func (p *parser) unitIn(i, offset int) (when, int) {
	n := i + 1
	switch s := p.sense(i); s.val {
	case unitDay:
		if offset == 1 {
			return dayOf(p.today.AddDays(1), 0.7), n
		}
		return dayOf(p.today, 0.6), n
	case unitNight:
		return dayOf(p.today.AddDays(offset), 0.9), n
	case unitWeek:
		start := monday(p.today).AddDays(7 * offset)
		j := n
		for p.any(j, sOn, sThe) || p.is(j, ",") {
			j++
		}
		if p.kind(j) == sWeekday && !p.is(n, ",") {
			return p.weekdayAt(j, offset)
		}
		return period(start, start.AddDays(7), "week", 0.85), n
	case unitMonth:
		start := hotel.NewDate(p.today.Year, p.today.Month+time.Month(offset), 1)
		return period(start, addMonths(start, 1), "month", 0.85), n
	case unitYear:
		start := hotel.NewDate(p.today.Year+offset, 1, 1)
		return period(start, hotel.NewDate(start.Year+1, 1, 1), "year", 0.6), n
	case unitWeekend:
		return p.weekend(n, offset)
	}
	return when{}, 0
}

// weekend is Saturday and Sunday; of the next one, the coming one stays as the other reading.
func (p *parser) weekend(n, offset int) (when, int) {
	if p.is(n, "largo", "xxl") {
		n++
	}
	said := p.is(n+1, "viene", "biene", "vem")
	if c := p.comes(n); c > 0 {
		offset, n = 1, c
	} else if p.any(n, sOf, sFrom) && !p.any(n+1, sThis, sNext) {
		j := p.skip(n, sOf, sFrom, sThe)
		w, m := p.monthDay(j)
		if m == 0 {
			if d, k, _ := p.day(j); k > 0 && !p.counts(k) {
				w, m = dayOf(nextDay(p.today, d), 0.8), k
			}
		}
		if m > 0 && !w.Start.IsZero() {
			sat := weekdayIn(monday(w.Start), 6)
			return period(sat, sat.AddDays(2), "weekend", 0.8), m
		}
	}
	coming := weekdayIn(monday(p.today), 6)
	sat := coming
	if offset == 1 {
		sat = coming.AddDays(7)
	}
	w := period(sat, sat.AddDays(2), "weekend", 0.85)
	if workday := p.today.Weekday() >= time.Monday && p.today.Weekday() <= time.Friday; offset == 1 && said && workday {
		// 'el finde que viene', said before it has begun, is the coming one to most who say it
		w = period(coming, coming.AddDays(2), "weekend", 0.5)
		w.alt = DateRange{sat, sat.AddDays(2)}
		return w, n
	}
	if offset == 1 {
		w.alt, w.score = DateRange{coming, coming.AddDays(2)}, 0.5
	}
	return w, n
}
