package nlu

import (
	"sync"
	"time"

	"github.com/conserje/conserje/hotel"
)

// Understand reads one message of a guest. The same text and context give the
// same answer always; it keeps nothing between calls.
func Understand(text string, c Context) Understanding {
	out := Understanding{Slots: Slots{Children: -1}}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	room := desk.Get().(*workroom)
	defer desk.Put(room)
	toks, _ := tokenize(text, room.tokens[:0], room.letters[:0])
	p := parser{text: text, toks: toks, ctx: &c, out: &out, today: hotel.DateOf(c.Ref.In(c.Zone))}
	p.lang = detect(text, toks, c.Lang)
	out.Lang = languageNames[p.lang]
	if len(toks) == 0 {
		out.Intent = OutOfScope
		out.Intents = []ScoredIntent{{OutOfScope, 0}}
		return out
	}
	p.contacts()
	p.name()
	p.clock()
	p.money()
	p.gather()
	p.dates()
	p.occupancy()
	p.rooms()
	p.expected()
	p.numbers()
	p.stay()
	p.intents()
	return out
}

// workroom is what reading one message needs and nobody keeps.
type workroom struct {
	tokens  [40]token
	letters [256]byte
}

// desk holds workrooms between messages: most messages fit one, and cost no memory.
var desk = sync.Pool{New: func() any { return new(workroom) }}

// gather collects the concepts of the words and phrases.
func (p *parser) gather() {
	for i := range p.toks {
		t := &p.toks[i]
		if t.kind != wordToken {
			if t.norm == "?" || t.norm == "¿" {
				p.concepts = p.concepts.with(cQuestion)
			}
			continue
		}
		if t.taken {
			continue // 'perro' in a mail address asks for nothing
		}
		p.concepts = p.concepts.union(t.entry.concepts)
		if t.entry.phrase {
			for _, ph := range words.phrases[t.norm] {
				if p.follows(i+1, ph.rest) {
					p.concepts = p.concepts.union(ph.concepts)
				}
			}
		}
	}
}

// follows tells whether the words come next, hyphens apart.
func (p *parser) follows(i int, rest []string) bool {
	for _, w := range rest {
		if p.is(i, "-") && p.glued(i) {
			i++
		}
		if p.norm(i) != w {
			return false
		}
		i++
	}
	return true
}

// phraseAt tells whether a phrase with the concept begins at i.
func (p *parser) phraseAt(i int, c concept) bool {
	if p.has(i, c) {
		return true
	}
	if i < 0 || i >= len(p.toks) || !p.toks[i].entry.phrase {
		return false
	}
	for _, ph := range words.phrases[p.toks[i].norm] {
		if ph.concepts.has(c) && p.follows(i+1, ph.rest) {
			return true
		}
	}
	return false
}
