package nlu

// day reads a day of the month: '12', '12th', '1ro', 'doce', 'twenty third'.
// marked is true when it can be nothing but an ordinal.
func (p *parser) day(i int) (day, next int, marked bool) {
	if v := p.digits(i, 2); v >= 0 {
		if v < 1 || v > 31 {
			return 0, 0, false
		}
		n := i + 1
		if p.is(n, ".") && p.glued(n) && p.is(n+1, "º", "ª") {
			return v, n + 2, true
		}
		if p.glued(n) && p.ordinalSuffix(n) {
			return v, n + 1, true
		}
		return v, n, false
	}
	if s := p.sense(i); s.kind == sOrdinal {
		return p.ordinalWords(i)
	}
	if s := p.sense(i); s.kind == sNumber && s.val >= 20 && s.val < 40 && p.kind(p.hyphen(i+1)) == sOrdinal {
		unit := p.sense(p.hyphen(i + 1))
		return int(s.val + unit.val), p.hyphen(i+1) + 1, true
	}
	v, n := p.numberWords(i)
	if n == 0 || v < 1 || v > 31 {
		return 0, 0, false
	}
	return v, n, false
}

func (p *parser) ordinalSuffix(i int) bool {
	if p.is(i, "º", "°", "ª") {
		return true
	}
	return p.toks[i].kind == wordToken && p.toks[i].entry.senses[spanish].kind == sSuffix ||
		p.is(i, "st", "nd", "rd", "th", "o", "a")
}

func (p *parser) hyphen(i int) int {
	if p.is(i, "-") && p.glued(i) {
		return i + 1
	}
	return i
}

func (p *parser) ordinalWords(i int) (int, int, bool) {
	v := int(p.sense(i).val)
	if v >= 20 && v%10 == 0 && p.kind(i+1) == sOrdinal && p.sense(i+1).val < 10 { // vigésimo segundo
		return v + int(p.sense(i+1).val), i + 2, true
	}
	if v < 1 || v > 31 {
		return 0, 0, false
	}
	return v, i + 1, true
}

// year reads a year after a date: '2027', 'de 2027', ', 2027', 'next year', 'two thousand and eighteen'.
func (p *parser) year(i int) (int, int) {
	j := i
	for p.any(j, sOf, sIn, sFrom) || p.is(j, ",", "/", "-", ".", "del", "de") {
		j++
		if j > i+2 {
			break
		}
	}
	if v := p.digits(j, 4); v >= 1900 && v <= 2100 && len(p.toks[j].norm) == 4 && !p.is(j+1, "/", "-") {
		return v, j + 1
	}
	if p.is(j, "'", "’") && len(p.norm(j+1)) == 2 && p.glued(j+1) {
		if v := p.digits(j+1, 2); v >= 0 {
			return 2000 + v, j + 2
		}
	}
	k := p.skip(j, sThe)
	switch {
	case p.kind(k) == sNext && p.unit(k+1, unitYear):
		return p.today.Year + 1, k + 2
	case p.kind(k) == sThis && p.unit(k+1, unitYear):
		return p.today.Year, k + 2
	case p.unit(k, unitYear) && p.comes(k+1) > 0:
		return p.today.Year + 1, p.comes(k + 1)
	}
	if p.kind(j) == sNumber {
		if v, n := p.numberWords(j); n > 0 && v >= 1900 && v <= 2100 {
			return v, n
		}
	}
	return 0, i
}

// comes reads 'que viene', 'que vem', 'próximo' after a noun.
func (p *parser) comes(i int) int {
	if p.is(i, "que", "q", "k") && p.is(i+1, "viene", "vienen", "vem", "entra", "biene", "sigue") {
		return i + 2
	}
	if p.kind(i) == sNext {
		return i + 1
	}
	return 0
}

// relation reads what places a week or month: 'de esta semana', 'next week', 'del
// mes que viene'. offset is 0 for this one, 1 for the next; next is 0 when there is none.
func (p *parser) relation(i int, unit int32) (offset, next int) {
	j := i
	for p.any(j, sOf, sFrom, sThe, sIn) || p.is(j, ",", "de", "del", "da", "do") {
		j++
	}
	switch {
	case p.kind(j) == sThis && p.unit(j+1, unit):
		return 0, j + 2
	case p.kind(j) == sNext && p.unit(j+1, unit):
		return 1, j + 2
	case p.unit(j, unit) && p.comes(j+1) > 0:
		return 1, p.comes(j + 1)
	case j > i && p.unit(j, unit) && p.is(j+1, "actual", "corriente", "presente"):
		return 0, j + 2
	case j > i && p.unit(j, unit) && unit == unitMonth && !p.is(j+1, "de", "of"):
		return 0, j + 1
	}
	return 0, 0
}

// vague are words that name a month or weekday only in the company of a date.
func (p *parser) vague(i int) bool {
	if len(p.toks) <= 2 || !p.is(i, "may", "march", "mar", "sat", "sun", "set", "out", "ter", "sem", "dom", "seg", "sex") {
		return false
	}
	if p.is(i, "may") && p.kind(i+1) == sThe {
		return !p.any(i-1, sIn, sOf, sFrom, sTo)
	}
	dated := p.any(i-1, sIn, sOn, sOf, sThis, sNext, sTo, sFrom, sBetween, sPart, sAnd, sNumber, sOrdinal, sThe, sSuffix) ||
		p.digits(i-1, 2) > 0 || p.digits(i+1, 4) > 0 || p.any(i+1, sNumber, sOrdinal, sTo, sThe)
	return !dated
}
