package nlu

import "github.com/conserje/conserje/hotel"

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
