package nlu

// weekdayAt reads a weekday; week is the offset of the week that was said before it, -1 for none.
func (p *parser) weekdayAt(i, week int) (when, int) {
	if p.vague(i) || p.is(i, "wed") && p.toks[i].hi-p.toks[i].lo > 3 { // "we'd like" is no Wednesday
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
