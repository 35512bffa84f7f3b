package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// introductions stand before a name; loose ones need a capital letter after them.
var introductions = [...]struct {
	words []string
	loose bool
}{
	{strings.Fields("me llamo"), false}, {strings.Fields("mi nombre es"), false}, {strings.Fields("mi nombre completo es"), false},
	{strings.Fields("a nombre de"), false}, {strings.Fields("al nombre de"), false}, {strings.Fields("en nombre de"), false},
	{strings.Fields("nombre es"), false}, {strings.Fields("nombre de"), true}, {strings.Fields("my name is"), false}, {strings.Fields("my names"), false}, {strings.Fields("my full name is"), false},
	{strings.Fields("the name is"), false}, {strings.Fields("name is"), false}, {strings.Fields("under the name of"), false}, {strings.Fields("under the name"), false},
	{strings.Fields("in the name of"), false}, {strings.Fields("under"), true}, {strings.Fields("meu nome e"), false}, {strings.Fields("me chamo"), false},
	{strings.Fields("em nome de"), false}, {strings.Fields("no nome de"), false}, {strings.Fields("soy"), true}, {strings.Fields("sou"), true},
	{strings.Fields("im"), true}, {strings.Fields("i am"), true}, {strings.Fields("this is"), true}, {strings.Fields("habla"), true},
	{strings.Fields("nombre :"), false}, {strings.Fields("name :"), false}, {strings.Fields("nome :"), false}, {strings.Fields("nombre y apellido :"), false},
}

const maxNameWords = 5

// name reads 'me llamo Ana Pérez'; when a name was asked for, the whole short text.
func (p *parser) name() {
	for i := range p.toks {
		for k := range introductions {
			in := &introductions[k]
			if p.norm(i) != in.words[0] || !p.follows(i, in.words) {
				continue
			}
			from := i + len(in.words)
			if p.is(from, ":") || p.is(from, "de") {
				from++
			}
			if p.is(from, "mi", "my", "nuestro", "nuestra", "our") && family[p.norm(from+1)] != nobody {
				from += 2 // 'a nombre de mi marido, Juan Pérez'
				if p.is(from, ":", ",") {
					from++
				}
			}
			if n := p.nameAt(from, in.loose && p.ctx.Expect != Name); n > from {
				p.takeName(from, n)
				return
			}
		}
	}
	if p.ctx.Expect == Name {
		p.wholeName()
	}
}

// nameAt reads the words of a name; capital tells whether each must begin with one.
func (p *parser) nameAt(i int, capital bool) int {
	n := i
	for n < len(p.toks) && n < i+maxNameWords {
		t := &p.toks[n]
		if t.kind != wordToken || t.taken {
			break
		}
		big := p.capital(n)
		particle := n > i && p.is(n, "de", "del", "la", "da", "dos", "van", "von", "di") && p.nameGoesOn(n+1)
		if capital && !big && !particle {
			break
		}
		if !big && !particle && (n > i && t.known || p.noName(n)) {
			break
		}
		if big && p.noName(n) && n == i && !p.capital(n+1) {
			break
		}
		n++
	}
	return n
}

// nameGoesOn tells whether a name can go on at i after 'de' or 'la'.
func (p *parser) nameGoesOn(i int) bool {
	if p.is(i, "la", "los", "las") {
		i++
	}
	return i < len(p.toks) && p.toks[i].kind == wordToken && !p.toks[i].taken && (p.capital(i) || !p.toks[i].known)
}

func (p *parser) capital(i int) bool {
	if i < 0 || i >= len(p.toks) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.toks[i].lo:])
	return unicode.IsUpper(r)
}

// noName tells whether the word says something else: a number, a date, a yes, a request.
func (p *parser) noName(i int) bool {
	t := &p.toks[i]
	if !t.known {
		return false
	}
	e := t.entry
	for _, s := range e.senses {
		if s.kind == sNumber || s.kind == sDay || s.kind == sUnit || s.kind == sTo || s.kind == sThe || s.kind == sArticle || s.kind == sFrom || s.kind == sThis || s.kind == sAnd || s.kind == sIn || s.kind == sOn || s.kind == sOf || s.kind == sWeekday {
			return true
		}
	}
	if _, exact := words.byWord[t.norm]; !exact {
		return e.concepts.meets(strongWords)
	}
	return !e.concepts.empty() || e.weight[spanish] >= 3 || e.weight[english] >= 3 || e.weight[portuguese] >= 3
}

var strongWords = of(cBook, cBooking, cRoom, cCancel, cModify, cPrice, cAvail, cRefund)

// wholeName takes a short text of words only, none of which says something else.
func (p *parser) wholeName() {
	n := 0
	from := 0
	if p.is(0, "si", "ok", "dale", "yes", "sure") && p.is(1, ",") {
		from = 2
	}
	end := len(p.toks)
	for end > from && p.toks[end-1].kind == punctToken {
		end--
	}
	for i := from; i < end; i++ {
		t := &p.toks[i]
		if t.taken && n > 0 { // 'Ana Pérez, ana@example.com'
			end = i
			break
		}
		if p.is(i, ",", ".") && n > 0 {
			end = i
			break
		}
		particle := n > 0 && p.is(i, "de", "del", "la", "da", "dos", "van", "von", "di", "los")
		if t.kind != wordToken && !p.is(i, "-") || t.taken || p.noName(i) && !particle {
			return
		}
		if n++; n > maxNameWords {
			return
		}
	}
	if n > 0 && end > from {
		p.takeName(from, end)
	}
}

func (p *parser) takeName(from, n int) {
	p.out.Slots.Name = p.text[p.toks[from].lo:p.toks[n-1].hi]
	for k := from; k < n; k++ {
		p.toks[k].taken = true
	}
}
