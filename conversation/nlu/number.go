package nlu

import "strings"

// amount reads a number with its separators: '80.000', '1,200.50', '4,8', 'dos mil'.
func (p *parser) amount(i int) (float64, int) {
	if p.digits(i, 15) < 0 {
		v, n := p.numberWords(i)
		return p.scaled(float64(v), n)
	}
	n := i + 1
	for p.is(n, ".", ",") && p.glued(n) && p.glued(n+1) && p.digits(n+1, 15) >= 0 && n < i+12 {
		n += 2
	}
	return p.scaled(parseAmount(p.text[p.toks[i].lo:p.toks[n-1].hi], p.lang == english), n)
}

// scaled reads 'mil', 'k', 'million' after the digits.
func (p *parser) scaled(v float64, n int) (float64, int) {
	if n == 0 || n >= len(p.toks) {
		return v, n
	}
	if p.toks[n-1].kind == numberToken {
		if s := p.sense(n); s.kind == sNumber && s.val >= 1000 {
			return v * float64(s.val), n + 1
		}
		if p.is(n, "k") && p.glued(n) {
			return v * 1000, n + 1
		}
	}
	return v, n
}

// parseAmount reads digits with separators. One followed by three digits groups,
// but in English the dot never does and in the others the comma never does.
func parseAmount(s string, english bool) float64 {
	group, point := byte('.'), byte(',')
	if english {
		group, point = ',', '.'
	}
	last := strings.LastIndexAny(s, ".,")
	if last >= 0 && s[last] == group && (len(s)-last-1 != 3 || s[0] == '0') {
		point = group // '10.50' in Spanish
	}
	if last >= 0 && s[last] == point && strings.Count(s, string(point)) > 1 {
		point = 0 // repeated: it groups
	}
	value, scale, fraction := 0.0, 1.0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == point && i == last:
			fraction = true
		case c >= '0' && c <= '9':
			value = value*10 + float64(c-'0')
			if fraction {
				scale *= 10
			}
		}
	}
	return value / scale
}

// numbers mentions what is left: numbers that are part of nothing else.
func (p *parser) numbers() {
	for i := 0; i < len(p.toks); {
		if p.toks[i].taken || p.toks[i].kind == punctToken {
			i++
			continue
		}
		v, n := p.amount(i)
		if n == 0 && p.ctx.Expect == RoomType && p.kind(i) == sOrdinal { // 'la segunda'
			v, n = float64(p.sense(i).val), i+1
		}
		if n == 0 {
			i++
			continue
		}
		if p.is(i-1, "-") && p.glued(i) && !p.glued(i-1) {
			v = -v
		}
		p.out.Numbers = append(p.out.Numbers, NumberMention{p.span(i, n), v})
		i = n
	}
}

// currency is the ISO code of a sign or word; known is false for other tokens.
func currency(w string) (code string, known bool) {
	switch w {
	case "$", "pesos", "peso", "mangos":
		return "", true
	case "usd", "dolares", "dolar", "dollars", "dollar", "bucks", "us":
		return "USD", true
	case "€", "eur", "euros", "euro":
		return "EUR", true
	case "£", "gbp", "pounds":
		return "GBP", true
	case "ars":
		return "ARS", true
	case "reais", "real", "brl":
		return "BRL", true
	case "mxn":
		return "MXN", true
	case "clp":
		return "CLP", true
	}
	return "", false
}

// money reads amounts with a sign or word of currency on either side.
func (p *parser) money() {
	for i := 0; i < len(p.toks); i++ {
		if p.toks[i].taken {
			continue
		}
		v, n := p.amount(i)
		if n == 0 {
			continue
		}
		from, code, ok := i, "", false
		for from > 0 && from > i-2 {
			c, known := currency(p.norm(from - 1))
			if !known || p.is(from-1, "us", "real", "peso", "pesos", "dollar") && !p.is(from, "$") {
				break
			}
			from, ok = from-1, true
			if c != "" {
				code = c
			}
		}
		j := n
		if p.is(j, "de") && p.toks[n-1].kind == wordToken {
			j++
		}
		for c, known := currency(p.norm(j)); known && !p.is(j, "us"); c, known = currency(p.norm(j)) {
			j, n, ok = j+1, j+1, true
			if c != "" {
				code = c
			}
		}
		if !ok {
			i = n - 1
			continue
		}
		p.out.Money = append(p.out.Money, MoneyMention{p.span(from, n), v, code})
		for k := from; k < n; k++ {
			p.toks[k].taken = true
		}
		i = n - 1
	}
}
