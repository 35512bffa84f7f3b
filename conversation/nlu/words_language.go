package nlu

import "strings"

// addFunctionWords adds the small words by which a language is known.
func (l *lexicon) addFunctionWords() {
	for lang, list := range [languages]string{
		spanish: `el la los las un una unos unas y que de del al a en con por para es son esta estan hay lo le les se me te nos mi mis tu
			su sus yo tu vos usted ustedes nosotros como cuando donde porque pero si no muy mas tambien ya hasta desde entre este
			estos estas eso esa ese fue ser estoy estamos somos soy seria quiero queria quisiera puedo podria podes podrias tienen
			tenes tiene tienes necesito hola buenas buenos dias tardes noches gracias favor dale che bueno vamos voy va ir hacer
			nada algo todo todos otra otro mucho sin sobre cual cuales quien cuanto cuanta cuantos porfa q xq pq tb dsd pa`,
		english: `the a an and or of to in on at for from with is are was were be been am i you he she it we they my your our their this
			that these those what when where which who how why do does did have has had can could would will shall should may
			not no yes there here please thanks thank hello hi hey if but so as by about just any some need want like get got
			im ill id ive dont cant its were youre lets us me u pls r make let know`,
		portuguese: `o os as um uma uns umas e que do da dos das no na nos nas em com por para pra pro ao aos voce voces vc vcs eu nos
			ele ela eles elas meu minha seu sua nosso nossa nao sim tem ter temos tenho ha sao esta estao foi ser estou estamos
			somos sou quero queria gostaria posso poderia pode podem preciso ola oi bom boa dia tarde noite obrigado obrigada
			favor mais tambem ja ate desde entre este esse isso muito sem sobre qual quais quem quanto quantos onde quando como
			pois ai la tudo bem gente hoje amanha feira fim dez fev marco maio fora deste neste dessa`,
		foreign: `le les des du est sont je vous nous avec pour dans une et ou au aux mon ma mes votre notre bonjour merci oui avez
			puis cette ces sur pas quelle quel combien il ich sie wir das der die und ist sind nicht ein eine einen haben kann
			mit fur auf zu mein meine bitte danke wie wo wann ja nein guten il lo gli che di della del dei sono una con per posso
			vorrei mia mio grazie ciao buongiorno ho avete quanto dove quando perche io siamo`,
	} {
		for w := range strings.FieldsSeq(list) {
			l.change(w, func(e *entry) { e.weight[lang] = max(e.weight[lang], 3) })
		}
	}
	l.change("que", func(e *entry) { e.weight[foreign] = 0 })
	l.inherit()
}

// detect tells the language of a message. The conversation's language so far
// weighs as much as one common word does: 'ok' has no language of its own.
func detect(text string, toks []token, prior string) language {
	var score [languages]int
	known := 0
	for i := range toks {
		t := &toks[i]
		if t.kind != wordToken || t.taken {
			continue
		}
		for lang, w := range t.entry.weight {
			score[lang] += int(w)
		}
		if t.known {
			known++
		}
		score[spanish] += 2 * spanishEnding(t.norm)
		score[english] += englishEnding(t.norm)
		score[portuguese] += portugueseEnding(t.norm)
	}
	addSigns(text, &score)
	switch prior {
	case "es":
		score[spanish] += 4
	case "en":
		score[english] += 4
	case "pt":
		score[portuguese] += 4
	default:
		score[spanish]++ // most of our hotels' guests
	}
	best := spanish
	for lang := english; lang < languages; lang++ {
		if score[lang] > score[best] {
			best = lang
		}
	}
	if best == foreign && score[foreign] < 6 {
		return fallback(prior)
	}
	if prior != "" && score[best] < 3 {
		return fallback(prior)
	}
	return best
}

func fallback(prior string) language {
	for lang, name := range languageNames {
		if name == prior {
			return language(lang)
		}
	}
	return spanish
}

// addSigns counts the letters that only one language writes.
func addSigns(text string, score *[languages]int) {
	for _, r := range text {
		switch r {
		case '¿', '¡':
			score[spanish] += 5
		case 'ñ', 'Ñ':
			score[spanish] += 4
		case 'ã', 'õ', 'Ã', 'Õ':
			score[portuguese] += 5
		case 'ç', 'Ç', 'ê', 'â', 'ô':
			score[portuguese] += 2
			score[foreign] += 2
		case 'á', 'ó', 'í', 'ú', 'é':
			score[spanish]++
			score[portuguese]++
		case 'ä', 'ö', 'ü', 'ß', 'è', 'à', 'ù', 'œ', 'î', 'û':
			score[foreign] += 4
		}
	}
}

func spanishEnding(w string) int {
	if len(w) > 5 && (strings.HasSuffix(w, "cion") || strings.HasSuffix(w, "ciones") || strings.HasSuffix(w, "amos") ||
		strings.HasSuffix(w, "iera") || strings.HasSuffix(w, "mente") || strings.HasSuffix(w, "dad")) {
		return 1
	}
	return 0
}

func englishEnding(w string) int {
	if len(w) > 4 && (strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "tion") || strings.HasSuffix(w, "ed") ||
		strings.HasSuffix(w, "ly") || strings.Contains(w, "th") || strings.Contains(w, "wh") || strings.Contains(w, "ck") || strings.Contains(w, "oo")) {
		return 2
	}
	return 0
}

func portugueseEnding(w string) int {
	if len(w) > 4 && (strings.HasSuffix(w, "cao") || strings.HasSuffix(w, "coes") || strings.HasSuffix(w, "agem") ||
		strings.HasSuffix(w, "nho") || strings.HasSuffix(w, "nha") || strings.HasSuffix(w, "eiro")) {
		return 3
	}
	return 0
}
