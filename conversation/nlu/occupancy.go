package nlu

import "strings"

// person is what a noun counts.
type person uint8

const (
	nobody person = iota
	anyone
	adult
	child
	infant
	two // 'pareja', 'couple'
)

var people = buildPeople()

func buildPeople() map[string]person {
	m := map[string]person{}
	for kind, list := range map[person]string{
		anyone: "personas persona pax huespedes huesped gente people person persons ppl guests guest pessoas pessoa hospedes hospede pers plazas viajeros occupants",
		adult:  "adultos adulto adulta adultas grandes mayores adults adult grownups grown ad",
		child: `ninos nino nina ninas chicos chico chica chicas nene nenes nena nenas menores menor pibes pibe peques gurises criaturas
			children child kids kid teenager teenagers criancas crianca menino menina meninos meninas`,
		infant: "bebe bebes baby babies infant infants toddler toddlers newborn infante infantes",
		two:    "pareja couple casal matrimonio",
	} {
		for w := range strings.FieldsSeq(list) {
			m[w] = kind
		}
	}
	return m
}

type headcount struct {
	guests, adults, children int
	saidAdults, saidChildren bool
	ages                     []int
}

// occupancy reads who comes.
func (p *parser) occupancy() {
	var h headcount
	for i := 0; i < len(p.toks); {
		n := p.peopleAt(i, &h)
		if n <= i {
			i++
			continue
		}
		p.countPeople(i, n)
		i = n
	}
	p.nounFirst(&h)
	p.relatives(&h)
	p.alone(&h)
	if h.guests == 0 && !h.saidAdults {
		p.party(&h)
	}
	s := &p.out.Slots
	if h.saidAdults {
		s.Adults = h.adults
	}
	if h.saidChildren {
		s.Children = h.children
	}
	s.Ages = h.ages
	switch {
	case h.saidAdults:
	case h.guests > 0 && h.saidChildren && h.guests > h.children && p.including():
		s.Adults = h.guests - h.children
	case h.guests > 0 && h.saidChildren && h.children > 0 && p.besides():
		s.Adults = h.guests // 'somos dos y un bebé'
	case h.guests > 0:
		s.Guests = h.guests
	}
}

// countPeople marks what counts people, so that it counts nothing else.
func (p *parser) countPeople(i, n int) {
	for k := i; k < n; k++ {
		p.toks[k].people = true
	}
}

// nounFirst reads a form filled in: 'huéspedes 3', 'adultos: 2, niños: 1'.
func (p *parser) nounFirst(h *headcount) {
	if h.guests > 0 || h.saidAdults || h.saidChildren {
		return
	}
	for i := range p.toks {
		j := i + 1
		if p.is(j, ":", "=") {
			j++
		}
		n := p.digits(j, 3)
		if p.who(i) == nobody || n < 0 || n > maxPeople || p.whoAhead(j+1) || p.toks[j].people || p.is(j+1, "/", "-", ".") && p.glued(j+1) || p.any(j+1, sOf) {
			continue
		}
		switch who := p.who(i); {
		case who == anyone && n > 0:
			h.guests += n
		case who == adult && n > 0:
			h.adults, h.saidAdults = h.adults+n, true
		case who == child && h.saidAdults: // 'niños 5' alone may be an age
			h.children, h.saidChildren = h.children+n, true
		default:
			continue
		}
		p.countPeople(i, j+1)
	}
}

// besides tells whether the children come on top of the people counted.
func (p *parser) besides() bool {
	for i := range p.toks {
		if who := p.who(i); who != child && who != infant {
			continue
		}
		for k := max(0, i-3); k < i; k++ {
			if p.kind(k) == sAnd && k > 0 || p.is(k, "mas", "plus", "mais", "+") {
				return true
			}
		}
	}
	return false
}

// including tells whether the children are among the people counted.
func (p *parser) including() bool {
	for i := range p.toks {
		if p.is(i, "incluyendo", "including", "incluido", "incluidos", "incluindo", "son", "sendo") {
			return true
		}
	}
	return false
}

const maxPeople = 500

// peopleAt reads '2 adultos', 'un niño de 5', 'una pareja', '3 y 2 menores', 'sin niños'.
func (p *parser) peopleAt(i int, h *headcount) int {
	if p.is(i, "sin", "no", "without", "sem", "0", "ningun", "cero", "zero") && p.who(i+1) == child {
		h.saidChildren = true
		return i + 2
	}
	if p.toks[i].taken || p.toks[i].kind == punctToken {
		return 0
	}
	n, j := p.whole(i, true)
	if j == 0 || n > maxPeople {
		return 0
	}
	count := func(adults, children int) {
		h.adults, h.children = h.adults+adults, h.children+children
		h.saidAdults = h.saidAdults || adults > 0
		h.saidChildren = h.saidChildren || children > 0
	}
	for p.is(j, "or", "more", "de", "small", "little", "young", "mas", "otros", "otras", "mayores", "menores", "other", "pequenos", "older", "personas") && (p.who(j+1) != nobody) && !p.is(j, "de") {
		j++
	}
	if age, k := p.agedChild(i, n, j); k > 0 {
		count(0, 1)
		h.ages = append(h.ages, age)
		return k
	}
	switch p.who(j) {
	case anyone:
		if p.kind(i) == sArticle && p.concepts.has(cTalk) { // 'hablar con una persona'
			return 0
		}
		if p.is(j+1, "mayores", "adultas", "grandes") {
			count(n, 0)
			return j + 2
		}
		h.guests += n
		return j + 1
	case adult:
		count(n, 0)
		return j + 1
	case two:
		if n != 1 || p.kind(j+1) == sOf || p.is(j+1, "de", "of") && p.kind(j+2) == sUnit {
			return 0
		}
		count(2, 0)
		return j + 1
	case child:
		count(0, n)
		if n == 0 {
			h.saidChildren = true
		}
		return p.ages(j+1, n, h)
	case infant:
		count(0, n)
		k := p.ages(j+1, n, h)
		if k == j+1 {
			for range n {
				h.ages = append(h.ages, 0)
			}
		}
		return k
	}
	return 0
}

func (p *parser) who(i int) person {
	if i < 0 || i >= len(p.toks) || p.toks[i].kind != wordToken || p.toks[i].taken {
		return nobody
	}
	return people[p.toks[i].norm]
}

// agedChild reads 'a 5 year old', 'a 7-year-old'.
func (p *parser) agedChild(i, n, j int) (age, next int) {
	k := j
	if p.kind(i) == sArticle {
		if v, m := p.whole(j, false); m > 0 {
			n, k = v, m
		} else {
			return 0, 0
		}
	}
	if p.is(k, "-") {
		k++
	}
	if !p.is(k, "year", "years", "yr", "yo", "month", "months") {
		return 0, 0
	}
	months := p.is(k, "month", "months")
	k++
	if p.is(k, "-") {
		k++
	}
	if !p.is(k, "old", "olds") || n > 17 && !months {
		return 0, 0
	}
	if months {
		n /= 12
	}
	if p.is(k+1, "child", "kid", "son", "daughter", "boy", "girl", "baby", "infant") {
		k++
	}
	return n, k + 1
}

// ages reads 'de 5', 'de 3 y 7 años', '(5 y 7)', 'aged 3 and 7', 'de 8 meses'.
func (p *parser) ages(i, count int, h *headcount) int {
	j := i
	for p.is(j, "de", "(", "aged", "ages", "age", "edades", "edad", ",", ":", "of", "que", "tienen", "tiene", "com", "con", "who", "are", "is", "uno", "one", "idades", "tem") && j < i+4 {
		if p.is(j, "con", "com") && !p.is(j+1, "edades", "idade", "edad") {
			return i
		}
		if p.is(j, ",") && !p.is(j+1, "de", "edades", "ages", "aged", "uno", "one", "age") && j == i {
			return i
		}
		j++
	}
	if j == i {
		return i
	}
	var ages [12]int
	n, end := 0, i
	for n < len(ages) {
		v, k := p.whole(j, false)
		if k == 0 || v > 17 && !p.is(k, "meses", "months") || p.whoAhead(k) {
			break
		}
		ages[n] = v
		if p.is(k, "meses", "months", "mes", "month") {
			ages[n], k = v/12, k+1
		}
		for p.is(k, "anos", "ano", "years", "year", "old", "anitos", "yo", ")") {
			k++
		}
		n, end, j = n+1, k, k
		if !p.is(j, "y", "and", "e", ",", "&", "/") {
			break
		}
		for p.is(j, "y", "and", "e", ",", "&", "otro", "otra", "de", "another", "one", "outro") {
			j++
		}
	}
	if n == 0 || n > count && count > 0 && n > count+1 {
		return i
	}
	if n > count {
		n = count
	}
	h.ages = append(h.ages, ages[:n]...)
	if n == 1 && count > 1 { // 'dos nenas de 5' are both five
		for range count - 1 {
			h.ages = append(h.ages, ages[0])
		}
	}
	return end
}

func (p *parser) whoAhead(i int) bool {
	return p.who(i) != nobody || p.unit(i, unitNight, unitDay) || p.has(i, cRoom)
}
