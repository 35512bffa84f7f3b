package nlu

import "github.com/conserje/conserje/hotel"

// parser reads one message. Its methods take the index of a token and return
// the index after what they read, 0 when they read nothing there.
type parser struct {
	text     string
	toks     []token
	lang     language
	ctx      *Context
	today    hotel.Date
	concepts set
	out      *Understanding
	marks    []dateMark // beside out.Dates
}

func (p *parser) norm(i int) string {
	if i < 0 || i >= len(p.toks) {
		return ""
	}
	return p.toks[i].norm
}

func (p *parser) is(i int, words ...string) bool {
	n := p.norm(i)
	if n == "" {
		return false
	}
	for _, w := range words {
		if n == w {
			return true
		}
	}
	return false
}

// sense of the token in the language of the message; some words keep their sense in the others.
func (p *parser) sense(i int) sense {
	if i < 0 || i >= len(p.toks) || p.toks[i].kind != wordToken || p.toks[i].taken {
		return sense{}
	}
	e := p.toks[i].entry
	own := p.lang
	if own == foreign {
		own = english
	}
	if s := e.senses[own]; s.kind != noSense {
		return s
	}
	if !e.shared {
		return sense{}
	}
	for _, s := range e.senses {
		if s.kind != noSense {
			return s
		}
	}
	return sense{}
}

func (p *parser) kind(i int) senseKind { return p.sense(i).kind }

func (p *parser) any(i int, kinds ...senseKind) bool {
	k := p.kind(i)
	if k == noSense {
		return false
	}
	for _, want := range kinds {
		if k == want {
			return true
		}
	}
	return false
}

func (p *parser) unit(i int, units ...int32) bool {
	s := p.sense(i)
	if s.kind != sUnit {
		return false
	}
	for _, u := range units {
		if s.val == u {
			return true
		}
	}
	return false
}

// has tells whether the token at i has the concept.
func (p *parser) has(i int, c concept) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].kind == wordToken && p.toks[i].entry.concepts.has(c)
}

// skip passes the senses over.
func (p *parser) skip(i int, kinds ...senseKind) int {
	for p.any(i, kinds...) {
		i++
	}
	return i
}

// digits is the value of a token of at most n digits, or -1.
func (p *parser) digits(i, n int) int {
	if i < 0 || i >= len(p.toks) || p.toks[i].kind != numberToken || p.toks[i].taken || len(p.toks[i].norm) > n {
		return -1
	}
	v := 0
	for _, c := range []byte(p.toks[i].norm) {
		v = v*10 + int(c-'0')
	}
	return v
}

func (p *parser) glued(i int) bool { return i > 0 && i < len(p.toks) && p.toks[i].glued }

// span from token i to before token n.
func (p *parser) span(i, n int) Span {
	return Span{Text: p.text[p.toks[i].lo:p.toks[n-1].hi], At: int(p.toks[i].at)}
}

// whole reads an integer at i, in digits or words; article tells whether 'un', 'a' count.
func (p *parser) whole(i int, article bool) (int, int) {
	if v := p.digits(i, 6); v >= 0 {
		return v, i + 1
	}
	if article && p.kind(i) == sArticle {
		return 1, i + 1
	}
	return p.numberWords(i)
}

// numberWords composes 'treinta y uno', 'twenty-one', 'dos mil veinte'.
func (p *parser) numberWords(i int) (int, int) {
	if p.kind(i) != sNumber {
		return 0, 0
	}
	total, cur, last, n := 0, 0, 1<<40, i
	for {
		s := p.sense(n)
		if s.kind != sNumber && !(s.kind == sArticle && n > i+1) { // 'treinta y un'
			break
		}
		v := int(s.val)
		switch {
		case v >= 1000:
			if v >= last && last >= 1000 {
				return total + cur, n
			}
			total += max(cur, 1) * v
			cur, last = 0, v
		case v == 100 && p.lang == english && cur > 0 && cur < 10:
			cur, last = cur*100, 100
		default:
			if room := magnitude(last); v >= room || last == 0 || (v == 0 && n > i) {
				return total + cur, n
			}
			cur, last = cur+v, v
		}
		n++
		if last >= 1000000 && v == 0 {
			break
		}
		n = p.joinNumber(n, last)
	}
	return total + cur, n
}

// magnitude is the bound of what may follow a number word: below ten after the tens.
func magnitude(last int) int {
	switch {
	case last >= 1000:
		return 1000
	case last >= 100:
		return 100
	case last >= 20 && last%10 == 0:
		return 10
	default:
		return 0
	}
}

// joinNumber passes the 'y' of 'treinta y uno' over, and nothing else.
func (p *parser) joinNumber(n, last int) int {
	next := p.sense(n + 1)
	article := next.kind == sArticle && last >= 30 && last < 100 && p.lang != english
	if next.kind != sNumber && !article || next.val >= 1000 {
		return n
	}
	and := p.kind(n) == sAnd || p.norm(n) == "e"
	switch {
	case p.norm(n) == "-" && p.glued(n) && last >= 20 && last < 100 && next.val < 10:
		return n + 1
	case !and:
		return n
	case p.lang == english && last >= 100, p.lang == portuguese && last >= 20 && int(next.val) < magnitude(last):
		return n + 1
	case p.lang == spanish && last >= 30 && last < 100 && next.val < 10 && next.val > 0:
		return n + 1
	}
	return n
}
