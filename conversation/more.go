package conversation

import (
	"regexp"

	"github.com/conserje/conserje/conversation/nlu"
)

// takeMore takes a change that counts from what is known: 'una noche más',
// 'otra persona', 'un nene más'. It returns false when there is none.
func (s *Slots) takeMore(text string, u nlu.Understanding) bool {
	folded := fold(text)
	if !moreOrLess.MatchString(folded) {
		return false
	}
	switch {
	case s.Adults > 0 && moreGuests.MatchString(folded):
		s.Adults++
		s.from(nlu.Guests, FromWords)
		s.recount()
		return true
	case s.Adults > 0 && moreChildren.MatchString(folded):
		s.Children++
		s.Ages = nil // asked anew
		delete(s.From, nlu.Ages)
		s.recount()
		return true
	}
	nights := nightsMore(folded)
	if nights == 0 || len(u.Dates) > 0 || s.CheckIn.IsZero() || s.CheckOut.IsZero() || s.Stay().Nights()+nights < 1 {
		return false
	}
	s.CheckOut = s.CheckOut.AddDays(nights)
	s.from(nlu.CheckOut, FromWords)
	return true
}

// recount lets the number of rooms follow the party, where the guest did not say it.
func (s *Slots) recount() {
	if s.From[nlu.Rooms] != FromWords {
		s.Rooms = 0
	}
}

// nightsMore is by how many nights the stay shall be longer, or shorter; 0 = nothing was said of it.
func nightsMore(folded string) int {
	for _, re := range []*regexp.Regexp{nightsLater, nightsAdded, nightsSooner} {
		m := re.FindStringSubmatch(folded)
		if m == nil {
			continue
		}
		n := 1
		switch m[1] {
		case "2", "dos", "two":
			n = 2
		case "3", "tres", "three":
			n = 3
		}
		if len(m) > 2 && (m[2] == "menos" || m[2] == "less" || m[2] == "fewer") {
			return -n
		}
		return n
	}
	return 0
}

var (
	moreOrLess = regexp.MustCompile(`mas|more|menos|less|fewer|extra|otr[oa]|another|agreg|sum|add`)
	moreGuests = regexp.MustCompile(`\b(otr[oa]|another|one more) (persona|adulto|adulta|huesped|person|adult|guest)\b|` +
		`\b(un|una|1|one|se suma una|se suma un) (persona|adulto|adulta|huesped|person|adult|guest) (mas|more)\b|\b(somos|seremos|we are) (uno|una|one) (mas|more)\b`)
	moreChildren = regexp.MustCompile(`\b(otr[oa]|another|one more) (nen[ea]|nin[oa]|chic[oa]|menor|child|kid)\b|\b(un|una|1|one) (nen[ea]|nin[oa]|chic[oa]|menor|child|kid) (mas|more)\b`)
	nightsLater  = regexp.MustCompile(`\b(una|un|1|one|2|dos|two|3|tres|three) (?:noches?|dias?|nights?|days?) (mas|menos|more|less|fewer|extra)\b`)
	nightsSooner = regexp.MustCompile(`\b(2|two|3|three) more (?:nights|days)\b`)
	nightsAdded  = regexp.MustCompile(`\b(otra|another|(?:an )?extra|(?:agreg\w*|sum\w*|add) (?:una|1|a|one)|one more) (?:noche|night)\b`)
)

// namesStay tells whether a text has a word for rooms, guests or nights.
func namesStay(text string) bool { return stayWord.MatchString(fold(text)) }

var stayWord = regexp.MustCompile(`\b(habitacion(es)?|cuartos?|piezas?|recamaras?|hospedaje|alojamiento|rooms?|noches?|nights?|huesped(es)?|guests?|adult[oa]?s?|personas|` +
	`otra persona|persona mas|people)\b`)
