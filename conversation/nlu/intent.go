package nlu

import (
	"slices"
	"strings"
)

// sureAt is the score from which the dialogue need not ask back.
const sureAt = 0.6

// intents scores what the message asks for: by the rules, by the yes or no that
// was asked for, by the values it gives.
func (p *parser) intents() {
	var best [32]scored
	list := best[:0]
	for i := range rules {
		r := &rules[i]
		if !p.concepts.contains(r.all) || !r.any.empty() && !p.concepts.meets(r.any) || p.concepts.meets(r.none) {
			continue
		}
		list = offer(list, r.name, r.topic, r.score)
	}
	if p.whereAreYou() {
		list = offer(list, Location, TopicLocation, 0.9)
	}
	list = p.answers(list)
	list = p.informs(list)
	list = p.short(list)
	list = p.adjust(list)
	if len(list) == 0 {
		list = append(list, scored{OutOfScope, "", 0.3})
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	p.out.Intent, p.out.Topic = list[0].name, list[0].topic
	p.out.Sure = list[0].score >= sureAt
	p.out.Intents = make([]ScoredIntent, len(list))
	for i, s := range list {
		p.out.Intents[i] = ScoredIntent{s.name, s.score}
	}
}

// whereAreYou reads '¿dónde están?' with nothing after it that would be somewhere: no '¿dónde están mis valijas?'.
func (p *parser) whereAreYou() bool {
	for i := range p.toks {
		if !p.has(i, cWhere) {
			continue
		}
		j := i + 1
		if p.is(j, "se", "los", "me", "te", "nos") {
			j++
		}
		switch {
		case p.is(j, "estan", "estais", "encuentran", "encuentro", "ubico", "queda", "quedan", "hallan", "estas", "esta", "es"):
			j++
			if p.is(j, "ustedes", "vosotros", "el", "hotel", "uds", "situados", "exactamente") {
				j++
			}
			if p.is(j, "hotel", "exactamente") {
				j++
			}
		case p.is(j, "are", "is", "r") && p.is(j+1, "you", "u", "this", "it"):
			j += 2
			if p.is(j, "guys", "exactly", "place") {
				j++
			}
		default:
			continue
		}
		if j >= len(p.toks) || p.toks[j].kind == punctToken || p.is(j, "y", "and", "que", "gracias", "thanks") {
			return true
		}
	}
	return false
}

type scored struct {
	name  Intent
	topic string
	score float64
}

// offer keeps the best score of each intent.
func offer(list []scored, name Intent, topic string, score float64) []scored {
	for i := range list {
		if list[i].name == name {
			if score > list[i].score {
				list[i].score, list[i].topic = score, topic
			}
			return list
		}
	}
	return append(list, scored{name, topic, score})
}

// unclear scores a yes that must not be taken for one.
const unclear = 0.45

// small is how many words an answer has that is only a yes or a no.
const small = 4

// answers reads yes and no: strongest when one was asked for, and never out of a longer request.
func (p *parser) answers(list []scored) []scored {
	count, yes, no, wrong := 0, 0, 0, false
	first := concepts
	for i := range p.toks {
		t := &p.toks[i]
		if t.kind != wordToken {
			continue
		}
		count++
		y, n := p.phraseAt(i, cYes), p.phraseAt(i, cNo)
		if y && t.entry.concepts.has(cNeg) { // 'no hay problema'
			return offer(list, Confirm, "", 0.9)
		}
		if y {
			yes++
		}
		if n || t.entry.concepts.has(cNeg) {
			no++
		}
		if first == concepts && (y || n || t.entry.concepts.has(cNeg)) {
			first = cYes
			if !y || n {
				first = cNo
			}
		}
		wrong = wrong || t.entry.concepts.has(cWrong)
	}
	if yes+no == 0 || p.concepts.has(cUnsure) {
		return list
	}
	asked := p.ctx.Expect == ExpectYesNo
	deny := no > 0 && (first == cNo || yes == 0 || wrong || count <= 3 && p.endsNo()) || wrong
	starts := p.phraseAt(0, cYes) || p.phraseAt(0, cNo) || p.is(0, "que", "pero", "bueno", "ah", "oh", "well", "um") && (p.phraseAt(1, cYes) || p.phraseAt(1, cNo))
	var score float64
	switch {
	case asked && (starts || count <= small):
		score = 0.99
	case asked:
		score = 0.7
	case starts && p.yesNoAsked():
		score = 0.96
	case count <= small && starts:
		score = 0.82
	case starts && p.ctx.Prev != "":
		score = 0.8
	case starts && count <= 2*small:
		score = 0.62
	case starts:
		score = 0.5
	case count <= small+2:
		score = 0.6
	default:
		return list
	}
	if asked && score > 0.7 && (p.concepts.has(cQuestion) && count > small || p.reserves()) {
		score = unclear // 'sí, ¿y cuánto sale?', 'sí pero ...'
	}
	if asked && !deny && score > 0.7 && (count > 2*small || p.yesByTheWay()) {
		score = unclear
	}
	if deny {
		return offer(list, Deny, "", score)
	}
	if stay, people, other := p.spoken(); asked && (stay || people || other) {
		score = unclear // a yes to other values than those read back is no clear yes
	}
	return offer(list, Confirm, "", score)
}

// yesByTheWay tells whether the only yes is a word that also opens a sentence
// about something else: 'bueno, volvamos a lo anterior' agrees to nothing.
func (p *parser) yesByTheWay() bool {
	content := 0
	for i := range p.toks {
		t := &p.toks[i]
		if t.kind != wordToken {
			continue
		}
		if p.phraseAt(i, cYes) && !p.is(i, "bueno", "bien", "claro", "ok", "okay", "okey", "oka", "va", "listo", "good", "fine", "right", "well", "seguro", "cierto", "ya") {
			return false
		}
		if len(t.norm) > small && !t.entry.concepts.meets(agreeing) && !p.is(i, "favor", "entonces", "parece", "looks", "sounds", "please", "everything", "todo") {
			content++
		}
	}
	return content > 0
}

// agreeing are the concepts of words that go with a yes.
var agreeing = of(cYes, cThanks, cOk, cBook, cBooking, cCorrect, cHello)

// reserves tells whether a yes has a but.
func (p *parser) reserves() bool {
	for i := range p.toks {
		if p.is(i, "pero", "but", "salvo", "excepto", "except", "aunque", "porem", "mas") && i > 0 && !(p.is(i, "mas") && p.lang != portuguese) {
			return true
		}
	}
	return false
}

// spoken tells which kinds of values the message gives.
func (p *parser) spoken() (stay, people, other bool) {
	s := &p.out.Slots
	stay = !s.CheckIn.IsZero() || !s.CheckOut.IsZero() || s.Nights > 0 || len(p.out.Dates) > 0
	people = s.Guests > 0 || s.Adults > 0 || s.Children >= 0 || len(s.Ages) > 0
	other = s.Rooms > 0 || s.RoomType != "" || s.RoomText != "" || s.Beds != "" || s.Name != "" || s.Email != "" ||
		s.Phone != "" || s.Reference != "" || s.ArrivalTime != ""
	return stay, people, other
}

// informs offers "inform" for a message that gives details, and a booking where it gives those of one.
func (p *parser) informs(list []scored) []scored {
	stay, people, other := p.spoken()
	if !stay && !people && !other {
		if len(list) > 0 || p.concepts.has(cQuestion) {
			return list
		}
		if len(p.out.Numbers) > 0 && len(p.toks) <= small+1 || p.detailAsked() {
			return offer(list, Inform, "", 0.62)
		}
		return list
	}
	score := 0.66
	switch {
	case p.ctx.Expect != "" && p.ctx.Expect != ExpectYesNo && p.gave(p.ctx.Expect):
		score = 0.97
	case p.ctx.Expect == ExpectYesNo:
		score = 0.9
	case p.ctx.Prev != "" && p.detailAsked():
		score = 0.945
	case stay && people:
		score = 0.76
	case people && !stay && !other && p.out.Slots.Guests+p.out.Slots.Adults == 0 && p.ctx.Prev == "":
		score = 0.55
	case p.ctx.Prev != "":
		score = 0.78
	case other && !stay && !people && p.out.Slots.RoomText != "" && p.out.Slots.Rooms == 0 && p.out.Slots.RoomType == "":
		score = 0.62
	}
	return offer(list, Inform, "", score)
}

// gave tells whether the message gives the slot that was asked for.
func (p *parser) gave(slot Slot) bool {
	s := &p.out.Slots
	switch slot {
	case CheckIn:
		return !s.CheckIn.IsZero() || len(p.out.Dates) > 0
	case CheckOut, Nights:
		return !s.CheckOut.IsZero() || s.Nights > 0
	case Guests, Adults:
		return s.Guests > 0 || s.Adults > 0
	case Children, Ages:
		return s.Children >= 0 || len(s.Ages) > 0
	case Rooms:
		return s.Rooms > 0
	case RoomType, Beds:
		return s.RoomType != "" || s.RoomText != "" || s.Beds != ""
	case Name:
		return s.Name != ""
	case Email:
		return s.Email != ""
	case Phone:
		return s.Phone != ""
	case Reference:
		return s.Reference != ""
	case ArrivalTime:
		return s.ArrivalTime != ""
	}
	return false
}

// social are intents that only stand alone.
func social(n Intent) bool {
	return n == Greeting || n == Thanks || n == Goodbye || n == Help || n == Confirm || n == Deny
}

// adjust settles intents that exclude each other.
func (p *parser) adjust(list []scored) []scored {
	business := false
	for _, s := range list {
		business = business || !social(s.name) && s.name != OutOfScope && s.name != Inform
	}
	for i := range list {
		s := &list[i]
		switch {
		case s.name == Thanks && !business && p.ctx.Expect != ExpectYesNo && (!p.yesNoAsked() || asksMore(p.ctx.Prev)):
			s.score = 0.97
		case s.name == Goodbye && len(p.out.Dates) > 0 && p.concepts.has(cLeave):
			s.score -= 0.2
		case s.name == Greeting && business, s.name == Thanks && business, s.name == Help && business:
			s.score -= 0.25
		case s.name == Goodbye && business:
			s.score -= 0.4
		case (s.name == Confirm || s.name == Deny) && business && p.ctx.Expect != ExpectYesNo && s.score < 0.8:
			s.score -= 0.2
		case s.name == FAQCheckOut && p.ctx.Expect == CheckOut && len(p.out.Dates) > 0, s.name == FAQCheckIn && len(p.out.Dates) > 0 && !p.concepts.has(cWhen) && !p.concepts.has(cEarly),
			s.name == FAQCheckOut && len(p.out.Dates) > 0 && !p.concepts.has(cLate) && !p.concepts.has(cWhen):
			s.score = min(s.score, 0.5)
		}
	}
	return list
}

// short reads a bare 'cancelar', which stops what is being talked about.
func (p *parser) short(list []scored) []scored {
	if p.concepts.has(cCancel) && !p.concepts.meets(of(cBooking, cRoom, cMy, cBook, cStay, cFree, cPolicy)) && len(p.toks) <= small {
		return offer(list, Abort, "", 0.83)
	}
	return list
}

func (p *parser) endsNo() bool {
	for i := len(p.toks) - 1; i >= 0; i-- {
		if p.toks[i].kind == wordToken {
			return p.is(i, "no", "not", "nao", "nop", "nope")
		}
	}
	return false
}

// questionWords ask for more than a yes or a no.
var questionWords = [...]string{"what", "which", "where", "when", "how ", "who", "qué", "cuál", "cuánd", "cuánt", "dónde", "cómo", "qual", "quando", "quant", "onde", "a nombre de"}

// yesNoAsked tells whether the last question asked for a yes or a no.
func (p *parser) yesNoAsked() bool {
	return p.ctx.Expect == ExpectYesNo || strings.Contains(p.ctx.Prev, "?") && !asksDetail(p.ctx.Prev)
}

// detailAsked tells whether the last question asked for a detail.
func (p *parser) detailAsked() bool {
	return p.ctx.Expect == "" && asksDetail(p.ctx.Prev)
}

func asksDetail(prev string) bool {
	if prev == "" {
		return false
	}
	lower := strings.ToLower(prev)
	for _, w := range questionWords {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// asksMore tells whether the last question was 'anything else?'.
func asksMore(prev string) bool {
	lower := strings.ToLower(prev)
	return strings.Contains(lower, " else") || strings.Contains(lower, "algo más") || strings.Contains(lower, "mais alg") || strings.Contains(lower, "help you with")
}
