package nlu

import "github.com/conserje/conserje/hotel"

// join makes a range of its ends, filling in what only the other one said.
func (p *parser) join(a, b when, n int) (when, int) {
	year, k := p.year(n)
	offset, m := p.relation(n, unitMonth)
	first := 0 // of two days without any month
	if m == 0 && a.day > 0 && b.day > 0 && a.month+b.month == 0 {
		first = a.day
	}
	switch {
	case m > 0 && a.day > 0 && b.day > 0:
		a, b, n = p.dayInMonth(a.day, offset), p.dayInMonth(b.day, offset), m
		a.inverted = !a.Start.IsZero() && !b.Start.IsZero() && !a.Start.Before(b.Start)
	case a.dated && b.dated && a.month == b.month && b.Start.Day <= a.Start.Day:
		b.Start, a.inverted = hotel.NewDate(a.Start.Year, a.Start.Month, b.Start.Day), true
	case b.placed && a.weekday > 0:
		a = p.weekdayBefore(a, b)
	case a.month > 0 && a.grain == "day" && b.day > 0 && b.month == 0:
		b = p.after(a.Start, b)
	case b.month > 0 && b.grain == "day" && a.day > 0 && a.month == 0:
		a = p.before(a.day, b)
	case a.dated && b.dated && a.Start.After(b.Start), a.day > 0 && b.day > 0 && a.month+b.month == 0, a.weekday > 0 && b.weekday > 0, b.weekday > 0 && !a.Start.Before(b.Start):
		b = p.after(a.Start, b)
	case a.day > 0 && a.month == 0 && b.grain == "day" && !a.Start.Before(b.Start):
		a = p.before(a.day, b)
	case b.day > 0 && b.month == 0:
		b = p.after(a.Start, b)
	case a.dated && b.grain == "day" && !b.dated && b.month == 0 && a.Start.Year != b.Start.Year:
		a = p.sameYear(a, b)
	case a.dated && b.grain == "month" && a.Start.After(b.Start):
		b.Start = hotel.NewDate(b.Start.Year+1, b.Start.Month, 1)
	case a.dated && b.grain == "month" && a.Start.Year != b.Start.Year:
		if t := hotel.NewDate(b.Start.Year, a.Start.Month, a.Start.Day); t.Before(b.Start) {
			a.Start = t
		}
	}
	if year > 0 && a.grain == "day" && b.grain == "day" && b.dated {
		a, b, n = p.dated(year, int(a.Start.Month), a.Start.Day), p.dated(year, int(b.Start.Month), b.Start.Day), k
	}
	end := b.Start
	if b.grain == "month" && a.grain == "month" && end.Before(a.Start) {
		end = hotel.NewDate(end.Year+1, end.Month, 1)
	}
	if a.Start.IsZero() || b.Start.IsZero() || !a.Start.Before(end) && !a.inverted {
		return when{}, 0
	}
	if turned, ok := p.monthFirstStay(a, b, end); ok {
		return turned, n
	}
	if a.dated && b.dated && year == 0 && b.grain == "day" && end.DaysSince(a.Start) > turnedBack {
		end = hotel.NewDate(end.Year-1, end.Month, end.Day)
	}
	w := when{DateRange: DateRange{a.Start, end}, grain: "day", score: min(a.score, b.score), day: first, both: true, dated: true}
	if a.bare || b.bare {
		w.score = max(w.score, 0.9)
	}
	return w, n
}

// longest is the longest range that is a stay.
const longest = 31

// monthFirstStay turns '12/5 to 12/8', which would be months with the day first,
// into the days that it is with the month first.
func (p *parser) monthFirstStay(a, b when, end hotel.Date) (when, bool) {
	if end.DaysSince(a.Start) <= longest || a.alt.Start.IsZero() || b.alt.Start.IsZero() || !a.dated || !b.dated {
		return when{}, false
	}
	if days := b.alt.Start.DaysSince(a.alt.Start); days < 1 || days > longest || a.alt.Start.Before(p.today) {
		return when{}, false
	}
	return when{DateRange: DateRange{a.alt.Start, b.alt.Start}, grain: "day", score: min(a.score, b.score), both: true, dated: true}, true
}

// after resolves b as the first such day after start.
func (p *parser) after(start hotel.Date, b when) when {
	next := start.AddDays(1)
	switch {
	case b.day > 0 && b.weekday == 0 && !b.dated:
		return dayOf(nextDay(next, b.day), b.score)
	case b.weekday > 0:
		return dayOf(nextWeekday(start, b.weekday-1), b.score)
	case b.dated:
		w := dayOf(nextDate(next, int(b.Start.Month), b.Start.Day), b.score)
		w.dated = true
		return w
	}
	return b
}

// turnedBack is from how many nights on two days are not a stay over the year's
// end but an arrival after its departure: 'del 10 de abril al 5 de marzo'.
const turnedBack = 300

// overMonthsEnd is how many nights two days under one month's name may span when
// the first is the greater number: it is then of the month before.
const overMonthsEnd = 14

// weekdayBefore places the first weekday of 'del viernes al domingo de la semana que viene' by the second.
func (p *parser) weekdayBefore(a, b when) when {
	days := (int(b.Start.Weekday()) - (a.weekday - 1) + 7) % 7
	if days == 0 {
		days = 7
	}
	if d := b.Start.AddDays(-days); !d.Before(p.today) {
		return dayOf(d, b.score)
	}
	return a
}

// before resolves a bare day as the last such day before b.
func (p *parser) before(day int, b when) when {
	y, m := b.Start.Year, b.Start.Month
	if day >= b.Start.Day {
		m--
	}
	first := hotel.NewDate(y, m, 1)
	turned := day >= b.Start.Day && validDay(b.Start.Year, int(b.Start.Month), day) && !b.Start.Before(p.today)
	if day > daysIn(first.Year, int(first.Month)) && !turned {
		return when{}
	}
	d := first.AddDays(day - 1)
	if turned && b.Start.DaysSince(d) > overMonthsEnd { // 'del 10 al 5 de marzo' is a slip, 'del 28 al 2 de enero' is none
		w := dayOf(hotel.NewDate(b.Start.Year, b.Start.Month, day), b.score)
		w.inverted = true
		return w
	}
	if d.Before(p.today) && day > b.Start.Day && validDay(b.Start.Year, int(b.Start.Month), day) && !b.Start.Before(p.today) && b.dated {
		w := dayOf(hotel.NewDate(b.Start.Year, b.Start.Month, day), b.score)
		w.inverted = true
		return w
	}
	if d.Before(p.today) && b.dated { // the coming one of both
		d = hotel.NewDate(d.Year+1, d.Month, d.Day)
		if !d.Before(b.Start) {
			d = hotel.NewDate(d.Year-1, d.Month, d.Day)
		}
	}
	return dayOf(d, b.score)
}

// sameYear moves a into the year that was said with b.
func (p *parser) sameYear(a, b when) when {
	for _, y := range [...]int{b.Start.Year, b.Start.Year - 1} {
		if !validDay(y, int(a.Start.Month), a.Start.Day) {
			continue
		}
		if d := hotel.NewDate(y, a.Start.Month, a.Start.Day); d.Before(b.Start) {
			return dayOf(d, a.score)
		}
	}
	return a
}
