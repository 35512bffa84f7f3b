package conversation

import (
	"slices"

	"github.com/conserje/conserje/conversation/nlu"
)

// answerQuestions answers from the hotel's own knowledge. What is in hand goes
// on after it. A question without an answer is offered to a person.
func (t *taking) answerQuestions(h *heard) {
	var done []string
	missing := false
	for _, topic := range h.topics {
		answer := t.knows(topic)
		if r, known := t.room(h.room); known && t.roomText(r) != "" && aboutRooms(topic) {
			answer = t.roomName(r.RoomType) + ": " + sentence(t.roomText(r))
		}
		if answer == "" && aboutRooms(topic) && len(t.roomFacts()) == 0 && t.s.Waiting == nil {
			t.want(ToTell, ReadRooms{})
			continue
		}
		if answer == "" {
			missing = true
			continue
		}
		if !slices.Contains(done, answer) {
			done = append(done, answer)
			t.addText(answer)
		}
	}
	switch {
	case !missing || len(done) > 0 || h.human:
	case t.top() != nil || h.book || h.cancel || h.status || h.modify:
		t.add("unknown_topic.busy")
	default:
		t.offerPerson("unknown_topic")
	}
}

// knows is the hotel's answer to a topic, "" when it has none.
func (t *taking) knows(topic string) string {
	if answer := t.facts.inLang(t.facts.Knowledge[topic], t.words.lang); answer != "" {
		return answer
	}
	for _, other := range related[topic] {
		if answer := t.facts.inLang(t.facts.Knowledge[other], t.words.lang); answer != "" {
			return answer
		}
	}
	if text := t.facts.inLang(t.facts.Policies[topic], t.words.lang); text != "" {
		return text
	}
	return t.knowsByItself(topic)
}

// knowsByItself answers what the facts hold without any text of the hotel.
func (t *taking) knowsByItself(topic string) string {
	switch topic {
	case "location", "address":
		return t.facts.Address
	case "contact", "phone":
		return t.facts.Phone
	case nlu.TopicTaxes:
		return t.words.text("prices", "tax", t.tax())
	case nlu.TopicRooms, string(nlu.RoomInfo), nlu.TopicAmenities:
		return t.listRooms()
	}
	return ""
}

// related topics answer for each other where the hotel wrote only one of them.
var related = map[string][]string{
	"location":       {"address"},
	"address":        {"location"},
	"early_check_in": {"check_in"},
	"late_check_out": {"check_out"},
	"cancellation":   {"policies"},
	"policies":       {"cancellation"},
	"invoice":        {"payment"},
	"room_info":      {"rooms"},
	"room_amenities": {"amenities", "rooms"},
	"services":       {"amenities"},
	"contact":        {"phone"},
	"luggage":        {"check_out"},
}
