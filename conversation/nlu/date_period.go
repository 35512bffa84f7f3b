package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

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
