package nlu

import "strings"

// family counts who comes along: 'mi esposa', 'my two sons'.
var family = buildFamily()

func buildFamily() map[string]person {
	m := map[string]person{}
	for kind, list := range map[person]string{
		adult: `esposa esposo mujer marido novia novio pareja senora mama papa madre padre hermana hermano abuela abuelo amiga amigo
			suegra suegro prima primo tia tio companera companero
			wife husband girlfriend boyfriend partner spouse mother father mom mum dad sister brother friend fiancee fiance grandmother grandma grandfather
			esposa marido namorada namorado mae pai irma irmao amiga amigo`,
		two:    "padres viejos parents pais abuelos suegros grandparents",
		child:  "hijo hija hijito hijita hijos hijas nene nena nenas nenes son daughter sons daughters kid child kids children teenager teenagers girls boys filho filha filhos filhas",
		infant: "bebe baby bebita bebito",
	} {
		for w := range strings.FieldsSeq(list) {
			if _, ok := m[w]; !ok || kind != adult {
				m[w] = kind
			}
		}
	}
	m["pareja"] = adult
	return m
}

// relatives counts 'mi esposa y yo', 'my wife, me and our baby'.
func (p *parser) relatives(h *headcount) {
	adults, children, speaker, spoken := 0, 0, true, false
	own, found := h.saidChildren, false
	for i := range p.toks {
		if p.is(i, "yo", "me", "eu", "i", "myself") && p.lang != spanish || p.is(i, "yo", "myself") {
			spoken = spoken || i == len(p.toks)-1 || p.any(i+1, sAnd) || p.is(i+1, ",", ".") || p.any(i-1, sAnd) || p.is(i-1, ",")
		}
		// 'mi marido, yo y la nena': once the family is spoken of, the article is enough
		ours := found && p.is(i, "la", "el", "las", "los") && (family[p.norm(i+1)] == child || family[p.norm(i+1)] == infant)
		if !ours && !p.is(i, "mi", "my", "our", "minha", "meu", "nuestro", "nuestra", "mis", "nuestros", "nuestras", "meus", "nossos", "nosso", "nossa", "the") {
			continue
		}
		n, j := p.whole(i+1, false)
		if j == 0 {
			n, j = 1, i+1
		}
		if p.is(j, "little", "younger", "older", "small", "peque") {
			j++
			if p.is(j, "one", "ones") {
				children++
				continue
			}
		}
		who, ok := family[p.norm(j)]
		if !ok || p.is(i, "the") || j < len(p.toks) && p.toks[j].taken {
			continue
		}
		plural := strings.HasSuffix(p.norm(j), "s") || p.is(j, "children")
		found = true
		if p.is(j+1, "y", "and", "e") && family[p.norm(j+2)] != nobody { // 'my son and daughter'
			if family[p.norm(j+2)] == adult {
				adults++
			} else if !own {
				children++
			}
		}
		switch {
		case who == adult:
			adults += n
		case who == two:
			adults += 2
		case own || plural && n == 1: // counted elsewhere, or how many was not said
		case who == child:
			children += n
			p.ages(j+1, n, h)
		case who == infant:
			children += n
			h.ages = append(h.ages, 0)
		}
		if p.is(i-1, "para", "for", "pra") && !spoken {
			speaker = false
		}
	}
	if !found || adults+children == 0 && !spoken {
		return
	}
	if speaker || spoken {
		adults++
	}
	if !h.saidAdults && adults > 0 && h.guests == 0 {
		h.adults, h.saidAdults = adults, true
	}
	if !own && children > 0 {
		h.children, h.saidChildren = h.children+children, true
	}
}

// alone reads 'solo yo', 'just me', 'viajo sola'.
func (p *parser) alone(h *headcount) {
	if h.guests > 0 || h.saidAdults {
		return
	}
	for i := range p.toks {
		switch {
		case p.is(i, "solo", "sola", "just", "only", "so") && p.is(i+1, "yo", "me", "myself", "eu"),
			p.is(i, "yo", "eu") && p.is(i+1, "solo", "sola", "sozinho", "sozinha", "nomas"),
			p.is(i, "viajo", "voy", "vou", "estoy", "viajaria", "vengo") && p.is(i+1, "solo", "sola", "sozinho", "sozinha"),
			p.is(i, "by") && p.is(i+1, "myself"), p.is(i, "alone", "sozinho", "sozinha"),
			p.is(i, "para", "for", "pra") && p.is(i+1, "mi", "myself", "me", "mim") && (i+2 >= len(p.toks) || p.is(i+2, "solo", "sola", "alone", ".", "only", "nomas")):
			h.adults, h.saidAdults = 1, true
			return
		}
	}
}

// afterParty are words that may stand after a number of people; any other may be
// what the number counts. A date may, too: 'for 2 tomorrow'.
var afterParty = []string{"el", "en", "please", "que", "of", "from", "this", "next", "pero", "mas", "del", "traveling", "travelling", "going", "in", "total", "desde", "nada",
	"for", "por", "on", "with", "con", "sin", "without", "pls", "plz", "porfa", "porfavor", "gracias", "thanks",
	"cuanto", "sale", "cuesta", "how"}

// party reads a number of people without their noun: 'somos cuatro', 'para dos', 'for two', 'party of 4'.
func (p *parser) party(h *headcount) {
	for i := range p.toks {
		j := 0
		switch {
		case p.is(i, "somos", "seremos", "seriamos", "vamos", "iriamos", "viajamos", "venimos"):
			j = i + 1
			if p.is(j, "a", "los", "las") {
				j++
			}
			if p.is(j, "ser") {
				j++
			}
		case p.is(i, "para", "pra", "for", "p", "x"):
			j = i + 1
		case p.is(i, "party", "family", "familia", "group", "grupo", "total") && p.is(i+1, "of", "de"):
			j = i + 2
		case p.is(i, "we", "there", "its", "its") && p.is(i+1, "are", "will", "for", "would"):
			j = i + 2
			if p.is(j, "be") {
				j++
			}
		case p.is(i, "were", "ser"):
			j = i + 1
		}
		if j == 0 || j >= len(p.toks) {
			if n, m := p.whole(i, false); m > 0 && n > 0 && n < maxPeople && p.is(m, "of") && p.is(m+1, "us") {
				h.guests = n
				p.countPeople(i, m)
				return
			}
			continue
		}
		n, m := p.whole(j, false)
		if m == 0 || n < 1 || n > maxPeople || p.toks[j].taken || p.counts(m) || p.is(m, "/", "-", ".", ":") && p.glued(m) && p.digits(m+1, 4) >= 0 || p.any(m, sMonth, sWeekday) || p.is(m, "de", "of") && p.kind(m+1) == sMonth {
			continue
		}
		if m < len(p.toks) && p.toks[m].kind == wordToken && !p.ends(m) && !p.toks[m].taken && !p.any(m, sDay, sThis, sThe, sOf) && !p.is(m, afterParty...) {
			continue
		}
		if p.is(m, "o", "or", "ou") && p.digits(m+1, 2) >= 0 && p.counts(m+2) {
			continue // 'para 2 o 3 noches'
		}
		h.guests = n
		p.countPeople(i, m)
		return
	}
}
