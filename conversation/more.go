package conversation

import (
	"regexp"

	"github.com/conserje/conserje/conversation/nlu"
	"github.com/conserje/conserje/hotel"
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
	return s.takeNightsMore(folded, u)
}

// takeNightsMore takes a stay that shall be longer, or shorter: 'una noche más',
// 'extend by two nights', 'extender hasta el 8'.
func (s *Slots) takeNightsMore(folded string, u nlu.Understanding) bool {
	if s.CheckIn.IsZero() || s.CheckOut.IsZero() {
		return false
	}
	until := hotel.Date{}
	if len(u.Dates) == 1 && !u.Dates[0].Range && u.Dates[0].Grain == "day" && stretches.MatchString(folded) {
		until = dayFrom(u.Dates[0], s.CheckOut.AddDays(1))
		if nightsLess.MatchString(folded) {
			until = dayFrom(u.Dates[0], s.CheckIn.AddDays(1))
		}
	}
	nights := nightsMore(folded, u)
	switch total := nightsTotal.FindStringSubmatch(folded); {
	case total != nil && counts[total[1]] > 0 && len(u.Dates) == 0:
		s.CheckOut = s.CheckIn.AddDays(counts[total[1]])
	case until.After(s.CheckIn):
		s.CheckOut = until
	case nights == 0 || len(u.Dates) > 0:
		return false
	case s.Stay().Nights()+nights < 1:
		return stretches.MatchString(folded) // a stay of no nights: how many they meant is asked
	default:
		s.CheckOut = s.CheckOut.AddDays(nights)
	}
	s.from(nlu.CheckOut, FromWords)
	return true
}

// recount lets the number of rooms follow the party, where the guest did not say it.
func (s *Slots) recount() {
	if s.From[nlu.Rooms] != FromWords {
		s.Rooms = 0
	}
}

// nightsMore is by how many nights the stay shall be longer, or shorter (negative); 0 = nothing was said of it.
func nightsMore(folded string, u nlu.Understanding) int {
	sign := 1
	if nightsLess.MatchString(folded) {
		sign = -1
	}
	for _, re := range []*regexp.Regexp{nightsLater, nightsSooner, nightsAdded} {
		if m := re.FindStringSubmatch(folded); m != nil {
			return sign * max(counts[m[1]], 1)
		}
	}
	if !stretches.MatchString(folded) || nightsTotal.MatchString(folded) {
		return 0
	}
	return sign * u.Slots.Nights
}

// counts are the small numbers, in words and digits.
var counts = map[string]int{"2": 2, "dos": 2, "two": 2, "3": 3, "tres": 3, "three": 3, "4": 4, "cuatro": 4, "four": 4, "5": 5, "cinco": 5, "five": 5,
	"6": 6, "seis": 6, "six": 6, "7": 7, "siete": 7, "seven": 7, "1": 1, "un": 1, "una": 1, "a": 1, "an": 1, "one": 1}

var (
	moreOrLess = regexp.MustCompile(`mas|more|menos|less|fewer|extra|otr[oa]|another|agreg|sum|add|off|` + stretch)
	moreGuests = regexp.MustCompile(`\b(otr[oa]|another|one more) (persona|adulto|adulta|huesped|person|adult|guest)\b|` +
		`\b(un|una|1|one|se suma una|se suma un) (persona|adulto|adulta|huesped|person|adult|guest) (mas|more)\b|\b(somos|seremos|we are) (uno|una|one) (mas|more)\b`)
	moreChildren = regexp.MustCompile(`\b(otr[oa]|another|one more) (nen[ea]|nin[oa]|chic[oa]|menor|child|kid)\b|\b(un|una|1|one) (nen[ea]|nin[oa]|chic[oa]|menor|child|kid) (mas|more)\b`)
	nightsLater  = regexp.MustCompile(`\b(` + someNights + `) (?:noches?|dias?|nights?|days?) (?:mas|menos|more|less|fewer|extra|longer|off)\b`)
	nightsSooner = regexp.MustCompile(`\b(` + someNights + `) (?:more|extra|additional|less|fewer) (?:nights?|days?)\b`)
	nightsAdded  = regexp.MustCompile(`\b(?:otra|another|(?:an )?extra|(?:agreg\w*|sum(?:a|ar|ame|anos|o)|add|sac\w*|quit\w*|restar?|restame|drop|remove|take off) (?:me |le )?(` + someNights + `)) (?:noches?|nights?)\b`)
	nightsLess   = regexp.MustCompile(`\b(?:menos|less|fewer|off|sac\w*|quit\w*|restar?|restame|drop|remove|acort\w*|shorten\w*|shorter)\b`)
	nightsTotal  = regexp.MustCompile(`\b(?:` + stretch + `)\b.*?\b(?:a|to) (` + someNights + `) (?:noches|nights|noche|night)\b(?:$| en total| in total|[.,!])`)
	// stayStretched is a wish for a longer or a shorter stay.
	stayStretched = regexp.MustCompile(`\b(?:` + stretch + `)\b.*\b(?:estadia|estancia|reserva|stay|booking|reservation)\b`)
	stretches     = regexp.MustCompile(`\b(?:` + stretch + `)\b`)
)

const (
	someNights = `una|un|1|one|an|a|2|dos|two|3|tres|three|4|cuatro|four|5|cinco|five|6|seis|six|7|siete|seven`
	// stretch are the words that make a stay longer or shorter.
	stretch = `exten[ds]\w*|extien\w*|alarg\w*|prolong\w*|stay on|stay (?:some |a few )?more|qued\w+ hasta|stay (?:until|till)|qued\w+ (?:mas|unos dias mas|unas noches mas)|longer|acort\w*|shorten\w*|shorter|sac(?:ar|ame|a|o|ale|arle)|quit(?:ar|ame|a|o|ale|arle)|restar?|restame|drop|remove|take off`
)

// namesStay tells whether a text has a word for rooms, guests or nights.
func namesStay(text string) bool { return stayWord.MatchString(fold(text)) }

var stayWord = regexp.MustCompile(`\b(habitacion(es)?|cuartos?|piezas?|recamaras?|hospedaje|alojamiento|rooms?|noches?|nights?|huesped(es)?|guests?|adult[oa]?s?|personas|` +
	`otra persona|persona mas|people)\b`)
