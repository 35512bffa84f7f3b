package nlu

import "strings"

// contacts reads e-mails, booking codes and phones, and takes their tokens.
func (p *parser) contacts() {
	p.emails()
	p.reference()
	p.phones()
}

func isMailByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' || c == '+'
}

func isLocalByte(c byte) bool {
	return isMailByte(c) || c >= 0x80 || strings.IndexByte("!#$%&'*/=?^`{|}~", c) >= 0
}

func (p *parser) emails() {
	for i := 0; i < len(p.text); i++ {
		if p.text[i] != '@' {
			continue
		}
		lo, hi := i, i+1
		for lo > 0 && isLocalByte(p.text[lo-1]) {
			lo--
		}
		for hi < len(p.text) && (isMailByte(p.text[hi]) && p.text[hi] != '+' && p.text[hi] != '_' || p.text[hi] == '[' || p.text[hi] == ']') {
			hi++
		}
		for lo < i && strings.IndexByte(".'=*?!/`", p.text[lo]) >= 0 {
			lo++
		}
		for hi > i && strings.IndexByte(".-", p.text[hi-1]) >= 0 {
			hi--
		}
		domain := p.text[i+1 : max(hi, i+1)]
		if lo == i || len(domain) < 3 || strings.IndexByte(domain, '.') < 1 && !strings.HasPrefix(domain, "[") || strings.Contains(p.text[lo:hi], "..") {
			continue
		}
		if last := domain[strings.LastIndexByte(domain, '.')+1:]; len(last) < 2 && domain[0] != '[' {
			continue
		}
		p.out.Emails = append(p.out.Emails, p.text[lo:hi])
		p.takeBytes(lo, hi)
		i = hi
	}
	if len(p.out.Emails) > 0 {
		p.out.Slots.Email = p.out.Emails[0]
	}
}

func (p *parser) takeBytes(lo, hi int) {
	for i := range p.toks {
		if int(p.toks[i].lo) >= lo && int(p.toks[i].hi) <= hi {
			p.toks[i].taken = true
		}
	}
}

const codeLength = 9

// reference reads a booking code: nine letters that are no word, or were announced as a code.
func (p *parser) reference() {
	announced := p.ctx.Expect == Reference
	for i := range p.toks {
		t := &p.toks[i]
		if p.is(i, "codigo", "code", "reserva", "booking", "reservation", "reference", "referencia", "confirmacion", "confirmation", "localizador") {
			announced = true
			continue
		}
		if t.taken || t.kind != wordToken || len(t.norm) != codeLength || int(t.hi-t.lo) != codeLength || !letters(t.norm) {
			continue
		}
		raw := p.text[t.lo:t.hi]
		upper := strings.ToUpper(raw)
		switch {
		case t.known && (!p.exactCode(t) || raw != upper):
		case raw == upper, announced && !t.known && (p.ctx.Expect == Reference || unspeakable(t.norm)), unspeakable(t.norm):
			p.out.Slots.Reference = upper
			t.taken = true
			return
		}
	}
}

// exactCode tells whether the lexicon only knows a near word, not this one.
func (p *parser) exactCode(t *token) bool {
	_, ok := words.byWord[t.norm]
	if ok {
		return false
	}
	for n := len(t.norm); n >= minStem; n-- {
		if _, ok := words.stems[t.norm[:n]]; ok {
			return false
		}
	}
	return true
}

func letters(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

// unspeakable tells whether no language of ours would write the word: five consonants in a row.
func unspeakable(w string) bool {
	run, vowels := 0, 0
	for i := range len(w) {
		if strings.IndexByte("aeiou", w[i]) >= 0 {
			run = 0
			vowels++
			continue
		}
		if run++; run >= 5 {
			return true
		}
	}
	return vowels <= 1
}

const (
	minPhoneDigits = 7
	maxPhoneDigits = 15 // E.164; sixteen are a payment card
)

// phones reads numbers as guests write them, whole.
func (p *parser) phones() {
	expected := p.ctx.Expect == Phone
	for i := 0; i < len(p.toks); {
		n, digits := p.phoneAt(i)
		if n == 0 {
			i++
			continue
		}
		if p.is(i, "(") && !p.closes(i, n) {
			i++ // the bracket is not the number's
		}
		if p.glued(n) && p.toks[n].kind == wordToken {
			end := p.extension(n)
			if end == n {
				i = n
				continue
			}
			n = end
		} else if digits >= minPhoneDigits {
			n = p.extension(n)
		}
		plus := p.is(i, "+")
		if digits > maxPhoneDigits || digits < minPhoneDigits && !(expected && digits >= 6) || !plus && !expected && p.notPhone(i, n, digits) {
			i = n
			continue
		}
		p.out.Phones = append(p.out.Phones, p.text[p.toks[i].lo:p.toks[n-1].hi])
		for k := i; k < n; k++ {
			p.toks[k].taken = true
		}
		i = n
	}
	if len(p.out.Phones) > 0 {
		p.out.Slots.Phone = p.out.Phones[0]
	}
}

// closes tells whether a bracket closes between two tokens.
func (p *parser) closes(i, n int) bool {
	for k := i; k < n; k++ {
		if p.is(k, ")") {
			return true
		}
	}
	return false
}

// extension reads 'x470', 'ext 123' after a number.
func (p *parser) extension(n int) int {
	if !p.is(n, "x", "ext", "int", "interno", "ramal") {
		return n
	}
	k := n + 1
	if p.is(k, ".") {
		k++
	}
	if p.digits(k, 6) < 0 {
		return n
	}
	return k + 1
}

// phoneAt reads digits with what stands between the groups of a phone number.
func (p *parser) phoneAt(i int) (next, digits int) {
	n, open := i, false
	if i > 0 && p.glued(i) && p.toks[i-1].kind != punctToken {
		return 0, 0
	}
	if p.is(n, "+") && p.digits(n+1, 15) >= 0 {
		n++
	}
	if p.is(n, "(") && n == i && p.is(n+1, "+") {
		n, open = n+2, true
	} else if p.is(n, "(") {
		n, open = n+1, true
	}
	last := 0
	for n < len(p.toks) {
		t := &p.toks[n]
		switch {
		case t.taken:
			return last, digits
		case t.kind == numberToken:
			digits += len(t.norm)
			last, n = n+1, n+1
			if open && p.is(n, ")") {
				last, n, open = n+1, n+1, false
			}
		case last > 0 && p.is(n, "-", ".", "/", "–") && n+1 < len(p.toks) && (p.toks[n+1].kind == numberToken || p.is(n+1, "(")):
			n++
		case last > 0 && p.is(n, "(") && n+2 < len(p.toks) && p.toks[n+1].kind == numberToken && p.is(n+2, ")") && len(p.norm(n+1)) <= 5:
			n, open = n+1, true
		default:
			return last, digits
		}
	}
	return last, digits
}

// notPhone tells whether digits without a plus are a date, an amount or a count.
func (p *parser) notPhone(i, n, digits int) bool {
	if p.is(i-1, "$", "€", "usd", "ars", "£", "/", ":", "#") || p.is(n, "$", "€", "pesos", "dolares", "usd", "%", ":") {
		return true
	}
	groups, slash, dots := 0, false, 0
	for k := i; k < n; k++ {
		switch {
		case p.toks[k].kind == numberToken:
			groups++
		case p.is(k, "/"):
			slash = true
		case p.is(k, "."):
			dots++
		}
	}
	if slash && groups <= 4 && digits < 10 || slash && groups != 2 || groups == 3 && digits <= 8 && (len(p.norm(i)) == 4 || len(p.norm(n-1)) == 4 || len(p.norm(n-1)) <= 2) && n-i == 5 {
		return true
	}
	if groups == 1 && digits < 8 && !p.phoneSaid() {
		return true
	}
	return dots > 0 && digits < 9 && groups <= 3 && p.thousands(i, n)
}

func (p *parser) thousands(i, n int) bool {
	for k := i + 1; k < n; k++ {
		if p.toks[k].kind == numberToken && len(p.norm(k)) != 3 || p.toks[k].kind == punctToken && p.norm(k) != "." {
			return false
		}
	}
	return true
}

func (p *parser) phoneSaid() bool {
	for i := range p.toks {
		if p.has(i, cPhone) || p.is(i, "celular", "cel", "tel", "movil", "mobile", "cell") {
			return true
		}
	}
	return false
}
