package nlu

import (
	"slices"
	"strings"
	"unicode"
)

// rooms reads how many rooms, which beds, which type of this hotel.
func (p *parser) rooms() {
	for i := range p.toks {
		if p.toks[i].taken && p.out.Slots.Name != "" {
			continue
		}
		p.roomCount(i)
		p.roomWord(i)
	}
	p.beds()
	p.roomType()
}

func (p *parser) roomCount(i int) {
	if p.out.Slots.Rooms > 0 || p.toks[i].taken {
		return
	}
	n, j := p.whole(i, true)
	if j == 0 || n < 1 || n > 100 {
		return
	}
	k := j
	for k < j+3 && p.describes(k) {
		k++
	}
	if p.roomNoun(k) || k > j && p.has(k-1, cRoomKind) && (k >= len(p.toks) || p.who(k) == nobody) && (p.kind(i) != sArticle || p.is(k-1, "suite", "doble", "matrimonial", "triple", "single", "double", "twin")) && !p.bedNoun(k) {
		p.out.Slots.Rooms = n
	}
}

// describes tells whether the word may stand between a number and the rooms it counts.
func (p *parser) describes(i int) bool {
	if i >= len(p.toks) || p.toks[i].kind != wordToken || p.toks[i].taken || p.roomNoun(i) || p.who(i) != nobody || p.bedNoun(i) {
		return false
	}
	return p.has(i, cRoomKind) || p.kind(i) == noSense && !p.has(i, cBooking) && !p.has(i, cHotel) && !p.is(i, "in", "for", "with", "con", "para", "por", "is", "y", "que", "from", "quiero", "necesito")
}

func (p *parser) roomNoun(i int) bool {
	return p.has(i, cRoom) && !p.is(i, "alojamiento", "hospedaje", "lodging", "hospedagem", "accommodation") && !p.roomService(i)
}

func (p *parser) roomService(i int) bool {
	return p.is(i, "room") && p.is(i+1, "service", "key", "number")
}

func (p *parser) bedNoun(i int) bool { return p.is(i, "cama", "camas", "bed", "beds", "camas") }

// roomWord keeps the first word for a kind of room, as it was written.
func (p *parser) roomWord(i int) {
	if p.out.Slots.RoomText != "" || !p.has(i, cRoomKind) || p.toks[i].taken {
		return
	}
	if p.is(i, "simple", "individual", "single", "familiar", "familia", "double", "queen", "king") && len(p.toks) > 3 &&
		!p.has(i-1, cRoom) && !p.has(i+1, cRoom) && !p.bedNoun(i+1) && !p.bedNoun(i-1) && !p.any(i-1, sArticle, sNumber) && p.digits(i-1, 2) < 0 {
		return
	}
	p.out.Slots.RoomText = p.text[p.toks[i].lo:p.toks[i].hi]
}

// beds reads the beds: "double", "twin" or "single".
func (p *parser) beds() {
	s := &p.out.Slots
	for i := range p.toks {
		switch {
		case p.is(i, "matrimonial", "matrimoniales", "queen", "king") || p.is(i, "casal") && (p.has(i-1, cRoom) || p.is(i-1, "de")):
			s.Beds = "double"
		case p.is(i, "doble", "double", "grande") && (p.bedNoun(i-1) || p.bedNoun(i+1)):
			s.Beds = "double"
		case p.is(i, "twin", "twins"), p.is(i, "separadas", "individuales", "simples", "separate", "single") && (p.is(i-1, "camas") || p.is(i+1, "beds")),
			p.is(i, "solteiro") && p.is(i-1, "de") && p.is(i-2, "camas"):
			s.Beds = "twin"
		case p.is(i, "camas", "beds") && (p.is(i-1, "dos", "2", "two", "duas")):
			if s.Beds == "" {
				s.Beds = "twin"
			}
		case p.is(i, "single", "individual", "simple") && (p.bedNoun(i-1) || p.bedNoun(i+1)):
			s.Beds = "single"
		default:
			continue
		}
	}
}

// roomType finds the type of this hotel whose name, of the most words, stands in the text.
func (p *parser) roomType() {
	best, ambiguous := 0, false
	for t := range p.ctx.RoomTypes {
		room := &p.ctx.RoomTypes[t]
		for k := range room.Names {
			n, from := p.nameOf(room.folded(k))
			if n == 0 || n < best {
				continue
			}
			id := room.ID
			if n == best && p.out.Slots.RoomType != id {
				ambiguous = true
				continue
			}
			if n > best {
				ambiguous = false
			}
			best = n
			p.out.Slots.RoomType = id
			p.out.Slots.RoomText = p.text[p.toks[from].lo:p.toks[from+n-1].hi]
		}
	}
	if ambiguous {
		p.out.Slots.RoomType = ""
	}
}

// nameOf finds a room's name in the text and tells its words and where it begins.
func (p *parser) nameOf(name []string) (count, at int) {
	if len(name) == 0 {
		return 0, 0
	}
	for i := range p.toks {
		if p.toks[i].kind != wordToken || p.toks[i].taken || !sameWord(name[0], p.toks[i].norm) {
			continue
		}
		n := 1
		for n < len(name) && i+n < len(p.toks) && sameWord(name[n], p.toks[i+n].norm) {
			n++
		}
		if n == len(name) {
			return n, i
		}
	}
	return 0, 0
}

// folded are the words of the name at k.
func (r *RoomName) folded(k int) []string {
	if k < len(r.words) {
		return r.words[k]
	}
	return foldedWords(r.Names[k])
}

// foldedWords are the words of a name as tokens have them.
func foldedWords(name string) []string {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" -,.()/", r) })
	for i, w := range words {
		words[i] = strings.Map(func(r rune) rune {
			if f := fold(r); f != 0 && (unicode.IsLetter(f) || unicode.IsDigit(f)) {
				return f
			}
			return -1
		}, w)
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// sameWord tells whether a guest's word is that of a name: as it is, in the plural, or one edit off.
func sameWord(name, norm string) bool {
	if name == norm {
		return true
	}
	if len(name)-len(norm) > 1 || len(norm)-len(name) > 2 {
		return false
	}
	if rest, ok := strings.CutPrefix(norm, name); ok && (rest == "s" || rest == "es") {
		return true
	}
	return len(norm) >= minTypo && len(name) >= minTypo && oneEdit(name, norm)
}
