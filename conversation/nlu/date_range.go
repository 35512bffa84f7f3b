package nlu

import (
	"time"

	"github.com/conserje/conserje/hotel"
)

// dateMark is what the slots must know of a mention beside the mention.
type dateMark struct {
	from, to int // tokens
	until    bool
	day      int // said without a month
	month    int
}

// dates reads every mention of a day or range.
func (p *parser) dates() {
	for i := 0; i < len(p.toks); {
		if p.toks[i].taken || p.toks[i].kind == punctToken {
			i++
			continue
		}
		if p.is(i, "feliz", "felices", "merry", "happy") {
			if _, n := p.atom(i + 1); n > 0 && i+1 < len(p.toks) {
				i = n // a wish is no date
				continue
			}
		}
		if n := p.noDay(i); n > 0 {
			p.out.NoDays = append(p.out.NoDays, p.span(i, n))
			for k := i; k < n; k++ {
				p.toks[k].taken = true
			}
			i = n
			continue
		}
		w, n := p.rangeAt(i)
		if n == 0 {
			w, n = p.atom(i)
			if w.bare {
				n = 0
			}
		}
		if n <= i || w.Start.IsZero() {
			i++
			continue
		}
		p.mention(i, n, w)
		i = n
	}
	p.shareMonth()
	p.monthAhead()
}

// monthAhead gives the days of 'en enero, del 5 al 8' the month that was said before them.
func (p *parser) monthAhead() {
	for i := 1; i < len(p.marks); i++ {
		a, b, from, to := p.out.Dates[i-1], &p.out.Dates[i], p.marks[i-1].to, p.marks[i].from
		if a.Grain != "month" || b.Grain != "day" || p.marks[i].day == 0 || p.marks[i].month > 0 || to-from > 2 || !p.leadsTo(from, to) {
			continue
		}
		start := hotel.NewDate(a.Start.Year, a.Start.Month, p.marks[i].day)
		if start.Before(p.today) || start.Month != a.Start.Month {
			continue
		}
		days := b.End.DaysSince(b.Start)
		if b.Range {
			days = nextDay(start.AddDays(1), b.End.Day).DaysSince(start)
		}
		b.Start, b.End, b.Alt = start, start.AddDays(days), nil
		p.marks[i].month = int(a.Start.Month)
	}
}

// leadsTo tells whether nothing but a comma or an article stands between a month and its days.
func (p *parser) leadsTo(from, to int) bool {
	for k := from; k < to; k++ {
		if !p.any(k, sThe, sFrom, sOn) && !p.is(k, ",", "del", "de") {
			return false
		}
	}
	return true
}

func (p *parser) until(i int) bool {
	return p.is(i, "hasta", "until", "till", "til", "untill", "through", "thru", "ate")
}

// shareMonth gives the first day of '12 y 13 de enero' the month that only the second has.
func (p *parser) shareMonth() {
	for i := len(p.marks) - 1; i > 0; i-- {
		a, b := p.marks[i-1], p.marks[i]
		d, next := &p.out.Dates[i-1], p.out.Dates[i]
		if a.day == 0 || a.month > 0 || b.month == 0 || d.Range || next.Grain != "day" || !p.listed(a.to, b.from) || a.day >= next.Start.Day {
			continue
		}
		d.Start = hotel.NewDate(next.Start.Year, next.Start.Month, a.day)
		d.End = d.Start.AddDays(1)
		d.Alt = nil
		p.marks[i-1].month = b.month
	}
}

// listed tells whether only 'y', 'o', a comma or an article stand between two mentions.
func (p *parser) listed(from, to int) bool {
	for k := from; k < to; k++ {
		if !p.any(k, sAnd, sThe) && !p.is(k, ",", "o", "or", "ou") {
			return false
		}
	}
	return to > from
}

func (p *parser) mention(i, n int, w when) {
	from := i
	for from < n-1 && p.any(from, sThe, sOn) {
		from++
	}
	m := DateMention{Span: p.span(from, n), DateRange: w.DateRange, Grain: w.grain, Score: w.score, Range: w.both}
	if !w.alt.Start.IsZero() {
		m.Alt = []DateRange{w.alt}
	}
	p.out.Dates = append(p.out.Dates, m)
	until := p.until(i) || p.until(i-1) || p.until(i-2) && p.any(i-1, sThe, sOn) ||
		len(p.marks) > 0 && (p.kind(i) == sTo || p.kind(i-1) == sTo) // 'al 5' alone is no departure: 'pasala al 5'
	p.marks = append(p.marks, dateMark{from: from, to: n, until: until, day: w.day, month: w.month})
	for k := from; k < n; k++ {
		p.toks[k].taken = true
	}
}

// rangeAt reads both ends: 'del 4 al 6 de marzo', 'March 4-6', 'entre el 4 y el 6', 'Monday to Friday'.
func (p *parser) rangeAt(i int) (when, int) {
	between := p.kind(i) == sBetween
	opened := between || p.any(i, sFrom) || p.is(i, "de", "del", "desde", "from", "do", "da")
	j := i
	if opened {
		j++
		if p.is(j, "el", "la") && p.is(j-1, "a") {
			j++
		}
	} else if p.is(i, "a") && p.is(i+1, "partir") {
		j, opened = i+2, true
	}
	for j < i+5 && (p.any(j, sThe, sOn, sFrom) || p.is(j, "de", "del")) {
		j++
	}
	a, n := p.rangeEnd(j)
	if n == 0 {
		return when{}, 0
	}
	k, ok := p.connector(n, between)
	if !ok {
		return when{}, 0
	}
	article := p.is(k-1, "al", "el", "the") || p.is(k, "el", "the", "o") || p.is(i, "del") || p.is(i+1, "el", "the", "dia")
	for p.any(k, sThe, sOn) {
		k++
	}
	b, e := p.rangeEnd(k)
	if e == 0 {
		return when{}, 0
	}
	sure := !a.bare || !b.bare || article && (opened || p.is(n, "al")) || p.expectsDate()
	if !sure && !a.dated && !b.dated || p.counts(e) && (a.bare || b.bare) {
		return when{}, 0
	}
	if a.bare && b.bare && p.is(n, "-") && !opened && !p.expectsDate() {
		return when{}, 0
	}
	return p.join(a, b, e)
}

// rangeEnd reads one end: an atom, or a number that may be a day.
func (p *parser) rangeEnd(i int) (when, int) {
	if i >= len(p.toks) || p.toks[i].taken {
		return when{}, 0
	}
	if p.is(i, "now", "ahora", "agora") {
		return dayOf(p.today, 0.9), i + 1
	}
	w, n := p.atom(i)
	if p.toks[i].kind == numberToken && p.is(i+1, "-", "–") {
		// '4-6/3' and '4-6 de marzo' are a range, not the fourth of June
		d, next := p.digits(i, 2), p.digits(i+2, 2)
		asked := p.expectsDate() && d < next && next <= 31
		if d > 0 && d <= 31 && (p.is(i+3, "/") || asked || p.monthFollows(i+2)) {
			return p.bareDay(d), i + 1
		}
	}
	if n > 0 && !(w.grain == "month" && w.day > 0) {
		return w, n
	}
	d, m, marked := p.day(i)
	if m == 0 || p.counts(m) && !p.is(m, "de") {
		return when{}, 0
	}
	w = p.bareDay(d)
	w.bare = !marked
	return w, m
}

// monthFollows tells whether the day at i has its month, or 'del mes que viene', after it.
func (p *parser) monthFollows(i int) bool {
	if _, n := p.monthDay(i); n > 0 {
		return true
	}
	_, n, _ := p.day(i)
	if n == 0 {
		return false
	}
	_, m := p.relation(n, unitMonth)
	return m > 0
}

func (p *parser) bareDay(d int) when {
	w := dayOf(p.comingDay(d), 0.7)
	w.day, w.bare = d, true
	return w
}

// connector passes what stands between two ends.
func (p *parser) connector(n int, between bool) (int, bool) {
	if p.is(n, ",") && (p.kind(n+1) == sTo) {
		n++
	}
	if p.is(n, "y", "and", "e") && p.kind(n+1) == sTo {
		n++
	}
	switch {
	case p.is(n, "-", "–", "—", "/") && !p.is(n, "/"):
		n++
	case p.kind(n) == sTo || p.is(n, "al", "a", "ate", "to", "through", "until", "hasta", "thru"):
		n++
		if p.is(n, "al", "a", "ao") || p.kind(n) == sOf {
			n++
		}
	case between && (p.kind(n) == sAnd || p.is(n, "e", "y", "and")):
		n++
	default:
		return 0, false
	}
	return n, true
}

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
		if d := hotel.NewDate(y, time.Month(a.Start.Month), a.Start.Day); d.Before(b.Start) {
			return dayOf(d, a.score)
		}
	}
	return a
}
