package nlu

// clock reads times of day, so that no number of theirs is a date or a count,
// and takes the time of arrival where arriving was spoken of or asked for.
func (p *parser) clock() {
	for i := 0; i < len(p.toks); i++ {
		if p.toks[i].taken {
			continue
		}
		h, m, n := p.timeAt(i)
		if n == 0 {
			continue
		}
		for k := i; k < n; k++ {
			p.toks[k].taken = true
		}
		if p.out.Slots.ArrivalTime == "" && (p.ctx.Expect == ArrivalTime || p.arrivalSaid()) {
			p.out.Slots.ArrivalTime = hourText(h, m)
		}
		i = n - 1
	}
}

func (p *parser) arrivalSaid() bool {
	for i := range p.toks {
		if p.has(i, cArrive) || p.phraseAt(i, cCheckIn) && p.lang == english || p.phraseAt(i, cArrive) {
			return true
		}
	}
	return false
}

func hourText(h, m int) string {
	return string([]byte{byte('0' + h/10), byte('0' + h%10), ':', byte('0' + m/10), byte('0' + m%10)})
}

func (p *parser) hourMark(i int) bool {
	return p.is(i, "hs", "hrs", "h", "hora", "horas", "pm", "am", "oclock", "hours", "hour") || p.is(i, "p", "a") && p.is(i+1, ".") && p.is(i+2, "m")
}

// timeAt reads '15:30', '3 pm', 'a las 15', 'at 3', '15hs', 'a las 3 y media de la tarde'.
func (p *parser) timeAt(i int) (hour, minute, next int) {
	if p.toks[i].kind != numberToken && p.kind(i) != sNumber {
		if p.is(i, "mediodia", "noon", "midday") {
			return 12, 0, i + 1
		}
		return 0, 0, 0
	}
	if p.glued(i) && p.is(i-1, ",", ".", "/", "-") && p.toks[i].kind == numberToken {
		return 0, 0, 0
	}
	said := p.is(i-1, "las", "la", "at", "as", "around", "tipo", "by") && (p.is(i-2, "a", "tipo", "eso", "de", "sobre", "hasta", "desde") || p.is(i-1, "at", "as", "tipo") || p.ctx.Expect == ArrivalTime)
	h, n := p.whole(i, false)
	if n == 0 || h > 24 || p.toks[i].kind == numberToken && len(p.norm(i)) > 2 {
		return 0, 0, 0
	}
	if p.is(n, "/", "-") && p.glued(n) {
		return 0, 0, 0
	}
	m := 0
	if p.is(n, ":", ".") && p.glued(n) && p.glued(n+1) && len(p.norm(n+1)) == 2 && p.digits(n+1, 2) >= 0 && p.digits(n+1, 2) < 60 &&
		(p.is(n, ":") || p.hourMark(n+2) || said) {
		m, n, said = p.digits(n+1, 2), n+2, true
	}
	if p.is(n, "y") && p.is(n+1, "media") && said {
		m, n = 30, n+2
	} else if p.is(n, "y") && p.is(n+1, "cuarto") && said {
		m, n = 15, n+2
	}
	if p.is(n, "de", "da", "a", "por", "in") && (p.is(n+1, "la", "the", "tarde", "manha", "noite")) && said {
		k := n + 1
		if p.is(k, "la", "the") {
			k++
		}
		switch {
		case p.is(k, "tarde", "afternoon", "evening"), p.is(k, "noche", "noite") && h >= 6:
			if h < 12 {
				h += 12
			}
			n = k + 1
		case p.is(k, "manana", "morning", "manha"):
			n = k + 1
		}
	}
	if p.hourMark(n) && !p.is(n, "hora", "hour") {
		afternoon := p.norm(n)[0] == 'p'
		morning := p.norm(n)[0] == 'a'
		if afternoon && h < 12 {
			h += 12
		}
		if morning && h == 12 {
			h = 0
		}
		if p.is(n, "p", "a") {
			n += 2
			if p.is(n+1, ".") {
				n++
			}
		}
		n, said = n+1, true
	}
	if !said && p.ctx.Expect == ArrivalTime && n >= len(p.toks) {
		said = true
	}
	if !said || h > 23 && m > 0 || p.kind(n) == sMonth || p.is(n, "de") && p.kind(n+1) == sMonth || p.counts(n) && !p.hourMark(n) {
		return 0, 0, 0
	}
	return h % 24, m, n
}
