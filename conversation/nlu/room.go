package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
		for _, name := range p.ctx.RoomTypes[t].Names {
			n, from := p.nameOf(name)
			if n == 0 || n < best {
				continue
			}
			id := p.ctx.RoomTypes[t].ID
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
func (p *parser) nameOf(name string) (count, at int) {
	for i := range p.toks {
		if p.toks[i].kind != wordToken || p.toks[i].taken {
			continue
		}
		if n := p.sameWords(name, i); n > 0 {
			return n, i
		}
	}
	return 0, 0
}

// sameWords tells how many tokens from i spell the whole name, each one edit off at most.
func (p *parser) sameWords(name string, i int) int {
	n := 0
	for rest := name; ; n++ {
		rest = strings.TrimLeft(rest, " -,.()/")
		if rest == "" {
			return n
		}
		end := strings.IndexAny(rest, " -,.()/")
		if end < 0 {
			end = len(rest)
		}
		if i+n >= len(p.toks) || !p.sameWord(rest[:end], p.toks[i+n].norm) {
			return 0
		}
		rest = rest[end:]
	}
}

const longestWord = 32

func (p *parser) sameWord(name, norm string) bool {
	var buf [longestWord + utf8.UTFMax]byte
	n := 0
	for _, r := range name {
		if f := fold(r); f != 0 && (unicode.IsLetter(f) || unicode.IsDigit(f)) && n < longestWord {
			n += utf8.EncodeRune(buf[n:], f)
		}
	}
	if n == 0 || n-len(norm) > 2 || len(norm)-n > 2 {
		return false
	}
	if string(buf[:n]) == norm {
		return true
	}
	plural := len(norm) > n && (norm[n:] == "s" || norm[n:] == "es") && norm[:n] == string(buf[:n])
	if plural || len(norm) < minTypo || n < minTypo {
		return plural
	}
	return oneEdit(string(buf[:n]), norm)
}
