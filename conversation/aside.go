package conversation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/conserje/conserje/conversation/nlu"
)

// An aside is what guests say in the middle of anything: that they wait, that
// it is dear, whether this is a robot. It is answered, and what is in hand goes on.

// hearAside takes the asides of a text.
func (t *taking) hearAside(h *heard, text string, u nlu.Understanding) {
	folded := fold(text)
	says := func(phrases []string) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(folded, p) })
	}
	top := t.top()
	forMail := top != nil && top.Asked.forMail()
	contact := top != nil && top.Goal == GoalBook && (top.Asked.forContact() || top.Asked == AskConfirm || top.Asked == AskChange)
	h.robot = h.robot || says(asksRobot)
	alone := strings.Trim(text, " .!\"'«»")
	switch word := strings.Trim(folded, " .!\"'«»"); {
	case slices.Contains(stops, word), slices.Contains(stopsInCapitals, alone), top == nil && slices.Contains(stopsInCapitals, strings.ToUpper(word)):
		h.stop = true
	case word == "alto": // in the middle of something: that is what shall stop
		h.abort, h.understood = true, true
	}
	h.dear = h.dear || says(findsDear) && !wantsCheapest(folded)
	h.noMail = h.noMail || contact && hasNoMail.MatchString(folded)
	h.badMail = h.badMail || forMail && u.Slots.Email == "" && (strings.Contains(text, "@") || strings.Contains(folded, "arroba"))
	if says(waits) {
		h.aside = true
		h.human = h.human || !t.busy() && t.s.Waiting == nil
	}
	if h.noMail && strings.Contains(folded, "mejor no") { // stops the address, and not the booking
		h.abort = false
	}
	if top == nil && !strings.ContainsAny(text, "?¿") && len(t.live()) > 0 && wantsItNoMore.MatchString(folded) {
		h.cancel, h.no, h.understood = true, false, true
	}
	if top == nil && takesUp.MatchString(folded) && !h.status && !h.cancel && !h.modify {
		h.book, h.understood = true, true
	}
	if len(t.own()) > 0 && says(asksCode) {
		h.status, h.understood = true, true
	}
	if h.robot || h.stop || h.dear || h.noMail || says(waits) {
		h.understood = true
	}
}

// answerAsides answers them.
func (t *taking) answerAsides(h *heard) {
	if h.robot {
		h.aside = true
		t.add("robot", "hotel", t.facts.Name)
	}
	h.aside = h.aside || h.noMail
	f := t.frame(GoalBook)
	if f == nil || h.changed || !h.price && !h.dear {
		return
	}
	h.aside = true
	if f.Offer.mixed() {
		t.sayChosen(f, f.Offer.whole())
		return
	}
	if f.Offer == nil || len(f.Offer.Offers) == 0 {
		if f.missing() != "" {
			t.add("ask.price")
		}
		return
	}
	offer, chosen := f.chosen()
	switch {
	case h.dear:
		offer = f.Offer.Offers[0]
		t.add("offer.cheapest", "room", t.roomsNamed(f.Offer.Rooms, t.roomName(offer.RoomType)), "total", t.words.money(offer.Total), "tax", t.tax())
	case chosen:
		t.sayChosen(f, offer)
	}
}

// stop is the guest's wish to hear no more: nothing that is in hand goes on by itself.
func (t *taking) stop() {
	if t.s.Pending != nil || t.s.Bundle != nil || t.s.Changing != nil {
		t.abort()
		return
	}
	t.s.Frames, t.s.Waiting, t.fresh = nil, nil, false
	t.reply = reply{}
	t.add("stopped")
}

// parts tells whether the guest takes leave and says nothing else.
func (h *heard) parts() bool {
	return h.bye && !h.changed && !h.yes && !h.no && h.choice == 0 && !h.human && !h.trouble && !h.book && !h.cancel && !h.status && !h.modify &&
		len(h.topics) == 0 && !h.spoke
}

var (
	asksRobot = []string{"un robot", "un bot", "una maquina", "sos humano", "eres humano", "sos una persona", "eres una persona", "es usted una persona",
		"a robot", "a bot", "a machine", "are you human", "are you a person", "are you real"}
	// In small letters these two answer a question, too: 'planta baja', 'piso alto'.
	stopsInCapitals = []string{"BAJA", "ALTO"}
	stops           = []string{"stop", "unsubscribe", "darme de baja", "dame de baja", "denme de baja", "no me escriban mas", "no me escribas mas"}
	findsDear       = []string{"caro", "cara ", "carisim", "expensive", "mas barat", "mas economic", "cheaper", "descuento", "discount", "rebaja", "too much"}
	asksCode        = []string{"cual es mi codigo", "mi codigo de reserva", "codigo de mi reserva", "perdi el codigo", "no tengo el codigo", "what is my code", "my booking code",
		"my confirmation number", "my confirmation code"}
	waits = []string{"sigo esperando", "estoy esperando", "seguimos esperando", "van a contestar", "van a responder", "me contestan", "me responden", "nadie contesta",
		"nadie responde", "nadie me", "contestame", "contesten", "hay alguien ahi", "still waiting", "anyone there", "anybody there", "been waiting"}
)

var (
	wantsItNoMore = regexp.MustCompile(`^[ ,.!]*(ya )?no (la|lo|las|los) (quiero|queremos|necesito|necesitamos)( mas| ya)?[ .!]*$|\bno (voy|vamos) a (poder )?(ir|viajar)\b|\bcan(no|')?t (make it|come)\b`)
	takesUp       = regexp.MustCompile(`\b(retom(o|ar|arla|arlo|emos|amos|ala|alo)|(seguir|sigo|sigamos) con la reserva|take it up|pick it up)\b`)
)

// hasNoMail tells that there is no e-mail address, or none that shall be given; 'no tengo ese mail' names a wrong one.
var hasNoMail = regexp.MustCompile(`\b(no (tengo|uso|manejo|tenemos|usamos)|ni tengo|sin) (un |una |ningun |ninguna )?(` + mailWord + `|casilla)\b|` +
	`\bno (quiero|prefiero) (dar|dejar)(te|les)? (el |mi |un )?(` + mailWord + `)\b|\b(prefiero|mejor) no (dar|dejar)\w* (el |mi |un )?(` + mailWord + `)\b|` +
	`\b(no (uses|usen|mandes|manden|pongas|pongan)|olvidate de|olvida) (el |mi |nada (al|por) )(` + mailWord + `)\b|` +
	`\b(sac|borr|quit)\w* (el |mi )(` + mailWord + `)\b|` +
	`\b(dont|don't|do not|without|have no|have got no|with no|no) ((have|use|got) )?(an |any )?(` + mailWord + `)\b|` +
	`\b(remove|delete|drop|rather not (give|leave)( you)?) (the |my |an )?(` + mailWord + `)\b`)

const mailWord = `e-?mails?|mails?|correos?`
