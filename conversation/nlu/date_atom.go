package nlu

import "github.com/conserje/conserje/hotel"

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
