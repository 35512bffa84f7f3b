package conversation

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitName splits a full name into first and last names, the Spanish way:
// two names and two surnames where there are four words, and particles stay
// with the surname ('Ana de la Vega').
func splitName(name string) (first, last string) {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = capitalised(w)
	}
	switch n := len(words); {
	case n == 0:
		return "", ""
	case n == 1:
		return words[0], ""
	case n == 2:
		return words[0], words[1]
	}
	cut := 1
	if end := marian(words); end > 0 {
		cut = end
	} else if i := slices.IndexFunc(words[1:], isParticle); i >= 0 && i+2 < len(words) {
		cut = i + 1
	} else if len(words) >= 4 || secondNames[fold(words[1])] {
		cut = 2
	}
	return strings.Join(words[:cut], " "), strings.Join(words[cut:], " ")
}

// marian is where a first name like 'María del Carmen' ends, 0 when there is none.
func marian(words []string) int {
	end := 1
	for end < len(words) && isParticle(words[end]) {
		end++
	}
	if end == 1 || end+1 >= len(words) || fold(words[0]) != "maria" {
		return 0
	}
	switch fold(words[end]) {
	case "carmen", "pilar", "rosario", "mar", "sol", "valle", "angeles", "mercedes", "luz", "paz", "milagros", "cielo", "lourdes", "nieves", "dolores", "huerto", "lujan":
		return end + 1
	}
	return 0
}

// nameBeforeMail is the name that is written right before a mail address: 'Ana Gómez, ana@...'.
func nameBeforeMail(text string) string {
	words := slices.DeleteFunc(strings.Fields(text), func(w string) bool { return strings.Trim(w, "/|-–,;:") == "" })
	at := slices.IndexFunc(words, func(w string) bool { return strings.Contains(w, "@") })
	first := at
	for first > 0 && at-first < 5 {
		w := strings.TrimRight(words[first-1], ",;:")
		if first < at && w != words[first-1] || !isName(w) || (w != capitalised(strings.ToLower(w)) && !isParticle(w)) {
			break // a comma ends what stands before the name
		}
		first--
	}
	if at-first < 2 {
		return ""
	}
	return strings.TrimRight(strings.Join(words[first:at], " "), ",;:")
}

func isParticle(w string) bool {
	switch strings.ToLower(w) {
	case "de", "del", "di", "da", "do", "das", "dos", "van", "von", "der", "den", "ter", "la", "las", "los":
		return true
	}
	return false
}

// secondNames are common second first names: 'María José López' has one surname.
var secondNames = map[string]bool{
	"maria": true, "jose": true, "juan": true, "luis": true, "carlos": true, "angel": true, "antonio": true,
	"manuel": true, "ana": true, "belen": true, "laura": true, "elena": true, "pablo": true, "ignacio": true,
	"martin": true, "alberto": true, "eduardo": true, "fernando": true, "alejandro": true, "andres": true,
	"sol": true, "paz": true, "victoria": true, "ines": true, "isabel": true, "luz": true, "cruz": true,
	"javier": true, "miguel": true, "francisco": true, "daniel": true, "ann": true, "anne": true, "lee": true, "james": true,
}

// capitalised writes a name that came in one case as names are written; mixed case is left as it is.
func capitalised(w string) string {
	if isParticle(w) && (w == strings.ToLower(w) || w == strings.ToUpper(w)) {
		return strings.ToLower(w)
	}
	if w != strings.ToLower(w) && (w != strings.ToUpper(w) || len(w) < 3) {
		return w
	}
	up := true
	return strings.Map(func(r rune) rune {
		defer func() { up = r == '-' || r == '\'' || r == '’' }()
		if up {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, w)
}

// fold takes accents and case off. What has neither is returned as it is.
func fold(s string) string {
	plain := 0
	for plain < len(s) && s[plain] < utf8.RuneSelf && (s[plain] < 'A' || s[plain] > 'Z') {
		plain++
	}
	if plain == len(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	out.WriteString(s[:plain])
	for _, r := range s[plain:] {
		out.WriteRune(bare(r))
	}
	return out.String()
}

// bare is a letter in lower case without its accent.
func bare(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	switch r = unicode.ToLower(r); r {
	case 'á', 'à', 'â', 'ã', 'ä':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'í', 'ì', 'î', 'ï':
		return 'i'
	case 'ó', 'ò', 'ô', 'õ', 'ö':
		return 'o'
	case 'ú', 'ù', 'û', 'ü':
		return 'u'
	case 'ñ':
		return 'n'
	case 'ç':
		return 'c'
	}
	return r
}

// sameSurname tells whether what a guest typed proves the surname of a booking:
// every word of it, or the first of two surnames.
func sameSurname(typed, lastName string) bool {
	have := strings.FieldsFunc(fold(typed), func(r rune) bool { return !unicode.IsLetter(r) })
	want := strings.FieldsFunc(fold(lastName), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(have) == 0 || len(want) == 0 {
		return false
	}
	all := !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
	return all || len(want[0]) >= 3 && !isParticle(want[0]) && slices.Contains(have, want[0])
}

// plausibleName tells whether a WhatsApp profile's name can be offered for a booking: two words of letters at least.
func plausibleName(profile string) bool {
	name := plainName(profile)
	return name != "" && strings.Contains(name, " ")
}

// capital begins a sentence.
func capital(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
