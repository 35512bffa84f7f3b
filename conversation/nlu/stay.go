package nlu

// stay fills check-in, check-out and nights from the mentions.
func (p *parser) stay() {
	p.nights()
	s := &p.out.Slots
	for i := range p.out.Dates {
		d, mark := &p.out.Dates[i], p.marks[i]
		if d.Start.Before(p.today) && d.End.Before(p.today) {
			continue
		}
		switch {
		case d.Range:
			s.CheckIn, s.CheckOut = d.Start, d.End // a correction comes last: 'mejor del 3 al 6'
		case d.Grain == "weekend":
			p.weekendStay(d)
		case d.Grain == "month" || d.Grain == "week" || d.Grain == "year" || d.End.DaysSince(d.Start) > 1:
			// a period to look in, not a stay
		case p.leaving(mark, i):
			s.CheckOut = d.Start
		case p.arriving(mark), s.CheckIn.IsZero():
			s.CheckIn = d.Start
		case p.instead(mark):
			s.CheckIn = d.Start
		case i > 0 && p.listed(p.marks[i-1].to, mark.from):
			// 'viernes y sábado' are nights or days: the first is the arrival, the rest is asked
		case s.CheckOut.IsZero() && d.Start.After(s.CheckIn):
			s.CheckOut = d.Start
		default:
			s.CheckIn = d.Start
		}
	}
	p.balance()
}

// weekendStay is Friday to Sunday: what guests book when they say weekend.
func (p *parser) weekendStay(d *DateMention) {
	s := &p.out.Slots
	friday := d.Start.AddDays(-1)
	if friday.Before(p.today) {
		friday = d.Start
	}
	s.CheckIn = friday
	if s.Nights == 0 {
		s.CheckOut = d.Start.AddDays(1)
	}
}

func (p *parser) balance() {
	s := &p.out.Slots
	switch {
	case !s.CheckIn.IsZero() && !s.CheckOut.IsZero():
		if !s.CheckIn.Before(s.CheckOut) {
			return
		}
		s.Nights = s.CheckOut.DaysSince(s.CheckIn)
	case !s.CheckIn.IsZero() && s.Nights > 0:
		s.CheckOut = s.CheckIn.AddDays(s.Nights)
	case !s.CheckOut.IsZero() && s.Nights > 0 && p.ctx.Expect != CheckOut:
		if in := s.CheckOut.AddDays(-s.Nights); !in.Before(p.today) {
			s.CheckIn = in
		}
	}
}

// leaving tells whether the mention is of a departure.
func (p *parser) leaving(m dateMark, i int) bool {
	if m.until {
		return true
	}
	for k := m.from - 1; k >= 0 && k >= m.from-6; k-- {
		if p.toks[k].taken && p.kind(k) == noSense && p.toks[k].kind == numberToken {
			break
		}
		if p.phraseAt(k, cArrive) || p.has(k, cCheckIn) || p.phraseAt(k, cCheckIn) {
			return false
		}
		if p.phraseAt(k, cLeave) || p.phraseAt(k, cCheckOut) {
			return true
		}
	}
	return p.ctx.Expect == CheckOut && len(p.out.Dates) == 1
}

func (p *parser) arriving(m dateMark) bool {
	for k := m.from - 1; k >= 0 && k >= m.from-5; k-- {
		if p.phraseAt(k, cArrive) || p.phraseAt(k, cCheckIn) {
			return true
		}
	}
	return false
}

// instead tells whether the mention corrects the one before it.
func (p *parser) instead(m dateMark) bool {
	for k := m.from - 1; k >= 0 && k >= m.from-4; k-- {
		if p.is(k, "mejor", "perdon", "digo", "sino", "actually", "instead", "sorry", "rather", "melhor", "desculpe") {
			return true
		}
	}
	return false
}

const maxNights = 999

// nights reads 'por dos noches', '3 nights', 'una semana', 'for a week'.
func (p *parser) nights() {
	s := &p.out.Slots
	for i := range p.toks {
		if p.toks[i].taken {
			continue
		}
		n, j := p.whole(i, true)
		if j == 0 || n < 1 || n > maxNights {
			continue
		}
		if p.is(j, "-") {
			j++
		}
		if p.is(j, "more", "extra", "mas", "other", "full") {
			j++
		}
		switch {
		case p.unit(j, unitNight):
			s.Nights = n
		case p.unit(j, unitDay) && (p.is(i-1, "por", "for", "x", "unos", "durante") || p.stays()):
			s.Nights = n
		case p.unit(j, unitWeek) && (p.is(i-1, "por", "for", "x", "durante", "stay", "alojarme") || p.stays()):
			s.Nights = 7 * n
		}
	}
	for i := range p.toks {
		if s.Nights == 0 && p.is(i, "couple") && p.is(i+1, "of") && p.unit(i+2, unitNight, unitDay) {
			s.Nights = 2
		}
		if s.Nights == 0 && p.is(i, "overnight") {
			s.Nights = 1
		}
	}
}

func (p *parser) stays() bool {
	return p.ctx.Expect == Nights || p.ctx.Expect == CheckOut || p.concepts.has(cStay) || p.concepts.has(cRoom) || p.concepts.has(cBook) || len(p.out.Dates) > 0
}

// expected reads a bare answer by the question that was asked.
func (p *parser) expected() {
	s := &p.out.Slots
	n, at, count := p.onlyNumber()
	switch p.ctx.Expect {
	case Guests, Adults:
		if count == 1 && s.Guests == 0 && s.Adults == 0 && n > 0 && s.Children < 1 && !p.unit(at+1, unitNight, unitDay, unitWeek) {
			if p.ctx.Expect == Adults {
				s.Adults = n
			} else {
				s.Guests = n
			}
		}
	case Children:
		if count == 1 && s.Children < 0 {
			s.Children = n
		}
		if count == 0 && s.Children < 0 && p.has(0, cNo) {
			s.Children = 0
		}
	case Ages:
		p.onlyAges()
	case Nights:
		if count == 1 && n > 0 && n <= maxNights && !p.unit(at+1, unitWeek) {
			s.Nights = n
		}
	case Rooms:
		if count == 1 && s.Rooms == 0 && n > 0 {
			s.Rooms = n
		}
	}
}

// onlyNumber is the one number of a short answer.
func (p *parser) onlyNumber() (value, at, count int) {
	for i := 0; i < len(p.toks); i++ {
		if p.toks[i].taken || p.toks[i].people {
			continue
		}
		n, j := p.whole(i, false)
		if j == 0 && p.kind(i) == sArticle && len(p.toks) <= 2 {
			n, j = 1, i+1
		}
		if j == 0 {
			continue
		}
		value, at, count = n, i, count+1
		i = j - 1
	}
	return value, at, count
}

func (p *parser) onlyAges() {
	s := &p.out.Slots
	if len(s.Ages) > 0 {
		return
	}
	for i := 0; i < len(p.toks); i++ {
		n, j := p.whole(i, false)
		if j == 0 || n > 17 && !p.is(j, "meses", "months") {
			continue
		}
		if p.is(j, "meses", "months") {
			n /= 12
		}
		s.Ages = append(s.Ages, n)
		i = j - 1
	}
}
